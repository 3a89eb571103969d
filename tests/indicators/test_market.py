"""What a shop learns of the market: forecasts with their backtest, and nobody in particular."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.indicators import _forecasting, models, selectors
from huanxin.indicators._forecasting import Outcome
from huanxin.indicators.services import forecasting
from huanxin.kernel import clock
from tests import given
from tests.given_indicators import EAST, WEST, facts, order, sale

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)
OUTCOME = Outcome([(5, 3, 7), (6, 4, 8), (6, 4, 8), (6, 4, 9)], 1200, 2500, 7)


@pytest.fixture(autouse=True)
def _nine_o_clock():
    given.regions()
    with clock.standing_at(clock.moment(TODAY, 9)):
        yield


def manager():
    return given.staff(Role.MERCHANT_MANAGER, org_id=uuid4(), region_path=EAST)


def sold(path: str, units: int, *, people: int) -> list[dict[str, object]]:
    who = [uuid4() for _ in range(people)]
    return [sale(TODAY, region_path=path, person_id=who[i % people]) for i in range(units)]


def cells_sold(weeks: int, units: int) -> None:
    """So many units every week, in the cells of the eastern county."""
    models.RollupState.objects.create(pk=1, position="0.0", read_at=clock.now(), is_ready=True)
    monday = _forecasting.monday(TODAY)
    models.Cell.objects.bulk_create(
        models.Cell(
            metric_id=forecasting.METRIC, region_path=EAST, category_code="refrigerator",
            fact_on=monday - timedelta(weeks=n), bucket=0, total=units, row_count=units,
        )
        for n in range(1, weeks + 1)
    )  # fmt: skip


def test_a_cell_of_few_people_says_nothing_however_much_they_bought():
    facts("mart_claims_claim", [*sold(EAST, 47, people=10), *sold(WEST, 60, people=9)])

    market = selectors.read_market(manager(), selectors.window_named("month"))

    told = {cell.region_code: cell.unit_count for cell in market.demand}
    assert told == {"371502": 40, "371503": None}


def test_ages_of_old_units_are_told_by_the_same_rule():
    old = [order(TODAY) for _ in range(12)]
    rows = [
        {
            "unit_code": f"u{n}", "order_id": one["order_id"], "category_code": "refrigerator",
            "state": "collected", "region_path": EAST, "person_id": one["person_id"],
            "collected_on": TODAY, "age_band": "over_8" if n else "under_3",
        }
        for n, one in enumerate(old)
    ]  # fmt: skip
    facts("mart_recycling_unit", rows)

    market = selectors.read_market(manager(), selectors.window_named("month"))

    assert {cell.age_band: cell.unit_count for cell in market.ages} == {
        "over_8": 10, "under_3": None,
    }  # fmt: skip


def test_forecasts_are_stored_once_a_night_with_their_backtest(monkeypatch):
    cells_sold(20, 4)
    asked: list[dict[str, list[int]]] = []

    def said(series):
        asked.append({key: list(weeks) for key, weeks in series.items()})
        return dict.fromkeys(series, OUTCOME)

    monkeypatch.setattr(_forecasting, "is_installed", lambda: True)
    monkeypatch.setattr(_forecasting, "forecast", said)

    assert forecasting.forecast_demand(actor=given.system()) == 1
    assert forecasting.forecast_demand(actor=given.system()) == 0

    assert asked == [{f"{EAST}|refrigerator": [4] * 20}]
    (one,) = selectors.list_forecasts(manager())
    assert (one.error_bps, one.naive_error_bps, one.within_count) == (1200, 2500, 7)
    assert (one.ahead[0].from_on, one.ahead[0].units) == (date(2026, 8, 31), 5)
    assert one.history[-1] == (date(2026, 8, 24), 4)


@pytest.mark.parametrize(("weeks", "units"), [(15, 9), (20, 1)])
def test_too_little_history_is_not_forecast(monkeypatch, weeks, units):
    cells_sold(weeks, units)
    monkeypatch.setattr(_forecasting, "is_installed", lambda: True)
    monkeypatch.setattr(_forecasting, "forecast", lambda series: 1 / 0)

    assert forecasting.forecast_demand(actor=given.system()) == 0


def test_without_the_extra_nothing_is_forecast(monkeypatch):
    cells_sold(20, 4)
    monkeypatch.setattr(_forecasting, "is_installed", lambda: False)

    assert forecasting.forecast_demand(actor=given.system()) == 0
    assert not models.Forecast.objects.exists()


def test_only_shops_and_makers_read_the_market():
    for role in (Role.CASHIER, Role.OBSERVER):
        with pytest.raises(NotAllowed):
            selectors.read_market(given.staff(role), selectors.window_named("month"))
        with pytest.raises(NotAllowed):
            selectors.list_forecasts(given.staff(role))
    with pytest.raises(NotAllowed):
        forecasting.forecast_demand(actor=manager())


def test_the_library_forecasts_where_it_is_installed():
    pytest.importorskip("statsforecast")
    weeks = [40, 44, 41, 47, 43, 49, 46, 50, 48, 53, 49, 55, 52, 56, 54, 58, 55, 60, 57, 61] * 2

    outcome = _forecasting.forecast({"a": weeks, "flat": [5] * 40})

    assert outcome["flat"].ahead == [(5, 5, 5)] * _forecasting.AHEAD
    assert all(low <= units <= high for units, low, high in outcome["a"].ahead)
