"""The measured city's honest trade: two years of subsidised sales, papers and all. Pure.

Nothing here is chosen with an eye on a check. Every rate stands in data/trade.csv.
"""

import random
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import accumulate

from huanxin.kernel import clock
from huanxin.simulation import assumptions, city, rules
from huanxin.simulation.deals import DELIVERY, LABEL, Deal, own_account, own_device
from huanxin.simulation.residents import Residents
from huanxin.simulation.types import CityPlan, Look, ModelPlan, OrgPlan, Resident

FIRST_ON, LAST_ON = date(2024, 9, 7), date(2026, 8, 31)
DIGITAL_FROM = date(2025, 1, 20)
GRADE_ONE_FROM = date(2026, 1, 1)
# Days on which shops are full: the day and how much more than an ordinary one.
_FEASTS = {
    (1, 1): 1.6, (5, 1): 1.9, (5, 2): 1.7, (6, 16): 1.6, (6, 17): 1.8, (6, 18): 2.6, (10, 1): 2.0,
    (10, 2): 1.8, (10, 3): 1.6, (11, 10): 1.7, (11, 11): 2.4, (12, 31): 1.3,
}  # fmt: skip
_EXIT = "10.64"


@dataclass
class Market:
    """The plan of the city's shops and people, and what has been drawn from it so far."""

    plan: CityPlan
    first_on: date
    last_on: date
    residents: Residents = field(init=False)
    used: set[tuple[str, str, str]] = field(default_factory=set)  # programme, category, person
    numbers: Mapping[str, int] = field(default_factory=assumptions.trade)
    serials: int = 0

    def __post_init__(self) -> None:
        self.residents = Residents(self.plan)
        self.shops: dict[str, OrgPlan] = {shop.key: shop for shop in self.plan.shops}
        self._by_county: dict[str, list[OrgPlan]] = {}
        for shop in self.plan.shops:
            self._by_county.setdefault(shop.region_code, []).append(shop)
        self._weights = {
            county: list(accumulate(s.weight for s in shops))
            for county, shops in self._by_county.items()
        }
        self.doors = dict(self.plan.households)
        self.counties = [code for code, _ in self.plan.populations if code in self._by_county]
        people = dict(self.plan.populations)
        self._people = list(accumulate(people[code] for code in self.counties))
        self.days = [
            self.first_on + timedelta(days=i)
            for i in range((self.last_on - self.first_on).days + 1)
        ]
        self._day_weights = list(accumulate(_day_weight(on) for on in self.days))
        self._models: dict[tuple[str, int], list[ModelPlan]] = {}
        self._category_weights: dict[tuple[int, bool, bool], tuple[list[str], list[float]]] = {}

    def bps(self, name: str) -> int:
        return self.numbers[f"{name}_bps"]

    def shops_in(self, county: str) -> Sequence[OrgPlan]:
        return self._by_county[county]

    def draw_shop(self, rng: random.Random, county: str) -> OrgPlan:
        weights = self._weights[county]
        return self._by_county[county][bisect(weights, rng.random() * weights[-1])]

    def draw_county(self, rng: random.Random) -> str:
        return self.counties[bisect(self._people, rng.random() * self._people[-1])]

    def draw_day(self, rng: random.Random) -> date:
        return self.days[bisect(self._day_weights, rng.random() * self._day_weights[-1])]

    def draw_category(self, rng: random.Random, on: date) -> str:
        """What is bought that day: demand by ownership, life and season."""
        key = (on.month if on.month in {6, 7, 8} else 0, on >= DIGITAL_FROM, on >= GRADE_ONE_FROM)
        if key not in self._category_weights:
            month, digital, newest = key
            self._category_weights[key] = _categories(month, digital=digital, newest=newest)
        codes, weights = self._category_weights[key]
        return codes[bisect(weights, rng.random() * weights[-1])]

    def models_of(self, category_code: str, on: date) -> list[ModelPlan]:
        """What the day's rule pays for."""
        worst = 1 if on >= GRADE_ONE_FROM else 2
        key = (category_code, worst)
        if key not in self._models:
            self._models[key] = [
                m
                for m in self.plan.models
                if m.category_code == category_code
                and (m.price_fen <= 600_000 if city.is_digital(category_code)
                     else (m.energy_grade or 9) <= worst)
            ]  # fmt: skip
        return self._models[key]

    def draw_model(self, rng: random.Random, category_code: str, on: date) -> ModelPlan:
        models = self.models_of(category_code, on)
        return rules.choose(rng, models, [m.weight for m in models])

    def draw_buyer(
        self, rng: random.Random, county: str, programme: str, category_code: str
    ) -> Resident:
        """Somebody of the county whose right for the category is not used."""
        while True:
            who = self.residents.of(county, rng.randrange(self.doors[county]), rng.randrange(2))
            if self.take_right(who, programme, category_code):
                return who

    def take_right(self, who: Resident, programme: str, category_code: str) -> bool:
        """Whether the right is hers to use; from now on it is used."""
        key = (programme, category_code, who.key)
        if key in self.used:
            return False
        self.used.add(key)
        return True

    def other_member(self, who: Resident) -> Resident:
        """Who lives with her."""
        county, door, member = who.key.split("-")
        return self.residents.of(county, int(door), 1 - int(member))

    def somebody(self, rng: random.Random, county: str) -> Resident:
        """Anyone of the county."""
        return self.residents.of(county, rng.randrange(self.doors[county]), rng.randrange(2))

    def serial(self, gtin: str, made_on: datetime) -> str:
        """The next unit off the maker's line: model, year and week, number."""
        self.serials += 1
        _, week, _ = made_on.isocalendar()
        return f"HX{gtin[6:12]}{made_on:%y}{week:02d}{self.serials * 7919 % 1_000_000:06d}"


