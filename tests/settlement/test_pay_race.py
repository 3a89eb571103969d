"""Two officers at once, or a lock that is gone: the money still leaves once."""

import threading
from uuid import uuid4

import pytest
from django.db import IntegrityError

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import payable_code
from huanxin.settlement import _rows, models
from huanxin.settlement.errors import BatchNotPublished
from huanxin.settlement.services import paying
from huanxin.settlement.types import BankAnswer
from tests import given_settlement

pytestmark = pytest.mark.django_db(transaction=True)


def pay_together(race, batch, times=3):
    officers = [given_settlement.finance() for _ in range(times)]

    def pay(i):
        with clock.standing_at(given_settlement.PAID_AT):
            return paying.pay_batch(actor=officers[i], batch_id=batch.batch_id, request_id=uuid4())

    return race(pay, times)


def test_two_officers_who_pay_at_once_pay_once(race):
    [till] = given_settlement.shops(1)
    [claim] = given_settlement.cleared(till)

    answers = pay_together(race, given_settlement.published())

    assert sum(isinstance(one, BatchNotPublished) for one in answers) == 2, answers
    owed = ledger.get_balance(payable_code(till.sale.merchant_id))
    assert owed.credits_posted_fen == claim.card.subsidy_fen
    assert models.PaymentOrder.objects.count() == 1


def test_without_the_batch_lock_the_claims_own_lock_still_pays_once(race, monkeypatch):
    """The control: all three get past the state check, one order is made."""
    [till] = given_settlement.shops(1)
    [claim] = given_settlement.cleared(till)
    batch = given_settlement.published()
    gate = threading.Barrier(3)
    check = paying._check_payable

    def check_and_wait(*args):
        check(*args)
        gate.wait(timeout=10)

    monkeypatch.setattr(_rows, "lock_batch", lambda pk: models.Batch.objects.get(pk=pk))
    monkeypatch.setattr(paying, "_check_payable", check_and_wait)

    answers = pay_together(race, batch)

    assert not any(isinstance(one, BatchNotPublished) for one in answers), answers
    assert models.PaymentOrder.objects.count() == 1
    owed = ledger.get_balance(payable_code(till.sale.merchant_id))
    assert owed.credits_posted_fen == claim.card.subsidy_fen


def test_the_banks_answer_twice_at_once_is_booked_once(race):
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    [order] = given_settlement.pay(given_settlement.published())

    answers = race(lambda i: given_settlement.answer(order, BankAnswer.ACCEPTED, hours=i + 1), 3)

    assert not any(isinstance(one, Exception) for one in answers), answers
    owed = ledger.get_balance(payable_code(till.sale.merchant_id))
    assert owed.debits_posted_fen == order.amount_fen


def test_the_parts_of_an_item_must_add_up_in_the_database():
    given_settlement.cleared(*given_settlement.shops(1))
    given_settlement.opened()

    with pytest.raises(IntegrityError, match="item_parts_add_up"):
        models.Item.objects.update(central_fen=1)
