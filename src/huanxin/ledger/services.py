"""The only code that moves money. Every verb takes a batch, which happens whole or not at all.

A fact store: rooms above decide who may do what and leave the audit line. Here money only moves
between accounts, each transfer once under its key (cause, cause_id, leg), never past the guard.
Locks are taken in account order. A use case that calls several verbs in one transaction first
calls lock_accounts() with all its codes, so that no two of them wait for each other in a ring.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from huanxin.kernel import clock, ids, sets
from huanxin.kernel.errors import RequestReused
from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import _closing, models, rules, selectors
from huanxin.ledger.errors import (
    AccountUnknown,
    BooksDiffer,
    ClosingUnknown,
    CreditLineInUse,
    CreditNotForAccount,
    DeadlineInvalid,
    HoldClosed,
    HoldUnknown,
    MonthClosed,
    MonthNotOver,
    ReopeningNotAsked,
    SamePersonReopens,
)
from huanxin.ledger.rules import Move
from huanxin.ledger.selectors import stored_transfers
from huanxin.ledger.types import (
    AccountKind,
    Balance,
    ClosingCard,
    HoldKey,
    Leg,
    NewAccount,
    Proof,
    TransferKind,
)


@transaction.atomic
def open_accounts(*, accounts: Sequence[NewAccount]) -> None:
    """Open the accounts that do not exist yet, at zero. Safe to repeat."""
    _execute(
        "open_accounts",
        codes=[account.code for account in accounts],
        kinds=[account.kind.value for account in accounts],
        region_paths=[account.region_path for account in accounts],
        owner_keys=[account.owner_key for account in accounts],
        at=clock.now(),
    )


def lock_accounts(*, codes: Iterable[str]) -> dict[str, Balance]:
    """Hold the accounts' balances until the transaction ends, in key order, and return them.

    Raises AccountUnknown for a code that was never opened.
    """
    assert transaction.get_connection().in_atomic_block, "a lock needs a transaction"
    return {code: account.balance for code, account in _lock(set(codes)).items()}


def locking(*, codes: Iterable[str]) -> sets.Question[dict[str, Balance]]:
    """lock_accounts() as a question, to be asked in one round trip with others."""
    wanted = set(codes)

    def read(rows: sets.Rows) -> dict[str, Balance]:
        return {code: account.balance for code, account in _locked(rows, wanted).items()}

    parameters = {"codes": sets.texts(sorted(wanted))}
    return sets.Question("huanxin.ledger.sql", "lock_accounts", parameters, read)


@transaction.atomic
def post_transfers(*, legs: Sequence[Leg]) -> list[int]:
    """Move money at once. Returns the transfers' ids in the order of the legs.

    Safe to retry: a key that exists with the same content is left alone, other content raises
    RequestReused. Refuses what would take a budget or a pool below zero or a funder below its
    credit line (FundExhausted), unknown accounts, and amounts of zero or less or beyond all
    reason; then nothing has moved.
    """
    return _move(TransferKind.POSTED, legs)


@transaction.atomic
def hold_transfers(*, legs: Sequence[Leg]) -> list[int]:
    """Reserve money: it leaves what is available, but arrives only when the hold is posted.

    A leg with `expires_at` can be posted before that instant only; expire_held releases it then.
    Retry and refusals are those of post_transfers.
    """
    return _move(TransferKind.PENDING, legs)


def hold_series(
    *, cause: str, leg: str, debit: str, credit: str, holds: Sequence[tuple[UUID, int]]
) -> None:
    """Reserve money many times between two accounts that the caller holds locked.

    For a rush: `holds` are (cause id, fen), their ids made in this transaction. It answers
    nothing, so it can travel with the writes it belongs to (kernel.sets.together). Who calls has
    looked at what is available; the database refuses a key that exists, an unknown account, an
    amount of zero or less and what the guard forbids, each by a constraint.
    """
    assert transaction.get_connection().in_atomic_block, "money moves with its cause"
    now = clock.now()
    sets.write(
        "huanxin.ledger.sql",
        "hold_series",
        cause=cause,
        leg=leg,
        debit=debit,
        credit=credit,
        cause_ids=sets.uuids(cause_id for cause_id, _ in holds),
        amounts=sets.integers(amount_fen for _, amount_fen in holds),
        at=now,
        on=clock.business_day(now),
    )


@transaction.atomic
def post_held(*, posts: Sequence[tuple[HoldKey, int | None]]) -> list[int]:
    """Turn holds into posted transfers, each whole (None) or in part; the rest is released.

    Safe to retry with the same amounts. Raises HoldUnknown for a key without a hold, HoldClosed
    for one that was voided, expired or posted with another amount, HoldExpired from the deadline
    on, AmountAboveHold for too much.
    """
    wanted = dict(posts)
    assert len(wanted) == len(posts), "one hold cannot be posted twice in a batch"
    return _resolve(TransferKind.POST_PENDING, wanted, reason="")


@transaction.atomic
def void_held(*, keys: Sequence[HoldKey], reason: str) -> list[int]:
    """Release holds: what they kept is available again at once.

    Safe to retry. Raises HoldUnknown for a key without a hold, HoldClosed for a posted one.
    """
    return _resolve(TransferKind.VOID_PENDING, dict.fromkeys(keys), reason=reason)


@transaction.atomic
def expire_held(*, limit: int = 1000) -> int:
    """Release every hold whose deadline has come, by a row of its own; returns how many.

    What they kept is available again at once. Safe to run at any moment: a hold that is posted
    or voided meanwhile is left alone, and of two runs each hold is expired by one.
    """
    rows = _execute("due_deadlines", at=clock.now(), limit=limit)
    due = [HoldKey(*row) for row in rows]
    return len(_resolve(TransferKind.EXPIRED, dict.fromkeys(due), reason="expired"))


@transaction.atomic
def agree_credit(
    *, code: str, limit_fen: int, title: str, cause_id: UUID, only_first: bool = False
) -> None:
    """Let a funder, or who is paid ahead, go below zero by at most `limit_fen`, by an agreement.

    The latest agreement counts; zero ends it. With `only_first` an account that has one keeps it.
    Safe to retry by `cause_id`; other content raises RequestReused. Refuses accounts that hold
    public money (CreditNotForAccount) and a limit below what is drawn (CreditLineInUse).
    """
    account = _lock({code})[code]
    if account.kind not in rules.WITH_CREDIT:
        raise CreditNotForAccount(account=code)
    rules.check_credit_limit(limit_fen, title)
    if only_first and selectors.find_credit_line(code) is not None:
        return
    earlier = models.CreditLine.objects.filter(cause_id=cause_id).first()
    if earlier is not None:
        if (earlier.account_id, earlier.limit_fen, earlier.title) != (account.id, limit_fen, title):
            raise RequestReused(cause="ledger.credit", cause_id=cause_id, leg="")
        return
    if (used_fen := -account.balance.available_fen) > limit_fen:
        raise CreditLineInUse(account=code, used_fen=used_fen)
    _execute(
        "insert_credit_line", code=code, limit_fen=limit_fen, title=title, cause_id=cause_id,
        at=clock.now(),
    )  # fmt: skip


@transaction.atomic
def prove_books() -> Proof:
    """Recompute all books from the transfers and keep what was found: the nightly proof.

    Every account against the sum of its transfers, every resolution against its hold, debits
    against credits, and each guarded account at every moment of its history.
    """
    check = selectors.sum_check()
    now = clock.now()
    row = models.Proof.objects.create(
        made_at=now,
        made_on=clock.business_day(now),
        accounts=check.accounts,
        transfers=check.transfers,
        difference_fen=check.difference_fen + check.entry_gap_fen,
        findings=rules.findings(check, selectors.list_overspendings()),
    )
    return row.as_proof()


@transaction.atomic
def close_books(*, until_on: date, by: UUID) -> ClosingCard:
    """Shut the books up to the first day of a month, that day not included, and seal what is held.

    Transfers dated before it are refused from now on (trigger ledger_closed_months). The balances
    of all accounts are kept, their digest chained to the closing before. Safe to retry. Refuses a
    month that is not over, a closing behind a later one, and books that do not balance.
    """
    assert until_on.day == 1, "months are closed"
    month_on, _ = _closing.month_of(until_on - timedelta(days=1))
    _closing.shut_out_writers()
    standing = models.Closing.objects.filter(reopened_at=None).order_by("-until_on").first()
    if standing is not None and standing.until_on >= until_on:
        if standing.until_on == until_on:
            return _closing.card(standing)
        raise MonthClosed(month=f"{month_on:%Y年%m月}")
    if clock.today() < until_on:
        raise MonthNotOver(month=f"{month_on:%Y年%m月}")
    check = selectors.sum_check()
    if gap_fen := check.difference_fen + check.entry_gap_fen:
        raise BooksDiffer(difference_fen=gap_fen)
    return _closing.card(_write_closing(month_on, until_on, standing, by))


@transaction.atomic
def ask_reopening(*, closing_id: UUID, by: UUID, reason: str) -> ClosingCard:
    """Note who wants the latest closed month open again and why; nothing opens yet.

    Asking anew replaces the earlier asking. Refuses any but the latest closing.
    """
    row = _latest_closing(closing_id)
    row.asked_by, row.asked_at, row.reopening_reason = by, clock.now(), reason
    row.save(update_fields=["asked_by", "asked_at", "reopening_reason"])
    return _closing.card(row)


@transaction.atomic
def reopen_books(*, closing_id: UUID, by: UUID) -> ClosingCard:
    """Open the latest closed month on a second person's word. The closing and its balances stay.

    Safe to retry. Refuses who asked for it (constraint closing_reopened_by_two).
    """
    again = models.Closing.objects.filter(pk=closing_id, approved_by=by).first()
    if again is not None:
        return _closing.card(again)
    row = _latest_closing(closing_id)
    if row.asked_by is None:
        raise ReopeningNotAsked
    if row.asked_by == by:
        raise SamePersonReopens
    row.approved_by, row.reopened_at = by, clock.now()
    row.save(update_fields=["approved_by", "reopened_at"])
    return _closing.card(row)


def _latest_closing(closing_id: UUID) -> models.Closing:
    rows = models.Closing.objects.select_for_update(no_key=True).filter(reopened_at=None)
    row = rows.order_by("-until_on").first()
    if row is None or row.pk != closing_id:
        raise ClosingUnknown
    return row


def _write_closing(
    month_on: date, until_on: date, standing: models.Closing | None, by: UUID
) -> models.Closing:
    held = _closing.balances_at(until_on)
    previous = standing.digest if standing else ""
    row = models.Closing.objects.create(
        id=ids.new_id(),
        month_on=month_on,
        until_on=until_on,
        account_count=len(held),
        transfer_count=models.Transfer.objects.filter(made_at__lt=clock.moment(until_on)).count(),
        previous_digest=previous,
        digest=_closing.digest(previous, month_on, held),
        closed_by=by,
        closed_at=clock.now(),
    )
    models.ClosingBalance.objects.bulk_create(
        models.ClosingBalance(
            closing=row,
            code=code,
            debits_pending_fen=one.debits_pending_fen,
            debits_posted_fen=one.debits_posted_fen,
            credits_pending_fen=one.credits_pending_fen,
            credits_posted_fen=one.credits_posted_fen,
        )
        for code, one in held
    )
    return row


class _Locked:
    """One locked account."""

    __slots__ = ("balance", "id", "kind")

    def __init__(self, account_id: int, kind: str, *totals: int) -> None:
        self.id = account_id
        self.kind = AccountKind(kind)
        self.balance = Balance(*totals)


def _lock(codes: set[str]) -> dict[str, _Locked]:
    return _locked(_execute("lock_accounts", codes=sorted(codes)), codes)


def _locked(rows: sets.Rows, codes: set[str]) -> dict[str, _Locked]:
    locked = {row[1]: _Locked(row[0], *row[2:]) for row in rows}
    for code in sorted(codes - locked.keys()):
        raise AccountUnknown(account=code)
    return locked


def _move(kind: TransferKind, legs: Sequence[Leg]) -> list[int]:
    if not legs:
        return []
    for leg in legs:
        rules.check_leg(leg)
    accounts = _lock({code for leg in legs for code in (leg.debit, leg.credit)})
    written = _insert(kind, legs, accounts)
    if len(written) < len(legs):
        written |= _same_again(kind, [leg for leg in legs if leg.key not in written])
    return [written[leg.key] for leg in legs]


def _insert(
    kind: TransferKind, legs: Sequence[Leg], accounts: dict[str, _Locked]
) -> dict[HoldKey, int]:
    now = clock.now()
    again = _held_before(kind, legs, now)
    rows = _execute(
        "insert_transfers",
        kind=kind.value,
        rows=json.dumps(
            [_columns(leg, accounts) for leg in legs if leg.key not in again], default=str
        ),
        at=now,
        on=clock.business_day(now),
    )
    written = {HoldKey(*row[1:]): row[0] for row in rows}
    if ending := [written[leg.key] for leg in legs if leg.expires_at and leg.key in written]:
        _execute("insert_deadlines", ids=ending)
    first = {leg.key: leg for leg in reversed(legs)}
    moves = [
        Move(kind, accounts[leg.debit].id, accounts[leg.credit].id, leg.amount_fen)
        for key, leg in first.items()
        if key in written
    ]
    _change(moves, accounts)
    for leg in legs:  # a key twice in one batch: the same money, or a mistake
        if first[leg.key] != leg:
            raise RequestReused(cause=leg.cause, cause_id=leg.cause_id, leg=leg.leg)
    return written


def _columns(leg: Leg, accounts: dict[str, _Locked]) -> dict[str, Any]:
    return {
        "cause": leg.cause,
        "cause_id": leg.cause_id,
        "leg": leg.leg,
        "debit_id": accounts[leg.debit].id,
        "credit_id": accounts[leg.credit].id,
        "amount_fen": leg.amount_fen,
        "expires_at": leg.expires_at,
    }


def _held_before(kind: TransferKind, legs: Sequence[Leg], now: datetime) -> set[HoldKey]:
    """Retries of holds that are over: answered as before. A new hold with such an end is refused.

    They are kept from the insert: its CHECK on the deadline would speak before the key does.
    """
    over = [leg for leg in legs if not rules.has_good_deadline(kind, leg, now)]
    if not over:
        return set()
    stored = stored_transfers([leg.key for leg in over])
    for leg in over:
        if leg.key not in stored:
            raise DeadlineInvalid(reason=rules.deadline_fault(kind))
    return set(stored)


def _same_again(kind: TransferKind, legs: Sequence[Leg]) -> dict[HoldKey, int]:
    stored = stored_transfers([leg.key for leg in legs])
    for leg in legs:
        if not rules.is_same_money(stored[leg.key], leg, kind):
            raise RequestReused(cause=leg.cause, cause_id=leg.cause_id, leg=leg.leg)
    return {key: row["id"] for key, row in stored.items()}


def _resolve(kind: TransferKind, wanted: dict[HoldKey, int | None], *, reason: str) -> list[int]:
    if not wanted:
        return []
    stored = _pending(list(wanted))
    accounts = _lock({row[side] for row in stored.values() for side in ("debit", "credit")})
    now = clock.now()
    for row in stored.values():
        if row["resolution"] is None:
            rules.check_not_expired(kind, row["expires_at"], now)
    amounts = {
        row["id"]: rules.posted_fen(wanted[key], row["amount_fen"]) for key, row in stored.items()
    }
    rows = _execute(
        "resolve_transfers",
        kind=kind.value,
        pending_ids=list(amounts),
        amounts=list(amounts.values()),
        reason=reason,
        at=now,
        on=clock.business_day(now),
    )
    resolved = {row[1]: row[0] for row in rows}
    _change(
        [
            Move(kind, row["debit_id"], row["credit_id"], amounts[row["id"]], row["amount_fen"])
            for row in stored.values()
            if row["id"] in resolved
        ],
        accounts,
    )
    ended = [row["id"] for row in stored.values() if row["expires_at"] is not None]
    if ended:
        _execute("delete_deadlines", ids=ended)
    if kind is TransferKind.EXPIRED:  # who was quicker with one of them is right
        return list(resolved.values())
    if len(resolved) < len(stored):
        unresolved = [key for key, row in stored.items() if row["id"] not in resolved]
        resolved |= _resolved_alike(kind, unresolved, amounts)
    return [resolved[stored[key]["id"]] for key in wanted]


def _pending(keys: Sequence[HoldKey]) -> dict[HoldKey, dict[str, Any]]:
    stored = stored_transfers(keys)
    for key in keys:
        if key not in stored or stored[key]["kind"] != TransferKind.PENDING:
            raise HoldUnknown(cause=key.cause, cause_id=key.cause_id, leg=key.leg)
    return stored


def _resolved_alike(
    kind: TransferKind, keys: Sequence[HoldKey], amounts: dict[int, int]
) -> dict[int, int]:
    """The earlier resolutions of holds, read after the lock; another kind or amount is refused."""
    found = {}
    for key, row in stored_transfers(keys).items():
        if row["resolution"] != kind or row["resolved_fen"] != amounts[row["id"]]:
            word = rules.STATE_WORDS[TransferKind(row["resolution"])]
            raise HoldClosed(state=word, cause=key.cause, cause_id=key.cause_id, leg=key.leg)
        found[row["id"]] = row["resolution_id"]
    return found


def _change(moves: Sequence[Move], accounts: dict[str, _Locked]) -> None:
    changes = rules.changes_of(moves)
    if not changes:
        return
    for code, account in accounts.items():
        if change := changes.get(account.id):
            rules.check_never_overspent(code, account.kind, account.balance, change)
    _execute(
        "change_balances",
        account_ids=list(changes),
        debits_pending=[change.debits_pending_fen for change in changes.values()],
        debits_posted=[change.debits_posted_fen for change in changes.values()],
        credits_pending=[change.credits_pending_fen for change in changes.values()],
        credits_posted=[change.credits_posted_fen for change in changes.values()],
    )


def _execute(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        try:
            cursor.execute(read_sql("huanxin.ledger.sql", name).text, parameters)
        except IntegrityError as error:
            if "ledger_closed_months" in str(error):  # the clock stood in a month now closed
                raise MonthClosed(month=f"{parameters['on']:%Y年%m月}") from error
            raise
        return cursor.fetchall() if cursor.description else []
