"""Each verb belongs to a role, an organisation and a place; a refusal writes nothing."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from huanxin.identity.errors import ConsentMissing
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotAllowed
from huanxin.kernel.models import AuditEntry
from huanxin.recycling.services import (
    booking,
    dismantling,
    dispatching,
    preparing,
    quoting,
    storing,
    visiting,
)
from huanxin.recycling.types import Slot
from huanxin.recycling.types.depot import Inspection, LotReceipt, NewLot, WeighIn
from huanxin.recycling.types.routes import NewVan
from huanxin.recycling.types.valuation import QuoteAsk
from tests import given, given_recycling

pytestmark = pytest.mark.django_db
DAY = given_recycling.DAY


def _verbs() -> dict[str, Callable[[Actor], Any]]:
    """Every public verb, called on things of one recycler and one dismantler."""
    here = given_recycling.city(vans=2)
    wang = given.person()
    _, codes = given_recycling.until_dismantler(here)
    asked, order = given_recycling.new_order(wang), given_recycling.booked(wang)
    given_recycling.planned(here)
    lot = given_recycling.models.Unit.objects.get(unit_code=codes[0]).lot_id
    unit, depot = order.units[0].id, here.recycler_id
    run = given_recycling.run(here, codes)
    a = given_recycling.answers()
    r = uuid4
    return {
        "load_reference": lambda x: preparing.load_reference(actor=x),
        "register_vans": lambda x: preparing.register_vans(
            actor=x, vans=[NewVan(depot, "收 9", given.COUNTY)]
        ),
        "set_slot_capacity": lambda x: preparing.set_slot_capacity(
            actor=x, region_code=given.COUNTY, slot_on=DAY, slot=Slot.MORNING_EARLY, capacity=9
        ),
        "quote_many": lambda x: quoting.quote_many(actor=x, asks=[QuoteAsk(wang.id, a)]),
        "book_orders": lambda x: booking.book_orders(actor=x, orders=[asked], request_id=r()),
        "cancel_order": lambda x: booking.cancel_order(actor=x, order_id=order.id, reason="x"),
        "dispatch_waiting": lambda x: dispatching.dispatch_waiting(
            actor=x, region_path=given.COUNTY_PATH
        ),
        "plan_routes": lambda x: dispatching.plan_routes(
            actor=x, on=DAY, region_path=given.COUNTY_PATH
        ),
        "reveal_address": lambda x: visiting.reveal_address(
            actor=x, order_id=order.id, reason="上门取件"
        ),
        "request_requote": lambda x: visiting.request_requote(
            actor=x, order_id=order.id, unit_id=unit, answers=a, request_id=r()
        ),
        "collect_units": lambda x: visiting.collect_units(
            actor=x, pickups=[given_recycling.pickup(order)], request_id=r()
        ),
        "receive_at_depot": lambda x: storing.receive_at_depot(
            actor=x, depot_org_id=depot, weights=[WeighIn(codes[0], 1)], request_id=r()
        ),
        "grade_units": lambda x: storing.grade_units(
            actor=x,
            depot_org_id=depot,
            inspections=[Inspection(codes[0], given_recycling.WORN)],
            request_id=r(),
        ),
        "pack_lots": lambda x: storing.pack_lots(
            actor=x, lots=[NewLot(depot, here.dismantler_id, codes)], request_id=r()
        ),
        "ship_lots": lambda x: storing.ship_lots(actor=x, lot_ids=[lot]),
        "receive_lots": lambda x: dismantling.receive_lots(
            actor=x, receipts=[LotReceipt(lot, ())], request_id=r()
        ),
        "dismantle": lambda x: dismantling.dismantle(actor=x, runs=[run], request_id=r()),
    }


def test_roles_that_have_nothing_to_do_with_recycling_may_do_none_of_it() -> None:
    verbs = _verbs()
    before = AuditEntry.objects.count()

    for role in (Role.CASHIER, Role.REVIEWER, Role.FINANCE_OFFICER, Role.OBSERVER):
        actor = given.staff(role, org_id=uuid4())
        for name, call in verbs.items():
            with pytest.raises(NotAllowed):
                call(actor)
            assert AuditEntry.objects.count() == before, name


def test_staff_of_another_recycler_or_dismantler_may_do_nothing_here() -> None:
    verbs = _verbs()
    other = given.organisation(OrgKind.RECYCLER)
    manager = given.staff(Role.RECYCLER_MANAGER, org_id=other, region_path="370000/371500/371521")
    clerk = given.staff(Role.DISMANTLER_CLERK, org_id=given.organisation(OrgKind.DISMANTLER))
    before = AuditEntry.objects.count()

    for name, call in verbs.items():
        for actor in (manager, clerk):
            with pytest.raises(NotAllowed):
                call(actor)
            assert AuditEntry.objects.count() == before, name


def test_a_consumer_asks_and_books_for_herself_and_a_station_clerk_for_others() -> None:
    verbs = _verbs()
    stranger = given.consumer()
    clerk = given.staff(Role.STATION_CLERK, org_id=uuid4())

    for name in ("quote_many", "book_orders"):
        with pytest.raises(NotAllowed):
            verbs[name](stranger)
    given_recycling.agreed(clerk)
    for name in ("quote_many", "book_orders"):
        verbs[name](clerk)


def test_a_station_clerk_cancels_for_who_cannot_on_her_recorded_word() -> None:
    verbs = _verbs()
    clerk = given.staff(Role.STATION_CLERK, org_id=uuid4())

    with pytest.raises(ConsentMissing):
        verbs["cancel_order"](clerk)
    given_recycling.agreed(clerk)
    assert verbs["cancel_order"](clerk).state == "cancelled"
