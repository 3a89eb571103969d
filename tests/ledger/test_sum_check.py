import pytest
from django.db import connection

from huanxin.ledger import selectors, services
from tests import given_ledger as given

pytestmark = pytest.mark.django_db


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_fen_slipped_into_a_balance_is_found():
    budget = given.budget(100_000)
    execute(
        "UPDATE ledger_balance SET credits_posted_fen = credits_posted_fen + 1 FROM ledger_account"
        f" WHERE id = account_id AND code = '{budget}'"
    )
    proof = selectors.sum_check()
    assert proof.difference_fen == 1
    [difference] = proof.differences
    assert difference.code == budget
    assert difference.balance.credits_posted_fen == 100_001
    assert difference.from_transfers.credits_posted_fen == 100_000


def test_a_transfer_written_past_the_service_is_found_on_both_sides():
    given.budget(100_000)
    execute(
        "INSERT INTO ledger_transfer (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen,"
        " reason, made_at, made_on) SELECT kind, 'forged', cause_id, leg, debit_id, credit_id, 7,"
        " '', made_at, made_on FROM ledger_transfer"
    )
    proof = selectors.sum_check()
    assert proof.difference_fen == 14
    assert len(proof.differences) == 2


def test_a_resolution_of_the_wrong_accounts_is_found():
    budget = given.budget(100_000)
    leg = given.leg(budget, "payable:a", 500)
    [pending] = services.hold_transfers(legs=[leg])
    execute(
        "INSERT INTO ledger_transfer (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen,"
        " reason, made_at, made_on, pending_id) SELECT 'post_pending', t.cause, t.cause_id, t.leg,"
        " t.debit_id, a.id, 500, '', t.made_at, t.made_on, t.id"
        f" FROM ledger_transfer t, ledger_account a WHERE t.id = {pending} AND a.code = 'payable:b'"
    )
    proof = selectors.sum_check()
    assert len(proof.faults) == 1
    assert proof.difference_fen > 0


def test_the_published_views_show_what_stands():
    budget = given.budget(100_000)
    kept, part = (given.leg(budget, "payable:a", 500) for _ in range(2))
    services.hold_transfers(legs=[kept, part])
    services.post_held(posts=[(part.key, 200)])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, amount_fen FROM mart_ledger_transfer WHERE debit_code = %s"
            " ORDER BY state", [budget],
        )  # fmt: skip
        assert cursor.fetchall() == [("pending", 500), ("posted", 200)]
        cursor.execute(
            "SELECT kind, available_fen FROM mart_ledger_account WHERE code = %s", [budget]
        )
        assert cursor.fetchall() == [("budget", 99_300)]
