"""Dispatch: the plan against nearest-free-worker on one day of the twin, and the time to offer.

Both drive the same doors with the same vans, loads, windows, service times and traffic of the day;
travel is our own model for both. The orders are those of the twin at full size; the fifth of them
booked last is not planned overnight but inserted into running routes.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

from benchmarks.figures import Figure
from benchmarks.rivals import dispatch as rivals
from huanxin.catalogue import services as catalogue
from huanxin.identity import selectors as identity
from huanxin.identity.services import admitting, registering
from huanxin.identity.types import NewOrganisation, NewPerson, OrgKind
from huanxin.kernel import clock
from huanxin.kernel.actor import system_actor
from huanxin.recycling import _fairness, _routing, models, rules
from huanxin.recycling.services import booking, dispatching, preparing, quoting
from huanxin.recycling.types import AgeBand, BrandTier, Choice, OrderState, Slot
from huanxin.recycling.types.orders import NewOrder
from huanxin.recycling.types.routes import NewVan
from huanxin.recycling.types.valuation import QuoteAsk, UnitAnswers
from huanxin.simulation import city, demand
from huanxin.simulation.residents import Residents
from huanxin.simulation.types import CityPlan, Wish

SEED, DAY = 2026, date(2026, 6, 10)
SPREAD = 0.25  # of the traffic: one way in six takes a quarter longer or more
BACKLOG, PROBES = 500, 20
PLATFORM = system_actor("测量")


def measure() -> Iterator[Figure]:
    """Kilometres, late doors, doors not reached, seconds to plan; then the time to offer."""
    admitting.load_regions(actor=PLATFORM)
    plan = _plan()
    wishes = _wishes_of(plan, DAY)
    ours, theirs, seconds = _drive(plan, wishes)
    yield Figure("orders_of_the_day", len(wishes), "doors", goal=100, at_least=True)
    yield Figure("nearest_free_worker_km", theirs.metres / 1000, "km", goal=theirs.metres / 1000)
    yield Figure("planned_km", ours.metres / 1000, "km", goal=theirs.metres / 1000)
    saved = 100 * (1 - ours.metres / theirs.metres)
    yield Figure("kilometres_saved", saved, "%", goal=25, at_least=True)
    broken = theirs.late + theirs.unserved
    yield Figure("nearest_free_worker_late", theirs.late, "doors", goal=theirs.late)
    yield Figure("planned_late", ours.late, "doors", goal=theirs.late)
    yield Figure("planned_late_or_unplanned", ours.late + ours.unserved, "doors", goal=broken)
    yield Figure("overnight_plan_of_the_city", seconds, "s", goal=300)
    yield from _offers(plan, wishes)


def _plan() -> CityPlan:
    county = identity.list_regions(level="county") + identity.list_regions(level="zone")
    people = {region.code: region.population for region in county if region.population}
    return city.plan_city(people, seed=SEED, scale=1)


def _wishes_of(plan: CityPlan, on: date) -> list[Wish]:
    """The pick-ups of one day, in the order they were booked."""
    wanted = demand.CityDemand(plan, Residents(plan))
    found = []
    for days in range(3, 0, -1):
        found += [
            wish
            for wish in wanted.wishes_of_day(on - timedelta(days=days))
            if wish.pick_up and not wish.pick_up.is_cancelled and wish.pick_up.slot_days == days
        ]
    return found


def _call(wish: Wish, order_id: UUID) -> _routing.Call:
    assert wish.pick_up is not None
    opens, closes = Slot(wish.pick_up.slot).hours
    goods = _fairness.shipped().goods_of(wish.category_code, "")
    who = wish.resident
    return _routing.Call(
        order_id, _routing.Point(who.lat_e6, who.lon_e6), opens * 60, closes * 60, 1,
        goods.litres, goods.kilograms, goods.needs, goods.minutes,
    )  # fmt: skip


def _drive(plan: CityPlan, wishes: Sequence[Wish]) -> tuple[rivals.Outcome, rivals.Outcome, float]:
    """Every county's day both ways, its vans sized by its fullest slot."""
    by_county: dict[str, list[_routing.Call]] = defaultdict(list)
    for n, wish in enumerate(wishes):
        by_county[wish.resident.county].append(_call(wish, UUID(int=n + 1)))
    depots = {depot.region_code: depot for depot in plan.depots}
    ours = theirs = rivals.Outcome(0, 0, 0, 0)
    began = time.perf_counter()
    planned: dict[str, list[_routing.Route]] = {}
    vans = {county: _vans(depots[county], calls) for county, calls in by_county.items()}
    for county, calls in by_county.items():
        planned[county] = _planned(calls, vans[county])
    seconds = time.perf_counter() - began
    for county, calls in by_county.items():
        delays = rivals.traffic(calls, seed=SEED, spread=SPREAD)
        ours += rivals.driven(planned[county], calls, delays)
        theirs += rivals.nearest_free_worker(calls, vans[county], delays)
    return ours, theirs, seconds


