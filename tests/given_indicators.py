"""Exact facts for metrics: temporary tables of a mart view's own columns stand before the view."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from huanxin.kernel import clock

CITY = "370000/371500"
EAST = "370000/371500/371502"
WEST = "370000/371500/371503"
VIEWS = (
    "mart_claims_claim", "mart_claims_sale", "mart_ledger_account", "mart_ledger_transfer",
    "mart_recycling_order", "mart_recycling_unit", "mart_recycling_run", "mart_settlement_item",
    "mart_settlement_claw_back", "mart_trace_unit", "mart_vouchers_voucher",
)  # fmt: skip


def facts(view: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """These rows are all the view holds, until the transaction ends. Unnamed columns are null."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {view} (LIKE {view}) ON COMMIT DROP")
        for row in rows:
            names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
            cursor.execute(f"INSERT INTO {view} ({names}) VALUES ({marks})", list(row.values()))


def epoch(on: date, hour: int = 12, minute: int = 0) -> int:
    """Seconds of a Shanghai clock time."""
    return int(clock.moment(on, hour, minute).timestamp())


def sale(
    on: date,
    *,
    price_fen: int = 100_000,
    subsidy_fen: int = 15_000,
    region_path: str = EAST,
    hour: int = 12,
    **changed: Any,
) -> dict[str, Any]:
    """A passed claim of a grade-1 refrigerator, ready for mart_claims_claim."""
    sold = epoch(on, hour)
    row = {
        "claim_id": uuid4(), "sale_id": uuid4(), "number": f"GX{uuid4().hex[:8]}",
        "category_code": "refrigerator", "person_id": uuid4(), "region_path": region_path,
        "price_fen": price_fen, "subsidy_fen": subsidy_fen, "sold_on": on, "sold_epoch": sold,
        "submitted_epoch": sold + 60, "decided_epoch": sold + 90, "decided_on": on,
        "verify_status": "passed", "audit_status": "none", "is_returned": False,
        "is_closed": False,
    } | changed  # fmt: skip
    row.setdefault("person_pseudonym", f"p{row['person_id']}")
    return row


def order(
    on: date,
    *,
    person_id: UUID | None = None,
    region_path: str = EAST,
    is_collected: bool = True,
    **changed: Any,
) -> dict[str, Any]:
    """A collected order, ready for mart_recycling_order."""
    at = epoch(on, 9)
    row = {
        "order_id": uuid4(), "number": f"HS{uuid4().hex[:8]}", "person_id": person_id or uuid4(),
        "region_path": region_path, "state": "collected" if is_collected else "booked",
        "booked_epoch": at, "booked_on": on, "offered_epoch": at + 5,
        "collected_epoch": at + 3600 if is_collected else None,
        "collected_on": on if is_collected else None,
    }  # fmt: skip
    return row | changed


def unit(of: Mapping[str, Any], *, state: str = "collected", **changed: Any) -> dict[str, Any]:
    """The order's old refrigerator, ready for mart_recycling_unit."""
    code = f"u{uuid4().hex[:8]}" if of["collected_on"] else None
    return {
        "unit_code": code, "order_id": of["order_id"], "category_code": "refrigerator",
        "state": state,
    } | changed  # fmt: skip
