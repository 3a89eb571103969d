"""How a value is written on a wall: figure, unit, and the exact value for whoever looks closer."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from huanxin.indicators.types import Unit
from huanxin.kernel.money import yuan
from huanxin.kernel.speech import is_chinese, said

_BLANK = "—"
_WAN, _YI = 10_000, 100_000_000
_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A value as a wall shows it, its unit, and the exact value for whoever looks closer."""

    text: str
    unit: str
    exact: str


def figure(value: int | None, unit: Unit) -> Figure:
    """How a value is written: large money in 万元 or 亿元, durations in words.

    >>> figure(304_000_000_000, Unit.FEN)
    Figure(text='30.40', unit='亿元', exact='¥3,040,000,000.00')
    >>> figure(74085, Unit.FEN).text, figure(74085, Unit.FEN).unit
    ('740.85', '元')
    >>> figure(None, Unit.SECONDS).text
    '—'
    """
    if value is None:
        return Figure(_BLANK, "", said("本期没有可计算的记录"))
    return _WRITERS[unit](value)


def words(value: int | None, unit: Unit) -> str:
    """A value with its unit, as labels write it.

    >>> words(834, Unit.UNITS), words(None, Unit.FEN)
    ('834台', '—')
    """
    shown = figure(value, unit)
    return _joined(shown.text, shown.unit)


def _joined(figure: str, unit: str) -> str:
    return f"{figure}{unit}" if is_chinese() or unit in {"", "%"} else f"{figure} {unit}"


def _money(fen: int) -> Figure:
    exact, size = yuan(fen), abs(fen)
    if size < _WAN * 100:
        return Figure(exact.replace("¥", ""), said("元"), exact)
    for per, until, unit in _STEPS if is_chinese() else _THOUSANDS:
        if _rounded(size, per) < until * 100:
            return Figure(_hundredths(fen, per), unit, exact)
    raise AssertionError("the last step has no end")


_STEPS = ((_WAN, _WAN, "万元"), (_YI, math.inf, "亿元"))
_THOUSANDS = (
    (1000, 1000, "k yuan"), (1_000_000, 1000, "m yuan"), (1_000_000_000, math.inf, "bn yuan"),
)  # fmt: skip


def _hundredths(value: int, per: int) -> str:
    """Value in units of 100 * per, two decimals, half away from zero."""
    sign, hundredths = "-" if value < 0 else "", _rounded(abs(value), per)
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}"


def _rounded(size: int, per: int) -> int:
    return (2 * size + per) // (2 * per)


def _count(word: str) -> Callable[[int], Figure]:
    def write(value: int) -> Figure:
        unit = said(word)
        exact = _joined(f"{value:,}", unit)
        if value < 100 * _WAN:
            return Figure(f"{value:,}", unit, exact)
        if is_chinese():
            return Figure(_hundredths(value, _WAN // 100), f"万{unit}", exact)
        return Figure(_hundredths(value, _WAN), f"m {unit}", exact)

    return write


def _duration(seconds: int) -> Figure:
    """The two largest units; more would be noise on a wall.

    >>> [words(n, Unit.SECONDS) for n in (45, 60, 125, 7300, 7200, 200_000, 259_200)]
    ['45秒', '1分钟', '2分5秒', '2小时1分', '2小时', '2天7小时', '3天']
    """
    exact = _joined(f"{seconds:,}", said("秒"))
    for whole, name, part, rest in _TIME_UNITS:
        if seconds >= whole:
            count, left = seconds // whole, seconds % whole // part
            full = _time_word(name)
            if left == 0:
                return Figure(str(count), full, exact)
            between = name if is_chinese() else f" {full} "
            return Figure(
                f"{count}{between}{left}", rest if is_chinese() else _time_word(rest), exact
            )
    return Figure(str(seconds), said("秒"), exact)


def _time_word(name: str) -> str:
    """分 alone is a hundredth of a 元 elsewhere."""
    return said("分钟" if name == "分" else name)


_TIME_UNITS = ((86_400, "天", 3600, "小时"), (3600, "小时", 60, "分"), (60, "分", 1, "秒"))


def _mass(grams: int) -> Figure:
    kilograms = said("公斤")
    exact = _joined(f"{grams // 1000:,}.{grams % 1000:03d}", kilograms)
    if grams >= 1_000_000:
        return Figure(_hundredths(grams, 10_000), said("吨"), exact)
    return Figure(f"{grams // 1000:,}.{grams % 1000 // 100}", kilograms, exact)


def _percent(bps: int) -> Figure:
    tenths = _rounded(bps, 10)
    return Figure(f"{tenths // 10}.{tenths % 10}", "%", f"{bps // 100}.{bps % 100:02d}%")


def _times(bps: int) -> Figure:
    times = said("倍")
    exact = _joined(f"{bps // _BPS}.{bps % _BPS:04d}", times)
    return Figure(_hundredths(bps, 100), times, exact)


_WRITERS: dict[Unit, Callable[[int], Figure]] = {
    Unit.FEN: _money,
    Unit.UNITS: _count("台"),
    Unit.VOUCHERS: _count("张"),
    Unit.ORDERS: _count("单"),
    Unit.STOPS: _count("次"),
    Unit.PEOPLE: _count("人"),
    Unit.SECONDS: _duration,
    Unit.GRAMS: _mass,
    Unit.SHARE_BPS: _percent,
    Unit.TIMES_BPS: _times,
}


def change_words(now: int | None, before: int | None, unit: Unit) -> str:
    """How a value stands against the period before; shares differ by points, not by per cent.

    >>> change_words(120, 100, Unit.UNITS), change_words(6500, 7000, Unit.SHARE_BPS)
    ('较上期 +20.0%', '较上期 −5.0个百分点')
    >>> [change_words(5, before, Unit.FEN) for before in (5, 0, None)]
    ['与上期持平', '上期为零', '上期无记录']
    """
    if now is None or before is None:
        return said("上期无记录")
    if now == before:
        return said("与上期持平")
    sign, gap = ("+" if now > before else "−"), abs(now - before)
    if unit is Unit.SHARE_BPS:
        return said("较上期 {change}个百分点", change=f"{sign}{gap // 100}.{gap % 100 // 10}")
    if before == 0:
        return said("上期为零")
    bps = gap * _BPS // abs(before)
    return said("较上期 {change}", change=f"{sign}{bps // 100}.{bps % 100 // 10}%")
