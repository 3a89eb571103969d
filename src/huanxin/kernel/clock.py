"""The platform's time: the machine's clock plus an offset row that every process reads.

The demo lives on a day on which shipped rules are in force; the twin replays a season by
standing still at chosen moments. Nothing else in the code may ask the machine for the time.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

SHANGHAI = ZoneInfo("Asia/Shanghai")
_REREAD_SECONDS = 5.0

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)
_cached: dict[str, float] = {"offset_ms": 0.0, "read": float("-inf")}


def now() -> datetime:
    """The current instant, aware, in UTC."""
    if standing := _standing.get():
        return standing
    return datetime.fromtimestamp(time.time(), UTC) + timedelta(milliseconds=_offset_ms())


def refresh() -> datetime:
    """now(), with the offset read afresh."""
    _cached["read"] = float("-inf")
    return now()


def glance() -> datetime:
    """The current instant by the offset as it was last read here: touches no database.

    For code that must not wait, in a process where something else refreshes it every few seconds.
    """
    standing = _standing.get()
    return standing or datetime.fromtimestamp(time.time() + _cached["offset_ms"] / 1000, UTC)


def today() -> date:
    """The current business day (Asia/Shanghai)."""
    return business_day(now())


def business_day(at: datetime) -> date:
    """The day a citizen would write on the form at that instant.

    >>> business_day(datetime(2026, 6, 30, 16, 5, tzinfo=UTC))
    datetime.date(2026, 7, 1)
    """
    return at.astimezone(SHANGHAI).date()


def moment(on: date, hour: int = 0, minute: int = 0) -> datetime:
    """An instant of a business day, given in Shanghai's clock time.

    >>> moment(date(2026, 7, 1), 9).isoformat()
    '2026-07-01T01:00:00+00:00'
    """
    local = datetime(on.year, on.month, on.day, hour, minute, tzinfo=SHANGHAI)
    return local.astimezone(UTC)


@contextmanager
def standing_at(at: datetime) -> Iterator[None]:
    """Hold this process's clock at an instant: replays and tests."""
    assert at.tzinfo is not None, "an instant needs its zone"
    token = _standing.set(at)
    try:
        yield
    finally:
        _standing.reset(token)


def set_clock(at: datetime) -> None:
    """Move the platform's clock so that it reads `at` now and runs on from there."""
    offset_ms = int((at - datetime.fromtimestamp(time.time(), UTC)).total_seconds() * 1000)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_clockoffset (id, offset_ms) VALUES (1, %s)"
            " ON CONFLICT (id) DO UPDATE SET offset_ms = excluded.offset_ms",
            [offset_ms],
        )
    _cached["read"] = float("-inf")


def _offset_ms() -> float:
    if time.monotonic() - _cached["read"] > _REREAD_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT offset_ms FROM kernel_clockoffset WHERE id = 1")
            row = cursor.fetchone()
        _cached.update(offset_ms=row[0] if row else 0, read=time.monotonic())
    return _cached["offset_ms"]
