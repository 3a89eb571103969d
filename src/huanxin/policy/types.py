"""What crosses policy's door: a case to decide, the decision, and policies as cards."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

Fact = int | str | bool | date


class PriceBasis(StrEnum):
    """Which price the subsidy is computed from."""

    AFTER_ALL_DISCOUNTS = "after_all_discounts"
    INVOICE_TOTAL = "invoice_total"  # the motor-vehicle invoice, tax included
    GOODS_WITHOUT_LABOUR = "goods_without_labour"
    OWN_SHARE_OF_FEE = "own_share_of_fee"  # what long-term-care insurance leaves to pay
    NONE = "none"  # admissions


class LimitPer(StrEnum):
    """Who may not exceed the count."""

    PERSON_AND_CATEGORY = "person_and_category"
    PERSON = "person"
    HOUSEHOLD_AND_CATEGORY = "household_and_category"
    HOUSEHOLD = "household"
    DWELLING_AND_CATEGORY = "dwelling_and_category"
    VEHICLE = "vehicle"  # the old one
    ORGANISATION = "organisation"


class LimitOver(StrEnum):
    """Within what the count is taken."""

    PROGRAMME = "programme"
    YEAR = "year"
    MONTH = "month"


class Evidence(StrEnum):
    """What a merchant must hand in for a sale under a line."""

    INVOICE = "invoice"
    LABEL = "label"
    DELIVERY = "delivery"
    ACTIVATION = "activation"
    OLD_UNIT = "old_unit"
    IDENTITY = "identity"
    DWELLING = "dwelling"
    SCRAP_CERTIFICATE = "scrap_certificate"
    DEREGISTRATION = "deregistration"
    TRANSFER_INVOICE = "transfer_invoice"
    TRANSFER_REGISTRATION = "transfer_registration"
    VEHICLE_INVOICE = "vehicle_invoice"
    VEHICLE_REGISTRATION = "vehicle_registration"
    VALUATION = "valuation"
    ASSESSMENT = "assessment"
    LICENCE = "licence"
    COMMITMENT = "commitment"
    CREDIT_REPORT = "credit_report"
    SHOP_PHOTO = "shop_photo"


class Engine(StrEnum):
    """Where a query over many cases runs; the value is SQLGlot's name of the dialect."""

    POSTGRESQL = "postgres"
    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class Case:
    """One purchase to decide. `on` is the payment date; `price_fen` is the price on the policy's
    basis (after all discounts). `facts` holds what some rules ask for beyond that, by the names in
    data/facts.csv; an absent fact is unknown, and a condition on it does not hold.
    """

    on: date
    region_code: str
    category_code: str
    energy_grade: int | None
    price_fen: int
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as it was applied: its name, the case's value and the wanted one, in words."""

    name: str
    value: str
    wanted: str
    holds: bool


@dataclass(frozen=True, slots=True)
class FundShare:
    """What one fund carries of every subsidy; shares add up to 10000."""

    fund: str
    share_bps: int
    is_assumed: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether and how much, under which clause of which document, and why, in plain Chinese.

    A refusal has `reason_code` (data/reasons.csv) and, where some line pays for the category,
    `nearest_line` with the condition that was missing. `version_hash` is the SHA-256 of the rule
    text's canonical content; it is empty only if no policy at all is published.
    """

    is_eligible: bool
    amount_fen: int
    policy_id: str
    version_hash: str
    line_id: str | None
    clause: str
    document: str
    reason_code: str | None
    sentence: str
    conditions: tuple[Condition, ...]
    cap_fen: int
    shares: tuple[FundShare, ...]
    nearest_line: str | None
    price_basis: str
    is_assumed: bool = False  # a parameter of the line awaits its official text

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready to be stored beside the sale."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Citation:
    """A legal source: its official number and the passage meant."""

    document: str
    clause: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A parameter that no public source settles: which key of the file, and why this value."""

    key: str
    why: str


@dataclass(frozen=True, slots=True)
class Limit:
    """How many subsidised units: `count` per `per` within `over`."""

    per: LimitPer
    count: int
    over: LimitOver


