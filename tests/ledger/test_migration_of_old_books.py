"""A database of before: funders below zero keep what they drew as an agreement by that name."""

import importlib

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.ledger import selectors, services
from huanxin.ledger.errors import FundExhausted
from huanxin.ledger.types import AccountKind, NewAccount
from tests import given_ledger as given

pytestmark = pytest.mark.django_db
migration = importlib.import_module("huanxin.ledger.migrations.0004_old_debts_are_named")
SHOP = "funder:old-shop"


def test_an_old_debt_becomes_a_named_line_and_grows_no_further():
    services.open_accounts(
        accounts=[
            NewAccount(SHOP, AccountKind.FUNDER, owner_key="old-shop"),
            NewAccount("huanxin:old-shop", AccountKind.HUANXIN, owner_key="old-shop"),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_balance DROP CONSTRAINT balance_never_overspent")
        cursor.execute(
            "UPDATE ledger_balance SET debits_posted_fen = 700 FROM ledger_account a"
            " WHERE a.id = account_id AND a.code = %s", [SHOP],
        )  # fmt: skip
        cursor.execute(migration._OLD_DEBTS)

    line = selectors.find_credit_line(SHOP)
    assert (line.limit_fen, line.title) == (700, "启用垫付额度前已形成的垫付")
    assert selectors.get_balance(SHOP).spendable_fen == 0
    with pytest.raises(FundExhausted):
        services.hold_transfers(legs=[given.leg(SHOP, "huanxin:old-shop", 1)])


def test_public_money_has_no_credit_line_even_by_hand():
    budget = given.budget(100)
    with (
        pytest.raises(IntegrityError, match="balance_credit_for_funders"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE ledger_balance SET credit_limit_fen = 1 FROM ledger_account a"
            " WHERE a.id = account_id AND a.code = %s", [budget],
        )  # fmt: skip
