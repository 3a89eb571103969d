"""Series in, ECharts option dictionaries out. Pure: no database, no clock, no request.

The page's policy forbids inline script and style, so every text is made here, formatters are
strings, and tooltips are drawn on the canvas (renderMode richText).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from huanxin.dashboards import palette
from huanxin.dashboards.figures import figure, words
from huanxin.dashboards.forecast import Outlook
from huanxin.indicators.types import Metric, Money, Point, Series, Unit, UnitFlow
from huanxin.kernel.speech import is_chinese, said

Option = dict[str, Any]

_TEXT = {"color": palette.TEXT, "fontSize": 18}
_QUIET = {"color": palette.QUIET, "fontSize": 16}
_TOOLTIP: Option = {
    "renderMode": "richText",
    "backgroundColor": palette.GROUND,
    "borderColor": palette.LINE,
    "textStyle": {"color": palette.TEXT, "fontSize": 18},
    "confine": True,
}
_BASE: Option = {"animation": False, "textStyle": {"fontFamily": "inherit"}}


# --- flow --------------------------------------------------------------------------------------

_FATES = {"dismantled": "规范拆解", "reused": "翻新再用", "in_hand": "在途在库"}
_NODES = {  # from left to right, and in each column from top to bottom
    "交旧预约": palette.QUIET,
    "上门回收": palette.FLOW,
    "待上门": palette.LINE,
    "已取消": palette.ALARM,
    "规范拆解": palette.FLOW,
    "翻新再用": palette.SECOND,
    "在途在库": palette.MONEY,
    "已换新": palette.FLOW,
    "暂未换新": palette.QUIET,
}


def sankey(flow: UnitFlow) -> Option:
    """交旧 → 回收 → 拆解 → 换新: every collected unit by its fate and its owner's next purchase."""
    links = flow_links(flow)
    sizes = {node: _through(node, links) for node in _NODES}
    return {
        **_BASE,
        "tooltip": {**_TOOLTIP, "trigger": "item"},
        "series": [{
            "type": "sankey",
            "left": 4, "right": 130, "top": 12, "bottom": 36,
            "nodeWidth": 14, "nodeGap": 56, "draggable": False, "layoutIterations": 0,
            "nodeAlign": "left",
            "emphasis": {"focus": "adjacency"},
            "lineStyle": {"color": "source", "opacity": 0.28, "curveness": 0.5},
            "label": {**_TEXT, "lineHeight": 24},
            "data": [
                {
                    "name": said(name),
                    "itemStyle": {"color": _NODES[name], "borderWidth": 0},
                    "label": {"formatter": f"{said(name)}\n{words(size, Unit.UNITS)}"},
                    "tooltip": {"formatter": f"{said(name)} {words(size, Unit.UNITS)}"},
                }
                for name, size in sizes.items()
                if size
            ],
            "links": [
                {
                    "source": source, "target": target, "value": count,
                    "tooltip": {"formatter": f"{source} → {target} {words(count, Unit.UNITS)}"},
                }
                for source, target, count in [(said(a), said(b), n) for a, b, n in links]
            ],
        }],
    }  # fmt: skip


def _through(node: str, links: Sequence[tuple[str, str, int]]) -> int:
    """What passes a node: what comes in, or for the first one what goes out."""
    into = sum(count for _, target, count in links if target == node)
    return into or sum(count for source, _, count in links if source == node)


def flow_links(flow: UnitFlow) -> list[tuple[str, str, int]]:
    """The flow as (from, to, units), nothing left out but what is nought."""
    links = [
        ("交旧预约", "上门回收", flow.collected_count),
        ("交旧预约", "待上门", flow.waiting_count),
        ("交旧预约", "已取消", flow.cancelled_count),
    ]
    for fate, name in _FATES.items():
        legs = [leg for leg in flow.legs if leg.fate == fate]
        links.append(("上门回收", name, sum(leg.count for leg in legs)))
        links += [(name, "已换新" if leg.has_bought else "暂未换新", leg.count) for leg in legs]
    return [link for link in links if link[2] > 0]


# --- money -------------------------------------------------------------------------------------


def burn_down(money: Money, ahead: Outlook) -> Option:
    """What is left of the year's budget day by day, and where the present pace leads."""
    left, points = money.budget_fen, list[tuple[str, int]]()
    for point in money.claimed.points:
        left -= point.value or 0
        points.append((point.key, left))
    end = date(money.window.to_on.year, 12, 31)
    month = "{M}月" if is_chinese() else "{MMM}"
    return {
        **_BASE,
        "grid": {"left": 84, "right": 24, "top": 24, "bottom": 36},
        "tooltip": {**_TOOLTIP, "trigger": "axis"},
        "xAxis": {
            "type": "time", "min": money.window.from_on.isoformat(), "max": end.isoformat(),
            "axisLabel": {**_QUIET, "formatter": month, "hideOverlap": True},
            "axisLine": {"lineStyle": {"color": palette.LINE}}, "axisTick": {"show": False},
            "splitLine": {"show": False}, "minInterval": 28 * 86_400_000,
        },
        "yAxis": _value_axis(Unit.FEN),
        "series": [
            {
                "name": said("预算余额"), "type": "line", "showSymbol": False, "step": "end",
                "data": [[key, *_yuan(fen)] for key, fen in points],
                "encode": {"x": 0, "y": 1, "tooltip": [2]},
                "lineStyle": {"color": palette.MONEY, "width": 3},
                "itemStyle": {"color": palette.MONEY},
                "areaStyle": {"color": palette.MONEY, "opacity": 0.12},
            },
            {
                "name": said("按近日速度"), "type": "line", "showSymbol": False,
                "data": [[key, *_yuan(fen)] for key, fen in _ahead(money, ahead, end)],
                "encode": {"x": 0, "y": 1, "tooltip": [2]},
                "lineStyle": {"color": palette.MONEY, "width": 2, "type": "dashed"},
                "itemStyle": {"color": palette.MONEY},
            },
        ],
    }  # fmt: skip


