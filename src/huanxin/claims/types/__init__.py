"""What crosses the claims door: sales, evidence, claims, findings, file reports. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from huanxin.claims.types.desk import CaseKind
from huanxin.vouchers.types import Deduction


class Channel(StrEnum):
    SHOP = "shop"
    ONLINE = "online"


class VerifyStatus(StrEnum):
    """What the machine found (C1: verify_status). WAITING until a full set of evidence is in."""

    WAITING = "waiting"
    PASSED = "passed"
    HELD = "held"
    REFUSED = "refused"
    MENDING = "mending"  # back with the merchant for papers; nobody was asked (docs/adr/178)


class AuditStatus(StrEnum):
    """What a person decided (C1: audit_status). NONE where no person was asked."""

    NONE = "none"
    WAITING = "waiting"
    PASSED = "passed"
    REFUSED = "refused"


class ClaimStage(StrEnum):
    """Where a claim stands, in one word: the two results, the papers and the money together."""

    PAPERS = "papers"  # sold; papers are still missing
    CHECKING = "checking"
    MENDING = "mending"  # the machine gave it back: the merchant hands papers in again
    IN_REVIEW = "in_review"
    PASSED = "passed"
    STOPPED = "stopped"  # passed, but payment waits for a stop of its shop or of a check
    REFUSED = "refused"
    RELEASED = "released"  # handed to settlement for payment
    RETURNED = "returned"


class Outcome(StrEnum):
    """What a check asks for when it finds something."""

    REFUSE = "refuse"
    HOLD = "hold"
    MEND = "mend"  # back to the merchant: missing, unreadable, or a plain fault of a paper
    NOTE = "note"


class EvidenceKind(StrEnum):
    INVOICE = "invoice"
    LABEL = "label"
    DELIVERY = "delivery"
    ACTIVATION = "activation"
    PAYMENT = "payment"
    OLD_UNIT = "old_unit"


class ReviewVerdict(StrEnum):
    PASS = "pass"  # noqa: S105  a verdict, not a secret
    REFUSE = "refuse"
    CORRECT = "correct"  # back to the merchant, once, with everything that is missing


@dataclass(frozen=True, slots=True)
class NewSale:
    """A sale at the till or online. Prices in fen; `person_id` None means the right's holder."""

    merchant_id: UUID
    till_id: str
    qualification_id: UUID
    gtin: str
    serial: str
    list_price_fen: int
    sold_at: datetime
    person_id: UUID | None = None
    trade_in_voucher_id: UUID | None = None
    consumption_voucher_ids: tuple[UUID, ...] = ()
    imei: str | None = None
    discount_fen: int = 0
    channel: Channel = Channel.SHOP
    pay_type: str = ""
    merchant_order_no: str = ""
    old_unit_order_no: str = ""
    old_unit_price_fen: int | None = None
    platform_name: str = ""
    outlet_code: str = ""
    imei2: str | None = None


@dataclass(frozen=True, slots=True)
class SaleAmounts:
    """list - discount - trade_in - consumption = price = subsidy + tender + to_pay."""

    list_price_fen: int
    discount_fen: int
    trade_in_fen: int
    price_fen: int
    subsidy_fen: int
    to_pay_fen: int
    consumption_fen: int = 0
    tender_fen: int = 0


@dataclass(frozen=True, slots=True)
class SaleQuote:
    """What a sale would come to; nothing is written or promised."""

    amounts: SaleAmounts
    decision: Mapping[str, Any]
    sentence: str
    filed_price_fen: int | None
    is_eligible: bool
    deductions: tuple[Deduction, ...] = ()


@dataclass(frozen=True, slots=True)
class SaleReceipt:
    """The answer of the till. `price_fen` is the invoice total: subsidy_fen + to_pay_fen."""

    sale_id: UUID
    number: str
    price_fen: int
    trade_in_fen: int
    subsidy_fen: int
    to_pay_fen: int
    decision: Mapping[str, Any]
    sentence: str
    consumption_fen: int = 0
    tender_fen: int = 0


@dataclass(frozen=True, slots=True)
class PartReceipt:
    """A price lowered after the sale: `refund_fen` goes back to the buyer, `less_fen` is subsidy.

    off = refund + less, to the fen. `is_claw_back` when settlement had paid the subsidy already.
    """

    sale_id: UUID
    step: int
    off_fen: int
    price_fen: int
    subsidy_fen: int
    refund_fen: int
    less_fen: int
    is_claw_back: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class PartQuote:
    """What lowering a price would come to, and the decision that says why; nothing is written."""

    receipt: PartReceipt
    old_price_fen: int
    old_subsidy_fen: int
    decision: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReductionCard:
    """One price reduction of a sale, as its shop and its buyer see it."""

    step: int
    off_fen: int
    price_fen: int
    subsidy_fen: int
    refund_fen: int
    less_fen: int
    is_claw_back: bool
    reason: str
    reduced_at: datetime


