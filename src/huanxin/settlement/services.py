"""Everything that may happen to a batch and its payments. The only writer of these tables."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from huanxin.claims.services import reviewing
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    Leg,
    NewAccount,
    payable_code,
    receivable_code,
)
from huanxin.policy import selectors as policy
from huanxin.settlement import _clawing, _payable, ports, rules, selectors
from huanxin.settlement.errors import (
    AnswerContradicts,
    BatchNotFound,
    BatchNotOpen,
    BatchNotPublished,
    ClawBackClosed,
    NothingToSettle,
    NotInPublicity,
    NotPaidYet,
    NotRefused,
    NotReturned,
    OrderNotFound,
    PublicityRunning,
    SameOfficer,
)
from huanxin.settlement.models import BankFile, Batch, ClawBack, Item, PartClawBack, PaymentOrder
from huanxin.settlement.types import (
    FUNDS,
    BankAnswer,
    BatchCard,
    BatchState,
    FundSplit,
    ItemState,
    OrderState,
    PaymentOrderCard,
    Reconciliation,
)

PAYMENT = "settlement.payment"
REVERSAL = "settlement.reversal"
RECOVERY = "settlement.recovery"


@transaction.atomic
def open_batch(*, actor: Actor, programme: str, region_code: str, request_id: UUID) -> BatchCard:
    """Gather the cleared claims of a programme in a county, each split among the funds to the fen.

    The programme PURCHASES gathers purchases with consumption vouchers and without a subsidy.

    A claim is in one live batch at most (constraint item_claim_settled_once). Safe to retry.
    Refuses when nothing is payable.
    """
    region = identity.get_region(region_code)
    identity.require(actor, "settlement.open", region_path=region.path)
    content = [programme, region_code]
    if earlier := requests.first_answer(actor, "settlement.open", request_id, content):
        return selectors.card_of(UUID(earlier["batch_id"]))
    now = clock.now()
    batch = Batch.objects.create(
        id=ids.new_id(),
        number=ids.new_number("JS", on=clock.business_day(now), region_code=region_code),
        programme=programme,
        region_code=region_code,
        region_path=region.path,
        opened_by=actor.account_id,
        opened_at=now,
        opened_on=clock.business_day(now),
    )
    _take_items(batch)
    if not batch.items.exists():
        raise NothingToSettle(programme=programme, region_code=region_code)
    requests.remember(actor, "settlement.open", request_id, {"batch_id": batch.pk})
    _record(actor, "settlement.opened", batch, claims=batch.items.count())
    return selectors.card_of(batch.pk)


@transaction.atomic
def publish_batch(*, actor: Actor, batch_id: UUID, days: int) -> BatchCard:
    """Publish a batch for objections, today included; payment is possible the day after the last.

    Publishing again with the same days changes nothing. Refuses a batch that was paid.
    """
    identity.require(actor, "settlement.publish")
    batch = _lock_batch(batch_id)
    identity.require(actor, "settlement.publish", region_path=batch.region_path)
    today = clock.today()
    until = rules.objections_until(batch.published_on or today, days)
    if batch.state == BatchState.PUBLISHED and batch.objections_until == until:
        return selectors.card_of(batch_id)
    if batch.state != BatchState.OPEN:
        raise BatchNotOpen(state=rules.STATE_WORDS[batch.state])
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.PUBLISHED, published_on=today, objections_until=until
    )
    _record(actor, "settlement.published", batch, until=until)
    return selectors.card_of(batch_id)


@transaction.atomic
def object_to_claim(*, actor: Actor, claim_id: UUID, note: str, request_id: UUID) -> None:
    """Record an objection: the claim leaves its batch and goes to a person, its money stays held.

    Safe to retry. Refuses a claim that is not in an unpaid batch.
    """
    identity.require(actor, "settlement.object")
    item = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .filter(claim_id=claim_id, state=ItemState.TAKEN, batch__state=BatchState.PUBLISHED)
        .select_related("batch")
        .first()
    )
    if item is not None:
        identity.require(actor, "settlement.object", region_path=item.batch.region_path)
    content = [claim_id, note]
    if requests.first_answer(actor, "settlement.object", request_id, content) is not None:
        return
    if item is None:
        raise NotInPublicity(claim_id=claim_id)
    reviewing.reopen_claim(actor=actor, claim_id=claim_id, note=note)
    Item.objects.filter(pk=item.pk).update(state=ItemState.OBJECTED, note=note)
    requests.remember(actor, "settlement.object", request_id, {})
    _record(actor, "settlement.objected", item.batch, claim_id=claim_id)


@transaction.atomic
def pay_batch(*, actor: Actor, batch_id: UUID, request_id: UUID) -> list[PaymentOrderCard]:
    """Post the held money of a published batch and order one payment per merchant.

    Claims that were returned or reopened meanwhile leave the batch; one that has nothing left is
    closed without an order. Another person than the opener
    must pay (constraint batch_payer_is_not_opener); the publicity must be over. Safe to retry.
    send_bank_files() delivers the file this makes.
    """
    identity.require(actor, "settlement.pay")
    batch = _lock_batch(batch_id)
    identity.require(actor, "settlement.pay", region_path=batch.region_path)
    if requests.first_answer(actor, "settlement.pay", request_id, [batch_id]) is not None:
        return selectors.orders_of(batch_id)
    _check_payable(actor, batch)
    items = _release_items(actor, batch)
    ledger.post_held(posts=[(key, None) for item in items for key in _payable.hold_keys(item)])
    now = clock.now()
    _order_payments(batch, items, attempt=1, replaces=None)
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.PAID,
        paid_by=actor.account_id,
        paid_at=now,
        paid_on=clock.business_day(now),
    )
    orders = selectors.orders_of(batch_id)
    if orders:
        _make_bank_file(batch, orders, name=f"{batch.number}-1.csv")
    requests.remember(actor, "settlement.pay", request_id, {"orders": len(orders)})
    _record(
        actor, "settlement.paid", batch, claims=len(items),
        amount_fen=sum(order.amount_fen for order in orders),
    )  # fmt: skip
    return orders


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


@transaction.atomic
def import_bank_answer(
    *,
    actor: Actor,
    order_number: str,
    answer: BankAnswer,
    reference: str,
    request_id: UUID,
) -> PaymentOrderCard:
    """Book what the bank said about one order: accepted money leaves the payable, fund by fund.

    Refused orders can be retried; unknown ones wait for the bank. Safe to retry. Refuses an answer
    that contradicts an earlier final one.
    """
    identity.require(actor, "settlement.pay")
    order = _lock_order(order_number)
    identity.require(actor, "settlement.pay", region_path=order.batch.region_path)
    content = [order_number, answer, reference]
    earlier = requests.first_answer(actor, "settlement.answer", request_id, content)
    state = rules.ANSWERS[answer]
    if earlier is not None or order.state == state != OrderState.UNKNOWN:
        if earlier is None:
            requests.remember(actor, "settlement.answer", request_id, {"state": state})
        return selectors.order_card(order.pk)
    if not rules.may_answer(OrderState(order.state)):
        raise AnswerContradicts(number=order_number, state=rules.STATE_WORDS[order.state])
    now = clock.now()
    if state is OrderState.ACCEPTED:
        _book_payment(order)
    PaymentOrder.objects.filter(pk=order.pk).update(
        state=state,
        bank_reference=reference,
        answered_at=now,
        answered_on=clock.business_day(now),
    )
    requests.remember(actor, "settlement.answer", request_id, {"state": state})
    audit.record(
        actor, "settlement.answered", "payment_order", order.pk,
        region_path=order.batch.region_path, org_id=order.org_id, answer=answer,
        amount_fen=order.amount_fen,
    )  # fmt: skip
    return selectors.order_card(order.pk)


@transaction.atomic
def retry_payment(*, actor: Actor, order_number: str, request_id: UUID) -> PaymentOrderCard | None:
    """Order a refused payment anew; returned goods are taken out, their money restored.

    Safe to retry. Refuses an order that is not refused, above all one whose outcome is unknown.
    None if everything in it has been returned.
    """
    identity.require(actor, "settlement.pay")
    order = _lock_order(order_number)
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
    _reverse([item for item in items if item.sale_id in returned])
    PaymentOrder.objects.filter(pk=order.pk).update(state=OrderState.REPLACED)
    kept = [item for item in items if item.sale_id not in returned]
    new = _order_payments(batch, kept, attempt=order.attempt + 1, replaces=order)
    card = selectors.order_card(new[0].pk) if new else None
    if card:
        _make_bank_file(batch, [card], name=f"{batch.number}-{card.number}.csv")
    requests.remember(
        actor, "settlement.retry", request_id, {"order_id": card.order_id if card else None}
    )
    _record(actor, "settlement.retried", batch, order=order_number)
    return card


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
    _record(actor, "settlement.claw_back_started", item.batch, sale_id=sale_id)


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
        _record(actor, "settlement.claw_back_started", item.batch, sale_id=item.sale_id)
    return len(items) + _claw_back_parts(actor, limit)


@transaction.atomic
def receive_claw_back(*, actor: Actor, sale_id: UUID, reference: str, request_id: UUID) -> None:
    """Book the money a merchant paid back: the receivable is settled and the pool has it again.

    Safe to retry. Refuses without an open claw-back.
    """
    identity.require(actor, "settlement.pay")
    item = _lock_paid_item(sale_id)
    identity.require(actor, "settlement.pay", region_path=item.batch.region_path)
    content = [sale_id, reference]
    if requests.first_answer(actor, "settlement.receive", request_id, content) is not None:
        return
    backs = ClawBack.objects.select_for_update(no_key=True).filter(item=item, received_at=None)
    parts = PartClawBack.objects.select_for_update(no_key=True).filter(item=item, received_at=None)
    demands = [(f".{part.step}", _funds(part.split)) for part in parts.order_by("step")]
    if backs.exists():
        rest = _clawing.remaining(item)
        demands.append(("", _funds(rest, item.trade_in_fen, item.consumption_fen)))
    if not demands:
        raise ClawBackClosed(sale_id=sale_id)
    held = ledger_reads.list_pending(_clawing.CLAW_BACK, [sale_id])
    ledger.post_held(posts=[(key, None) for key in held])
    owed = receivable_code(item.merchant_id)
    ledger.post_transfers(
        legs=[
            Leg(RECOVERY, sale_id, fund + mark, debit=f"bank:{fund}", credit=owed, amount_fen=fen)
            for mark, funds in demands
            for fund, fen in funds.items()
        ]
    )
    now = clock.now()
    booked = {
        "received_at": now, "received_on": clock.business_day(now), "bank_reference": reference,
    }  # fmt: skip
    parts.update(**booked)
    backs.update(**booked)
    requests.remember(actor, "settlement.receive", request_id, {})
    _record(actor, "settlement.claw_back_received", item.batch, sale_id=sale_id)


@transaction.atomic
def reconcile(*, actor: Actor, on: date) -> Reconciliation:
    """Prove the day: records and ledger agree line by line and the ledger adds up. Writes only
    the audit line that it was done, with the difference found.
    """
    identity.require(actor, "settlement.reconcile")
    lines = selectors.reconciliation_lines(on)
    found = Reconciliation(on, lines, ledger_reads.sum_check().difference_fen)
    audit.record(
        actor, "settlement.reconciled", "reconciliation", on, difference_fen=found.difference_fen
    )
    return found


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
        _record(
            actor, "settlement.part_claw_back_started", item.batch, sale_id=item.sale_id,
            step=step, amount_fen=fen,
        )  # fmt: skip
    return len(fresh)


def _take_items(batch: Batch) -> None:
    rows = selectors.payable_claims(programme=batch.programme, region_path=batch.region_path)
    hashes = {row.version_hash for row in rows if row.claim_id}
    shares = {
        version: {share.fund: share.share_bps for share in policy.shares_for(version)}
        for version in hashes
    }
    items = []
    for row in rows:
        split = rules.split(row.subsidy_fen, shares.get(row.version_hash, {"city": 10_000}))
        items.append(
            Item(
                batch=batch,
                claim_id=row.claim_id,
                sale_id=row.sale_id,
                merchant_id=row.merchant_id,
                subsidy_fen=row.subsidy_fen,
                central_fen=split.central_fen,
                province_fen=split.province_fen,
                city_fen=split.city_fen,
                trade_in_fen=row.trade_in_fen,
                consumption_fen=row.consumption_fen,
            )
        )
    # A batch opened in the same moment may have taken some: they stay with it.
    Item.objects.bulk_create(items, ignore_conflicts=True)


def _check_payable(actor: Actor, batch: Batch) -> None:
    if batch.state != BatchState.PUBLISHED or batch.objections_until is None:
        raise BatchNotPublished(batch=batch.number)
    if clock.today() <= batch.objections_until:
        raise PublicityRunning(until=f"{batch.objections_until:%Y年%m月%d日}")
    if actor.account_id == batch.opened_by:
        raise SameOfficer(permission="settlement.pay")


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


def _order_payments(
    batch: Batch, items: Sequence[Item], *, attempt: int, replaces: PaymentOrder | None
) -> list[PaymentOrder]:
    by_org: dict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        by_org[item.merchant_id].append(item)
    now = clock.now()
    on = clock.business_day(now)
    numbers = ids.new_numbers("FK", len(by_org), on=on, region_code=batch.region_code)
    orders = []
    for number, (org_id, mine) in zip(numbers, sorted(by_org.items()), strict=True):
        split = rules.total([item.split for item in mine])
        orders.append(
            PaymentOrder(
                id=ids.new_id(),
                number=number,
                batch=batch,
                org_id=org_id,
                subsidy_fen=split.total_fen,
                central_fen=split.central_fen,
                province_fen=split.province_fen,
                city_fen=split.city_fen,
                trade_in_fen=sum(item.trade_in_fen for item in mine),
                consumption_fen=sum(item.consumption_fen for item in mine),
                attempt=attempt,
                replaces=replaces,
                made_at=now,
                made_on=on,
            )
        )
    PaymentOrder.objects.bulk_create(orders)
    for order in orders:
        Item.objects.filter(pk__in=[item.pk for item in by_org[order.org_id]]).update(order=order)
    return orders


def _make_bank_file(batch: Batch, orders: Sequence[PaymentOrderCard], *, name: str) -> None:
    content = rules.bank_file(orders, selectors.usccs_of([order.org_id for order in orders]))
    BankFile.objects.create(
        id=ids.new_id(),
        batch=batch,
        name=name,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        content=content,
        made_at=clock.now(),
    )


def _book_payment(order: PaymentOrder) -> None:
    parts = _parts(order)
    _open_banks(parts)
    owed = payable_code(order.org_id)
    ledger.post_transfers(
        legs=[
            Leg(PAYMENT, order.pk, fund, debit=owed, credit=f"bank:{fund}", amount_fen=fen)
            for fund, fen in parts.items()
        ]
    )


def _parts(row: Item | PaymentOrder) -> dict[str, int]:
    """Who pays how much of an item or order; funds that pay nothing are left out."""
    return _funds(row.split, row.trade_in_fen, row.consumption_fen)


def _funds(split: FundSplit, trade_in_fen: int = 0, consumption_fen: int = 0) -> dict[str, int]:
    parts = {
        "central": split.central_fen,
        "province": split.province_fen,
        "city": split.city_fen,
        "trade_in": trade_in_fen,
        "consumption": consumption_fen,
    }
    return {fund: fen for fund, fen in parts.items() if fen}


def _open_banks(funds: Mapping[str, Any]) -> None:
    ledger.open_accounts(
        accounts=[NewAccount(f"bank:{fund}", AccountKind.BANK) for fund in (*FUNDS, *funds)]
    )


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


def _lock_batch(batch_id: UUID) -> Batch:
    if not Batch.objects.filter(pk=batch_id).exists():
        raise BatchNotFound(batch_id=batch_id)
    return lock_row(Batch, batch_id)


def _lock_order(number: str) -> PaymentOrder:
    rows = PaymentOrder.objects.select_for_update(of=("self",), no_key=True)
    order = rows.filter(number=number).select_related("batch").first()
    if order is None:
        raise OrderNotFound(number=number)
    return order


def _record(actor: Actor, action: str, batch: Batch, **facts: Any) -> None:
    audit.record(actor, action, "batch", batch.pk, region_path=batch.region_path, **facts)