def _vans(depot: object, calls: Sequence[_routing.Call]) -> list[_routing.Van]:
    slots: dict[int, int] = defaultdict(int)
    for call in calls:
        slots[call.opens] += 1
    count = -(-max(slots.values()) // rules.STOPS_PER_SLOT)  # the fleet that booking counts on
    place = _routing.Point(depot.lat_e6, depot.lon_e6)  # type: ignore[attr-defined]
    return [_routing.Van(UUID(int=n + 1), place, 14) for n in range(count)]


def _planned(calls: Sequence[_routing.Call], vans: Sequence[_routing.Van]) -> list[_routing.Route]:
    """Four fifths overnight, the rest inserted one by one without moving a promised stop."""
    early, rest = calls[: len(calls) * 4 // 5], calls[len(calls) * 4 // 5 :]
    routes = {route.van.van_id: route for route in _routing.plan(early, vans)}
    for van in vans:
        routes.setdefault(van.van_id, _routing.Route(van, (), 0))
    for call in rest:
        found = _routing.insert(call, list(routes.values()))
        if found is not None:
            routes[found.van_id] = _routing.with_visit(routes[found.van_id], found)
    return list(routes.values())


def _offers(plan: CityPlan, wishes: Sequence[Wish]) -> Iterator[Figure]:
    """Seconds from a booking to its offer and place, with routes running and a backlog waiting."""
    catalogue.load_reference(actor=PLATFORM)
    preparing.load_reference(actor=PLATFORM)
    _lay_recyclers(plan, wishes)
    evening = clock.moment(DAY - timedelta(days=1), 20)
    with clock.standing_at(evening):
        orders = _book(wishes[: BACKLOG + PROBES], DAY)
        dispatching.dispatch_waiting(actor=PLATFORM, region_path="", limit=BACKLOG)
        dispatching.plan_routes(actor=PLATFORM, on=DAY, region_path="")
        backlog = _book(wishes[BACKLOG + PROBES : 2 * BACKLOG], DAY + timedelta(days=1))
        began = time.perf_counter()
        dispatching.dispatch_waiting(actor=PLATFORM, region_path="", limit=len(backlog))
        yield Figure("offer_to_a_whole_backlog", time.perf_counter() - began, "s", goal=10)
        yield Figure("backlog", len(backlog), "orders", goal=100, at_least=True)
        slowest = max(_probe(wish) for wish in wishes[-PROBES:])
    assigned = models.Order.objects.filter(pk__in=orders, state=OrderState.ASSIGNED).count()
    yield Figure("planned_of_the_booked", 100 * assigned / len(orders), "%", goal=90, at_least=True)
    yield Figure("response_to_offer_slowest", slowest, "s", goal=2)


def _probe(wish: Wish) -> float:
    """One more order while the others wait: booked, offered, inserted."""
    order_id = _book([wish], DAY)[0]
    began = time.perf_counter()
    dispatching.dispatch_waiting(actor=PLATFORM, region_path="", limit=BACKLOG)
    seconds = time.perf_counter() - began
    assert models.Order.objects.get(pk=order_id).organisation_id is not None
    return seconds


def _lay_recyclers(plan: CityPlan, wishes: Sequence[Wish]) -> None:
    counts: Mapping[str, int] = defaultdict(int)
    for wish in wishes:
        counts[wish.resident.county] += 1  # type: ignore[index]
    vans = []
    for depot in plan.depots:
        org_id = admitting.open_organisation(
            actor=PLATFORM,
            organisation=NewOrganisation(
                kind=OrgKind.RECYCLER, name=depot.name, short_name=depot.short_name,
                uscc=depot.uscc, region_code=depot.region_code, lat_e6=depot.lat_e6,
                lon_e6=depot.lon_e6,
            ),
        )  # fmt: skip
        count = counts[depot.region_code] // 10 + 2
        vans += [NewVan(org_id, f"测 {n}", depot.region_code) for n in range(count)]
    preparing.register_vans(actor=PLATFORM, vans=vans)


def _book(wishes: Sequence[Wish], on: date) -> list[UUID]:
    people = registering.register_people(
        actor=PLATFORM,
        people=[
            NewPerson(w.resident.name, w.resident.document_no, w.resident.phone, w.resident.county)
            for w in wishes
        ],
    )
    asks = [
        QuoteAsk(
            person_id,
            UnitAnswers(
                wish.category_code, AgeBand.OVER_8, is_working=True, is_complete=True,
                brand_tier=BrandTier.MIDDLE,
            ),
        )
        for wish, person_id in zip(wishes, people, strict=True)
    ]  # fmt: skip
    quotes = quoting.quote_many(actor=PLATFORM, asks=asks)
    orders = [
        NewOrder(
            person_id, (quote.quote_id,), wish.resident.address, wish.resident.county,
            wish.resident.lat_e6, wish.resident.lon_e6, on,
            Slot(wish.pick_up.slot) if wish.pick_up else Slot.MORNING_EARLY, Choice.CASH,
        )
        for wish, person_id, quote in zip(wishes, people, quotes, strict=True)
    ]  # fmt: skip
    cards = booking.book_orders(actor=PLATFORM, orders=orders, request_id=uuid4())
    return [card.id for card in cards]
