"""What crosses recycling's door: quotes, orders, routes, lots, runs, certificates. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Choice(StrEnum):
    """What the old unit is given for."""

    CASH = "cash"
    VOUCHER = "voucher"

    @property
    def label(self) -> str:
        return "现金" if self == Choice.CASH else "焕新券"


class AgeBand(StrEnum):
    UNDER_3 = "under_3"
    FROM_3_TO_8 = "3_to_8"
    OVER_8 = "over_8"


class BrandTier(StrEnum):
    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


class Slot(StrEnum):
    """Two-hour windows of a collection day."""

    MORNING_EARLY = "9-11"
    MORNING_LATE = "11-13"
    AFTERNOON_EARLY = "14-16"
    AFTERNOON_LATE = "16-18"

    @property
    def hours(self) -> tuple[int, int]:
        start, _, end = self.value.partition("-")
        return int(start), int(end)


class OrderState(StrEnum):
    BOOKED = "booked"
    ASSIGNED = "assigned"
    REQUOTE_PENDING = "requote_pending"
    COLLECTED = "collected"
    RECEIVED = "received"
    COMPLETED = "completed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return _ORDER_LABELS[self]


_ORDER_LABELS = {
    OrderState.BOOKED: "已预约",
    OrderState.ASSIGNED: "已安排上门",
    OrderState.REQUOTE_PENDING: "改价待确认",
    OrderState.COLLECTED: "已取走",
    OrderState.RECEIVED: "已入库",
    OrderState.COMPLETED: "已环保拆解",
    OrderState.CANCELLED: "已取消",
}


class UnitState(StrEnum):
    """EXPECTED until the door; from then on the same words as the passport's."""

    EXPECTED = "expected"
    COLLECTED = "collected"
    IN_DEPOT = "in_depot"
    IN_LOT = "in_lot"
    SHIPPED = "shipped"
    AT_DISMANTLER = "at_dismantler"
    DISMANTLED = "dismantled"
    REFURBISHED = "refurbished"
    CANCELLED = "cancelled"


class RequoteState(StrEnum):
    PENDING = "pending"
    CONSENTED = "consented"
    REFUSED = "refused"


class LotState(StrEnum):
    PACKED = "packed"
    SHIPPED = "shipped"
    RECEIVED = "received"


class NextStep(StrEnum):
    """What grading decides."""

    DISMANTLE = "dismantle"
    REFURBISH = "refurbish"


class DiscrepancyKind(StrEnum):
    MISSING = "missing"
    EXTRA = "extra"
    WEIGHT_OFF = "weight_off"


