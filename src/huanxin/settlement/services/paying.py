"""Paying a batch: one order a merchant, and the files the bank gets."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, requests
from huanxin.kernel.actor import Actor
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    Leg,
)
from huanxin.settlement import _booking, _offsets, _orders, _payable, _rows, ports, rules, selectors
from huanxin.settlement.errors import (
    BatchNotPublished,
    NotRefused,
    ObjectionsWaiting,
    PublicityRunning,
    SameOfficer,
)
from huanxin.settlement.models import BankFile, Batch, Item, Objection, PaymentOrder
from huanxin.settlement.types import (
    BatchState,
    ItemState,
    ObjectionState,
    OrderState,
    PaymentOrderCard,
)

REVERSAL = "settlement.reversal"


@transaction.atomic
def pay_batch(*, actor: Actor, batch_id: UUID, request_id: UUID) -> list[PaymentOrderCard]:
    """Post the held money of a published batch and order one payment per merchant.

    Claims that were returned or reopened meanwhile leave the batch; one that has nothing left is
    closed without an order. An order takes off what its shop owes back and was paid ahead
    (docs/adr/0147, 0148); one with nothing left for the bank is settled at once. Another person
    than the opener must pay (constraint batch_payer_is_not_opener); the publicity must be over and
    every objection answered. Safe to retry. send_bank_files() delivers the file this makes.
    """
    identity.require(actor, "settlement.pay")
    batch = _rows.lock_batch(batch_id)
    identity.require(actor, "settlement.pay", region_path=batch.region_path)
    if requests.first_answer(actor, "settlement.pay", request_id, [batch_id]) is not None:
        return selectors.orders_of(batch_id)
    _check_payable(actor, batch)
    items = _release_items(actor, batch)
    ledger.post_held(posts=[(key, None) for key in _payable.hold_keys(items)])
    now = clock.now()
    made = _orders.order_payments(batch, items, attempt=1, replaces=None)
    _take_off(actor, batch, made)
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.PAID,
        paid_by=actor.account_id,
        paid_at=now,
        paid_on=clock.business_day(now),
    )
    orders = selectors.orders_of(batch_id)
    if to_send := [order for order in orders if order.cash_fen]:
        _orders.make_bank_file(batch, to_send, name=f"{batch.number}-1.csv")
    requests.remember(actor, "settlement.pay", request_id, {"orders": len(orders)})
    _rows.record(
        actor, "settlement.paid", batch, claims=len(items),
        amount_fen=sum(order.amount_fen for order in orders),
        cash_fen=sum(order.cash_fen for order in orders),
    )  # fmt: skip
    return orders


@transaction.atomic
def retry_payment(*, actor: Actor, order_number: str, request_id: UUID) -> PaymentOrderCard | None:
    """Order a refused payment anew; returned goods are taken out, their money restored.

    Safe to retry. Refuses an order that is not refused, above all one whose outcome is unknown.
    None if everything in it has been returned.
    """
    identity.require(actor, "settlement.pay")
    order = _orders.lock_order(order_number)
    batch = order.batch
    identity.require(actor, "settlement.pay", region_path=batch.region_path)
    earlier = requests.first_answer(actor, "settlement.retry", request_id, [order_number])
    if earlier is not None:
        new_id = earlier["order_id"]
        return selectors.order_card(UUID(new_id)) if new_id else None
    if order.state != OrderState.REFUSED:
        raise NotRefused(number=order_number, state=rules.STATE_WORDS[order.state])
    items = list(order.items.select_for_update(no_key=True).order_by("pk"))
    returned = selectors.returned_sales([item.sale_id for item in items])
    _offsets.release(order)
    _reverse([item for item in items if item.sale_id in returned])
    PaymentOrder.objects.filter(pk=order.pk).update(state=OrderState.REPLACED)
    kept = [item for item in items if item.sale_id not in returned]
    new = _orders.order_payments(batch, kept, attempt=order.attempt + 1, replaces=order)
    _take_off(actor, batch, new)
    card = selectors.order_card(new[0].pk) if new else None
    if card and card.cash_fen:
        _orders.make_bank_file(batch, [card], name=f"{batch.number}-{card.number}.csv")
    requests.remember(
        actor, "settlement.retry", request_id, {"order_id": card.order_id if card else None}
    )
    _rows.record(actor, "settlement.retried", batch, order=order_number)
    return card


def send_bank_files(*, actor: Actor) -> int:
    """Deliver payment files that have not left yet; returns how many. A timer's work.

    Delivered first, marked afterwards: after a crash a file goes out again under the same name,
    which the bank takes as the same file.
    """
    identity.require(actor, "settlement.send")
    channel = ports.bank_channel()
    files = list(BankFile.objects.filter(sent_at__isnull=True).order_by("made_at", "pk"))
    for file in files:
        channel.send(name=file.name, content=file.content)
        BankFile.objects.filter(pk=file.pk, sent_at__isnull=True).update(sent_at=clock.now())
    return len(files)


def _take_off(actor: Actor, batch: Batch, orders: Sequence[PaymentOrder]) -> None:
    """Reserve the offsets; an order that they use up needs no bank and is settled now."""
    _offsets.reserve(batch, orders)
    used_up = [(one, OrderState.ACCEPTED, "全额抵扣") for one in orders if not one.cash_fen]
    if used_up:
        _booking.answer_orders(actor, used_up)


def _check_payable(actor: Actor, batch: Batch) -> None:
    if batch.state != BatchState.PUBLISHED or batch.objections_until is None:
        raise BatchNotPublished(batch=batch.number)
    if clock.today() <= batch.objections_until:
        raise PublicityRunning(until=f"{batch.objections_until:%Y年%m月%d日}")
    if actor.account_id == batch.opened_by:
        raise SameOfficer(permission="settlement.pay")
    waiting = Objection.objects.filter(item__batch=batch, state=ObjectionState.WAITING).count()
    if waiting:
        raise ObjectionsWaiting(count=waiting)


def _release_items(actor: Actor, batch: Batch) -> list[Item]:
    items = list(
        batch.items.select_for_update(no_key=True).filter(state=ItemState.TAKEN).order_by("pk")
    )
    payable = _payable.release(actor, items)
    gone = [item.pk for item in items if item.sale_id not in payable]
    Item.objects.filter(pk__in=gone).update(state=ItemState.WITHDRAWN)
    kept = [item for item in items if item.sale_id in payable]
    today = clock.today()
    Item.objects.filter(pk__in=[item.pk for item in kept]).update(
        state=ItemState.PAID, paid_on=today
    )
    return kept


def _reverse(items: Sequence[Item]) -> None:
    """Move posted but never paid money of returned goods back to where it came from."""
    ledger.post_transfers(
        legs=[
            Leg(
                REVERSAL, item.sale_id, one.key.leg, debit=one.credit, credit=one.debit,
                amount_fen=one.amount_fen,
            )
            for item in items
            for one in _payable.posted(item)
        ]
    )  # fmt: skip
    Item.objects.filter(pk__in=[item.pk for item in items]).update(state=ItemState.WITHDRAWN)
