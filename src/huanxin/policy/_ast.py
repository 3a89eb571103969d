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


@dataclass(frozen=True, slots=True)
class Requirement:
    field: str
    op: Op
    wanted: Fact | tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of the price, rounded, at most the cap."""

    rate_bps: int
    cap_fen: int
    rounding: Rounding


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    title: str
    categories: tuple[str, ...]
    when: tuple[Requirement, ...]
    subsidy: Rate
    limits: Mapping[str, Limit]  # by category
    evidence: tuple[Evidence, ...]
    source: Citation


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
    lines: tuple[Line, ...]
    fallback: Mapping[str, Refusal]  # by field
    version_hash: str
    marks: Mapping[tuple[str | int, ...], int]  # path in the file -> line number

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for line in self.lines for code in line.categories))

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
