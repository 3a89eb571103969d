"""Paid money comes back when the goods do, and is not spent again before it has arrived."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims.services import returning
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import receivable_code
from huanxin.settlement import models, selectors
from huanxin.settlement.errors import ClawBackClosed, NotPaidYet, NotReturned
from huanxin.settlement.services import paying, reconciling, recovering
from huanxin.settlement.types import BankAnswer
from huanxin.vouchers.types import VoucherState
from tests import given, given_settlement, given_vouchers

pytestmark = pytest.mark.django_db


def bring_back(till, claim):
    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=1)):
        return returning.return_sale(
            actor=till.manager, sale_id=claim.card.sale_id, reason="质量问题退货",
            request_id=uuid4(),
        )  # fmt: skip


def difference():
    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=9)):
        found = reconciling.reconcile(actor=given_settlement.finance(), on=clock.today())
    return found.difference_fen


def test_a_return_after_payment_is_owed_by_the_shop_and_frees_her_right():
    till, claim, _ = given_settlement.paid()

    assert bring_back(till, claim) is True
    assert recovering.claw_back_returns(actor=given.system()) == 1
    assert recovering.claw_back_returns(actor=given.system()) == 0

    owed = ledger.get_balance(receivable_code(till.sale.merchant_id))
    assert owed.debits_pending_fen == 80_085
    assert given_vouchers.card(till.sale.qualification_id).state is VoucherState.USABLE
    statement = selectors.statement(till.sale.merchant_id, till.manager.scope)
    assert statement.receivable_fen == 80_085
    assert difference() == 0


def test_money_owed_is_back_in_the_pool_only_when_it_has_arrived():
    till, claim, _ = given_settlement.paid()
    pool_id = given_vouchers.card(till.sale.qualification_id).pool_id
    bring_back(till, claim)
    before = given_vouchers.free_fen(pool_id)

    recovering.claw_back_returns(actor=given.system())
    assert given_vouchers.free_fen(pool_id) == before
    recovering.receive_claw_back(
        actor=given_settlement.finance(), sale_id=claim.card.sale_id, reference="回款1",
        request_id=uuid4(),
    )  # fmt: skip

    assert given_vouchers.free_fen(pool_id) == before + claim.card.subsidy_fen
    owed = ledger.get_balance(receivable_code(till.sale.merchant_id))
    assert owed.debits_posted_fen == owed.credits_posted_fen == 80_085
    assert ledger.get_balance("bank:central").debits_posted_fen == 62_972
    assert difference() == 0
    with pytest.raises(ClawBackClosed):
        recovering.receive_claw_back(
            actor=given_settlement.finance(), sale_id=claim.card.sale_id, reference="回款2",
            request_id=uuid4(),
        )  # fmt: skip


def test_without_a_return_nothing_is_clawed_back():
    _, claim, _ = given_settlement.paid()

    with pytest.raises(NotReturned):
        recovering.claw_back(
            actor=given_settlement.finance(), sale_id=claim.card.sale_id, request_id=uuid4()
        )

    assert recovering.claw_back_returns(actor=given.system()) == 0
    assert models.ClawBack.objects.count() == 0


def test_a_return_before_the_bank_answered_waits_for_the_answer():
    [till] = given_settlement.shops(1)
    [claim] = given_settlement.cleared(till)
    [order] = given_settlement.pay(given_settlement.published())
    bring_back(till, claim)

    with pytest.raises(NotPaidYet):
        recovering.claw_back(
            actor=given_settlement.finance(), sale_id=claim.card.sale_id, request_id=uuid4()
        )
    given_settlement.answer(order)

    assert recovering.claw_back_returns(actor=given.system()) == 1


def test_goods_returned_while_the_bank_refused_are_not_paid_again():
    [till] = given_settlement.shops(1)
    [claim] = given_settlement.cleared(till)
    [order] = given_settlement.pay(given_settlement.published())
    pool_id = given_vouchers.card(till.sale.qualification_id).pool_id
    given_settlement.answer(order, BankAnswer.REFUSED)
    bring_back(till, claim)
    before = given_vouchers.free_fen(pool_id)

    retried = paying.retry_payment(
        actor=given_settlement.finance(), order_number=order.number, request_id=uuid4()
    )

    assert retried is None
    assert given_vouchers.free_fen(pool_id) == before + claim.card.subsidy_fen
    assert ledger.sum_check().difference_fen == 0
