"""Nightly forecasts of weekly demand by district and category, stored with their backtest."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import connection, transaction

from huanxin.identity import selectors as identity
from huanxin.indicators import _cells, _forecasting, models
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor

METRIC = "new_units_sold"
WEEKS = 104
_LEAST_UNITS = 2 * _forecasting.SHORTEST  # fewer than two a week are chance, not demand
_WEEKLY = """
SELECT region_path, category_code, date_trunc('week', fact_on)::date AS week, sum(total)::bigint
FROM indicators_cell
WHERE metric_id = %s AND fact_on >= %s AND fact_on < %s AND category_code NOT IN ('', '*')
  AND region_path = ANY(%s)
GROUP BY 1, 2, 3
"""

Demand = dict[tuple[str, str], list[int]]


@transaction.atomic
def forecast_demand(*, actor: Actor) -> int:
    """Forecast the next four weeks of every district and category with enough history.

    Once a business day; needs the rollups and the extra `forecast`, else nothing is done. Returns
    how many forecasts were stored. Safe to repeat.
    """
    identity.require(actor, "indicators.roll_up")
    today = clock.today()
    is_made = models.Forecast.objects.filter(made_on=today).exists()
    if is_made or not _forecasting.is_installed() or _cells.find_state() is None:
        return 0
    first, demand = _weekly_demand(today)
    if not demand:
        return 0
    outcomes = _forecasting.forecast({"|".join(key): weeks for key, weeks in demand.items()})
    rows = [
        models.Forecast(
            id=ids.new_id(), region_path=path, category_code=category, made_on=today,
            method=_forecasting.METHOD, history=_dated(first, weeks),
            ahead=_ahead(first, len(weeks), outcome.ahead), error_bps=outcome.error_bps,
            naive_error_bps=outcome.naive_error_bps, backtest_weeks=_forecasting.BACKTEST,
            within_count=outcome.within_count,
        )
        for (path, category), weeks in demand.items()
        if (outcome := outcomes[f"{path}|{category}"])
    ]  # fmt: skip
    models.Forecast.objects.bulk_create(rows)
    models.Forecast.objects.filter(made_on__lt=today - timedelta(days=30)).delete()
    audit.record(actor, "indicators.demand_forecast", "forecast", today, count=len(rows))
    return len(rows)


def _weekly_demand(today: date) -> tuple[date, Demand]:
    """Whole weeks of units sold by district and category, from the first week with any sale."""
    regions = [region.path for region in identity.list_regions(level="county")]
    end = _forecasting.monday(today)
    start = end - timedelta(weeks=WEEKS)
    with connection.cursor() as cursor:
        cursor.execute(_WEEKLY, [METRIC, start, end, regions])
        rows = cursor.fetchall()
    first = min((week for _, _, week, _ in rows), default=end)
    count = (end - first).days // 7
    demand: Demand = defaultdict(lambda: [0] * count)
    for path, category, week, units in rows:
        demand[path, category][(week - first).days // 7] = units
    enough = {key: weeks for key, weeks in demand.items() if sum(weeks) >= _LEAST_UNITS}
    return first, enough if count >= _forecasting.SHORTEST else {}


def _dated(first: date, weeks: list[int]) -> list[list[object]]:
    return [[(first + timedelta(weeks=n)).isoformat(), units] for n, units in enumerate(weeks)]


def _ahead(first: date, count: int, ahead: list[tuple[int, int, int]]) -> list[list[object]]:
    return [
        [(first + timedelta(weeks=count + n)).isoformat(), *values]
        for n, values in enumerate(ahead)
    ]
