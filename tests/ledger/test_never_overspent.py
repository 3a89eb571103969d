"""Promise 1: no budget goes below zero by one fen, whatever the concurrency."""

import threading
from dataclasses import replace
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.ledger import rules, selectors, services
from huanxin.ledger.errors import FundExhausted
from tests import given_ledger as given

SHOPPERS, EACH_FEN = 8, 30_000  # 8 x 300.00 want 1,000.00


def spend(budget):
    def one(_):
        return services.hold_transfers(legs=[given.leg(budget, "payable:a", EACH_FEN)])

    return one


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_no_more_than_there_is(race):
    budget = given.budget(100_000)
    outcomes = race(spend(budget), SHOPPERS)

    assert sum(isinstance(x, list) for x in outcomes) == 3
    assert sum(isinstance(x, FundExhausted) for x in outcomes) == 5
    assert selectors.get_balance(budget).available_fen == 10_000
    assert selectors.sum_check().difference_fen == 0


@pytest.mark.django_db(transaction=True)
def test_without_the_rule_the_constraint_still_refuses(race):
    budget = given.budget(100_000)
    with mock.patch.object(rules, "check_never_overspent"):
        outcomes = race(spend(budget), SHOPPERS)

    refused = [x for x in outcomes if isinstance(x, IntegrityError)]
    assert len(refused) == 5
    assert all("balance_never_overspent" in str(x) for x in refused)
    assert selectors.get_balance(budget).available_fen == 10_000


@pytest.mark.django_db
def test_control_without_rule_and_constraint_the_budget_is_overspent():
    budget = given.budget(100_000)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_balance DROP CONSTRAINT balance_never_overspent")
    with mock.patch.object(rules, "check_never_overspent"):
        for number in range(SHOPPERS):
            spend(budget)(number)
    assert selectors.get_balance(budget).available_fen == 100_000 - SHOPPERS * EACH_FEN < 0


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_shoppers_decide_on_stale_balances(race):
    """The lock is what makes the refusal a polite one: without it only the constraint is left."""
    budget = given.budget(100_000)
    barrier, lock, read_sql = threading.Barrier(SHOPPERS), services._lock, services.read_sql

    def unlocked_sql(package, name):
        file = read_sql(package, name)
        return replace(file, text=file.text.replace("FOR NO KEY UPDATE OF b", ""))

    def meet(codes):
        accounts = lock(codes)
        barrier.wait(timeout=20)
        return accounts

    with (
        mock.patch.object(services, "read_sql", unlocked_sql),
        mock.patch.object(services, "_lock", meet),
    ):
        outcomes = race(spend(budget), SHOPPERS)

    assert sum(isinstance(x, IntegrityError) for x in outcomes) == 5
    assert selectors.get_balance(budget).available_fen == 10_000


@pytest.mark.django_db(transaction=True)
def test_transfers_between_the_same_accounts_in_both_directions_do_not_deadlock(race):
    budget = given.budget(100_000)
    services.post_transfers(legs=[given.leg(budget, "payable:a", 50_000)])

    def there_and_back(number):
        pair = ("payable:a", "payable:b") if number % 2 else ("payable:b", "payable:a")
        for _ in range(5):
            services.post_transfers(legs=[given.leg(*pair, 10)])

    assert race(there_and_back, 6) == [None] * 6
    assert selectors.sum_check().difference_fen == 0


@pytest.mark.django_db(transaction=True)
def test_one_key_raced_by_many_moves_once(race):
    budget = given.budget(100_000)
    leg = given.leg(budget, "payable:a", 30_000)
    outcomes = race(lambda _: services.hold_transfers(legs=[leg]), 6)
    assert len({tuple(x) for x in outcomes}) == 1
    resolved = race(lambda _: services.post_held(posts=[(leg.key, None)]), 6)
    assert len({tuple(x) for x in resolved}) == 1
    assert selectors.get_balance("payable:a").available_fen == 30_000