def programme_of(category_code: str, on: date) -> str:
    """The programme that pays on a day."""
    kind = "digital" if city.is_digital(category_code) else "appliances"
    return f"{kind}-{on.year}"


def market_plan(plan: CityPlan) -> CityPlan:
    """The city with as many shops as really take part at this scale, of very different sizes."""
    numbers = assumptions.trade()
    per = numbers["shop_per_people"]
    shops: list[OrgPlan] = []
    for county, people in plan.populations:
        for i in range(max(3, round(people / per))):
            rng = rules.stream(plan.seed, "market-shop", county, i)
            size = rng.lognormvariate(0, numbers["shop_spread_x100"] / 100)
            lat, lon = city.place(rng, county)
            order = len(shops)
            office = assumptions.counties()[county].office
            shops.append(
                OrgPlan(
                    key=f"shop-{order:03d}", kind="shop",
                    name=f"{office}第{i + 1}家电数码店（演示）", short_name=f"{office}{i + 1}店",
                    uscc=rules.uscc_code(county, order), region_code=county, lat_e6=lat,
                    lon_e6=lon, weight=max(1, round(size * 100)),
                    is_crooked=rules.picks(rng, numbers["crooked_shop_bps"]),
                )
            )  # fmt: skip
    return replace(plan, shops=tuple(shops))


def honest_trade(market: Market, count: int) -> list[Deal]:
    """So many honest sales, plain ones; lookalikes.look_alike() makes some of them look odd."""
    deals = []
    for i in range(count):
        rng = rules.stream(market.plan.seed, "deal", i)
        on = market.draw_day(rng)
        county = market.draw_county(rng)
        shop = market.draw_shop(rng, county)
        deals.append(make_deal(market, rng, key=f"d{i}", shop=shop, on=on))
    return deals


