"""The metric files: their headers as Metric values, and one statement around them for each reading.

A file holds rows, not a number: fact_no, region_path, fact_on, fact_epoch, category_code, value
(and fact_key where different people are counted). The tile, its series and the rows behind it are
the same rows, so they cannot differ (DESIGN.md, promise 8).
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.db import connection

from huanxin.indicators.errors import MetricUnknown
from huanxin.indicators.types import Aggregate, By, Metric, Unit
from huanxin.kernel.sqlfiles import SqlFile, read_folder

FOLDER = "huanxin.indicators.metrics"

# `metric_window` is what a file may read besides mart views: the period and region asked for.
_WINDOW = """
WITH metric_window AS NOT MATERIALIZED (
    SELECT %(from_on)s::date AS from_on, %(to_on)s::date AS to_on, %(path)s::text AS region_path
)
"""
_ROWS = """
{window}, facts AS NOT MATERIALIZED (
    SELECT * FROM ({file}) AS f
    WHERE f.fact_on BETWEEN %(from_on)s::date AND %(to_on)s::date
      AND (%(path)s = '' OR f.region_path = %(path)s
           OR starts_with(f.region_path, %(path)s || '/'))
)
"""
_KEYS = {
    None: "''",
    By.REGION: "split_part(region_path, '/', %(depth)s)",
    By.DAY: "fact_on::text",
    By.CATEGORY: "category_code",
    By.HOUR: "lpad((((fact_epoch + 28800) / 3600) %% 24)::text, 2, '0')",  # Asia/Shanghai
}
_GROUPED = """
SELECT grouping(key), key, {measure}, count(*)
FROM (SELECT {key} AS key, f.* FROM facts f) AS k
GROUP BY GROUPING SETS ((key), ())
"""
_MEASURES = {
    Aggregate.SUM: "coalesce(sum(value), 0)::bigint",
    Aggregate.DISTINCT: "count(DISTINCT fact_key)",
}
# Counting equal values first keeps the sort short: seconds repeat, rows do not.
_MEDIAN = """
SELECT DISTINCT ON (is_total, key) is_total, key, value, row_count
FROM (
    SELECT is_total, key, value,
           sum(same) OVER (PARTITION BY is_total, key ORDER BY value) AS up_to,
           (sum(same) OVER (PARTITION BY is_total, key))::bigint AS row_count
    FROM (
        SELECT grouping(key) AS is_total, key, value, count(*) AS same
        FROM (SELECT {key} AS key, f.value FROM facts f) AS k
        GROUP BY GROUPING SETS ((key, value), (value))
    ) AS counted
) AS ranked
WHERE 2 * up_to >= row_count
ORDER BY is_total, key, value
"""
_LISTED = """
SELECT fact_no, region_path, fact_on, fact_epoch, category_code, value FROM facts
ORDER BY fact_epoch DESC NULLS LAST, fact_no
"""
_PAGE = "LIMIT %(limit)s OFFSET %(offset)s"
_COUNT = "SELECT count(*) FROM facts"
_WHOLE = "{window} SELECT * FROM ({file}) AS f"


GROUPS = ("交旧回收", "换新消费", "补贴资金", "审核风控")


@cache
def catalogue() -> Mapping[str, Metric]:
    """Every metric by id, group after group."""
    metrics = [_metric(file) for file in read_folder(FOLDER)]
    metrics.sort(key=lambda metric: (GROUPS.index(metric.group), metric.place))
    return {metric.id: metric for metric in metrics}


def get_metric(metric_id: str) -> Metric:
    """One metric; an unknown id raises MetricUnknown."""
    metric = catalogue().get(metric_id)
    if metric is None:
        raise MetricUnknown(metric_id=metric_id)
    return metric


def grouped(metric: Metric, by: By | None, bounds: dict[str, Any]) -> list[tuple[Any, ...]]:
    """(is_total, key, value, row_count) of every group and of the whole."""
    if metric.aggregate is Aggregate.LOWER_MEDIAN:
        select = _MEDIAN.format(key=_KEYS[by])
    else:
        select = _GROUPED.format(key=_KEYS[by], measure=_MEASURES[metric.aggregate])
    return _run(rows_of(metric) + select, bounds)


def listed(
    metric: Metric, bounds: dict[str, Any], *, limit: int, offset: int
) -> list[tuple[Any, ...]]:
    """One page of the rows behind a number, latest first."""
    page = {**bounds, "limit": limit, "offset": offset}
    return _run(rows_of(metric) + _LISTED + _PAGE, page)


def count(metric: Metric, bounds: dict[str, Any]) -> int:
    """How many rows stand behind a number."""
    total: int = _run(rows_of(metric) + _COUNT, bounds)[0][0]
    return total


def streamed(metric: Metric, bounds: dict[str, Any], *, chunk: int) -> Iterator[tuple[Any, ...]]:
    """All rows behind a number, through a cursor on the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(rows_of(metric) + _LISTED, bounds)
        while rows := cursor.fetchmany(chunk):
            yield from rows


def windowed(file: SqlFile, bounds: dict[str, Any]) -> list[tuple[Any, ...]]:
    """A statement of its own shape that reads `metric_window` for period and region."""
    return _run(_WHOLE.format(window=_WINDOW, file=statement(file)), bounds)


def rows_of(metric: Metric) -> str:
    """The beginning of a statement in which `facts` are a metric's rows within the bounds."""
    file = next(file for file in read_folder(FOLDER) if file.name == metric.id)
    return _ROWS.format(window=_WINDOW, file=statement(file))


def statement(file: SqlFile) -> str:
    """The file without its comment lines, safe to stand inside a statement with parameters."""
    lines = [line for line in file.text.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).replace("%", "%%")


def _run(sql: str, bounds: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, bounds)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _metric(file: SqlFile) -> Metric:
    head = file.header
    group, _, place = head["group"].partition(" ")
    assert head["id"] == file.name, f"{file.name}: the id names the file"
    return Metric(
        id=head["id"],
        title=head["title"],
        group=group,
        place=int(place),
        unit=Unit(head["unit"]),
        aggregate=Aggregate(head["aggregate"]),
        grain=head["grain"],
        direction=head["direction"],
        definition=head["definition"],
        source=head["source"],
        parts=tuple(head["parts"].split()) if "parts" in head else (),
        target=int(head["target"]) if "target" in head else None,
        target_source=head.get("target_source", ""),
    )
