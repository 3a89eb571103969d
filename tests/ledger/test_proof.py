"""The nightly proof: clean books say so, every way of cooking them is named."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import models, selectors, services
from huanxin.ledger.errors import (
    AmountNotPositive,
    CreditLineInUse,
    CreditNotForAccount,
    CreditUnnamed,
    FundExhausted,
)
from huanxin.ledger.types import AccountKind, NewAccount
from huanxin.project import steps
from tests import given
from tests import given_ledger as ledger_given

NIGHT = clock.moment(date(2026, 9, 2), 2)
SHOP = "funder:shop"


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.django_db
def test_clean_books_prove_and_the_result_is_kept():
    ledger_given.budget(100_000)
    proof = services.prove_books()
    assert proof.is_clean
    assert (proof.accounts, proof.transfers, proof.difference_fen) == (4, 1, 0)
    assert selectors.list_proofs() == [proof]
    assert selectors.find_proof(proof.made_on) == proof
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        models.Proof.objects.update(difference_fen=1)


@pytest.mark.django_db
def test_a_balance_edited_by_a_superuser_is_named():
    budget = ledger_given.budget(100_000)
    execute(
        "UPDATE ledger_balance SET credits_posted_fen = credits_posted_fen + 500"
        " FROM ledger_account a WHERE a.id = account_id AND a.code = %s", budget,
    )  # fmt: skip
    proof = services.prove_books()
    assert not proof.is_clean
    assert f"账户 {budget}：余额与流水相差 500 分" in proof.findings
    assert "全部账户：借贷相差 500 分" in proof.findings


@pytest.mark.django_db
def test_an_account_that_was_below_zero_for_a_moment_is_named():
    """Balances that fit today hide nothing: the history is walked again in order."""
    budget = ledger_given.budget(100)
    day = timedelta(days=1)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE ledger_balance DROP CONSTRAINT balance_never_overspent")
    execute(
        "INSERT INTO ledger_transfer (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen,"
        " reason, made_at, made_on) SELECT 'posted', 'forged', gen_random_uuid(), 'x', credit_id,"
        " debit_id, 150, '', made_at + %s, made_on FROM ledger_transfer", day,
    )  # fmt: skip
    execute(
        "INSERT INTO ledger_transfer (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen,"
        " reason, made_at, made_on) SELECT 'posted', 'forged', gen_random_uuid(), 'y', credit_id,"
        " debit_id, 150, '', made_at + %s, made_on FROM ledger_transfer WHERE leg = 'x'", day,
    )  # fmt: skip
    [found] = selectors.list_overspendings()
    assert (found.code, found.below_fen) == (budget, 50)
    findings = services.prove_books().findings
    assert any(line.startswith(f"账户 {budget}：在流水 {found.transfer_id}") for line in findings)


@pytest.mark.django_db
def test_the_night_proves_once_and_says_a_failure_every_hour():
    ledger_given.budget(100_000)
    with clock.standing_at(NIGHT - timedelta(seconds=1)):
        steps._prove_ledger(given.system())
        assert selectors.list_proofs() == []
    with clock.standing_at(NIGHT):
        for _ in range(2):
            steps._prove_ledger(given.system())
    assert [proof.made_at for proof in selectors.list_proofs()] == [NIGHT]
    execute("UPDATE ledger_balance SET debits_posted_fen = debits_posted_fen + 1")
    with clock.standing_at(NIGHT + timedelta(days=1)):
        for _ in range(2):
            with pytest.raises(steps.LedgerOutOfBalance):
                steps._prove_ledger(given.system())
    assert len(selectors.list_proofs()) == 2


def funder():
    services.open_accounts(
        accounts=[
            NewAccount(SHOP, AccountKind.FUNDER, owner_key="shop"),
            NewAccount("bank:trade_in", AccountKind.BANK),
            NewAccount("payable:a", AccountKind.PAYABLE),
        ]
    )
    services.post_transfers(legs=[ledger_given.leg("bank:trade_in", SHOP, 100)])


@pytest.mark.django_db
def test_a_funder_spends_what_it_paid_in_and_what_was_agreed_by_name():
    funder()
    services.post_transfers(legs=[ledger_given.leg(SHOP, "payable:a", 100)])
    with pytest.raises(FundExhausted):
        services.post_transfers(legs=[ledger_given.leg(SHOP, "payable:a", 1)])
    services.agree_credit(code=SHOP, limit_fen=50, title="2026-7号协议", cause_id=uuid4())
    services.hold_transfers(legs=[ledger_given.leg(SHOP, "payable:a", 50)])
    with pytest.raises(FundExhausted) as refusal:
        services.post_transfers(legs=[ledger_given.leg(SHOP, "payable:a", 1)])
    assert refusal.value.facts["available_fen"] == 0
    assert selectors.get_balance(SHOP).available_fen == -50
    assert services.prove_books().is_clean  # below zero by agreement is no finding


@pytest.mark.django_db
def test_without_the_rule_the_constraint_keeps_a_funder_too():
    funder()
    with pytest.raises(IntegrityError, match="balance_never_overspent"), transaction.atomic():
        execute(
            "UPDATE ledger_balance SET debits_pending_fen = 101 FROM ledger_account a"
            " WHERE a.id = account_id AND a.code = %s", SHOP,
        )  # fmt: skip


@pytest.mark.django_db
def test_a_line_is_not_lowered_under_what_is_drawn_nor_given_to_public_money():
    funder()
    cause_id = uuid4()
    services.agree_credit(code=SHOP, limit_fen=50, title="协议", cause_id=cause_id)
    services.agree_credit(code=SHOP, limit_fen=50, title="协议", cause_id=cause_id)
    assert models.CreditLine.objects.count() == 1
    with pytest.raises(RequestReused):
        services.agree_credit(code=SHOP, limit_fen=51, title="协议", cause_id=cause_id)
    services.post_transfers(legs=[ledger_given.leg(SHOP, "payable:a", 130)])
    with pytest.raises(CreditLineInUse) as refusal:
        services.agree_credit(code=SHOP, limit_fen=29, title="协议", cause_id=uuid4())
    assert refusal.value.facts["used_fen"] == 30
    services.agree_credit(code=SHOP, limit_fen=30, title="协议二", cause_id=uuid4())
    assert selectors.find_credit_line(SHOP).title == "协议二"
    budget = ledger_given.budget(1)
    with pytest.raises(CreditNotForAccount):
        services.agree_credit(code=budget, limit_fen=1, title="协议", cause_id=uuid4())
    with pytest.raises(AmountNotPositive):
        services.agree_credit(code=SHOP, limit_fen=-1, title="协议", cause_id=uuid4())
    with pytest.raises(CreditUnnamed):
        services.agree_credit(code=SHOP, limit_fen=40, title=" ", cause_id=uuid4())
    assert selectors.get_balance(SHOP).credit_limit_fen == 30
