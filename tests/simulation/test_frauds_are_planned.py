"""The twin cheats on purpose, and knows where."""

from collections import Counter
from datetime import date

from huanxin.simulation import city, demand, frauds
from huanxin.simulation.types import Pattern

POPULATIONS = {"371502": 1_008_594, "371522": 912_200}


def planned(scale=100):
    plan = city.plan_city(POPULATIONS, seed=3, scale=scale)
    honest = demand.plan_season(plan, first_on=date(2026, 6, 1), last_on=date(2026, 6, 30))
    return honest, frauds.add_frauds(honest)


def test_every_pattern_is_committed_as_often_as_its_scheme_says():
    _, season = planned()
    committed = Counter(frauds.truth(season).values())
    assert committed == {s.pattern: s.times * s.size for s in frauds.schemes()}


def test_a_small_city_still_meets_every_pattern_once():
    _, season = planned(scale=2000)
    assert set(frauds.truth(season).values()) == {scheme.pattern for scheme in frauds.schemes()}


def test_honest_wishes_stay_as_they_were():
    honest, season = planned()
    truth = frauds.truth(season)
    assert tuple(w for w in season.wishes if w.key not in truth) == tuple(
        sorted(honest.wishes, key=lambda w: (w.on, w.key))
    )


def test_only_crooked_shops_cheat_and_they_have_honest_customers_too():
    _, season = planned()
    crooked = {shop.key for shop in season.city.shops if shop.is_crooked}
    by_fraud = {w.purchase.shop for w in season.wishes if w.purchase and w.purchase.pattern}
    by_honest = {w.purchase.shop for w in season.wishes if w.purchase and not w.purchase.pattern}
    assert by_fraud <= crooked
    assert crooked <= by_honest


def test_a_raised_price_is_above_the_price_the_maker_filed():
    _, season = planned()
    filed = {model.gtin: model.price_fen for model in season.city.models}
    raised = [
        w.purchase
        for w in season.wishes
        if w.purchase and w.purchase.pattern is Pattern.PRICE_RAISED
    ]
    assert raised
    assert all(p.list_price_fen > filed[p.gtin] for p in raised)
