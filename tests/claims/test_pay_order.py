"""A buyer pays or gives up her own online order; the channel takes money once, and only for her."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims import models, ports
from huanxin.claims import selectors as claims
from huanxin.claims.errors import OrderNotPayable
from huanxin.claims.services import ordering
from huanxin.claims.types import Channel, NewOrder, OrderState
from huanxin.identity.errors import NotAllowed
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims
from tests import given_vouchers as gv
from tests.given_claims import SOLD_AT as AT

pytestmark = pytest.mark.django_db


class CountingPayment(ports.LocalOnlinePayment):
    """A channel that remembers what it took."""

    asked: list[int] = []  # one for the process, cleared by the fixture

    def take(self, *, order_id, request_id, amount_fen):
        self.asked.append(amount_fen)
        return super().take(order_id=order_id, request_id=request_id, amount_fen=amount_fen)


@pytest.fixture(autouse=True)
def taken(settings):
    settings.HUANXIN_ONLINE_PAYMENT_PORT = f"{__name__}.CountingPayment"
    CountingPayment.asked.clear()
    with clock.standing_at(AT):
        yield CountingPayment.asked


def placed():
    till = given_claims.till()
    sale = replace(till.sale, channel=Channel.ONLINE, merchant_order_no=f"D{uuid4()}")
    card = ordering.place_order(
        actor=till.cashier, order=NewOrder(sale, AT + timedelta(minutes=30)), request_id=uuid4()
    )
    return till, card, given.consumer(till.buyer)


def test_pressed_twice_the_channel_is_asked_once(taken):
    till, card, buyer = placed()
    request_id = uuid4()
    answers = [
        ordering.pay_order(actor=buyer, order_id=card.order_id, request_id=request_id)
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert answers[0].state is OrderState.SOLD
    assert taken == [card.to_pay_fen]
    [paid] = claims.list_payments(card.order_id, Scope(person_id=till.buyer.id))
    assert paid.is_simulated
    assert gv.card(till.sale.qualification_id).state is VoucherState.USED


def test_nothing_is_taken_for_what_is_over_or_anothers(taken):
    till, card, buyer = placed()
    stranger = given.consumer()
    for verb in (ordering.pay_order, ordering.cancel_order):
        with pytest.raises(NotAllowed):
            verb(actor=stranger, order_id=card.order_id, request_id=uuid4())
    ordering.cancel_order(actor=buyer, order_id=card.order_id, request_id=uuid4())
    assert gv.card(till.sale.qualification_id).state is VoucherState.USABLE
    with pytest.raises(OrderNotPayable):
        ordering.pay_order(actor=buyer, order_id=card.order_id, request_id=uuid4())
    assert taken == []
    assert models.OrderPayment.objects.count() == 0


def test_a_reader_sees_the_orders_of_her_person_shop_or_region_alone():
    till, card, _ = placed()
    inside = [
        Scope(person_id=till.buyer.id), Scope(org_id=till.sale.merchant_id),
        Scope(region_path=given.CITY_PATH), Scope(),
    ]  # fmt: skip
    outside = [Scope(person_id=uuid4()), Scope(org_id=uuid4()), Scope("370000/370100")]
    assert [claims.list_orders(one).total for one in inside] == [1] * 4
    assert [claims.list_orders(one).total for one in outside] == [0] * 3
    held = claims.find_order_that_locks(till.sale.qualification_id, inside[0])
    assert held is not None
    assert held.order_id == card.order_id
    assert claims.find_order_that_locks(till.sale.qualification_id, outside[0]) is None


@pytest.mark.django_db(transaction=True)
def test_paid_and_cancelled_at_once_one_of_the_two_holds(race):
    till, card, buyer = placed()

    def one(n):
        verb = ordering.pay_order if n % 2 else ordering.cancel_order
        with clock.standing_at(AT):
            verb(actor=buyer, order_id=card.order_id, request_id=uuid4())

    said = [type(answer).__name__ for answer in race(one, 4)]
    state = claims.get_order(card.order_id, Scope()).state
    assert state in {OrderState.SOLD, OrderState.CANCELLED}
    assert set(said) <= {"NoneType", "OrderNotPayable", "OrderClosed"}
    assert given_claims.count_sales() == (1 if state is OrderState.SOLD else 0)
    used = VoucherState.USED if state is OrderState.SOLD else VoucherState.USABLE
    assert gv.card(till.sale.qualification_id).state is used
