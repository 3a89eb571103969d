"""What crosses the settlement door: batches, items, payment orders, reconciliation. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from huanxin.ledger.types import TransferCard

FUNDS = ("central", "province", "city")


class BatchState(StrEnum):
    OPEN = "open"
    PUBLISHED = "published"
    PAID = "paid"


class ItemState(StrEnum):
    """A claim inside a batch. TAKEN and PAID keep it out of every other batch."""

    TAKEN = "taken"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"
    PAID = "paid"


class OrderState(StrEnum):
    """A payment order. UNKNOWN is never paid again before the bank has said what became of it."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    REPLACED = "replaced"


class BankAnswer(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class LineOutcome(StrEnum):
    """What became of one line of the bank's answer file."""

    BOOKED = "booked"
    REPEATED = "repeated"  # said before, changes nothing
    UNREADABLE = "unreadable"
    UNKNOWN_ORDER = "unknown_order"
    WRONG_AMOUNT = "wrong_amount"
    CONTRADICTS = "contradicts"  # another final answer stands
    REPLACED = "replaced"  # accepted, but the order was given up and paid anew: perhaps paid twice


class DifferenceKind(StrEnum):
    """What does not fit between orders, the bank's answers and the ledger."""

    UNREADABLE = "unreadable"
    UNKNOWN_ORDER = "unknown_order"
    WRONG_AMOUNT = "wrong_amount"
    CONTRADICTS = "contradicts"
    REPLACED = "replaced"
    NO_ANSWER = "no_answer"  # the bank has been silent for days
    NO_RESULT = "no_result"  # the bank said that it does not know, days ago
    LEDGER = "ledger"  # an order and its transfers are not the same money
    SUMS = "sums"  # a sum of records is not the ledger's


class ObjectionState(StrEnum):
    WAITING = "waiting"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class PrepaymentBasis(StrEnum):
    """What a share is paid ahead of."""

    CLAIMS = "claims"  # claims that passed and are not settled yet
    LINE = "line"  # an agreed line


class PrepaymentState(StrEnum):
    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


PURCHASES = "consumption"  # what a batch of purchases without a subsidy names as its programme


@dataclass(frozen=True, slots=True)
class FundSplit:
    """One amount by who bears it."""

    central_fen: int = 0
    province_fen: int = 0
    city_fen: int = 0

    @property
    def total_fen(self) -> int:
        return self.central_fen + self.province_fen + self.city_fen

    def __add__(self, other: "FundSplit") -> "FundSplit":
        return FundSplit(
            self.central_fen + other.central_fen,
            self.province_fen + other.province_fen,
            self.city_fen + other.city_fen,
        )


@dataclass(frozen=True, slots=True)
class BatchCard:
    """A batch in lists. `amount_fen` is the subsidy of its live items."""

    batch_id: UUID
    number: str
    programme: str
    region_code: str
    region_path: str
    state: BatchState
    claim_count: int
    amount_fen: int
    split: FundSplit
    trade_in_fen: int
    opened_at: datetime
    opened_by: UUID
    published_on: date | None
    objections_until: date | None
    paid_at: datetime | None
    consumption_fen: int = 0


@dataclass(frozen=True, slots=True)
class ItemCard:
    """One line of a publicity list: no personal data."""

    claim_id: UUID | None  # None: a purchase without a subsidy
    sale_number: str
    merchant_name: str
    category_code: str
    price_fen: int
    subsidy_fen: int
    split: FundSplit
    trade_in_fen: int
    state: ItemState
    consumption_fen: int = 0


@dataclass(frozen=True, slots=True)
class PaymentOrderCard:
    """One payment to one merchant: public subsidy by fund, plus vouchers paid by their funders."""

    order_id: UUID
    number: str
    batch_id: UUID
    batch_number: str
    org_id: UUID
    org_name: str
    amount_fen: int
    split: FundSplit
    trade_in_fen: int
    claim_count: int
    state: OrderState
    attempt: int
    bank_reference: str
    made_at: datetime
    answered_at: datetime | None
    consumption_fen: int = 0
    prepaid_fen: int = 0
    clawed_fen: int = 0

    @property
    def cash_fen(self) -> int:
        """What the bank moves: the amount less what was paid ahead and less what is owed back."""
        return self.amount_fen - self.prepaid_fen - self.clawed_fen


@dataclass(frozen=True, slots=True)
class Statement:
    """What a merchant is owed and has been paid, newest orders first. All in fen."""

    org_id: UUID
    held_fen: int
    due_fen: int
    paid_fen: int
    receivable_fen: int
    orders: tuple[PaymentOrderCard, ...]
    prepaid_fen: int = 0  # paid ahead and not yet offset


@dataclass(frozen=True, slots=True)
class AnswerLineCard:
    """One line of an answer file and what became of it."""

    line: int
    number: str
    answer: str
    amount_fen: int | None
    reference: str
    note: str
    outcome: LineOutcome


@dataclass(frozen=True, slots=True)
class AnswerFileCard:
    """An answer file: how many lines were booked and how many are differences now.

    `is_repeat` when these very bytes were imported before: then nothing was done.
    """

    id: UUID
    name: str
    sha256: str
    line_count: int
    booked_count: int
    difference_count: int
    imported_at: datetime
    is_repeat: bool = False
    lines: tuple[AnswerLineCard, ...] = ()


@dataclass(frozen=True, slots=True)
class DifferenceCard:
    """Something that does not fit, who looks after it, and how it ended."""

    id: UUID
    kind: DifferenceKind
    number: str
    org_id: UUID | None
    amount_fen: int
    detail: str
    found_at: datetime
    owner_id: UUID | None
    settled_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class PublicBatch:
    """A published batch as anyone may see it."""

    batch_id: UUID
    number: str
    programme: str
    region_code: str
    claim_count: int
    amount_fen: int
    published_on: date
    objections_until: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class PublicLine:
    """One line of a published batch: the shop by name, the sale masked, nobody's name."""

    item_id: int
    number_masked: str
    merchant_name: str
    category_code: str
    price_fen: int
    subsidy_fen: int


@dataclass(frozen=True, slots=True)
class ObjectionCard:
    """An objection as its officer sees it; the contact only when it was asked for by name."""

    id: UUID
    number: str
    batch_id: UUID
    batch_number: str
    claim_id: UUID | None
    sale_number: str
    merchant_name: str
    subsidy_fen: int
    words: str
    state: ObjectionState
    lodged_at: datetime
    answer: str
    decided_at: datetime | None
    contact: str = ""


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What is to be agreed with an organisation about money paid ahead."""

    org_id: UUID
    basis: PrepaymentBasis
    share_bps: int
    most_fen: int
    title: str
    line_fen: int = 0


@dataclass(frozen=True, slots=True)
class TermsCard:
    """Terms of prepayment and what they allow now."""

    id: UUID
    org_id: UUID
    org_name: str
    basis: PrepaymentBasis
    share_bps: int
    line_fen: int
    most_fen: int
    title: str
    proposed_by: UUID
    proposed_at: datetime
    approved_at: datetime | None
    is_live: bool
    base_fen: int = 0
    outstanding_fen: int = 0

    @property
    def limit_fen(self) -> int:
        """The most that may be outstanding now."""
        return min(self.most_fen, self.base_fen * self.share_bps // 10_000)

    @property
    def free_fen(self) -> int:
        """What may still be paid ahead."""
        return max(0, self.limit_fen - self.outstanding_fen) if self.is_live else 0


@dataclass(frozen=True, slots=True)
class PrepaymentCard:
    """One payment ahead."""

    id: UUID
    number: str
    org_id: UUID
    org_name: str
    amount_fen: int
    state: PrepaymentState
    proposed_by: UUID
    proposed_at: datetime
    paid_at: datetime | None
    bank_reference: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClawBackCard:
    """Everything one sale's shop still has to give back, or gave back; amounts in fen."""

    item_id: int
    claim_id: UUID | None
    sale_id: UUID
    sale_number: str
    org_id: UUID
    org_name: str
    batch_id: UUID
    batch_number: str
    amount_fen: int
    is_part: bool
    started_on: date
    received_on: date | None
    bank_reference: str
    offset_number: str  # the payment order that takes it off, '' where the shop pays itself


@dataclass(frozen=True, slots=True)
class BankFileCard:
    """A payment file: its name, its digest, and whether it has left."""

    name: str
    sha256: str
    batch_id: UUID
    made_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReconciliationLine:
    """Two ways to the same sum."""

    name: str
    records_fen: int
    ledger_fen: int

    @property
    def difference_fen(self) -> int:
        return self.records_fen - self.ledger_fen


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The day's proof: every line's difference must be 0 and the books must balance."""

    on: date
    lines: tuple[ReconciliationLine, ...]
    ledger_difference_fen: int
    differences: tuple[DifferenceCard, ...] = ()  # all that are open, found on this day or before

    @property
    def difference_fen(self) -> int:
        return sum(abs(line.difference_fen) for line in self.lines) + self.ledger_difference_fen


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One entry of a shop's settlement calendar; `on` is None where no day is fixed yet.

    kind is passed, batched, published (may be paid from that day), ordered, arrived, refused,
    ahead or owed_back.
    """

    kind: str
    on: date | None
    count: int
    amount_fen: int
    number: str


@dataclass(frozen=True, slots=True)
class MoneyWay:
    """The whole way of one sale's money as settlement knows it; all in fen."""

    transfers: tuple[TransferCard, ...]
    batch: BatchCard | None
    item_state: ItemState | None
    split: FundSplit | None
    order: PaymentOrderCard | None
    answers: tuple[AnswerLineCard, ...]
    open_demand_fen: int
    offset_number: str
