"""Money on its way: claw-backs, payments ahead, a shop's calendar, and the whole way of a claim."""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import TransferCard
from huanxin.settlement import _clawing, _orders, _prepaid, _recovery, selectors
from huanxin.settlement.models import Item, Prepayment, PrepaymentTerms
from huanxin.settlement.selectors import answer_book
from huanxin.settlement.types import (
    CalendarDay,
    ClawBackCard,
    ItemState,
    MoneyWay,
    PrepaymentCard,
    PrepaymentState,
    TermsCard,
)


def list_claw_backs(
    scope: Scope, *, is_received: bool = False, page: int = 1, size: int = PAGE_SIZE
) -> Page[ClawBackCard]:
    """What shops owe back (oldest first) or gave back (newest first), one row a sale."""
    if scope.person_id is not None:
        return Page([], page, 0)
    asked = {
        "is_received": is_received, "path": scope.region_path if scope.org_id is None else "",
        "below": scope.region_path + "/%", "org_id": scope.org_id,
    }  # fmt: skip
    rows = selectors.rows_of("claw_backs", limit=size, offset=(page - 1) * size, **asked)
    total = len(selectors.rows_of("claw_backs", limit=100_000, offset=0, **asked))
    sales = selectors.sales_of([row[2] for row in rows])
    return Page([_claw_back(row, sales[row[2]][0]) for row in rows], page, total, size)


def list_terms(scope: Scope, *, page: int = 1) -> Page[TermsCard]:
    """Terms of payments ahead: those that wait for a second officer first, then those in force."""
    rows = _in_scope(PrepaymentTerms.objects.select_related("org"), scope, "region_path")
    rows = rows.filter(ended_at=None).order_by("-approved_at", "-proposed_at")
    chosen = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page([_prepaid.terms_card(row) for row in chosen], page, rows.count())


def find_terms(org_id: UUID) -> TermsCard | None:
    """The terms in force with a shop, and what they allow now."""
    rows = PrepaymentTerms.objects.select_related("org")
    row = rows.filter(org_id=org_id, approved_at__isnull=False, ended_at=None).first()
    return _prepaid.terms_card(row) if row else None


def list_prepayments(
    scope: Scope, *, state: PrepaymentState | None = None, page: int = 1
) -> Page[PrepaymentCard]:
    """Payments ahead, newest first."""
    rows = _in_scope(Prepayment.objects.select_related("org", "terms"), scope, "terms__region_path")
    if state is not None:
        rows = rows.filter(state=state)
    chosen = rows.order_by("-proposed_at", "-pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page([_prepaid.card(row) for row in chosen], page, rows.count())


def find_prepayment(prepayment_id: UUID, scope: Scope) -> PrepaymentCard | None:
    """One payment ahead within the scope's region."""
    rows = _in_scope(Prepayment.objects.select_related("org", "terms"), scope, "terms__region_path")
    row = rows.filter(pk=prepayment_id).first()
    return _prepaid.card(row) if row else None


def calendar(org_id: UUID, *, since: date) -> list[CalendarDay]:
    """What a shop's money does when: what has no day yet comes last."""
    return [CalendarDay(*row) for row in selectors.rows_of("calendar", org_id=org_id, since=since)]


def way_of_claim(sale_id: UUID) -> MoneyWay:
    """Every stretch of the money of one sale, from the hold to the bank and back.

    For a caller who may see the sale; the accounts above it are ledger.way_of's.
    """
    rows = Item.objects.filter(sale_id=sale_id).select_related("batch", "order")
    item = rows.order_by("pk").last()
    batch = selectors.card_of(item.batch_id) if item else None
    order = selectors.order_card(item.order_id) if item and item.order_id else None
    demands = _recovery.open_demands(item) if item else []
    return MoneyWay(
        transfers=tuple(_transfers(sale_id, order.order_id if order else None)),
        batch=batch,
        item_state=ItemState(item.state) if item else None,
        split=item.split if item else None,
        order=order,
        answers=tuple(answer_book.lines_about(order.number)) if order else (),
        open_demand_fen=sum(one.amount_fen for one in demands),
        offset_number=next(
            (one.row.offset_order.number for one in demands if one.row.offset_order), ""
        ),
    )


def _transfers(sale_id: UUID, order_id: UUID | None) -> list[TransferCard]:
    causes = ["sale", "settlement.reversal", _clawing.CLAW_BACK, _recovery.RECOVERY]
    found = [one for cause in causes for one in ledger.transfers_of(cause, sale_id)]
    if order_id is not None:
        found += ledger.transfers_of(_orders.PAYMENT, order_id)
    return sorted(found, key=lambda one: one.id)


def _in_scope(rows: "QuerySet", scope: Scope, column: str) -> "QuerySet":  # type: ignore[type-arg]
    if scope.person_id is not None:
        return rows.none()
    if scope.org_id is not None:
        return rows.filter(org_id=scope.org_id)
    if scope.region_path:
        path = scope.region_path
        return rows.filter(Q(**{column: path}) | Q(**{f"{column}__startswith": path + "/"}))
    return rows


def _claw_back(row: tuple, sale_number: str) -> ClawBackCard:  # type: ignore[type-arg]
    return ClawBackCard(
        item_id=row[0], claim_id=row[1], sale_id=row[2], sale_number=sale_number, org_id=row[3],
        org_name=row[4], batch_id=row[5], batch_number=row[6], amount_fen=row[7], is_part=row[8],
        started_on=row[9], received_on=row[10], bank_reference=row[11] or "",
        offset_number=row[12],
    )  # fmt: skip
