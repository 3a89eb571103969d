"""How a value looks: money, time, counts, shares. One renderer for tiles, tables and lists."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huanxin.kernel import clock, money
from huanxin.web.parts import Link
from huanxin.web.states import state_mark

WAN_FEN = 10_000 * 100
YI_FEN = 100_000_000 * 100
NOTHING = "—"
STALE_AFTER = timedelta(seconds=30)


def wan_yuan_parts(amount_fen: int) -> tuple[str, str]:
    """Figure and unit as a wall shows them: two decimals, half a hundredth away from zero.

    >>> wan_yuan_parts(74085), wan_yuan_parts(123_456_00), wan_yuan_parts(30_40000000_00)
    (('740.85', '元'), ('12.35', '万元'), ('30.40', '亿元'))
    >>> wan_yuan_parts(9_999_999_999)  # rounds up into the next unit's name
    ('1.00', '亿元')
    """
    sign, fen = ("-", -amount_fen) if amount_fen < 0 else ("", amount_fen)
    if fen < WAN_FEN:
        return f"{sign}{fen // 100:,}.{fen % 100:02d}", _("元")
    unit_fen, unit = (WAN_FEN, _("万元"))
    if (hundredths := _hundredths(fen, WAN_FEN)) >= 10_000 * 100:
        unit_fen, unit = (YI_FEN, _("亿元"))
        hundredths = _hundredths(fen, unit_fen)
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}", unit


def wan_yuan(amount_fen: int) -> str:
    """The same as one word.

    >>> wan_yuan(-123_456_00)
    '-12.35万元'
    """
    return "".join(wan_yuan_parts(amount_fen))


def percent(bps: int) -> str:
    """Basis points as people read them.

    >>> percent(1500), percent(6938), percent(-50), percent(10)
    ('15%', '69.38%', '-0.5%', '0.1%')
    """
    sign, whole = ("-", -bps) if bps < 0 else ("", bps)
    decimals = f"{whole % 100:02d}".rstrip("0")
    return f"{sign}{whole // 100}{'.' if decimals else ''}{decimals}%"


def day_time(at: datetime) -> str:
    """11月22日 14:05; another year's moments carry their year."""
    local = timezone.localtime(at, clock.SHANGHAI)
    if local.year != clock.today().year:
        return dateformat.format(local, _("Y年n月j日 H:i"))
    return dateformat.format(local, _("n月j日 H:i"))


def is_stale(at: datetime) -> bool:
    """Whether the platform's clock has run on without what was true at a moment."""
    return clock.now() - at > STALE_AFTER


