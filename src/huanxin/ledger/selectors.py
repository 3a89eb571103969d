"""What the accounts hold, why, and the proof that both agree."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import models, rules
from huanxin.ledger.types import (
    AccountDifference,
    Balance,
    EntryCard,
    HoldKey,
    SumCheck,
    TransferCard,
    TransferKind,
)


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
    rows = models.Balance.objects.filter(account__code__in=list(codes))
    return {
        row[0]: Balance(*row[1:])
        for row in rows.values_list(
            "account__code", "debits_pending_fen", "debits_posted_fen", "credits_pending_fen",
            "credits_posted_fen",
        )
    }  # fmt: skip


def list_entries(code: str, scope: Scope, *, page: int = 1) -> Page[EntryCard]:
    """An account's statement, newest first, if the account lies within the scope's region."""
    account = models.Account.objects.filter(code=code).first()
    if account is None or not _sees(scope, account):
        raise NotFound(model="Account", code=code)
    rows = models.Transfer.objects.filter(Q(debit=account) | Q(credit=account)).order_by("-id")
    chosen = rows.select_related("debit", "credit")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page([_entry(row, account.id) for row in chosen], page, rows.count())


def transfers_of(cause: str, cause_id: UUID) -> list[TransferCard]:
    """Every transfer of one cause as it stands, in the order it was made."""
    rows = (
        models.Transfer.objects.filter(cause=cause, cause_id=cause_id, pending=None)
        .select_related("debit", "credit")
        .prefetch_related("resolutions")
        .order_by("id")
    )
    return [_transfer(row) for row in rows]


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
    return SumCheck(
        accounts=models.Account.objects.count(),
        differences=differences,
        faults=faults,
        difference_fen=sum(rules.distance_fen(d.balance, d.from_transfers) for d in differences),
    )


def stored_transfers(keys: Sequence[HoldKey]) -> dict[HoldKey, dict[str, Any]]:
    """What stands under the keys, with each one's resolution; unknown keys are left out."""
    asked = json.dumps([asdict(key) for key in keys], default=str)
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.ledger.sql", "find_transfers").text, {"keys": asked})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {HoldKey(row["cause"], row["cause_id"], row["leg"]): row for row in rows}


def _sees(scope: Scope, account: models.Account) -> bool:
    own = scope.org_id is None or account.owner_key == str(scope.org_id)
    return own and scope.covers(account.region_path)


def _entry(row: models.Transfer, account_id: int) -> EntryCard:
    is_debit = row.debit_id == account_id
    return EntryCard(
        transfer_id=row.id,
        kind=TransferKind(row.kind),
        key=HoldKey(row.cause, row.cause_id, row.leg),
        counter_code=row.credit.code if is_debit else row.debit.code,
        is_debit=is_debit,
        amount_fen=row.amount_fen,
        reason=row.reason,
        made_at=row.made_at,
    )


def _transfer(row: models.Transfer) -> TransferCard:
    resolution = next(iter(row.resolutions.all()), None)
    state = "pending" if row.kind == TransferKind.PENDING else "posted"
    if resolution is not None:
        state = "posted" if resolution.kind == TransferKind.POST_PENDING else "voided"
    is_part = resolution is not None and state == "posted"
    return TransferCard(
        id=row.id,
        key=HoldKey(row.cause, row.cause_id, row.leg),
        debit=row.debit.code,
        credit=row.credit.code,
        amount_fen=resolution.amount_fen if resolution and is_part else row.amount_fen,
        state=state,
        made_at=row.made_at,
        made_on=row.made_on,
    )
