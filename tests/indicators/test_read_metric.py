"""A metric is its rows, counted: by region, day, category and hour, always to the same total."""

from datetime import date
from uuid import uuid4

import pytest

from huanxin.indicators import selectors
from huanxin.indicators.errors import MetricUnknown, WindowInvalid
from huanxin.indicators.types import By, Series
from huanxin.kernel.actor import Scope
from tests import given
from tests.given_indicators import CITY, EAST, WEST, epoch, facts, sale

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, THURSDAY = date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 6)


@pytest.fixture(autouse=True)
def _regions() -> None:
    given.regions()


def read(
    metric_id: str,
    *,
    by: By | None = None,
    path: str = CITY,
    from_on: date = MONDAY,
    to_on: date = THURSDAY,
) -> Series:
    return selectors.read_metric(metric_id, Scope(region_path=path), from_on, to_on, by)


def values(series: Series) -> dict[str, int | None]:
    return {point.key: point.value for point in series.points}


def test_both_ends_of_the_period_count_and_their_neighbours_do_not() -> None:
    days = [date(2026, 8, 2), MONDAY, THURSDAY, date(2026, 8, 7)]
    facts("mart_claims_claim", [sale(on, price_fen=10**i) for i, on in enumerate(days)])

    assert read("sales_driven_fen").value == 10 + 100


def test_returned_and_finally_refused_sales_do_not_count() -> None:
    rows = [sale(MONDAY), sale(MONDAY, is_returned=True), sale(MONDAY, is_closed=True)]
    facts("mart_claims_claim", rows)

    assert read("new_units_sold").value == 1
    assert read("subsidy_redeemed_fen").value == 15_000


def test_a_region_is_itself_and_what_lies_below_and_nothing_with_a_like_name() -> None:
    paths = [CITY, EAST, WEST, "370000/371500/3715021", "370000/37150"]
    facts("mart_claims_claim", [sale(MONDAY, region_path=path) for path in paths])

    assert read("new_units_sold", path=EAST).value == 1
    assert read("new_units_sold").value == 4
    assert read("new_units_sold", path="").value == 5


def test_by_region_every_child_is_there_and_the_city_itself_only_if_it_has_rows() -> None:
    facts("mart_claims_claim", [sale(MONDAY), sale(MONDAY, region_path=CITY)])

    by_region = read("new_units_sold", by=By.REGION)

    assert values(by_region) == {
        "371502": 1, "371503": 0, "371521": 0, "371522": 0, "371524": 0, "371525": 0,
        "371526": 0, "371571": 0, "371572": 0, "371573": 0, "371581": 0, "": 1,
    }  # fmt: skip
    labels = {point.key: point.label for point in by_region.points}
    assert (labels["371502"], labels[""]) == ("东昌府区", "本级")


def test_by_day_a_quiet_day_stands_at_nought() -> None:
    facts("mart_claims_claim", [sale(MONDAY), sale(THURSDAY), sale(THURSDAY)])

    assert values(read("new_units_sold", by=By.DAY)) == {
        "2026-08-03": 1, "2026-08-04": 0, "2026-08-05": 0, "2026-08-06": 2,
    }  # fmt: skip


def test_by_hour_the_clock_is_shanghais() -> None:
    facts("mart_claims_claim", [sale(MONDAY, hour=0), sale(MONDAY, hour=23)])

    hours = values(read("new_units_sold", by=By.HOUR))

    assert len(hours) == 24
    assert {hour: value for hour, value in hours.items() if value} == {"00": 1, "23": 1}


def test_by_category_only_what_was_sold_is_named() -> None:
    given_rows = [sale(MONDAY), sale(MONDAY, category_code="television")]
    facts("mart_claims_claim", given_rows)

    assert values(read("new_units_sold", by=By.CATEGORY)) == {"refrigerator": 1, "television": 1}


def test_a_person_is_counted_once_however_much_she_buys_and_wherever() -> None:
    her = {"person_id": (who := uuid4()), "person_pseudonym": f"p{who}"}
    rows = [sale(MONDAY, **her), sale(TUESDAY, region_path=WEST, **her), sale(MONDAY)]
    facts("mart_claims_claim", rows)

    by_region = read("beneficiaries", by=By.REGION)

    assert by_region.value == 2
    assert (values(by_region)["371502"], values(by_region)["371503"]) == (2, 1)


def test_the_median_of_an_even_number_is_the_lower_one_for_each_group_and_the_whole() -> None:
    waits = [(MONDAY, 10), (MONDAY, 20), (MONDAY, 30), (MONDAY, 40), (TUESDAY, 1)]
    facts(
        "mart_claims_claim",
        [sale(on, submitted_epoch=epoch(on), decided_epoch=epoch(on) + s) for on, s in waits],
    )

    by_day = read("review_seconds", by=By.DAY)

    assert by_day.value == 20
    assert values(by_day) == {
        "2026-08-03": 20, "2026-08-04": 1, "2026-08-05": None, "2026-08-06": None,
    }  # fmt: skip


def test_a_ratio_is_made_of_its_two_metrics_group_by_group() -> None:
    rows = [
        sale(MONDAY, price_fen=70_000, subsidy_fen=10_000),
        sale(TUESDAY, price_fen=50_000, subsidy_fen=20_000),
    ]
    facts("mart_claims_claim", rows)

    by_day = read("leverage", by=By.DAY)

    assert by_day.value == 40_000
    assert values(by_day) == {
        "2026-08-03": 70_000, "2026-08-04": 25_000, "2026-08-05": None, "2026-08-06": None,
    }  # fmt: skip


def test_what_a_person_released_is_no_longer_intercepted() -> None:
    rows = [
        sale(MONDAY, subsidy_fen=1, verify_status="held", audit_status="waiting"),
        sale(MONDAY, subsidy_fen=10, verify_status="held", audit_status="passed"),
        sale(MONDAY, subsidy_fen=100, verify_status="held", audit_status="refused"),
        sale(MONDAY, subsidy_fen=1_000, verify_status="refused", audit_status="none"),
        sale(MONDAY, subsidy_fen=10_000),
    ]
    facts("mart_claims_claim", rows)

    assert read("fraud_held_fen").value == 1_101
    assert read("fraud_refused_fen").value == 1_100


def test_an_unknown_metric_and_a_backward_period_are_refused() -> None:
    with pytest.raises(MetricUnknown):
        read("happiness")
    with pytest.raises(WindowInvalid):
        read("new_units_sold", from_on=THURSDAY, to_on=MONDAY)
