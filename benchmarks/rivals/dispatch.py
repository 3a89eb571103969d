"""The rival of the dispatch benchmark: each order goes to the nearest free worker, as it comes due.

No plan is made. When a slot opens its orders are handed out in the order they were booked, each
to the nearest crew of the county that is free, may serve it and has room; with none free they
wait for the next. A crew goes on from where it stands, goes home to unload when the next order
does not fit, and at the end of the day.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from huanxin.recycling import _routing as routing
from huanxin.recycling._routing import UNLOAD_MINUTES, Call, Load, Point, Van, distance_m, travel


@dataclass(slots=True)
class Crew:
    van: Van
    at: Point
    free: float
    load: Load = field(default_factory=lambda: Load(0))
    metres: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A day driven: metres, doors reached after their window, doors not reached in the shift."""

    metres: int
    late: int
    unserved: int
    served: int

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.metres + other.metres, self.late + other.late,
            self.unserved + other.unserved, self.served + other.served,
        )  # fmt: skip


def traffic(calls: Sequence[Call], *, seed: int, spread: float) -> dict[UUID, float]:
    """How much longer the way to each door takes that day; the same for every method."""
    rng = random.Random(seed)
    return {call.order_id: rng.lognormvariate(0, spread) for call in calls}


def nearest_free_worker(
    calls: Sequence[Call], vans: Sequence[Van], delays: Mapping[UUID, float]
) -> Outcome:
    """A day of one county handed out door by door."""
    crews = [Crew(van, van.depot, van.shift[0]) for van in vans]
    late = unserved = 0
    for call in sorted(calls, key=lambda one: one.opens):  # stable: booking order within a slot
        able = [crew for crew in crews if crew.van.may_serve(call)]
        if not able:
            unserved += 1
            continue
        now = max(call.opens, min(crew.free for crew in able))
        free = [crew for crew in able if crew.free <= now]
        crew = min(free, key=lambda one: (distance_m(one.at, call.at), str(one.van.van_id)))
        arrive = _drive(crew, call, now, delays[call.order_id])
        late += arrive > call.closes
    for crew in crews:
        crew.metres += distance_m(crew.at, crew.van.depot)
    served = len(calls) - unserved
    return Outcome(sum(crew.metres for crew in crews), late, unserved, served)


def _drive(crew: Crew, call: Call, now: float, delay: float) -> float:
    if not (crew.load + call.load).fits(crew.van.room):
        crew.metres += distance_m(crew.at, crew.van.depot)
        now += travel(crew.at, crew.van.depot) + UNLOAD_MINUTES
        crew.at, crew.load = crew.van.depot, Load(0)
    crew.metres += distance_m(crew.at, call.at)
    arrive = max(now + travel(crew.at, call.at) * delay, call.opens)
    crew.at, crew.load, crew.free = call.at, crew.load + call.load, arrive + call.minutes
    return arrive


def driven(
    routes: Sequence[routing.Route], calls: Sequence[Call], delays: Mapping[UUID, float]
) -> Outcome:
    """The planned routes driven in the same traffic: in order, each as soon as the last is done."""
    late = served = metres = 0
    for route in routes:
        place, minute, trip = route.van.depot, float(route.van.shift[0]), 0
        for visit in route.visits:
            if visit.trip != trip:
                minute += travel(place, route.van.depot) + UNLOAD_MINUTES
                place, trip = route.van.depot, visit.trip
            way = travel(place, visit.call.at) * delays[visit.call.order_id]
            arrive = max(minute + way, visit.call.opens)
            late += arrive > visit.call.closes
            place, minute = visit.call.at, arrive + visit.call.minutes
            served += 1
        metres += route.distance_m
    return Outcome(metres, late, len(calls) - served, served)
