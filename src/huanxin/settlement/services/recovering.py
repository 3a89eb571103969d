"""Money that must come back: demanded, received."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import requests
from huanxin.kernel.actor import Actor
from huanxin.ledger import services as ledger
from huanxin.settlement import _clawing, _recovery, _rows, selectors
from huanxin.settlement.errors import (
    ClawBackClosed,
    ClawBackInOffset,
    NotPaidYet,
    NotReturned,
)
from huanxin.settlement.models import Item, PartClawBack
from huanxin.settlement.types import (
    ItemState,
    OrderState,
)


@transaction.atomic
def claw_back(*, actor: Actor, sale_id: UUID, request_id: UUID) -> None:
    """Demand paid money back after a return: the merchant owes it, the pool waits for it.

    What is owed comes back to the pool only when it has been received (receive_claw_back), so it
    cannot be spent twice. Safe to retry. Refuses sales not returned or not yet paid.
    """
    identity.require(actor, "settlement.pay")
    item = _lock_paid_item(sale_id)
    identity.require(actor, "settlement.pay", region_path=item.batch.region_path)
    if requests.first_answer(actor, "settlement.claw_back", request_id, [sale_id]) is not None:
        return
    if sale_id not in selectors.returned_sales([sale_id]):
        raise NotReturned(sale_id=sale_id)
    _clawing.start([item])
    requests.remember(actor, "settlement.claw_back", request_id, {})
    _rows.record(actor, "settlement.claw_back_started", item.batch, sale_id=sale_id)


@transaction.atomic
def claw_back_returns(*, actor: Actor, limit: int = 500) -> int:
    """Start the claw-back of every paid sale that came back or got cheaper since; returns how many.

    A timer's work, safe to run at any moment.
    """
    identity.require(actor, "settlement.claw_back_returns")
    pks = selectors.items_to_claw_back(limit)
    items = list(
        Item.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk__in=pks, claw_back__isnull=True)
        .select_related("batch")
        .order_by("pk")
    )
    _clawing.start(items)
    for item in items:
        _rows.record(actor, "settlement.claw_back_started", item.batch, sale_id=item.sale_id)
    return len(items) + _claw_back_parts(actor, limit)


@transaction.atomic
def receive_claw_back(*, actor: Actor, sale_id: UUID, reference: str, request_id: UUID) -> None:
    """Book the money a merchant paid back: the receivable is settled and the pool has it again.

    Safe to retry. Refuses without an open claw-back, and one that an unanswered payment order
    takes off.
    """
    identity.require(actor, "settlement.pay")
    item = _lock_paid_item(sale_id)
    identity.require(actor, "settlement.pay", region_path=item.batch.region_path)
    content = [sale_id, reference]
    if requests.first_answer(actor, "settlement.receive", request_id, content) is not None:
        return
    demands = _recovery.open_demands(item)
    if not demands:
        raise ClawBackClosed(sale_id=sale_id)
    for one in demands:
        if one.row.offset_order is not None:
            raise ClawBackInOffset(number=one.row.offset_order.number)
    ledger.lock_accounts(codes=_recovery.codes_of([item]))
    _recovery.book(item, demands, reference)
    requests.remember(actor, "settlement.receive", request_id, {})
    _rows.record(actor, "settlement.claw_back_received", item.batch, sale_id=sale_id)


def _claw_back_parts(actor: Actor, limit: int) -> int:
    """Demand the difference of prices that were lowered after payment; returns how many."""
    due = selectors.parts_to_claw_back(limit)
    rows = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=[item_id for item_id, _, _ in due])
        .select_related("batch")
        .order_by("pk")
    )
    items = {item.pk: item for item in rows}
    done = set(
        PartClawBack.objects.filter(item__in=list(items.values())).values_list("item", "step")
    )
    fresh = [(items[pk], step, fen) for pk, step, fen in due if (pk, step) not in done]
    _clawing.start_parts(fresh)
    for item, step, fen in fresh:
        _rows.record(
            actor, "settlement.part_claw_back_started", item.batch, sale_id=item.sale_id,
            step=step, amount_fen=fen,
        )  # fmt: skip
    return len(fresh)


def _lock_paid_item(sale_id: UUID) -> Item:
    item = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .filter(sale_id=sale_id, state=ItemState.PAID, order__state=OrderState.ACCEPTED)
        .select_related("batch")
        .first()
    )
    if item is None:
        raise NotPaidYet(sale_id=sale_id)
    return item
