"""The parts as tags: each draws one template of components/ from one value of web.parts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import segno
from django import template
from django.forms import BoundField
from django.template import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from huanxin.kernel import clock, ids, money
from huanxin.web import parts, spoken, values

register = template.Library()

register.filter("yuan", money.yuan)
register.filter("wan_yuan", values.wan_yuan)
register.filter("percent", values.percent)
register.filter("remaining", values.remaining)
register.filter("duration", values.duration)
register.filter("hours", lambda count: values.duration(timedelta(hours=count)))
register.filter("spoken", lambda text: spoken.speak(str(text)))


@register.filter(name="day_time")
def day_time(at: datetime) -> SafeString:
    return values.time_html(at)


@register.filter(name="day")
def day(on: date) -> str:
    return values.day(on)


@register.filter(name="local_day")
def local_day(at: datetime) -> str:
    return values.day(clock.business_day(at))


@register.simple_tag(name="money")
def money_tag(amount_fen: int, size: str = "") -> SafeString:
    return values.money_html(amount_fen, size)


@register.simple_tag(name="wan")
def wan(amount_fen: int) -> SafeString:
    return values.wan_html(amount_fen)


@register.simple_tag
def value(kind: str, shown: object) -> str:
    return values.render_value(kind, shown)


@register.simple_tag
def pill(family: str, state: str) -> SafeString:
    return values.pill_html(family, state)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    return values.icon_html(name, size)


@register.simple_tag
def new_request_id() -> UUID:
    """The client-made id of a form that changes something; a resent form carries it again."""
    return ids.new_id()


@register.filter
def net(given_fen: int, returned_fen: int) -> int:
    """What was given and did not come back."""
    return given_fen - returned_fen


@register.simple_tag
def meter(part: int, whole: int, label: str, tone: str = "") -> SafeString:
    """A bar of the share part/whole. Drawn as SVG: the page's policy forbids style attributes."""
    share = max(0, min(1000, part * 1000 // whole)) if whole else 0
    return format_html(
        '<svg class="meter {}" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><rect width="{}" height="8"></rect></svg>',
        tone, label, share,
    )  # fmt: skip


@register.simple_tag
def spark(trend: Sequence[int]) -> SafeString | str:
    """A line of the last periods, without axes; fewer than two points draw nothing."""
    if len(trend) < 2:
        return ""
    low, high = min(trend), max(trend)
    span = (high - low) or 1
    last = len(trend) - 1
    points = " ".join(
        f"{i * 100 // last},{30 - (y - low) * 28 // span}" for i, y in enumerate(trend)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true">'
        '<line x1="0" y1="31" x2="100" y2="31"></line><polyline points="{}"></polyline></svg>',
        points,
    )


@register.simple_tag
def qr(text: str) -> SafeString:
    """A QR code as SVG, error level M, with the quiet zone scanners ask for."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        svgclass="qr", lineclass=None, omitsize=True, border=4, scale=8
    )
    return mark_safe(drawn)  # noqa: S308 - segno draws modules; the text is not echoed


@register.inclusion_tag("components/timeline.html")
def timeline(steps: Sequence[parts.Step]) -> dict[str, Any]:
    return {"steps": steps}


@register.inclusion_tag("components/reason.html", takes_context=True)
def reason(context: RequestContext, reason: parts.Reason) -> dict[str, Any]:
    """原因 · 依据 · 怎么办. The code is for who handles cases, not for whom it concerns."""
    is_staff = "shell" in context and context["shell"].is_staff
    return {"reason": reason, "shows_code": bool(reason.code) and is_staff}


@register.inclusion_tag("components/facts.html")
def facts(rows: Sequence[parts.Fact]) -> dict[str, Any]:
    return {"rows": rows}


@register.inclusion_tag("components/empty.html")
def empty_state(empty: parts.Empty) -> dict[str, Any]:
    return {"empty": empty}


@register.inclusion_tag("components/as_of.html")
def as_of(at: datetime) -> dict[str, Any]:
    """When the figures were true; stale when the platform's clock has run on without them."""
    return {"at": at, "is_stale": values.is_stale(at)}


@register.inclusion_tag("components/tile.html")
def tile(tile: parts.Tile) -> dict[str, Any]:
    figure, unit = str(values.render_value(tile.kind, tile.value)), tile.unit
    if tile.kind == "wan" and isinstance(tile.value, int):
        figure, unit = values.wan_yuan_parts(tile.value)
    exact = money.yuan(tile.value) if tile.kind == "wan" and isinstance(tile.value, int) else ""
    return {"tile": tile, "figure": figure, "unit": unit, "exact": exact}


@register.inclusion_tag("components/data_table.html", takes_context=True)
def data_table(context: RequestContext, table: parts.Table) -> dict[str, Any]:
    heads = [_head(table, column) for column in table.columns]
    rows = [(row, _cells(table, row.values)) for row in table.rows]
    return {
        "request": context["request"],
        "table": table,
        "heads": heads,
        "rows": rows,
    }


@register.inclusion_tag("components/table_totals.html")
def table_totals(table: parts.Table) -> dict[str, Any]:
    """The row of a table's foot."""
    return {"totals": _cells(table, table.totals)}


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(
    context: RequestContext, filters: Sequence[parts.Filter], target: str = ""
) -> dict[str, Any]:
    """A GET form; with script, changes swap the element `target` and move the address."""
    return {"request": context["request"], "filters": filters, "target": target}


@register.inclusion_tag("components/chart.html", takes_context=True)
def chart(context: RequestContext, chart: parts.Chart) -> dict[str, Any]:
    data_id, bars = f"{chart.id}-option", [] if chart.option else _bars(chart)
    return {"request": context["request"], "chart": chart, "data_id": data_id, "bars": bars}


@register.inclusion_tag("components/map.html")
def map_panel(map: parts.Map) -> dict[str, Any]:
    return {"map": map}


@register.inclusion_tag("components/evidence.html")
def evidence_viewer(evidence: parts.Evidence) -> dict[str, Any]:
    tag = max(24, evidence.width // 22)
    return {
        "evidence": evidence,
        "readings": [(n, r, _tag_place(r, tag)) for n, r in enumerate(evidence.readings, 1)],
        "tag": tag,
        "tag_font": tag * 2 // 3,
    }


@register.inclusion_tag("components/readings.html")
def readings_list(evidence: parts.Evidence) -> dict[str, Any]:
    return {"readings": [(n, r, None) for n, r in enumerate(evidence.readings, 1)]}


@register.inclusion_tag("components/code_card.html")
def code_card(card: parts.CodeCard) -> dict[str, Any]:
    return {"card": card, "seconds": max(0, int((card.until - clock.now()).total_seconds()))}


@register.inclusion_tag("components/steps.html")
def step_bar(names: Sequence[str], current: int) -> dict[str, Any]:
    """Where one is in a form of several pages; `current` counts from 1."""
    return {"steps": list(enumerate(names, 1)), "current": current, "count": len(names)}


@register.inclusion_tag("components/field.html")
def field(field: BoundField) -> dict[str, Any]:
    return {"field": field}


@register.inclusion_tag("components/file_drop.html")
def file_drop(
    field: BoundField, results: Sequence[parts.FileResult] = (), hint: str = ""
) -> dict[str, Any]:
    return {"field": field, "results": results, "hint": hint}


@register.inclusion_tag("components/masked.html", takes_context=True)
def masked(context: RequestContext, text: str, reveal_url: str = "") -> dict[str, Any]:
    """A masked value; with a reveal_url a look at it in full, for a stated reason, on record."""
    return {"csrf_token": context.get("csrf_token"), "text": text, "reveal_url": reveal_url}


@register.simple_tag
def stand_in(what: str) -> SafeString:
    """The mark on every result of a local stand-in for the outside world."""
    return format_html('<span class="stand-in">{}</span>', what)


def _head(table: parts.Table, column: parts.Column) -> dict[str, Any]:
    falling, rising = table.sort == f"-{column.key}", table.sort == column.key
    return {
        "column": column,
        "is_number": column.kind in values.FIGURES,
        "sort": "ascending" if rising else "descending" if falling else "",
        "next_sort": column.key if falling else f"-{column.key}",
    }


def _cells(table: parts.Table, row: Any) -> list[dict[str, Any]]:
    return [
        {
            "title": column.title,
            "is_number": column.kind in values.FIGURES,
            "html": values.render_value(column.kind, row.get(column.key)),
            "is_empty": row.get(column.key) in (None, ""),
        }
        for column in table.columns
    ]


def _bars(chart: parts.Chart) -> list[dict[str, Any]]:
    kind = next(c.kind for c in chart.table.columns if c.key == chart.figure_key)
    figures = [
        (row.values[chart.name_key], row.values[chart.figure_key]) for row in chart.table.rows
    ]
    top = max((figure for _, figure in figures if isinstance(figure, int)), default=0)
    return [
        {"name": name, "figure": figure, "top": top, "shown": values.render_value(kind, figure)}
        for name, figure in figures
    ]


def _tag_place(reading: parts.Reading, tag: int) -> dict[str, int] | None:
    """The numbered tag stands left of the box, or in its corner at the picture's edge."""
    if reading.box is None:
        return None
    x, y, width, height = reading.box
    left = x - tag if x >= tag else x
    return {
        "x": x, "y": y, "width": width, "height": height, "tag_x": left,
        "text_x": left + tag // 2, "text_y": y + tag * 3 // 4,
    }  # fmt: skip
