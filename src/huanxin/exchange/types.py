"""What crosses exchange's door: lists with their columns, import reports, webhooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list. `kind` is text, money (integer fen), count, mass (g), day or time."""

    key: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class ListCard:
    """A list that may be taken out, and whether it may be brought in."""

    name: str
    title: str
    permission: str
    columns: tuple[Column, ...]
    can_import: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """Rows in the order of their key, and where the next ones begin; None at the end."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[dict[str, Any]]
    next_cursor: str | None


class Outcome(StrEnum):
    CREATED = "created"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became, or would become, of one row; `number` counts from 2, as in a spreadsheet."""

    number: int
    key: str
    outcome: Outcome
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """All rows or none: `is_applied` is False after a trial and after any refused row."""

    name: str
    is_applied: bool
    is_trial: bool
    created_count: int
    unchanged_count: int
    refused_count: int
    rows: tuple[RowResult, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that happens on the platform and can be told."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    name: str
    url: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndpointCard:
    """A webhook: where it goes, what it is told, and whether it is paused."""

    id: UUID
    org_id: UUID | None
    region_path: str
    name: str
    url: str
    topics: tuple[str, ...]
    is_active: bool
    old_secret_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedEndpoint:
    """A webhook with its signing secret, told this once."""

    card: EndpointCard
    secret: str


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the HTTP status, or 0 with the reason why there was none."""

    at: datetime
    status: int
    error: str


@dataclass(frozen=True, slots=True)
class DeliveryCard:
    id: UUID
    endpoint_id: UUID
    topic: str
    state: DeliveryState
    attempts: tuple[Attempt, ...]
    due_at: datetime
    created_at: datetime
    body: str
