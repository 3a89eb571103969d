"""What crosses recycling's door of the depot: weights, grades, lots, stock. No Django."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huanxin.recycling.types import DiscrepancyKind, LotState, NextStep, UnitState


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
class StockLine:
    """Units of one waste class standing in one depot."""

    org_id: UUID
    class_code: str
    state: UnitState
    unit_count: int
    mass_g: int