def make_deal(
    market: Market,
    rng: random.Random,
    *,
    key: str,
    shop: OrgPlan,
    on: date,
    model: ModelPlan | None = None,
    buyer: Resident | None = None,
) -> Deal:
    """One honest sale with everything in order."""
    category = model.category_code if model else market.draw_category(rng, on)
    model = model or market.draw_model(rng, category, on)
    programme = programme_of(category, on)
    who = buyer or market.draw_buyer(rng, shop.region_code, programme, category)
    digital = city.is_digital(category)
    sold_at = clock.moment(on, 9, 30) + timedelta(seconds=rng.randrange(11 * 3600))
    channel = "online" if rules.picks(rng, market.bps("online")) else "shop"
    shipped_at, signed_at = _journey(rng, sold_at, channel=channel, digital=digital)
    made_on = sold_at - timedelta(days=rng.randint(25, 260))
    home = (who.lat_e6, who.lon_e6)
    taken_home = signed_at if (channel == "online" or not digital) else sold_at
    label_at = home if taken_home is signed_at else (shop.lat_e6, shop.lon_e6)
    second = "activation" if digital else DELIVERY
    deal = Deal(
        key=key, shop=shop.key, till=_till(rng, shop), channel=channel, gtin=model.gtin,
        category_code=category, grade=model.energy_grade, programme=programme, holder=who,
        device=own_device(who), ip=_ip(market, rng, who, on),
        claimed_at=clock.moment(on - timedelta(days=rng.choice((0, 0, 1, 1, 2))), 9),
        sold_at=sold_at, recorded_at=sold_at,
        submit_at=_handed_in(rng, signed_at if not digital or channel == "online" else sold_at),
        serial=market.serial(model.gtin, made_on), imei=_imei(market, category),
        list_price_fen=(price := usual_fen(market, shop, model)),
        discount_fen=_discount_fen(market, rng, price),
        goods_name=model.name, invoice_number="",
        invoiced_at=sold_at + timedelta(seconds=rng.randint(40, 900)),
        buyer=who, payer=who, account=own_account(who), receiver=who, receiver_phone=who.phone,
        address=who.address, address_at=home, waybill=_waybill(rng), shipped_at=shipped_at,
        signed_at=signed_at, made_on=made_on, label_serial=None,
        photos={LABEL: photo(rng), second: photo(rng)},
        places={LABEL: near(rng, label_at, 40), second: near(rng, label_at, 40)},
        taken={LABEL: taken_home + timedelta(minutes=rng.randint(3, 40)),
               second: taken_home + timedelta(minutes=rng.randint(3, 40))},
        label_grade=model.energy_grade, address_region=who.county,
        route_scans=rng.randint(4, 12) if channel == "online" else None,
        activated_at=taken_home + timedelta(minutes=rng.randint(2, 50)) if digital else None,
    )  # fmt: skip
    deal.label_serial, deal.label_imei = deal.serial, deal.imei
    deal.submit_at = max(deal.submit_at, *deal.taken.values()) + timedelta(minutes=5)
    if rules.picks(rng, market.bps("returns")):
        deal.returns_after_days = rng.randint(2, 7)
    return deal


def photo(rng: random.Random) -> str:
    """The perceptual hash of a picture of its own."""
    return f"{rng.getrandbits(64):016x}"


def near_photo(rng: random.Random, like: str, bits: int) -> str:
    """The hash of a picture that differs in so many of its 64 bits."""
    value = int(like, 16)
    for bit in rng.sample(range(64), bits):
        value ^= 1 << bit
    return f"{value:016x}"


def near(rng: random.Random, place: tuple[int, int], metres: float) -> tuple[int, int]:
    """A place that a phone says it is at: off by about so many metres."""
    return (
        place[0] + round(rng.gauss(0, metres) * 9.0),
        place[1] + round(rng.gauss(0, metres) * 11.1),
    )


def away(rng: random.Random, place: tuple[int, int], low_m: int, high_m: int) -> tuple[int, int]:
    """A place so far away, in any direction; distances spread evenly in their logarithm."""
    metres = low_m * (high_m / low_m) ** rng.random()
    north, east = rng.gauss(0, 1), rng.gauss(0, 1)
    length = (north * north + east * east) ** 0.5 or 1.0
    return (
        place[0] + round(north / length * metres * 9.0),
        place[1] + round(east / length * metres * 11.1),
    )


