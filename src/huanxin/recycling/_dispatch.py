"""Mechanics of dispatch: whom an order is offered to, the day's routes, insertion into them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Scope
from huanxin.recycling import _routing, models
from huanxin.recycling.types import OrderState, Slot


def depots(org_ids: Iterable[UUID]) -> dict[UUID, _routing.Point]:
    """Where recyclers' vans start; an organisation without coordinates is left out."""
    wanted = set(org_ids)
    return {
        org.id: _routing.Point(org.lat_e6, org.lon_e6)
        for org in identity.list_organisations(Scope(), kind=OrgKind.RECYCLER)
        if org.id in wanted and org.lat_e6 is not None and org.lon_e6 is not None
    }


def nearest(
    order: models.Order, vans: Sequence[models.Van], places: dict[UUID, _routing.Point]
) -> UUID | None:
    """The recycler to offer an order to: one that serves its county, nearest depot first."""
    here = _routing.Point(order.lat_e6, order.lon_e6)
    serving = [
        van
        for van in vans
        if order.region_path.startswith(van.region_path) and van.organisation_id in places
    ]
    if not serving:
        return None
    best = min(
        serving,
        key=lambda v: (
            _routing.distance_m(places[v.organisation_id], here),
            str(v.organisation_id),
        ),
    )
    return best.organisation_id


def call_of(order: models.Order, unit_count: int) -> _routing.Call:
    opens, closes = Slot(order.slot).hours
    return _routing.Call(
        order.id, _routing.Point(order.lat_e6, order.lon_e6), opens * 60, closes * 60, unit_count
    )


def van_of(van: models.Van, place: _routing.Point) -> _routing.Van:
    return _routing.Van(van.id, place, van.capacity_units)


def at(on: date, minute: int) -> datetime:
    """An instant from a day and minutes after midnight."""
    return clock.moment(on) + timedelta(minutes=minute)


def minute_of(moment: datetime) -> int:
    local = moment.astimezone(clock.SHANGHAI)
    return local.hour * 60 + local.minute


def unit_counts(orders: Iterable[models.Order]) -> dict[UUID, int]:
    counts: dict[UUID, int] = defaultdict(int)
    rows = models.Unit.objects.filter(order__in=list(orders)).values_list("order_id", flat=True)
    for order_id in rows:
        counts[order_id] += 1
    return counts


def lay_routes(
    plans: Sequence[_routing.Route], on: date, vans: dict[UUID, models.Van]
) -> list[models.Route]:
    """Store a day's planned routes and their stops."""
    now = clock.now()
    routes: list[models.Route] = []
    stops: list[models.RouteStop] = []
    for plan in plans:
        route = models.Route(
            id=ids.new_id(),
            van_id=plan.van.van_id,
            organisation_id=vans[plan.van.van_id].organisation_id,
            route_on=on,
            distance_m=plan.distance_m,
            planned_at=now,
        )
        routes.append(route)
        stops.extend(
            models.RouteStop(
                route=route,
                order_id=visit.call.order_id,
                arrive_at=at(on, visit.arrive),
                leave_at=at(on, visit.leave),
            )
            for visit in plan.visits
        )
    models.Route.objects.bulk_create(routes)
    models.RouteStop.objects.bulk_create(stops)
    return routes


def running(on: date, org_id: UUID) -> list[tuple[models.Route, _routing.Route]]:
    """A recycler's routes of a day as the insertion sees them."""
    routes = list(
        models.Route.objects.filter(route_on=on, organisation_id=org_id).select_related("van")
    )
    stops = models.RouteStop.objects.filter(route__in=routes).select_related("order")
    by_route: dict[UUID, list[models.RouteStop]] = defaultdict(list)
    for stop in stops.order_by("arrive_at"):
        by_route[stop.route_id].append(stop)
    places = depots([org_id])
    counts = unit_counts([stop.order for line in by_route.values() for stop in line])
    result = []
    for route in routes:
        visits = tuple(
            _routing.Visit(
                call_of(stop.order, counts[stop.order_id]),
                minute_of(stop.arrive_at),
                minute_of(stop.leave_at),
            )
            for stop in by_route[route.id]
        )
        van = van_of(route.van, places[org_id])
        result.append((route, _routing.Route(van, visits, route.distance_m)))
    return result


def assign(orders: Sequence[models.Order], now: datetime) -> None:
    """Mark orders as having a van and a promised time."""
    models.Order.objects.filter(pk__in=[order.pk for order in orders]).update(
        state=OrderState.ASSIGNED, assigned_at=now
    )
    for order in orders:
        order.state, order.assigned_at = OrderState.ASSIGNED, now


