"""Money goes down the levels fund by fund, and up again what is unused; never below zero."""

from datetime import UTC, datetime
from unittest import mock
from uuid import uuid4

import pytest

from huanxin.identity.errors import RegionUnknown
from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed, RequestReused
from huanxin.ledger import rules as ledger_rules
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as books
from huanxin.ledger.errors import AmountNotPositive, AmountTooLarge, FundExhausted
from huanxin.ledger.types import (
    MOST_FEN,
    AccountKind,
    Leg,
    NewAccount,
    budget_code,
    treasury_code,
)
from huanxin.policy.errors import PolicyUnknown
from huanxin.vouchers import _budgets
from huanxin.vouchers.errors import (
    BudgetShort,
    FundClosed,
    FundEntersBelow,
    FundUnknown,
    NoParentBudget,
)
from huanxin.vouchers.services import budgeting, releasing
from tests import given, given_claims, given_vouchers
from tests import given_budgets as money
from tests.given_budgets import CITY, COUNTY, PROVINCE, SIBLING
from tests.given_vouchers import PROGRAMME

IN_FORCE = clock.moment(datetime(2026, 9, 1, tzinfo=UTC).date(), 10)


@pytest.fixture(autouse=True)
def _a_day_in_force():
    with clock.standing_at(IN_FORCE):
        yield


@pytest.fixture
def rules_apply(db):
    given_claims.rules_in_force()


@pytest.fixture
def any_programme():
    with mock.patch.object(_budgets, "check_programme"):
        yield


def balances():
    accounts = ledger.balances(
        [
            *(budget_code(code, PROGRAMME) for code in (PROVINCE, CITY, COUNTY, SIBLING)),
            *(treasury_code(fund) for fund in ("central", "province", "city")),
        ]
    )
    return {code: balance.available_fen for code, balance in accounts.items()}


@pytest.mark.django_db
def test_treasury_money_passes_every_level_and_stands_at_the_last(rules_apply):
    money.money(COUNTY)
    assert {code: money.free_fen(code) for code in (PROVINCE, CITY, COUNTY)} == {
        PROVINCE: 0, CITY: 0, COUNTY: 10_000,
    }  # fmt: skip
    assert money.parts(COUNTY) == money.SHARES
    city = ledger.get_balance(budget_code(CITY, PROGRAMME))
    province = ledger.get_balance(budget_code(PROVINCE, PROGRAMME))
    assert city.credits_posted_fen == city.debits_posted_fen == 10_000
    assert province.credits_posted_fen == 9_000  # the city's own money never was the province's
    assert ledger.get_balance(treasury_code("city")).debits_posted_fen == 1_000


@pytest.mark.django_db
def test_a_city_allocates_to_its_county_in_its_own_proportions(rules_apply):
    money.money(CITY)
    assert money.allocate(money.city(), COUNTY, 99) == {"central": 84, "province": 5, "city": 10}
    assert money.parts(COUNTY) == {"central": 84, "province": 5, "city": 10}
    assert money.parts(CITY) == {"central": 8_416, "province": 495, "city": 990}
    assert (money.free_fen(CITY), money.free_fen(COUNTY)) == (9_901, 99)


@pytest.mark.django_db
def test_one_fund_alone_may_go_down_and_no_more_than_there_is_of_it(rules_apply):
    money.money(CITY)
    assert money.allocate(money.city(), COUNTY, 500, fund="province") == {"province": 500}
    with pytest.raises(BudgetShort) as refusal:
        money.allocate(money.city(), COUNTY, 1, fund="province")
    assert refusal.value.facts["available"] == "¥0.00"
    assert money.parts(COUNTY) == {"central": 0, "province": 500, "city": 0}


@pytest.mark.django_db
def test_what_goes_up_again_has_the_proportions_in_which_it_lay(rules_apply):
    money.money(CITY)
    money.allocate(money.city(), COUNTY, 5_000)
    assert money.reclaim(money.city(), COUNTY, 5_000) == {
        "central": 4_250, "province": 250, "city": 500,
    }  # fmt: skip
    assert money.parts(CITY) == money.SHARES
    assert money.free_fen(COUNTY) == 0


@pytest.mark.django_db
def test_unused_quota_goes_home_to_the_treasury_it_came_from(rules_apply):
    money.money(CITY)
    assert money.reclaim(money.province(), CITY, 10_000) == money.SHARES
    assert ledger.get_balance(treasury_code("city")).available_fen == 0  # a city's own goes home
    assert money.parts(PROVINCE) == {"central": 8_500, "province": 500, "city": 0}
    money.reclaim(money.province(), PROVINCE, 9_000)
    assert set(balances().values()) == {0}
    assert ledger.sum_check().difference_fen == 0


