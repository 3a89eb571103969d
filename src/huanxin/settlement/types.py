"""What crosses the settlement door: batches, items, payment orders, reconciliation. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class Statement:
    """What a merchant is owed and has been paid, newest orders first. All in fen."""

    org_id: UUID
    held_fen: int
    due_fen: int
    paid_fen: int
    receivable_fen: int
    orders: tuple[PaymentOrderCard, ...]


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

    @property
    def difference_fen(self) -> int:
        return sum(abs(line.difference_fen) for line in self.lines) + self.ledger_difference_fen
