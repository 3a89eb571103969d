"""The old unit's way: booking, route, door, scale, lot, plant."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel import clock
from huanxin.kernel.actor import system_actor
from huanxin.recycling.errors import SlotFull
from huanxin.recycling.services import booking, dispatching, quoting, storing, visiting
from huanxin.recycling.types import AgeBand, BrandTier, Choice, NextStep, Slot
from huanxin.recycling.types.depot import Inspection, WeighIn
from huanxin.recycling.types.door import CollectedUnit, Pickup
from huanxin.recycling.types.orders import NewOrder
from huanxin.recycling.types.valuation import QuoteAsk, UnitAnswers
from huanxin.simulation import _plant, assumptions, rules
from huanxin.simulation._agenda import Agenda
from huanxin.simulation._build import CITY_PATH
from huanxin.simulation._stage import Stage
from huanxin.simulation.types import OldUnitPlan, PickUpPlan, Wish

_BOOKED_AT = ((12, 30), (19, 30))
_DOORS_AT = ((13, 10), (18, 10))
_SCALE_DAYS = frozenset({1, 4})  # Tuesdays and Fridays: one van brings about one unit a day
_OFFERED_AFTER = timedelta(seconds=8)  # the worker looks for waiting orders every ten
DESK = system_actor("回收预约（演示）")
VANS = system_actor("收运终端（演示）")


def plan_day(stage: Stage, agenda: Agenda) -> None:
    """Bookings by day, doors before noon and before night, the scale, tomorrow's routes."""
    on = agenda.on
    today = [wish for wish in stage.by_day.get(on, []) if wish.pick_up is not None]
    for part, (hour, minute) in enumerate(_BOOKED_AT):
        mine = today[part :: len(_BOOKED_AT)]
        agenda.at(hour, minute, f"book/{hour}", partial(book, stage, agenda, mine))
    for hour, minute in _DOORS_AT:
        until = clock.moment(on, hour, minute)
        agenda.add(until, f"doors/{hour}", partial(visit_doors, stage, on, until))
    if on.weekday() in _SCALE_DAYS:
        agenda.at(16, 15, "scale", lambda: weigh_in(stage))
    agenda.at(22, 0, "routes", lambda: plan_routes(stage, on + timedelta(days=1)))
    _plant.plan_day(stage, agenda)


def book(stage: Stage, agenda: Agenda, wishes: Sequence[Wish]) -> None:
    """Value the units, book their slots, and have them offered to recyclers seconds later.

    All in one batch; if one slot is full they are booked one by one, each in the next with room.
    """
    if not wishes:
        return
    quotes = quoting.quote_many(
        actor=DESK,
        asks=[QuoteAsk(stage.person_id(w), answers_of(_plan(w).unit)) for w in wishes],
    )
    pairs = list(zip(wishes, (quote.quote_id for quote in quotes), strict=True))
    if not _book_batch(stage, agenda.on, pairs, extra_days=0):
        for pair in pairs:
            _book_somewhere(stage, agenda.on, pair)
    later = clock.now() + _OFFERED_AFTER
    agenda.add(later, f"offer/{later:%H%M}", partial(offer, stage))
    for wish in wishes:
        if _plan(wish).is_cancelled and stage.state(wish.key).order_id:
            regret = clock.now() + timedelta(hours=1)
            agenda.add(regret, f"cancel/{wish.key}", partial(cancel, stage, wish))


def offer(stage: Stage) -> None:
    """Waiting orders are offered to the nearest recycler."""
    dispatching.dispatch_waiting(actor=stage.system, region_path=CITY_PATH)


def _book_somewhere(stage: Stage, on: date, pair: tuple[Wish, UUID]) -> None:
    for extra_days in range(3):
        if _book_batch(stage, on, [pair], extra_days=extra_days):
            return
    stage.journal.count("no_slot")


def _book_batch(
    stage: Stage, on: date, pairs: Sequence[tuple[Wish, UUID]], *, extra_days: int
) -> bool:
    """Whether all of the batch found room."""
    names = [stage.request("book", wish.key, extra_days).hex for wish, _ in pairs]
    try:
        orders = booking.book_orders(
            actor=DESK,
            orders=[_order(stage, wish, quote_id, on, extra_days) for wish, quote_id in pairs],
            request_id=stage.request("book", *names),
        )
    except SlotFull:
        stage.journal.count("slots_full")
        return False
    for (wish, _), order in zip(pairs, orders, strict=True):
        state = stage.state(wish.key)
        state.order_id, state.slot_on = str(order.id), order.slot_on.isoformat()
        state.unit_id = str(order.units[0].id)
        state.trade_in_id = str(order.voucher_id or "")
        stage.put(f"booked/{state.slot_on}", wish.key)
    stage.journal.count("bookings", len(pairs))
    return True


