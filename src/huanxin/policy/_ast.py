"""A policy after reading: plain values that executors are built from. One model for every kind.

A line holds requirements (field, operator, wanted value) and one subsidy form. A new form of
subsidy, limit or operator is a new variant here, a clause in the reader, and a clause in each
executor; nothing else knows the shape of a rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from huanxin.policy.types import (
    Assumption,
    Citation,
    Evidence,
    Fact,
    FundShare,
    Limit,
    PriceBasis,
    VoucherRules,
)


class Op(StrEnum):
    """How a field is held against the wanted value. An unknown value holds against none."""

    IS = "is"
    ONE_OF = "one_of"
    MIN = "min"  # at least
    MAX = "max"  # at most
    ABOVE = "above"  # more than
    BELOW = "below"  # less than


class Rounding(StrEnum):
    FEN_DOWN = "fen_down"
    YUAN_UP = "yuan_up"  # up to the whole yuan, before the cap


@dataclass(frozen=True, slots=True)
class Table:
    """A wanted value that depends on another field, as a registration date does on the fuel."""

    by: str
    values: Mapping[str, Fact]

    def __hash__(self) -> int:
        return hash((self.by, *self.values.items()))


@dataclass(frozen=True, slots=True)
class Requirement:
    field: str
    op: Op
    wanted: Fact | tuple[Fact, ...] | Table

    def wanted_values(self) -> tuple[Fact, ...]:
        """Every single value that is asked for in some case."""
        if isinstance(self.wanted, Table):
            return tuple(self.wanted.values.values())
        return self.wanted if isinstance(self.wanted, tuple) else (self.wanted,)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of the price, rounded, at most the cap."""

    rate_bps: int
    cap_fen: int
    rounding: Rounding


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same amount whatever the price."""

    amount_fen: int

    @property
    def cap_fen(self) -> int:
        return self.amount_fen


@dataclass(frozen=True, slots=True)
class Step:
    """What prices up to and including a bound are given; the last step has no bound."""

    up_to_fen: int | None
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Tiers:
    """Amounts by price, in ascending steps."""

    steps: tuple[Step, ...]

    @property
    def cap_fen(self) -> int:
        return max(step.amount_fen for step in self.steps)


@dataclass(frozen=True, slots=True)
class Admission:
    """No money: the line says who may take part."""

    cap_fen: int = 0


Subsidy = Rate | Fixed | Tiers | Admission


@dataclass(frozen=True, slots=True)
class Within:
    """A total that several purchases share. `used` is the fact that says what is spent of it."""

    used: str
    total_fen: int


@dataclass(frozen=True, slots=True)
class Line:
    """`when`: what the whole policy requires, then the line's own, then what `within` makes."""

    id: str
    title: str
    categories: tuple[str, ...]
    when: tuple[Requirement, ...]
    subsidy: Subsidy
    within: Within | None
    limits: Mapping[str, Limit]  # by category
    evidence: tuple[Evidence, ...]
    source: Citation

    @property
    def cap_fen(self) -> int:
        """The most that one purchase can be given."""
        cap_fen = self.subsidy.cap_fen
        return min(cap_fen, self.within.total_fen) if self.within else cap_fen


@dataclass(frozen=True, slots=True)
class Refusal:
    """What to say when the nearest line failed on a field."""

    reason_code: str
    say: str


@dataclass(frozen=True, slots=True)
class Policy:
    file: str
    id: str
    title: str
    follows: str | None
    gap: str | None
    sources: tuple[Citation, ...]
    from_on: date
    to_on: date
    region_code: str
    price_basis: PriceBasis
    funds: tuple[FundShare, ...]
    assumptions: tuple[Assumption, ...]
    requires: tuple[Requirement, ...]  # of every line
    voucher: VoucherRules | None
    lines: tuple[Line, ...]
    fallback: Mapping[str, Refusal]  # by field
    version_hash: str
    marks: Mapping[tuple[str | int, ...], int]  # path in the file -> line number

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for line in self.lines for code in line.categories))

    @property
    def is_admission(self) -> bool:
        """Whether it says who may take part rather than what is paid."""
        return any(isinstance(line.subsidy, Admission) for line in self.lines)

    def is_assumed(self, line: Line) -> bool:
        """Whether a parameter that decides this line is marked as assumed."""
        marks = ("requires.", f"lines.{line.id}.")
        return any(f"{a.key}.".startswith(marks) for a in self.assumptions)

    def lines_for(self, category_code: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if category_code in line.categories)

    def at(self, *path: str | int) -> int:
        """The line number of a key, or of the nearest key above it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, 1)


def region_prefix(region_code: str) -> str:
    """What the codes of all regions inside a region begin with (GB/T 2260 nests by digit pairs;
    our own zone codes keep to it).

    >>> region_prefix("371500"), region_prefix("370000"), region_prefix("371502")
    ('3715', '37', '371502')
    """
    while region_code.endswith("00"):
        region_code = region_code[:-2]
    return region_code
