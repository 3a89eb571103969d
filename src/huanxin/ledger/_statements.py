"""How statements, flows and ways are read from the transfers."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import models, rules
from huanxin.ledger.types import (
    AccountCard,
    AccountKind,
    Balance,
    EntryCard,
    Flow,
    HoldKey,
    Statement,
    TransferCard,
    TransferKind,
    WayStep,
)

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_FED_SHOWN = 20
_SOURCES = (AccountKind.BUDGET, AccountKind.POOL, AccountKind.FUNDER)
_MOST_LEVELS = 8


def rows_of(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of one of the ledger's statements."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.ledger.sql", name).text, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def account_card(account: models.Account) -> AccountCard:
    row = account.balance
    return AccountCard(
        code=account.code,
        kind=AccountKind(account.kind),
        region_path=account.region_path,
        owner_key=account.owner_key,
        opened_at=account.opened_at,
        balance=Balance(
            row.debits_pending_fen, row.debits_posted_fen, row.credits_pending_fen,
            row.credits_posted_fen, row.credit_limit_fen,
        ),
    )  # fmt: skip


def balance_at(account_id: int, at: datetime) -> Balance:
    """The totals right after everything up to and including an instant."""
    until = at + timedelta(microseconds=1)
    totals = rows_of("statement_totals", account_id=account_id, from_at=BEGINNING, until_at=until)[
        0
    ]
    return Balance(*totals[4:8])


def statement(
    account: models.Account,
    from_at: datetime | None,
    until_at: datetime,
    *,
    page: int,
    size: int,
) -> Statement:
    """One page of a period, with the account's totals before it, after it and at every entry."""
    period = {
        "account_id": account.id,
        "from_at": from_at or BEGINNING,
        "until_at": until_at,
    }
    totals = rows_of("statement_totals", **period)[0]
    opening, closing = Balance(*totals[:4]), Balance(*totals[4:8])
    lines = rows_of("statement_entries", **period, limit=size, offset=(page - 1) * size)
    return Statement(
        account=account_card(account),
        from_at=from_at,
        until_at=until_at,
        opening=opening,
        closing=closing,
        entries=tuple(_entry(line, opening) for line in lines),
        page=page,
        total=totals[8],
        size=size,
    )


def _entry(line: Sequence[Any], opening: Balance) -> EntryCard:
    return EntryCard(
        transfer_id=line[0],
        kind=TransferKind(line[1]),
        key=HoldKey(*line[2:5]),
        counter_code=line[5],
        is_debit=line[6],
        amount_fen=line[7],
        reason=line[8],
        made_at=line[9],
        expires_at=line[10],
        after=rules.add(opening, Balance(*line[11:15])),
    )


def flows(codes: Iterable[str]) -> list[Flow]:
    return [Flow(*row) for row in rows_of("flows", codes=sorted(codes))]


def transfer_cards(pks: Iterable[int]) -> list[TransferCard]:
    """Transfers as they stand, in the order they were made; resolutions are part of their own."""
    rows = (
        models.Transfer.objects.filter(pk__in=list(pks), pending=None)
        .select_related("debit", "credit")
        .prefetch_related("resolutions")
        .order_by("id")
    )
    return [transfer_card(row) for row in rows]


_STATES = {
    TransferKind.POST_PENDING: "posted",
    TransferKind.VOID_PENDING: "voided",
    TransferKind.EXPIRED: "expired",
}


def transfer_card(row: models.Transfer) -> TransferCard:
    resolution = next(iter(row.resolutions.all()), None)
    state = "pending" if row.kind == TransferKind.PENDING else "posted"
    if resolution is not None:
        state = _STATES[TransferKind(resolution.kind)]
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
        held_fen=row.amount_fen if row.kind == TransferKind.PENDING else 0,
    )


def way_up(codes: Iterable[str], until_at: datetime) -> tuple[WayStep, ...]:
    """The accounts that paid, what fed them until then, and so on up to the source.

    Money in an account is one heap: the way names everything that went into it, not one note.
    """
    steps: list[WayStep] = []
    seen: set[str] = set()
    wave, level = sorted(set(codes)), 0
    while wave and level < _MOST_LEVELS:
        accounts = models.Account.objects.filter(code__in=wave).select_related("balance")
        cards = [account_card(account) for account in accounts.order_by("code")]
        made = [_way_step(card, level, until_at) for card in cards]
        steps += made
        seen |= set(wave)
        wave = sorted({one.debit for step in made for one in step.fed_by} - seen)
        level += 1
    return tuple(steps)


def _way_step(card: AccountCard, level: int, until_at: datetime) -> WayStep:
    if card.kind not in _SOURCES:
        return WayStep(card, level, (), 0, 0)
    fed = rows_of("fed_by", code=card.code, until_at=until_at, limit=_FED_SHOWN)
    count, total = (fed[0][1], fed[0][2]) if fed else (0, 0)
    return WayStep(card, level, tuple(transfer_cards(row[0] for row in fed)), count, total)
