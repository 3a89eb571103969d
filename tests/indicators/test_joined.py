"""Metrics of real business: what the rooms did is what the screens say, and the ledger agrees."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from huanxin.claims.models import Sale
from huanxin.claims.services import returning
from huanxin.indicators import selectors
from huanxin.indicators.types import By
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.ledger.models import Account
from tests import (
    given,
    given_claims,
    given_consumption,
    given_recycling,
    given_settlement,
    given_vouchers,
)

pytestmark = pytest.mark.django_db
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def value(metric_id: str, path: str = given.CITY_PATH) -> int | None:
    return selectors.read_metric(metric_id, Scope(region_path=path), *YEAR).value


def test_money_is_given_claimed_redeemed_and_paid_to_the_fen() -> None:
    waiting, sold, returned, paid = given_settlement.shops(4)
    given_settlement.cleared(paid)
    [order] = given_settlement.pay(given_settlement.published())
    given_settlement.answer(order)
    sold.sell()
    receipt = returned.sell()
    with clock.standing_at(given_settlement.PAID_AT):
        returning.return_sale(
            actor=returned.manager, sale_id=receipt.sale_id, reason="质量问题", request_id=uuid4()
        )
    del waiting  # won its right and has not bought

    subsidy_fen = receipt.subsidy_fen
    budget_fen = 4 * given_vouchers.CAP_FEN
    assert value("budget_fen") == budget_fen
    assert value("subsidy_redeemed_fen") == 2 * subsidy_fen
    assert value("subsidy_paid_fen") == subsidy_fen
    assert value("subsidy_held_fen") == subsidy_fen
    assert value("new_units_sold") == 2
    free = sum(
        balance.available_fen
        for code, balance in ledger.balances(account_codes()).items()
        if code.startswith(("pool:", "budget:"))
    )
    assert value("budget_left_fen") == free
    assert value("budget_claimed_fen") == budget_fen - free
    assert ledger.sum_check().difference_fen == 0


def test_a_consumption_voucher_campaign_takes_nothing_of_the_public_budget() -> None:
    [waiting] = given_settlement.shops(1)
    before = value("budget_claimed_fen"), value("budget_left_fen")
    card = given_consumption.campaign()
    [answer] = given_consumption.claims([given_consumption.claim(card, given.person())])
    assert answer.outcome == "won"
    assert (value("budget_claimed_fen"), value("budget_left_fen")) == before
    assert before[0] == given_vouchers.CAP_FEN  # the right that waits at the till
    del waiting


def test_what_is_redeemed_is_what_the_ledger_holds_or_has_posted_for_sales() -> None:
    for till in given_settlement.shops(3):
        till.sell()

    redeemed = value("subsidy_redeemed_fen")

    transfers = [
        transfer
        for sale_id in sale_ids()
        for transfer in ledger.transfers_of("sale", sale_id)
        if transfer.key.leg == "subsidy" and transfer.state != "voided"
    ]
    assert len(transfers) == 3
    assert redeemed == sum(transfer.amount_fen for transfer in transfers) > 0


def test_a_budget_of_the_city_cut_to_a_county_is_the_countys_and_still_the_citys() -> None:
    given_vouchers.pool(quantity=2, region_code=given.COUNTY)

    by_region = selectors.read_metric(
        "budget_fen", Scope(region_path=given.CITY_PATH), *YEAR, By.REGION
    )

    assert by_region.value == 2 * given_vouchers.CAP_FEN
    assert {p.key: p.value for p in by_region.points if p.value} == {
        given.COUNTY: 2 * given_vouchers.CAP_FEN
    }


def test_every_sum_is_the_same_however_it_is_cut() -> None:
    given_settlement.paid()
    given_claims.decided()
    scope = Scope(region_path=given.CITY_PATH)
    seen = set()

    for metric in selectors.list_metrics():
        if not metric.is_additive:
            continue
        whole = selectors.read_metric(metric.id, scope, *YEAR).value
        for by in By:
            points = selectors.read_metric(metric.id, scope, *YEAR, by).points
            assert sum(point.value or 0 for point in points) == whole, (metric.id, by)
        if not metric.parts:
            rows = selectors.stream_facts(metric.id, scope, *YEAR)
            assert sum(fact.value for fact in rows) == whole, metric.id
        if whole:
            seen.add(metric.id)

    assert {"budget_fen", "budget_claimed_fen", "subsidy_paid_fen", "sales_driven_fen"} <= seen


def test_an_old_unit_is_counted_when_taken_and_again_when_dismantled() -> None:
    with clock.standing_at(given_recycling.EVENING):
        here = given_recycling.city()
        order, codes = given_recycling.until_dismantler(here)
    assert value("units_dismantled") == 0
    with clock.standing_at(given_recycling.later(24)):
        given_recycling.dismantled(here, codes)

    units = len(order.units)
    assert value("old_units_collected") == units
    assert value("units_dismantled") == units
    assert value("people_handed_in") == 1
    assert value("conversion") == 0
    mass = value("mass_recovered_g")
    assert mass is not None
    assert 0 < mass <= 62_700 * units


def test_review_time_runs_from_the_last_paper_to_the_machines_word() -> None:
    given_claims.decided()

    assert value("review_seconds") is not None
    assert value("fraud_held_fen") == 0
    assert value("vouchers_claimed") == value("vouchers_used") == 1
    assert value("beneficiaries") == 1


def account_codes() -> list[str]:
    return list(Account.objects.values_list("code", flat=True))


def sale_ids() -> list[UUID]:
    return list(Sale.objects.values_list("pk", flat=True))
