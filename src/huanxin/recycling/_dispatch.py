"""Mechanics of dispatch: orders as calls, the day's routes, insertion into them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from huanxin.kernel import clock, ids
from huanxin.recycling import _fairness, _offers, _routing, models
from huanxin.recycling.types import OfferState, OrderMode, OrderState, Slot

_Running = dict[UUID, tuple[models.Route, _routing.Route]]


def calls_of(orders: Sequence[models.Order]) -> dict[UUID, _routing.Call]:
    """Orders as the planner sees them: where, when, how much, and what the crew must have."""
    rule = _fairness.shipped()
    goods: dict[UUID, list[_fairness.Goods]] = defaultdict(list)
    units = models.Unit.objects.filter(order__in=orders)
    rows = units.values_list("order_id", "category_code", "final_quote__variant")
    for order_id, category_code, variant in rows:
        goods[order_id].append(rule.goods_of(category_code, variant))
    return {order.id: _call(order, goods[order.id]) for order in orders}


def _call(order: models.Order, goods: list[_fairness.Goods]) -> _routing.Call:
    opens, closes = Slot(order.slot).hours
    all_of_it = _fairness.together(goods)
    return _routing.Call(
        order.id, _routing.Point(order.lat_e6, order.lon_e6), opens * 60, closes * 60, len(goods),
        all_of_it.litres, all_of_it.kilograms, all_of_it.needs, all_of_it.minutes,
    )  # fmt: skip


def at(on: date, minute: int) -> datetime:
    """An instant from a day and minutes after midnight."""
    return clock.moment(on) + timedelta(minutes=minute)


def minute_of(moment: datetime) -> int:
    local = moment.astimezone(clock.SHANGHAI)
    return local.hour * 60 + local.minute


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
        stops.extend(_stop(route, visit, on) for visit in plan.visits)
    models.Route.objects.bulk_create(routes)
    models.RouteStop.objects.bulk_create(stops)
    return routes


def _stop(
    route: models.Route, visit: _routing.Visit, on: date, *, is_inserted: bool = False
) -> models.RouteStop:
    return models.RouteStop(
        route=route,
        order_id=visit.call.order_id,
        arrive_at=at(on, visit.arrive),
        leave_at=at(on, visit.leave),
        trip=visit.trip,
        is_inserted=is_inserted,
    )


def running(on: date, org_ids: Iterable[UUID], stand: _offers.Market) -> _Running:
    """Recyclers' routes of a day as the insertion sees them, by van."""
    rows = models.Route.objects.filter(route_on=on, organisation_id__in=list(org_ids))
    routes = [row for row in rows.select_related("van").order_by("pk")
              if row.organisation_id in stand.places]  # fmt: skip
    stops = models.RouteStop.objects.filter(route__in=routes).select_related("order")
    by_route: dict[UUID, list[models.RouteStop]] = defaultdict(list)
    for stop in stops.order_by("arrive_at"):
        by_route[stop.route_id].append(stop)
    calls = calls_of([stop.order for line in by_route.values() for stop in line])
    found: _Running = {}
    for route in routes:
        visits = tuple(
            _routing.Visit(
                calls[stop.order_id], minute_of(stop.arrive_at), minute_of(stop.leave_at), stop.trip
            )
            for stop in by_route[route.id]
        )
        van = _offers.routing_van(route.van, stand)
        found[route.van_id] = (route, _routing.Route(van, visits, route.distance_m))
    return found


def assign(orders: Sequence[models.Order], now: datetime) -> None:
    """Mark orders as having a van and a promised time; whoever's van it is has accepted."""
    models.Order.objects.filter(pk__in=[order.pk for order in orders]).update(
        state=OrderState.ASSIGNED, assigned_at=now
    )
    models.Offer.objects.filter(order__in=orders, state=OfferState.OPEN).update(
        state=OfferState.ACCEPTED, answered_at=now
    )
    for order in orders:
        order.state, order.assigned_at = OrderState.ASSIGNED, now


def lock_waiting(region_path: str, *, on: date | None, limit: int | None) -> list[models.Order]:
    """Booked orders of a region (and day), held, oldest first; others' locked ones are skipped."""
    rows = models.Order.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    rows = rows.filter(state=OrderState.BOOKED).exclude(mode=OrderMode.VILLAGE)
    if region_path:
        rows = rows.filter(
            Q(region_path=region_path) | Q(region_path__startswith=region_path + "/")
        )
    rows = rows.filter(slot_on=on) if on is not None else rows.filter(slot_on__gte=clock.today())
    return list(rows.order_by("booked_at", "pk")[:limit])


def offer(orders: Sequence[models.Order]) -> list[models.Order]:
    """Offer each order without a recycler to the best one by the published rule."""
    _offers.lapse_late(orders)
    fresh = [order for order in orders if order.organisation_id is None]
    if not fresh:
        return []
    stand = _offers.market()
    calls, tried, rounds = calls_of(fresh), _offers.tried(fresh, stand), _offers.rounds_of(fresh)
    offered, offers = [], []
    for order in fresh:
        found = _offers.best(order, calls[order.id], stand, tried.get(order.id, ()))
        if found is not None:
            offers.append(_offers.make(order, found[0], found[1:], stand, rounds))
            offered.append(order)
    models.Order.objects.bulk_update(offered, ["organisation", "offered_at"])
    models.Offer.objects.bulk_create(offers)
    return offered


