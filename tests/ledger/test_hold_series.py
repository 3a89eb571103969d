"""Many holds between two accounts in one statement, and what the database itself refuses."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.ledger import selectors, services
from huanxin.ledger.types import HoldKey
from tests import given_ledger

pytestmark = pytest.mark.django_db


def hold(budget, holds, *, credit="payable:a", cause="rush"):
    with transaction.atomic():
        services.hold_series(cause=cause, leg="only", debit=budget, credit=credit, holds=holds)


def test_a_series_holds_each_and_all():
    budget = given_ledger.budget(100_000)
    holds = [(uuid4(), 30_000), (uuid4(), 20_000)]
    hold(budget, holds)
    assert selectors.get_balance(budget).available_fen == 50_000
    assert selectors.get_balance("payable:a").credits_pending_fen == 50_000
    services.void_held(keys=[HoldKey("rush", holds[0][0], "only")], reason="test")
    assert selectors.get_balance(budget).available_fen == 80_000
    assert selectors.sum_check().difference_fen == 0


def test_what_the_guard_forbids_moves_nothing():
    budget = given_ledger.budget(100_000)
    twice = uuid4()
    for holds, credit, said in (
        ([(uuid4(), 60_000), (uuid4(), 60_000)], "payable:a", "balance_never_overspent"),
        ([(twice, 1), (twice, 1)], "payable:a", "transfer_key_once"),
        ([(uuid4(), 0)], "payable:a", "transfer_amount_positive"),
        ([(uuid4(), -5)], "payable:a", "transfer_amount_positive"),
        ([(uuid4(), 1)], "payable:unknown", "credit_id"),
    ):
        with pytest.raises(IntegrityError, match=said):
            hold(budget, holds, credit=credit)
    assert selectors.get_balance(budget).available_fen == 100_000
    assert selectors.sum_check().difference_fen == 0


TRANSFER = """
INSERT INTO ledger_transfer
    (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen, reason, made_at, made_on)
SELECT kind, 'forged', %s, leg, debit_id, 987654321, 1, '', made_at, made_on
FROM ledger_transfer LIMIT 1
"""


def test_a_transfer_to_no_account_is_refused_and_accounts_stay_for_ever():
    given_ledger.budget()
    for statement, said in (
        (TRANSFER.replace("%s", f"'{uuid4()}'"), "ledger_transfer_credit_id_known"),
        ("DELETE FROM ledger_account", "append-only"),
    ):
        with (
            pytest.raises(IntegrityError, match=said),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_control_without_the_trigger_money_goes_to_no_account():
    given_ledger.budget()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER ledger_transfer_credit_id_known ON ledger_transfer")
        cursor.execute(TRANSFER, [uuid4()])
        assert cursor.rowcount == 1