class OrderState(StrEnum):
    """Where an online order stands."""

    OPEN = "open"  # keeps the right and waits for money
    SOLD = "sold"
    EXPIRED = "expired"  # not paid in time: the right is free again
    CANCELLED = "cancelled"
    REFUNDED = "refunded"  # paid, but nothing could be sold: all money goes back


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to place; `sale.sold_at` is the moment of ordering, the payment's date decides."""

    sale: NewSale
    pay_until: datetime


@dataclass(frozen=True, slots=True)
class PaymentNotice:
    """What a payment channel tells; `reference` names the payment for ever."""

    order_id: UUID
    reference: str
    paid_fen: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """What became of a payment: `refund_fen` is all of it or nothing; `sale_id` if it sold."""

    order_id: UUID
    reference: str
    state: OrderState
    sale_id: UUID | None
    refund_fen: int
    reason_code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class OnlineOrderCard:
    """An online order as its shop and its buyer see it."""

    order_id: UUID
    merchant_id: UUID
    merchant_order_no: str
    person_id: UUID
    state: OrderState
    to_pay_fen: int
    placed_at: datetime
    pay_until: datetime
    sale_id: UUID | None
    reason_code: str
    sentence: str
    qualification_id: UUID
    gtin: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderPaymentCard:
    """A payment of an order and what became of it: `refund_fen` is all of it or nothing."""

    reference: str
    paid_fen: int
    paid_at: datetime
    told_at: datetime
    refund_fen: int
    reason_code: str
    sentence: str
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class SaleRequest:
    """One line of sell_many."""

    sale: NewSale
    request_id: UUID


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """One paper or photo: the digest of its bytes, and facts by rules.FACTS; no number is kept."""

    kind: EvidenceKind
    sha256: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Submission:
    """One line of submit_many: the evidence of one sale."""

    sale_id: UUID
    evidence: tuple[NewEvidence, ...]
    request_id: UUID


@dataclass(frozen=True, slots=True)
class SubmissionAnswer:
    """Whether the claim now waits for the checks, or first for its papers to be read.

    `missing` are the kinds nobody handed in yet.
    """

    sale_id: UUID
    is_due: bool
    missing: tuple[EvidenceKind, ...]
    is_reading: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found on one claim. `evidence` is for reviewers; `say` is for the merchant."""

    claim_id: UUID
    check_id: str
    outcome: Outcome
    reason_code: str
    title: str
    say: str
    do: str
    evidence: Mapping[str, Any]
    found_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """A claim as merchants, reviewers and finance see it in lists."""

    claim_id: UUID
    sale_id: UUID
    number: str
    programme: str
    category_code: str
    merchant_id: UUID
    merchant_name: str
    person_id: UUID
    region_path: str
    price_fen: int
    trade_in_fen: int
    subsidy_fen: int
    to_pay_fen: int
    sold_at: datetime
    verify_status: VerifyStatus
    audit_status: AuditStatus
    submitted_at: datetime | None
    decided_at: datetime | None
    reviewed_at: datetime | None
    is_returned: bool
    is_released: bool
    risk_score: int
    is_stopped: bool = False
    case_kind: CaseKind | None = None
    due_at: datetime | None = None
    first_reviewer_id: UUID | None = None  # set while a second person's word is awaited

    @property
    def is_payable(self) -> bool:
        """Whether settlement may take it."""
        is_clear = is_cleared(self.verify_status, self.audit_status)
        return is_clear and not (self.is_returned or self.is_stopped)

    @property
    def stage(self) -> ClaimStage:
        """Where it stands, in one word; selectors say the same to the database."""
        if self.is_returned:
            return ClaimStage.RETURNED
        if self.is_released:
            return ClaimStage.RELEASED
        if is_cleared(self.verify_status, self.audit_status):
            return ClaimStage.STOPPED if self.is_stopped else ClaimStage.PASSED
        if self.audit_status is AuditStatus.WAITING:
            return ClaimStage.IN_REVIEW
        if self.verify_status is VerifyStatus.MENDING:
            return ClaimStage.MENDING
        if self.verify_status is VerifyStatus.WAITING:
            return ClaimStage.CHECKING if self.submitted_at else ClaimStage.PAPERS
        return ClaimStage.REFUSED


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims of a scope: all that is set must hold. Days are the days of sale, inclusive.

    `sort` is sold_at, price_fen or subsidy_fen, '-' for falling.
    """

    stage: ClaimStage | None = None
    verify_status: VerifyStatus | None = None
    audit_status: AuditStatus | None = None
    number: str = ""
    serial: str = ""
    sold_from: date | None = None
    sold_to: date | None = None
    merchant_id: UUID | None = None
    merchant_ids: tuple[UUID, ...] | None = None  # any of them; none at all if empty
    category_code: str = ""
    person_id: UUID | None = None
    sort: str = "-sold_at"