@dataclass(frozen=True, slots=True)
class UnitAnswers:
    """What the owner (or the worker at the door) says about the old unit."""

    category_code: str
    age_band: AgeBand
    is_working: bool
    is_complete: bool
    brand_tier: BrandTier = BrandTier.MIDDLE

    def as_json(self) -> dict[str, Any]:
        return {
            "category_code": self.category_code,
            "age_band": self.age_band.value,
            "is_working": self.is_working,
            "is_complete": self.is_complete,
            "brand_tier": self.brand_tier.value,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "UnitAnswers":
        return cls(
            category_code=body["category_code"],
            age_band=AgeBand(body["age_band"]),
            is_working=body["is_working"],
            is_complete=body["is_complete"],
            brand_tier=BrandTier(body["brand_tier"]),
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a valuation: its number, the sentence, and the price after it."""

    code: str
    sentence: str
    price_fen: int


@dataclass(frozen=True, slots=True)
class Valuation:
    """What a unit is worth in cash and as 焕新券, and how that came about."""

    cash_fen: int
    voucher_fen: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class QuoteAsk:
    """One unit to value for one person."""

    person_id: UUID
    answers: UnitAnswers


@dataclass(frozen=True, slots=True)
class ValuationQuote:
    """The valuation proof (评估凭证) of one unit."""

    quote_id: UUID
    number: str
    person_id: UUID
    answers: UnitAnswers
    cash_fen: int
    voucher_fen: int
    reasons: tuple[Reason, ...]
    standard_version: str
    valid_until: datetime


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
class NewVan:
    """A van with its depot (the recycler's own place) and the county it serves."""

    org_id: UUID
    name: str
    region_code: str
    capacity_units: int = 14
    collector_account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class VanCard:
    id: UUID
    org_id: UUID
    name: str
    region_code: str
    region_path: str
    capacity_units: int
    collector_account_id: UUID | None


@dataclass(frozen=True, slots=True)
class RouteStopCard:
    order_id: UUID
    arrive_at: datetime
    leave_at: datetime
    is_inserted: bool


@dataclass(frozen=True, slots=True)
class RoutePlan:
    route_id: UUID
    van_id: UUID
    org_id: UUID
    route_on: date
    distance_m: int
    stops: tuple[RouteStopCard, ...]


@dataclass(frozen=True, slots=True)
class JobCard:
    """One stop of a worker's day. Addresses are asked for one at a time, each look recorded."""

    order_id: UUID
    number: str
    van_id: UUID
    van_name: str
    position: int
    arrive_at: datetime
    slot: Slot
    region_code: str
    lat_e6: int
    lon_e6: int
    state: OrderState
    choice: Choice
    quoted_fen: int
    units: tuple[UnitCard, ...]


@dataclass(frozen=True, slots=True)
class CollectedUnit:
    """What the worker recorded of one unit. Without `answers` it is as quoted; a code is issued
    when no label was scanned."""

    unit_id: UUID
    photo_sha256s: tuple[str, ...]
    unit_code: str | None = None
    answers: UnitAnswers | None = None


@dataclass(frozen=True, slots=True)
class Pickup:
    """All units of one order taken from one door."""

    order_id: UUID
    units: tuple[CollectedUnit, ...]
    lat_e6: int
    lon_e6: int


@dataclass(frozen=True, slots=True)
class PickupReceipt:
    order_id: UUID
    choice: Choice
    paid_fen: int
    payment_reference: str | None
    is_simulated: bool
    unit_codes: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class RequoteCard:
    """A new price at the door. `consent_code` is filled only for the owner of the unit."""

    id: UUID
    order_id: UUID
    unit_id: UUID
    state: RequoteState
    old: ValuationQuote
    new: ValuationQuote
    consent_code: str | None


@dataclass(frozen=True, slots=True)
class WeighIn:
    unit_code: str
    mass_g: int


@dataclass(frozen=True, slots=True)
class Grade:
    unit_code: str
    grade: str
    next_step: NextStep = NextStep.DISMANTLE


@dataclass(frozen=True, slots=True)
class NewLot:
    depot_org_id: UUID
    dismantler_org_id: UUID
    unit_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Discrepancy:
    unit_code: str
    kind: DiscrepancyKind
    expected_g: int | None
    found_g: int | None


@dataclass(frozen=True, slots=True)
class LotCard:
    id: UUID
    number: str
    sscc: str
    state: LotState
    depot_org_id: UUID
    dismantler_org_id: UUID
    region_path: str
    unit_codes: tuple[str, ...]
    mass_g: int
    packed_at: datetime
    shipped_at: datetime | None
    received_at: datetime | None
    discrepancies: tuple[Discrepancy, ...]


@dataclass(frozen=True, slots=True)
class LotReceipt:
    """What the dismantler scanned and weighed at the gate, unit by unit."""

    lot_id: UUID
    scanned: tuple[WeighIn, ...]


@dataclass(frozen=True, slots=True)
class MaterialOut:
    material_code: str
    mass_g: int


@dataclass(frozen=True, slots=True)
class NewRun:
    """Units of one waste class taken apart together, and what came out."""

    dismantler_org_id: UUID
    unit_codes: tuple[str, ...]
    outputs: tuple[MaterialOut, ...]


@dataclass(frozen=True, slots=True)
class RunBalance:
    """A run as it stands on the scale, before it is declared."""

    class_code: str
    unit_count: int
    mass_in_g: int
    mass_out_g: int
    hazardous_g: int
    residue_g: int
    difference_g: int
    allowed_g: int
    tolerance_bps: int
    holds: bool


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """A dismantler's runs of one class in one month; `month` is its first day."""

    month: date
    class_code: str
    run_count: int
    unit_count: int
    mass_in_g: int
    mass_out_g: int
    hazardous_g: int


@dataclass(frozen=True, slots=True)
class MaterialTotal:
    """One material out of all runs of a month."""

    month: date
    material_code: str
    name: str
    is_hazardous: bool
    mass_g: int


@dataclass(frozen=True, slots=True)
class RunOutput:
    material_code: str
    name: str
    mass_g: int
    is_hazardous: bool


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """Proof that named units were dismantled and what became of their mass."""

    number: str
    token: str
    run_number: str
    dismantler_org_id: UUID
    dismantler_name: str
    waste_class_code: str
    unit_codes: tuple[str, ...]
    mass_in_g: int
    mass_out_g: int
    hazardous_g: int
    difference_g: int
    tolerance_bps: int
    outputs: tuple[RunOutput, ...]
    dismantled_at: datetime


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
class StockLine:
    """Units of one waste class standing in one depot."""

    org_id: UUID
    class_code: str
    state: UnitState
    unit_count: int
    mass_g: int
