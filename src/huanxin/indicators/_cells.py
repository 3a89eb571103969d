"""Cells: each metric's days, counted by the metric's own statement and kept at every level.

Sums keep a value, medians keep how often each value occurs; either adds up over days exactly.
People do not: they are counted from the facts, or kept as answers (docs/adr/168).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from django.db import connection

from huanxin.indicators import _metrics, models
from huanxin.indicators.types import Aggregate, By, Metric
from huanxin.kernel.sqlfiles import read_folder

ALL = "*"  # every category together
ROOMS = ("claims", "recycling", "vouchers", "settlement", "ledger")
_EVERYWHERE = {"path": "", "depth": 1}
_KEPT = {Aggregate.SUM, Aggregate.LOWER_MEDIAN}

_FORGET = "DELETE FROM indicators_cell WHERE metric_id = %(id)s AND fact_on BETWEEN %(from_on)s AND %(to_on)s"  # noqa: E501  # one statement
# Facts are counted by their own region first, and then handed up to every level above it.
_COUNT = """
, counted AS (
    SELECT region_path, fact_on, {category} AS category_code, {bucket} AS bucket,
           sum(value)::bigint AS total, count(*) AS row_count
    FROM facts GROUP BY 1, 2, 3, 4
), level AS (
    SELECT DISTINCT region_path, array_to_string((parts)[1:n], '/') AS path
    FROM (SELECT region_path, string_to_array(region_path, '/') AS parts FROM counted) AS p,
         generate_series(0, cardinality(parts)) AS n
)
INSERT INTO indicators_cell
    (metric_id, region_path, category_code, fact_on, bucket, total, row_count)
SELECT %(id)s, l.path, {named},
       c.fact_on, c.bucket, sum(c.total)::bigint, sum(c.row_count)::bigint
FROM counted c JOIN level l ON l.region_path = c.region_path
GROUP BY GROUPING SETS ({sets}(l.path, c.fact_on, c.bucket))
"""
_BY_CATEGORY = "(l.path, c.fact_on, c.bucket, c.category_code), "
_NAMED = "CASE WHEN grouping(c.category_code) = 1 THEN '*' ELSE c.category_code END"
_HERE = "region_path = %(path)s AND category_code = '*'"
_SUM = """
SELECT {head}, coalesce(sum(total), 0)::bigint, coalesce(sum(row_count), 0)::bigint
FROM indicators_cell
WHERE metric_id = %(id)s AND fact_on BETWEEN %(from_on)s AND %(to_on)s AND {where} {groups}
"""
_WHOLE = {"head": "1, ''", "where": _HERE, "groups": ""}
_GROUPS = {
    By.DAY: {"head": "0, fact_on::text", "where": _HERE, "groups": "GROUP BY fact_on"},
    By.CATEGORY: {
        "head": "0, category_code",
        "where": "region_path = %(path)s AND category_code <> '*'",
        "groups": "GROUP BY category_code",
    },
    By.REGION: {
        "head": "0, region_path",
        "where": "region_path = ANY(%(below)s) AND category_code = '*'",
        "groups": "GROUP BY region_path",
    },
}
_MEDIANS = """
SELECT DISTINCT ON (is_total, key) is_total, key, bucket, row_count
FROM (
    SELECT is_total, key, bucket,
           sum(same) OVER (PARTITION BY is_total, key ORDER BY bucket) AS up_to,
           (sum(same) OVER (PARTITION BY is_total, key))::bigint AS row_count
    FROM (
        SELECT grouping(key) AS is_total, key, bucket, sum(row_count) AS same
        FROM (
            SELECT {key} AS key, bucket, row_count FROM indicators_cell
            WHERE metric_id = %(id)s AND fact_on BETWEEN %(from_on)s AND %(to_on)s
              AND region_path = %(path)s AND category_code = '*'
        ) AS k
        GROUP BY GROUPING SETS ((key, bucket), (bucket))
    ) AS counted
) AS ranked
WHERE 2 * up_to >= row_count
ORDER BY is_total, key, bucket
"""
_MEDIAN_KEYS = {None: "''", By.DAY: "fact_on::text"}


@cache
def rooms_of(metric_id: str) -> frozenset[str]:
    """The rooms whose facts a metric reads, seen in the views its file names."""
    file = next(file for file in read_folder(_metrics.FOLDER) if file.name == metric_id)
    return frozenset(re.findall(r"mart_([a-z]+)_", _metrics.statement(file)))


def kept_metrics(room: str | None = None) -> list[Metric]:
    """Metrics with cells: those whose days add up; of one room, if it is named."""
    kept = [m for m in _metrics.catalogue().values() if m.aggregate in _KEPT]
    return [m for m in kept if room is None or room in rooms_of(m.id)]


def may_answer(metric: Metric, by: By | None) -> bool:
    """Whether cells can say it: hours, and medians of parts, are asked of the facts."""
    if metric.aggregate is Aggregate.SUM:
        return by is not By.HOUR
    return metric.aggregate is Aggregate.LOWER_MEDIAN and by in _MEDIAN_KEYS


def recount(metric: Metric, from_on: date, to_on: date) -> None:
    """Count a stretch of days anew, everywhere, by the metric's own statement."""
    bounds: dict[str, Any] = {**_EVERYWHERE, "id": metric.id, "from_on": from_on, "to_on": to_on}
    is_median = metric.aggregate is Aggregate.LOWER_MEDIAN
    count = _COUNT.format(
        category="''" if is_median else "category_code",
        bucket="value" if is_median else "0",
        sets="" if is_median else _BY_CATEGORY,
        named="'*'" if is_median else _NAMED,
    )
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, bounds)
        cursor.execute(_metrics.rows_of(metric) + count, bounds)


def grouped(
    metric: Metric, by: By | None, bounds: Mapping[str, Any], below: Mapping[str, str]
) -> list[tuple[Any, ...]]:
    """What _metrics.grouped answers, from cells. `below` are the next level's paths and codes."""
    with connection.cursor() as cursor:

        def ask(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql, {**bounds, "id": metric.id, "below": list(below)})
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

        if metric.aggregate is Aggregate.LOWER_MEDIAN:
            return ask(_MEDIANS.format(key=_MEDIAN_KEYS[by]))
        whole = ask(_SUM.format(**_WHOLE))
        if by is None:
            return whole
        groups = ask(_SUM.format(**_GROUPS[by]))
    if by is By.REGION:
        groups = _with_own(groups, whole[0], below)
    return [*groups, *whole]


def _with_own(
    groups: Iterable[tuple[Any, ...]], whole: tuple[Any, ...], below: Mapping[str, str]
) -> list[tuple[Any, ...]]:
    """Children by code, and what the region has beside them under ''."""
    named = [(0, below[path], total, count) for _, path, total, count in groups]
    own_total = whole[2] - sum(row[2] for row in named)
    own_count = whole[3] - sum(row[3] for row in named)
    return [*named, (0, "", own_total, own_count)] if own_count else named


def find_state() -> models.RollupState | None:
    """How far the cells follow the feed; None while they cannot answer yet."""
    return models.RollupState.objects.filter(pk=1, is_ready=True).first()
