"""A pool's burn-down, drawn and as a table: places left over time, and how long they last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import BurnPoint, PoolCard
from huanxin.vouchers.types.outlook import Outlook
from huanxin.web import values
from huanxin.web.parts import Column, Row, Table

WIDTH, HEIGHT = 720, 220


@dataclass(frozen=True, slots=True)
class Burn:
    """Lines as points of a picture WIDTH by HEIGHT; `ahead` is the forecast, `band` its spread."""

    left: str
    used: str
    ahead: str
    band: str
    now_x: int
    first: datetime
    last: datetime
    sentence: str
    how: str
    table: Table


def burn_of(card: PoolCard, now: datetime) -> Burn:
    """What the pool's page draws."""
    points = vouchers.burn_down(card.id, now=now)
    ahead = vouchers.outlook_of(card, now=now)
    last = min(card.closes_at, max([now, *_bounds(ahead)]) + timedelta(minutes=1))
    scale = _Scale(card.opens_at, max(last, card.opens_at + timedelta(minutes=1)), card.quantity)
    until = min(max(now, card.opens_at), card.closes_at)
    left = [(card.opens_at, card.quantity)]
    left += [(point.at, card.quantity - point.claimed + point.lapsed) for point in points]
    left.append((until, card.remaining))
    used = [(card.opens_at, 0), *((point.at, point.used) for point in points)]
    return Burn(
        left=scale.line(left),
        used=scale.line([*used, (until, used[-1][1])]),
        ahead=scale.line([(until, card.remaining), (ahead.empty_at, 0)]) if ahead.empty_at else "",
        band=_band(scale, until, card.remaining, ahead, last),
        now_x=scale.x(until),
        first=card.opens_at,
        last=last,
        sentence=_sentence(card, ahead, now),
        how=_how(ahead),
        table=_table(points, card),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: datetime
    last: datetime
    top: int

    def x(self, at: datetime) -> int:
        return round(WIDTH * (min(at, self.last) - self.first) / (self.last - self.first))

    def y(self, count: int) -> int:
        return HEIGHT - round(HEIGHT * max(0, count) / max(1, self.top))

    def line(self, points: Sequence[tuple[datetime, int]]) -> str:
        return " ".join(f"{self.x(at)},{self.y(count)}" for at, count in points)


def _bounds(ahead: Outlook) -> list[datetime]:
    return [at for at in (ahead.empty_at, ahead.latest_at) if at]


def _band(scale: _Scale, now: datetime, left: int, ahead: Outlook, last: datetime) -> str:
    """The triangle between the soonest and the latest moment."""
    if not ahead.soonest_at or not left:
        return ""
    return scale.line([(now, left), (ahead.soonest_at, 0), (ahead.latest_at or last, 0)])


def _sentence(card: PoolCard, ahead: Outlook, now: datetime) -> str:
    if now < card.opens_at:
        return _("还没有开放。")
    if now >= card.closes_at:
        return _("已结束，剩余 %s 份。") % f"{card.remaining:,}"
    if not card.remaining:
        return _("已领完。")
    if ahead.taken <= 0:
        return _("近 %s 分钟没有净领取，暂不预测。") % f"{ahead.window_minutes:,}"
    if ahead.empty_at is None:
        return _("按近期速度，到结束时领不完。")
    said = _("按近期速度，预计 %s 领完") % values.day_time(ahead.empty_at)
    if ahead.soonest_at is None:
        return said + "。"
    late = values.day_time(ahead.latest_at) if ahead.latest_at else _("结束时仍领不完")
    spread = _("最早 %(a)s，最晚 %(b)s") % {"a": values.day_time(ahead.soonest_at), "b": late}
    return f"{said}（{spread}）。"


def _how(ahead: Outlook) -> str:
    return _(
        "算法：取最近 %(m)s 分钟净领取的 %(n)s 份（领取减去过期退回）为速度，直线外推到剩余为零；"
        "前后范围取这一段随机到达的两倍标准差（2√%(n)s）。没有用到别的数据。"
    ) % {"m": f"{ahead.window_minutes:,}", "n": f"{max(0, ahead.taken):,}"}


def _table(points: Sequence[BurnPoint], card: PoolCard) -> Table:
    columns = (
        Column("at", _("截至"), "time"),
        Column("claimed", _("累计领取"), "count"),
        Column("used", _("累计使用"), "count"),
        Column("lapsed", _("累计过期退回"), "count"),
        Column("left", _("剩余"), "count"),
    )
    rows = [
        Row(
            {
                "at": point.at, "claimed": point.claimed, "used": point.used,
                "lapsed": point.lapsed, "left": card.quantity - point.claimed + point.lapsed,
            }
        )
        for point in points
    ]  # fmt: skip
    return Table("burn", _("名额消耗"), columns, rows, total_count=len(rows), can_export=True)
