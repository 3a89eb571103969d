"""The plan of a city and its season depends on the seed and on nothing else."""

import csv
import os
import subprocess
import sys
from datetime import date
from importlib import resources

from huanxin.simulation import city, demand, frauds

POPULATIONS = {"371502": 1_008_594, "371522": 912_200, "371524": 346_100}
JUNE = {"first_on": date(2026, 6, 1), "last_on": date(2026, 6, 14)}

_HASH_IN_ANOTHER_PROCESS = """
from datetime import date
from importlib import resources
from huanxin.simulation import city, demand, frauds
plan = city.plan_city({populations!r}, seed=7, scale=100)
season = demand.plan_season(plan, first_on=date(2026, 6, 1), last_on=date(2026, 6, 14))
print(demand.plan_hash(frauds.add_frauds(season)))
"""


def season(seed, scale=100):
    plan = city.plan_city(POPULATIONS, seed=seed, scale=scale)
    return frauds.add_frauds(demand.plan_season(plan, **JUNE))


def test_one_seed_gives_one_plan_in_every_process():
    here = demand.plan_hash(season(7))
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": "src"}
    there = subprocess.run(
        [sys.executable, "-c", _HASH_IN_ANOTHER_PROCESS.format(populations=POPULATIONS)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert here == there
    assert here == demand.plan_hash(season(7))


def test_another_seed_gives_another_plan():
    assert demand.plan_hash(season(7)) != demand.plan_hash(season(8))


def test_a_day_does_not_depend_on_where_the_season_begins():
    plan = city.plan_city(POPULATIONS, seed=7, scale=100)
    whole = demand.plan_season(plan, **JUNE)
    late = demand.plan_season(plan, first_on=date(2026, 6, 10), last_on=date(2026, 6, 10))

    of_that_day = [w for w in whole.wishes if w.on == date(2026, 6, 10)]
    assert [w.key for w in late.wishes] == [w.key for w in of_that_day]
    assert [w.purchase for w in late.wishes] == [w.purchase for w in of_that_day]
    assert [w.pick_up for w in late.wishes] == [w.pick_up for w in of_that_day]


def test_the_scale_thins_the_city_in_proportion():
    fine, coarse = season(7, scale=100), season(7, scale=400)

    assert fine.city.people_count // 4 in range(
        coarse.city.people_count - 5, coarse.city.people_count + 5
    )
    honest = [
        [w for w in s.wishes if not w.purchase or not w.purchase.pattern] for s in (fine, coarse)
    ]
    assert 0.18 < len(honest[1]) / len(honest[0]) < 0.32


def test_demand_follows_ownership_life_and_heat():
    plan = city.plan_city(POPULATIONS, seed=7, scale=100)
    july, august = (
        demand.plan_season(plan, first_on=date(2026, m, 1), last_on=date(2026, m, 28))
        for m in (7, 8)
    )

    def bought(season, category_code):
        return sum(1 for w in season.wishes if w.purchase and w.category_code == category_code)

    assert bought(july, "air_conditioner") > 1.3 * bought(august, "air_conditioner")
    assert bought(july, "air_conditioner") > 2 * bought(july, "refrigerator")
    assert bought(july, "smart_glasses") < 10


def test_every_assumption_names_its_source_or_says_that_it_is_assumed():
    folder = resources.files("huanxin.simulation").joinpath("data")
    for name in ("assumptions", "ownership", "schemes", "materials"):
        rows = csv.DictReader(folder.joinpath(f"{name}.csv").read_text("utf-8").splitlines())
        silent = [row for row in rows if len(row["source"]) < 2]
        assert not silent, f"{name}.csv: where does this come from? {silent}"
