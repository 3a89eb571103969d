"""When a station is open: kept by its manager, told to everyone, and a booking keeps to it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity import models, selectors
from huanxin.identity.errors import NotAllowed, OpeningInvalid
from huanxin.identity.services import opening
from huanxin.identity.types import DayHours, Opening, OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.models import AuditEntry
from tests import given

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 8, 3)
WEEKDAYS = [DayHours(n, time(9), time(17, 30)) for n in range(1, 6)]


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(clock.moment(MONDAY, 8)):
        yield


def keeper(station):
    actor = given.staff(Role.STATION_CLERK, org_id=station)
    return replace(actor, permissions=actor.permissions | {"identity.set_hours"})


def test_a_published_week_replaces_the_one_before_and_leaves_a_line():
    station = given.organisation(OrgKind.STATION)
    opening.set_hours(actor=keeper(station), org_id=station, week=[DayHours(7, time(8), time(9))])
    found = opening.set_hours(actor=keeper(station), org_id=station, week=WEEKDAYS[::-1])

    assert found == selectors.get_opening(station) == Opening(tuple(WEEKDAYS))
    line = AuditEntry.objects.filter(action="identity.hours_set").latest("id")
    assert line.facts["week"][0] == "1 09:00-17:30"


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [("2026-08-03 08:59", False), ("2026-08-03 09:00", True), ("2026-08-03 17:29", True),
     ("2026-08-03 17:30", False), ("2026-08-08 10:00", False), ("2026-08-04 10:00", False)],
)  # fmt: skip
def test_it_is_open_from_the_first_minute_to_the_last_and_not_on_a_closed_day(moment, is_open):
    station = given.organisation(OrgKind.STATION)
    opening.set_hours(actor=keeper(station), org_id=station, week=WEEKDAYS)
    opening.close_on(
        actor=keeper(station), org_id=station, on=MONDAY + timedelta(days=1), why="盘点"
    )
    assert selectors.get_opening(station).is_open(datetime.fromisoformat(moment)) is is_open


def test_a_closed_day_is_taken_back_and_a_past_one_is_told_no_more():
    station = given.organisation(OrgKind.STATION)
    for _ in range(2):
        opening.close_on(actor=keeper(station), org_id=station, on=MONDAY, why="盘点")
    assert models.ClosedDay.objects.count() == 1
    with clock.standing_at(clock.moment(MONDAY + timedelta(days=1))):
        assert selectors.get_opening(station).closed == ()
    assert opening.reopen_on(actor=keeper(station), org_id=station, on=MONDAY).closed == ()


@pytest.mark.parametrize(
    "week",
    [
        [DayHours(1, time(17), time(9))],
        [DayHours(1, time(9), time(9))],
        [DayHours(1, time(9), time(10)), DayHours(1, time(14), time(17))],
        [DayHours(8, time(9), time(10))],
    ],
)
def test_hours_that_are_none_are_refused_and_nothing_is_written(week):
    station = given.organisation(OrgKind.STATION)
    with pytest.raises(OpeningInvalid):
        opening.set_hours(actor=keeper(station), org_id=station, week=week)
    assert models.OpenDay.objects.count() == 0


@pytest.mark.parametrize(("ahead", "why"), [(-1, "盘点"), (367, "盘点"), (1, " "), (1, "长" * 61)])
def test_a_closed_day_is_ahead_and_says_why(ahead, why):
    station = given.organisation(OrgKind.STATION)
    with pytest.raises(OpeningInvalid):
        opening.close_on(
            actor=keeper(station), org_id=station, on=MONDAY + timedelta(days=ahead), why=why
        )
    assert models.ClosedDay.objects.count() == 0


def test_a_clerk_and_another_stations_keeper_change_nothing():
    station = given.organisation(OrgKind.STATION)
    for actor in (
        given.staff(Role.STATION_CLERK, org_id=station),
        keeper(given.organisation(OrgKind.STATION)),
    ):
        with pytest.raises(NotAllowed):
            opening.set_hours(actor=actor, org_id=station, week=WEEKDAYS)
        with pytest.raises(NotAllowed):
            opening.close_on(actor=actor, org_id=station, on=MONDAY, why="盘点")
        with pytest.raises(NotAllowed):
            opening.reopen_on(actor=actor, org_id=station, on=MONDAY)
    assert models.OpenDay.objects.count() == 0


def test_the_table_refuses_what_the_rule_would():
    station = given.organisation(OrgKind.STATION)
    for bad in ({"weekday": 8}, {"opens": time(18)}):
        row = {"weekday": 1, "opens": time(9), "closes": time(17)} | bad
        with pytest.raises(IntegrityError), transaction.atomic():
            models.OpenDay.objects.create(organisation_id=station, **row)
    assert selectors.openings_of([station]) == {}
