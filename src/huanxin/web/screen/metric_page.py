"""The page behind a number: what it means, its groups as picture and table, and its rows."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.dashboards import charts, figures
from huanxin.identity.types import Region
from huanxin.indicators import selectors as indicators
from huanxin.indicators.types import WINDOW_TITLES, By, Fact, Metric, Point, Series, Unit
from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import Page
from huanxin.kernel.speech import said
from huanxin.web import ledger_parts
from huanxin.web.parts import Chart, Column, Empty, Row, Table
from huanxin.web.screen.asked import Asked

BY_WORDS = {
    By.DAY: gettext_lazy("按日"),
    By.REGION: gettext_lazy("按地区"),
    By.CATEGORY: gettext_lazy("按品类"),
    By.HOUR: gettext_lazy("按时段"),
}  # fmt: skip
GROUP_WORDS = {
    By.DAY: gettext_lazy("日"),
    By.REGION: gettext_lazy("地区"),
    By.CATEGORY: gettext_lazy("品类"),
    By.HOUR: gettext_lazy("时段"),
}  # fmt: skip
_KINDS = {
    Unit.FEN: "money", Unit.UNITS: "count", Unit.VOUCHERS: "count", Unit.PEOPLE: "count",
    Unit.ORDERS: "count", Unit.STOPS: "count",
    Unit.SHARE_BPS: "percent",
}  # fmt: skip
_UUID = 36


def _nothing() -> Empty:
    text = _("换一个期间，或等第一笔业务发生后再来看。")
    return Empty(_("本期没有记录"), text, icon="chart")


def context(metric_id: str, region: Region, scope: Scope, asked: Asked) -> dict[str, Any]:
    """What the page prints. A ratio has no rows of its own: it links to its two metrics."""
    window = asked.window
    span = (window.from_on, window.to_on)
    with indicators.snapshot():
        series = indicators.read_metric(metric_id, scope, *span, asked.by)
        metric = series.metric
        facts = None if metric.parts else indicators.list_facts(
            metric_id, scope, *span, number=asked.page
        )  # fmt: skip
    before = window.before()
    earlier = indicators.read_metric(metric_id, scope, before.from_on, before.to_on).value
    goal = indicators.find_goal(metric_id, scope, window)
    here = reverse("screen:metric", args=[region.code, metric.id])
    return {
        "metric": metric,
        "region": region,
        "window": window,
        "figure": figures.figure(series.value, metric.unit),
        "row_count": series.row_count,
        "change": figures.change_words(series.value, earlier, metric.unit),
        "goal": goal,
        "goal_words": figures.words(goal.value, metric.unit) if goal else "",
        "read_at": series.read_at,
        "counted_at": indicators.as_of(),
        "chart": _chart(series, asked.by),
        "rows": _rows(facts, metric) if facts else None,
        "parts": [(_address(region, name, asked), _title(name)) for name in metric.parts],
        "wall_url": reverse("screen:wall", args=[region.code]) + asked.query(),
        "periods": [
            (here + asked.query(period=key, by=asked.by), title, key == window.key)
            for key, title in WINDOW_TITLES.items()
        ],
        "groupings": [
            (here + asked.query(by=by), word, by is asked.by) for by, word in BY_WORDS.items()
        ],
        "group_files": [
            (word, here + asked.query(by=asked.by, export=kind))
            for word, kind in {
                "CSV": "csv",
                "Excel": "xlsx",
                "PDF": "pdf",
                _("图片"): "png",
            }.items()
        ],
        "rows_url": reverse("screen:rows", args=[region.code, metric.id]) + asked.query(),
        "metrics": [
            (other.group, _address(region, other.id, asked), other.title, other.id == metric.id)
            for other in indicators.list_metrics()
        ],
    }


def _address(region: Region, metric_id: str, asked: Asked) -> str:
    return reverse("screen:metric", args=[region.code, metric_id]) + asked.query()


def _title(metric_id: str) -> str:
    return indicators.get_metric(metric_id).title


def _chart(series: Series, by: By) -> Chart:
    """Picture and table of the groups; where nothing happened, the table alone, which says so."""
    metric = series.metric
    draw = charts.trend if by in {By.DAY, By.HOUR} else charts.bars
    has_rows = any(point.row_count for point in series.points)
    columns = (
        Column("label", str(GROUP_WORDS[by])),
        Column("value", said(metric.title), _KINDS.get(metric.unit, "text")),
        Column("row_count", _("记录数"), "count"),
    )
    whole = Point("", _("合计"), series.value, series.row_count)
    table = Table(
        id="groups",
        caption=f"{said(metric.title)} {BY_WORDS[by]}",
        columns=columns,
        rows=[Row(_group(point, metric)) for point in series.points] if has_rows else [],
        totals=_group(whole, metric),
        empty=_nothing(),
    )
    return Chart(
        id="groups-chart",
        title=f"{said(metric.title)} · {BY_WORDS[by]}",
        table=table,
        option=draw(series) if has_rows else None,
        note="" if metric.is_additive else _("各分项不能相加：合计按全部记录重新计算。"),
    )


def _group(point: Point, metric: Metric) -> dict[str, object]:
    return {
        "label": point.label,
        "value": _shown(point.value, metric),
        "row_count": point.row_count,
    }


def _shown(value: int | None, metric: Metric) -> object:
    """Tables show the exact value, whatever the unit."""
    if value is None or metric.unit in _KINDS:
        return value
    return figures.figure(value, metric.unit).exact


def _number(number: str) -> str:
    """A number as people know it; of a transfer, why it moved and the end of what it moved for."""
    cause, _space, key = number.partition(" ")
    return f"{ledger_parts.cause_word(cause)} {key[-8:]}" if len(key) == _UUID else number


def _rows(facts: Page[Fact], metric: Metric) -> Table:
    columns = (
        Column("number", _("单号"), "number"),
        Column("region", _("地区")),
        Column("on", _("日期"), "day"),
        Column("at", _("时间"), "time"),
        Column("category", _("品类")),
        Column("value", said(metric.title), _KINDS.get(metric.unit, "text")),
    )
    return Table(
        id="rows",
        caption=_("%s的每一笔") % said(metric.title),
        columns=columns,
        rows=[
            Row({
                "number": _number(fact.number), "region": fact.region_name, "on": fact.on,
                "at": fact.at, "category": fact.category, "value": _shown(fact.value, metric),
            })
            for fact in facts.items
        ],
        empty=_nothing(),
        page=facts.number,
        pages=facts.pages,
        total_count=facts.total,
    )  # fmt: skip
