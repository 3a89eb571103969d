"""Reading the audit trail: the newest lines within a scope."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from huanxin.kernel import audit
from huanxin.kernel.actor import Scope
from huanxin.kernel.audit import Entry
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry
from huanxin.kernel.paging import MOST_COUNTED, PAGE_SIZE, Page, count_up_to

_BY_OFFICERS = ~Q(actor_role__in=["system", "consumer"])


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the trail as its readers see it. It never holds personal data."""

    id: int
    at: datetime
    actor_id: UUID
    actor_role: str
    action: str
    subject_kind: str
    subject_id: str
    region_path: str
    org_id: UUID | None
    facts: dict[str, Any]
    digest: bytes

    @property
    def canonical_text(self) -> str:
        """The text whose SHA-256 is the line's digest: for whoever checks it elsewhere."""
        entry = Entry(self.subject_kind, self.subject_id, self.region_path, self.org_id)
        facts = json.dumps(self.facts, ensure_ascii=False, sort_keys=True)
        return audit.canonical_text(self.at, self.actor_id, self.action, entry, facts)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines: all that is set must hold. Moments are half-open.

    `actions` are rooms ('claims') or whole actions, any of which will do; `actor_ids` None is
    everybody, empty is nobody; `subject` is a kind and an id.
    """

    actions: Sequence[str] = ()
    actor_ids: Sequence[UUID] | None = None
    subject: tuple[str, str] | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None

    def as_q(self) -> Q:
        """The same as a condition on the rows."""
        asked = Q()
        for action in self.actions:
            asked |= Q(action=action) if "." in action else Q(action__startswith=action + ".")
        if self.actor_ids is not None:
            # Said twice so that the small index of officers' lines serves.
            asked &= Q(actor_id__in=self.actor_ids) & _BY_OFFICERS
        if self.subject is not None:
            asked &= Q(subject_kind=self.subject[0], subject_id=self.subject[1])
        if self.from_at is not None:
            asked &= Q(at__gte=self.from_at)
        return asked & Q(at__lt=self.to_at) if self.to_at is not None else asked


_EVERY = AuditFilter()


def list_lines(scope: Scope, *, where: AuditFilter = _EVERY, page: int = 1) -> Page[AuditLine]:
    """The newest lines first.

    Lines that belong to no region are the city's own and shown to whoever may read the trail. They
    are counted up to 10,000.
    """
    rows = AuditEntry.objects.filter(where.as_q()).order_by("-id")
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(
            Q(region_path="") | Q(region_path=path) | Q(region_path__startswith=path + "/")
        )
    chosen = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    total, is_more = count_up_to(rows, MOST_COUNTED)
    return Page([_line(row) for row in chosen], page, total, is_more=is_more)


def get_line(entry_id: int, scope: Scope) -> AuditLine:
    """One line; outside the scope it is NotFound."""
    row = AuditEntry.objects.filter(pk=entry_id).first()
    if row is None or (row.region_path and not scope.covers(row.region_path)):
        raise NotFound(model="AuditEntry", id=entry_id)
    return _line(row)


def recomputed_digest(row: AuditEntry) -> bytes:
    """The digest of a row's content as it stands now, whatever digest the row claims."""
    return hashlib.sha256(_line(row).canonical_text.encode()).digest()


def _line(row: AuditEntry) -> AuditLine:
    facts: dict[str, Any] = json.loads(row.facts) if isinstance(row.facts, str) else row.facts
    return AuditLine(
        row.id, row.at, row.actor_id, row.actor_role, row.action, row.subject_kind,
        row.subject_id, row.region_path, row.org_id, facts, bytes(row.digest),
    )  # fmt: skip
