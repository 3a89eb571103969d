"""What crosses recycling's door of orders: units, orders, slots, timelines. No Django."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from huanxin.recycling.types import Choice, NextStep, OrderState, Slot, UnitState


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Units to collect from one door in one slot. The address is sealed before it is stored."""

    person_id: UUID
    quote_ids: tuple[UUID, ...]
    address: str = field(repr=False)
    region_code: str
    lat_e6: int
    lon_e6: int
    slot_on: date
    slot: Slot
    choice: Choice


@dataclass(frozen=True, slots=True)
class UnitCard:
    id: UUID
    unit_code: str | None
    category_code: str
    waste_class_code: str | None
    state: UnitState
    quote_id: UUID
    cash_fen: int
    voucher_fen: int
    mass_g: int | None
    grade: str | None
    next_step: NextStep | None
    certificate_no: str | None
    gate_mass_g: int | None = None


@dataclass(frozen=True, slots=True)
class OrderCard:
    id: UUID
    number: str
    person_id: UUID
    region_code: str
    region_path: str
    slot_on: date
    slot: Slot
    choice: Choice
    state: OrderState
    quoted_fen: int
    paid_fen: int | None
    recycler_org_id: UUID | None
    voucher_id: UUID | None
    booked_at: datetime
    offered_at: datetime | None
    assigned_at: datetime | None
    collected_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    units: tuple[UnitCard, ...]


@dataclass(frozen=True, slots=True)
class SlotOffer:
    """How much room a county's slot still has."""

    region_code: str
    slot_on: date
    slot: Slot
    capacity: int
    remaining: int


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One line of what the consumer follows: `standing` is done, now, next or stopped."""

    code: str
    title: str
    standing: str
    at: datetime | None
    actor: str
    note: str = ""
