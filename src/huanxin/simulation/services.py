"""Build the city, replay its season, keep it alive. Drives the platform through its doors only."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.conf import settings

from huanxin.catalogue import services as catalogue
from huanxin.identity import selectors as identity
from huanxin.identity.services import admitting
from huanxin.indicators import selectors as indicators
from huanxin.indicators.types import Headline
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor, system_actor
from huanxin.ledger import selectors as ledger
from huanxin.policy import services as policy
from huanxin.recycling.services import preparing
from huanxin.simulation import (
    _build,
    _journal,
    _live,
    _scoring,
    _season,
    city,
    forgeries,
    frauds,
    lookalikes,
    measuring,
    trade,
)
from huanxin.simulation._build import CITY_PATH, City
from huanxin.simulation._bulk import Bulk
from huanxin.simulation._season import FIRST_ON, LAST_ON
from huanxin.simulation._stage import Stage
from huanxin.simulation.deals import Deal
from huanxin.simulation.measuring import Measured
from huanxin.simulation.types import CityPlan, CityResult, SeasonResult

Progress = Callable[[int, int, str], None]
SEED, SCALE = 2026, 100
SOLD_UNITS = 769_400  # new units sold through the city's platform in two years (domain.md A1)


def build_city(*, actor: Actor | None = None, scale: int = SCALE, seed: int = SEED) -> CityResult:
    """Lay down reference data, organisations, accounts, models, prices and the demo's people.

    Safe to repeat: what exists is left as it is. The actor needs every permission (the system's).
    """
    actor = actor or _twin()
    before = identity.find_account("wang")
    laid = _lay(actor, _plan_city(actor, scale, seed))
    return CityResult(dict(laid.org_ids), dict(laid.logins), is_new=before is None)


def replay_season(
    *,
    progress: Progress | None = None,
    scale: int = SCALE,
    seed: int = SEED,
    folder: Path | None = None,
    first_on: date = FIRST_ON,
    last_on: date = LAST_ON,
) -> SeasonResult:
    """Play the season through the public services, day by day; goes on after the last played day.

    One person of the twin stands for `scale` people. A finished season is not played again. The
    folder keeps the journal, the truth about the frauds and the result; the platform never sees
    them. Deterministic in seed, scale and days. Refuses a database with another city in it
    (AnotherCity) or with half a season of another version (SeasonOfAnotherVersion).
    """
    began = time.monotonic()
    folder = folder or state_folder()
    actor = _twin()
    plan = _plan_city(actor, scale, seed)
    season = _season.plan(plan, first_on, last_on)
    laid = _lay(actor, plan)
    journal = _season.take_up(folder, season, laid)
    if journal.is_foreign and (kept := _journal.load_result(folder)):
        return kept
    stage = Stage(season, laid, journal)
    _season.play(stage, folder, progress or _silent)
    result = SeasonResult(
        seed=seed,
        scale=scale,
        first_on=first_on,
        last_on=last_on,
        plan_hash=journal.plan_hash,
        counts=dict(sorted(journal.counts.items())),
        scores=_scoring.scores(stage, frauds.truth(season)),
        ledger_difference_fen=ledger.sum_check().difference_fen,
        seconds=time.monotonic() - began,
    )
    _journal.save_result(folder, result)
    return result


def live_trickle(
    *,
    stop: Callable[[], bool],
    folder: Path | None = None,
    scale: int = SCALE,
    seed: int = SEED,
) -> None:
    """Keep a little business going at the running clock until `stop` says so.

    Goes on where the season ended; survives a database that restarts; ends after the act in hand.
    """
    _live.run(stop, lambda: _stage_after(folder or state_folder(), scale, seed))


def measure_claims(
    *,
    seed: int,
    scale: int,
    first_on: date = trade.FIRST_ON,
    last_on: date = trade.LAST_ON,
    counts: tuple[int, int] | None = None,
    progress: Progress | None = None,
) -> Measured:
    """Play two years of claims, frauds among them, and compare what was found with the truth.

    At 1:scale of the city's 769,400 sold units, through the public services, in sets
    (docs/verification.md, "Accuracy"). Wants a database without a city. The truth stays in this
    process. Deterministic in seed, scale, days and counts: `counts` are honest and fraudulent sales
    where a sample wants more frauds than the city has.
    """
    _season.take_city(seed, scale)
    admitting.load_regions(actor=_twin())
    people = {
        region.code: region.population or 0
        for region in identity.list_regions(level="county", under=CITY_PATH)
    }
    bulk = Bulk(
        *plan_trade(
            people=people,
            seed=seed,
            scale=scale,
            first_on=first_on,
            last_on=last_on,
            counts=counts,
        )
    )
    bulk.lay()
    bulk.play(progress or _silent)
    difference_fen = ledger.sum_check().difference_fen
    return measuring.measured(bulk, scale=scale, ledger_difference_fen=difference_fen)


def plan_trade(
    *,
    people: Mapping[str, int],
    seed: int,
    scale: int,
    first_on: date = trade.FIRST_ON,
    last_on: date = trade.LAST_ON,
    counts: tuple[int, int] | None = None,
) -> tuple[trade.Market, list[Deal]]:
    """The sales that measure_claims plays, honest and not; the same for the same arguments."""
    plan = trade.market_plan(city.plan_city(people, seed=seed, scale=scale))
    market = trade.Market(plan, first_on, last_on)
    days = (last_on - first_on).days + 1
    whole = SOLD_UNITS // scale * days // ((trade.LAST_ON - trade.FIRST_ON).days + 1)
    frauds_count = whole * market.bps("fraud") // 10_000
    honest_count, frauds_count = counts or (whole - frauds_count, frauds_count)
    deals = lookalikes.look_alike(market, trade.honest_trade(market, honest_count))
    return market, deals + forgeries.commit(market, frauds_count)


def headline(*, first_on: date = FIRST_ON, last_on: date = LAST_ON, scale: int = SCALE) -> Headline:
    """The twin's figures beside the published ones, from the platform's own metrics."""
    scope = replace(_twin().scope, region_path=CITY_PATH)
    return indicators.read_headline(scope, first_on, last_on, scale=scale)


def state_folder() -> Path:
    """Where the twin keeps its own files: beside the platform's state, never in its database."""
    return Path(settings.STATE_FOLDER) / "twin"


def _twin() -> Actor:
    return system_actor("演示数据")


def _plan_city(actor: Actor, scale: int, seed: int) -> CityPlan:
    admitting.load_regions(actor=actor)
    counties = identity.list_regions(level="county", under=CITY_PATH)
    return city.plan_city({c.code: c.population or 0 for c in counties}, seed=seed, scale=scale)


def _lay(actor: Actor, plan: CityPlan) -> City:
    _season.take_city(plan.seed, plan.scale)
    with clock.standing_at(_build.OPENED_AT):
        catalogue.load_reference(actor=actor)
        policy.load_reference(actor=actor)
        preparing.load_reference(actor=actor)
    try:
        return _build.lay(actor, plan)
    finally:
        ids.seed(None)


def _stage_after(
    folder: Path, scale: int, seed: int, first_on: date = FIRST_ON, last_on: date = LAST_ON
) -> Stage:
    """The stage as the season left it."""
    actor = _twin()
    plan = _plan_city(actor, scale, seed)
    season = _season.plan(plan, first_on, last_on)
    laid = _lay(actor, plan)
    return Stage(season, laid, _season.take_up(folder, season, laid))


def _silent(done: int, total: int, label: str) -> None:
    del done, total, label