class VoucherEvent(StrEnum):
    """What can happen to a voucher by the rule of its programme."""

    ORDER_COMPLETED = "order_completed"
    ORDER_CANCELLED = "order_cancelled"
    PUT_IN_CODE = "put_in_code"
    CODE_EXPIRED = "code_expired"
    REDEEMED = "redeemed"
    RETURNED = "returned"
    TERM_ENDED = "term_ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class VoucherMove:
    """One arrow of a voucher's state machine."""

    event: VoucherEvent
    from_state: str
    to_state: str


@dataclass(frozen=True, slots=True)
class VoucherRules:
    """How a programme's voucher lives: its first state, its moves, its term in days if it has one.

    `moves_after_end`: what may still happen once the programme has ended.
    """

    first: str
    moves: tuple[VoucherMove, ...]
    moves_after_end: tuple[VoucherEvent, ...]
    valid_days: int | None


@dataclass(frozen=True, slots=True)
class LineCard:
    """One line of a policy as people read it."""

    line_id: str
    title: str
    categories: tuple[str, ...]
    conditions: tuple[str, ...]
    rate_bps: int
    cap_fen: int
    limits: Mapping[str, Limit]
    evidence: tuple[Evidence, ...]
    document: str
    clause: str
    amount: str = ""  # the subsidy in words
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class PolicyCard:
    """A published version of a policy. In force on [from_on, to_on)."""

    policy_id: str
    title: str
    from_on: date
    to_on: date
    region_code: str
    version_hash: str
    effective_on: date
    sources: tuple[Citation, ...]
    price_basis: PriceBasis
    shares: tuple[FundShare, ...]
    assumptions: tuple[Assumption, ...]
    lines: tuple[LineCard, ...]
    is_admission: bool = False
    voucher: VoucherRules | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category some line pays for, in the file's order."""
        return tuple(dict.fromkeys(code for line in self.lines for code in line.categories))


@dataclass(frozen=True, slots=True)
class VersionCard:
    """The record of one publication, with the text as it was published."""

    policy_id: str
    number: int
    version_hash: str
    effective_on: date
    reason: str
    published_by: UUID
    published_at: datetime
    text: str
    test_rows: str


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """A text that one officer proposes and another decides; `is_approved` None: it waits."""

    id: UUID
    policy_id: str
    title: str
    text: str
    test_rows: str
    reason: str
    effective_on: date | None
    proposed_by: UUID
    proposed_at: datetime
    is_approved: bool | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a policy file, where, and what to do about it."""

    file: str
    line: int
    cause: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file} 第 {self.line} 行：{self.cause}。{self.fix}。"


@dataclass(frozen=True, slots=True)
class RowResult:
    """One test row and what the policy said to it."""

    row: int
    case: Case
    why: str
    expected: str
    answered: str
    decision: Decision

    @property
    def holds(self) -> bool:
        return self.expected == self.answered


@dataclass(frozen=True, slots=True)
class TryOut:
    """A policy file tried out: its problems, boundaries without a test row, and every row."""

    policy_id: str
    problems: Sequence[Problem]
    rows: Sequence[RowResult]

    @property
    def is_sound(self) -> bool:
        return not self.problems and all(row.holds for row in self.rows)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading the shipped policies did. `differing` are published with other content."""

    published: tuple[str, ...]
    unchanged: tuple[str, ...]
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a what-if: its cases, what they get before and after, and who wins or loses how much.

    `key` is a region code, a category code or a price band.
    """

    key: str
    cases: int
    before_fen: int
    after_fen: int
    winners: int
    losers: int
    gained_fen: int
    lost_fen: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a changed policy would have done to past cases. Nothing was written."""

    policy_id: str
    over: str
    whole: Slice
    by_county: tuple[Slice, ...]
    by_category: tuple[Slice, ...]
    by_price: tuple[Slice, ...]

    @property
    def effect_fen(self) -> int:
        """How much more the budget would have paid; negative is less."""
        return self.whole.after_fen - self.whole.before_fen
