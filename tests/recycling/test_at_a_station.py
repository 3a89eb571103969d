"""An old unit is brought to a station while it is open, and nowhere else."""

from dataclasses import replace
from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.models import Organisation
from huanxin.identity.services import opening
from huanxin.identity.types import DayHours, OrgKind
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.errors import MoveRefused, StationClosed
from huanxin.recycling.services import booking
from huanxin.recycling.types import OrderMode, Slot
from huanxin.recycling.types.orders import OrderMove
from tests import given, given_recycling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _evening():
    with clock.standing_at(given_recycling.EVENING):
        given_recycling.city()
        yield


@pytest.fixture
def station():
    org_id = given.organisation(OrgKind.STATION)
    Organisation.objects.filter(pk=org_id).update(lat_e6=36_460_000, lon_e6=115_990_000)
    day = DayHours(given_recycling.DAY.isoweekday(), time(9), time(16))
    opening.set_hours(actor=given.system(), org_id=org_id, week=[day])
    return org_id


def bring(station, *, slot=Slot.MORNING_EARLY, **changes):
    who = given.person()
    order = given_recycling.new_order(who, slot=slot)
    order = replace(order, **({"mode": OrderMode.STATION, "station_id": station} | changes))
    return booking.book_order(actor=given.consumer(who), order=order, request_id=uuid4())


def test_a_unit_is_brought_to_the_stations_own_place(station):
    card = bring(station, slot=Slot.AFTERNOON_EARLY)
    row = models.Order.objects.get()
    assert (card.mode, card.station_id) == (OrderMode.STATION, station)
    assert (row.lat_e6, row.lon_e6, row.region_code) == (36_460_000, 115_990_000, given.COUNTY)
    assert models.SlotRoom.objects.get().taken == 1


@pytest.mark.parametrize(
    ("slot", "days", "said"),
    [
        (Slot.AFTERNOON_LATE, 0, "6月2日开放 09:00–16:00，不含 16–18 点"),
        (Slot.MORNING_EARLY, 1, "6月3日休息"),
    ],
)
def test_outside_its_hours_the_refusal_says_when_it_is_open(station, slot, days, said):
    on = given_recycling.DAY + timedelta(days=days)
    with pytest.raises(StationClosed, match=said):
        bring(station, slot=slot, slot_on=on)
    assert models.Order.objects.count() == models.SlotRoom.objects.count() == 0


def test_a_closed_day_and_a_station_that_published_nothing_are_refused(station):
    opening.close_on(
        actor=given.system(), org_id=station, on=given_recycling.DAY, why="停电检修"
    )  # fmt: skip
    with pytest.raises(StationClosed, match="6月2日休息"):
        bring(station)
    with pytest.raises(StationClosed, match="还没有公布开放时间"):
        bring(given.organisation(OrgKind.STATION))
    with pytest.raises(StationClosed, match="目前不办理收旧"):
        bring(given.organisation(OrgKind.RECYCLER))
    with pytest.raises(StationClosed, match="请选择一个服务站"):
        bring(None)
    assert models.Order.objects.count() == 0
    opening.reopen_on(actor=given.system(), org_id=station, on=given_recycling.DAY)
    assert bring(station).station_id == station  # the control


def test_a_door_order_forgets_a_station_and_the_table_keeps_them_apart(station):
    card = bring(station, mode=OrderMode.DOOR)
    assert card.station_id is None
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Order.objects.filter(pk=card.id).update(station_id=station)


def test_what_is_brought_is_not_moved_to_a_door(station):
    who = given.person()
    order = replace(
        given_recycling.new_order(who), mode=OrderMode.STATION, station_id=station
    )  # fmt: skip
    card = booking.book_order(actor=given.consumer(who), order=order, request_id=uuid4())
    move = OrderMove(given_recycling.DAY + timedelta(days=1), Slot.MORNING_LATE)
    with pytest.raises(MoveRefused, match="请取消后另选"):
        booking.move_order(
            actor=given.consumer(who), order_id=card.id, move=move, request_id=uuid4()
        )
