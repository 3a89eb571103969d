"""What a phone recorded without a network counts once, at its own time, or not at all."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotAllowed, RequestReused
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import _handin, models, rules
from huanxin.recycling.errors import (
    ConsentCodeWrong,
    JobReassigned,
    OrderStateRefuses,
    PriceMoved,
    RequoteNeedsConsent,
    TimeNotPossible,
)
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import booking, visiting
from huanxin.recycling.types import OrderState, RequoteState
from huanxin.recycling.types.door import DoorVisit
from huanxin.trace import models as trace_models
from tests import given, given_recycling

pytestmark = pytest.mark.django_db
DOOR = given_recycling.EVENING + timedelta(hours=14)
LATER = DOOR + timedelta(hours=3)
SIGNATURE = "cd" * 32
WORSE = given_recycling.answers(is_working=False)


@pytest.fixture
def here():
    return given_recycling.city()


@pytest.fixture
def order(here):
    order = given_recycling.booked()
    given_recycling.planned(here)
    return order_book.cards([order.id])[0]


def visit(order, *, found=None, seen_fen=None, at=DOOR, **said):
    pickup = given_recycling.pickup(order, found=found)
    return DoorVisit(pickup, seen_fen or order.quoted_fen, at, **said)


def hand_in(here, what, *, request_id=None, now=LATER, actor=None):
    with clock.standing_at(now):
        return visiting.hand_in(
            actor=actor or here.collector, visit=what, request_id=request_id or uuid4()
        )


def facts():
    return (
        models.Payout.objects.count(), models.Requote.objects.count(),
        models.Quote.objects.count(), trace_models.Unit.objects.count(),
        trace_models.Event.objects.count(), AuditEntry.objects.count(),
    )  # fmt: skip


def test_the_door_counts_at_its_own_time_and_the_payment_when_it_was_sent(here, order):
    receipt = hand_in(here, visit(order))

    row, payout = models.Order.objects.get(), models.Payout.objects.get()
    assert (row.state, row.collected_at, payout.paid_at) == (OrderState.COLLECTED, DOOR, LATER)
    assert payout.amount_fen == order.quoted_fen == receipt.paid_fen
    assert {one.at for one in trace_models.Event.objects.all()} == {DOOR}
    assert {one.recorded_at for one in trace_models.Event.objects.all()} == {LATER}


def test_sent_twice_it_is_taken_and_paid_once(here, order):
    request_id, what = uuid4(), visit(order)
    first = hand_in(here, what, request_id=request_id)
    before = facts()
    assert hand_in(here, what, request_id=request_id) == first
    with pytest.raises(OrderStateRefuses):
        hand_in(here, what)  # another request id: the control that the id is what makes it quiet
    with pytest.raises(RequestReused):
        hand_in(here, replace(what, seen_fen=1), request_id=request_id)
    assert facts() == before


def test_a_unit_that_differs_is_taken_with_her_signature_at_the_new_price(here, order):
    new_fen = 27_00
    hand_in(here, visit(order, found=WORSE, seen_fen=new_fen, signature_sha256=SIGNATURE))

    requote = models.Requote.objects.get()
    assert (requote.state, requote.signature_sha256) == (RequoteState.CONSENTED, SIGNATURE)
    assert requote.signed_at == DOOR
    assert models.Payout.objects.get().amount_fen == new_fen
    line = AuditEntry.objects.get(action="recycling.requote_accepted")
    assert line.facts["by"] == "signature"


def test_without_signature_or_at_another_price_nothing_at_all_is_kept(here, order):
    before = facts()
    with pytest.raises(RequoteNeedsConsent):
        hand_in(here, visit(order, found=WORSE, seen_fen=27_00))
    with pytest.raises(PriceMoved) as refusal:
        hand_in(here, visit(order, found=WORSE, seen_fen=45_00, signature_sha256=SIGNATURE))
    assert refusal.value.facts["quoted_fen"] == 27_00
    assert facts() == before
    assert models.Order.objects.get().state == OrderState.ASSIGNED


def test_the_price_is_compared_or_another_amount_would_be_paid(here, order, monkeypatch):
    monkeypatch.setattr(_handin, "check_price", lambda order, visit: None)  # the control
    hand_in(here, visit(order, seen_fen=99_00))
    assert models.Payout.objects.get().amount_fen == order.quoted_fen != 99_00


def test_her_code_heard_without_a_network_holds_when_it_is_sent(here, order):
    with clock.standing_at(DOOR):
        asked = visiting.request_requote(
            actor=here.collector, order_id=order.id, unit_id=order.units[0].id, answers=WORSE,
            request_id=uuid4(),
        )  # fmt: skip
    code = order_book.consent_code(asked.id)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    with pytest.raises(ConsentCodeWrong):
        hand_in(here, visit(order, seen_fen=27_00, consent_code=wrong))
    assert models.Requote.objects.get().state == RequoteState.PENDING
    hand_in(here, visit(order, seen_fen=27_00, consent_code=code))
    assert models.Payout.objects.get().amount_fen == 27_00


def test_a_stop_given_to_another_van_meanwhile_is_refused_and_said(here, order):
    models.Van.objects.update(collector_account_id=uuid4(), name="收 2")
    before = facts()
    with pytest.raises(JobReassigned) as refusal:
        hand_in(here, visit(order))
    assert refusal.value.facts["van_name"] == "收 2"
    assert facts() == before
    hand_in(here, visit(order), actor=here.manager)  # who plans the routes may settle it


def test_a_stop_of_another_recycler_is_refused(here, order):
    stranger = given_recycling.City(
        given.organisation(OrgKind.RECYCLER), here.dismantler_id, here.van_ids
    )
    with pytest.raises(NotAllowed):
        hand_in(here, visit(order), actor=stranger.collector)


def test_an_order_cancelled_meanwhile_is_not_taken(here, order):
    who = given.consumer(owner_of(order))
    with clock.standing_at(DOOR - timedelta(hours=1)):
        booking.cancel_order(actor=who, order_id=order.id, reason="不卖了")
    with pytest.raises(OrderStateRefuses):
        hand_in(here, visit(order))
    assert not models.Payout.objects.exists()


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (LATER + timedelta(minutes=3), "晚于平台时间"),
        (given_recycling.EVENING - timedelta(minutes=3), "早于派单时间"),
        (LATER - timedelta(days=4), "早于派单时间"),
    ],
)
def test_a_time_that_cannot_be_is_refused(here, order, at, reason):
    before = facts()
    with pytest.raises(TimeNotPossible) as refusal:
        hand_in(here, visit(order, at=at))
    assert refusal.value.facts["reason"] == reason
    assert facts() == before


def test_a_record_is_handed_in_within_three_days(here, order):
    with pytest.raises(TimeNotPossible, match="三天"):
        hand_in(here, visit(order), now=DOOR + rules.LONGEST_OFFLINE + timedelta(seconds=1))
    hand_in(here, visit(order), now=DOOR + rules.LONGEST_OFFLINE)


def test_who_does_not_agree_keeps_her_unit_at_no_cost_and_once(here, order):
    request_id = uuid4()
    said = {"order_id": order.id, "happened_at": DOOR, "request_id": request_id}
    with clock.standing_at(LATER):
        for _ in range(2):
            card = visiting.leave_without(actor=here.collector, **said)
    assert (card.state, card.paid_fen) == (OrderState.CANCELLED, None)
    assert models.SlotRoom.objects.get().taken == 0
    assert AuditEntry.objects.filter(action="recycling.cancelled").count() == 1


def test_labels_carried_along_are_nobody_elses(here):
    mine = visiting.reserve_labels(actor=here.collector, count=3)
    theirs = visiting.reserve_labels(actor=here.collector, count=3)
    assert len({*mine, *theirs}) == 6
    assert visiting.reserve_labels(actor=here.collector, count=0) == []


def owner_of(order):
    return identity.get_person(order.person_id, Scope())
