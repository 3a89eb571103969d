"""What crosses the ledger's door: account codes, legs to move, balances to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

MOST_FEN = 10**15  # 10 万亿元: above every budget, far below what bigint totals can add up


class AccountKind(StrEnum):
    """What an account stands for. Budgets, pools and funders never fall below zero (ADR 096)."""

    TREASURY = "treasury"  # where public money comes from: central, province, city
    BUDGET = "budget"  # what a region may spend on a programme
    POOL = "pool"  # what one release of vouchers may spend
    RESERVE = "reserve"  # the counter side of what issued vouchers hold
    PAYABLE = "payable"  # what is owed to an organisation
    RECEIVABLE = "receivable"  # what an organisation owes
    BANK = "bank"  # money that left through a bank
    FUNDER = "funder"  # who pays for 焕新券: a shop, a maker, a campaign
    HUANXIN = "huanxin"  # the counter side of what issued 焕新券 hold
    PREPAID = "prepaid"  # what an organisation was paid ahead, up to an agreed limit


class TransferKind(StrEnum):
    """A transfer is posted at once, or pending until a row of its own posts or ends it."""

    POSTED = "posted"
    PENDING = "pending"
    POST_PENDING = "post_pending"
    VOID_PENDING = "void_pending"
    EXPIRED = "expired"


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
    """Money to move from the debit account to the credit account, both named by code.

    `expires_at` is for holds alone: from that instant on it cannot be posted, and it is released.
    """

    cause: str
    cause_id: UUID
    leg: str
    debit: str
    credit: str
    amount_fen: int
    expires_at: datetime | None = None

    @property
    def key(self) -> HoldKey:
        return HoldKey(self.cause, self.cause_id, self.leg)


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's four totals, and how far a funder may go below zero by agreement."""

    debits_pending_fen: int = 0
    debits_posted_fen: int = 0
    credits_pending_fen: int = 0
    credits_posted_fen: int = 0
    credit_limit_fen: int = 0

    @property
    def available_fen(self) -> int:
        """What may still leave: pending credits do not count yet, pending debits already do.

        >>> Balance(30, 20, 99, 100).available_fen
        50
        """
        return self.credits_posted_fen - self.debits_posted_fen - self.debits_pending_fen

    @property
    def spendable_fen(self) -> int:
        """What may still leave, the agreed credit line included.

        >>> Balance(credits_posted_fen=10, credit_limit_fen=5).spendable_fen
        15
        """
        return self.available_fen + self.credit_limit_fen


@dataclass(frozen=True, slots=True)
class TransferCard:
    """One transfer as it stands: a pending one is `pending` until its resolution is written."""

    id: int
    key: HoldKey
    debit: str
    credit: str
    amount_fen: int
    state: str  # posted, pending, voided or expired
    made_at: datetime
    made_on: date
    held_fen: int = 0  # what was first held, where less was posted


@dataclass(frozen=True, slots=True)
class EntryCard:
    """One line of an account's statement, with the account's totals after it."""

    transfer_id: int
    kind: TransferKind
    key: HoldKey
    counter_code: str
    is_debit: bool
    amount_fen: int
    reason: str
    made_at: datetime
    after: Balance
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountCard:
    """An account by name, with what it holds."""

    code: str
    kind: AccountKind
    region_path: str
    owner_key: str
    opened_at: datetime
    balance: Balance


@dataclass(frozen=True, slots=True)
class Statement:
    """What moved an account from `from_at` up to but not including `until_at`.

    `entries` is one page of `total` lines, oldest first; opening plus all lines is the closing.
    """

    account: AccountCard
    from_at: datetime | None
    until_at: datetime
    opening: Balance
    closing: Balance
    entries: tuple[EntryCard, ...]
    page: int
    total: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Flow:
    """Posted money between two accounts under one leg name, added up."""

    debit: str
    credit: str
    leg: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class WayStep:
    """One account on the way of the money, and what fed it before: at most the latest few."""

    account: AccountCard
    level: int  # 0 is where the money left, higher is nearer to its source
    fed_by: tuple[TransferCard, ...]
    fed_count: int
    fed_fen: int
    is_visible: bool = True  # False: above the reader's scope, so that it stays a name


