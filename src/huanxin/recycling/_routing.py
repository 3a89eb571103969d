"""Routes: an overnight plan by PyVRP and cheapest insertion into running routes. Pure.

Travel is as the crow flies times a detour factor at one speed: no map server is needed, and a
real one would replace `travel`. Times are minutes after midnight. A van that is full goes back
to its depot, unloads and sets out again: each such round is a trip.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import asin, cos, radians, sin, sqrt
from uuid import UUID

from pyvrp import Depot, Location, Model, Profile
from pyvrp.stop import MaxIterations, MultipleCriteria, NoImprovement

DETOUR = 1.3  # assumed: street against straight line
METRES_PER_MINUTE = 500  # assumed: 30 km/h in town
SERVICE_MINUTES = 10  # assumed: carry down, photograph, pay
UNLOAD_MINUTES = 15  # assumed: at the depot between two trips
SHIFT = (8 * 60 + 30, 18 * 60 + 30)
MOST_RELOADS = 3
_SEED = 2026
_PRIZE = 10_000_000  # leaving an order out costs more than any detour
_NEVER = 100_000  # minutes: a van without the skill does not get there


@dataclass(frozen=True, slots=True)
class Point:
    lat_e6: int
    lon_e6: int


@dataclass(frozen=True, slots=True)
class Load:
    """What goods take of a van: pieces, litres, kilograms."""

    units: int = 1
    litres: int = 0
    kilograms: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(
            self.units + other.units, self.litres + other.litres,
            self.kilograms + other.kilograms,
        )  # fmt: skip

    def fits(self, room: "Load") -> bool:
        """Whether it fits in a van's room, in every measure."""
        return (
            self.units <= room.units
            and self.litres <= room.litres
            and self.kilograms <= room.kilograms
        )


@dataclass(frozen=True, slots=True)
class Call:
    """A door to visit within a window; `needs` are the skills (a lift among them)."""

    order_id: UUID
    at: Point
    opens: int
    closes: int
    unit_count: int = 1
    litres: int = 0
    kilograms: int = 0
    needs: frozenset[str] = frozenset()
    minutes: int = SERVICE_MINUTES

    @property
    def load(self) -> Load:
        return Load(self.unit_count, self.litres, self.kilograms)


@dataclass(frozen=True, slots=True)
class Van:
    van_id: UUID
    depot: Point
    capacity_units: int
    litres: int = 12_000
    kilograms: int = 1_500
    skills: frozenset[str] = frozenset({"gas", "refrigerant", "lift"})
    shift: tuple[int, int] = SHIFT

    @property
    def room(self) -> Load:
        return Load(self.capacity_units, self.litres, self.kilograms)

    def may_serve(self, call: Call) -> bool:
        """Whether its crew and body fit the call at all."""
        return call.needs <= self.skills and call.load.fits(self.room)


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned stop: once published its arrival is a promise."""

    call: Call
    arrive: int
    leave: int
    trip: int = 0


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


@dataclass(slots=True)
class _Network:
    """The model's places and vans while it is built."""

    model: Model = field(default_factory=Model)
    places: list[tuple[Point, Location, Call | None]] = field(default_factory=list)
    depots: dict[Point, Depot] = field(default_factory=dict)
    profiles: dict[frozenset[str], Profile] = field(default_factory=dict)


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
    network = _Network()
    for point in dict.fromkeys(van.depot for van in vans):
        location = network.model.add_location(point.lon_e6, point.lat_e6)
        network.places.append((point, location, None))
        network.depots[point] = network.model.add_depot(location, service_duration=UNLOAD_MINUTES)
    for van in vans:
        _add_van(network, van)
    for call in calls:
        _add_call(network, call)
    _add_edges(network)
    stop = MultipleCriteria([MaxIterations(40 + 10 * len(calls)), NoImprovement(100)])
    best = network.model.solve(stop, seed=_SEED, collect_stats=False, display=False).best
    routes = [
        timed(vans[route.vehicle_type()], [[calls[i] for i in trip] for trip in _trips(route)])
        for route in best.routes()
    ]
    return [_kept(route) for route in routes]


def _add_van(network: _Network, van: Van) -> None:
    depot = network.depots[van.depot]
    if van.skills not in network.profiles:
        network.profiles[van.skills] = network.model.add_profile()
    network.model.add_vehicle_type(
        1, capacity=[van.capacity_units, van.litres, van.kilograms],
        start_depot=depot, end_depot=depot, reload_depots=[depot], max_reloads=MOST_RELOADS,
        tw_early=van.shift[0], tw_late=van.shift[1], fixed_cost=2_000, unit_distance_cost=1,
        profile=network.profiles[van.skills],
    )  # fmt: skip


def _add_call(network: _Network, call: Call) -> None:
    location = network.model.add_location(call.at.lon_e6, call.at.lat_e6)
    network.places.append((call.at, location, call))
    network.model.add_client(
        location, pickup=[call.unit_count, call.litres, call.kilograms],
        service_duration=call.minutes, tw_early=call.opens, tw_late=call.closes - call.minutes,
        prize=_PRIZE, required=False,
    )  # fmt: skip


