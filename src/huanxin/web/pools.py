"""What is open now, for everyone: releases with what is left and when the next one opens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from huanxin.kernel import clock
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import PoolCard
from huanxin.web import values

SHOWN = 12


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A release as a line of the list: its state, what is left of how many, and what comes next."""

    id: UUID
    title: str
    state: str
    left: int
    quantity: int
    words: str


def open_pools(*, region_path: str | None = None) -> list[PoolLine]:
    """Releases that are open or announced: the open first, then the next to open."""
    now = clock.now()
    lines = [
        pool_line(pool, now) for pool in vouchers.list_open_pools(now=now, region_path=region_path)
    ]
    order = {"open": 0, "soon": 1, "sold_out": 2}
    return sorted(lines, key=lambda line: order[line.state])[:SHOWN]


def pool_line(pool: PoolCard, now: datetime) -> PoolLine:
    """One release as everyone may see it at an instant."""
    if pool.opens_at > now:
        state, words = "soon", _("%s 开放") % values.day_time(pool.opens_at)
    elif pool.closes_at <= now:
        state, words = "closed", _("%s 已结束") % values.day_time(pool.closes_at)
    elif pool.remaining <= 0:
        state, words = "sold_out", _("%s 结束") % values.day_time(pool.closes_at)
    else:
        state, words = "open", values.remaining(pool.closes_at)
    return PoolLine(pool.id, pool.title, state, pool.remaining, pool.quantity, words)