@pytest.mark.django_db
def test_a_pool_takes_every_fund_along_and_brings_back_what_it_did_not_spend(rules_apply):
    pool_id = given_vouchers.pool(quantity=10, budget_fen=1_500_000)
    with clock.standing_at(given_vouchers.OPENS):
        releasing.close_pool(actor=given.system(), pool_id=pool_id, reason="本期结束")
    assert money.parts(COUNTY) == {"central": 1_500_000, "province": 0, "city": 0}
    money.money(COUNTY, central=850_000, city=150_000)
    before = money.parts(COUNTY)
    pools = given_vouchers.pool(quantity=1, budget_fen=100_001)
    flows = [f for f in ledger.flows([budget_code(COUNTY, PROGRAMME)]) if str(pools) in f.credit]
    assert sum(flow.amount_fen for flow in flows) == 100_001
    assert {flow.leg for flow in flows} == {"central", "city"}
    with clock.standing_at(given_vouchers.OPENS):
        releasing.close_pool(actor=given.system(), pool_id=pools, reason="本期结束")
    after = money.parts(COUNTY)
    assert after == before | {"central": before["central"] + 100_001}


@pytest.mark.django_db
@pytest.mark.parametrize("verb", [money.allocate, money.reclaim])
def test_a_county_officer_moves_no_money_between_the_city_and_a_county(rules_apply, verb):
    money.money(CITY)
    money.allocate(money.city(), SIBLING, 3_000)
    before = balances()
    for region in (SIBLING, COUNTY):
        with pytest.raises(NotAllowed):
            verb(money.county(), region, 100)
    assert balances() == before


@pytest.mark.django_db
def test_a_city_officer_gives_nothing_to_herself_and_nothing_to_another_city(rules_apply):
    money.money(PROVINCE, central=9_000)
    before = balances()
    with pytest.raises(NotAllowed):
        money.allocate(money.city(), CITY, 100)
    with pytest.raises(NotAllowed):
        money.allocate(money.city(), "370100", 100)
    with pytest.raises(NotAllowed):
        budgeting.give_budget(
            actor=money.county(), programme=PROGRAMME, region_code=COUNTY,
            shares_fen={"central": 1}, request_id=uuid4(),
        )  # fmt: skip
    assert balances() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("amount_fen", "refusal"),
    [(0, AmountNotPositive), (-1, AmountNotPositive), (MOST_FEN + 1, AmountTooLarge),
     (2**63, AmountTooLarge), (10_001, BudgetShort)],
)  # fmt: skip
def test_amounts_that_cannot_move_are_refused_in_every_direction(rules_apply, amount_fen, refusal):
    money.money(CITY)
    money.allocate(money.city(), COUNTY, 10)
    before = balances()
    with pytest.raises(refusal):
        money.allocate(money.city(), COUNTY, amount_fen)
    with pytest.raises(refusal):
        money.reclaim(money.city(), COUNTY, amount_fen)
    if refusal is not BudgetShort:
        with pytest.raises(refusal):
            money.money(COUNTY, central=amount_fen)
    assert balances() == before


@pytest.mark.django_db
def test_names_that_nobody_knows_are_refused(rules_apply):
    money.money(CITY)
    before = balances()
    with pytest.raises(RegionUnknown):
        money.allocate(money.city(), "999999", 1)
    with pytest.raises(PolicyUnknown):
        money.allocate(money.city(), COUNTY, 1, programme="no-such-programme")
    with pytest.raises(FundUnknown):
        money.allocate(money.city(), COUNTY, 1, fund="county")
    with pytest.raises(FundUnknown):
        money.money(COUNTY, treasure=1)
    with pytest.raises(FundEntersBelow):
        money.money(PROVINCE, city=1)
    with pytest.raises(NoParentBudget):
        money.allocate(given.system(), PROVINCE, 1)
    with pytest.raises(AmountNotPositive):
        budgeting.give_budget(
            actor=given.system(), programme=PROGRAMME, region_code=COUNTY, shares_fen={},
            request_id=uuid4(),
        )  # fmt: skip
    assert balances() == before


