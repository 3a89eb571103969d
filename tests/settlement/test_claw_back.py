"""Paid money comes back when the goods do, and is not spent again before it has arrived."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.claims.services import returning
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import receivable_code
from huanxin.settlement import models, selectors
from huanxin.settlement.errors import ClawBackClosed, ClawBackInOffset, NotPaidYet, NotReturned
from huanxin.settlement.selectors import money_book
from huanxin.settlement.services import paying, reconciling, recovering
from huanxin.settlement.types import BankAnswer
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims, given_settlement, given_vouchers

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


def next_order_of(till):
    """Another sale of the same shop, settled in a batch of its own a week later."""
    given_settlement.cleared(given_claims.till(org_id=till.sale.merchant_id))
    [order] = given_settlement.pay(given_settlement.published())
    return order


def test_what_a_shop_owes_is_taken_off_its_next_order_and_the_pool_has_it_when_that_is_paid():
    till, claim, _ = given_settlement.paid()
    pool_id = given_vouchers.card(till.sale.qualification_id).pool_id
    reduce_price(till, claim, 100_000)
    recovering.claw_back_returns(actor=given.system())
    [owed] = money_book.list_claw_backs(given.system().scope).items
    before = given_vouchers.free_fen(pool_id)

    order = next_order_of(till)

    assert owed.amount_fen == 15_000
    assert (order.clawed_fen, order.cash_fen) == (15_000, 74_985 - 15_000)
    assert given_vouchers.free_fen(pool_id) == before
    with pytest.raises(ClawBackInOffset):
        recovering.receive_claw_back(
            actor=given_settlement.finance(), sale_id=claim.card.sale_id, reference="回款1",
            request_id=uuid4(),
        )  # fmt: skip
    given_settlement.answer(order)

    assert given_vouchers.free_fen(pool_id) == before + 15_000
    [done] = money_book.list_claw_backs(given.system().scope, is_received=True).items
    assert (done.offset_number, done.bank_reference) == (order.number, order.number)
    assert ledger.get_balance(receivable_code(till.sale.merchant_id)).available_fen == 0
    assert difference() == 0


def test_a_refused_order_gives_the_demand_free_again():
    till, claim, _ = given_settlement.paid()
    reduce_price(till, claim, 100_000)
    recovering.claw_back_returns(actor=given.system())
    order = next_order_of(till)
    given_settlement.answer(order, BankAnswer.REFUSED)

    with clock.standing_at(given_settlement.PAID_AT + timedelta(hours=2)):
        again = paying.retry_payment(
            actor=given_settlement.finance(), order_number=order.number, request_id=uuid4()
        )
    given_settlement.answer(again, hours=3)

    assert again.clawed_fen == 15_000
    [done] = money_book.list_claw_backs(given.system().scope, is_received=True).items
    assert done.offset_number == again.number
    assert difference() == 0


def test_a_demand_larger_than_the_order_stays_a_demand():
    till, claim, _ = given_settlement.paid()
    bring_back(till, claim)
    recovering.claw_back_returns(actor=given.system())

    order = next_order_of(till)  # 749.85 against 800.85 owed

    assert order.clawed_fen == 0
    [owed] = money_book.list_claw_backs(given.system().scope).items
    assert (owed.amount_fen, owed.offset_number) == (80_085, "")


def test_the_offsets_of_an_order_never_exceed_it_in_the_database():
    _, _, order = given_settlement.paid()

    with pytest.raises(IntegrityError, match="payment_order_offsets_within"), transaction.atomic():
        models.PaymentOrder.objects.filter(pk=order.order_id).update(
            prepaid_fen=order.amount_fen + 1
        )


def test_the_way_of_a_claims_money_names_every_stretch():
    till, claim, order = given_settlement.paid()
    reduce_price(till, claim, 100_000)
    recovering.claw_back_returns(actor=given.system())

    way = money_book.way_of_claim(claim.card.sale_id)

    assert way.batch.number == order.batch_number
    assert way.order.number == order.number
    assert way.split.total_fen == claim.card.subsidy_fen
    causes = [one.key.cause for one in way.transfers]
    assert causes.count("settlement.payment") == 4
    assert set(causes) == {"sale", "settlement.payment", "settlement.claw_back"}
    assert way.open_demand_fen == 15_000


def reduce_price(till, claim, off_fen):
    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=1)):
        return returning.return_part(
            actor=till.manager, sale_id=claim.card.sale_id, off_fen=off_fen, reason="保价退差",
            request_id=uuid4(),
        )  # fmt: skip
