"""The measured city's frauds: each documented pattern of domain C3 in its forms. Pure.

A ring draws how well it hides (0 to 70 %, one in ten 90 %), and for every tell-tale trait whether
it takes the trouble. Sizes and durations are drawn around the documented cases in
data/patterns.csv; none was chosen with an eye on a check. What a forger leaves alone is honest.
"""

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources

from huanxin.kernel import clock
from huanxin.simulation import rings, rules, trade
from huanxin.simulation.deals import LABEL, Deal, own_account
from huanxin.simulation.rings import Ring
from huanxin.simulation.trade import Market, away, make_deal, near, near_photo, spread
from huanxin.simulation.types import ModelPlan, OrgPlan, Pattern

NOT_IN_A_CLAIM = {6: "报废车辆", 10: "汽车与农机", 17: "向市民行骗"}  # C3 that no goods claim shows


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one pattern is committed: its part of all frauds, how large a ring, over how long."""

    pattern: Pattern
    case: int
    share: int
    size_median: int
    size_max: int
    days_max: int


@cache
def schemes() -> tuple[Scheme, ...]:
    """The patterns of data/patterns.csv."""
    text = resources.files("huanxin.simulation").joinpath("data/patterns.csv").read_text("utf-8")
    return tuple(
        Scheme(
            Pattern(row["pattern"]), int(row["case"]), int(row["share"]), int(row["size_median"]),
            int(row["size_max"]), int(row["days_max"]),
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def commit(market: Market, count: int) -> list[Deal]:
    """So many fraudulent sales, all patterns alike, in rings; the real sales they live off too."""
    shares = sum(scheme.share for scheme in schemes())
    crooked = [shop for shop in market.plan.shops if shop.is_crooked] or list(market.plan.shops)
    deals: list[Deal] = []
    for scheme in schemes():
        left, number = round(count * scheme.share / shares), 0
        while left > 0:
            made = _ring(market, scheme, number, left, crooked)
            deals += made
            left -= sum(deal.is_fraud for deal in made)
            number += 1
    return deals


def _ring(
    market: Market, scheme: Scheme, number: int, left: int, crooked: Sequence[OrgPlan]
) -> list[Deal]:
    name = f"{scheme.pattern}-{number}"
    rng = rules.stream(market.plan.seed, "ring", name)
    size = max(2, round(scheme.size_median * rng.lognormvariate(0, 0.6)))
    size = min(size, scheme.size_max, max(left, 2))
    span = (market.last_on - market.first_on).days
    days = rng.randint(1, scheme.days_max)
    on = market.first_on + timedelta(days=rng.randrange(max(1, span - days - 4)))
    numbers = market.numbers
    hidden_bps = (
        numbers["careful_hidden_bps"]
        if rules.picks(rng, numbers["careful_bps"])
        else rng.randint(0, numbers["hidden_max_bps"])
    )
    shop = rules.choose(rng, crooked, [s.weight for s in crooked])
    if scheme.pattern in _ANY_SHOP:
        shop = market.draw_shop(rng, market.draw_county(rng))
    ring = Ring(market, rng, name, shop, on, days, hidden_bps)
    needs_base = scheme.pattern in _LIVES_OFF_ONE
    for i in range(size + needs_base):
        ring.deals.append(_start(ring, scheme.pattern, i))
    _FORMS[scheme.pattern](ring)
    for i, deal in enumerate(ring.deals):
        deal.pattern, deal.ring = scheme.pattern, name
        deal.hidden_bps = hidden_bps
        deal.is_base = needs_base and i == 0 and not deal.form
        rings.in_time(ring, deal)
    return ring.deals


def _start(ring: Ring, pattern: Pattern, order: int) -> Deal:
    """An honest sale to begin with, at the ring's shop, on one of its days, of dear goods."""
    on = ring.on + timedelta(days=ring.rng.randrange(ring.days))
    model = None
    if pattern in _DEAR:
        category = ring.market.draw_category(ring.rng, on)
        models = sorted(ring.market.models_of(category, on), key=lambda m: m.price_fen)
        model = ring.rng.choice(models[len(models) // 2 :])
    shop = ring.shop
    if pattern is Pattern.SCALPERS:  # whoever buys the right goes where she likes
        shop = ring.market.draw_shop(ring.rng, shop.region_code)
    key = f"{ring.name}-{order}"
    deal = make_deal(ring.market, ring.rng, key=key, shop=shop, on=on, model=model)
    deal.returns_after_days = None
    return deal


# --- the patterns -------------------------------------------------------------------------------


def _bought_vouchers(ring: Ring) -> None:
    """1: rights bought for a few yuan from people who never come; no goods move."""
    rings.middlemans_phones(ring, (2, 9))
    rings.one_payer(ring, (3, 12), named=ring.rng.random() < 0.4)
    rings.one_phone_no(ring, (4, 12))
    rings.never_left(ring)
    if ring.rng.random() < 0.35:
        rings.one_evening(ring, (60, 400))
    if ring.rng.random() < 0.4:
        rings.same_pictures(ring, (LABEL,))


def _hired_buyers(ring: Ring) -> None:
    """2: paid people come and buy with their own phones; the goods go to who hired them."""
    rings.one_payer(ring, (2, 8), named=ring.rng.random() < 0.5)
    rings.one_phone_no(ring, (3, 10))
    rings.to_one_door(ring)
    if ring.rng.random() < 0.5:
        rings.one_evening(ring, (120, 1200))
    for deal in ring.deals:
        if not ring.hides():
            deal.receiver = ring.boss


def _relabelled(ring: Ring) -> None:
    """3: something the rule does not pay for is claimed as a model that it does."""
    plan = ring.market.plan
    others = [m for m in plan.models if (m.energy_grade or 0) >= 2 or m.price_fen > 600_000]
    for deal in ring.deals:
        real = ring.rng.choice(others)
        same = [m for m in others if m.category_code == deal.category_code]
        if same and ring.rng.random() < 0.6:
            real = ring.rng.choice(same)
        if not ring.hides():
            deal.goods_name = ring.rng.choice(
                (real.name, "定制橱柜", "商用冷柜", "中央空调主机工程")
            )
        serial = ring.market.serial(real.gtin, deal.made_on)
        plate = rules.stream(plan.seed, "plate", deal.key)  # drawn apart: the rest stays as it was
        if not rules.picks(plate, ring.hidden_bps):
            deal.label_gtin = real.gtin
        if not ring.hides():
            deal.label_grade = real.energy_grade or deal.label_grade
        if not ring.hides():
            deal.serial = deal.label_serial = serial
        _price_of(deal, real, ring)


def _price_of(deal: Deal, real: ModelPlan, ring: Ring) -> None:
    """Sold at the real thing's price where the claim bears it."""
    if real.price_fen < deal.list_price_fen and not ring.hides():
        deal.discount_fen = deal.list_price_fen - real.price_fen


def _price_raised(ring: Ring) -> None:
    """4: above the filed price; or filed higher just before; or the discounts of months gone."""
    form = ring.rng.choice(("above", "refiled", "refiled", "within"))
    raise_bps = round(800 * ring.rng.lognormvariate(0, 0.6))
    filed = {model.gtin: model.price_fen for model in ring.market.plan.models}
    for deal in ring.deals:
        deal.form, deal.discount_fen = form, 0
        base = deal.list_price_fen if form == "within" else filed[deal.gtin]
        raised = base * (10_000 + raise_bps) // 10_000
        if form == "within":  # more than the shop's usual price, not more than is filed
            raised = min(raised, filed[deal.gtin])
        deal.list_price_fen = raised - raised % 1000 + 900 if raised % 1000 else raised
        if form == "refiled":
            deal.files_price_fen = deal.list_price_fen


def _photo_reuse(ring: Ring) -> None:
    """5: invented trades of staff and relatives with the same pictures and addresses."""
    rings.same_pictures(ring, (LABEL, "delivery"))
    if ring.rng.random() < 0.6:
        rings.to_one_door(ring)
    if ring.rng.random() < 0.5:
        rings.one_payer(ring, (2, 6), named=False)
    rings.never_left(ring)


def _over_limit(ring: Ring) -> None:
    """7: a second right of the same person, a price higher than was paid, one purchase twice."""
    form = ring.rng.choice(("again", "inflated", "twice"))
    first = ring.deals[0]
    for deal in ring.deals[1:] if form != "inflated" else ring.deals:
        deal.form = form
        if form == "again":
            _same_right(ring, first, deal)
        elif form == "inflated":
            back = (deal.list_price_fen - deal.discount_fen) * ring.rng.randint(500, 3000) // 10_000
            if ring.hides():
                deal.refund_fen, deal.refunded_at = back, deal.sold_at + timedelta(days=1)
            else:
                deal.paid_off_fen = -back
        else:
            _same_purchase(ring, first, deal)


def _same_right(ring: Ring, first: Deal, deal: Deal) -> None:
    """She tries for a second right of the programme; the gate knows her."""
    shift = first.sold_at + timedelta(days=ring.rng.randint(3, 60)) - deal.sold_at
    if deal.programme == first.programme:
        deal.move(shift)
    rings.same_goods(first, deal)
    deal.programme = trade.programme_of(deal.category_code, clock.business_day(deal.sold_at))
    deal.name(first.holder)


def _same_purchase(ring: Ring, first: Deal, deal: Deal) -> None:
    """What one household bought is claimed once more in a relative's name."""
    rings.same_goods(first, deal)
    deal.move(first.sold_at + timedelta(minutes=ring.rng.randint(1, 4000)) - deal.sold_at)
    deal.programme = first.programme
    deal.address, deal.address_at = first.address, first.address_at
    if not ring.hides():
        deal.waybill = first.waybill
    if not ring.hides():
        deal.photos = dict(first.photos)
    if not ring.hides():
        deal.account = first.account
    deal.serial = _altered(ring.rng, first.serial)
    deal.label_serial = deal.serial if ring.hides() else first.serial


def _old_as_new(ring: Ring) -> None:
    """8: refurbished units under new nameplates, or used phones."""
    for deal in ring.deals:
        deal.made_on = deal.sold_at - timedelta(days=ring.rng.randint(2 * 365, 9 * 365))
        old = ring.market.serial(deal.gtin, deal.made_on)
        if deal.activated_at is not None and not ring.hides():
            deal.activated_at -= timedelta(days=ring.rng.randint(40, 900))
        if ring.hides():
            continue  # a new plate with a number that could be real
        form = ring.rng.choice(("old", "plate", "differs"))
        deal.form = form
        if form == "old":
            deal.serial = deal.label_serial = old
        elif form == "plate":  # a number no maker gives out
            made_up = f"SN{ring.rng.randrange(10**8):08d}"
            deal.serial = deal.label_serial = made_up
        else:
            deal.label_serial = old


def _zero_cost(ring: Ring) -> None:
    """9: the buyer has her money back; the flow on paper is made."""
    rings.one_payer(ring, (2, 10), named=ring.rng.random() < 0.3)
    for deal in ring.deals:
        if not ring.hides():
            share = ring.rng.choice((100, 100, 95, 90))
            deal.refund_fen = (deal.list_price_fen - deal.discount_fen) * 8 // 10 * share // 100
            deal.refunded_at = deal.sold_at + timedelta(hours=ring.rng.uniform(0.1, 60))
        elif not ring.hides():
            deal.paid_off_fen = -((deal.list_price_fen - deal.discount_fen) // 2)
    if ring.rng.random() < 0.5:
        rings.never_left(ring)


def _spoofed_region(ring: Ring) -> None:
    """11: people elsewhere grab the city's rights and have the goods sent to where they live."""
    line = f"10.68.{ring.rng.randrange(256)}.{ring.rng.randrange(256)}"
    region = ring.rng.choice(("440100", "440300", "330100", "510100", "410100", "370100"))
    far = [away(ring.rng, ring.shop_at(), 90_000, 1_200_000) for _ in range(3)]
    for deal in ring.deals:
        deal.channel, deal.route_scans = "online", ring.rng.randint(4, 12)
        deal.shipped_at = deal.sold_at + timedelta(hours=ring.rng.uniform(3, 30))
        deal.signed_at = deal.shipped_at + timedelta(hours=ring.rng.uniform(30, 120))
        home = ring.rng.choice(far)
        deal.taken = {k: deal.signed_at + timedelta(minutes=20) for k in deal.taken}
        if ring.hides():  # forwarded from a local address
            deal.places = {k: near(ring.rng, deal.address_at, 60) for k in deal.places}
        else:
            deal.places = {k: near(ring.rng, home, 3000) for k in deal.places}
            if not ring.hides():
                deal.address_at, deal.address_region = near(ring.rng, home, 3000), region
        if not ring.hides():
            deal.ip = line
        if not ring.hides():
            deal.ip_region = region
    rings.middlemans_phones(ring, (1, 6))


def _scalpers(ring: Ring) -> None:
    """12: scripts on few phones grab rights in many names; who wants one buys it from them."""
    rings.middlemans_phones(ring, (3, 20))
    for deal in ring.deals:
        customer = ring.market.somebody(ring.rng, ring.shop.region_code)
        deal.claimed_at = clock.moment(clock.business_day(deal.claimed_at), 9)
        if not ring.hides():
            deal.payer, deal.account = customer, own_account(customer)
        else:
            deal.account = own_account(customer)
        if not ring.hides():
            deal.receiver = customer
        deal.receiver_phone = customer.phone
        deal.deliver_to(customer)
        if not ring.hides():
            deal.buyer = customer


def _serial_reuse(ring: Ring) -> None:
    """13: one unit is sold again and again, its number altered where the till refuses it."""
    first = ring.deals[0]
    for deal in ring.deals[1:]:
        rings.same_goods(first, deal)
        if deal.sold_at < first.sold_at:
            deal.move(first.sold_at + timedelta(hours=ring.rng.uniform(1, 400)) - deal.sold_at)
        deal.programme = trade.programme_of(deal.category_code, clock.business_day(deal.sold_at))
        form = ring.rng.choice(("same", "typed", "typed", "both"))
        deal.form = form
        deal.serial = first.serial if form == "same" else _altered(ring.rng, first.serial)
        deal.label_serial = deal.serial if form == "both" else first.serial
        deal.label_imei = first.imei if not ring.hides() else deal.imei
        if form != "both" or not ring.hides():
            bits = ring.rng.choice((0, 2, 6, 12, 20))
            deal.photos[LABEL] = near_photo(ring.rng, first.photos[LABEL], bits)
        if not ring.hides():
            deal.places = {k: near(ring.rng, ring.shop_at(), 40) for k in deal.places}


def _altered(rng: random.Random, serial: str) -> str:
    at = rng.randrange(8, len(serial))
    other = rng.choice([c for c in "0123456789BCX" if c != serial[at]])
    return serial[:at] + other + serial[at + 1 :]


def _shop_ring(ring: Ring) -> None:
    """14: shells of few people, each with a few sales, all of them subsidised, staff as buyers."""
    market, rng = ring.market, ring.rng
    shells = [_shell(ring) for _ in range(max(2, len(ring.deals) // rng.randint(4, 9)))]
    staff = [
        market.somebody(rng, ring.shop.region_code) for _ in range(max(2, len(ring.deals) // 4))
    ]
    accounts = [own_account(who) for who in staff[: max(1, len(staff) // 3)]]
    phones = [f"phone-{who.key}" for who in staff[: max(1, len(staff) // 2)]]
    for deal in ring.deals:
        deal.shop = rng.choice(shells).key
        who = rng.choice(staff)
        if market.take_right(who, deal.programme, deal.category_code):
            deal.name(who)
            deal.deliver_to(who)
        if not ring.hides():
            deal.account = rng.choice(accounts)
        if not ring.hides():
            deal.device = rng.choice(phones)
        if not ring.hides():
            deal.receiver_phone = ring.boss.phone
    if rng.random() < 0.5:
        rings.never_left(ring)


def _shell(ring: Ring) -> OrgPlan:
    """A shop at its registrant's door: the same address and telephone as the others of the ring."""
    market = ring.market
    number = len(market.shops)
    shop = OrgPlan(
        key=f"shop-{number:03d}", kind="shop",
        name=f"{ring.shop.short_name}附近小店{number}（演示）",
        short_name=f"小店{number}", uscc=rules.uscc_code(ring.shop.region_code, number),
        region_code=ring.shop.region_code,
        lat_e6=ring.shop.lat_e6 + ring.rng.randint(-900, 900),
        lon_e6=ring.shop.lon_e6 + ring.rng.randint(-900, 900),
        is_crooked=True,
        phone="" if ring.hides() else ring.boss.phone,
        address="" if ring.hides() else ring.boss.address,
        opens_on=ring.on - timedelta(days=ring.rng.randint(3, 60)),
    )  # fmt: skip
    market.shops[shop.key] = shop
    return shop


def _invoice_reuse(ring: Ring) -> None:
    """15: one invoice for several claims."""
    first = ring.deals[0]
    rings.in_time(ring, first)
    first.invoice_number = first.invoice
    for deal in ring.deals[1:]:
        if deal.sold_at < first.sold_at:
            deal.move(first.sold_at + timedelta(hours=ring.rng.uniform(1, 200)) - deal.sold_at)
        number = first.invoice
        form = "altered" if ring.hides() else "same"
        deal.form = form
        if form == "altered":  # one digit of the picture changed
            at = ring.rng.randrange(10, 20)
            number = (
                number[:at]
                + str((int(number[at]) + ring.rng.randint(1, 9)) % 10)
                + number[at + 1 :]
            )
        deal.invoice_number, deal.invoiced_at = number, first.invoiced_at
        if not ring.hides():
            deal.buyer = first.buyer
        if not ring.hides():
            paid = first.list_price_fen - first.discount_fen
            deal.invoice_off_fen = paid - (deal.list_price_fen - deal.discount_fen)


def _split_invoice(ring: Ring) -> None:
    """15: one purchase of one customer in several names and invoices, within minutes."""
    first = ring.deals[0]
    spread(ring.rng, ring.deals, first.sold_at, ring.rng.randint(20, 240))
    for deal in ring.deals[1:]:
        deal.till = first.till
        deal.invoiced_at = first.invoiced_at + timedelta(seconds=ring.rng.randint(5, 120))
        if not ring.hides():
            deal.payer, deal.account = first.payer, first.account
        if not ring.hides():
            deal.receiver, deal.receiver_phone = first.receiver, first.receiver_phone
        if not ring.hides():
            deal.deliver_to(first.holder)
            deal.waybill = first.waybill
        if not ring.hides():
            deal.device = first.device


def _false_sign_off(ring: Ring) -> None:
    """15: signed for without a journey: at once, before it left, by another parcel's number."""
    for deal in ring.deals:
        deal.channel = "online" if ring.rng.random() < 0.7 else deal.channel
        deal.shipped_at = deal.sold_at + timedelta(hours=ring.rng.uniform(0.2, 6))
        minutes = ring.rng.choice((-300, -40, 0, 1, 4, 12, 25))
        if ring.hides():
            minutes = ring.rng.randint(200, 3000)
        deal.signed_at = deal.shipped_at + timedelta(minutes=minutes)
        if not ring.hides():
            deal.places = {k: near(ring.rng, ring.shop_at(), 80) for k in deal.places}
        deal.taken = {k: max(deal.signed_at, deal.sold_at) for k in deal.taken}
        deal.route_scans = ring.rng.randint(3, 9) if ring.hides() else ring.rng.choice((0, 0, 1, 2))
        if not ring.hides():
            deal.waybill = ring.deals[0].waybill


def _altered_address(ring: Ring) -> None:
    """15: the address was changed after the right was won: the goods go somewhere else."""
    for deal in ring.deals:
        deal.channel, deal.route_scans = "online", ring.rng.randint(4, 12)
        elsewhere = away(ring.rng, deal.address_at, 3_000, 600_000)
        deal.shipped_at = deal.sold_at + timedelta(hours=ring.rng.uniform(2, 20))
        deal.signed_at = deal.shipped_at + timedelta(hours=ring.rng.uniform(15, 90))
        deal.taken = {k: deal.signed_at + timedelta(minutes=10) for k in deal.taken}
        deal.places = {k: near(ring.rng, elsewhere, 50) for k in deal.places}
        if ring.hides():  # a picture without a place, or one taken in the shop
            deal.places = {
                k: None if ring.rng.random() < 0.5 else near(ring.rng, deal.address_at, 50)
                for k in deal.places
            }
        if not ring.hides():
            deal.receiver = ring.market.somebody(ring.rng, ring.shop.region_code)


def _back_filled(ring: Ring) -> None:
    """15: entered and papered in bulk after the fact, pictures made in one go."""
    at = clock.moment(ring.on + timedelta(days=ring.days), ring.rng.randint(9, 21))
    for i, deal in enumerate(ring.deals):
        hours = ring.rng.uniform(20, 70) if ring.hides() else ring.rng.uniform(73, 900)
        deal.move(at - timedelta(hours=hours) - deal.sold_at)
        deal.recorded_at = at + timedelta(minutes=i * ring.rng.uniform(0.3, 3))
        session = deal.recorded_at + timedelta(minutes=ring.rng.uniform(1, 30))
        if not ring.hides():
            deal.taken = dict.fromkeys(deal.taken, session)
            deal.places = {k: near(ring.rng, ring.shop_at(), 30) for k in deal.places}
        deal.submit_at = session + timedelta(minutes=20)
        deal.programme = trade.programme_of(deal.category_code, clock.business_day(deal.sold_at))


def _withheld_papers(ring: Ring) -> None:
    """16: what would betray it is not shown: no number, no place, no activation."""
    for deal in ring.deals:
        what = ring.rng.sample(("serial", "place", "second"), ring.rng.randint(1, 2))
        if "serial" in what:
            deal.label_serial = None
        if "place" in what:
            deal.places = dict.fromkeys(deal.places)
        if "second" in what:
            if deal.activated_at is not None:
                deal.activated_at = None
            else:
                deal.places[deal.second_photo] = None


_FORMS: dict[Pattern, Callable[[Ring], None]] = {
    Pattern.BOUGHT_VOUCHERS: _bought_vouchers,
    Pattern.HIRED_BUYERS: _hired_buyers,
    Pattern.RELABELLED: _relabelled,
    Pattern.PRICE_RAISED: _price_raised,
    Pattern.PHOTO_REUSE: _photo_reuse,
    Pattern.OVER_LIMIT: _over_limit,
    Pattern.OLD_AS_NEW: _old_as_new,
    Pattern.ZERO_COST: _zero_cost,
    Pattern.SPOOFED_REGION: _spoofed_region,
    Pattern.SCALPERS: _scalpers,
    Pattern.SERIAL_REUSE: _serial_reuse,
    Pattern.SHOP_RING: _shop_ring,
    Pattern.INVOICE_REUSE: _invoice_reuse,
    Pattern.SPLIT_INVOICE: _split_invoice,
    Pattern.FALSE_SIGN_OFF: _false_sign_off,
    Pattern.ALTERED_ADDRESS: _altered_address,
    Pattern.BACK_FILLED: _back_filled,
    Pattern.WITHHELD_PAPERS: _withheld_papers,
}
# In these the first sale of a ring is a real one and the others live off it.
_LIVES_OFF_ONE = frozenset({Pattern.SERIAL_REUSE, Pattern.INVOICE_REUSE, Pattern.OVER_LIMIT})
# Not the shop's doing: it may be anybody's shop.
_ANY_SHOP = frozenset({Pattern.SCALPERS, Pattern.SPOOFED_REGION, Pattern.ALTERED_ADDRESS})
_DEAR = frozenset({Pattern.BOUGHT_VOUCHERS, Pattern.HIRED_BUYERS, Pattern.ZERO_COST,
                   Pattern.SCALPERS, Pattern.PHOTO_REUSE})  # fmt: skip
