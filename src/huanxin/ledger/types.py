"""What crosses the ledger's door: account codes, legs to move, balances to read."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class AccountKind(StrEnum):
    """What an account stands for. Budgets and pools are guarded: never below zero."""

    TREASURY = "treasury"  # where public money comes from: central, province, city
    BUDGET = "budget"  # what a region may spend on a programme
    POOL = "pool"  # what one release of vouchers may spend
    RESERVE = "reserve"  # the counter side of what issued vouchers hold
    PAYABLE = "payable"  # what is owed to an organisation
    RECEIVABLE = "receivable"  # what an organisation owes
    BANK = "bank"  # money that left through a bank
    FUNDER = "funder"  # who pays for 焕新券: a shop, a maker, a campaign
    HUANXIN = "huanxin"  # the counter side of what issued 焕新券 hold


class TransferKind(StrEnum):
    """A transfer is posted at once, or pending and later posted or voided by a row of its own."""

    POSTED = "posted"
    PENDING = "pending"
    POST_PENDING = "post_pending"
    VOID_PENDING = "void_pending"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to open. `owner_key` is the owner's opaque id: an organisation, a pool."""

    code: str
    kind: AccountKind
    region_path: str = ""
    owner_key: str = ""


@dataclass(frozen=True, slots=True)
class HoldKey:
    """Names one transfer for ever: what caused it, which one, and which leg of it."""

    cause: str
    cause_id: UUID
    leg: str


@dataclass(frozen=True, slots=True)
class Leg:
    """Money to move from the debit account to the credit account, both named by code."""

    cause: str
    cause_id: UUID
    leg: str
    debit: str
    credit: str
    amount_fen: int

    @property
    def key(self) -> HoldKey:
        return HoldKey(self.cause, self.cause_id, self.leg)


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's four totals."""

    debits_pending_fen: int = 0
    debits_posted_fen: int = 0
    credits_pending_fen: int = 0
    credits_posted_fen: int = 0

    @property
    def available_fen(self) -> int:
        """What may still leave: pending credits do not count yet, pending debits already do.

        >>> Balance(30, 20, 99, 100).available_fen
        50
        """
        return self.credits_posted_fen - self.debits_posted_fen - self.debits_pending_fen


@dataclass(frozen=True, slots=True)
class TransferCard:
    """One transfer as it stands: a pending one is `pending` until its resolution is written."""

    id: int
    key: HoldKey
    debit: str
    credit: str
    amount_fen: int
    state: str  # posted, pending, or voided
    made_at: datetime
    made_on: date


@dataclass(frozen=True, slots=True)
class EntryCard:
    """One line of an account's statement."""

    transfer_id: int
    kind: TransferKind
    key: HoldKey
    counter_code: str
    is_debit: bool
    amount_fen: int
    reason: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class AccountDifference:
    """An account whose balance row is not what its transfers add up to."""

    code: str
    balance: Balance
    from_transfers: Balance


@dataclass(frozen=True, slots=True)
class SumCheck:
    """The nightly proof. `difference_fen` must be 0, `differences` and `faults` empty.

    `faults` are ids of resolutions that do not fit the pending transfer they resolve.
    """

    accounts: int
    differences: tuple[AccountDifference, ...]
    faults: tuple[int, ...]
    difference_fen: int


def treasury_code(fund: str) -> str:
    """A fund's account: central, province or city."""
    return f"treasury:{fund}"


def budget_code(region_code: str, programme: str) -> str:
    """What a region may spend on a programme."""
    return f"budget:{region_code}:{programme}"


def pool_code(pool_id: UUID) -> str:
    """What one pool may spend."""
    return f"pool:{pool_id}"


def reserve_code(pool_id: UUID) -> str:
    """The counter side of what a pool's vouchers hold; one a pool, so that pools never queue."""
    return f"reserve:{pool_id}"


def payable_code(org_id: UUID) -> str:
    """What is owed to an organisation."""
    return f"payable:{org_id}"


def receivable_code(org_id: UUID) -> str:
    """What an organisation owes."""
    return f"receivable:{org_id}"


def funder_code(owner: UUID | str) -> str:
    """Who pays for 焕新券: an organisation's id, or `city`."""
    return f"funder:{owner}"


def huanxin_code(owner: UUID | str) -> str:
    """The counter side of what a funder's 焕新券 hold."""
    return f"huanxin:{owner}"
