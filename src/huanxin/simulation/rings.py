"""A ring of people who cheat, and the traits that several patterns share. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from huanxin.kernel import clock
from huanxin.simulation import rules, trade
from huanxin.simulation.deals import ACTIVATION, LABEL, Deal, own_account
from huanxin.simulation.trade import Market, near, near_photo, spread
from huanxin.simulation.types import OrgPlan, Resident

T = TypeVar("T")


@dataclass
class Ring:
    """Some people who cheat together, where they do it and how well they hide."""

    market: Market
    rng: random.Random
    name: str
    shop: OrgPlan
    on: date
    days: int
    hidden_bps: int
    deals: list[Deal] = field(default_factory=list)
    boss: Resident = field(init=False)

    def __post_init__(self) -> None:
        self.boss = self.market.somebody(self.rng, self.shop.region_code)

    def hides(self) -> bool:
        """Whether it takes the trouble with one more trait."""
        return rules.picks(self.rng, self.hidden_bps)

    def shop_at(self) -> tuple[int, int]:
        return self.shop.lat_e6, self.shop.lon_e6


def in_time(ring: Ring, deal: Deal) -> None:
    """Shops are open, rules are in force, and nothing happens before what it follows."""
    hour = deal.sold_at.astimezone(clock.SHANGHAI).hour
    if not 9 <= hour < 22:
        deal.move(timedelta(hours=ring.rng.randint(10, 20) - hour))
    on = clock.business_day(deal.sold_at)
    if deal.programme.startswith("digital") and on < trade.DIGITAL_FROM:
        deal.move(timedelta(days=60))
    if deal.grade == 2 and clock.business_day(deal.sold_at) >= trade.GRADE_ONE_FROM:
        deal.move(timedelta(days=-45))
    on = clock.business_day(deal.sold_at)
    deal.programme = trade.programme_of(deal.category_code, on)
    deal.recorded_at = max(deal.recorded_at, deal.sold_at)
    late = deal.recorded_at - deal.sold_at
    if late > timedelta(days=1):  # who enters it late has won the right late
        deal.claimed_at = deal.recorded_at - timedelta(hours=ring.rng.uniform(1, 40))
    deal.claimed_at = min(deal.claimed_at, deal.recorded_at - timedelta(minutes=5))
    deal.submit_at = max(
        deal.submit_at, deal.recorded_at + timedelta(minutes=3), *deal.taken.values()
    )


def one_payer(ring: Ring, per: tuple[int, int], *, named: bool) -> None:
    """The ring pays: one account for several sales, in its holder's name or in the buyers'."""
    if ring.hides():
        return
    account, left, payer = own_account(ring.boss), 0, ring.boss
    for deal in ring.deals:
        if left <= 0:
            left = ring.rng.randint(*per)
            payer = ring.market.somebody(ring.rng, ring.shop.region_code)
            account = own_account(payer)
        left -= 1
        deal.account = account
        if named and not ring.hides():
            deal.payer = payer


def middlemans_phones(ring: Ring, per: tuple[int, int]) -> None:
    """Rights claimed for many on few phones, over one line."""
    left, phone, line = 0, "", ""
    for deal in ring.deals:
        if left <= 0:
            left = 1 if ring.hides() else ring.rng.randint(*per)
            phone = f"phone-x{ring.rng.getrandbits(40):010x}"
            line = f"10.67.{ring.rng.randrange(256)}.{ring.rng.randrange(256)}"
        left -= 1
        deal.device = phone
        if not ring.hides():
            deal.ip = line


def one_phone_no(ring: Ring, per: tuple[int, int]) -> None:
    """The same number to call about the delivery."""
    left, phone = 0, ""
    for deal in ring.deals:
        if left <= 0:
            left = 1 if ring.hides() else ring.rng.randint(*per)
            phone = ring.market.somebody(ring.rng, ring.shop.region_code).phone
        left -= 1
        if not ring.hides():
            deal.receiver_phone = phone


def to_one_door(ring: Ring, where: Resident | None = None) -> None:
    """Everything goes to one door, a warehouse or a friend's, and the papers show it or do not."""
    door = where or ring.market.somebody(ring.rng, ring.shop.region_code)
    for deal in ring.deals:
        if ring.hides():  # the papers show the buyer's home, only the picture does not
            if not ring.hides():
                deal.places[deal.second_photo] = near(ring.rng, (door.lat_e6, door.lon_e6), 60)
            continue
        deal.deliver_to(door)


def never_left(ring: Ring) -> None:
    """Nothing was delivered: the pictures are taken in the shop, the sign-off is made up."""
    for deal in ring.deals:
        if not ring.hides():
            deal.places = {kind: near(ring.rng, ring.shop_at(), 30) for kind in deal.places}
        if not ring.hides():
            minutes = ring.rng.choice((-120, -20, 0, 1, 3, 8, 15, 25))
            deal.signed_at = deal.shipped_at + timedelta(minutes=minutes)


def same_pictures(ring: Ring, kinds: Sequence[str]) -> None:
    """One picture for many: the same file, or cropped and brightened."""
    first = ring.deals[0]
    for deal in ring.deals[1:]:
        for kind in kinds:
            own = kind if kind in deal.photos else deal.second_photo
            like = first.photos.get(own) or next(iter(first.photos.values()))
            if ring.hides():
                continue
            bits = ring.rng.choice((0, 0, 0, 1, 2, 3, 5, 8))
            deal.photos[own] = near_photo(ring.rng, like, bits)


def one_evening(ring: Ring, gap_s: tuple[int, int]) -> None:
    """One after the other at one till; who hides spreads them over the days instead."""
    if ring.hides():
        return
    start = clock.moment(ring.on, ring.rng.randint(10, 20), ring.rng.randrange(60))
    spread(ring.rng, ring.deals, start, ring.rng.randint(*gap_s))
    till = ring.deals[0].till
    for deal in ring.deals:
        deal.till = till


def same_goods(first: Deal, deal: Deal) -> None:
    """The same model as another sale's, with the papers that such goods have."""
    deal.gtin, deal.category_code, deal.grade = first.gtin, first.category_code, first.grade
    deal.goods_name, deal.list_price_fen = first.goods_name, first.list_price_fen
    deal.programme, deal.label_grade = first.programme, first.label_grade
    deal.serial = deal.label_serial = f"HX{first.gtin[6:12]}{deal.serial[8:]}"
    if first.imei is None:
        deal.imei = deal.label_imei = None
    elif deal.imei is None:
        deal.imei = deal.label_imei = rules.imei_code(int(deal.serial[-6:]))
    second = first.second_photo
    _under(second, deal.photos)
    _under(second, deal.places)
    _under(second, deal.taken)
    deal.activated_at = deal.taken[second] if second == ACTIVATION else None


def _under(kind: str, things: dict[str, T]) -> None:
    """What hung on any other paper than the label hangs on this one."""
    for old in [key for key in things if key not in {LABEL, kind}]:
        things[kind] = things.pop(old)
