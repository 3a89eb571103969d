"""The allocation tree: every figure a sum of transfers, agreeing with settlement to the fen."""

from datetime import date
from uuid import uuid4

import pytest

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as books
from huanxin.ledger.types import AccountKind, FundMoney, Leg, NewAccount, budget_code
from huanxin.settlement import selectors as settlement
from huanxin.settlement.types import FUNDS
from huanxin.vouchers import selectors
from tests import given, given_claims, given_settlement, given_vouchers
from tests import given_budgets as money
from tests.given_budgets import CITY, COUNTY, PROVINCE
from tests.given_vouchers import PROGRAMME

EVERYWHERE = Scope()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_day_in_force():
    given_claims.rules_in_force()
    with clock.standing_at(clock.moment(date(2026, 9, 1), 8)):
        yield


def tree(scope=EVERYWHERE):
    return {node.region_code: node for node in selectors.list_budgets(scope, programme=PROGRAMME)}


def test_each_level_says_what_came_what_went_down_and_what_is_unused():
    money.money(CITY)
    money.allocate(money.city(), COUNTY, 4_000)
    money.reclaim(money.city(), COUNTY, 1_000)
    nodes = tree()
    assert list(nodes) == [PROVINCE, CITY, COUNTY]
    city, county = nodes[CITY], nodes[COUNTY]
    assert (city.allocated_fen, city.given_down_fen, city.unused_fen) == (10_000, 3_000, 7_000)
    assert (county.allocated_fen, county.unused_fen) == (3_000, 3_000)
    assert city.funds["central"] == FundMoney(8_500, 2_550, 0, 5_950)
    assert (nodes[PROVINCE].allocated_fen, nodes[PROVINCE].unused_fen) == (9_000, 0)


def test_a_pools_money_is_paid_held_or_left():
    pool_id = given_vouchers.pool(quantity=10)
    spent = given_vouchers.right(pool_id)
    given_vouchers.right(pool_id)
    given_vouchers.spend(given_vouchers.redemption(spent, amount_fen=74_085))
    [pool] = tree()[COUNTY].pools
    assert pool.put_in_fen == 1_500_000
    assert pool.held_fen == 150_000 + 74_085
    assert pool.paid_fen == 0
    assert pool.left_fen == 1_500_000 - pool.held_fen
    assert dict(pool.funds_fen) == {"central": 1_500_000, "province": 0, "city": 0}


def test_paid_by_fund_is_settlements_split_to_the_fen():
    """The claims' own splits, summed by pool, are what the ledger paid out of that pool."""
    given_settlement.paid()
    [pool] = tree()[COUNTY].pools
    split = settlement.fund_sums([pool.code])[pool.code]
    assert pool.paid_fen == split.total_fen > 0
    for fund in FUNDS:
        bank = ledger.find_balance(f"bank:{fund}")
        assert getattr(split, f"{fund}_fen") == (bank.credits_posted_fen if bank else 0)


def test_the_funds_of_every_level_add_up_to_it():
    money.money(CITY, central=8_501, province=499, city=1_003)
    for amount_fen in (1, 33, 1_234, 4_567):
        money.allocate(money.city(), COUNTY, amount_fen)
    money.reclaim(money.city(), COUNTY, 777)
    for node in tree().values():
        sums = [
            sum(getattr(part, name) for part in node.funds.values())
            for name in ("allocated_fen", "given_down_fen", "in_pools_fen", "unused_fen")
        ]
        assert sums == [
            node.allocated_fen, node.given_down_fen, node.in_pools_fen, node.unused_fen,
        ]  # fmt: skip
    treasuries = ledger.balances(f"treasury:{fund}" for fund in FUNDS)
    given_out = sum(-balance.available_fen for balance in treasuries.values())
    assert given_out == sum(node.unused_fen for node in tree().values()) == 10_003


def test_nobody_sees_past_their_region():
    money.money(CITY)
    money.allocate(money.city(), COUNTY, 1)
    assert list(tree(Scope(region_path=given.CITY_PATH))) == [CITY, COUNTY]
    assert list(tree(Scope(region_path=given.COUNTY_PATH))) == [COUNTY]
    assert tree(Scope(region_path="370000/370100")) == {}


def test_books_of_before_funds_went_along_are_still_told_apart():
    """Old pools took from the whole budget: their part is spread over what the funds had given."""
    money.money(COUNTY)
    pool = NewAccount(f"pool:{uuid4()}", AccountKind.POOL, given.COUNTY_PATH)
    books.open_accounts(accounts=[pool])
    budget = budget_code(COUNTY, PROGRAMME)
    books.post_transfers(legs=[Leg("pool.opened", uuid4(), "budget", budget, pool.code, 1_000)])
    node = tree()[COUNTY]
    assert node.in_pools_fen == 1_000
    assert {fund: part.unused_fen for fund, part in node.funds.items()} == {
        "central": 7_650, "province": 450, "city": 900,
    }  # fmt: skip
