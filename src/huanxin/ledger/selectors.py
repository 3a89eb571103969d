"""What the accounts hold, why, and the proof that both agree."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import PAGE_SIZE
from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import _closing, _statements, models, rules
from huanxin.ledger.types import (
    AccountCard,
    AccountDifference,
    AccountKind,
    Balance,
    ClosingCard,
    ClosingProof,
    CreditLine,
    Flow,
    HoldKey,
    Overspending,
    Proof,
    Statement,
    SumCheck,
    TransferCard,
    Way,
    WayStep,
)

Position = tuple[tuple[str | int | None, ...], ...]


def get_balance(code: str) -> Balance:
    """An account's totals; an unknown account raises NotFound."""
    balance = find_balance(code)
    if balance is None:
        raise NotFound(model="Account", code=code)
    return balance


def find_balance(code: str) -> Balance | None:
    """An account's totals, if there is such an account."""
    return balances([code]).get(code)


def balances(codes: Iterable[str]) -> dict[str, Balance]:
    """The totals of several accounts by code; unknown ones are left out."""
    rows = _statements.rows_of("balances", codes=list(codes))
    return {row[0]: Balance(*row[1:]) for row in rows}


def get_account(code: str, scope: Scope) -> AccountCard:
    """An account and what it holds, if the scope lets it through; else NotFound."""
    return _statements.account_card(_visible(code, scope))


def list_accounts(scope: Scope, *, kind: AccountKind) -> list[AccountCard]:
    """The accounts of one kind within the scope, by code."""
    rows = models.Account.objects.filter(kind=kind).select_related("balance").order_by("code")
    return [_statements.account_card(row) for row in rows if _sees(scope, row)]


def get_statement(
    code: str,
    scope: Scope,
    *,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Statement:
    """An account's statement from an instant up to but not including another, oldest first.

    Opening, every entry with its cause and the totals after it, closing: they add up to the fen,
    and the closing of a statement up to now is the balance. Without `from_at` from the first entry.
    """
    account = _visible(code, scope)
    until = until_at or clock.now() + timedelta(microseconds=1)
    return _statements.statement(account, from_at, until, page=page, size=size)


def get_balance_at(code: str, at: datetime, scope: Scope) -> Balance:
    """An account's totals as they stood at an instant, what happened in it included."""
    return _statements.balance_at(_visible(code, scope).id, at)


def flows(codes: Iterable[str]) -> list[Flow]:
    """Posted money into and out of the named accounts, added up by other account and leg.

    A leg begins with its fund where public money moves between levels (docs/adr/095).
    """
    return _statements.flows(codes)


def position_of(codes: Iterable[str]) -> Position:
    """What changes whenever posted money moves into or out of one of the accounts.

    Two equal positions have equal flows: whoever keeps something made of flows asks this first.
    """
    return tuple(_statements.rows_of("position", codes=sorted(codes)))


def get_transfer(transfer_id: int, scope: Scope) -> TransferCard:
    """One transfer as it stands, if the scope covers one of its two accounts."""
    row = models.Transfer.objects.filter(pk=transfer_id).select_related("debit", "credit").first()
    if row is None or not _sees_one(scope, [row.debit, row.credit]):
        raise NotFound(model="Transfer", id=transfer_id)
    return _statements.transfer_cards([row.pending_id or row.id])[0]


def way_of(cause: str, cause_id: UUID, scope: Scope) -> Way:
    """The whole way of a cause's money: its transfers, and who fed the payers, up to the treasury.

    Raises NotFound if nothing moved for that cause, or nothing the scope covers.
    """
    made = transfers_of(cause, cause_id)
    codes = {code for one in made for code in (one.debit, one.credit)}
    accounts = models.Account.objects.filter(code__in=codes)
    if not _sees_one(scope, list(accounts)):
        raise NotFound(model="Transfer", cause=cause, cause_id=cause_id)
    until = max(one.made_at for one in made)
    steps = _statements.way_up({one.debit for one in made}, until)
    return Way(tuple(made), tuple(_as_seen(step, scope) for step in steps))


def find_credit_line(code: str) -> CreditLine | None:
    """The agreement in force with a funder, if there is one."""
    row = models.CreditLine.objects.filter(account__code=code).order_by("agreed_at", "id").last()
    return CreditLine(code, row.limit_fen, row.title, row.agreed_at) if row else None


def list_overspendings() -> list[Overspending]:
    """Guarded accounts that ever stood below what they may: recomputed in order, must be none."""
    return [Overspending(*row) for row in _statements.rows_of("history_faults")]


def list_proofs(*, limit: int = 30) -> list[Proof]:
    """The latest runs of the nightly check, newest first."""
    return [row.as_proof() for row in models.Proof.objects.order_by("-id")[:limit]]


def find_proof(on: date) -> Proof | None:
    """The last check made on a business day."""
    row = models.Proof.objects.filter(made_on=on).order_by("id").last()
    return row.as_proof() if row else None


def list_closings(*, limit: int = 60) -> list[ClosingCard]:
    """Closed months, newest first, those that were reopened included."""
    rows = models.Closing.objects.order_by("-until_on", "-closed_at")[:limit]
    return [_closing.card(row) for row in rows]


def find_closing(month_on: date) -> ClosingCard | None:
    """The closing of a month that stands."""
    row = models.Closing.objects.filter(month_on=month_on, reopened_at=None).first()
    return _closing.card(row) if row else None


def closing_balances(closing_id: UUID) -> dict[str, Balance]:
    """What every account held when a month was closed, by code."""
    rows = models.ClosingBalance.objects.filter(closing_id=closing_id).order_by("code")
    return {
        row.code: Balance(
            row.debits_pending_fen, row.debits_posted_fen, row.credits_pending_fen,
            row.credits_posted_fen,
        )
        for row in rows
    }  # fmt: skip


def prove_closing(closing: ClosingCard) -> ClosingProof:
    """Whether a closed month still is what was sealed: its kept balances, the digest, the books."""
    kept = sorted(closing_balances(closing.id).items())
    now = dict(_closing.balances_at(closing.until_on))
    gaps = {code: rules.distance_fen(then, now.pop(code, Balance())) for code, then in kept}
    found = [f"账户 {code}：结账余额与流水相差 {gap} 分" for code, gap in gaps.items() if gap]
    found += [f"账户 {code}：结账时没有，现在有该月的流水" for code in now]
    if _closing.digest(closing.previous_digest, closing.month_on, kept) != closing.digest:
        found.append("结账余额与封存的摘要不符")
    return ClosingProof(closing, tuple(found))


def transfers_of(cause: str, cause_id: UUID) -> list[TransferCard]:
    """Every transfer of one cause as it stands, in the order it was made."""
    rows = (
        models.Transfer.objects.filter(cause=cause, cause_id=cause_id, pending=None)
        .select_related("debit", "credit")
        .prefetch_related("resolutions")
        .order_by("id")
    )
    return [_statements.transfer_card(row) for row in rows]


def list_pending(cause: str, cause_ids: Iterable[UUID]) -> list[HoldKey]:
    """The holds of several causes that still stand, by cause and leg."""
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.ledger.sql", "list_pending").text,
            {"cause": cause, "cause_ids": list(cause_ids)},
        )
        return [HoldKey(cause, row[0], row[1]) for row in cursor.fetchall()]


