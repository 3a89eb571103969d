"""When a pool's places run out: its recent pace carried on in a straight line. Pure."""

from datetime import datetime, timedelta
from math import isqrt

from huanxin.vouchers.types.outlook import Outlook

_STEPS = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)]
MOST_POINTS = 80
_WINDOWS = 6  # the pace is that of the last sixth of the time so far, at least ten minutes of it
_LEAST = timedelta(minutes=10)


def step_of(span: timedelta) -> timedelta:
    """The shortest step that shows a span in at most 80 points; a day at most.

    >>> step_of(timedelta(hours=1)), step_of(timedelta(days=2)).total_seconds()
    (datetime.timedelta(seconds=60), 3600.0)
    """
    return next((step for step in _STEPS if span / step <= MOST_POINTS), _STEPS[-1])


def window_of(opens_at: datetime, now: datetime) -> timedelta:
    """How far back the pace is measured."""
    so_far = max(now - opens_at, timedelta(minutes=1))
    return min(so_far, max(_LEAST, so_far / _WINDOWS))


def outlook(
    *, left: int, taken: int, window: timedelta, now: datetime, closes_at: datetime
) -> Outlook:
    """Carry `taken` places a window on until `left` are gone.

    Arrivals by chance in such a window scatter by their square root: twice that on either side
    gives the soonest and the latest moment. A moment after the pool's end is none.

    >>> at = datetime(2026, 9, 1, 10)
    >>> o = outlook(left=100, taken=100, window=timedelta(hours=1), now=at,
    ...             closes_at=datetime(2026, 9, 2))
    >>> o.empty_at.isoformat(), o.soonest_at.isoformat(), o.latest_at.isoformat()
    ('2026-09-01T11:00:00', '2026-09-01T10:50:00', '2026-09-01T11:15:00')
    """
    spread = 2 * isqrt(max(0, taken))

    def when(pace: int) -> datetime | None:
        if pace <= 0 or left * window.total_seconds() / pace > 1e9:
            return None
        at = now + window * left / pace
        return at if at < closes_at else None

    return Outlook(
        window_minutes=int(window.total_seconds() // 60),
        taken=taken,
        empty_at=when(taken),
        soonest_at=when(taken + spread),
        latest_at=when(taken - spread),
    )
