"""How an online order is kept, tried when money comes, and answered."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from huanxin.claims import _selling, ports
from huanxin.claims.errors import (
    AlreadyPaid,
    AmountDiffers,
    OrderReused,
    OrderUnknown,
    PaidInFuture,
)
from huanxin.claims.models import OnlineOrder, OrderPayment
from huanxin.claims.types import (
    Channel,
    NewOrder,
    NewSale,
    OnlineOrderCard,
    OrderPaymentCard,
    OrderState,
    PaymentAnswer,
    PaymentNotice,
)
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError, RequestReused
from huanxin.kernel.locking import lock_row
from huanxin.kernel.money import yuan

WORDS = {
    OrderState.OPEN: "等待付款", OrderState.SOLD: "成交", OrderState.EXPIRED: "超时关闭",
    OrderState.CANCELLED: "取消", OrderState.REFUNDED: "退款",
}  # fmt: skip
_SAY = {
    OrderState.OPEN: "资格已为您保留，请在时限内付款。",
    OrderState.SOLD: "付款成功，补贴已抵减。",
    OrderState.EXPIRED: "超过时限未付款，订单已关闭，资格已恢复。",
    OrderState.CANCELLED: "订单已取消，资格已恢复。",
    OrderState.REFUNDED: "款项将全额原路退回。",
}


def vouchers_of(sale: NewSale) -> set[UUID]:
    """What an order locks: the right and the 焕新券. Others are looked at when it is paid."""
    return {one for one in (sale.qualification_id, sale.trade_in_voucher_id) if one}


def write(order_id: UUID, order: NewOrder, plan: _selling.Plan, vouchers: set[UUID]) -> OnlineOrder:
    """Keep the order; a shop's order number is used once."""
    row = OnlineOrder(
        id=order_id,
        merchant_id=order.sale.merchant_id,
        merchant_order_no=order.sale.merchant_order_no,
        person_id=plan.right.person_id,
        terms=json.loads(json.dumps(asdict(order.sale), default=str)),
        voucher_ids=sorted(str(one) for one in vouchers),
        to_pay_fen=plan.amounts.to_pay_fen,
        placed_at=clock.now(),
        pay_until=order.pay_until,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise OrderReused(number=order.sale.merchant_order_no) from error
    return row


def lock(order_id: UUID) -> OnlineOrder:
    """The order, held; an unknown one is refused."""
    if not OnlineOrder.objects.filter(pk=order_id).exists():
        raise OrderUnknown(order_id=order_id)
    return lock_row(OnlineOrder, order_id)


def locked_by(row: OnlineOrder) -> list[UUID]:
    """The vouchers an order keeps or kept."""
    return [UUID(one) for one in row.voucher_ids]


def check_notice(notice: PaymentNotice, now: datetime) -> None:
    """Refuse a notice of nothing, or from a clock that runs ahead."""
    if notice.paid_fen <= 0 or notice.paid_at > now:
        raise PaidInFuture


def try_to_sell(actor: Actor, row: OnlineOrder, notice: PaymentNotice) -> DomainError | None:
    """Sell the order for this payment; the refusal if it cannot be, with nothing written."""
    if row.state == OrderState.SOLD:
        return AlreadyPaid()
    if row.state == OrderState.CANCELLED:
        return OrderUnknown(order_id=row.pk)
    try:
        with transaction.atomic():
            _sell(actor, row, notice)
    except DomainError as refusal:
        return refusal
    return None


def _sell(actor: Actor, row: OnlineOrder, notice: PaymentNotice) -> None:
    sale = _sale(row.terms, sold_at=notice.paid_at)
    [plan] = _selling.plan(actor, [sale])
    _selling.check_decision(plan)
    if plan.amounts.to_pay_fen != notice.paid_fen:
        raise AmountDiffers(paid=yuan(notice.paid_fen), wanted=yuan(plan.amounts.to_pay_fen))
    _selling.complete(actor, [replace(plan, id=row.pk)])


def _sale(terms: dict[str, Any], *, sold_at: datetime) -> NewSale:
    ids = ("merchant_id", "qualification_id", "person_id", "trade_in_voucher_id")
    known: dict[str, Any] = {name: UUID(terms[name]) if terms[name] else None for name in ids}
    known["consumption_voucher_ids"] = tuple(UUID(one) for one in terms["consumption_voucher_ids"])
    return NewSale(**{**terms, **known, "sold_at": sold_at, "channel": Channel(terms["channel"])})


def book(row: OnlineOrder, notice: PaymentNotice, refusal: DomainError | None) -> None:
    """Write what became of a payment; a refused one closes the order unless it was sold before."""
    OrderPayment.objects.create(
        order=row,
        reference=notice.reference,
        paid_fen=notice.paid_fen,
        paid_at=notice.paid_at,
        refund_fen=notice.paid_fen if refusal else 0,
        reason_code=refusal.code if refusal else "",
        say=refusal.message[:300] if refusal else "",
        told_at=clock.now(),
    )
    if refusal is None:
        row.sale_id = row.pk
        close(row, OrderState.SOLD)
    elif row.state in {OrderState.OPEN, OrderState.EXPIRED}:
        row.reason_code, row.say = refusal.code, refusal.message[:300]
        close(row, OrderState.REFUNDED)


def close(row: OnlineOrder, state: OrderState) -> None:
    """Move an order on and save it."""
    row.state, row.closed_at = state, clock.now()
    row.save(update_fields=["state", "closed_at", "sale_id", "reason_code", "say"])


def answer(row: OnlineOrder, reference: str) -> PaymentAnswer:
    """What the payment channel is told."""
    paid = OrderPayment.objects.get(order=row, reference=reference)
    is_sold = paid.refund_fen == 0
    say = _SAY[OrderState.SOLD if is_sold else OrderState.REFUNDED]
    return PaymentAnswer(
        order_id=row.pk,
        reference=reference,
        state=OrderState.SOLD if is_sold else OrderState.REFUNDED,
        sale_id=row.pk if is_sold else None,
        refund_fen=paid.refund_fen,
        reason_code=paid.reason_code,
        sentence=f"{paid.say}{say}",
    )


def answer_again(row: OnlineOrder, earlier: OrderPayment, notice: PaymentNotice) -> PaymentAnswer:
    """The first answer to a reference; other content under it is refused."""
    if (earlier.paid_fen, earlier.paid_at) != (notice.paid_fen, notice.paid_at):
        raise RequestReused(operation="claims.take_payment", reference=notice.reference)
    return answer(row, notice.reference)


def card(row: OnlineOrder) -> OnlineOrderCard:
    """An order as its shop and its buyer see it."""
    state = OrderState(row.state)
    return OnlineOrderCard(
        order_id=row.pk,
        merchant_id=row.merchant_id,
        merchant_order_no=row.merchant_order_no,
        person_id=row.person_id,
        state=state,
        to_pay_fen=row.to_pay_fen,
        placed_at=row.placed_at,
        pay_until=row.pay_until,
        sale_id=row.sale_id,
        reason_code=row.reason_code,
        sentence=f"{row.say}{_SAY[state]}",
        qualification_id=UUID(row.terms["qualification_id"]),
        gtin=row.terms["gtin"],
        closed_at=row.closed_at,
    )


def payment_card(row: OrderPayment) -> OrderPaymentCard:
    """A payment as the order's shop and buyer see it."""
    return OrderPaymentCard(
        reference=row.reference,
        paid_fen=row.paid_fen,
        paid_at=row.paid_at,
        told_at=row.told_at,
        refund_fen=row.refund_fen,
        reason_code=row.reason_code,
        sentence=row.say,
        is_simulated=ports.is_simulated(row.reference),
    )
