"""Writing events: one COPY for the events, one for what they name, one audit line a batch.

The writing path leaves no leaf of the log behind: the sealer digests the rows themselves.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.audit import Entry
from huanxin.kernel.copying import copy_rows
from huanxin.trace import models
from huanxin.trace._terms import Terms

_IDS = "SELECT nextval('trace_event_id_seq') FROM generate_series(1, %s)"
_EVENTS = """
trace_event (id, event_id, declares_error, declared_at, type, action, biz_step, disposition,
  read_point, biz_location, at, event_on, recorded_at, organisation_id, region_path, context_id,
  terms, body)
"""
_EPCS = "trace_eventepc (event_id, role, epc)"
_CONTEXT = """
INSERT INTO trace_context (digest, parts) VALUES (%s, %s::jsonb)
ON CONFLICT (digest) DO NOTHING
"""


_JSON = json.JSONEncoder(ensure_ascii=False)  # json.dumps would make one for each event


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event ready to be written: checked, named, and with everything it is found by."""

    event_id: str
    type: str
    action: str
    biz_step: str
    disposition: str
    read_point: str
    biz_location: str
    at: datetime
    org_id: UUID
    region_path: str
    body: dict[str, Any]
    epcs: Sequence[tuple[str, str]]
    terms: Terms = field(default_factory=dict)
    context_id: int | None = None
    declared_at: datetime | None = None


def store(actor: Actor, rows: Sequence[Prepared]) -> list[int]:
    """Write events in the order given and return their row numbers."""
    recorded_at = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_IDS, [len(rows)])
        ids = [row[0] for row in cursor.fetchall()]
    pairs = list(zip(ids, rows, strict=True))
    copy_rows(_EVENTS, (_columns(row_id, row, recorded_at) for row_id, row in pairs))
    copy_rows(_EPCS, ((row_id, role, epc) for row_id, row in pairs for role, epc in row.epcs))
    audit.record_many(actor, "trace.captured", _lines(ids, rows))
    return ids


def context_id(parts: Sequence[Any], known: dict[str, int] | None = None) -> int | None:
    """The row of what a document declares beyond GS1's context; None if it declares nothing.

    `known` spares a document's further events the look-up; it must not outlive the transaction.
    """
    if not parts:
        return None
    known = {} if known is None else known
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    if text not in known:
        known[text] = _context_row(text)
    return known[text]


def _context_row(text: str) -> int:
    digest = hashlib.sha256(text.encode()).digest()
    known = models.Context.objects.filter(digest=digest).values_list("pk", flat=True)
    if (found := known.first()) is not None:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_CONTEXT, [digest, text])
    return known.get()


def _columns(row_id: int, row: Prepared, recorded_at: datetime) -> tuple[Any, ...]:
    return (
        row_id, row.event_id, row.declared_at is not None, row.declared_at, row.type, row.action,
        row.biz_step, row.disposition, row.read_point, row.biz_location, row.at,
        _business_day(row.at), recorded_at, row.org_id, row.region_path, row.context_id,
        _JSON.encode(row.terms) if row.terms else None,
        _JSON.encode(row.body),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _business_day(at: datetime) -> Any:
    return clock.business_day(at)


def _lines(ids: Sequence[int], rows: Sequence[Prepared]) -> list[Entry]:
    """One line for each organisation and region of the batch."""
    groups: dict[tuple[UUID, str], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault((row.org_id, row.region_path), []).append(place)
    return [
        Entry(
            "epcis_event", ids[places[0]], region_path, org_id,
            {
                "events": len(places), "first_id": ids[places[0]], "last_id": ids[places[-1]],
                "biz_steps": Counter(rows[place].biz_step for place in places),
            },
        )
        for (org_id, region_path), places in groups.items()
    ]  # fmt: skip