def accepted(orders: Sequence[models.Order], own_org_id: UUID | None) -> list[models.Order]:
    """Orders that may be put on a van: accepted, or planned by the very recycler that is asked."""
    waits = set(
        models.Offer.objects.filter(order__in=orders, state=OfferState.OPEN).values_list(
            "order_id", flat=True
        )
    )
    return [
        order
        for order in orders
        if order.organisation_id is not None
        and (order.id not in waits or order.organisation_id == own_org_id)
    ]


def plan_day(
    orders: Sequence[models.Order], on: date
) -> tuple[list[models.Route], list[models.Order]]:
    """Plan each recycler's idle vans over its orders of the day."""
    by_org: dict[UUID, list[models.Order]] = defaultdict(list)
    for order in orders:
        if order.organisation_id is not None:
            by_org[order.organisation_id].append(order)
    stand = _offers.market()
    busy = models.Route.objects.filter(route_on=on).values_list("van_id", flat=True)
    held = models.VillageDay.objects.filter(held_on=on, cancelled_at__isnull=True)
    away = {*busy, *held.values_list("van_id", flat=True)}
    vans = {van.id: van for van in stand.vans if van.id not in away}
    calls = calls_of(orders)
    routes: list[models.Route] = []
    for org_id in sorted(by_org, key=str):
        mine = [van for van in vans.values() if van.organisation_id == org_id]
        plans = _routing.plan(
            [calls[order.id] for order in by_org[org_id]],
            [_offers.routing_van(van, stand) for van in mine],
        )
        routes.extend(lay_routes([plan for plan in plans if plan.visits], on, vans))
    placed = set(
        models.RouteStop.objects.filter(route__in=routes).values_list("order_id", flat=True)
    )
    assigned = [order for order in orders if order.id in placed]
    assign(assigned, clock.now())
    return routes, assigned


def insert_waiting(orders: Sequence[models.Order]) -> list[models.Order]:
    """Slip accepted orders into running routes of their day, cheapest place first.

    Their own recycler's routes come first; where those have no gap, another's that has one gets
    the order instead.
    """
    by_day: dict[date, list[models.Order]] = defaultdict(list)
    for order in orders:
        by_day[order.slot_on].append(order)
    planned = models.Route.objects.filter(route_on__in=list(by_day))
    held = planned.select_for_update(no_key=True).order_by("pk")
    live: dict[date, set[UUID]] = defaultdict(set)
    for on, org_id in held.values_list("route_on", "organisation_id"):
        live[on].add(org_id)
    if not live:
        return []
    stand = _offers.market()
    inserted: list[models.Order] = []
    for on in sorted(live):
        inserted.extend(_insert_day(by_day[on], on, running(on, live[on], stand), stand))
    if inserted:
        assign(inserted, clock.now())
    return inserted


def _insert_day(
    waiting: Sequence[models.Order], on: date, routes: _Running, stand: _offers.Market
) -> list[models.Order]:
    """Try a day's waiting orders in turn; each sees where the last one went."""
    calls, tried = calls_of(waiting), _offers.tried(waiting, stand)
    earliest = minute_of(clock.now()) if on == clock.today() else 0
    placed, stops, moved = [], [], []
    for order in waiting:
        own = {v: r for v, r in routes.items() if r[0].organisation_id == order.organisation_id}
        if not own:
            continue  # its recycler plans that day later
        others = _other_routes(order, routes, stand, tried.get(order.id, set()))
        for options in (own, others):
            plans = [plan for _, plan in options.values()]
            found = _routing.insert(calls[order.id], plans, not_before=earliest)
            if found is not None:
                row, plan = routes[found.van_id]
                routes[found.van_id] = (row, _routing.with_visit(plan, found))
                placed.append(order)
                stops.append((row, found.visit))
                if options is others:
                    moved.append((order, row.organisation_id, found.extra_m))
                break
    _hand_over(moved, stand)
    models.RouteStop.objects.bulk_create(
        [_stop(row, visit, on, is_inserted=True) for row, visit in stops]
    )
    for row, plan in routes.values():
        row.distance_m = plan.distance_m
    models.Route.objects.bulk_update([row for row, _ in routes.values()], ["distance_m"])
    return placed


def _other_routes(
    order: models.Order, routes: _Running, stand: _offers.Market, tried: set[UUID]
) -> _Running:
    """Routes of other recyclers that serve the county, take offers unasked and did not refuse."""
    mine = order.organisation_id
    return {
        van_id: pair
        for van_id, pair in routes.items()
        if pair[0].organisation_id not in tried | stand.asks_first | {mine}
        and order.region_path.startswith(pair[0].van.region_path)
    }


def _hand_over(moved: Sequence[tuple[models.Order, UUID, int]], stand: _offers.Market) -> None:
    """Orders that another recycler's van can take go there, with an offer that says so."""
    orders = [order for order, _, _ in moved]
    rounds = _offers.rounds_of(orders)
    offers = []
    for order, org_id, extra_m in moved:
        _offers.withdraw(order, "本企业当日路线已满，转由可插单的企业")
        offers.append(_offers.make(order, org_id, (extra_m, extra_m), stand, rounds))
    models.Order.objects.bulk_update(orders, ["organisation", "offered_at"])
    models.Offer.objects.bulk_create(offers)
