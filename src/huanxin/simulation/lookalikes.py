"""Honest sales that look like trouble: families, elders, tablets, full Saturdays, slips. Pure.

Rates stand in data/trade.csv. None of these is a fraud; what is held of them is a false alarm.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from huanxin.kernel import clock
from huanxin.simulation import city, rules
from huanxin.simulation.deals import LABEL, Deal
from huanxin.simulation.trade import (
    DIGITAL_FROM,
    Market,
    away,
    make_deal,
    mark,
    near,
    near_photo,
    programme_of,
    spread,
)
from huanxin.simulation.types import Look, Resident

_ELDER_BORN = 1966
_NEW_HOME = ("refrigerator", "washing_machine", "television", "air_conditioner", "water_heater")
_SMALL = frozenset({"computer", "television", "water_heater"})
_BPS = 10_000


def look_alike(market: Market, deals: list[Deal]) -> list[Deal]:
    """The same trade with its families, festivals and slips; the families' further units added."""
    plan = market.plan
    families: list[Deal] = []
    for deal in deals:
        rng = rules.stream(plan.seed, "look", deal.key)
        families += _family(market, rng, deal)
        _claimed_where(market, rng, deal)
    whole = [*deals, *families]
    _group_events(market, whole)
    last: dict[str, Deal] = {}
    like: dict[tuple[str, str], Deal] = {}
    weekly = {
        key
        for key in market.shops
        if rules.picks(rules.stream(plan.seed, "weekly", key), market.bps("weekly_upload_shop"))
    }
    for deal in sorted(whole, key=lambda d: (d.sold_at, d.key)):
        rng = rules.stream(plan.seed, "slip", deal.key)
        for change in (_names, _places, _slips, _till_troubles):
            change(market, rng, deal)
        _photos(market, rng, deal, last.get(deal.shop), like.get((deal.shop, deal.gtin)))
        last[deal.shop] = like[deal.shop, deal.gtin] = deal
        if deal.shop in weekly:
            _weekly(deal)
    return whole


def _family(market: Market, rng: random.Random, deal: Deal) -> list[Deal]:
    """Three air conditioners, or a whole new home: further units of one household in one visit."""
    if rules.picks(rng, market.bps("family_units")):
        look, wanted = Look.FAMILY_UNITS, [deal.category_code] * rng.choice((1, 1, 2))
    elif rules.picks(rng, market.bps("new_home")) and deal.category_code in _NEW_HOME:
        others = [code for code in _NEW_HOME if code != deal.category_code]
        look, wanted = Look.NEW_HOME, rng.sample(others, rng.randint(2, 4))
    else:
        return []
    on = clock.business_day(deal.sold_at)
    found: list[Deal] = []
    for i, category in enumerate(wanted):
        programme = programme_of(category, on)
        three = category == "air_conditioner" and programme == "appliances-2025"
        people = [deal.holder, market.other_member(deal.holder)]
        who = next((p for p in people if market.take_right(p, programme, category)), None)
        who = deal.holder if three else who
        if who is not None:
            found.append(_beside(market, rng, deal, who=who, category=category, order=i))
    for one in (deal, *found) if found else ():
        mark(one, look)
    return found


def _beside(
    market: Market, rng: random.Random, deal: Deal, *, who: Resident, category: str, order: int
) -> Deal:
    """One more unit on the same receipt, to the same home, by the same van."""
    on = clock.business_day(deal.sold_at)
    model = market.draw_model(rng, category, on)
    if category == deal.category_code and rng.random() < 0.6:
        model = next(m for m in market.plan.models if m.gtin == deal.gtin)
    one = make_deal(
        market, rng, key=f"{deal.key}+{order}", shop=market.shops[deal.shop], on=on,
        model=model, buyer=who,
    )  # fmt: skip
    one.till, one.channel = deal.till, deal.channel
    one.move(deal.sold_at + timedelta(minutes=rng.uniform(1, 6) * (order + 1)) - one.sold_at)
    one.claimed_at, one.submit_at = deal.claimed_at, max(deal.submit_at, one.submit_at)
    one.address, one.address_at = deal.address, deal.address_at
    one.receiver_phone = deal.receiver_phone
    one.shipped_at, one.signed_at, one.waybill = deal.shipped_at, deal.signed_at, deal.waybill
    second = one.second_photo
    if deal.places.get(deal.second_photo):
        one.places[second] = near(rng, deal.address_at, 25)
    if rng.random() < 0.35:
        one.device = deal.device
    one.ip = deal.ip
    return one


