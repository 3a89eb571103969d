"""Who needs what on which day: demand from ownership, life and season. Pure.

Nothing here knows the published totals; what comes out is compared with them in docs/twin.md.
"""

import hashlib
import random
from dataclasses import replace
from datetime import date, timedelta

from huanxin.simulation import assumptions, city, rules
from huanxin.simulation.assumptions import Demand
from huanxin.simulation.residents import Residents
from huanxin.simulation.types import (
    CityPlan,
    ModelPlan,
    OldUnitPlan,
    OrgPlan,
    PickUpPlan,
    PurchasePlan,
    SeasonPlan,
    Slip,
    Wish,
)

SLOTS = ("9-11", "11-13", "14-16", "16-18")
FESTIVAL = (date(2026, 6, 14), date(2026, 6, 18))


def plan_season(plan: CityPlan, *, first_on: date, last_on: date) -> SeasonPlan:
    """Every wish of the season, honest ones only; frauds.add_frauds() puts the others in."""
    demand = CityDemand(plan, Residents(plan))
    wishes = [
        wish
        for offset in range((last_on - first_on).days + 1)
        for wish in demand.wishes_of_day(first_on + timedelta(days=offset))
    ]
    return SeasonPlan(city=plan, first_on=first_on, last_on=last_on, wishes=tuple(wishes))


