"""No fund of a budget or pool goes below zero, whatever writes the transfer."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel import clock
from huanxin.ledger import services as books
from huanxin.ledger.types import Leg, budget_code
from huanxin.vouchers import models
from tests import given, given_claims, given_vouchers
from tests import given_budgets as money
from tests.given_budgets import CITY, COUNTY
from tests.given_vouchers import PROGRAMME

pytestmark = pytest.mark.django_db
FROM, TO = budget_code(CITY, PROGRAMME), budget_code(COUNTY, PROGRAMME)


@pytest.fixture(autouse=True)
def _a_day_in_force(db):
    given_claims.rules_in_force()
    with clock.standing_at(given_vouchers.OPENS):
        money.money(CITY)  # 8,500 central, 500 province, 1,000 city
        money.allocate(money.city(), COUNTY, 1_000)
        yield


def past_the_rule(fund, amount_fen):
    books.post_transfers(legs=[Leg("budget.allocated", uuid4(), fund, FROM, TO, amount_fen)])


def rows(code):
    found = models.FundBalance.objects.filter(account__code=code)
    return {row.fund: row.left_fen for row in found}


def test_the_rows_follow_every_transfer_and_are_what_the_rule_computes():
    assert rows(FROM) == money.parts(CITY) == {"central": 7_650, "province": 450, "city": 900}
    assert rows(TO) == money.parts(COUNTY) == {"central": 850, "province": 50, "city": 100}
    money.reclaim(money.city(), COUNTY, 1_000)
    assert rows(FROM) == money.parts(CITY)
    assert set(rows(TO).values()) == {0}


def test_a_fund_is_refused_by_the_database_though_the_budget_has_enough():
    with pytest.raises(IntegrityError, match="fund_never_overspent"), transaction.atomic():
        past_the_rule("city", 901)
    assert money.free_fen(CITY) == 9_000
    assert rows(FROM)["city"] == 900
    past_the_rule("city", 900)
    assert rows(FROM)["city"] == 0


def test_control_without_the_trigger_the_fund_falls_below_zero():
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER vouchers_count_funds ON ledger_transfer")
    past_the_rule("city", 901)
    assert money.parts(CITY)["city"] == -1


def test_a_pool_takes_its_funds_along_and_gives_back_what_it_did_not_spend():
    pool_id = given_vouchers.pool(quantity=2, budget_fen=300_000)
    code = f"pool:{pool_id}"
    put_in = rows(code)
    assert sum(put_in.values()) == 300_000
    given_vouchers.right(pool_id, given.person())
    assert rows(code) == put_in  # what is spent has no fund before settlement


def test_an_account_that_moved_money_without_its_fund_is_left_to_the_rule():
    books.post_transfers(legs=[Leg("budget.allocated", uuid4(), "budget", FROM, TO, 5)])
    rowed = models.FundBalance.objects.filter(account__code__in=[FROM, TO])
    assert not rowed.filter(is_guarded=True).exists()
    past_the_rule("city", 901)  # its share is a computed one: the rule's to judge
    assert rows(FROM)["city"] == -1
