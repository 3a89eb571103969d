"""A request that comes twice gets its first answer, and another content under its id is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from huanxin.kernel.errors import RequestReused
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import models
from huanxin.recycling.services import booking, dismantling, storing, visiting
from huanxin.recycling.types import Choice
from huanxin.recycling.types.depot import GradeResult, Inspection, LotReceipt, NewLot, WeighIn
from huanxin.trace import models as trace_models
from tests import given, given_recycling

pytestmark = pytest.mark.django_db


def _facts() -> tuple[int, ...]:
    return (
        models.Order.objects.count(),
        models.Requote.objects.count(),
        models.Payout.objects.count(),
        models.Lot.objects.count(),
        models.Run.objects.count(),
        trace_models.Event.objects.count(),
        AuditEntry.objects.count(),
    )


def _twice(call: Callable[[UUID], Any], other: Callable[[UUID], Any]) -> Any:
    """The answer, after seeing that a repeat is idle and another content refused."""
    request_id = uuid4()
    first = call(request_id)
    facts = _facts()
    assert call(request_id) == first
    with pytest.raises(RequestReused):
        other(request_id)
    assert _facts() == facts
    return first


def test_every_step_from_booking_to_dismantling_is_safe_to_retry() -> None:
    here = given_recycling.city()
    wang = given.person()
    me, order = given.consumer(wang), given_recycling.new_order(wang, choice=Choice.VOUCHER)
    booked = _twice(
        lambda rid: booking.book_order(actor=me, order=order, request_id=rid),
        lambda rid: booking.book_order(
            actor=me, order=replace(order, address="别处"), request_id=rid
        ),
    )
    given_recycling.planned(here)
    pickup = given_recycling.pickup(booked)
    receipt = _twice(
        lambda rid: visiting.collect_unit(actor=here.collector, pickup=pickup, request_id=rid),
        lambda rid: visiting.collect_unit(
            actor=here.collector, pickup=replace(pickup, lat_e6=0), request_id=rid
        ),
    )
    code = receipt.unit_codes[0]

    def receive(mass_g: int) -> Callable[[UUID], int]:
        return lambda rid: storing.receive_at_depot(
            actor=here.manager,
            depot_org_id=here.recycler_id,
            weights=[WeighIn(code, mass_g)],
            request_id=rid,
        )

    def grade(looks: str) -> Callable[[UUID], list[GradeResult]]:
        return lambda rid: storing.grade_units(
            actor=here.manager,
            depot_org_id=here.recycler_id,
            inspections=[Inspection(code, given_recycling.WORN | {"looks": looks})],
            request_id=rid,
        )

    assert _twice(receive(62_700), receive(62_701)) == 1
    assert _twice(grade("worn"), grade("broken"))[0].grade == "C"
    lot = NewLot(here.recycler_id, here.dismantler_id, (code,))
    cards = _twice(
        lambda rid: storing.pack_lots(actor=here.manager, lots=[lot], request_id=rid),
        lambda rid: storing.pack_lots(actor=here.manager, lots=[lot, lot], request_id=rid),
    )
    assert storing.ship_lot(actor=here.manager, lot_id=cards[0].id) == storing.ship_lot(
        actor=here.manager, lot_id=cards[0].id
    )
    scan = LotReceipt(cards[0].id, (WeighIn(code, 62_700),))
    _twice(
        lambda rid: dismantling.receive_lots(actor=here.clerk, receipts=[scan], request_id=rid),
        lambda rid: dismantling.receive_lots(
            actor=here.clerk, receipts=[replace(scan, scanned=())], request_id=rid
        ),
    )
    run = given_recycling.run(here, (code,))
    certificates = _twice(
        lambda rid: dismantling.dismantle(actor=here.clerk, runs=[run], request_id=rid),
        lambda rid: dismantling.dismantle(
            actor=here.clerk, runs=[replace(run, outputs=())], request_id=rid
        ),
    )
    assert certificates[0].unit_codes == (code,)


def test_asking_for_a_new_price_is_safe_to_retry() -> None:
    here = given_recycling.city()
    order = given_recycling.booked()
    given_recycling.planned(here)

    def ask(is_complete: bool) -> Callable[[UUID], Any]:  # noqa: FBT001 a factory of calls
        return lambda rid: visiting.request_requote(
            actor=here.collector,
            order_id=order.id,
            unit_id=order.units[0].id,
            answers=given_recycling.answers(is_complete=is_complete, is_working=False),
            request_id=rid,
        )

    _twice(ask(True), ask(False))