@dataclass(frozen=True, slots=True)
class Way:
    """The transfers of one cause, and where their money came from, up to its source."""

    transfers: tuple[TransferCard, ...]
    upward: tuple[WayStep, ...]


@dataclass(frozen=True, slots=True)
class CreditLine:
    """How far a funder may go below zero, and by which agreement."""

    code: str
    limit_fen: int
    title: str
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class Overspending:
    """The first moment at which a guarded account stood below what it may."""

    code: str
    transfer_id: int
    at: datetime
    below_fen: int


@dataclass(frozen=True, slots=True)
class Proof:
    """One run of the check over all books. `findings` name each account and transfer at fault."""

    id: int
    made_at: datetime
    made_on: date
    accounts: int
    transfers: int
    difference_fen: int
    findings: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return self.difference_fen == 0 and not self.findings


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
    transfers: int = 0
    entry_gap_fen: int = 0  # debits less credits over all accounts


@dataclass(frozen=True, slots=True)
class ClosingCard:
    """A closed month: the digest over every account's balance, and whether it was reopened."""

    id: UUID
    month_on: date
    until_on: date
    account_count: int
    transfer_count: int
    previous_digest: str
    digest: str
    closed_by: UUID
    closed_at: datetime
    reopening_reason: str
    asked_by: UUID | None
    asked_at: datetime | None
    approved_by: UUID | None
    reopened_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClosingProof:
    """A closed month recomputed: `findings` name each account that is not what was sealed."""

    closing: ClosingCard
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PoolMoney:
    """Where a release's money stands. `put_in` = paid + held + left, to the fen."""

    pool_id: UUID
    title: str
    code: str
    put_in_fen: int
    paid_fen: int  # posted to shops, less what came back
    held_fen: int
    left_fen: int
    funds_fen: Mapping[str, int]  # how `put_in` is made up


@dataclass(frozen=True, slots=True)
class FundMoney:
    """One fund's part of a budget."""

    allocated_fen: int = 0
    given_down_fen: int = 0
    in_pools_fen: int = 0
    unused_fen: int = 0


@dataclass(frozen=True, slots=True)
class BudgetNode:
    """A region's budget of a programme: allocated = given_down + in_pools + unused, by fund too."""

    region_code: str
    region_name: str
    region_path: str
    code: str
    allocated_fen: int
    given_down_fen: int
    in_pools_fen: int
    unused_fen: int
    funds: Mapping[str, FundMoney]
    pools: tuple[PoolMoney, ...]

    @property
    def paid_fen(self) -> int:
        return sum(pool.paid_fen for pool in self.pools)

    @property
    def held_fen(self) -> int:
        return sum(pool.held_fen for pool in self.pools)

    @property
    def left_fen(self) -> int:
        return self.unused_fen + sum(pool.left_fen for pool in self.pools)


@dataclass(frozen=True, slots=True)
class FunderCard:
    """Who pays for vouchers: what is free, what vouchers hold, how far it may go below zero."""

    owner: str
    name: str
    code: str
    free_fen: int
    held_fen: int
    paid_in_fen: int
    credit_limit_fen: int
    credit_title: str


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


def prepaid_code(org_id: UUID) -> str:
    """What an organisation was paid ahead."""
    return f"prepaid:{org_id}"


def funder_code(owner: UUID | str) -> str:
    """Who pays for 焕新券: an organisation's id, or `city`."""
    return f"funder:{owner}"


def huanxin_code(owner: UUID | str) -> str:
    """The counter side of what a funder's 焕新券 hold."""
    return f"huanxin:{owner}"
