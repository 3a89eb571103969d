"""The audit trail, written in the transaction of the change it describes.

One append-only row serves three readers: it is the audit line, the feed row that upper rooms
pull, and the leaf that the transparency log seals (docs/adr/0003). It never holds personal data.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from huanxin.kernel import clock
from huanxin.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to write: the subject, where it belongs, and the facts that explain it."""

    subject_kind: str
    subject_id: object
    region_path: str = ""
    org_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def record(
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: object,
    *,
    region_path: str = "",
    org_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Write one line. `action` is room.past_tense: 'vouchers.redeemed'."""
    record_many(actor, action, [Entry(subject_kind, subject_id, region_path, org_id, facts)])


def record_many(actor: Actor, action: str, entries: Sequence[Entry]) -> None:
    """Write a batch of lines of one action in one statement."""
    assert transaction.get_connection().in_atomic_block, "audit outside the change's transaction"
    if not entries:
        return
    at = clock.now()
    rows = []
    for entry in entries:
        facts = json.dumps(entry.facts, default=str, ensure_ascii=False, sort_keys=True)
        rows.append(
            {
                "subject_kind": entry.subject_kind,
                "subject_id": str(entry.subject_id),
                "region_path": entry.region_path,
                "org_id": str(entry.org_id) if entry.org_id else None,
                "facts": facts,
                "digest": leaf_digest(at, actor.account_id, action, entry, facts).hex(),
            }
        )
    with connection.cursor() as cursor:  # one document: cheaper to send than six arrays
        cursor.execute(
            "INSERT INTO kernel_auditentry (at, actor_id, actor_role, action, subject_kind,"
            " subject_id, region_path, org_id, facts, digest)"
            " SELECT %s, %s, %s, %s, subject_kind, subject_id, region_path, org_id, facts::jsonb,"
            " decode(digest, 'hex') FROM json_to_recordset(%s::json) AS t(subject_kind text,"
            " subject_id text, region_path text, org_id uuid, facts text, digest text)",
            [at, actor.account_id, actor.role, action, json.dumps(rows, ensure_ascii=False)],
        )


def leaf_digest(at: datetime, actor_id: UUID, action: str, entry: Entry, facts: str) -> bytes:
    """SHA-256 of the line's canonical JSON: what the log seals and anyone can recompute."""
    return hashlib.sha256(canonical_text(at, actor_id, action, entry, facts).encode()).digest()


def canonical_text(at: datetime, actor_id: UUID, action: str, entry: Entry, facts: str) -> str:
    """The one text of a line; `facts` is JSON with sorted keys."""
    return json.dumps(
        [
            at.isoformat(timespec="microseconds"), str(actor_id), action, entry.subject_kind,
            str(entry.subject_id), entry.region_path, str(entry.org_id or ""), facts,
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )  # fmt: skip
