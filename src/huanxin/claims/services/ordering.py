"""Online orders: a right is kept until the money comes, in time, late or never."""

from dataclasses import asdict
from uuid import UUID

from django.db import transaction

from huanxin.claims import _ordering, _selling, ports
from huanxin.claims.errors import OrderClosed, OrderNotPayable
from huanxin.claims.models import OnlineOrder, OrderPayment
from huanxin.claims.types import (
    NewOrder,
    OnlineOrderCard,
    OrderState,
    PaymentAnswer,
    PaymentNotice,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor, system_actor
from huanxin.vouchers.services import redeeming

_CHANNEL = "线上订单"  # who moves vouchers and money on a buyer's word


@transaction.atomic
def place_order(*, actor: Actor, order: NewOrder, request_id: UUID) -> OnlineOrderCard:
    """Place an online order: its vouchers are 已锁定 until `pay_until`, at most half an hour.

    Nothing is redeemed and no device locked before money comes. Safe to retry by request id; a
    shop's order number is used once. Refuses what a sale refuses, and vouchers that another order
    or channel keeps (docs/adr/108).
    """
    sale = order.sale
    identity.require(actor, "claims.sell", org_id=sale.merchant_id)
    content = asdict(order)
    if earlier := requests.first_answer(actor, "claims.order", request_id, content):
        return _ordering.card(OnlineOrder.objects.get(pk=earlier["order_id"]))
    [plan] = _selling.plan(actor, [sale])
    _selling.check_decision(plan)
    order_id = ids.new_id()
    vouchers = _ordering.vouchers_of(sale)
    for voucher_id in sorted(vouchers):
        redeeming.lock_voucher(
            actor=actor,
            voucher_id=voucher_id,
            sale_id=order_id,
            org_id=sale.merchant_id,
            until=order.pay_until,
        )
    row = _ordering.write(order_id, order, plan, vouchers)
    requests.remember(actor, "claims.order", request_id, {"order_id": order_id})
    _record(actor, "claims.ordered", row, plan.right.region_path)
    return _ordering.card(row)


@transaction.atomic
def take_payment(*, actor: Actor, notice: PaymentNotice) -> PaymentAnswer:
    """Take a payment channel's notice: the order becomes a sale, or all of the money goes back.

    The payment's own date picks the rule's version. Paid and told within the lock, the right is
    there whatever its own end or its pool's; later it is tried once more and taken if it is still
    free. Whatever the sale refuses refuses the payment: then nothing is held, every lock is freed
    and the whole amount is to be refunded, with the reason. Safe to repeat: a reference is
    answered once, other content under it is refused; a second payment of an order goes back.
    """
    identity.require(actor, "claims.sell")
    row = _ordering.lock(notice.order_id)
    identity.require(actor, "claims.sell", org_id=row.merchant_id)
    _ordering.check_notice(notice, clock.now())
    if earlier := OrderPayment.objects.filter(order=row, reference=notice.reference).first():
        return _ordering.answer_again(row, earlier, notice)
    refusal = _ordering.try_to_sell(actor, row, notice)
    _ordering.book(row, notice, refusal)
    if refusal is not None:
        _free_vouchers(actor, row)
    _record(
        actor, "claims.order_paid", row, "", reference=notice.reference, state=row.state,
        reason_code=refusal.code if refusal else "",
    )  # fmt: skip
    return _ordering.answer(row, notice.reference)


@transaction.atomic
def pay_order(*, actor: Actor, order_id: UUID, request_id: UUID) -> PaymentAnswer:
    """The buyer pays her order through the payment port; the channel's notice follows at once.

    The channel knows no deadline of ours: a payment page that was opened in time may be finished
    late, and is then answered like any late notice. Safe to retry by request id. Refuses orders
    of others, and orders that were sold, cancelled or refunded, before any money is taken.
    """
    identity.require(actor, "claims.pay_order")
    row = _ordering.lock(order_id)
    identity.require(actor, "claims.pay_order", person_id=row.person_id)
    if earlier := requests.first_answer(actor, "claims.pay_order", request_id, [order_id]):
        return _ordering.answer(row, earlier["reference"])
    if row.state not in {OrderState.OPEN, OrderState.EXPIRED}:
        raise OrderNotPayable(state=_ordering.WORDS[OrderState(row.state)])
    taken = ports.online_payment().take(
        order_id=order_id, request_id=request_id, amount_fen=row.to_pay_fen
    )
    notice = PaymentNotice(order_id, taken.reference, row.to_pay_fen, clock.now())
    answer = take_payment(actor=system_actor(_CHANNEL), notice=notice)
    requests.remember(actor, "claims.pay_order", request_id, {"reference": taken.reference})
    return answer


@transaction.atomic
def cancel_order(*, actor: Actor, order_id: UUID, request_id: UUID) -> OnlineOrderCard:
    """The buyer or the shop gives the order up before it was paid: its vouchers are free at once.

    Safe to retry. Refuses an order that was paid. Money that comes afterwards goes back.
    """
    permission = "claims.sell" if actor.person_id is None else "claims.pay_order"
    identity.require(actor, permission)
    row = _ordering.lock(order_id)
    if actor.person_id is None:
        identity.require(actor, permission, org_id=row.merchant_id)
    else:
        identity.require(actor, permission, person_id=row.person_id)
    if requests.first_answer(actor, "claims.cancel_order", request_id, [order_id]) is not None:
        return _ordering.card(row)
    if row.state not in {OrderState.OPEN, OrderState.EXPIRED, OrderState.CANCELLED}:
        raise OrderClosed(state=_ordering.WORDS[OrderState(row.state)])
    _ordering.close(row, OrderState.CANCELLED)
    _free_vouchers(actor if actor.person_id is None else system_actor(_CHANNEL), row)
    requests.remember(actor, "claims.cancel_order", request_id, {})
    _record(actor, "claims.order_cancelled", row, "")
    return _ordering.card(row)


@transaction.atomic
def expire_orders(*, actor: Actor, limit: int = 500) -> int:
    """Close the orders that were not paid by their deadline; returns how many. A timer's work.

    A late timer changes nothing that counts: a lock past its deadline keeps nothing.
    """
    identity.require(actor, "claims.decide")
    due = (
        OnlineOrder.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(state=OrderState.OPEN, pay_until__lte=clock.now())
        .order_by("pay_until")[:limit]
    )
    rows = list(due)
    for row in rows:
        _ordering.close(row, OrderState.EXPIRED)
        _free_vouchers(actor, row)
        _record(actor, "claims.order_expired", row, "")
    return len(rows)


def _free_vouchers(actor: Actor, row: OnlineOrder) -> None:
    redeeming.free_locks_of(
        actor=actor, sale_id=row.pk, voucher_ids=_ordering.locked_by(row), org_id=row.merchant_id
    )


def _record(actor: Actor, action: str, row: OnlineOrder, region_path: str, **facts: object) -> None:
    entry = audit.Entry("order", row.pk, region_path, row.merchant_id, facts)
    audit.record_many(actor, action, [entry])