def sum_check() -> SumCheck:
    """Add up every account from its transfers and compare; the nightly proof of the books."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.ledger.sql", "sum_check").text)
        differences = tuple(
            AccountDifference(row[0], Balance(*row[1:5]), Balance(*row[5:]))
            for row in cursor.fetchall()
        )
        cursor.execute(read_sql("huanxin.ledger.sql", "resolution_faults").text)
        faults = tuple(row[0] for row in cursor.fetchall())
        cursor.execute(read_sql("huanxin.ledger.sql", "double_entry").text)
        entry_gap_fen, transfers = cursor.fetchone()
    return SumCheck(
        accounts=models.Account.objects.count(),
        differences=differences,
        faults=faults,
        difference_fen=sum(rules.distance_fen(d.balance, d.from_transfers) for d in differences),
        transfers=transfers,
        entry_gap_fen=entry_gap_fen,
    )


def stored_transfers(keys: Sequence[HoldKey]) -> dict[HoldKey, dict[str, Any]]:
    """What stands under the keys, with each one's resolution; unknown keys are left out."""
    asked = json.dumps([asdict(key) for key in keys], default=str)
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.ledger.sql", "find_transfers").text, {"keys": asked})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {HoldKey(row["cause"], row["cause_id"], row["leg"]): row for row in rows}


def _as_seen(step: WayStep, scope: Scope) -> WayStep:
    """A step above the reader's scope keeps its name and loses its figures."""
    card = step.account
    place = models.Account(kind=card.kind, region_path=card.region_path, owner_key=card.owner_key)
    if _sees(scope, place):
        return step
    return WayStep(replace(card, balance=Balance()), step.level, (), 0, 0, is_visible=False)


def _visible(code: str, scope: Scope) -> models.Account:
    account = models.Account.objects.filter(code=code).select_related("balance").first()
    if account is None or not _sees(scope, account):
        raise NotFound(model="Account", code=code)
    return account


def _sees_one(scope: Scope, accounts: Sequence[models.Account]) -> bool:
    """Whether one side may be seen; a side that has a region decides over one that has none."""
    placed = [account for account in accounts if account.region_path]
    return any(_sees(scope, account) for account in (scope.org_id is None and placed) or accounts)


def _sees(scope: Scope, account: models.Account) -> bool:
    """Its owner sees an organisation's account; officers those of their region.

    Accounts of no region (a bank, a funder, a shop's payable) are for officers of a whole city, a
    treasury for officers of the province.
    """
    if scope.person_id is not None:
        return False
    if scope.org_id is not None:
        return account.owner_key == str(scope.org_id)
    if not account.region_path:
        return scope.region_path.count("/") < (1 if account.kind == AccountKind.TREASURY else 2)
    return scope.covers(account.region_path)
