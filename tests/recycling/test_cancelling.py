"""An order may end before the hand-over, and then leaves nothing behind."""

from uuid import uuid4

import pytest

from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotAllowed
from huanxin.recycling import models
from huanxin.recycling.errors import OrderStateRefuses
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import booking
from huanxin.recycling.types import Choice, OrderState, UnitState
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherState
from tests import given, given_recycling

pytestmark = pytest.mark.django_db


def test_a_cancelled_order_voids_its_voucher_and_frees_its_slot() -> None:
    here = given_recycling.city()
    wang = given.person()
    order = given_recycling.booked(wang, choice=Choice.VOUCHER)
    given_recycling.planned(here)
    assert order.voucher_id is not None
    assert models.SlotRoom.objects.get().taken == 1

    card = booking.cancel_order(actor=given.consumer(wang), order_id=order.id, reason="改主意")
    again = booking.cancel_order(actor=given.consumer(wang), order_id=order.id, reason="再点一次")

    assert (card.state, card.cancel_reason) == (OrderState.CANCELLED, "改主意")
    assert again == card
    assert vouchers.get_voucher(order.voucher_id, Scope()).state == VoucherState.VOID
    assert models.SlotRoom.objects.get().taken == 0
    assert models.RouteStop.objects.count() == 0
    assert [unit.state for unit in card.units] == [UnitState.CANCELLED]
    steps = order_book.timeline(order.id, Scope(person_id=wang.id))
    assert (steps[-1].code, steps[-1].standing, steps[-1].note) == (
        "cancelled",
        "stopped",
        "改主意",
    )


def test_after_the_hand_over_there_is_nothing_to_cancel() -> None:
    here = given_recycling.city()
    wang = given.person()
    order = given_recycling.booked(wang)
    given_recycling.planned(here)
    given_recycling.collected(here, order)

    with pytest.raises(OrderStateRefuses):
        booking.cancel_order(actor=given.consumer(wang), order_id=order.id, reason="改主意")

    assert order_book.get_order(order.id, Scope()).state == OrderState.COLLECTED
    assert models.SlotRoom.objects.get().taken == 1


def test_nobody_cancels_a_neighbours_order() -> None:
    given_recycling.city()
    order = given_recycling.booked()

    with pytest.raises(NotAllowed):
        booking.cancel_order(actor=given.consumer(), order_id=order.id, reason="替邻居取消")

    assert order_book.get_order(order.id, Scope()).state == OrderState.BOOKED


def test_a_cancelled_units_quote_may_not_be_used_again_but_a_new_one_may() -> None:
    given_recycling.city()
    wang = given.person()
    order = given_recycling.booked(wang)
    booking.cancel_order(actor=given.consumer(wang), order_id=order.id, reason="换个时间")

    again = given_recycling.new_order(wang)
    card = booking.book_order(actor=given.consumer(wang), order=again, request_id=uuid4())

    assert card.state == OrderState.BOOKED
