"""What crosses recycling's door of care: addresses a person keeps, complaints. No Django."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from huanxin.recycling.types import ComplaintKind, ComplaintState


@dataclass(frozen=True, slots=True)
class AddressCard:
    """A door of her address book, shown to its owner alone."""

    id: UUID
    label: str
    address: str = field(repr=False)
    region_code: str
    lat_e6: int
    lon_e6: int
    is_default: bool


@dataclass(frozen=True, slots=True)
class NewAddress:
    label: str
    address: str = field(repr=False)
    region_code: str
    lat_e6: int
    lon_e6: int
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class ComplaintStepLine:
    state: ComplaintState
    by_role: str
    text: str = field(repr=False)
    said_at: datetime


@dataclass(frozen=True, slots=True)
class ComplaintCard:
    id: UUID
    number: str
    order_id: UUID
    order_number: str
    person_id: UUID
    org_id: UUID | None
    region_path: str
    kind: ComplaintKind
    state: ComplaintState
    opened_at: datetime
    due_at: datetime
    escalated_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    satisfaction: int | None
    steps: tuple[ComplaintStepLine, ...]