def _add_edges(network: _Network) -> None:
    """Every pair of places; for a crew without the skill a call is out of reach."""
    for a, start, _ in network.places:
        for b, end, call in network.places:
            if start is end:
                continue
            metres, minutes = distance_m(a, b), travel(a, b)
            network.model.add_edge(start, end, metres, minutes)
            for skills, profile in network.profiles.items():
                if call is not None and not call.needs <= skills:
                    network.model.add_edge(start, end, metres, _NEVER, profile)


def _trips(route: object) -> Iterator[list[int]]:
    """Indices of the clients of each trip of a PyVRP route, in order."""
    for is_client, steps in groupby(
        route.schedule(),  # type: ignore[attr-defined]
        key=lambda activity: activity.is_client(),
    ):
        if is_client:
            yield [activity.idx for activity in steps]


def timed(van: Van, trips: Sequence[Sequence[Call]]) -> Route:
    """Times of a sequence of trips, each stop as early as its window allows."""
    visits: list[Visit] = []
    minute, metres = van.shift[0], 0
    for trip, calls in enumerate(trips):
        place = van.depot
        for call in calls:
            arrive = max(minute + travel(place, call.at), call.opens)
            visits.append(Visit(call, arrive, arrive + call.minutes, trip))
            metres += distance_m(place, call.at)
            place, minute = call.at, arrive + call.minutes
        metres += distance_m(place, van.depot)
        minute += travel(place, van.depot) + UNLOAD_MINUTES
    return Route(van, tuple(visits), metres)


def _kept(route: Route) -> Route:
    """The route without stops that could not be promised: none late, none over its load."""
    good = [v for v in route.visits if v.leave <= v.call.closes and route.van.may_serve(v.call)]
    if len(good) == len(route.visits):
        return route
    trips = [[v.call for v in good if v.trip == n] for n in dict.fromkeys(v.trip for v in good)]
    return timed(route.van, trips)


def insert(call: Call, routes: Sequence[Route], *, not_before: int = 0) -> Insertion | None:
    """The cheapest place for a waiting call that moves no promised stop; None if there is none."""
    best: Insertion | None = None
    for route in routes:
        if not route.van.may_serve(call):
            continue
        for position, trip in _gaps(route):
            option = _option(call, route, position, trip, not_before=not_before)
            if option and (best is None or option.extra_m < best.extra_m):
                best = option
    return best


def with_visit(route: Route, insertion: Insertion) -> Route:
    """The route with an inserted visit; the others keep their times."""
    visits = sorted((*route.visits, insertion.visit), key=lambda visit: visit.arrive)
    return Route(route.van, tuple(visits), route.distance_m + insertion.extra_m)


def trip_load(route: Route, trip: int) -> Load:
    """What a trip's promised stops take of the van."""
    return sum((v.call.load for v in route.visits if v.trip == trip), Load(0))


def _gaps(route: Route) -> Iterator[tuple[int, int]]:
    """Every gap between stops, for each trip that it could belong to, and a last new trip."""
    visits = route.visits
    for position in range(len(visits) + 1):
        around = {visits[n].trip for n in (position - 1, position) if 0 <= n < len(visits)}
        for trip in sorted(around or {0}):
            yield position, trip
    if visits and visits[-1].trip < MOST_RELOADS:
        yield len(visits), visits[-1].trip + 1


def _option(
    call: Call, route: Route, position: int, trip: int, *, not_before: int
) -> Insertion | None:
    van, visits = route.van, route.visits
    if not (trip_load(route, trip) + call.load).fits(van.room):
        return None
    before = visits[position - 1] if position else None
    after = visits[position] if position < len(visits) else None
    start, ready = _leaving(van, before, trip)
    arrive = max(max(ready, not_before) + travel(start, call.at), call.opens)
    done = arrive + call.minutes
    joins = after is not None and after.trip == trip
    end = after.call.at if after is not None and joins else van.depot
    if done > call.closes or not _in_time(van, call.at, done, after, joins=joins):
        return None
    extra = distance_m(start, call.at) + distance_m(call.at, end)
    if before is None or before.trip == trip or joins:
        extra -= distance_m(start, end)
    return Insertion(van.van_id, Visit(call, arrive, done, trip), extra)


def _leaving(van: Van, before: Visit | None, trip: int) -> tuple[Point, int]:
    """Where and when the van sets out for a stop after `before`, unloading if a trip ends."""
    if before is None:
        return van.depot, van.shift[0]
    if before.trip == trip:
        return before.call.at, before.leave
    return van.depot, before.leave + travel(before.call.at, van.depot) + UNLOAD_MINUTES


def _in_time(van: Van, at: Point, done: int, after: Visit | None, *, joins: bool) -> bool:
    """Whether the next promise, or the end of the shift, is still met."""
    home = done + travel(at, van.depot)
    if after is None:
        return home <= van.shift[1]
    if joins:
        return done + travel(at, after.call.at) <= after.arrive
    return home + UNLOAD_MINUTES + travel(van.depot, after.call.at) <= after.arrive
