"""How a month is shut: balances from the transfers, sealed in a chain of digests."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection

from huanxin.kernel import clock
from huanxin.ledger import _statements, models
from huanxin.ledger.types import Balance, ClosingCard


def month_of(on: date) -> tuple[date, date]:
    """The first day of a month and of the next.

    >>> month_of(date(2026, 12, 5))
    (datetime.date(2026, 12, 1), datetime.date(2027, 1, 1))
    """
    first = on.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def shut_out_writers() -> None:
    """Wait for transfers under way and keep new ones out until this transaction ends.

    Else one dated before midnight could commit after the balances were taken.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE ledger_transfer IN SHARE MODE")


def balances_at(until_on: date) -> list[tuple[str, Balance]]:
    """Every account's totals at the end of the day before, by code."""
    rows = _statements.rows_of("closing_balances", until_at=clock.moment(until_on))
    return [(row[0], Balance(*row[1:])) for row in rows]


def digest(previous: str, month_on: date, balances: Iterable[tuple[str, Balance]]) -> str:
    """SHA-256 over the previous digest, the month and every account's four totals in code order."""
    made = hashlib.sha256(f"{previous}\n{month_on:%Y-%m}\n".encode())
    for code, held in balances:
        made.update(
            f"{code}|{held.debits_pending_fen}|{held.debits_posted_fen}"
            f"|{held.credits_pending_fen}|{held.credits_posted_fen}\n".encode()
        )
    return made.hexdigest()


def card(row: models.Closing) -> ClosingCard:
    return ClosingCard(
        id=row.pk, month_on=row.month_on, until_on=row.until_on,
        account_count=row.account_count, transfer_count=row.transfer_count,
        previous_digest=row.previous_digest, digest=row.digest, closed_by=row.closed_by,
        closed_at=row.closed_at, reopening_reason=row.reopening_reason, asked_by=row.asked_by,
        asked_at=row.asked_at, approved_by=row.approved_by, reopened_at=row.reopened_at,
    )  # fmt: skip
