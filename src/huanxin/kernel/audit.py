"""The audit trail, written in the transaction of the change it describes.

One append-only row serves three readers: it is the audit line, the feed row that upper rooms
pull, and the leaf that the transparency log seals (docs/adr/0003). It never holds personal data.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any
from uuid import UUID

from django.db import transaction

from huanxin.kernel import clock, sets
from huanxin.kernel.actor import Actor

_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str).encode


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
    head = _head(at, actor.account_id, action)
    facts = [_json(entry.facts) for entry in entries]
    digests = [
        hashlib.sha256((head + _tail(entry, text)).encode()).hexdigest()
        for entry, text in zip(entries, facts, strict=True)
    ]
    sets.write(
        "huanxin.kernel.sql",
        "insert_audit",
        at=at,
        actor_id=actor.account_id,
        actor_role=actor.role,
        action=action,
        subject_kinds=sets.texts([entry.subject_kind for entry in entries]),
        subject_ids=sets.texts([str(entry.subject_id) for entry in entries]),
        region_paths=sets.texts([entry.region_path for entry in entries]),
        org_ids=sets.uuids([entry.org_id for entry in entries]),
        facts=sets.texts(facts),
        digests=sets.texts(digests),
    )


def canonical_text(at: datetime, actor_id: UUID, action: str, entry: Entry, facts: str) -> str:
    """The one text of a line, whose SHA-256 is its digest: what the log seals, and anyone can
    recompute. A JSON array of texts; `facts` is itself JSON with sorted keys."""
    return _head(at, actor_id, action) + _tail(entry, facts)


def _head(at: datetime, actor_id: UUID, action: str) -> str:
    parts = (at.isoformat(timespec="microseconds"), str(actor_id), action)
    return "[" + ",".join(map(encode_basestring, parts))


def _tail(entry: Entry, facts: str) -> str:
    org = str(entry.org_id) if entry.org_id else ""
    parts = (entry.subject_kind, str(entry.subject_id), entry.region_path, org, facts)
    return "," + ",".join(map(encode_basestring, parts)) + "]"
