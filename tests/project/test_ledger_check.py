"""huanxin ledger check: zero and 0, or the account by name and 1."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from huanxin.project.cli import main
from tests import given_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_tests_own_database(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "set: the command looks no further")


def check(*words):
    return CliRunner().invoke(main, ["ledger", "check", *words])


def test_books_that_prove_end_with_zero():
    given_ledger.budget(100_000)
    shown = check()
    assert shown.exit_code == 0
    assert "共 4 个账户、1 笔流水，全部相符，相差 0 分" in shown.output
    assert json.loads(check("--json").output)["is_clean"] is True


def test_a_balance_edited_by_hand_ends_with_one_and_names_the_account():
    budget = given_ledger.budget(100_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_balance SET debits_posted_fen = 9 FROM ledger_account a"
            " WHERE a.id = account_id AND a.code = %s", [budget],
        )  # fmt: skip
    shown = check()
    assert shown.exit_code == 1
    assert f"账户 {budget}：余额与流水相差 9 分" in shown.output
