"""What is open now, for everyone: releases with what is left and when the next one opens."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from huanxin.kernel import clock
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import LotteryCard, PoolCard, ReleaseMode
from huanxin.web import values

SHOWN = 12
_ORDER = ("open", "registering", "between", "soon", "registered", "listed", "drawn", "sold_out",
          "closed")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A release as a line of the list: its state, what is left of how many, and what comes next.

    `changes_at` is when its state changes by the clock alone, if that lies ahead.
    """

    id: UUID
    title: str
    state: str
    left: int
    quantity: int
    words: str
    is_drawn: bool = False
    region_code: str = ""
    changes_at: datetime | None = None


def open_pools(*, region_path: str | None = None) -> list[PoolLine]:
    """Releases that are open or announced: the open first, then the next to open."""
    now = clock.now()
    cards = vouchers.list_open_pools(now=now, region_path=region_path)
    return as_lines(cards, now)[:SHOWN]


def as_lines(cards: Iterable[PoolCard], now: datetime) -> list[PoolLine]:
    """Lines of releases, the open first."""
    found = list(cards)
    drawn = [card.id for card in found if card.mode is ReleaseMode.LOTTERY]
    lotteries = vouchers.lotteries_of(drawn)
    lines = [pool_line(card, now, lotteries.get(card.id)) for card in found]
    return sorted(lines, key=lambda line: _ORDER.index(line.state))


def lottery_of(card: PoolCard) -> LotteryCard | None:
    """How a release is drawn, if it is."""
    return vouchers.find_lottery(card.id) if card.mode is ReleaseMode.LOTTERY else None


def state_of(pool: PoolCard, now: datetime, lottery: LotteryCard | None = None) -> str:
    """The state a pill shows."""
    if pool.closes_at <= now:
        return "closed"
    if pool.opens_at > now:
        return "soon"
    if lottery is not None:
        return _lottery_state(lottery, now)
    if pool.remaining <= 0:
        return "sold_out"
    return "open" if pool.places_open_at(now) else "between"


def _lottery_state(lottery: LotteryCard, now: datetime) -> str:
    if lottery.drawn_at is not None:
        return "drawn"
    if lottery.listed_at is not None:
        return "listed"
    return "registering" if now < lottery.registers_until else "registered"


def pool_line(pool: PoolCard, now: datetime, lottery: LotteryCard | None = None) -> PoolLine:
    """One release as everyone may see it at an instant."""
    state = state_of(pool, now, lottery)
    changes_at = _changes_at(pool, state, now, lottery)
    left = pool.places_open_at(now) if lottery is None else pool.remaining
    if state == "soon":
        words = _("%s 开放") if lottery is None else _("%s 开始登记")
        left, words = pool.remaining, words % values.day_time(pool.opens_at)
    elif state == "closed":
        words = _("%s 已结束") % values.day_time(pool.closes_at)
    elif state == "between" and changes_at:
        words = _("下一批 %s 开放") % values.day_time(changes_at)
    elif state == "sold_out":
        words = _("%s 结束") % values.day_time(pool.closes_at)
    elif lottery is not None:
        words = _lottery_words(lottery, state)
    else:
        words = values.remaining(pool.closes_at)
    return PoolLine(
        pool.id, pool.title, state, left, pool.quantity, words, lottery is not None,
        pool.region_code, changes_at,
    )  # fmt: skip


def _lottery_words(lottery: LotteryCard, state: str) -> str:
    if state == "registering":
        return _("登记到 %s") % values.day_time(lottery.registers_until)
    if state == "drawn" and lottery.drawn_at:
        return _("%s 开奖") % values.day_time(lottery.drawn_at)
    return _("定于 %s 开奖") % values.day_time(lottery.draws_at)


def _changes_at(
    pool: PoolCard, state: str, now: datetime, lottery: LotteryCard | None
) -> datetime | None:
    """When the clock alone changes what a page says."""
    if state == "soon":
        return pool.opens_at
    if state == "registering" and lottery:
        return lottery.registers_until
    stage = pool.next_stage(now)
    if state in {"open", "between"} and stage:
        return stage.opens_at
    return pool.closes_at if state != "closed" else None
