"""Every collected unit has one fate and one owner; those booked but not collected stand beside."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from huanxin.indicators import selectors
from huanxin.indicators.types import FlowLeg, UnitFlow
from huanxin.kernel.actor import Scope
from tests import given
from tests.given_indicators import CITY, EAST, WEST, facts, order, sale, unit

pytestmark = pytest.mark.django_db
DAY = date(2026, 8, 3)


def read(path: str = CITY, days: int = 7) -> UnitFlow:
    return selectors.read_flow(Scope(region_path=path), DAY, DAY + timedelta(days=days - 1))


def test_units_are_told_apart_by_fate_and_by_what_their_owner_bought() -> None:
    given.regions()
    her = uuid4()
    orders = [
        order(DAY, person_id=her),
        order(DAY),
        order(DAY, region_path=WEST),
        order(DAY, is_collected=False),
        order(DAY, is_collected=False, state="cancelled"),
        order(DAY - timedelta(days=1)),
    ]
    states = ["dismantled", "refurbished", "in_depot", "expected", "cancelled", "dismantled"]
    facts("mart_recycling_order", orders)
    facts("mart_recycling_unit", [unit(o, state=s) for o, s in zip(orders, states, strict=True)])
    facts("mart_claims_claim", [sale(DAY, person_id=her)])

    flow = read()

    assert flow == UnitFlow(
        waiting_count=1,
        cancelled_count=1,
        legs=(
            FlowLeg("dismantled", has_bought=True, count=1),
            FlowLeg("in_hand", has_bought=False, count=1),
            FlowLeg("reused", has_bought=False, count=1),
        ),
    )
    collected = selectors.read_metric(
        "old_units_collected", Scope(region_path=CITY), DAY, DAY + timedelta(days=6)
    )
    assert flow.collected_count == collected.value == 3
    assert read(EAST).collected_count == 2


def test_a_purchase_outside_the_period_or_undone_is_no_conversion() -> None:
    given.regions()
    before, undone, converted = uuid4(), uuid4(), uuid4()
    facts("mart_recycling_order", [order(DAY, person_id=p) for p in (before, undone, converted)])
    facts(
        "mart_claims_claim",
        [
            sale(DAY - timedelta(days=1), person_id=before),
            sale(DAY, person_id=undone, is_returned=True),
            sale(DAY + timedelta(days=6), person_id=converted),
        ],
    )

    ratio = selectors.read_metric(
        "conversion", Scope(region_path=CITY), DAY, DAY + timedelta(days=6)
    )

    assert (ratio.value, ratio.row_count) == (3333, 3)
