"""What anyone may read of settlement: published batches, and one's own objection."""

from uuid import UUID

from django.db.models import Q, QuerySet

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.settlement import _rows, selectors
from huanxin.settlement.errors import BatchNotFound, ObjectionNotFound
from huanxin.settlement.models import Batch, Item, Objection
from huanxin.settlement.types import (
    BatchState,
    ItemState,
    ObjectionCard,
    ObjectionState,
    PublicBatch,
    PublicLine,
)

_SHOWN_BATCHES = 60


def list_public_batches() -> list[PublicBatch]:
    """Batches in publicity first, then those it is over for, newest first."""
    rows = selectors.with_sums(_public()).order_by("-objections_until", "-number")[:_SHOWN_BATCHES]
    return [_batch(row) for row in rows]


def get_public_batch(batch_id: UUID) -> PublicBatch:
    """One published batch; BatchNotFound for one that is not public."""
    row = selectors.with_sums(_public()).filter(pk=batch_id).first()
    if row is None:
        raise BatchNotFound(batch_id=batch_id)
    return _batch(row)


def list_public_lines(batch_id: UUID, *, page: int = 1) -> Page[PublicLine]:
    """The lines of a published batch; those taken out by an objection are gone."""
    get_public_batch(batch_id)
    live = [ItemState.TAKEN, ItemState.PAID]
    rows = Item.objects.filter(batch_id=batch_id, state__in=live).order_by("pk")
    chosen = list(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    return Page(_lines(chosen), page, rows.count())


def get_public_line(item_id: int) -> PublicLine:
    """One published line; BatchNotFound for one that is not public."""
    row = Item.objects.filter(pk=item_id, state__in=[ItemState.TAKEN, ItemState.PAID]).first()
    if row is None:
        raise BatchNotFound(item_id=item_id)
    get_public_batch(row.batch_id)
    return _lines([row])[0]


def batch_of_line(item_id: int) -> PublicBatch:
    """The published batch that a line belongs to."""
    row = Item.objects.filter(pk=item_id).first()
    if row is None:
        raise BatchNotFound(item_id=item_id)
    return get_public_batch(row.batch_id)


def find_objection(number: str, contact: str) -> ObjectionCard:
    """An objection for whoever lodged it: number and contact must both fit."""
    key = _rows.contact_key(contact)
    rows = Objection.objects.select_related("item__batch")
    row = rows.filter(number=number.strip().upper(), contact_key=key).first()
    if row is None:
        raise ObjectionNotFound
    return _objections([row])[0]


def find_objection_by_number(number: str, scope: Scope) -> UUID | None:
    """The objection that a number names, for officers of its region."""
    rows = _in_scope(scope).filter(number=number.strip().upper())
    return rows.values_list("pk", flat=True).first()


def get_objection(objection_id: UUID, scope: Scope) -> ObjectionCard:
    """One objection of the scope's region; ObjectionNotFound elsewhere."""
    row = _in_scope(scope).filter(pk=objection_id).first()
    if row is None:
        raise ObjectionNotFound
    return _objections([row])[0]


def list_objections(
    scope: Scope, *, state: ObjectionState | None = None, page: int = 1
) -> Page[ObjectionCard]:
    """Objections of the scope's region, those that wait longest first."""
    rows = _in_scope(scope)
    if state is not None:
        rows = rows.filter(state=state)
    ordered = rows.order_by("decided_at", "lodged_at", "pk")
    if state is None:
        ordered = rows.order_by("-lodged_at", "-pk")
    chosen = ordered[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page(_objections(list(chosen)), page, rows.count())


def count_waiting(batch_id: UUID) -> int:
    """How many objections of a batch wait for an answer."""
    return Objection.objects.filter(item__batch_id=batch_id, state=ObjectionState.WAITING).count()


def mask_number(number: str) -> str:
    """A sale's number with its serial hidden but for the end.

    >>> mask_number("XS260901-1502-0000042-3")
    'XS260901-1502-*****42-3'
    """
    head, _dash, rest = number.rpartition("-")
    front, _other, serial = head.rpartition("-")
    return f"{front}-{'*' * max(len(serial) - 2, 0)}{serial[-2:]}-{rest}"


def _in_scope(scope: Scope) -> "QuerySet[Objection]":
    rows = Objection.objects.select_related("item__batch")
    if scope.org_id is not None or scope.person_id is not None:
        rows = rows.none()
    if scope.region_path:
        path = Q(item__batch__region_path=scope.region_path)
        rows = rows.filter(path | Q(item__batch__region_path__startswith=scope.region_path + "/"))
    return rows


def _public() -> "QuerySet[Batch]":
    return Batch.objects.filter(
        state__in=[BatchState.PUBLISHED, BatchState.PAID], published_on__isnull=False
    )


def _batch(row) -> PublicBatch:  # type: ignore[no-untyped-def]  # a Batch with its sums
    return PublicBatch(
        row.pk, row.number, row.programme, row.region_code, row.claim_count, row.subsidy,
        row.published_on, row.objections_until,
        row.state == BatchState.PUBLISHED and clock.today() <= row.objections_until,
    )  # fmt: skip


def _lines(rows: list[Item]) -> list[PublicLine]:
    sales = selectors.sales_of([row.sale_id for row in rows])
    return [
        PublicLine(
            row.pk, mask_number(sales[row.sale_id][0]), sales[row.sale_id][1],
            sales[row.sale_id][2], sales[row.sale_id][3], row.subsidy_fen + row.consumption_fen,
        )
        for row in rows
    ]  # fmt: skip


def _objections(rows: list[Objection]) -> list[ObjectionCard]:
    sales = selectors.sales_of([row.item.sale_id for row in rows])
    return [
        ObjectionCard(
            id=row.pk, number=row.number, batch_id=row.item.batch_id,
            batch_number=row.item.batch.number, claim_id=row.item.claim_id,
            sale_number=sales[row.item.sale_id][0], merchant_name=sales[row.item.sale_id][1],
            subsidy_fen=row.item.subsidy_fen, words=row.words, state=ObjectionState(row.state),
            lodged_at=row.lodged_at, answer=row.answer, decided_at=row.decided_at,
        )
        for row in rows
    ]  # fmt: skip
