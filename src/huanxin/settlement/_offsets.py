"""What an order takes off before the bank pays it: money paid ahead, and money owed back.

The funds pay an order in full; of that, the offset goes to who laid the money out: paid ahead to
`bank:advance`, owed back to the funds themselves. So every sum by fund stays what the claims are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from huanxin.kernel.actor import Actor
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import HoldKey, Leg, prepaid_code
from huanxin.settlement import _prepaid, _recovery, _rows
from huanxin.settlement.models import Batch, ClawBack, Item, PartClawBack, PaymentOrder
from huanxin.settlement.types import ItemState, OrderState

OFFSET = "settlement.offset"
LEG = "prepaid"


def reserve(batch: Batch, orders: Sequence[PaymentOrder]) -> None:
    """Take off each order what its shop owes back (whole demands, oldest first), then what it was
    paid ahead; kept for this order until it is answered."""
    owed = _owed_by({order.org_id for order in orders}, batch.region_path)
    for order in orders:
        room_fen = order.amount_fen
        for item in owed[order.org_id]:
            demands = _recovery.open_demands(item)
            fen = sum(demand.amount_fen for demand in demands)
            if fen <= room_fen:
                room_fen -= fen
                _tie(order, demands)
        order.clawed_fen = order.amount_fen - room_fen
    standing = _prepaid.lock_standing({order.org_id for order in orders})
    for order in orders:
        order.prepaid_fen = min(order.cash_fen, standing.get(order.org_id, 0))
    PaymentOrder.objects.bulk_update(orders, ["prepaid_fen", "clawed_fen"])
    ledger.hold_transfers(
        legs=[
            Leg(
                OFFSET, order.pk, LEG, debit=_prepaid.ADVANCE, credit=prepaid_code(order.org_id),
                amount_fen=order.prepaid_fen,
            )
            for order in orders
            if order.prepaid_fen
        ]
    )  # fmt: skip


def codes_of(orders: Iterable[PaymentOrder]) -> set[str]:
    """Every account that book() of these orders touches."""
    orders = list(orders)
    codes = _recovery.codes_of(tied_items(orders))
    for order in orders:
        if order.prepaid_fen:
            codes |= {_prepaid.ADVANCE, prepaid_code(order.org_id)}
    return codes


def book(actor: Actor, orders: Sequence[PaymentOrder]) -> None:
    """The bank has paid: what the orders took off is offset for good."""
    ledger.post_held(
        posts=[(HoldKey(OFFSET, order.pk, LEG), None) for order in orders if order.prepaid_fen]
    )
    numbers = {order.pk: order.number for order in orders}
    for item in tied_items(orders):
        mine = [
            one for one in _recovery.open_demands(item) if one.row.offset_order_id in numbers
        ]  # fmt: skip
        _recovery.book(item, mine, numbers[mine[0].row.offset_order_id or UUID(int=0)])
        _rows.record(
            actor, "settlement.claw_back_received", item.batch, sale_id=item.sale_id,
            amount_fen=sum(one.amount_fen for one in mine),
        )  # fmt: skip


def release(order: PaymentOrder) -> None:
    """The order will not be paid: what it had taken off is open again."""
    if order.prepaid_fen:
        kept = ledger_reads.list_pending(OFFSET, [order.pk])
        ledger.void_held(keys=kept, reason="付款被退回")
    for rows in (ClawBack, PartClawBack):
        rows.objects.filter(offset_order=order, received_at=None).update(offset_order=None)


def tied_items(orders: Iterable[PaymentOrder]) -> list[Item]:
    """Items whose demands these orders take off, locked in key order."""
    mine = list(orders)
    tied = Q(received_at=None, offset_order__in=mine)
    return list(_items_with(tied).order_by("pk"))


def _tie(order: PaymentOrder, demands: Iterable[_recovery.Demand]) -> None:
    for demand in demands:
        demand.row.offset_order = order
        demand.row.save(update_fields=["offset_order"])


def _owed_by(org_ids: set[UUID], region_path: str) -> dict[UUID, list[Item]]:
    """Items of the county with open demands; those somebody is booking right now are left."""
    found: dict[UUID, list[Item]] = defaultdict(list)
    rows = _items_with(Q(received_at=None, offset_order=None)).filter(
        merchant_id__in=org_ids, batch__region_path=region_path, state=ItemState.PAID,
        order__state=OrderState.ACCEPTED,
    )  # fmt: skip
    for item in rows.select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("pk"):
        if all(one.row.offset_order_id is None for one in _recovery.open_demands(item)):
            found[item.merchant_id].append(item)
    return found


def _items_with(condition: Q):  # type: ignore[no-untyped-def]  # a queryset of Item
    here = {"item": OuterRef("pk")}
    return (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            Exists(ClawBack.objects.filter(condition, **here))
            | Exists(PartClawBack.objects.filter(condition, **here))
        )
        .select_related("batch")
    )
