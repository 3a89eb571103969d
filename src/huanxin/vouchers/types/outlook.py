"""How long a pool will last."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """How long a pool's places last at the pace of a stated window, and how sure that is.

    `empty_at` is None if they outlast the pool or nothing was claimed; `soonest_at` and
    `latest_at` bound it by twice the spread of that many chance arrivals.
    """

    window_minutes: int
    taken: int
    empty_at: datetime | None
    soonest_at: datetime | None
    latest_at: datetime | None
