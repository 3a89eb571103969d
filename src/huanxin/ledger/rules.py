"""Double entry: what each kind of transfer adds to its two accounts, and what may never happen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huanxin.ledger.errors import (
    AmountAboveHold,
    AmountNotPositive,
    AmountTooLarge,
    CreditUnnamed,
    FundExhausted,
    HoldExpired,
    SameAccount,
)
from huanxin.ledger.types import (
    MOST_FEN,
    AccountKind,
    Balance,
    Leg,
    Overspending,
    SumCheck,
    TransferKind,
)

WITH_CREDIT = frozenset({AccountKind.FUNDER, AccountKind.PREPAID})
GUARDED = frozenset({AccountKind.BUDGET, AccountKind.POOL}) | WITH_CREDIT
STATE_WORDS = {
    TransferKind.POST_PENDING: "入账",
    TransferKind.VOID_PENDING: "释放",
    TransferKind.EXPIRED: "到期释放",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One transfer on account ids; a resolution names the amount that was pending."""

    kind: TransferKind
    debit_id: int
    credit_id: int
    amount_fen: int
    pending_fen: int = 0


def check_leg(leg: Leg) -> None:
    """Refuse a leg that moves nothing or moves to itself."""
    if leg.amount_fen <= 0:
        raise AmountNotPositive(amount_fen=leg.amount_fen)
    if leg.amount_fen > MOST_FEN:
        raise AmountTooLarge(amount_fen=leg.amount_fen, limit_fen=MOST_FEN)
    if leg.debit == leg.credit:
        raise SameAccount(account=leg.debit)


def has_good_deadline(kind: TransferKind, leg: Leg, now: datetime) -> bool:
    """Whether a leg has no end, or is a hold that ends later than it begins."""
    return leg.expires_at is None or (kind is TransferKind.PENDING and leg.expires_at > now)


def deadline_fault(kind: TransferKind) -> str:
    """What is wrong with a deadline that is not good."""
    held = kind is TransferKind.PENDING
    return "到期时间早于现在" if held else "已入账的资金没有到期时间"


def check_not_expired(kind: TransferKind, expires_at: datetime | None, now: datetime) -> None:
    """Refuse to post a hold from the very instant of its deadline on."""
    if kind is TransferKind.POST_PENDING and expires_at is not None and expires_at <= now:
        raise HoldExpired(expired_at=expires_at.isoformat(timespec="seconds"))


def check_credit_limit(limit_fen: int, title: str) -> None:
    """Refuse a credit line that is negative, beyond reason, or has no name."""
    if limit_fen < 0:
        raise AmountNotPositive(amount_fen=limit_fen)
    if limit_fen > MOST_FEN:
        raise AmountTooLarge(amount_fen=limit_fen, limit_fen=MOST_FEN)
    if not title.strip():
        raise CreditUnnamed


def findings(check: SumCheck, overspendings: Sequence[Overspending]) -> list[str]:
    """Everything that is wrong with the books, one line each, naming the account or transfer."""
    return [
        *(
            f"账户 {one.code}：余额与流水相差 {distance_fen(one.balance, one.from_transfers)} 分"
            for one in check.differences
        ),
        *(f"流水 {one}：与所处理的占用不符" for one in check.faults),
        *([f"全部账户：借贷相差 {check.entry_gap_fen} 分"] if check.entry_gap_fen else []),
        *(
            f"账户 {one.code}：在流水 {one.transfer_id} 之后低于下限 {one.below_fen} 分"
            for one in overspendings
        ),
    ]


def posted_fen(wanted_fen: int | None, held_fen: int) -> int:
    """How much of a hold is posted: all of it unless less is wanted.

    >>> posted_fen(None, 100), posted_fen(60, 100)
    (100, 60)
    """
    if wanted_fen is None:
        return held_fen
    if wanted_fen <= 0:
        raise AmountNotPositive(amount_fen=wanted_fen)
    if wanted_fen > held_fen:
        raise AmountAboveHold(amount_fen=wanted_fen, held_fen=held_fen)
    return wanted_fen


def changes_of(moves: Iterable[Move]) -> dict[int, Balance]:
    """What the moves add to each account's totals.

    >>> hold = Move(TransferKind.PENDING, 1, 2, 70)
    >>> changes_of([hold])[1] == Balance(debits_pending_fen=70)
    True
    >>> part = Move(TransferKind.POST_PENDING, 1, 2, 60, pending_fen=70)
    >>> changes_of([part])[1] == Balance(debits_pending_fen=-70, debits_posted_fen=60)
    True
    """
    totals: dict[int, list[int]] = {}
    for move in moves:
        pending, posted = _pending_and_posted(move)
        debit = totals.setdefault(move.debit_id, [0, 0, 0, 0])
        debit[0] += pending
        debit[1] += posted
        credit = totals.setdefault(move.credit_id, [0, 0, 0, 0])
        credit[2] += pending
        credit[3] += posted
    return {account_id: Balance(*total) for account_id, total in totals.items()}


def add(one: Balance, other: Balance) -> Balance:
    """Two balances' totals added."""
    return Balance(
        one.debits_pending_fen + other.debits_pending_fen,
        one.debits_posted_fen + other.debits_posted_fen,
        one.credits_pending_fen + other.credits_pending_fen,
        one.credits_posted_fen + other.credits_posted_fen,
        one.credit_limit_fen + other.credit_limit_fen,
    )


def distance_fen(one: Balance, other: Balance) -> int:
    """How far two balances are apart, all four totals taken together."""
    return (
        abs(one.debits_pending_fen - other.debits_pending_fen)
        + abs(one.debits_posted_fen - other.debits_posted_fen)
        + abs(one.credits_pending_fen - other.credits_pending_fen)
        + abs(one.credits_posted_fen - other.credits_posted_fen)
    )


def check_never_overspent(code: str, kind: AccountKind, before: Balance, change: Balance) -> None:
    """Refuse what would take a guarded account below zero. The constraint of that name agrees."""
    if kind in GUARDED and add(before, change).spendable_fen < 0:
        raise FundExhausted(
            account=code,
            available_fen=before.spendable_fen,
            need_fen=-change.available_fen,
        )


def is_same_money(stored: Mapping[str, object], leg: Leg, kind: TransferKind) -> bool:
    """Whether a transfer found under a leg's key moved the same money the same way."""
    return (
        stored["kind"] == kind
        and stored["debit"] == leg.debit
        and stored["credit"] == leg.credit
        and stored["amount_fen"] == leg.amount_fen
        and stored["expires_at"] == leg.expires_at
    )


def _pending_and_posted(move: Move) -> tuple[int, int]:
    match move.kind:
        case TransferKind.POSTED:
            return 0, move.amount_fen
        case TransferKind.PENDING:
            return move.amount_fen, 0
        case TransferKind.POST_PENDING:
            return -move.pending_fen, move.amount_fen
        case TransferKind.VOID_PENDING | TransferKind.EXPIRED:
            return -move.pending_fen, 0
