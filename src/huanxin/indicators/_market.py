"""The market around a shop, read from the facts and coarsened before anybody sees it."""

from datetime import date
from typing import Any

from huanxin.indicators import _metrics, models, rules
from huanxin.indicators.types import DemandForecast, Market, MarketCell, WeekAhead, Window
from huanxin.kernel.sqlfiles import read_sql


def read(city_path: str, window: Window) -> Market:
    """Demand and ages of a city's districts over a window; cells of few people say nothing."""
    demand = _cells("demand", city_path, window)
    return Market(window, demand, _cells("old_unit_ages", city_path, window))


def forecasts(region_path: str) -> tuple[DemandForecast, ...]:
    """The latest night's forecasts of a district, the largest demand first."""
    rows = models.Forecast.objects.filter(region_path=region_path)
    latest = rows.order_by("-made_on").values_list("made_on", flat=True).first()
    found = [_forecast(row) for row in rows.filter(made_on=latest)] if latest else []
    return tuple(sorted(found, key=lambda one: -sum(week.units for week in one.ahead)))


def _cells(name: str, path: str, window: Window) -> tuple[MarketCell, ...]:
    file = read_sql("huanxin.indicators.sql", name)
    bounds = {"path": path, "depth": 0, "from_on": window.from_on, "to_on": window.to_on}
    rows: list[tuple[Any, ...]] = _metrics.windowed(file, bounds)
    return tuple(
        MarketCell(region.rpartition("/")[2], category, age, rules.market_count(units, people))
        for region, category, age, units, people in sorted(rows)
    )


def _forecast(row: models.Forecast) -> DemandForecast:
    return DemandForecast(
        region_path=row.region_path, category_code=row.category_code, made_on=row.made_on,
        method=row.method,
        history=tuple((date.fromisoformat(on), units) for on, units in row.history),
        ahead=tuple(WeekAhead(date.fromisoformat(on), *values) for on, *values in row.ahead),
        error_bps=row.error_bps, naive_error_bps=row.naive_error_bps,
        backtest_weeks=row.backtest_weeks, within_count=row.within_count,
    )  # fmt: skip
