"""What crosses recycling's door of dismantling: runs, outputs, certificates. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MaterialOut:
    material_code: str
    mass_g: int


@dataclass(frozen=True, slots=True)
class PartShare:
    """How many of a key part one unit of a class holds, by the published floor standard."""

    code: str
    name: str
    each: int
    is_assumed: bool


@dataclass(frozen=True, slots=True)
class PartCount:
    """Key parts counted out of a run."""

    part_code: str
    count: int


@dataclass(frozen=True, slots=True)
class PartLine:
    """A key part of a run: how many the standard lets expect, how many came out."""

    part_code: str
    name: str
    expected: int
    found: int
    is_off: bool


@dataclass(frozen=True, slots=True)
class NewRun:
    """Units of one waste class taken apart together, and what came out."""

    dismantler_org_id: UUID
    unit_codes: tuple[str, ...]
    outputs: tuple[MaterialOut, ...]
    parts: tuple[PartCount, ...] = ()


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
    parts: tuple[PartLine, ...] = ()


@dataclass(frozen=True, slots=True)
class CoefficientLine:
    """A material of a class over a period against the published share (物料系数法)."""

    class_code: str
    material_code: str
    name: str
    mass_in_g: int
    expected_g: int
    found_g: int
    is_off: bool
    source: str


@dataclass(frozen=True, slots=True)
class StockCount:
    """What stands on the floor of one class, counted and weighed; a difference needs a reason."""

    class_code: str
    unit_count: int
    mass_g: int
    explanation: str = ""
    is_case: bool = False


@dataclass(frozen=True, slots=True)
class StockTakeLine:
    """Opening + in - out = book; counted against it (期末盘点法)."""

    class_code: str
    opening_count: int
    in_count: int
    out_count: int
    counted_count: int | None
    opening_g: int
    in_g: int
    out_g: int
    counted_g: int | None
    explanation: str = ""
    case_number: str | None = None

    @property
    def book_count(self) -> int:
        return self.opening_count + self.in_count - self.out_count

    @property
    def book_g(self) -> int:
        return self.opening_g + self.in_g - self.out_g


@dataclass(frozen=True, slots=True)
class StockTakeCard:
    id: UUID
    number: str
    dismantler_org_id: UUID
    taken_at: datetime
    lines: tuple[StockTakeLine, ...]


@dataclass(frozen=True, slots=True)
class FundLine:
    """What the fund or programme owes for one class in one month; None: the class has no rate."""

    class_code: str
    unit_count: int
    rate_fen: int | None
    is_assumed: bool

    @property
    def total_fen(self) -> int:
        return self.unit_count * (self.rate_fen or 0)


@dataclass(frozen=True, slots=True)
class FundUnit:
    """One dismantled unit with the certificate that backs its claim."""

    unit_code: str
    class_code: str
    certificate_no: str
    dismantled_on: date
    rate_fen: int


@dataclass(frozen=True, slots=True)
class FundClaimCard:
    """A month's claim as it was handed in; it does not change any more."""

    id: UUID
    number: str
    dismantler_org_id: UUID
    month: date
    unit_count: int
    total_fen: int
    claimed_at: datetime
