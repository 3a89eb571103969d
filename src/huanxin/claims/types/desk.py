"""What crosses the claims door about the desk itself: terms, samples, stops and waivers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Stratum(StrEnum):
    """Which urn a passed claim is drawn from; a claim lies in the first that fits."""

    WATCHED = "watched"  # a sample of this shop failed lately
    NOTED = "noted"  # passed, but a check left a note
    NEW_SHOP = "new_shop"
    LARGE = "large"
    PLAIN = "plain"


class CaseKind(StrEnum):
    """Why a person is asked; decides by when she should have answered."""

    HELD = "held"
    APPEAL = "appeal"
    OBJECTION = "objection"
    SAMPLE = "sample"
    EXTENDED = "extended"  # looked at because another sample of the shop failed


class StopKind(StrEnum):
    """What keeps cleared claims from being paid until two people have spoken."""

    SHOP = "shop"  # a sample of the shop failed
    CHECK = "check"  # a check held more than it may


class StopOutcome(StrEnum):
    """How a stop ends. The first two end a shop's, the others a check's."""

    FREE = "free"
    REVIEW_ALL = "review_all"
    CHECK_WRONG = "check_wrong"
    CHECK_RIGHT = "check_right"


class WaiverSubject(StrEnum):
    """For whom a check is muted; ALL is a snooze, the others are white-lists."""

    ALL = "all"
    MERCHANT = "merchant"
    MODEL = "model"
    PERSON = "person"
    REGION = "region"


class QueueFilter(StrEnum):
    """Which part of the queue a reviewer looks at; the order stays by risk."""

    ALL = "all"
    OVERDUE = "overdue"
    HIGH = "high"
    APPEAL = "appeal"  # appeals and objections
    SAMPLE = "sample"
    SECOND = "second"  # one person passed it, another must


class Sameness(StrEnum):
    """What two claims have in common that no two should."""

    SERIAL = "serial"
    INVOICE = "invoice"
    PHOTO = "photo"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class BreakerCap:
    """How many claims an hour one check may stop: `count`, and a share of those decided."""

    count: int
    share_bps: int
    least: int  # below this many a share says nothing


@dataclass(frozen=True, slots=True)
class DeskTerms:
    """The published numbers of the review desk. Amounts in fen, rates in basis points."""

    sample_bps: Mapping[Stratum, int]
    new_shop_claims: int
    watched_days: int
    large_from_fen: int
    extended_count: int
    second_from_fen: int | None
    due_hours: Mapping[str, int]
    high_risk: int
    breaker: Mapping[str, BreakerCap]
    exempt_hours: int

    def cap(self, check_id: str) -> BreakerCap | None:
        """The cap of a check: its own, else that of all; None where none is published."""
        return self.breaker.get(check_id) or self.breaker.get("*")


@dataclass(frozen=True, slots=True)
class TermsCard:
    """One version of the terms, in force or proposed."""

    terms_id: UUID
    number: int
    terms: DeskTerms
    content: Mapping[str, Any]
    reason: str
    proposed_by: UUID
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class DrawCard:
    """One passed claim in the urn of its day: drawn if value_bps < rate_bps."""

    claim_id: UUID
    number: str
    round: int
    on: date
    stratum: Stratum
    value_bps: int
    rate_bps: int
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class SampleDay:
    """A day's draw: the commitment stands from the start, the seed is told when the day is over."""

    on: date
    commitment: str
    seed: str | None
    counts: Mapping[Stratum, tuple[int, int]]  # in the urn, drawn


@dataclass(frozen=True, slots=True)
class StopCard:
    """A stop as those see it who must end it."""

    stop_id: UUID
    kind: StopKind
    subject: str
    title: str
    region_path: str
    cause_claim_id: UUID | None
    facts: Mapping[str, Any]
    claim_count: int
    subsidy_fen: int
    waiting_count: int  # claims of the extended sample that nobody has decided yet
    refused_count: int
    opened_at: datetime
    due_at: datetime
    proposed_outcome: StopOutcome | None
    proposed_by: UUID | None
    note: str
    closed_at: datetime | None
    closed_by: UUID | None


@dataclass(frozen=True, slots=True)
class NewWaiver:
    """A check to mute for a subject until a moment; `key` is '' for ALL."""

    check_id: str
    subject: WaiverSubject
    key: str
    reason: str
    until_at: datetime


@dataclass(frozen=True, slots=True)
class WaiverCard:
    """A waiver with the name behind it."""

    waiver_id: UUID
    check_id: str
    title: str
    subject: WaiverSubject
    key: str
    reason: str
    by_account_id: UUID
    by_name: str
    from_at: datetime
    until_at: datetime
    ended_at: datetime | None
    used_count: int


@dataclass(frozen=True, slots=True)
class CheckCard:
    """A check and what it did in the last hour."""

    check_id: str
    title: str
    outcome: str
    reason_code: str
    pattern: str
    stopped_count: int
    allowed_count: int | None
    is_stopped: bool
