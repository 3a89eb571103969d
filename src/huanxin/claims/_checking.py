"""Runs checks/*.sql as sets over the claims that wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.claims import _deriving
from huanxin.claims.types import Outcome
from huanxin.kernel.sqlfiles import SqlFile, read_folder

# Every check starts from this table; elsewhere (DuckDB, Spark) it is all claims of a year.
_PREPARE = (
    "CREATE TEMP TABLE IF NOT EXISTS claim_due ON COMMIT DELETE ROWS AS"
    " SELECT * FROM mart_claims_claim WITH NO DATA"
)
_FILL = "INSERT INTO claim_due SELECT * FROM mart_claims_claim WHERE claim_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Found:
    """One row a check returned."""

    claim_id: UUID
    check_id: str
    outcome: Outcome
    reason_code: str
    weight: int
    evidence: Mapping[str, Any]


def checks() -> tuple[SqlFile, ...]:
    """Every check of the room, by file name."""
    return read_folder("huanxin.claims.checks")


def run(claim_ids: Sequence[UUID]) -> list[Found]:
    """What every check finds on these claims, as the transaction sees them."""
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE)
        cursor.execute("DELETE FROM claim_due")
        cursor.execute(_FILL, [list(claim_ids)])
        cursor.execute("ANALYZE claim_due")
        cursor.execute("SELECT sale_id FROM claim_due")
        sale_ids = [row[0] for row in cursor.fetchall()]
    _deriving.keep_rings(sale_ids)  # what the claims share with others is a fact like any other
    _deriving.derive_about_due(_deriving.Temporary())
    return [found for check in checks() for found in run_one(check)]


def run_one(check: SqlFile) -> list[Found]:
    """What one check finds on claim_due and what is derived of it, as they stand."""
    with connection.cursor() as cursor:
        cursor.execute(check.text)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [
        Found(
            claim_id=row.pop("claim_id"),
            check_id=check.header["id"],
            outcome=Outcome(check.header["outcome"]),
            reason_code=check.header["reason"],
            weight=int(check.header["weight"]),
            evidence=row,
        )
        for row in rows
    ]
