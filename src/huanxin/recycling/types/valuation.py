"""What crosses recycling's door of quotes: answers, reasons, proofs. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from huanxin.recycling.types import AgeBand, BrandTier, ProposalState, StandardKind


@dataclass(frozen=True, slots=True)
class UnitAnswers:
    """What the owner (or the worker at the door) says about the old unit."""

    category_code: str
    age_band: AgeBand
    is_working: bool
    is_complete: bool
    brand_tier: BrandTier = BrandTier.MIDDLE
    variant: str = ""
    model_name: str = ""
    details: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "category_code": self.category_code,
            "age_band": self.age_band.value,
            "is_working": self.is_working,
            "is_complete": self.is_complete,
            "brand_tier": self.brand_tier.value,
            "variant": self.variant,
            "model_name": self.model_name,
            "details": dict(self.details),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "UnitAnswers":
        return cls(
            category_code=body["category_code"],
            age_band=AgeBand(body["age_band"]),
            is_working=body["is_working"],
            is_complete=body["is_complete"],
            brand_tier=BrandTier(body["brand_tier"]),
            variant=body.get("variant", ""),
            model_name=body.get("model_name", ""),
            details=tuple(sorted(body.get("details", {}).items())),
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
class ScrapPriceCard:
    """The published price of a scrap material, good from its day until the next."""

    index_code: str
    priced_on: date
    fen_per_tonne: int
    source: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class NewScrapPrice:
    index_code: str
    priced_on: date
    fen_per_tonne: int
    source: str


@dataclass(frozen=True, slots=True)
class StandardProposalCard:
    """A version of the standard that waits for a second officer, or what became of it."""

    id: UUID
    version: str
    from_on: date
    text: str
    reason: str
    state: ProposalState
    proposed_by_id: UUID
    proposed_at: datetime
    decided_by_id: UUID | None
    decided_at: datetime | None
    decision_note: str
    kind: StandardKind = StandardKind.VALUATION


@dataclass(frozen=True, slots=True)
class Question:
    """A condition question of a category, its options in order, each with its words."""

    id: str
    ask: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CategoryGuide:
    """What to ask about an old unit of a category."""

    category_code: str
    variant_ask: str
    variants: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...]
    promises_value: bool


@dataclass(frozen=True, slots=True)
class PublishedFactor:
    name: str
    option: str
    bps: int
    say: str


@dataclass(frozen=True, slots=True)
class WorkStandardCard:
    """A published version of the grading or the floor standard."""

    version: str
    kind: StandardKind
    title: str
    from_on: date
    published_at: datetime
    is_in_force: bool
    is_by_two_people: bool


@dataclass(frozen=True, slots=True)
class PublishedStandard:
    """A version as the public reads it: base prices, factors, indices, sources."""

    version: str
    title: str
    from_on: date
    published_at: datetime
    valid_days: int
    is_in_force: bool
    is_by_two_people: bool
    bases: tuple[tuple[str, int, bool, str], ...]  # category, fen, assumed, source
    factors: tuple[PublishedFactor, ...]
    category_factors: tuple[tuple[str, PublishedFactor], ...]
    indices: tuple[tuple[str, str, int], ...]  # code, name, reference fen a tonne
    topup_bps: int
    topup_min_fen: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuotePhotoCard:
    shown_sha256: str
    byte_count: int
    kept_at: datetime
