"""Double entry: what each kind of transfer adds to its two accounts, and what may never happen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from huanxin.ledger.errors import (
    AmountAboveHold,
    AmountNotPositive,
    FundExhausted,
    SameAccount,
)
from huanxin.ledger.types import AccountKind, Balance, Leg, TransferKind

GUARDED = frozenset({AccountKind.BUDGET, AccountKind.POOL})
STATE_WORDS = {TransferKind.POST_PENDING: "入账", TransferKind.VOID_PENDING: "释放"}


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
    if leg.debit == leg.credit:
        raise SameAccount(account=leg.debit)


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
    if kind in GUARDED and add(before, change).available_fen < 0:
        raise FundExhausted(
            account=code,
            available_fen=before.available_fen,
            need_fen=-change.available_fen,
        )


def is_same_money(stored: Mapping[str, object], leg: Leg, kind: TransferKind) -> bool:
    """Whether a transfer found under a leg's key moved the same money the same way."""
    return (
        stored["kind"] == kind
        and stored["debit"] == leg.debit
        and stored["credit"] == leg.credit
        and stored["amount_fen"] == leg.amount_fen
    )


def _pending_and_posted(move: Move) -> tuple[int, int]:
    match move.kind:
        case TransferKind.POSTED:
            return 0, move.amount_fen
        case TransferKind.PENDING:
            return move.amount_fen, 0
        case TransferKind.POST_PENDING:
            return -move.pending_fen, move.amount_fen
        case TransferKind.VOID_PENDING:
            return -move.pending_fen, 0
