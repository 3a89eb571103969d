"""A new price at the door holds only with the owner's word, and refusing it costs nothing."""

from uuid import uuid4

import pytest

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.recycling import models
from huanxin.recycling.errors import (
    ConsentCodeWrong,
    RequoteDecided,
    RequoteNeedsConsent,
)
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import visiting
from huanxin.recycling.types import Choice, OrderState, RequoteState, UnitState
from huanxin.recycling.types.door import RequoteCard
from huanxin.recycling.types.orders import OrderCard
from huanxin.trace.models import Unit as Passport
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherState
from tests import given, given_recycling

pytestmark = pytest.mark.django_db
BROKEN = given_recycling.answers(is_working=False)


def _requoted(
    choice: Choice = Choice.CASH,
) -> tuple[given_recycling.City, OrderCard, RequoteCard]:
    here = given_recycling.city()
    order = given_recycling.booked(choice=choice)
    given_recycling.planned(here)
    requote = visiting.request_requote(
        actor=here.collector,
        order_id=order.id,
        unit_id=order.units[0].id,
        answers=BROKEN,
        request_id=uuid4(),
    )
    return here, order, requote


def test_a_unit_that_differs_is_not_taken_without_the_owners_word() -> None:
    here = given_recycling.city()
    order = given_recycling.booked()
    given_recycling.planned(here)

    with pytest.raises(RequoteNeedsConsent):
        visiting.collect_unit(
            actor=here.collector,
            pickup=given_recycling.pickup(order, found=BROKEN),
            request_id=uuid4(),
        )

    row = models.Order.objects.get(pk=order.id)
    assert (row.state, row.paid_fen) == (OrderState.ASSIGNED, None)
    assert models.Payout.objects.count() == Passport.objects.count() == 0


def test_while_the_owner_thinks_nothing_is_taken() -> None:
    here, order, requote = _requoted()

    for found in (None, BROKEN):
        with pytest.raises(RequoteNeedsConsent):
            visiting.collect_unit(
                actor=here.collector,
                pickup=given_recycling.pickup(order, found=found),
                request_id=uuid4(),
            )

    assert requote.state == RequoteState.PENDING
    assert (requote.old.cash_fen, requote.new.cash_fen) == (4_500, 2_700)
    assert Passport.objects.count() == 0


def test_her_word_on_her_phone_makes_the_new_price_hold() -> None:
    here, order, requote = _requoted()

    visiting.answer_requote(
        actor=given.consumer(_owner(order)), requote_id=requote.id, is_accepted=True
    )
    receipt = visiting.collect_unit(
        actor=here.collector,
        pickup=given_recycling.pickup(order, found=BROKEN),
        request_id=uuid4(),
    )

    assert receipt.paid_fen == 2_700
    assert receipt.sentence == "已付现金 27.00 元（模拟支付）。"
    assert models.Payout.objects.get().amount_fen == 2_700


def test_a_new_price_issues_the_voucher_anew_and_only_the_new_one_is_usable() -> None:
    here, order, requote = _requoted(Choice.VOUCHER)
    assert order.voucher_id is not None

    with clock.standing_at(given_recycling.later(14)):
        card = visiting.answer_requote(
            actor=given.consumer(_owner(order)), requote_id=requote.id, is_accepted=True
        )
        given_recycling.collected(here, order)

    assert card.voucher_id is not None
    assert card.voucher_id != order.voucher_id
    old = vouchers.get_voucher(order.voucher_id, Scope())
    new = vouchers.get_voucher(card.voucher_id, Scope())
    assert (old.state, old.value_fen) == (VoucherState.VOID, 6_000)
    assert (new.state, new.value_fen) == (VoucherState.USABLE, 3_600)


def test_she_may_refuse_at_no_cost_and_keeps_her_unit() -> None:
    _, order, requote = _requoted(Choice.VOUCHER)

    card = visiting.answer_requote(
        actor=given.consumer(_owner(order)), requote_id=requote.id, is_accepted=False
    )

    assert (card.state, card.paid_fen) == (OrderState.CANCELLED, None)
    assert [unit.state for unit in card.units] == [UnitState.CANCELLED]
    assert order.voucher_id is not None
    assert vouchers.get_voucher(order.voucher_id, Scope()).state == VoucherState.VOID


def test_the_code_on_her_phone_is_her_word_and_the_worker_never_sees_it_himself() -> None:
    here, order, requote = _requoted()
    assert requote.consent_code is None
    on_her_phone = order_book.get_requote(requote.id, Scope(person_id=order.person_id))
    assert on_her_phone.consent_code is not None
    seen_by_worker = order_book.get_requote(requote.id, here.collector.scope)
    assert seen_by_worker.consent_code is None

    card = visiting.consent_by_code(
        actor=here.collector, requote_id=requote.id, consent_code=on_her_phone.consent_code
    )

    assert (card.state, card.quoted_fen) == (OrderState.ASSIGNED, 2_700)


def test_wrong_codes_are_counted_and_after_five_the_right_one_is_too_late() -> None:
    here, order, requote = _requoted()
    right = order_book.consent_code(requote.id)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    for left in (4, 3, 2, 1, 0):
        with pytest.raises(ConsentCodeWrong) as refusal:
            visiting.consent_by_code(
                actor=here.collector, requote_id=requote.id, consent_code=wrong
            )
        assert refusal.value.facts == {"left_count": left}
    with pytest.raises(ConsentCodeWrong):
        visiting.consent_by_code(actor=here.collector, requote_id=requote.id, consent_code=right)

    assert order_book.get_order(order.id, Scope()).state == OrderState.REQUOTE_PENDING


def test_a_decided_requote_is_not_decided_again() -> None:
    _, order, requote = _requoted()
    owner = given.consumer(_owner(order))
    visiting.answer_requote(actor=owner, requote_id=requote.id, is_accepted=True)

    with pytest.raises(RequoteDecided):
        visiting.answer_requote(actor=owner, requote_id=requote.id, is_accepted=False)

    assert order_book.get_order(order.id, Scope()).state == OrderState.ASSIGNED


def _owner(order: OrderCard) -> given.PersonCard:
    return given.selectors.get_person(order.person_id, Scope())
