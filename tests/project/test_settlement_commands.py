"""huanxin settlement: what the shell says of a bank's answers, a day's proof, a closed month."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from huanxin.kernel import clock
from huanxin.project.cli import main
from huanxin.settlement import models
from tests import given, given_settlement
from tests.ledger import test_closing
from tests.settlement.test_answer_file import answer_file, ordered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_tests_own_database(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "set: the command looks no further")


def settlement(*words):
    shown = CliRunner().invoke(main, ["settlement", *map(str, words)])
    assert "Traceback" not in shown.output
    return shown


@pytest.fixture
def brought(tmp_path):
    """A payment order and what the bank says of it, as a file."""
    with clock.standing_at(given_settlement.PAID_AT):
        [order] = ordered()
        path = tmp_path / "回执.csv"
        path.write_bytes(answer_file(f"{order.number},749.85,成功,回单1,"))
        yield path


def test_answers_are_imported_once(brought):
    first, again = settlement("import", brought), settlement("import", brought, "--json")
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "共 1 行，登记 1 行，0 行成为差异" in first.output
    assert json.loads(again.output)["is_repeat"] is True
    assert "此前已导入，没有改动" in settlement("import", brought).output
    assert models.AnswerFile.objects.count() == 1


def test_a_difference_ends_with_one_and_names_the_line(brought):
    brought.write_bytes(answer_file("FK260903-1502-9999999-9,10.00,成功,回单7,"))
    shown = settlement("import", brought)
    assert shown.exit_code == 1
    assert "第 2 行 FK260903-1502-9999999-9" in shown.output
    assert "登记 0 行，1 行成为差异" in shown.output


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x81", b"a,b\n1,2\n", b"PK\x03\x04broken"])
@pytest.mark.parametrize("name", ["回执.csv", "回执.xlsx", "回执"])
def test_a_file_that_is_none_is_a_sentence_and_two(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    shown = settlement("import", path)
    assert shown.exit_code == 2
    assert "（settlement." in shown.output
    assert models.AnswerFile.objects.count() == 0


def test_a_days_proof_ends_with_zero_until_something_is_open(brought):
    given.regions()
    shown = settlement("reconcile")
    assert shown.exit_code == 0, shown.output
    assert "相差 0 分，差异 0 处" in shown.output
    brought.write_bytes(answer_file("FK260903-1502-9999999-9,10.00,成功,回单7,"))
    settlement("import", brought)
    found = settlement("reconcile", "--json")
    assert found.exit_code == 1
    assert json.loads(found.output)["difference_fen"] == 0
    assert len(json.loads(found.output)["differences"]) == 1


def test_a_closed_month_is_proved_and_an_open_one_is_a_sentence():
    test_closing.given_money()
    test_closing.close()
    shown = settlement("check-month", "2026-09")
    assert shown.exit_code == 0, shown.output
    assert "2026-09 月结 2 个账户，与封存时完全一致" in shown.output
    missing = settlement("check-month", "2026-08")
    assert missing.exit_code == 2
    assert "2026-08 没有月结" in missing.output


def test_a_closed_month_that_was_changed_ends_with_one_and_names_the_account():
    test_closing.given_money()
    test_closing.close()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_closed_months")
    test_closing.given_money(7)
    shown = settlement("check-month", "2026-09", "--json")
    assert shown.exit_code == 1
    assert json.loads(shown.output)["findings"][0].endswith("结账余额与流水相差 7 分")
