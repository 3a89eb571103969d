from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel.errors import RequestReused
from huanxin.ledger import selectors, services
from huanxin.ledger.errors import AccountUnknown, AmountNotPositive, FundExhausted, SameAccount
from huanxin.ledger.types import Balance
from tests import given_ledger as given

pytestmark = pytest.mark.django_db


def test_posted_money_leaves_one_account_and_reaches_the_other():
    budget = given.budget(100_000)
    services.post_transfers(legs=[given.leg(budget, "payable:a", 30_000)])

    assert selectors.get_balance(budget).available_fen == 70_000
    assert selectors.get_balance("payable:a").available_fen == 30_000
    assert selectors.get_balance(given.TREASURY) == Balance(debits_posted_fen=100_000)


def test_one_fen_too_much_moves_nothing_of_the_batch():
    budget = given.budget(100_000)
    legs = [given.leg(budget, "payable:a", 60_000), given.leg(budget, "payable:b", 40_001)]
    with pytest.raises(FundExhausted) as refusal:
        services.post_transfers(legs=legs)

    assert refusal.value.facts == {
        "account": budget, "available_fen": 100_000, "need_fen": 100_001,
    }  # fmt: skip
    assert selectors.get_balance(budget).available_fen == 100_000
    assert selectors.get_balance("payable:a") == Balance()
    assert selectors.transfers_of("test", legs[0].cause_id) == []


def test_the_last_fen_may_be_spent():
    budget = given.budget(100_000)
    services.post_transfers(legs=[given.leg(budget, "payable:a", 100_000)])
    assert selectors.get_balance(budget).available_fen == 0


def test_the_same_key_and_money_moves_once():
    budget = given.budget(100_000)
    leg = given.leg(budget, "payable:a", 30_000)
    first = services.post_transfers(legs=[leg])
    again = services.post_transfers(legs=[leg])
    twice_in_one = services.post_transfers(legs=[leg, leg])

    assert again == first
    assert twice_in_one == first * 2
    assert selectors.get_balance("payable:a").available_fen == 30_000


def test_a_retry_beside_a_new_leg_moves_only_the_new_one():
    budget = given.budget(100_000)
    old, new = (given.leg(budget, "payable:a", amount) for amount in (30_000, 5_000))
    [old_id] = services.post_transfers(legs=[old])
    both = services.post_transfers(legs=[new, old])

    assert both[1] == old_id
    assert selectors.get_balance("payable:a").available_fen == 35_000


def test_a_retry_is_answered_although_the_money_is_gone():
    budget = given.budget(100_000)
    leg = given.leg(budget, "payable:a", 100_000)
    assert services.post_transfers(legs=[leg]) == services.post_transfers(legs=[leg])


@pytest.mark.parametrize(
    "change", [{"amount_fen": 1}, {"credit": "payable:b"}, {"debit": given.TREASURY}]
)
def test_the_same_key_with_other_money_is_refused(change):
    budget = given.budget(100_000)
    leg = given.leg(budget, "payable:a", 30_000)
    services.post_transfers(legs=[leg])
    with pytest.raises(RequestReused):
        services.post_transfers(legs=[replace(leg, **change)])
    with pytest.raises(RequestReused):
        services.hold_transfers(legs=[leg])
    fresh = given.leg(budget, "payable:a", 1)
    with pytest.raises(RequestReused):
        services.post_transfers(legs=[fresh, replace(fresh, amount_fen=2)])

    assert selectors.get_balance("payable:a").available_fen == 30_000
    assert selectors.get_balance("payable:b") == Balance()


def test_what_is_no_transfer_is_refused():
    budget = given.budget(100_000)
    with pytest.raises(AmountNotPositive):
        services.post_transfers(legs=[given.leg(budget, "payable:a", 0)])
    with pytest.raises(SameAccount):
        services.post_transfers(legs=[given.leg(budget, budget, 1)])
    with pytest.raises(AccountUnknown) as refusal:
        services.post_transfers(legs=[given.leg(budget, "payable:nobody", 1)])
    assert refusal.value.facts == {"account": "payable:nobody"}


def test_opening_accounts_again_changes_nothing():
    budget = given.budget(100_000)
    count = selectors.sum_check().accounts
    given.budget(1)
    assert selectors.sum_check().accounts == count
    assert selectors.get_balance(budget).available_fen == 100_001


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount_fen = amount_fen + 1",
        "DELETE FROM ledger_transfer",
        "UPDATE ledger_account SET code = 'budget:mine' WHERE kind = 'budget'",
    ],
)
def test_transfers_and_accounts_cannot_be_rewritten(statement):
    given.budget(100_000)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
