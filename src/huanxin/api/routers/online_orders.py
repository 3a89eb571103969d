"""Online orders: a right kept until money comes, the shop's cancelling, the channel's notices."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.claims import selectors
from huanxin.claims.services import ordering
from huanxin.claims.types import (
    NewOrder,
    NewSale,
    OnlineOrderCard,
    OrderPaymentCard,
    OrderState,
    PaymentAnswer,
    PaymentNotice,
)
from huanxin.kernel.paging import Page

router = Router(tags=["online-orders"])


class Order(Schema):
    sale: NewSale
    pay_until: datetime


class Notice(Schema):
    reference: str
    paid_fen: int
    paid_at: datetime


@router.post(
    "/online-orders",
    response={201: OnlineOrderCard},
    summary="线上下单：锁定资格与焕新券至付款时限",
)
def place(request: HttpRequest, key: IdempotencyKey, body: Body[Order]) -> Status[OnlineOrderCard]:
    order = NewOrder(sale=body.sale, pay_until=body.pay_until)
    return Status(201, ordering.place_order(actor=actor_of(request), order=order, request_id=key))


@router.get("/online-orders", response=Page[OnlineOrderCard], summary="线上订单，新者在前")
def list_orders(
    request: HttpRequest, state: OrderState | None = None, page: PageNumber = 1
) -> Page[OnlineOrderCard]:
    return selectors.list_orders(actor_of(request).scope, state=state, page=page)


@router.get("/online-orders/{order_id}", response=OnlineOrderCard, summary="一笔线上订单")
def get_order(request: HttpRequest, order_id: UUID) -> OnlineOrderCard:
    return selectors.get_order(order_id, actor_of(request).scope)


@router.post(
    "/online-orders/{order_id}/payments",
    response=PaymentAnswer,
    summary="支付通知：同一流水号只答一次；不能成交的款项全额退回",
)
def take_payment(request: HttpRequest, order_id: UUID, body: Notice) -> PaymentAnswer:
    notice = PaymentNotice(order_id=order_id, **body.dict())
    return ordering.take_payment(actor=actor_of(request), notice=notice)


@router.get(
    "/online-orders/{order_id}/payments", response=list[OrderPaymentCard], summary="一笔订单的付款"
)
def list_payments(request: HttpRequest, order_id: UUID) -> list[OrderPaymentCard]:
    return selectors.list_payments(order_id, actor_of(request).scope)


@router.post(
    "/online-orders/{order_id}/cancel", response=OnlineOrderCard, summary="付款前取消：资格立即恢复"
)
def cancel(request: HttpRequest, order_id: UUID, key: IdempotencyKey) -> OnlineOrderCard:
    return ordering.cancel_order(actor=actor_of(request), order_id=order_id, request_id=key)
