"""The one feed that rollups, supervision, the sealer and pages pull.

A reader takes only rows whose transaction is below every running one. A cursor over ids or
times alone would lose rows that commit late (DESIGN.md 7); ordering by (tx, id) cannot.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

_PULL = """
SELECT e.tx::text::bigint, e.id, e.at, e.action, e.subject_kind, e.subject_id, e.region_path,
       e.org_id, e.facts, e.digest
FROM kernel_auditentry e
WHERE (e.tx, e.id) > ((%s::text)::xid8, %s) AND e.tx < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY e.tx, e.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """An audit line as its readers see it."""

    tx: int
    id: int
    at: datetime
    action: str
    subject_kind: str
    subject_id: str
    region_path: str
    org_id: UUID | None
    facts: dict[str, Any]
    digest: bytes


def pull(reader: str, *, limit: int = 1000) -> Sequence[FeedRow]:
    """The next rows for a named reader; its cursor moves on when the caller's transaction commits.

    Two processes pulling under one name take turns: the cursor row is locked.
    """
    assert transaction.get_connection().in_atomic_block, "the cursor moves with what it caused"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_feedcursor (name, tx, entry_id) VALUES (%s, 0, 0)"
            " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING tx, entry_id",
            [reader],
        )
        tx, entry_id = cursor.fetchone()
        cursor.execute(_PULL, [str(tx), entry_id, limit])
        rows = [_feed_row(row) for row in cursor.fetchall()]
        if rows:
            cursor.execute(
                "UPDATE kernel_feedcursor SET tx = %s, entry_id = %s WHERE name = %s",
                [rows[-1].tx, rows[-1].id, reader],
            )
    return rows


def skip_to_end(reader: str) -> str:
    """Start a reader that takes the whole state by other means at the feed's end; its position."""
    assert transaction.get_connection().in_atomic_block, "the cursor moves with what it caused"
    end = position()
    tx, entry_id = map(int, end.split("."))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_feedcursor (name, tx, entry_id) VALUES (%s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET tx = excluded.tx, entry_id = excluded.entry_id",
            [reader, tx, entry_id],
        )
    return end


def days_of(subject_kind: str, subject_ids: Collection[str]) -> set[date]:
    """The business days on which anything was ever written about these subjects."""
    if not subject_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (at AT TIME ZONE 'Asia/Shanghai')::date FROM kernel_auditentry"
            " WHERE subject_kind = %s AND subject_id = ANY(%s)",
            [subject_kind, list(subject_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def position() -> str:
    """Where the feed stands: one index read, good as an ETag."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tx::text || '.' || id FROM kernel_auditentry"
            " WHERE tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx DESC, id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return row[0] if row else "0.0"


def first_after(position: str) -> datetime | None:
    """When the first line after a position was written; None where a reader there has read all."""
    tx, entry_id = position.split(".")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at FROM kernel_auditentry WHERE (tx, id) > (%s::text::xid8, %s)"
            " AND tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx, id LIMIT 1",
            [tx, int(entry_id)],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _feed_row(row: Sequence[Any]) -> FeedRow:
    facts = json.loads(row[8]) if isinstance(row[8], str) else row[8]
    tx, entry_id, at, action, kind, subject_id, region_path, org_id = row[:8]
    return FeedRow(
        tx, entry_id, at, action, kind, subject_id, region_path, org_id, facts, bytes(row[9])
    )