class CityDemand:
    """What one city's people want, day by day."""

    def __init__(self, plan: CityPlan, residents: Residents) -> None:
        self._plan = plan
        self._residents = residents
        self._models: dict[str, list[ModelPlan]] = {}
        for model in plan.models:
            self._models.setdefault(model.category_code, []).append(model)
        self._shops: dict[str, list[OrgPlan]] = {}
        for shop in plan.shops:
            self._shops.setdefault(shop.region_code, []).append(shop)

    def wishes_of_day(self, on: date) -> list[Wish]:
        """The wishes that arise on one day, by county and category."""
        found = []
        for county, households in self._plan.households:
            for demand in assumptions.demands():
                rng = rules.stream(self._plan.seed, "day", on, county, demand.category_code)
                for i in range(rules.arrivals(rng, daily_mean(demand, households, on))):
                    wish = self._wish(on, county, demand, i)
                    if wish.pick_up or wish.purchase:
                        found.append(wish)
        return found

    def _wish(self, on: date, county: str, demand: Demand, order: int) -> Wish:
        key = f"{on:%m%d}-{county}-{demand.category_code}-{order}"
        rng = rules.stream(self._plan.seed, "wish", key)
        numbers = assumptions.numbers()
        extra_bps = demand.first_buy_bps
        is_first = rules.picks(rng, extra_bps * 10_000 // (10_000 + extra_bps))
        doors = dict(self._plan.households)[county]
        resident = self._residents.of(county, rng.randrange(doors), rng.randrange(2))
        purchase = self._purchase(rng, county, demand.category_code)
        pickup_bps = demand.pickup_bps
        if purchase is None:
            pickup_bps = pickup_bps * numbers["pickup_only_bps"] // 10_000
        pick_up = None
        if not is_first and rules.picks(rng, pickup_bps):
            pick_up = _pick_up(rng, on, demand, wants_voucher=purchase is not None)
        return Wish(key, resident, demand.category_code, on, numbers["tries"], pick_up, purchase)

    def _purchase(self, rng: random.Random, county: str, category_code: str) -> PurchasePlan | None:
        """What she would buy with a subsidy at a shop that takes part; None if she does not."""
        numbers = assumptions.numbers()
        digital = city.is_digital(category_code)
        participating = numbers["digital_participating_bps" if digital else "participating_bps"]
        models = self._models[category_code]
        model = rules.choose(rng, models, [m.weight for m in models])
        takes_part = rules.picks(rng, participating)
        wants = rules.picks(rng, numbers["wants_subsidy_bps"])
        may_hope = is_eligible(model) or rules.picks(rng, numbers["naive_bps"])
        if not (takes_part and wants and may_hope):
            return None
        shops = self._shops[county]
        shop = rules.choose(rng, shops, [s.weight for s in shops])
        return _with_slip(rng, _bargain(rng, shop, model), digital=digital)


def daily_mean(demand: Demand, households: int, on: date) -> float:
    """Expected replacements and first purchases of one category in one county on one day."""
    owned = households * demand.per_100_households / 100
    yearly = owned / demand.life_years * (10_000 + demand.first_buy_bps) / 10_000
    season = demand.by_month.get(on.month, 1.0)
    return yearly / 365 * season * _day_factor(on)


def _day_factor(on: date) -> float:
    weekend = assumptions.numbers()["weekend_bps"] / 10_000
    factor = weekend if on.weekday() >= 5 else (7 - 2 * weekend) / 5
    if FESTIVAL[0] <= on <= FESTIVAL[1]:
        factor *= assumptions.numbers()["festival_bps"] / 10_000
    return factor


def plan_hash(season: SeasonPlan) -> str:
    """SHA-256 over everything planned: two plans with one hash are the same plan."""
    digest = hashlib.sha256(repr(season.city).encode())
    for wish in season.wishes:
        digest.update(repr(wish).encode())
    return digest.hexdigest()


def _bargain(rng: random.Random, shop: OrgPlan, model: ModelPlan) -> PurchasePlan:
    numbers = assumptions.numbers()
    follows_through = rules.picks(rng, numbers["won_then_buys_bps"])
    discount_fen = 0
    if rules.picks(rng, numbers["discount_bps"]):
        discount_fen = model.price_fen * rng.randint(100, numbers["discount_max_bps"]) // 10_000
        discount_fen -= discount_fen % 1000
    return PurchasePlan(
        shop=shop.key,
        gtin=model.gtin,
        list_price_fen=model.price_fen,
        discount_fen=discount_fen,
        channel="online" if rules.picks(rng, numbers["online_bps"]) else "shop",
        delay_days=rng.choice((0, 0, 1, 1, 2)) if follows_through else None,
        minute=rng.randint(10 * 60, 20 * 60),
        evidence_days=rng.choice((0, 1, 1, 2, 3)),
        returns_after_days=rng.randint(1, 7) if rules.picks(rng, numbers["returns_bps"]) else None,
    )


def is_eligible(model: ModelPlan) -> bool:
    """What the 2026 rule pays for: grade 1, or digital goods up to 6,000 yuan."""
    if city.is_digital(model.category_code):
        return model.price_fen <= 600_000
    return model.energy_grade == 1


def _with_slip(rng: random.Random, purchase: PurchasePlan, *, digital: bool) -> PurchasePlan:
    """Let one sale in so many carry an honest mistake."""
    numbers = assumptions.numbers()
    kind = "digital" if digital else "appliance"
    slips = (
        (Slip.WRONG_SERIAL, numbers[f"evidence_defect_{kind}_bps"] * 4 // 10),
        (Slip.NO_LOCATION, numbers[f"evidence_defect_{kind}_bps"] * 6 // 10),
        (Slip.MISSING_PAPER, numbers["evidence_late_bps"]),
        (Slip.FAMILY_INVOICE, numbers["family_invoice_bps"]),
        (Slip.PHOTO, numbers["honest_photo_slip_bps"]),
        (Slip.PRICE, numbers["honest_price_slip_bps"]),
    )
    at = rng.randrange(10_000)
    for slip, chance_bps in slips:
        if at < chance_bps:
            if slip is Slip.PRICE:
                purchase = replace(purchase, list_price_fen=purchase.list_price_fen + 20_000)
            return replace(purchase, slip=slip)
        at -= chance_bps
    return purchase


def _pick_up(rng: random.Random, on: date, demand: Demand, *, wants_voucher: bool) -> PickUpPlan:
    numbers = assumptions.numbers()
    chooses_voucher = rules.picks(rng, numbers["voucher_choice_bps"])
    return PickUpPlan(
        book_on=on,
        slot_days=rng.choice((1, 1, 2, 3)),
        slot=rng.choice(SLOTS),
        choice="voucher" if chooses_voucher and wants_voucher else "cash",
        is_cancelled=rules.picks(rng, numbers["order_cancelled_bps"]),
        unit=OldUnitPlan(
            category_code=demand.category_code,
            age_band=rules.choose(rng, ("under_3", "3_to_8", "over_8"), (1, 35, 64)),
            is_working=rules.picks(rng, demand.works_bps),
            is_complete=not rules.picks(rng, 600),
            brand_tier=rng.choice(("high", "middle", "middle", "low")),
            differs=rules.picks(rng, numbers["unit_differs_bps"]),
        ),
    )
