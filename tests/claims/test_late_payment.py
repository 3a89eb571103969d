"""Online orders: paid in time, late, twice, never; and in the order notices happen to come."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims import models
from huanxin.claims.errors import OrderClosed, OrderReused, PaidInFuture
from huanxin.claims.services import ordering
from huanxin.claims.types import Channel, NewOrder, OrderState, PaymentNotice
from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.vouchers.errors import HoldTooLong, VoucherOnHold
from huanxin.vouchers.services import lapsing, redeeming
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

AT = given_claims.SOLD_AT
TO_PAY = 424_915  # 4,999.00 less 15 %


def place(till, *, at=AT, number=None, minutes=30, request_id=None):
    sale = replace(
        till.sale, channel=Channel.ONLINE, sold_at=at, merchant_order_no=number or f"D{uuid4()}"
    )
    with clock.standing_at(at):
        return ordering.place_order(
            actor=till.cashier, order=NewOrder(sale, at + timedelta(minutes=minutes)),
            request_id=request_id or uuid4(),
        )  # fmt: skip


def pay(till, order, *, paid_at, told_at=None, reference="支付1", paid_fen=TO_PAY):
    with clock.standing_at(told_at or paid_at):
        return ordering.take_payment(
            actor=till.cashier,
            notice=PaymentNotice(order.order_id, reference, paid_fen, paid_at),
        )


def state_of(till):
    return gv.card(till.sale.qualification_id).state


def assert_nothing_held(till):
    assert gv.owed_fen(till.sale.merchant_id) == 0
    assert given_claims.count_sales() == 0
    assert ledger.sum_check().difference_fen == 0


def test_an_order_keeps_the_right_and_a_payment_in_time_sells():
    till = given_claims.till()
    order = place(till)
    assert (order.state, order.to_pay_fen) == (OrderState.OPEN, TO_PAY)
    assert state_of(till) is VoucherState.LOCKED
    assert_nothing_held(till)

    answer = pay(till, order, paid_at=AT + timedelta(minutes=5))

    assert (answer.state, answer.sale_id, answer.refund_fen) == (
        OrderState.SOLD, order.order_id, 0,
    )  # fmt: skip
    assert state_of(till) is VoucherState.USED
    assert given_claims.claim_of(order.order_id).card.subsidy_fen == 74_985


def test_within_the_lock_the_rights_own_end_does_not_matter():
    till = given_claims.till()
    ends = gv.card(till.sale.qualification_id).expires_at
    order = place(till, at=ends - timedelta(minutes=1))
    with clock.standing_at(ends + timedelta(minutes=5)):
        assert lapsing.lapse_due(actor=given.system()) == 0
    answer = pay(till, order, paid_at=ends + timedelta(minutes=10))
    assert answer.state is OrderState.SOLD


@pytest.mark.parametrize("is_timer_late", [True, False])
def test_paid_after_the_deadline_it_sells_if_the_right_is_still_free(is_timer_late):
    till = given_claims.till()
    order, late = place(till), AT + timedelta(minutes=40)
    if not is_timer_late:
        with clock.standing_at(late):
            assert ordering.expire_orders(actor=given.system()) == 1
        assert state_of(till) is VoucherState.USABLE
    answer = pay(till, order, paid_at=late)
    assert answer.state is OrderState.SOLD


@pytest.mark.parametrize("is_timer_late", [True, False])
def test_paid_after_the_deadline_and_the_rights_end_all_of_it_goes_back(is_timer_late):
    till = given_claims.till()
    pool_id = gv.card(till.sale.qualification_id).pool_id
    ends = gv.card(till.sale.qualification_id).expires_at
    order = place(till, at=ends - timedelta(minutes=1))
    late = ends + timedelta(hours=1)
    if not is_timer_late:
        with clock.standing_at(late):
            ordering.expire_orders(actor=given.system())
            lapsing.lapse_due(actor=given.system())
    answer = pay(till, order, paid_at=late)
    assert (answer.state, answer.refund_fen) == (OrderState.REFUNDED, TO_PAY)
    assert "款项将全额原路退回。" in answer.sentence
    assert_nothing_held(till)
    with clock.standing_at(late):
        redeeming.free_due_locks(actor=given.system())
        lapsing.lapse_due(actor=given.system())
    assert gv.free_fen(pool_id) == 10 * gv.CAP_FEN


def test_paid_late_and_meanwhile_spent_in_a_shop_all_of_it_goes_back():
    till = given_claims.till()
    order, later = place(till), AT + timedelta(minutes=31)
    receipt = till.sell(sold_at=later, serial="SN-IN-THE-SHOP")
    answer = pay(till, order, paid_at=AT + timedelta(minutes=45))
    assert (answer.state, answer.reason_code) == (OrderState.REFUNDED, "vouchers.not_usable")
    assert gv.card(till.sale.qualification_id).used_sale_id == receipt.sale_id
    assert gv.owed_fen(till.sale.merchant_id) == receipt.subsidy_fen


def test_two_channels_at_once_the_second_hears_that_the_first_keeps_it():
    till = given_claims.till()
    order = place(till)
    with pytest.raises(VoucherOnHold):
        place(till, at=AT + timedelta(minutes=1))
    with pytest.raises(VoucherOnHold):
        till.sell(sold_at=AT + timedelta(minutes=2))
    assert models.OnlineOrder.objects.count() == 1
    assert pay(till, order, paid_at=AT + timedelta(minutes=3)).state is OrderState.SOLD


def test_notices_repeated_and_out_of_order_sell_once_and_refund_the_other():
    till = given_claims.till()
    order, soon = place(till), AT + timedelta(minutes=4)
    first = pay(till, order, paid_at=AT + timedelta(minutes=3), told_at=soon, reference="乙")
    again = pay(till, order, paid_at=AT + timedelta(minutes=3), told_at=soon, reference="乙")
    assert first == again
    other = pay(till, order, paid_at=AT + timedelta(minutes=1), told_at=soon, reference="甲")
    assert (other.state, other.reason_code, other.refund_fen) == (
        OrderState.REFUNDED, "claims.already_paid", TO_PAY,
    )  # fmt: skip
    assert (
        pay(till, order, paid_at=AT + timedelta(minutes=1), told_at=soon, reference="甲") == other
    )
    with pytest.raises(RequestReused):
        pay(till, order, paid_at=AT + timedelta(minutes=3), reference="乙", paid_fen=1)
    assert given_claims.count_sales() == 1
    assert models.OrderPayment.objects.filter(refund_fen=0).count() == 1


def test_a_wrong_amount_and_a_dead_order_are_paid_back_in_full():
    pool_id = gv.pool()
    wrong, dead = (given_claims.till(pool_id=pool_id) for _ in range(2))
    answer = pay(wrong, place(wrong), paid_at=AT + timedelta(minutes=1), paid_fen=TO_PAY - 1)
    assert (answer.reason_code, answer.refund_fen) == ("claims.amount_differs", TO_PAY - 1)
    assert state_of(wrong) is VoucherState.USABLE
    order = place(dead)
    for _ in range(2):
        with clock.standing_at(AT + timedelta(minutes=1)):
            ordering.cancel_order(actor=dead.cashier, order_id=order.order_id, request_id=uuid4())
    assert state_of(dead) is VoucherState.USABLE
    answer = pay(dead, order, paid_at=AT + timedelta(minutes=2))
    assert answer.refund_fen == TO_PAY
    assert models.OnlineOrder.objects.get(pk=order.order_id).state == OrderState.CANCELLED
    for till in (wrong, dead):
        assert_nothing_held(till)


def test_after_the_programmes_last_day_nothing_is_sold():
    till = given_claims.till()
    order = place(till)
    with clock.standing_at(AT):
        models.OnlineOrder.objects.update(pay_until=AT + timedelta(days=365))
    answer = pay(till, order, paid_at=AT + timedelta(days=160))
    assert answer.state is OrderState.REFUNDED
    assert_nothing_held(till)


def test_bad_orders_and_notices_change_nothing():
    till = given_claims.till()
    request_id = uuid4()
    order = place(till, number="D1", request_id=request_id)
    assert place(till, number="D1", request_id=request_id) == order
    with pytest.raises(PaidInFuture):
        pay(till, order, paid_at=AT + timedelta(minutes=2), told_at=AT + timedelta(minutes=1))
    with pytest.raises(PaidInFuture):
        pay(till, order, paid_at=AT + timedelta(minutes=2), paid_fen=0)
    other = given_claims.till(org_id=till.sale.merchant_id)
    with pytest.raises(OrderReused):
        place(other, number="D1")
    assert state_of(other) is VoucherState.USABLE
    with pytest.raises(HoldTooLong):
        place(other, number="D2", minutes=31)
    pay(till, order, paid_at=AT + timedelta(minutes=2))
    with pytest.raises(OrderClosed), clock.standing_at(AT + timedelta(minutes=3)):
        ordering.cancel_order(actor=till.cashier, order_id=order.order_id, request_id=uuid4())


@pytest.mark.django_db(transaction=True)
def test_one_payment_told_by_six_at_once_sells_once(race):
    till = given_claims.till()
    order, at = place(till), AT + timedelta(minutes=1)
    answers = race(lambda n: pay(till, order, paid_at=at, reference=f"支付{n % 2}"), 6)
    assert sorted(answer.state for answer in answers) == ["refunded"] * 3 + ["sold"] * 3
    assert given_claims.count_sales() == 1
    assert gv.owed_fen(till.sale.merchant_id) == 74_985
    assert ledger.sum_check().difference_fen == 0
