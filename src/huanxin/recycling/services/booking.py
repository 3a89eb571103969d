"""Orders: booked and cancelled."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.recycling import _orders, _requote, rules
from huanxin.recycling.selectors import order_book
from huanxin.recycling.types import OrderState
from huanxin.recycling.types.orders import NewOrder, OrderCard


@transaction.atomic
def book_orders(*, actor: Actor, orders: Sequence[NewOrder], request_id: UUID) -> list[OrderCard]:
    """Book doors to collect from, each in a slot with room, and issue the 焕新券 that were chosen.

    All or none; safe to retry. Refuses a slot that is full or over, and a quote that has lapsed,
    was used, or is another person's. City rule of 22 March 2024: a voucher is issued 待激活.
    """
    for person_id in {order.person_id for order in orders}:
        identity.require(actor, "recycling.book", person_id=person_id)
    content = [repr(order) + order.address for order in orders]
    if earlier := kernel_requests.first_answer(actor, "recycling.book", request_id, content):
        return order_book.cards([UUID(one) for one in earlier["order_ids"]])
    for order in orders:
        _orders.check_new(order)
    quotes = _orders.usable_quotes(orders)
    _orders.take_slots(orders)
    regions = _orders.regions_of({order.region_code for order in orders})
    rows = _orders.lay_orders(orders, quotes, regions)
    mine = {
        row.id: [quotes[quote_id] for quote_id in order.quote_ids]
        for row, order in zip(rows, orders, strict=True)
    }
    _orders.issue_vouchers(rows, mine)
    audit.record_many(
        actor,
        "recycling.booked",
        [_orders.entry(row, choice=row.choice, quoted_fen=row.quoted_fen) for row in rows],
    )
    answer = {"order_ids": [row.id for row in rows]}
    kernel_requests.remember(actor, "recycling.book", request_id, answer)
    return order_book.cards([row.id for row in rows])


def book_order(*, actor: Actor, order: NewOrder, request_id: UUID) -> OrderCard:
    """Book one door; see book_orders."""
    return book_orders(actor=actor, orders=[order], request_id=request_id)[0]


@transaction.atomic
def cancel_order(*, actor: Actor, order_id: UUID, reason: str) -> OrderCard:
    """Cancel before the unit is taken: the slot is free again and the 焕新券 已作废.

    Safe to repeat. After the hand-over it is refused.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.cancel", person_id=order.person_id)
    if order.state != OrderState.CANCELLED:
        rules.check_order_step(order.number, OrderState(order.state), OrderState.CANCELLED)
        _orders.free_slot(order)
        _requote.cancel(actor, order, reason)
    return order_book.cards([order_id])[0]