@pytest.mark.django_db
def test_after_the_programme_money_goes_up_and_no_longer_down(rules_apply):
    money.money(CITY)
    money.allocate(money.city(), COUNTY, 100)
    with clock.standing_at(clock.moment(datetime(2027, 1, 1, tzinfo=UTC).date())):
        for give in (lambda: money.allocate(money.city(), COUNTY, 1), lambda: money.money(CITY)):
            with pytest.raises(FundClosed) as refusal:
                give()
            assert refusal.value.facts["ended_on"] == "2027-01-01"
        assert sum(money.reclaim(money.city(), COUNTY, 100).values()) == 100
    with clock.standing_at(clock.moment(datetime(2026, 12, 31, tzinfo=UTC).date(), 23, 59)):
        money.allocate(money.city(), COUNTY, 1)  # the last day is a day


@pytest.mark.django_db
@pytest.mark.parametrize("verb", [money.allocate, money.reclaim])
def test_a_request_moves_once_and_other_content_under_its_id_is_refused(rules_apply, verb):
    money.money(CITY)
    money.allocate(money.city(), COUNTY, 500)
    actor, request_id = money.city(), uuid4()
    first = verb(actor, COUNTY, 100, request_id=request_id)
    after = balances()
    assert verb(actor, COUNTY, 100, request_id=request_id) == first
    for change in ({"fund": "central"}, {"programme": "digital-2026"}):
        with pytest.raises(RequestReused):
            verb(actor, COUNTY, 100, request_id=request_id, **change)
    with pytest.raises(RequestReused):
        verb(actor, COUNTY, 101, request_id=request_id)
    assert balances() == after


@pytest.mark.django_db(transaction=True)
def test_counties_that_ask_at_once_get_no_more_than_the_city_has(race, any_programme):
    money.money(CITY)
    counties = [COUNTY, SIBLING]
    city = money.city()

    def one(number):
        with clock.standing_at(IN_FORCE):
            return money.allocate(city, counties[number % 2], 3_000)

    outcomes = race(one, 8)
    assert sum(isinstance(x, dict) for x in outcomes) == 3
    assert sum(isinstance(x, BudgetShort) for x in outcomes) == 5
    assert money.free_fen(CITY) == 1_000
    assert money.free_fen(COUNTY) + money.free_fen(SIBLING) == 9_000
    assert all(fen >= 0 for code in [*counties, CITY] for fen in money.parts(code).values())
    assert ledger.sum_check().difference_fen == 0


@pytest.mark.django_db(transaction=True)
def test_down_and_up_at_once_do_not_wait_for_each_other_in_a_ring(race, any_programme):
    money.money(CITY)
    city = money.city()
    money.allocate(city, COUNTY, 5_000)

    def one(number):
        with clock.standing_at(IN_FORCE):
            verb = money.allocate if number % 2 else money.reclaim
            return [verb(city, COUNTY, 10) for _ in range(5)]

    outcomes = race(one, 6)
    assert all(isinstance(outcome, list) for outcome in outcomes)
    assert (money.free_fen(CITY), money.free_fen(COUNTY)) == (5_000, 5_000)


@pytest.mark.django_db(transaction=True)
def test_control_without_lock_and_look_only_the_constraint_stands(race, any_programme):
    """Officers who decide on a stale look: the rule lets eight pass, the CHECK three."""
    money.money(CITY)
    city = money.city()
    stale = {"central": 8_500, "province": 500, "city": 1_000}

    def one(number):
        with clock.standing_at(IN_FORCE):
            return money.allocate(city, COUNTY if number % 2 else SIBLING, 3_000)

    with (
        mock.patch.object(budgeting._budget_rules, "parts_of", return_value=stale),
        mock.patch.object(ledger_rules, "check_never_overspent"),
    ):
        outcomes = race(one, 8)
    refused = [x for x in outcomes if not isinstance(x, dict)]
    assert len(refused) == 5
    guards = ("balance_never_overspent", "fund_never_overspent")  # whichever is met first
    assert all(any(name in str(x) for name in guards) for x in refused)
    assert money.free_fen(CITY) == 1_000


@pytest.mark.django_db
def test_a_pool_cannot_take_more_than_the_countys_budget(rules_apply):
    money.money(COUNTY, central=100)
    budget = budget_code(COUNTY, PROGRAMME)
    with pytest.raises(FundExhausted):
        _move_to_pool(budget, 101)
    assert money.free_fen(COUNTY) == 100


def _move_to_pool(budget, amount_fen):

    pool = NewAccount("pool:x", AccountKind.POOL, given.COUNTY_PATH, "x")
    books.open_accounts(accounts=[pool])
    legs = _budgets.by_fund([Leg("pool.opened", uuid4(), "budget", budget, "pool:x", amount_fen)])
    books.post_transfers(legs=legs)
