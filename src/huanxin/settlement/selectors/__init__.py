"""Reads of settlement: batches, publicity lists, payment orders, statements, proofs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import models as db
from django.db.models import Count, Q, QuerySet, Sum

from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, payable_code, prepaid_code, receivable_code
from huanxin.settlement import ports
from huanxin.settlement.errors import BatchNotFound, OrderNotFound
from huanxin.settlement.models import BankFile, Batch, Item, PaymentOrder
from huanxin.settlement.types import (
    PURCHASES,
    BankFileCard,
    BatchCard,
    BatchState,
    FundSplit,
    ItemCard,
    ItemState,
    OrderState,
    PaymentOrderCard,
    ReconciliationLine,
    Statement,
)

_LIVE = Q(items__state__in=[ItemState.TAKEN, ItemState.PAID])
_STATEMENT_ORDERS = 200


@dataclass(frozen=True, slots=True)
class PayableRow:
    """A claim, or a purchase without one, that a new batch may take."""

    claim_id: UUID | None
    sale_id: UUID
    merchant_id: UUID
    subsidy_fen: int
    trade_in_fen: int
    consumption_fen: int
    version_hash: str


def list_batches(
    scope: Scope,
    *,
    state: BatchState | None = None,
    programme: str = "",
    region_code: str = "",
    page: int = 1,
) -> Page[BatchCard]:
    """Batches of the scope's region, newest first; of one programme and region if named."""
    asked = {"state": state, "programme": programme, "region_code": region_code}
    rows = _visible(scope).filter(**{key: value for key, value in asked.items() if value})
    rows = rows.order_by("-opened_at", "-pk")
    keys = list(rows.values_list("pk", flat=True)[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    # the items of one page are added up, not those of every batch there ever was
    chosen = with_sums(Batch.objects.filter(pk__in=keys)).order_by("-opened_at", "-pk")
    return Page([_batch(row) for row in chosen], page, rows.count())


def get_batch(batch_id: UUID, scope: Scope) -> BatchCard:
    """One batch; outside the scope it is BatchNotFound."""
    row = with_sums(_visible(scope)).filter(pk=batch_id).first()
    if row is None:
        raise BatchNotFound(batch_id=batch_id)
    return _batch(row)


def find_batch_by_number(number: str, scope: Scope) -> UUID | None:
    """The batch that a batch's or a payment order's number names, within the scope."""
    asked = number.strip().upper()
    rows = _visible(scope).filter(Q(number=asked) | Q(orders__number=asked))
    return rows.values_list("pk", flat=True).first()


def list_items(batch_id: UUID, scope: Scope, *, page: int = 1) -> Page[ItemCard]:
    """The publicity list of a batch: shop, category, amounts; nobody's name."""
    get_batch(batch_id, scope)
    rows = Item.objects.filter(batch_id=batch_id).order_by("pk")
    if scope.org_id is not None:
        rows = rows.filter(merchant_id=scope.org_id)
    chosen = list(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    sales = sales_of([row.sale_id for row in chosen])
    return Page([_item(row, *sales[row.sale_id]) for row in chosen], page, rows.count())


def list_payment_orders(
    scope: Scope, *, state: OrderState | None = None, page: int = 1
) -> Page[PaymentOrderCard]:
    """Payment orders of the scope's region or organisation, newest first."""
    rows = _visible_orders(scope).order_by("-made_at", "-pk")
    if state is not None:
        rows = rows.filter(state=state)
    chosen = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page(_order_cards(chosen), page, rows.count())


def statement(org_id: UUID, scope: Scope) -> Statement:
    """What one merchant is owed and was paid. A merchant's scope shows its own only."""
    own = Scope(scope.region_path, scope.org_id or org_id, scope.person_id)
    rows = _visible_orders(own).filter(org_id=org_id).order_by("-made_at", "-pk")
    if scope.org_id not in {None, org_id}:
        rows = rows.none()
    codes = [payable_code(org_id), receivable_code(org_id), prepaid_code(org_id)]
    found = ledger.balances(codes)
    prepaid = found.get(prepaid_code(org_id), Balance())
    payable = found.get(payable_code(org_id), Balance())
    receivable = found.get(receivable_code(org_id), Balance())
    is_own = scope.org_id in {None, org_id}
    owed = receivable.debits_pending_fen + receivable.debits_posted_fen
    return Statement(
        org_id=org_id,
        held_fen=payable.credits_pending_fen if is_own else 0,
        due_fen=payable.available_fen if is_own else 0,
        paid_fen=payable.debits_posted_fen if is_own else 0,
        receivable_fen=owed - receivable.credits_posted_fen if is_own else 0,
        orders=tuple(_order_cards(rows[:_STATEMENT_ORDERS])),
        prepaid_fen=-prepaid.available_fen if is_own else 0,
    )


def list_bank_files(batch_id: UUID, scope: Scope) -> list[BankFileCard]:
    """The payment files of a batch."""
    get_batch(batch_id, scope)
    rows = BankFile.objects.filter(batch_id=batch_id).order_by("made_at", "pk")
    return [BankFileCard(r.name, r.sha256, batch_id, r.made_at, r.sent_at) for r in rows]


def get_bank_file(name: str, scope: Scope) -> str:
    """The content of a payment file, for those who may see its batch."""
    row = BankFile.objects.filter(name=name).first()
    if row is None:
        raise BatchNotFound(name=name)
    if row.batch_id is not None:
        get_batch(row.batch_id, scope)
    return row.content


def is_bank_simulated() -> bool:
    """Whether payment files go to a folder of this machine instead of a bank."""
    return ports.bank_channel().is_simulated


def card_of(batch_id: UUID) -> BatchCard:
    """A batch whose id the caller already holds."""
    return _batch(with_sums(Batch.objects.filter(pk=batch_id)).get())


def order_card(order_id: UUID) -> PaymentOrderCard:
    """A payment order whose id the caller already holds; OrderNotFound if there is none."""
    row = _orders().filter(pk=order_id).first()
    if row is None:
        raise OrderNotFound(number=order_id)
    return _order_cards([row])[0]


def orders_of(batch_id: UUID) -> list[PaymentOrderCard]:
    """The live payment orders of a batch, by number."""
    rows = _orders().filter(batch_id=batch_id).exclude(state=OrderState.REPLACED)
    return _order_cards(rows.order_by("number"))


def payable_claims(*, programme: str, region_path: str) -> list[PayableRow]:
    """Cleared claims that no batch has taken; of PURCHASES, purchases with consumption vouchers."""
    rows = rows_of(
        "payable_purchases" if programme == PURCHASES else "payable_claims",
        programme=programme,
        region_path=region_path,
        below=region_path + "/%",
    )
    return [PayableRow(*row) for row in rows]


def returned_sales(sale_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these sales have come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sale_id FROM mart_claims_sale WHERE is_returned AND sale_id = ANY(%(ids)s)"
            " UNION ALL SELECT purchase_id FROM mart_vouchers_purchase"
            " WHERE is_returned AND purchase_id = ANY(%(ids)s)",
            {"ids": list(sale_ids)},
        )
        return {row[0] for row in cursor.fetchall()}


def items_to_claw_back(limit: int) -> list[int]:
    """Paid items whose goods came back and whose money nobody has demanded yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.item_id FROM mart_settlement_item i"
            " LEFT JOIN mart_claims_sale s ON s.sale_id = i.sale_id"
            " LEFT JOIN mart_vouchers_purchase p ON p.purchase_id = i.sale_id"
            " WHERE i.is_accepted AND NOT i.is_clawed_back"
            " AND coalesce(s.is_returned, p.is_returned)"
            " ORDER BY i.item_id LIMIT %s",
            [limit],
        )
        return [row[0] for row in cursor.fetchall()]


def parts_to_claw_back(limit: int) -> list[tuple[int, int, int]]:
    """Lowered prices of paid items nobody has demanded yet: (item, step, amount), oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.item_id, r.step, r.less_fen FROM mart_settlement_item i"
            " JOIN mart_claims_reduction r ON r.sale_id = i.sale_id"
            " WHERE i.is_accepted AND NOT i.is_clawed_back AND r.was_released AND r.less_fen > 0"
            " AND NOT EXISTS (SELECT 1 FROM settlement_partclawback w"
            " WHERE w.item_id = i.item_id AND w.step = r.step)"
            " ORDER BY i.item_id, r.step LIMIT %s",
            [limit],
        )
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


def version_of(sale_id: UUID) -> str:
    """The rule version that decided a sale."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version_hash FROM mart_claims_sale WHERE sale_id = %s", [sale_id])
        row = cursor.fetchone()
    return str(row[0])


def usccs_of(org_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Credit codes of merchants, by id."""
    return {row[0]: row[2] for row in _organisations(org_ids)}


def reconciliation_lines(on: date) -> tuple[ReconciliationLine, ...]:
    """Every sum that must come out the same twice, up to and including the day."""
    return tuple(ReconciliationLine(*row) for row in rows_of("reconcile", on=on))


def order_differences(silent_since: date) -> list[tuple[str, str, UUID, str, int]]:
    """Orders the bank has not answered since a day, or that the ledger does not know so."""
    return [
        (row[0], row[1], row[2], row[3], row[4])
        for row in rows_of("order_differences", silent_since=silent_since)
    ]


def _organisations(org_ids: Iterable[UUID]) -> list[tuple[UUID, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT org_id, name, uscc FROM mart_identity_organisation WHERE org_id = ANY(%s)",
            [list(org_ids)],
        )
        return list(cursor.fetchall())


def sales_of(sale_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str, str, int]]:
    """Number, shop, category and price of sales and purchases, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.sale_id, s.number, o.name, s.category_code, s.price_fen"
            " FROM mart_claims_sale s JOIN mart_identity_organisation o ON o.org_id = s.merchant_id"
            " WHERE s.sale_id = ANY(%(ids)s) UNION ALL"
            " SELECT p.purchase_id, p.number, o.name, p.category_code, p.price_fen"
            " FROM mart_vouchers_purchase p JOIN mart_identity_organisation o USING (org_id)"
            " WHERE p.purchase_id = ANY(%(ids)s)",
            {"ids": list(sale_ids)},
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def fund_sums(account_codes: Iterable[str]) -> dict[str, FundSplit]:
    """What has been paid out of each account, split by fund as the items are, to the fen.

    The parts of an account add up to what the ledger posted from it to shops, less what came back.
    """
    rows = rows_of("fund_sums", codes=sorted(account_codes))
    return {row[0]: FundSplit(*row[1:]) for row in rows}


def rows_of(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of one of the room's statements; for its own modules."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.settlement.sql", name).text, parameters)
        return list(cursor.fetchall())


def _visible(scope: Scope) -> "QuerySet[Batch]":
    rows = Batch.objects.all()
    if scope.org_id is not None:
        return rows.filter(items__merchant_id=scope.org_id).distinct()
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    return rows.none() if scope.person_id is not None else rows


def _visible_orders(scope: Scope) -> "QuerySet[PaymentOrder]":
    rows = _orders()
    if scope.org_id is not None:
        return rows.filter(org_id=scope.org_id)
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(
            Q(batch__region_path=path) | Q(batch__region_path__startswith=path + "/")
        )
    return rows.none() if scope.person_id is not None else rows


def _orders() -> "QuerySet[PaymentOrder]":
    return PaymentOrder.objects.select_related("batch").annotate(claim_count=Count("items"))


def with_sums(rows: "QuerySet[Batch]") -> "QuerySet[Batch]":
    """Batches with what their live items add up to."""

    def live(column: str) -> Sum:
        return Sum(f"items__{column}", filter=_LIVE, output_field=db.BigIntegerField(), default=0)

    return rows.annotate(
        claim_count=Count("items", filter=_LIVE),
        subsidy=live("subsidy_fen"),
        central=live("central_fen"),
        province=live("province_fen"),
        city=live("city_fen"),
        trade_in=live("trade_in_fen"),
        consumption=live("consumption_fen"),
    )


def _batch(row: Any) -> BatchCard:
    return BatchCard(
        batch_id=row.pk,
        number=row.number,
        programme=row.programme,
        region_code=row.region_code,
        region_path=row.region_path,
        state=BatchState(row.state),
        claim_count=row.claim_count,
        amount_fen=row.subsidy,
        split=FundSplit(row.central, row.province, row.city),
        trade_in_fen=row.trade_in,
        consumption_fen=row.consumption,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        published_on=row.published_on,
        objections_until=row.objections_until,
        paid_at=row.paid_at,
    )


def _item(
    row: Item, number: str, merchant_name: str, category_code: str, price_fen: int
) -> ItemCard:
    return ItemCard(
        claim_id=row.claim_id,
        sale_number=number,
        merchant_name=merchant_name,
        category_code=category_code,
        price_fen=price_fen,
        subsidy_fen=row.subsidy_fen,
        split=row.split,
        trade_in_fen=row.trade_in_fen,
        consumption_fen=row.consumption_fen,
        state=ItemState(row.state),
    )


def _order_cards(rows: Iterable[Any]) -> list[PaymentOrderCard]:
    orders = list(rows)
    names = {org_id: name for org_id, name, _ in _organisations(o.org_id for o in orders)}
    return [_order(row, names[row.org_id]) for row in orders]


def _order(row: Any, org_name: str) -> PaymentOrderCard:
    return PaymentOrderCard(
        order_id=row.pk,
        number=row.number,
        batch_id=row.batch_id,
        batch_number=row.batch.number,
        org_id=row.org_id,
        org_name=org_name,
        amount_fen=row.amount_fen,
        split=row.split,
        trade_in_fen=row.trade_in_fen,
        consumption_fen=row.consumption_fen,
        claim_count=row.claim_count,
        state=OrderState(row.state),
        attempt=row.attempt,
        bank_reference=row.bank_reference,
        made_at=row.made_at,
        answered_at=row.answered_at,
        prepaid_fen=row.prepaid_fen,
        clawed_fen=row.clawed_fen,
    )
