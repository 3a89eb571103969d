"""Frauds that the twin commits on purpose, and the truth about them. Pure.

The truth never enters the platform: it is written beside the replay's own state, and only the
scoring after the replay reads it (ADR 073).
"""

import csv
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from importlib import resources

from huanxin.simulation import city, rules
from huanxin.simulation.demand import is_eligible
from huanxin.simulation.residents import Residents
from huanxin.simulation.types import (
    CityPlan,
    ModelPlan,
    OrgPlan,
    Pattern,
    PurchasePlan,
    Scheme,
    SeasonPlan,
    Wish,
)

FRAUD_HOUSEHOLDS = 90_000  # doors that honest demand never draws
RING_FROM_MINUTE = 19 * 60 + 20
LAST_MINUTE = 20 * 60 + 30


@cache
def schemes() -> tuple[Scheme, ...]:
    """How often each pattern is committed at scale 100, and how."""
    text = resources.files("huanxin.simulation").joinpath("data/schemes.csv").read_text("utf-8")
    return tuple(
        Scheme(Pattern(r["pattern"]), int(r["times"]), int(r["size"]), int(r["gap_minutes"]))
        for r in csv.DictReader(text.splitlines())
    )


def add_frauds(season: SeasonPlan) -> SeasonPlan:
    """The same season with the crooked shops' wishes among the others, in order of day."""
    plan = season.city
    taken = {wish.resident.document_no for wish in season.wishes}
    residents = Residents(plan, first_order=900_001, taken=taken)
    crooked = [shop for shop in plan.shops if shop.is_crooked]
    added: list[Wish] = []
    for number, scheme in enumerate(schemes()):
        times = max(1, round(scheme.times * 100 / plan.scale))
        for time in range(times):
            shop = crooked[(number + time) % len(crooked)]
            added += _commit(season, scheme, shop, f"{scheme.pattern}-{time}", residents)
    wishes = sorted((*season.wishes, *added), key=lambda w: (w.on, w.key))
    return replace(season, wishes=tuple(wishes))


def truth(season: SeasonPlan) -> dict[str, Pattern]:
    """Which wishes are frauds, by key. Of a ring that shares a thing, every part counts."""
    return {
        wish.key: wish.purchase.pattern
        for wish in season.wishes
        if wish.purchase is not None and wish.purchase.pattern is not None
    }


def _commit(
    season: SeasonPlan, scheme: Scheme, shop: OrgPlan, ring: str, residents: Residents
) -> list[Wish]:
    plan = season.city
    rng = rules.stream(plan.seed, "fraud", ring)
    days = (season.last_on - season.first_on).days
    on = _release_day(season, shop, rng.randrange(max(1, days * 8 // 10)))
    gap = max(1, scheme.gap_minutes * rng.randint(25, 100) // 100)
    start = RING_FROM_MINUTE if scheme.size > 4 else rng.randint(10 * 60, 15 * 60)
    model = rng.choice(_models(plan, scheme.pattern))
    county_doors = FRAUD_HOUSEHOLDS + 100 * sum(map(ord, ring))
    wishes = []
    for i in range(scheme.size):
        resident = residents.of(shop.region_code, county_doors + i, 0)
        purchase = PurchasePlan(
            shop=shop.key,
            gtin=model.gtin,
            list_price_fen=_price_fen(model, scheme.pattern, rng.randint(800, 2500)),
            discount_fen=0,
            channel="shop",
            delay_days=1,
            minute=min(start + i * gap, LAST_MINUTE),
            evidence_days=0,
            pattern=scheme.pattern,
            ring=ring,
        )
        wishes.append(
            Wish(
                key=f"{on:%m%d}-{shop.region_code}-{model.category_code}-{900 + i}-{ring}",
                resident=replace(resident, uses_station=False),
                category_code=model.category_code,
                on=on,
                tries=3,
                pick_up=None,
                purchase=purchase,
            )
        )
    return wishes


def _release_day(season: SeasonPlan, shop: OrgPlan, days: int) -> date:
    """The next release in the shop's county: cheats know the calendar. Else the day itself."""
    start = season.first_on + timedelta(days=days)
    ahead = [start + timedelta(days=i) for i in range((season.last_on - start).days - 2)]
    plan = season.city
    return next((on for on in ahead if city.is_release_day(plan, shop.region_code, on)), start)


def _models(plan: CityPlan, pattern: Pattern) -> list[ModelPlan]:
    """What a fraudster sells: bought rights go on dear goods, where the subsidy meets its cap."""
    appliances = [m for m in plan.models if m.energy_grade == 1 and is_eligible(m)]
    if pattern is Pattern.BOUGHT_VOUCHERS:
        return [m for m in appliances if m.price_fen >= 900_000]
    return [m for m in appliances if 200_000 <= m.price_fen <= 700_000]


def _price_fen(model: ModelPlan, pattern: Pattern, raise_bps: int) -> int:
    if pattern is not Pattern.PRICE_RAISED:
        return model.price_fen
    raised = model.price_fen * (10_000 + raise_bps) // 10_000
    return raised - raised % 10_000 + 9_900
