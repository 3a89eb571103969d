"""What crosses recycling's door of orders: units, orders, slots, timelines. No Django."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from huanxin.recycling.types import (
    BatteryKind,
    Choice,
    MissedBy,
    NextStep,
    OrderMode,
    OrderState,
    PaperKind,
    Slot,
    UnitState,
)  # fmt: skip


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
    mode: OrderMode = OrderMode.DOOR
    village_day_id: UUID | None = None
    station_id: UUID | None = None  # where the unit is brought to, when that is the mode


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list of orders is narrowed by; the days are those of the visit, both inclusive."""

    state: OrderState | None = None
    number: str = ""  # any part of it
    category_code: str = ""
    from_on: date | None = None
    to_on: date | None = None

    def __bool__(self) -> bool:
        return self != EVERY_ORDER


EVERY_ORDER = OrderFilter()


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
    mode: OrderMode = OrderMode.DOOR
    station_id: UUID | None = None
    move_count: int = 0
    missed_by: MissedBy | None = None
    village_day_id: UUID | None = None
    assisted_org_id: UUID | None = None


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


@dataclass(frozen=True, slots=True)
class NewVillageDay:
    """A van of a recycler waits at a place on a date."""

    van_id: UUID
    region_code: str
    place: str
    lat_e6: int
    lon_e6: int
    held_on: date
    slot: Slot
    capacity_units: int


@dataclass(frozen=True, slots=True)
class VillageDayCard:
    id: UUID
    org_id: UUID
    van_id: UUID
    region_code: str
    region_path: str
    place: str
    lat_e6: int
    lon_e6: int
    held_on: date
    slot: Slot
    capacity_units: int
    remaining_units: int
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class OrderMove:
    """Where and when an order is collected instead."""

    slot_on: date
    slot: Slot
    address: str | None = field(default=None, repr=False)
    region_code: str | None = None
    lat_e6: int | None = None
    lon_e6: int | None = None


@dataclass(frozen=True, slots=True)
class VehiclePaperCard:
    """A scrapped car's paper; the VIN is masked but for its last six."""

    unit_id: UUID
    kind: PaperKind
    number: str
    vin_masked: str
    issuer: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class NewVehiclePaper:
    unit_id: UUID
    kind: PaperKind
    number: str
    vin: str = field(repr=False)
    issuer: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class BatteryCard:
    unit_id: UUID
    kind: BatteryKind
    mass_g: int
    is_hazardous: bool
    standard_no: str


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """What cancelling now would mean."""

    may_cancel: bool
    is_late: bool
    free_until: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class PayoutStanding:
    """Whether an order's cash has arrived."""

    amount_fen: int
    is_paid: bool
    try_count: int
    reference: str | None
    is_simulated: bool
    next_try_at: datetime | None