def full_time(at: datetime) -> str:
    """To the second, for the hover and for exports."""
    return timezone.localtime(at, clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def day(on: date) -> str:
    """11月22日; another year's days carry their year."""
    if on.year != clock.today().year:
        return dateformat.format(on, _("Y年n月j日"))
    return dateformat.format(on, _("n月j日"))


def month_words(first: date) -> str:
    """2026年6月"""
    return f"{first.year}年{first.month}月"


def duration(span: timedelta) -> str:
    """A length of time in the two largest words that fit; the sign is dropped.

    >>> duration(timedelta(days=1, hours=3, minutes=40)), duration(timedelta(minutes=65))
    ('1 天 3 小时', '1 小时 5 分钟')
    >>> duration(timedelta(seconds=40)), duration(timedelta(days=2))
    ('不到 1 分钟', '2 天')
    """
    minutes = int(abs(span).total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        words = [_("%d 天") % days, _("%d 小时") % hours if hours else ""]
    elif hours:
        words = [_("%d 小时") % hours, _("%d 分钟") % minutes if minutes else ""]
    else:
        words = [_("%d 分钟") % minutes if minutes else _("不到 1 分钟")]
    return " ".join(word for word in words if word)


def remaining(until: datetime) -> str:
    """还剩 1 天 3 小时, or 已超时 …."""
    span = until - clock.now()
    words = _("还剩 %s") if span > timedelta(0) else _("已超时 %s")
    return words % duration(span)


def kilograms(mass_g: int) -> str:
    """Grams as people weigh.

    >>> kilograms(62_700), kilograms(1_250_000), kilograms(-5)
    ('62.7 公斤', '1,250 公斤', '-0.005 公斤')
    """
    return _("%s 公斤") % plain_kilograms(mass_g, ",")


def plain_kilograms(mass_g: int, comma: str = "") -> str:
    """The bare figure, for files and for what is typed."""
    sign, (whole, rest) = ("-" if mass_g < 0 else ""), divmod(abs(mass_g), 1000)
    figure = f"{whole:,}".replace(",", comma)
    return sign + f"{figure}.{rest:03d}".rstrip("0").rstrip(".")


def money_html(amount_fen: int, size: str = "") -> SafeString:
    """`<data>` with the exact fen; size is '', 'large' (small decimals) or 'till'."""
    text = money.yuan(amount_fen)
    minus = " minus" if amount_fen < 0 else ""
    if size != "large":
        return format_html(
            '<data class="money {}{}" value="{}">{}</data>', size, minus, amount_fen, text
        )
    whole, cents = text.rsplit(".", 1)
    return format_html(
        '<data class="money large{}" value="{}">{}<small>.{}</small></data>',
        minus, amount_fen, whole, cents,
    )  # fmt: skip


def wan_html(amount_fen: int) -> SafeString:
    """万元 or 亿元, the exact figure on hover and focus."""
    figure, unit = wan_yuan_parts(amount_fen)
    return format_html(
        '<data class="money" value="{}" title="{}">{}<small>{}</small></data>',
        amount_fen, money.yuan(amount_fen), figure, unit,
    )  # fmt: skip


def time_html(at: datetime) -> SafeString:
    """`<time>` with the instant for machines and the seconds on hover."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), full_time(at), day_time(at)
    )


def pill_html(family: str, state: str) -> SafeString:
    """One word, one icon, one colour for a state of a family: 'voucher', 'claim' …."""
    mark = state_mark(family, state)
    return format_html(
        '<span class="pill {}" data-state="{}">{}{}</span>',
        mark.tone, state, icon_html(mark.icon), mark.word,
    )  # fmt: skip


def icon_html(name: str, size: str = "") -> SafeString:
    """A symbol of the sprite, silent for screen readers: the word beside it speaks."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        size, static("huanxin/icons.svg"), name if name in _drawn() else "box",
    )  # fmt: skip


@cache
def _drawn() -> frozenset[str]:
    """The symbols of the sprite; a kind of goods without one of its own is shown as a box."""
    sprite = Path(__file__).parent / "static/huanxin/icons.svg"
    return frozenset(re.findall(r'<symbol id="([a-z_]+)"', sprite.read_text("utf-8")))


def link_html(link: Link) -> str:
    """Words that lead somewhere, or words alone."""
    return format_html('<a href="{}">{}</a>', link.href, link.text) if link.href else link.text


_RENDERERS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "number": lambda v: format_html('<span class="mono nowrap">{}</span>', v),
    "code": lambda v: format_html('<span class="small quiet">{}</span>', v),
    "link": link_html,
    "money": money_html,
    "money_large": lambda v: money_html(v, "large"),
    "wan": wan_html,
    "count": lambda v: f"{v:,}",
    "percent": percent,
    "time": time_html,
    "day": day,
    "duration": duration,
    "mass": kilograms,
}
MONEY = frozenset({"money", "money_large", "wan"})
FIGURES = MONEY | {"count", "percent", "mass"}


def render_value(kind: str, value: object) -> str:
    """Any value by its kind; 'pill:claim' is a state of the family claim. Nothing is a dash.

    >>> render_value("count", 15342), render_value("money", None)
    ('15,342', '—')
    """
    if value is None or value == "":
        return NOTHING
    if kind.startswith("pill:"):
        return pill_html(kind.removeprefix("pill:"), str(value))
    return _RENDERERS[kind](value)


def plain_value(kind: str, value: Any) -> str | int:
    """The same value in a file: yuan as text with two decimals, states as words, full times."""
    if value is None or value == "":
        return ""
    if kind.startswith("pill:"):
        return str(state_mark(kind.removeprefix("pill:"), str(value)).word)
    if kind in MONEY:
        return money.yuan(value).replace("¥", "").replace(",", "")
    if kind in _PLAIN:
        return _PLAIN[kind](value)
    return str(_RENDERERS[kind](value)) if kind in {"percent", "duration"} else str(value)


_PLAIN: dict[str, Callable[[Any], str | int]] = {
    "link": lambda v: str(v.text),
    "count": int,
    "time": full_time,
    "day": lambda v: str(v.isoformat()),
    "mass": plain_kilograms,
}


def _hundredths(fen: int, unit_fen: int) -> int:
    return (fen * 100 + unit_fen // 2) // unit_fen