def answers_of(unit: OldUnitPlan, *, at_the_door: bool = False) -> UnitAnswers:
    """What is said of a unit: by its owner, or by the worker who sees that it differs."""
    differs = at_the_door and unit.differs
    return UnitAnswers(
        category_code=unit.category_code,
        age_band=AgeBand(unit.age_band),
        is_working=unit.is_working and not differs,
        is_complete=unit.is_complete and not (differs and not unit.is_working),
        brand_tier=BrandTier(unit.brand_tier),
    )


def _order(stage: Stage, wish: Wish, quote_id: UUID, on: date, extra_days: int) -> NewOrder:
    who, plan = wish.resident, _plan(wish)
    slot_on = on + timedelta(days=plan.slot_days + extra_days)
    return NewOrder(
        person_id=stage.person_id(wish),
        quote_ids=(quote_id,),
        address=who.address,
        region_code=who.county,
        lat_e6=who.lat_e6,
        lon_e6=who.lon_e6,
        slot_on=slot_on,
        slot=Slot(plan.slot),
        choice=_choice(stage, wish, plan.slot_days + extra_days),
    )


def _choice(stage: Stage, wish: Wish, days: int) -> Choice:
    """A 焕新券 is of use only with a right, and only if it comes alive before the right lapses."""
    lapse_days = assumptions.numbers()["lapse_hours"] // 24
    is_of_use = bool(stage.state(wish.key).voucher_id) and days < lapse_days
    return Choice(_plan(wish).choice) if is_of_use else Choice.CASH


def cancel(stage: Stage, wish: Wish) -> None:
    """She changes her mind before the van comes."""
    state = stage.state(wish.key)
    booking.cancel_order(
        actor=stage.consumer(wish), order_id=UUID(state.order_id), reason="临时不处理旧机"
    )
    stage.take(f"booked/{state.slot_on}", wish.key)
    state.trade_in_id = ""
    stage.journal.count("cancelled")


def plan_routes(stage: Stage, on: date) -> None:
    """Tomorrow's routes for the whole city; who fits on no van is told so and books no more."""
    booked = stage.taken(f"booked/{on}")
    if not booked:
        return
    by_order = {stage.state(key).order_id: key for key in booked}
    for route in dispatching.plan_routes(actor=stage.system, on=on, region_path=CITY_PATH):
        for stop in route.stops:
            key = by_order.pop(str(stop.order_id), None)
            if key is not None:
                stage.put(f"stops/{on}", f"{key}@{stop.arrive_at.isoformat()}")
    for key in by_order.values():
        cancel(stage, stage.wishes[key])
        stage.journal.count("no_van")


def plan_tomorrow(stage: Stage) -> None:
    """Routes for what was booked live; a live season has no journal of stops."""
    for on in (clock.today(), clock.today() + timedelta(days=1)):
        dispatching.plan_routes(actor=stage.system, on=on, region_path=CITY_PATH)


def visit_doors(stage: Stage, on: date, until: datetime) -> None:
    """The doors reached since the last time, taken over in one batch; re-quotes come first."""
    pickups: list[tuple[Wish, Pickup]] = []
    for stop in list(stage.listed(f"stops/{on}")):
        key, _, arrive_at = stop.partition("@")
        if datetime.fromisoformat(arrive_at) > until:
            continue
        stage.take(f"stops/{on}", stop)
        wish = stage.wishes[key]
        said, seen = answers_of(_plan(wish).unit), answers_of(_plan(wish).unit, at_the_door=True)
        if said == seen or _agree(stage, wish, seen):
            pickups.append((wish, _pickup(stage, wish, None if said == seen else seen)))
    if not pickups:
        return
    receipts = visiting.collect_units(
        actor=VANS,
        pickups=[pickup for _, pickup in pickups],
        request_id=stage.request("collect", until),
    )
    for (wish, _), receipt in zip(pickups, receipts, strict=True):
        stage.state(wish.key).is_collected = True
        for code in receipt.unit_codes:
            stage.put(f"scale/{depot_of(stage, wish.resident.county)}", f"{code}|{wish.key}")
    stage.journal.count("pick_ups", len(pickups))


