"""What crosses recycling's door of dismantling: runs, outputs, certificates. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


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
