"""Routes: an overnight plan by PyVRP and cheapest insertion into running routes. Pure.

Travel is as the crow flies times a detour factor at one speed: no map server is needed, and a
real one would replace `travel`. Times are minutes after midnight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from uuid import UUID

from pyvrp import Depot, Model
from pyvrp.stop import MaxIterations, MultipleCriteria, NoImprovement

DETOUR = 1.3  # assumed: street against straight line
METRES_PER_MINUTE = 500  # assumed: 30 km/h in town
SERVICE_MINUTES = 10  # assumed: carry down, photograph, pay
SHIFT = (8 * 60 + 30, 18 * 60 + 30)
_SEED = 2026
_PRIZE = 10_000_000  # leaving an order out costs more than any detour


@dataclass(frozen=True, slots=True)
class Point:
    lat_e6: int
    lon_e6: int


@dataclass(frozen=True, slots=True)
class Call:
    """A door to visit within a window."""

    order_id: UUID
    at: Point
    opens: int
    closes: int
    unit_count: int


@dataclass(frozen=True, slots=True)
class Van:
    van_id: UUID
    depot: Point
    capacity_units: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned stop: once published its arrival is a promise."""

    call: Call
    arrive: int
    leave: int


@dataclass(frozen=True, slots=True)
class Route:
    van: Van
    visits: tuple[Visit, ...]
    distance_m: int


@dataclass(frozen=True, slots=True)
class Insertion:
    """Where a waiting call fits, and what it costs."""

    van_id: UUID
    visit: Visit
    extra_m: int


def distance_m(a: Point, b: Point) -> int:
    """Metres to drive between two points (haversine times the detour factor)."""
    lat1, lon1, lat2, lon2 = (radians(v / 1e6) for v in (a.lat_e6, a.lon_e6, b.lat_e6, b.lon_e6))
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * 6_371_000 * asin(sqrt(h)) * DETOUR)


def travel(a: Point, b: Point) -> int:
    """Minutes to drive between two points, rounded up."""
    return -(-distance_m(a, b) // METRES_PER_MINUTE)


def plan(calls: Sequence[Call], vans: Sequence[Van]) -> list[Route]:
    """Routes for a day: every call that can be served within its window is on exactly one.

    The same input gives the same plan: PyVRP runs a fixed number of iterations from a fixed seed.
    """
    if not calls or not vans:
        return []
    model = Model()
    points = [*{van.depot for van in vans}]
    depots: dict[Point, Depot] = {}
    locations = [(p, model.add_location(p.lon_e6, p.lat_e6)) for p in points]
    for point, location in locations:
        depots[point] = model.add_depot(location)
    for van in vans:
        depot = depots[van.depot]
        model.add_vehicle_type(
            1, capacity=van.capacity_units, start_depot=depot, end_depot=depot,
            tw_early=SHIFT[0], tw_late=SHIFT[1], fixed_cost=2_000, unit_distance_cost=1,
        )  # fmt: skip
    for call in calls:
        location = model.add_location(call.at.lon_e6, call.at.lat_e6)
        locations.append((call.at, location))
        model.add_client(
            location, pickup=call.unit_count, service_duration=SERVICE_MINUTES,
            tw_early=call.opens, tw_late=call.closes - SERVICE_MINUTES, prize=_PRIZE,
            required=False,
        )  # fmt: skip
    for a, start in locations:
        for b, end in locations:
            if start is not end:
                model.add_edge(start, end, distance_m(a, b), travel(a, b))
    stop = MultipleCriteria([MaxIterations(40 + 10 * len(calls)), NoImprovement(100)])
    best = model.solve(stop, seed=_SEED, collect_stats=False, display=False).best
    return [
        _route(vans[route.vehicle_type()], [calls[i] for i in _clients(route)])
        for route in best.routes()
    ]


def _clients(route: object) -> list[int]:
    """Indices of the clients a PyVRP route visits, in order."""
    return [
        activity.idx
        for activity in route.schedule()  # type: ignore[attr-defined]
        if activity.is_client()
    ]


def _route(van: Van, calls: Sequence[Call]) -> Route:
    """Times of a sequence, leaving the depot as late as the first window allows."""
    visits: list[Visit] = []
    place, minute, metres = van.depot, SHIFT[0], 0
    for call in calls:
        arrive = max(minute + travel(place, call.at), call.opens)
        visits.append(Visit(call, arrive, arrive + SERVICE_MINUTES))
        metres += distance_m(place, call.at)
        place, minute = call.at, arrive + SERVICE_MINUTES
    return Route(van, tuple(visits), metres + distance_m(place, van.depot))


def insert(call: Call, routes: Sequence[Route], *, not_before: int = 0) -> Insertion | None:
    """The cheapest place for a waiting call that moves no promised stop; None if there is none."""
    best: Insertion | None = None
    for route in routes:
        load = sum(visit.call.unit_count for visit in route.visits)
        if load + call.unit_count > route.van.capacity_units:
            continue
        for position in range(len(route.visits) + 1):
            option = _option(call, route, position, not_before)
            if option and (best is None or option.extra_m < best.extra_m):
                best = option
    return best


def with_visit(route: Route, insertion: Insertion) -> Route:
    """The route with an inserted visit; the others keep their times."""
    visits = sorted((*route.visits, insertion.visit), key=lambda visit: visit.arrive)
    return Route(route.van, tuple(visits), route.distance_m + insertion.extra_m)


def _option(call: Call, route: Route, position: int, not_before: int) -> Insertion | None:
    before = route.visits[position - 1] if position else None
    after = route.visits[position] if position < len(route.visits) else None
    start = before.call.at if before else route.van.depot
    end = after.call.at if after else route.van.depot
    leave = max(before.leave if before else SHIFT[0], not_before)
    arrive = max(leave + travel(start, call.at), call.opens)
    done = arrive + SERVICE_MINUTES
    latest = after.arrive if after else SHIFT[1]
    if done > call.closes or done + travel(call.at, end) > latest:
        return None
    extra = distance_m(start, call.at) + distance_m(call.at, end) - distance_m(start, end)
    return Insertion(route.van.van_id, Visit(call, arrive, done), extra)