def spread(rng: random.Random, deals: Iterable[Deal], start: datetime, gap_s: float) -> None:
    """Sell these one after the other from a moment on, with exponential gaps."""
    at = start
    for deal in deals:
        deal.move(at - deal.sold_at)
        at += timedelta(seconds=max(20.0, rng.expovariate(1 / gap_s)))


def _day_weight(on: date) -> float:
    weekend = 1.30 if on.weekday() >= 5 else 0.88
    return weekend * _FEASTS.get((on.month, on.day), 1.0)


def _categories(month: int, *, digital: bool, newest: bool) -> tuple[list[str], list[float]]:
    codes, weights = [], []
    for demand in assumptions.demands():
        if city.is_digital(demand.category_code) and not digital:
            continue
        if demand.category_code == "smart_glasses" and not newest:
            continue
        season = demand.by_month.get(month, 1.0)
        part = 3500 if city.is_digital(demand.category_code) else 5000
        codes.append(demand.category_code)
        weights.append(demand.per_100_households / demand.life_years * season * part)
    return codes, list(accumulate(weights))


def _journey(
    rng: random.Random, sold_at: datetime, *, channel: str, digital: bool
) -> tuple[datetime, datetime]:
    """From leaving the shop or its store to being signed for."""
    if channel == "online":
        shipped = sold_at + timedelta(hours=rng.uniform(2, 30))
        return shipped, shipped + timedelta(hours=rng.uniform(14, 96))
    if digital:
        return sold_at, sold_at + timedelta(minutes=10)
    shipped = sold_at + timedelta(hours=rng.uniform(1, 40))
    return shipped, shipped + timedelta(minutes=rng.uniform(35, 360))


def _handed_in(rng: random.Random, done_at: datetime) -> datetime:
    """The shop uploads within the hour or with the evening's papers, sometimes a day later."""
    hours = rng.choices((0.3, 3.0, 12.0, 30.0), (45, 30, 15, 10))[0]
    return done_at + timedelta(hours=hours * rng.uniform(0.5, 1.5))


def _till(rng: random.Random, shop: OrgPlan) -> str:
    return str(rng.randint(1, 1 + min(5, shop.weight // 150)))


def _ip(market: Market, rng: random.Random, who: Resident, on: date) -> str:
    if rules.picks(rng, market.bps("mobile_network")):
        return f"{_EXIT}.0.{rng.randrange(market.numbers['mobile_exits'])}"
    home = rules.token(market.plan.seed, "home", who.key.rsplit("-", 1)[0], on.isocalendar().week)
    return f"{_EXIT}.{int(home[:2], 16)}.{int(home[2:4], 16)}"


def _imei(market: Market, category_code: str) -> str | None:
    """Test units leave a million numbers under one TAC: none twice below that."""
    return rules.imei_code(market.serials * 7919 % 1_000_000) if category_code == "phone" else None


def _waybill(rng: random.Random) -> str:
    return f"YS{rng.randrange(10**12):012d}"


def usual_fen(market: Market, shop: OrgPlan, model: ModelPlan) -> int:
    """What a shop asks for a model on an ordinary day: a little below the price that is filed."""
    rng = rules.stream(market.plan.seed, "price", shop.key, model.gtin)
    off_bps = round(rng.triangular(0, market.bps("below_filed_max"), 0))
    price = model.price_fen * (10_000 - off_bps) // 10_000
    return price - price % 1000 + 900 if off_bps else model.price_fen


def _discount_fen(market: Market, rng: random.Random, price_fen: int) -> int:
    if not rules.picks(rng, market.bps("discount")):
        return 0
    off = price_fen * rng.randint(100, market.bps("discount_max")) // 10_000
    return off - off % 1000


def mark(deal: Deal, look: Look) -> None:
    """Say what it looks like; the first word stays."""
    deal.look = deal.look or look
