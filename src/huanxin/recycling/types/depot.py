"""What crosses recycling's door of the depot: weights, grades, lots, stock. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from huanxin.recycling.types import DiscrepancyKind, LotPurpose, LotState, NextStep, UnitState


@dataclass(frozen=True, slots=True)
class WeighIn:
    """A unit on a scale. At a gate `seen_class` says what the thing is if its label says other."""

    unit_code: str
    mass_g: int
    seen_class: str | None = None


@dataclass(frozen=True, slots=True)
class GradingQuestion:
    """A question of the grading standard; `answers` are keys with their words."""

    id: str
    say: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GradeResult:
    """What the standard makes of the answers, and the rule that said so."""

    grade: str
    next_step: NextStep
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an inspector answered about a unit; the standard decides the grade."""

    unit_code: str
    answers: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class NewLot:
    """Units to seal into one lot, for a dismantler or, as a transfer, for another depot."""

    depot_org_id: UUID
    receiver_org_id: UUID
    unit_codes: tuple[str, ...]
    purpose: LotPurpose = LotPurpose.DISMANTLE


@dataclass(frozen=True, slots=True)
class Carriage:
    """The truck that a lot leaves on."""

    plate_no: str
    driver_name: str
    seal_no: str


@dataclass(frozen=True, slots=True)
class LotLine:
    """A unit of a lot as it was packed."""

    unit_code: str
    category_code: str
    class_code: str
    mass_g: int
    grade: str


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
    receiver_org_id: UUID
    region_path: str
    unit_codes: tuple[str, ...]
    mass_g: int
    packed_at: datetime
    shipped_at: datetime | None
    received_at: datetime | None
    discrepancies: tuple[Discrepancy, ...]
    purpose: LotPurpose = LotPurpose.DISMANTLE
    is_hazardous: bool = False
    carriage: Carriage | None = None
    lines: tuple[LotLine, ...] = ()


@dataclass(frozen=True, slots=True)
class LotReceipt:
    """What the dismantler scanned and weighed at the gate, unit by unit."""

    lot_id: UUID
    scanned: tuple[WeighIn, ...]


@dataclass(frozen=True, slots=True)
class StockUnit:
    """A unit in a depot with how long it has stood there."""

    unit_code: str
    category_code: str
    class_code: str
    state: UnitState
    mass_g: int
    grade: str | None
    next_step: NextStep | None
    received_on: date
    days: int
    band: int


@dataclass(frozen=True, slots=True)
class StockLine:
    """Units of one waste class standing in one depot."""

    org_id: UUID
    class_code: str
    state: UnitState
    unit_count: int
    mass_g: int
