"""The city before the first day: people counts, shops, depots, makers, models. Pure."""

import random
from collections.abc import Mapping
from datetime import date

from huanxin.simulation import assumptions, rules
from huanxin.simulation.types import CityPlan, ModelPlan, OrgPlan

CITY = "371500"
_DIGITAL = frozenset({"phone", "tablet", "smart_watch", "smart_glasses"})
_SHOP_WORDS = ("湖畔", "新城", "光岳", "兴隆", "东关", "柳园", "阳光", "家和", "鲁西", "古城")
_RECYCLERS = ("绿湖", "运河", "鲁莘")
_DISMANTLERS = (("环净拆解", "371503"), ("再生源拆解", "371526"))
_STATIONS = ("371502", "371502", "371503", "371521", "371522", "371524", "371525", "371526",
             "371581", "371571")  # fmt: skip


def plan_city(populations: Mapping[str, int], *, seed: int, scale: int) -> CityPlan:
    """Lay out the city at one person for every `scale`; the same seed gives the same city."""
    people = tuple((code, count // scale) for code, count in sorted(populations.items()))
    size_x100 = assumptions.numbers()["household_size_x100"]
    return CityPlan(
        seed=seed,
        scale=scale,
        populations=people,
        households=tuple((code, max(1, count * 100 // size_x100)) for code, count in people),
        shops=_shops(populations, seed),
        depots=_depots(populations, seed),
        dismantlers=tuple(
            _org(
                seed,
                "dismantler",
                i,
                region_code=code,
                name=f"{name}有限公司（演示）",
                short_name=name,
            )
            for i, (name, code) in enumerate(_DISMANTLERS)
        ),
        stations=tuple(
            _org(
                seed,
                "station",
                i,
                region_code=code,
                name=f"{_office(code)}社区服务站{i + 1}（演示）",
                short_name=f"{_office(code)}服务站",
            )
            for i, code in enumerate(_STATIONS)
        ),
        makers=tuple(
            _org(
                seed,
                "maker",
                i,
                region_code=CITY,
                name=f"{brand.brand}电器有限公司（演示）",
                short_name=brand.brand,
            )
            for i, brand in enumerate(assumptions.brands())
        ),
        models=tuple(_models(seed)),
    )


def is_digital(category_code: str) -> bool:
    """Whether a category belongs to the digital programme."""
    return category_code in _DIGITAL


def programme(category_code: str) -> str:
    """The 2026 programme that pays for a category."""
    return "digital-2026" if is_digital(category_code) else "appliances-2026"


def is_release_day(plan: CityPlan, county: str, on: date) -> bool:
    """Every county has its weekday, every second week; between them most workdays have one."""
    order = [code for code, _ in plan.populations].index(county)
    return on.weekday() == order % 5 and on.isocalendar().week % 2 == order // 5 % 2


def recycler_of(county: str) -> int:
    """Which recycler (by order) serves a county: east, north-west, south-west."""
    if county in {"371581", "371525", "371526"}:
        return 1
    return 2 if county in {"371521", "371522"} else 0


def _shops(populations: Mapping[str, int], seed: int) -> tuple[OrgPlan, ...]:
    """One shop for every so many people, at least two a county; a few of them crooked."""
    per = assumptions.numbers()["shop_per_people"]
    places = [
        (code, i)
        for code in sorted(populations)
        for i in range(max(2, round(populations[code] / per)))
    ]
    count = min(3, len(places) * assumptions.numbers()["crooked_shop_bps"] // 10_000 + 1)
    # Cheats sit where most rights are released; each county's first shop stays honest.
    largest = sorted(populations, key=lambda code: -populations[code])[:2]
    likely = [order for order, (code, i) in enumerate(places) if i > 0 and code in largest]
    crooked = set(rules.stream(seed, "crooked").sample(likely, count))
    shops = []
    for order, (code, i) in enumerate(places):
        rng = rules.stream(seed, "shop", code, i)
        word = _SHOP_WORDS[i % len(_SHOP_WORDS)]
        shops.append(
            _org(
                seed,
                "shop",
                order,
                region_code=code,
                name=f"{_office(code)}{word}家电商场（演示）",
                short_name=f"{_office(code)}{word}",
                weight=rng.randint(4, 20),
                is_crooked=order in crooked,
            )
        )
    return tuple(shops)


def _depots(populations: Mapping[str, int], seed: int) -> tuple[OrgPlan, ...]:
    return tuple(
        _org(
            seed,
            "depot",
            order,
            region_code=code,
            name=f"{_RECYCLERS[recycler_of(code)]}再生资源{_office(code)}分拣中心（演示）",
            short_name=f"{_office(code)}分拣中心",
        )
        for order, code in enumerate(sorted(populations))
    )


def _org(
    seed: int,
    kind: str,
    order: int,
    *,
    region_code: str,
    name: str,
    short_name: str,
    weight: int = 1,
    is_crooked: bool = False,
) -> OrgPlan:
    kinds = ("shop", "depot", "dismantler", "station", "maker")
    lat, lon = place(rules.stream(seed, "place", kind, order), region_code)
    return OrgPlan(
        key=f"{kind}-{order:03d}",
        kind=kind,
        name=name,
        short_name=short_name,
        uscc=rules.uscc_code(region_code, kinds.index(kind) * 10_000 + order),
        region_code=region_code,
        lat_e6=lat,
        lon_e6=lon,
        weight=weight,
        is_crooked=is_crooked,
    )


def place(rng: random.Random, region_code: str) -> tuple[int, int]:
    """Somewhere around a county's seat, denser in the middle; micro-degrees."""
    seat = assumptions.counties().get(region_code) or assumptions.counties()["371502"]
    radius_m = assumptions.numbers()["collect_radius_m"]
    north, east = (rng.gauss(0, radius_m / 2.5) for _ in range(2))
    limit = float(radius_m)
    north, east = (max(-limit, min(limit, metres)) for metres in (north, east))
    return seat.lat_e6 + round(north * 9.0), seat.lon_e6 + round(east * 11.1)


def _models(seed: int) -> list[ModelPlan]:
    """Each kind of product by two brands: about 120 models, GTINs under 952."""
    found = []
    for item, kind in enumerate(assumptions.ranges()):
        makers = [
            (i, brand)
            for i, brand in enumerate(assumptions.brands())
            if kind.category_code in brand.category_codes
        ]
        for maker, brand in makers:
            rng = rules.stream(seed, "model", item, maker)
            low, high = kind.low_yuan // 100, kind.high_yuan // 100
            yuan = (high if brand.tier == "high" else rng.randint(low, high)) * 100 + 99
            found.append(
                ModelPlan(
                    gtin=rules.gtin_code(maker + 1, item + 1),
                    brand=brand.brand,
                    name=f"{brand.brand} {kind.kind}",
                    category_code=kind.category_code,
                    energy_grade=kind.grade,
                    price_fen=min(yuan, kind.high_yuan) * 100,
                    weight=kind.weight,
                )
            )
    return found


def _office(region_code: str) -> str:
    county = assumptions.counties().get(region_code)
    return county.office if county else "聊城"
