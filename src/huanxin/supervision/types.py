"""What crosses supervision's door: thresholds and alerts. Frozen, no Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class AlertKind(StrEnum):
    """What raised an alert."""

    THRESHOLD = "threshold"  # a metric left the bounds that someone set for it
    CASE_OVERDUE = "case_overdue"  # a claim waits for a person longer than published
    CLAIM_STOP = "claim_stop"  # a failed sample or a check beyond its cap keeps payments back


class AlertState(StrEnum):
    """open → acknowledged → over; what rights itself goes from open to over."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class NewThreshold:
    """Bounds for a metric at a region over a named period (indicators.types.WINDOW_TITLES).

    A bound is in the metric's smallest unit and still good itself; one of the two may be absent.
    """

    metric_id: str
    region_code: str
    period: str
    low: int | None
    high: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """Bounds in force, and whose they are."""

    id: UUID
    metric_id: str
    region_path: str
    period: str
    low: int | None
    high: int | None
    reason: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class NewAlert:
    """Something that someone must look at. `subject_key` names what it is about, once per kind."""

    kind: AlertKind
    subject_key: str
    region_path: str
    title: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as its readers see it."""

    id: UUID
    kind: AlertKind
    subject_key: str
    region_path: str
    title: str
    facts: Mapping[str, Any]
    state: AlertState
    raised_at: datetime
    acknowledged_by: str
    acknowledged_at: datetime | None
    note: str
    over_at: datetime | None
