"""Orders reach the nearest recycler, get a van, and keep the hour they were promised."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from huanxin.identity.models import Organisation
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import _routing, models
from huanxin.recycling.selectors import order_book, route_book
from huanxin.recycling.services import dispatching, preparing
from huanxin.recycling.types import OrderState, Slot
from huanxin.recycling.types.orders import OrderCard
from huanxin.recycling.types.routes import NewVan, RoutePlan
from tests import given, given_recycling

pytestmark = pytest.mark.django_db
DAY = given_recycling.DAY


def _plan(actor: given.Actor) -> list[RoutePlan]:
    return dispatching.plan_routes(actor=actor, on=DAY, region_path=given.COUNTY_PATH)


def _booked(count: int, slots: tuple[Slot, ...] = tuple(Slot)) -> list[OrderCard]:
    return [
        given_recycling.booked(slot=slots[n % len(slots)], shift_e6=n * 3_000) for n in range(count)
    ]


def test_the_overnight_plan_visits_every_door_once_within_its_window_and_load() -> None:
    here = given_recycling.city(vans=2)
    orders = {order.id: order for order in _booked(12)}

    plans = _plan(here.manager)

    visited = [stop.order_id for plan in plans for stop in plan.stops]
    assert sorted(visited) == sorted(orders)
    for plan in plans:
        assert len(plan.stops) <= 14
        for stop in plan.stops:
            start, end = orders[stop.order_id].slot.hours
            assert clock.moment(DAY, start) <= stop.arrive_at
            assert stop.leave_at <= clock.moment(DAY, end)
        for before, after in zip(plan.stops, plan.stops[1:], strict=False):
            assert before.leave_at < after.arrive_at
    states = {card.state for card in order_book.cards(list(orders))}
    assert states == {OrderState.ASSIGNED}


def test_the_same_day_is_planned_the_same_way_twice() -> None:
    depot = _routing.Point(given_recycling.LAT_E6, given_recycling.LON_E6)
    vans = [_routing.Van(UUID(int=n), depot, 14) for n in (1, 2)]
    calls = [_routing.Call(UUID(int=n), _point(n), 9 * 60, 11 * 60, 1) for n in range(10, 18)]

    assert _routing.plan(calls, vans) == _routing.plan(calls, vans)


def test_planning_again_leaves_what_was_promised() -> None:
    here = given_recycling.city(vans=1)
    _booked(3)
    first = _plan(here.manager)

    late = given_recycling.booked(slot=Slot.AFTERNOON_LATE)
    second = _plan(here.manager)

    assert second == []  # the only van has its route
    assert route_book.list_routes(here.manager.scope, on=DAY) == first
    assert order_book.cards([late.id])[0].state == OrderState.BOOKED


def test_a_later_order_is_slipped_in_and_no_promised_stop_moves() -> None:
    here = given_recycling.city(vans=1)
    _booked(4)
    promised = {s.order_id: s.arrive_at for plan in _plan(here.manager) for s in plan.stops}
    late = given_recycling.booked(slot=Slot.AFTERNOON_EARLY, shift_e6=5_000)

    count = dispatching.dispatch_waiting(actor=here.manager)

    stops = {s.order_id: s for s in route_book.list_routes(Scope(), on=DAY)[0].stops}
    assert count == 1
    assert {oid: stops[oid].arrive_at for oid in promised} == promised
    assert stops[late.id].is_inserted
    card = order_book.cards([late.id])[0]
    assert (card.state, card.assigned_at) == (OrderState.ASSIGNED, given_recycling.EVENING)
    assert dispatching.dispatch_waiting(actor=here.manager) == 0


def test_an_order_that_fits_nowhere_waits_instead_of_moving_others() -> None:
    here = given_recycling.city(vans=1)
    orders = _booked(4, (Slot.MORNING_EARLY,))
    _plan(here.manager)
    models.Van.objects.update(shift_to_minute=14 * 60)
    late = given_recycling.booked(slot=Slot.AFTERNOON_EARLY)

    dispatching.dispatch_waiting(actor=here.manager)

    card = order_book.cards([late.id])[0]
    assert (card.state, card.recycler_org_id) == (OrderState.BOOKED, here.recycler_id)
    assert models.RouteStop.objects.count() == len(orders)


def test_a_full_van_unloads_at_its_depot_and_sets_out_again() -> None:
    here = given_recycling.city(vans=1)
    _booked(6)
    _plan(here.manager)
    models.Van.objects.update(capacity_units=6)
    late = given_recycling.booked(slot=Slot.AFTERNOON_LATE)

    dispatching.dispatch_waiting(actor=here.manager)

    stop = models.RouteStop.objects.get(order_id=late.id)
    assert (stop.trip, stop.is_inserted) == (1, True)
    before = models.RouteStop.objects.filter(trip=0).order_by("-leave_at").first()
    assert before is not None
    assert stop.arrive_at >= before.leave_at + timedelta(minutes=_routing.UNLOAD_MINUTES)


def test_a_crew_without_the_skill_or_the_lift_is_not_sent() -> None:
    depot = _routing.Point(given_recycling.LAT_E6, given_recycling.LON_E6)
    able = _routing.Van(UUID(int=1), depot, 14)
    unable = _routing.Van(UUID(int=2), depot, 14, skills=frozenset({"lift"}))
    call = replace(_call(9, _point(3), 9, 11), needs=frozenset({"refrigerant"}))

    plans = _routing.plan([call], [unable, able])
    empty = [_routing.Route(unable, (), 0)]

    assert [(p.van.van_id, len(p.visits)) for p in plans if p.visits] == [(able.van_id, 1)]
    assert _routing.insert(call, empty) is None
    assert _routing.insert(replace(call, needs=frozenset()), empty) is not None
    assert _routing.insert(replace(call, needs=frozenset(), kilograms=1_501), empty) is None


def test_an_order_is_offered_at_once_to_the_nearest_recycler_of_its_county() -> None:
    near = given_recycling.city()
    far = given.organisation(OrgKind.RECYCLER)
    elsewhere = given.organisation(OrgKind.RECYCLER)
    Organisation.objects.filter(pk=far).update(lat_e6=36_900_000, lon_e6=116_400_000)
    Organisation.objects.filter(pk=elsewhere).update(
        lat_e6=given_recycling.LAT_E6 + 4_000, lon_e6=given_recycling.LON_E6 + 4_000
    )
    preparing.register_vans(
        actor=given.system(),
        vans=[NewVan(far, "远 1", given.COUNTY), NewVan(elsewhere, "邻 1", "371521")],
    )
    order = given_recycling.booked()

    dispatching.dispatch_waiting(actor=given.system())

    card = order_book.cards([order.id])[0]
    assert (card.recycler_org_id, card.offered_at) == (near.recycler_id, given_recycling.EVENING)
    offered = AuditEntry.objects.get(action="recycling.offered")
    assert (offered.subject_id, offered.org_id) == (str(order.id), near.recycler_id)


def test_jobs_come_in_driving_order_to_the_recycler_they_belong_to() -> None:
    here = given_recycling.city(vans=1)
    _booked(4)
    _plan(here.manager)

    jobs = route_book.list_jobs(here.collector.scope, on=DAY)

    assert [job.position for job in jobs] == [1, 2, 3, 4]
    assert [job.arrive_at for job in jobs] == sorted(job.arrive_at for job in jobs)
    assert all(len(job.units) == 1 for job in jobs)
    stranger = Scope(region_path=given.COUNTY_PATH, org_id=uuid4())
    assert route_book.list_jobs(stranger, on=DAY) == []
    assert route_book.list_jobs(here.collector.scope, on=DAY + timedelta(days=1)) == []


def test_the_cheapest_gap_is_taken_and_a_gap_too_tight_is_not() -> None:
    depot = _routing.Point(given_recycling.LAT_E6, given_recycling.LON_E6)
    van = _routing.Van(UUID(int=1), depot, 14)
    first = _routing.Visit(_call(1, _point(0), 9, 11), 9 * 60, 9 * 60 + 10)
    second = _routing.Visit(_call(2, _point(9), 9, 11), 9 * 60 + 25, 9 * 60 + 35)
    route = _routing.Route(van, (first, second), 0)

    between = _routing.insert(_call(3, _point(4), 9, 11), [route])
    after = _routing.insert(_call(3, _point(4), 14, 16), [route])

    assert between is not None
    assert between.visit.arrive > second.leave  # the gap of 15 minutes is too tight
    assert after is not None
    assert after.visit.arrive == 14 * 60
    assert _routing.insert(_call(3, _point(4), 9, 11), [route], not_before=11 * 60) is None


def _point(n: int) -> _routing.Point:
    return _routing.Point(given_recycling.LAT_E6 + n * 2_000, given_recycling.LON_E6 + n * 2_000)


def _call(n: int, point: _routing.Point, opens: int, closes: int) -> _routing.Call:
    return _routing.Call(UUID(int=n), point, opens * 60, closes * 60, 1)