def lock_waiting(region_path: str, *, on: date | None, limit: int | None) -> list[models.Order]:
    """Booked orders of a region (and day), held, oldest first; others' locked ones are skipped."""
    rows = models.Order.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    rows = rows.filter(state=OrderState.BOOKED)
    if region_path:
        rows = rows.filter(
            Q(region_path=region_path) | Q(region_path__startswith=region_path + "/")
        )
    rows = rows.filter(slot_on=on) if on is not None else rows.filter(slot_on__gte=clock.today())
    return list(rows.order_by("booked_at", "pk")[:limit])


def offer(orders: Sequence[models.Order]) -> list[models.Order]:
    """Give each order without a recycler the nearest one that serves its county."""
    fresh = [order for order in orders if order.organisation_id is None]
    if not fresh:
        return []
    vans = list(models.Van.objects.filter(is_active=True))
    places = depots(van.organisation_id for van in vans)
    now = clock.now()
    offered = []
    for order in fresh:
        org_id = nearest(order, vans, places)
        if org_id is not None:
            order.organisation_id, order.offered_at = org_id, now
            offered.append(order)
    models.Order.objects.bulk_update(offered, ["organisation", "offered_at"])
    return offered


def plan_day(
    orders: Sequence[models.Order], on: date
) -> tuple[list[models.Route], list[models.Order]]:
    """Plan each recycler's idle vans over its orders of the day."""
    by_org: dict[UUID, list[models.Order]] = defaultdict(list)
    for order in orders:
        if order.organisation_id is not None:
            by_org[order.organisation_id].append(order)
    busy = models.Route.objects.filter(route_on=on).values_list("van_id", flat=True)
    idle = models.Van.objects.filter(is_active=True, organisation_id__in=list(by_org))
    vans = {van.id: van for van in idle.exclude(pk__in=list(busy)).order_by("pk")}
    places = depots(by_org)
    counts = unit_counts(orders)
    routes: list[models.Route] = []
    for org_id in sorted(by_org, key=str):
        mine = [v for v in vans.values() if v.organisation_id == org_id]
        plans = _routing.plan(
            [call_of(order, counts[order.id]) for order in by_org[org_id]],
            [van_of(van, places[org_id]) for van in mine],
        )
        routes.extend(lay_routes(plans, on, vans))
    placed = set(
        models.RouteStop.objects.filter(route__in=routes).values_list("order_id", flat=True)
    )
    assigned = [order for order in orders if order.id in placed]
    assign(assigned, clock.now())
    return routes, assigned


def insert_waiting(orders: Sequence[models.Order]) -> list[models.Order]:
    """Slip offered orders into their recycler's routes of their day, cheapest place first."""
    groups: dict[tuple[UUID, date], list[models.Order]] = defaultdict(list)
    for order in orders:
        if order.organisation_id is not None:
            groups[(order.organisation_id, order.slot_on)].append(order)
    planned = models.Route.objects.filter(
        route_on__in={on for _, on in groups}, organisation_id__in={org for org, _ in groups}
    )
    held = planned.select_for_update(no_key=True).order_by("pk")
    live = set(held.values_list("organisation_id", "route_on"))
    inserted: list[models.Order] = []
    for key in sorted(live & groups.keys(), key=str):
        inserted.extend(_insert_group(groups[key], org_id=key[0], on=key[1]))
    if inserted:
        assign(inserted, clock.now())
    return inserted


def _insert_group(waiting: Sequence[models.Order], *, org_id: UUID, on: date) -> list[models.Order]:
    """Try one recycler's waiting orders of a day in turn; each sees where the last one went."""
    routes = {row.van_id: (row, plan) for row, plan in running(on, org_id)}
    counts = unit_counts(waiting)
    earliest = minute_of(clock.now()) if on == clock.today() else 0
    stops, placed = [], []
    for order in waiting:
        call = call_of(order, counts[order.id])
        found = _routing.insert(call, [plan for _, plan in routes.values()], not_before=earliest)
        if found is None:
            continue
        row, plan = routes[found.van_id]
        routes[found.van_id] = (row, _routing.with_visit(plan, found))
        placed.append(order)
        stops.append(
            models.RouteStop(
                route=row,
                order=order,
                arrive_at=at(on, found.visit.arrive),
                leave_at=at(on, found.visit.leave),
                is_inserted=True,
            )
        )
    models.RouteStop.objects.bulk_create(stops)
    for row, plan in routes.values():
        row.distance_m = plan.distance_m
    models.Route.objects.bulk_update([row for row, _ in routes.values()], ["distance_m"])
    return placed
