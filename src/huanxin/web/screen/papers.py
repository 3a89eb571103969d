"""A panel of a wall to take along: the same numbers as picture, Excel or PDF."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.http import HttpResponse

from huanxin.dashboards import charts, figures
from huanxin.identity.types import Region
from huanxin.indicators import selectors as indicators
from huanxin.indicators.types import Point, Reading, Series, Unit, Wall, Window
from huanxin.kernel import clock, pdf
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.web import exports
from huanxin.web.parts import Column, Row, Table
from huanxin.web.screen.asked import Asked

PAPERS = Path(__file__).parents[1] / "papers"
_KINDS = {"png", "pdf", "xlsx"}
_TYPES = {"png": "image/png", "pdf": "application/pdf"}


def panel_file(wall: Wall, panel: str, kind: str) -> HttpResponse:
    """One panel as a file; an unknown panel or kind is not found."""
    if panel not in PANELS or kind not in _KINDS:
        raise NotFound(panel=panel, kind=kind)
    return _file(PANELS[panel](wall), kind, wall.region, wall.window, wall.read_at)


def metric_file(
    metric_id: str, region: Region, scope: Scope, asked: Asked, kind: str
) -> HttpResponse:
    """The groups of a metric's page as a file."""
    if kind not in _KINDS:
        raise NotFound(kind=kind)
    window = asked.window
    series = indicators.read_metric(metric_id, scope, window.from_on, window.to_on, asked.by)
    whole = Point("", "合计", series.value, series.row_count)
    table = _points(series.metric.title, replace(series, points=(*series.points, whole)))
    return _file(table, kind, region, window, series.read_at or indicators.as_of())


def _file(
    table: Table, kind: str, region: Region, window: Window, read_at: datetime
) -> HttpResponse:
    name = f"{region.name}{table.caption}{window.to_on:%Y%m%d}"
    if kind == "xlsx":
        return exports.table_file(table, "xlsx")
    facts = {
        "title": table.caption, "where": region.name, "is_picture": kind == "png",
        "period": f"{window.from_on:%Y-%m-%d} 至 {window.to_on:%Y-%m-%d}",
        "as_of": f"{read_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "heads": [column.title for column in table.columns], "rows": _paper_rows(table),
        "source": "焕新平台 · 数据以指标口径说明为准",
    }  # fmt: skip
    draw = pdf.picture if kind == "png" else pdf.render
    body = draw(PAPERS / "panel.typ", facts, at=read_at)
    return exports.attachment(body, _TYPES[kind], f"{name}.{kind}")


def tables(wall: Wall) -> dict[str, Table]:
    """Every panel of a wall as the table that its files hold."""
    return {name: lay(wall) for name, lay in PANELS.items()}


def _paper_rows(table: Table) -> list[dict[str, object]]:
    """Cells in words; a bar beside rows of one unit."""
    values = [_whole(row.values["value"]) for row in table.rows]
    is_one = len({row.values["unit"] for row in table.rows}) == 1
    top = max((value for value in values if value), default=0)
    return [
        {
            "cells": [str(row.values[column.key] or "") for column in table.columns],
            "share": max(0, value) * 1000 // top if is_one and top else 0,
        }
        for row, value in zip(table.rows, values, strict=True)
    ]


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


_NUMBER = (
    Column("name", "名称"), Column("exact", "数值"), Column("value", "最小单位的整数", "count"),
    Column("unit", "单位"),
)  # fmt: skip
_READING = (*_NUMBER, Column("before", "上期", "count"), Column("goal", "目标", "count"))
_UNITS = {
    Unit.FEN: "分", Unit.UNITS: "台", Unit.VOUCHERS: "张", Unit.ORDERS: "单", Unit.STOPS: "次",
    Unit.PEOPLE: "人", Unit.SECONDS: "秒", Unit.GRAMS: "克", Unit.SHARE_BPS: "万分比",
    Unit.TIMES_BPS: "万分之一倍",
}  # fmt: skip


def _number(name: str, value: int | None, unit: Unit) -> dict[str, object]:
    exact = figures.figure(value, unit).exact
    return {"name": name, "exact": exact, "value": value, "unit": _UNITS[unit]}


def _readings(caption: str, readings: Iterable[Reading]) -> Table:
    rows = [
        Row({
            **_number(one.series.metric.title, one.series.value, one.series.metric.unit),
            "before": one.before, "goal": one.goal.value if one.goal else None,
        })
        for one in readings
    ]  # fmt: skip
    return Table(id="panel", caption=caption, columns=_READING, rows=rows)


def _points(caption: str, series: Series) -> Table:
    unit = series.metric.unit
    rows = [Row(_number(point.label, point.value, unit)) for point in series.points]
    return Table(id="panel", caption=caption, columns=_NUMBER, rows=rows)


def _flow(wall: Wall) -> Table:
    links = charts.flow_links(wall.flow)
    rows = [Row(_number(f"{a} → {b}", count, Unit.UNITS)) for a, b, count in links]
    return Table(id="panel", caption="旧机去向", columns=_NUMBER, rows=rows)


def _money(wall: Wall) -> Table:
    money = wall.money
    stages = {
        "预算": money.budget_fen, "已领": money.claimed.value, "已核销": money.redeemed.value,
        "已支付": money.paid.value, "预算余额": money.left_fen,
    }  # fmt: skip
    rows = [Row(_number(name, value, Unit.FEN)) for name, value in stages.items()]
    return Table(id="panel", caption="本年补贴资金", columns=_NUMBER, rows=rows)


TITLES = {
    "flow": "旧机去向", "keys": "主要数字", "map": "地区分布", "money": "补贴资金",
    "service": "转化、审核、拦截与响应", "groups": "回收品类", "field": "站点与路线",
}  # fmt: skip
PANELS: dict[str, Callable[[Wall], Table]] = {
    "flow": _flow,
    "keys": lambda wall: _readings("主要数字", wall.keys),
    "map": lambda wall: _points(f"{wall.map.metric.title}分布", wall.map),
    "money": _money,
    "service": lambda wall: _readings("转化、审核、拦截与响应", wall.tiles),
    "groups": lambda wall: _points("回收品类", wall.by_category),
    "field": lambda wall: _readings("站点与路线", wall.field),
}
