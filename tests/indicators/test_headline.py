"""Our figures beside the published ones: scaled where both mean the same, explained where not."""

from datetime import date

import pytest

from huanxin.indicators import selectors
from huanxin.indicators.types import HeadlineRow
from huanxin.kernel.actor import Scope
from tests import given
from tests.given_indicators import CITY, facts, sale

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 6, 1), date(2026, 8, 31)


def rows() -> dict[str, HeadlineRow]:
    headline = selectors.read_headline(Scope(region_path=CITY), FIRST, LAST)
    return {row.published.metric_id: row for row in headline.rows}


def test_a_season_at_a_hundredth_is_expected_at_its_share_of_days() -> None:
    given.regions()
    facts("mart_claims_claim", [sale(FIRST), sale(LAST), sale(date(2026, 9, 1))])

    sold = rows()["new_units_sold"]

    assert (sold.published.from_on, sold.published.to_on) == (
        date(2024, 3, 22),
        date(2025, 10, 31),
    )
    assert sold.published.is_window_assumed
    assert sold.expected == 769_400 * 92 // (589 * 100) == 1_201
    assert (sold.ours, sold.share_bps) == (2, 16)


def test_figures_that_mean_other_things_are_not_scaled_but_explained() -> None:
    given.regions()
    not_comparable = [row for row in rows().values() if not row.published.is_comparable]

    assert [row.published.metric_id for row in not_comparable] == [
        "subsidy_redeemed_fen", "beneficiaries", "leverage", "conversion",
    ]  # fmt: skip
    for row in not_comparable:
        assert row.expected is row.share_bps is None
        assert row.published.note.startswith("口径不同：")


def test_every_published_figure_names_its_source_and_a_metric_of_the_same_unit() -> None:
    for published in selectors.published_figures():
        assert published.source
        assert selectors.get_metric(published.metric_id).unit is published.unit


def test_the_headline_defines_conversion_and_proves_the_ledger() -> None:
    given.regions()

    headline = selectors.read_headline(Scope(region_path=CITY), FIRST, LAST)

    assert headline.conversion_definition == selectors.get_metric("conversion").definition
    assert headline.ledger_difference_fen == 0
