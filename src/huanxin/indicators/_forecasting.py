"""Forecasts by statsforecast, which is an extra: without it nothing is forecast, and pages say so.

Weeks run Monday to Sunday. The method is chosen by the library per series (exponential smoothing
with error, trend and season picked by its information criterion); beside it stands the naive
forecast, which says that next week is as this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.util import find_spec
from typing import Any

METHOD = "AutoETS"
AHEAD, BACKTEST, SHORTEST = 4, 8, 16  # weeks
LEVEL = 80  # per cent of the interval
BPS = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The weeks ahead with their interval, and how the last weeks would have been forecast."""

    ahead: list[tuple[int, int, int]]
    error_bps: int
    naive_error_bps: int
    within_count: int


def is_installed() -> bool:
    """Whether the extra `forecast` is there."""
    return find_spec("statsforecast") is not None


def monday(day: date) -> date:
    """The first day of a day's week.

    >>> monday(date(2026, 9, 1))
    datetime.date(2026, 8, 31)
    """
    return day - timedelta(days=day.weekday())


def forecast(series: Mapping[str, Sequence[int]]) -> dict[str, Outcome]:
    """Forecast every series of whole weeks (all of one length, at least SHORTEST)."""
    from statsforecast import StatsForecast  # the extra
    from statsforecast.models import AutoETS, Naive

    model = StatsForecast(models=[AutoETS(season_length=1), Naive()], freq=1)
    frame = _frame(series)
    ahead = model.forecast(df=frame, h=AHEAD, level=[LEVEL])
    tested = model.cross_validation(df=frame, h=1, step_size=1, n_windows=BACKTEST, level=[LEVEL])
    return {
        key: _outcome(ahead[ahead["unique_id"] == key], tested[tested["unique_id"] == key])
        for key in series
    }


def _frame(series: Mapping[str, Sequence[int]]) -> Any:
    import pandas

    return pandas.DataFrame(
        [
            {"unique_id": key, "ds": week, "y": float(units)}
            for key, weeks in series.items()
            for week, units in enumerate(weeks)
        ]
    )


def _outcome(ahead: Any, tested: Any) -> Outcome:
    low, high = f"{METHOD}-lo-{LEVEL}", f"{METHOD}-hi-{LEVEL}"
    actual = tested["y"].to_numpy()
    within = (tested[low].to_numpy() <= actual) & (actual <= tested[high].to_numpy())
    return Outcome(
        ahead=[
            (_units(row[METHOD]), _units(row[low]), _units(row[high]))
            for _, row in ahead.iterrows()
        ],
        error_bps=_error_bps(actual, tested[METHOD].to_numpy()),
        naive_error_bps=_error_bps(actual, tested["Naive"].to_numpy()),
        within_count=int(within.sum()),
    )


def _units(said: Any) -> int:
    return max(0, round(float(said)))


def _error_bps(actual: Any, said: Any) -> int:
    """The mean absolute error as a share of the mean."""
    mean = float(abs(actual).mean())
    return round(float(abs(actual - said).mean()) / mean * BPS) if mean else 0