@dataclass(frozen=True, slots=True)
class ClaimSums:
    """What a list of claims adds up to, over all its pages."""

    count: int
    price_fen: int
    subsidy_fen: int
    to_pay_fen: int


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    kind: EvidenceKind
    sha256: str
    facts: Mapping[str, Any]
    submitted_at: datetime
    is_bulk: bool = False  # in a file or call with many others
    is_late: bool = False  # more than LATE_DAYS after the sale


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """One human decision, as the claim's history shows it."""

    verdict: ReviewVerdict
    reason_code: str
    say: str
    note: str
    reviewer_id: UUID
    reviewed_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimDetail:
    """A claim whole: the device, the decision that set its amount, and its papers.

    `missing` are kinds of evidence nobody handed in; `appeal_until` is None unless an appeal is
    open to the merchant now.
    """

    card: ClaimCard
    model_id: UUID
    gtin: str
    manufacturer: str
    serial: str
    imei: str | None
    channel: Channel
    till_id: str
    decision: Mapping[str, Any]
    version_hash: str
    evidence: tuple[EvidenceCard, ...]
    reviews: tuple[ReviewCard, ...]
    wanted: tuple[EvidenceKind, ...]
    missing: tuple[EvidenceKind, ...]
    takes_evidence: bool
    appeal_until: datetime | None
    appeal_note: str


@dataclass(frozen=True, slots=True)
class PayableClaim:
    """What settlement needs of a claim it may pay."""

    claim_id: UUID
    sale_id: UUID
    merchant_id: UUID
    subsidy_fen: int
    version_hash: str


@dataclass(frozen=True, slots=True)
class ClaimStats:
    """Counts and sums over a scope, for the review desk's head."""

    waiting_count: int
    passed_count: int
    held_count: int
    refused_count: int
    in_review_count: int
    held_fen: int
    mending_count: int = 0


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A heading of the claims file's template and what belongs under it."""

    heading: str
    is_required: bool
    says: str


class RowDecision(StrEnum):
    """How one row of a merchant's file would fare. UNREADABLE rows name the cell to correct."""

    PASS = "pass"  # noqa: S105  a verdict, not a secret
    HOLD = "hold"
    REFUSE = "refuse"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that cannot be read: row as the spreadsheet counts it, column by its heading."""

    row: int
    column: str
    say: str

    @property
    def sentence(self) -> str:
        """Where and what, to be shown alone."""
        return f"第 {self.row} 行“{self.column}”：{self.say}"


@dataclass(frozen=True, slots=True)
class Reason:
    """A numbered reason in Chinese: what is wrong (`say`) and what to do (`do`)."""

    code: str
    say: str
    do: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One readable row of a claims file. Money in fen; absent cells are None or ''."""

    row: int
    order_no: str
    sold_on: date
    region_code: str
    category_code: str
    energy_grade: int | None
    gtin: str
    serial: str
    imei: str
    list_price_fen: int
    discount_fen: int
    trade_in_fen: int
    claimed_fen: int
    invoice_number: str
    invoice_fen: int | None
    invoice_on: date | None
    buyer: str
    payer: str
    receiver: str
    buyer_document: str
    brand: str = ""
    right_number: str = ""
    filed_price_fen: int | None = None
    delivered_on: date | None = None

    @property
    def price_fen(self) -> int:
        """The final price after all discounts: what the invoice must show."""
        return self.list_price_fen - self.discount_fen - self.trade_in_fen


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What would become of one row: the amount by the rule in force on its date, and why."""

    row: int
    order_no: str
    decision: RowDecision
    claimed_fen: int
    amount_fen: int
    reasons: tuple[Reason, ...]
    problems: tuple[CellProblem, ...] = ()
    policy_id: str = ""
    clause: str = ""
    document: str = ""
    version_hash: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """A claims file judged row by row, in the file's order."""

    name: str
    rows: tuple[RowVerdict, ...]

    def count(self, decision: RowDecision) -> int:
        """How many rows fared so."""
        return sum(1 for row in self.rows if row.decision is decision)

    @property
    def problems(self) -> tuple[CellProblem, ...]:
        """Every cell that could not be read."""
        return tuple(problem for row in self.rows for problem in row.problems)

    def amount_fen(self, decision: RowDecision) -> int:
        """What the rule pays for the rows that fared so."""
        return sum(row.amount_fen for row in self.rows if row.decision is decision)


def is_cleared(verify: VerifyStatus, audit: AuditStatus) -> bool:
    """Whether money may leave: the machine passed it, or a person did, and no person refused it.

    >>> is_cleared(VerifyStatus.HELD, AuditStatus.WAITING)
    False
    >>> is_cleared(VerifyStatus.HELD, AuditStatus.PASSED)
    True
    """
    if audit is AuditStatus.NONE:
        return verify is VerifyStatus.PASSED
    return audit is AuditStatus.PASSED
