"""Plays a season day by day. A day happens whole or not at all, so it can be taken up anywhere.

Each day is one transaction: its acts and the mark that it was played. The journal after the day
is laid beside the old one before the commit and takes its place after it, so that a kill at any
instant leaves either yesterday or today, never half a day (ADR 072).
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from huanxin.kernel import clock, ids, requests
from huanxin.kernel.actor import system_actor
from huanxin.kernel.errors import RequestReused
from huanxin.simulation import (
    _build,
    _desk,
    _journal,
    _pickups,
    _release,
    _shopping,
    demand,
    frauds,
    rules,
)
from huanxin.simulation._agenda import Agenda
from huanxin.simulation._build import City
from huanxin.simulation._journal import Journal
from huanxin.simulation._stage import Stage
from huanxin.simulation.errors import AnotherCity, SeasonOfAnotherVersion
from huanxin.simulation.types import CityPlan, SeasonPlan

Progress = Callable[[int, int, str], None]

FIRST_ON, LAST_ON = date(2026, 6, 1), date(2026, 8, 31)
_DAY_PLAYED, _CITY_TAKEN = "simulation.day_played", "simulation.city_taken"
_MARKER = system_actor("演示数据")
_PARTS = (_desk, _release, _pickups, _shopping)


def plan(city: CityPlan, first_on: date, last_on: date) -> SeasonPlan:
    """The season with its frauds, from the city's seed alone."""
    return frauds.add_frauds(demand.plan_season(city, first_on=first_on, last_on=last_on))


def take_up(folder: Path, season: SeasonPlan, city: City) -> Journal:
    """The journal to go on from: of this very plan in this very database, else a fresh one.

    A season that another version of this code has finished stays as it is: its journal is then one
    that has nothing left to play. Raises SeasonOfAnotherVersion for a season half played that
    cannot be gone on with.
    """
    seed, scale = season.city.seed, season.city.scale
    fresh = Journal(_build.fingerprint(city.logins), seed, scale, demand.plan_hash(season))
    for journal in (_journal.load_next(folder), _journal.load(folder)):
        if journal is None:
            continue
        ours = (journal.fingerprint, journal.plan_hash) == (fresh.fingerprint, fresh.plan_hash)
        if ours and journal.last_day and is_played(seed, journal.last_day):
            return journal
    if is_played(seed, season.last_on):
        return replace(fresh, done_on=season.last_on.isoformat(), is_foreign=True)
    if is_played(seed, season.first_on):
        raise SeasonOfAnotherVersion
    return fresh


def take_city(seed: int, scale: int) -> None:
    """One database, one city: whoever builds first says which. Another raises AnotherCity."""
    city_id = rules.request_id(0, "city")
    with transaction.atomic():
        try:
            if requests.first_answer(_MARKER, _CITY_TAKEN, city_id, [seed, scale]) is None:
                requests.remember(_MARKER, _CITY_TAKEN, city_id, {"seed": seed, "scale": scale})
        except RequestReused as reused:
            raise AnotherCity(seed=seed, scale=scale) from reused


def play(stage: Stage, folder: Path, progress: Progress) -> None:
    """Play every day that is left."""
    season, journal = stage.season, stage.journal
    total = (season.last_on - season.first_on).days + 1
    _journal.save_truth(folder, frauds.truth(season))
    on = journal.last_day + timedelta(days=1) if journal.last_day else season.first_on
    stage.welcome_back()
    try:
        while on <= season.last_on:
            progress((on - season.first_on).days, total, f"{on:%m月%d日}")
            began = time.monotonic()
            play_day(stage, folder, on)
            journal.seconds += time.monotonic() - began
            on += timedelta(days=1)
            if on > season.last_on:
                clock.set_clock(clock.moment(on, 9))
    finally:
        ids.seed(None)
    progress(total, total, "完成")


def play_day(stage: Stage, folder: Path, on: date) -> None:
    """One day, its mark and its journal: all of it or nothing."""
    with transaction.atomic():
        agenda = Agenda(on)
        for part in _PARTS:
            part.plan_day(stage, agenda)
        acts = agenda.play(lambda day, label: _build.seed_ids(stage.seed, day, label))
        stage.journal.count("acts", acts)
        stage.journal.done_on = on.isoformat()
        _mark_played(stage.seed, on)
        _journal.save_next(folder, stage.journal)
    _journal.promote_next(folder)


def is_played(seed: int, on: date) -> bool:
    """Whether the database holds that day: asked of the platform's own request store."""
    with transaction.atomic():
        answer = requests.first_answer(_MARKER, _DAY_PLAYED, _day_id(seed, on), str(on))
        transaction.set_rollback(answer is None)
    return answer is not None


def _mark_played(seed: int, on: date) -> None:
    requests.first_answer(_MARKER, _DAY_PLAYED, _day_id(seed, on), str(on))
    requests.remember(_MARKER, _DAY_PLAYED, _day_id(seed, on), {"on": str(on)})


def _day_id(seed: int, on: date) -> UUID:
    return rules.request_id(seed, "day", on)
