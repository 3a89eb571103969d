"""A panel of a wall to take along: the same numbers as picture, Excel or PDF."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.dashboards import charts, figures
from huanxin.identity.types import Region
from huanxin.indicators import selectors as indicators
from huanxin.indicators.types import Point, Reading, Series, Unit, Wall, Window
from huanxin.kernel import clock, pdf
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.speech import said
from huanxin.web import exports
from huanxin.web.parts import Column, Row, Table
from huanxin.web.screen.asked import Asked
from huanxin.web.screen.exports import UNIT_WORDS

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
    whole = Point("", _("合计"), series.value, series.row_count)
    table = _points(said(series.metric.title), replace(series, points=(*series.points, whole)))
    return _file(table, kind, region, window, series.read_at or indicators.as_of())


def _file(
    table: Table, kind: str, region: Region, window: Window, read_at: datetime
) -> HttpResponse:
    where = said(region.name)
    name = f"{where}{table.caption}{window.to_on:%Y%m%d}"
    if kind == "xlsx":
        return exports.table_file(table, "xlsx")
    facts = {
        "title": table.caption, "where": where, "is_picture": kind == "png",
        "period": f"{window.from_on:%Y-%m-%d} – {window.to_on:%Y-%m-%d}",
        "as_of": f"{read_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "heads": [column.title for column in table.columns], "rows": _paper_rows(table),
        "source": _("焕新平台 · 数据以指标口径说明为准"),
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


def _number_columns() -> tuple[Column, ...]:
    return (
        Column("name", _("名称")), Column("exact", _("数值")),
        Column("value", _("最小单位的整数"), "count"), Column("unit", _("单位")),
    )  # fmt: skip


def _reading_columns() -> tuple[Column, ...]:
    last = (Column("before", _("上期"), "count"), Column("goal", _("目标"), "count"))
    return (*_number_columns(), *last)


def _number(name: str, value: int | None, unit: Unit) -> dict[str, object]:
    exact = figures.figure(value, unit).exact
    return {"name": said(name), "exact": exact, "value": value, "unit": str(UNIT_WORDS[unit])}


def _readings(caption: str, readings: Iterable[Reading]) -> Table:
    rows = [
        Row({
            **_number(one.series.metric.title, one.series.value, one.series.metric.unit),
            "before": one.before, "goal": one.goal.value if one.goal else None,
        })
        for one in readings
    ]  # fmt: skip
    return Table(id="panel", caption=caption, columns=_reading_columns(), rows=rows)


def _points(caption: str, series: Series) -> Table:
    unit = series.metric.unit
    rows = [Row(_number(point.label, point.value, unit)) for point in series.points]
    return Table(id="panel", caption=caption, columns=_number_columns(), rows=rows)


def _flow(wall: Wall) -> Table:
    links = charts.flow_links(wall.flow)
    rows = [Row(_number(f"{said(a)} → {said(b)}", count, Unit.UNITS)) for a, b, count in links]
    return Table(id="panel", caption=str(TITLES["flow"]), columns=_number_columns(), rows=rows)


def _money(wall: Wall) -> Table:
    money = wall.money
    stages = {
        _("预算"): money.budget_fen, _("已领"): money.claimed.value,
        _("已核销"): money.redeemed.value, _("已支付"): money.paid.value,
        _("预算余额"): money.left_fen,
    }  # fmt: skip
    rows = [Row(_number(name, value, Unit.FEN)) for name, value in stages.items()]
    return Table(id="panel", caption=_("本年补贴资金"), columns=_number_columns(), rows=rows)


TITLES = {
    "flow": gettext_lazy("旧机去向"),
    "keys": gettext_lazy("主要数字"),
    "map": gettext_lazy("地区分布"),
    "money": gettext_lazy("补贴资金"),
    "service": gettext_lazy("转化、审核、拦截与响应"),
    "groups": gettext_lazy("回收品类"),
    "field": gettext_lazy("站点与路线"),
}  # fmt: skip
PANELS: dict[str, Callable[[Wall], Table]] = {
    "flow": _flow,
    "keys": lambda wall: _readings(str(TITLES["keys"]), wall.keys),
    "map": lambda wall: _points(_("%s分布") % said(wall.map.metric.title), wall.map),
    "money": _money,
    "service": lambda wall: _readings(str(TITLES["service"]), wall.tiles),
    "groups": lambda wall: _points(str(TITLES["groups"]), wall.by_category),
    "field": lambda wall: _readings(str(TITLES["field"]), wall.field),
}