def _pickup(stage: Stage, wish: Wish, answers: UnitAnswers | None) -> Pickup:
    state = stage.state(wish.key)
    unit = CollectedUnit(
        unit_id=UUID(state.unit_id),
        photo_sha256s=(rules.token(stage.seed, "old", wish.key),),
        answers=answers,
    )
    who = wish.resident
    return Pickup(UUID(state.order_id), (unit,), who.lat_e6, who.lon_e6)


def _agree(stage: Stage, wish: Wish, answers: UnitAnswers) -> bool:
    """The owner looks at the new price on her phone; most accept it."""
    state = stage.state(wish.key)
    depot = depot_of(stage, wish.resident.county)
    asked = visiting.request_requote(
        actor=stage.actor(f"{depot}-van"),
        order_id=UUID(state.order_id),
        unit_id=UUID(state.unit_id),
        answers=answers,
        request_id=stage.request("requote", wish.key),
    )
    rng = rules.stream(stage.seed, "requote", wish.key)
    accepts = rules.picks(rng, assumptions.numbers()["owner_accepts_bps"])
    order = visiting.answer_requote(
        actor=stage.consumer(wish), requote_id=asked.id, is_accepted=accepts
    )
    state.trade_in_id = str(order.voucher_id or "") if accepts else ""
    stage.journal.count("requotes")
    if not accepts:
        stage.journal.count("requotes_refused")
    return accepts


def weigh_in(stage: Stage) -> None:
    """Every depot weighs and grades what its van brought today."""
    for depot in (org.key for org in stage.season.city.depots):
        brought = [one.split("|") for one in stage.taken(f"scale/{depot}")]
        if not brought:
            continue
        manager, org_id = stage.actor(f"{depot}-manager"), stage.org(depot)
        weights = [WeighIn(code, mass_g(stage, stage.wishes[key])) for code, key in brought]
        today = clock.today()
        storing.receive_at_depot(
            actor=manager,
            depot_org_id=org_id,
            weights=weights,
            request_id=stage.request("weigh", depot, today),
        )
        results = storing.grade_units(
            actor=manager,
            depot_org_id=org_id,
            inspections=[Inspection(code, inspected(stage, key)) for code, key in brought],
            request_id=stage.request("grade", depot, today),
        )
        for (code, key), weight, result in zip(brought, weights, results, strict=True):
            if result.next_step is NextStep.DISMANTLE:
                stage.put(f"stock/{depot}", f"{code}|{_class(stage.wishes[key])}|{weight.mass_g}")
            else:
                stage.put(f"renew/{depot}", code)


def mass_g(stage: Stage, wish: Wish) -> int:
    """What the scale shows: the class's planning weight with a spread."""
    numbers, unit = assumptions.numbers(), _plan(wish).unit
    rng = rules.stream(stage.seed, "mass", wish.key)
    mean = catalogue.get_waste_class(_class(wish)).mass_g
    share = max(6_000, min(14_000, round(rng.gauss(10_000, numbers["mass_spread_bps"]))))
    mass = mean * share // 10_000
    return mass if unit.is_complete else mass * numbers["incomplete_mass_bps"] // 10_000


def _class(wish: Wish) -> str:
    code = catalogue.get_category(wish.category_code).waste_class_code
    assert code is not None, f"{wish.category_code} is not picked up"
    return code


def inspected(stage: Stage, key: str) -> dict[str, str]:
    """What the inspector answers of a unit; the published standard makes the grade of it."""
    unit = _plan(stage.wishes[key]).unit
    return {
        "hazard": "no",
        "safety": "good",
        "works": "yes" if unit.is_working and not unit.differs else "no",
        "complete": "yes" if unit.is_complete and not unit.differs else "no",
        "looks": "worn",
        "age": unit.age_band,
    }


def depot_of(stage: Stage, county: str) -> str:
    """The depot that serves a county."""
    return next(org.key for org in stage.season.city.depots if org.region_code == county)


def _plan(wish: Wish) -> PickUpPlan:
    assert wish.pick_up is not None, wish.key
    return wish.pick_up
