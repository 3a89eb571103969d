"""The numbers of a screen as files: integer values in the smallest unit, yuan beside fen."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.indicators import selectors as indicators
from huanxin.indicators.types import Fact, Metric, Point, Series, Unit
from huanxin.kernel import money
from huanxin.kernel.actor import Scope
from huanxin.kernel.speech import said
from huanxin.web import values
from huanxin.web.screen.asked import Asked

UNIT_WORDS = {
    Unit.FEN: gettext_lazy("分"),
    Unit.UNITS: gettext_lazy("台"),
    Unit.VOUCHERS: gettext_lazy("张"),
    Unit.PEOPLE: gettext_lazy("人"),
    Unit.ORDERS: gettext_lazy("单"),
    Unit.STOPS: gettext_lazy("次"),
    Unit.SECONDS: gettext_lazy("秒"),
    Unit.GRAMS: gettext_lazy("克"),
    Unit.SHARE_BPS: gettext_lazy("万分比"),
    Unit.TIMES_BPS: gettext_lazy("万分之一倍"),
}  # fmt: skip
_MARK = "\ufeff"  # tells spreadsheet programs that the text is UTF-8


def groups(metric_id: str, scope: Scope, asked: Asked) -> HttpResponse:
    """The groups of a metric's page and their total, as shown there."""
    window = asked.window
    series = indicators.read_metric(metric_id, scope, window.from_on, window.to_on, asked.by)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.write(_MARK)
    writer = csv.writer(response)
    writer.writerow([_("代码"), _("名称"), *_value_heads(series.metric), _("记录数")])
    writer.writerows(_group(point, series.metric) for point in series.points)
    whole = Point("", _("合计"), series.value, series.row_count)
    writer.writerow(_group(whole, series.metric))
    return _named(response, series, f"-{asked.by}")


def rows(metric_id: str, scope: Scope, asked: Asked) -> StreamingHttpResponse:
    """Every row behind a number, written while it is read: a year fits as a day does."""
    window = asked.window
    metric = indicators.get_metric(metric_id)
    facts = indicators.stream_facts(metric_id, scope, window.from_on, window.to_on)
    heads = [_("单号"), _("地区"), _("日期"), _("时间"), _("品类"), *_value_heads(metric)]
    lines = _lines(heads, (_fact(fact, metric) for fact in facts))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{metric_id}-{window.from_on:%Y%m%d}-{window.to_on:%Y%m%d}-rows.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _value_heads(metric: Metric) -> list[str]:
    title = said(metric.title)
    head = f"{title}（{UNIT_WORDS[metric.unit]}）"
    return [head, f"{title}（{_('元')}）"] if metric.unit is Unit.FEN else [head]


def _values(value: int | None, metric: Metric) -> list[object]:
    if metric.unit is not Unit.FEN:
        return [value]
    return [value, "" if value is None else money.yuan(value).replace("¥", "").replace(",", "")]


def _group(point: Point, metric: Metric) -> list[object]:
    return [point.key, said(point.label), *_values(point.value, metric), point.row_count]


def _fact(fact: Fact, metric: Metric) -> list[object]:
    return [
        fact.number, said(fact.region_name), fact.on.isoformat(), _time(fact.at),
        said(fact.category), *_values(fact.value, metric),
    ]  # fmt: skip


def _time(at: datetime | None) -> str:
    return values.full_time(at) if at else ""


def _lines(heads: Sequence[str], facts: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = StringIO()
    writer = csv.writer(buffer)
    buffer.write(_MARK)
    writer.writerow(heads)
    for fact in facts:
        writer.writerow(fact)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _named(response: HttpResponse, series: Series, suffix: str) -> HttpResponse:
    days = f"{series.from_on:%Y%m%d}-{series.to_on:%Y%m%d}"
    name = f"{series.metric.id}-{days}{suffix}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
