"""What crosses recycling's door of quotes: answers, reasons, proofs. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huanxin.recycling.types import AgeBand, BrandTier


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