def _ahead(money: Money, ahead: Outlook, end: date) -> list[tuple[str, int]]:
    if ahead.pace_fen <= 0 or money.left_fen <= 0:
        return []
    until = ahead.empty_on or end
    days = (until - money.window.to_on).days
    left = 0 if ahead.empty_on else money.left_fen - ahead.pace_fen * days
    return [(money.window.to_on.isoformat(), money.left_fen), (until.isoformat(), left)]


def _yuan(fen: int) -> tuple[int, str]:
    """Whole yuan for the axis (pixels need no fen), and the exact words for the reader."""
    return fen // 100, figure(fen, Unit.FEN).exact


# --- a metric's own page ----------------------------------------------------------------------


def trend(series: Series) -> Option:
    """Days or hours along the axis, one line; days without anything to say leave a gap."""
    colour = _colour(series.metric)
    return {
        **_BASE,
        "grid": {"left": 96, "right": 24, "top": 24, "bottom": 40},
        "tooltip": {**_TOOLTIP, "trigger": "axis"},
        "xAxis": {**_category_axis([said(point.label) for point in series.points])},
        "yAxis": _value_axis(series.metric.unit, [point.value or 0 for point in series.points]),
        "series": [{
            "name": said(series.metric.title), "type": "line",
            "showSymbol": len(series.points) < 32, "symbolSize": 8, "connectNulls": False,
            "lineStyle": {"color": colour, "width": 3}, "itemStyle": {"color": colour},
            "data": [_point(point, series.metric) for point in series.points],
            "encode": {"x": 0, "y": 1, "tooltip": [2]},
        }],
    }  # fmt: skip


def bars(series: Series) -> Option:
    """Groups side by side lying down, the largest on top, each with its value in words."""
    unit, colour = series.metric.unit, _colour(series.metric)
    points = sorted(series.points, key=lambda point: (point.value or 0, point.key))
    return {
        **_BASE,
        "grid": {"left": 8, "right": 120, "top": 8, "bottom": 8, "containLabel": True},
        "tooltip": {**_TOOLTIP, "trigger": "item"},
        "xAxis": {"type": "value", "min": 0, "show": False},
        "yAxis": {
            **_category_axis([said(point.label) for point in points]), "axisLine": {"show": False},
        },
        "series": [{
            "type": "bar", "barMaxWidth": 22, "barCategoryGap": "40%",
            "itemStyle": {"color": colour, "borderRadius": 2},
            "label": {"show": True, "position": "right", **_TEXT},
            "data": [
                {
                    "value": point.value or 0,
                    "label": {"formatter": words(point.value, unit)},
                    "tooltip": {"formatter": _told(point, unit)},
                }
                for point in points
            ],
        }],
    }  # fmt: skip


def _told(point: Point, unit: Unit) -> str:
    return f"{said(point.label)} {figure(point.value, unit).exact}"


def _point(point: Point, metric: Metric) -> list[int | str | None]:
    """Pixels need no fen: the line runs in whole yuan, the words stay exact."""
    value = point.value
    if value is not None and metric.unit is Unit.FEN:
        value //= 100
    return [said(point.label), value, figure(point.value, metric.unit).exact]


def _category_axis(labels: Sequence[str]) -> Option:
    return {
        "type": "category", "data": list(labels), "axisLabel": {**_QUIET, "hideOverlap": True},
        "axisLine": {"lineStyle": {"color": palette.LINE}}, "axisTick": {"show": False},
    }  # fmt: skip


# The script turns these names into functions: an axis cannot be worded from here.
_AXIS_FORMATS = {
    Unit.FEN: "@wan", Unit.SECONDS: "@duration", Unit.SHARE_BPS: "@percent",
    Unit.TIMES_BPS: "@times", Unit.GRAMS: "@mass",
}  # fmt: skip


def _value_axis(unit: Unit, values: Sequence[int] = ()) -> Option:
    """From zero up, unless a net amount falls below it: what is drawn is never cut off."""
    floor: Option = {} if min(values, default=0) < 0 else {"min": 0}
    return {
        "type": "value", **floor, "splitNumber": 4,
        "axisLabel": {**_QUIET, "formatter": _AXIS_FORMATS.get(unit, "@count")},
        "splitLine": {"lineStyle": {"color": palette.LINE}},
    }  # fmt: skip


def _colour(metric: Metric) -> str:
    if metric.unit is Unit.FEN:
        return palette.MONEY
    return palette.ALARM if metric.direction == "down" else palette.FLOW