def _claimed_where(market: Market, rng: random.Random, deal: Deal) -> None:
    """On whose phone the right was claimed: a station's, a child's, the shop's, the spouse's."""
    if deal.holder.born_on.year < _ELDER_BORN:
        if rules.picks(rng, market.bps("station_elder")):
            number = rng.randrange(6)
            deal.device = f"station-{deal.holder.county}-{number}"
            deal.ip = f"10.65.{int(deal.holder.county[-2:])}.{number}"
            return mark(deal, Look.STATION_TABLET)
        if rules.picks(rng, market.bps("child_phone_elder")):
            door = rng.randrange(market.doors[deal.holder.county])
            deal.device = f"phone-{deal.holder.county}-{door:05d}-0"
            return mark(deal, Look.SHARED_PHONE)
    if rules.picks(rng, market.bps("shop_tablet")):
        deal.device, deal.ip = f"tablet-{deal.shop}", f"10.66.{_number(deal.shop)}"
        return mark(deal, Look.SHOP_TABLET)
    if rules.picks(rng, market.bps("spouse_phone")):
        deal.device = f"phone-{market.other_member(deal.holder).key}"
        mark(deal, Look.SHARED_PHONE)
    return None


def _group_events(market: Market, deals: Sequence[Deal]) -> None:
    """A larger shop's own festival: sales of the weeks around it fall into two hours."""
    by_shop: dict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        if deal.channel == "shop":
            by_shop[deal.shop].append(deal)
    years = max(1, (market.last_on - market.first_on).days // 365)
    events, size = market.numbers["group_events_a_year"] * years, market.numbers["group_size"]
    for shop, mine in sorted(by_shop.items()):
        if len(mine) < 4 * events * size:
            continue
        rng = rules.stream(market.plan.seed, "event", shop)
        mine.sort(key=lambda d: (d.sold_at, d.key))
        for _ in range(events):
            at = rng.randrange(len(mine) - size)
            _hold_event(rng, mine[at : at + rng.randint(size // 2, size)])


def _hold_event(rng: random.Random, deals: Sequence[Deal]) -> None:
    """Within two hours of one day, whoever could have bought the same on that day."""
    on = clock.business_day(deals[len(deals) // 2].sold_at)
    same = [
        deal
        for deal in deals
        if deal.programme == programme_of(deal.category_code, on)
        and (on >= DIGITAL_FROM or not city.is_digital(deal.category_code))
        and deal.look is not Look.GROUP_EVENT
    ]
    rng.shuffle(same)
    start = clock.moment(on, rng.choice((10, 14, 18)), rng.randrange(30))
    spread(rng, same, start, 7200 / max(8, len(same)))
    for deal in same:
        deal.till = str(rng.randint(1, 2))
        mark(deal, Look.GROUP_EVENT)


def _names(market: Market, rng: random.Random, deal: Deal) -> None:
    """A relative's name on one of the papers: a slip, not a fraud."""
    relative = market.other_member(deal.holder)
    at = rng.randrange(_BPS)
    if at < market.bps("family_invoice"):
        deal.buyer = relative
        mark(deal, Look.FAMILY_INVOICE)
    elif (at := at - market.bps("family_invoice")) < market.bps("family_pays"):
        deal.payer, deal.account = relative, f"account-{relative.document_no[-12:]}"
        mark(deal, Look.FAMILY_PAYS)
    elif at - market.bps("family_pays") < market.bps("family_receives"):
        deal.receiver, deal.receiver_phone = relative, relative.phone
        mark(deal, Look.FAMILY_RECEIVES)


def _places(market: Market, rng: random.Random, deal: Deal) -> None:
    """Parents in another county, addresses of a village, masts instead of satellites, own cars."""
    second = deal.second_photo
    is_big = not city.is_digital(deal.category_code)
    if rules.picks(rng, market.bps("pays_from_afar")):
        deal.ip_region = rng.choice(("370100", "370200", "110000", "410100", "440100"))
        mark(deal, Look.ELSEWHERE)
    carried = market.bps("carry_home" if deal.category_code in _SMALL else "carry_big_home")
    if is_big and deal.channel == "shop" and rules.picks(rng, carried):
        shop = market.shops[deal.shop]  # the delivery note says 自提 and the shop's address
        deal.address, deal.address_region = f"{shop.name}自提", shop.region_code
        deal.address_at = (shop.lat_e6, shop.lon_e6)
        deal.places = {k: near(rng, (shop.lat_e6, shop.lon_e6), 40) for k in deal.places}
        deal.shipped_at = deal.sold_at
        deal.signed_at = deal.sold_at + timedelta(minutes=rng.randint(5, 30))
        deal.taken = {k: deal.signed_at + timedelta(minutes=2) for k in deal.taken}
        return mark(deal, Look.CARRIED_HOME)
    if rules.picks(rng, market.bps("instant")):
        deal.shipped_at = deal.sold_at + timedelta(minutes=rng.randint(10, 50))
        deal.signed_at = deal.shipped_at + timedelta(minutes=rng.randint(10, 40))
        mark(deal, Look.INSTANT)
    if rules.picks(rng, market.bps("gift_elsewhere")):
        county = market.draw_county(rng)
        parents = market.somebody(rng, county)
        deal.deliver_to(parents)
        mark(deal, Look.ELSEWHERE)
    if rules.picks(rng, market.bps("village_gps")):
        deal.address_at = away(rng, deal.address_at, 500, 4000)
        mark(deal, Look.COARSE_PLACE)
    if deal.places.get(second) and rules.picks(rng, market.bps("coarse_gps")):
        deal.places[second] = away(rng, deal.places[second] or deal.address_at, 1000, 6000)
        mark(deal, Look.COARSE_PLACE)
    return None


def _slips(market: Market, rng: random.Random, deal: Deal) -> None:
    """Papers as merchants elsewhere hand them in: Fuzhou's faults, most mended while uploading."""
    kind = "digital" if city.is_digital(deal.category_code) else "appliance"
    unmended = _BPS - market.bps("mended_at_upload")
    if rules.picks(rng, market.bps(f"defect_{kind}") * unmended // _BPS):
        if rng.random() < 0.4:
            deal.label_serial = None
        else:
            deal.places[LABEL] = None
        mark(deal, Look.DEFECT)
    if rules.picks(rng, market.bps("typo")):
        at = rng.randrange(8, len(deal.serial))
        wrong = rng.choice([c for c in "0123456789" if c != deal.serial[at]])
        deal.serial = deal.serial[:at] + wrong + deal.serial[at + 1 :]
        mark(deal, Look.TYPO)
    if rules.picks(rng, market.bps("price_slip")):
        deal.list_price_fen += rng.choice((10_000, 20_000, 30_000, 100_000))
        mark(deal, Look.PRICE_SLIP)
    elif rules.picks(rng, market.bps("promotion")):
        off = deal.list_price_fen * rng.randint(300, 1500) // _BPS
        deal.discount_fen = max(deal.discount_fen, off - off % 1000)
        mark(deal, Look.PROMOTION)
    if rules.picks(rng, market.bps("late_papers")):
        deal.left_out, deal.later_days = {deal.second_photo}, rng.randint(1, 12)
        mark(deal, Look.LATE_PAPERS)


def _till_troubles(market: Market, rng: random.Random, deal: Deal) -> None:
    if deal.channel == "shop" and rules.picks(rng, market.bps("till_offline")):
        deal.recorded_at = deal.sold_at + timedelta(hours=rng.uniform(1, 30))
        deal.claimed_at = min(deal.claimed_at, deal.sold_at)
        deal.submit_at = max(deal.submit_at, deal.recorded_at + timedelta(minutes=30))
        mark(deal, Look.OFFLINE_TILL)
    if rules.picks(rng, market.bps("old_stock")):
        deal.made_on = deal.sold_at - timedelta(days=rng.randint(300, 660))
        serial = market.serial(deal.gtin, deal.made_on)
        if deal.label_serial == deal.serial:
            deal.serial = deal.label_serial = serial
            mark(deal, Look.OLD_STOCK)


def _photos(
    market: Market, rng: random.Random, deal: Deal, last: Deal | None, like: Deal | None
) -> None:
    """The last sale's picture once more by mistake; a nameplate that looks like its neighbour's."""
    if last and rules.picks(rng, market.bps("photo_slip")):
        kind = rng.choice([k for k in deal.photos if k in last.photos] or [LABEL])
        deal.photos[kind] = last.photos[kind]
        mark(deal, Look.PHOTO_SLIP)
    elif like and rules.picks(rng, market.bps("alike_photo")):
        deal.photos[LABEL] = near_photo(rng, like.photos[LABEL], rng.randint(4, 12))
        mark(deal, Look.ALIKE_PHOTO)


def _weekly(deal: Deal) -> None:
    """The back office uploads on Monday mornings."""
    on: date = clock.business_day(deal.submit_at)
    monday = on + timedelta(days=7 - on.weekday())
    deal.submit_at = clock.moment(monday, 9, 30)
    mark(deal, Look.WEEKLY_UPLOAD)


def _number(shop: str) -> str:
    order = int(shop.rpartition("-")[2])
    return f"{order // 256}.{order % 256}"
