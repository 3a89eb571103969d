"""What crosses recycling's door of cases: a difference, who must answer, until when. No Django."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class CaseKind(StrEnum):
    """What differs: at a gate, in a run's parts, or at a stock-take."""

    MISSING = "missing"
    EXTRA = "extra"
    SWAPPED = "swapped"
    WEIGHT_OFF = "weight_off"
    PARTS = "parts"
    STOCK = "stock"


class CaseState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"


class Outcome(StrEnum):
    """How a case ended."""

    FOUND = "found"
    LOST = "lost"
    EXPLAINED = "explained"
    CORRECTED = "corrected"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        return _OUTCOMES[self]


_OUTCOMES = {
    Outcome.FOUND: "已找到并重新入库",
    Outcome.LOST: "确认遗失，由责任单位承担",
    Outcome.EXPLAINED: "说明成立",
    Outcome.CORRECTED: "已更正身份或数量",
    Outcome.RETURNED: "已退回",
}


@dataclass(frozen=True, slots=True)
class CaseWords:
    """What one side said."""

    org_id: UUID | None
    org_name: str
    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A difference: its owner (who must answer), its finder, its clock and both sides' words."""

    id: UUID
    number: str
    kind: CaseKind
    state: CaseState
    unit_code: str
    class_code: str
    lot_id: UUID | None
    owner_org_id: UUID
    owner_name: str
    finder_org_id: UUID
    finder_name: str
    region_path: str
    expected: int | None
    found: int | None
    is_mass: bool
    opened_at: datetime
    deadline_at: datetime
    resolved_at: datetime | None
    outcome: Outcome | None
    is_overdue: bool
    words: tuple[CaseWords, ...]
