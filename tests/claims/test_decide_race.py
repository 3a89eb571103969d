"""Several workers, many claims: each is decided once, and one invoice pays once."""

import threading

import pytest

from huanxin.claims import _checking, models
from huanxin.claims.services import deciding
from huanxin.claims.types import VerifyStatus
from huanxin.kernel import clock
from tests import given, given_claims, given_vouchers

pytestmark = pytest.mark.django_db(transaction=True)


def submitted(count, **changes):
    pool_id = given_vouchers.pool(quantity=count)
    receipts = []
    for _ in range(count):
        till = given_claims.till(pool_id=pool_id)
        receipts.append(till.sell())
        given_claims.submit(till, receipts[-1], **changes)
    return receipts


def test_two_workers_decide_every_claim_once(race):
    submitted(6)

    def decide(_):
        with clock.standing_at(given_claims.SOLD_AT):
            return deciding.decide_due(actor=given.system(), limit=3)

    counts = race(decide, 3)

    counts.append(given_claims.decide())
    assert sum(counts) == 6, counts
    assert list(models.Claim.objects.values_list("round", flat=True)) == [1] * 6


def test_without_the_check_the_constraint_still_lets_one_invoice_pay_once(monkeypatch):
    """The control: with invoice_reused off, the database alone stands in the way."""
    submitted(2, invoice__invoice_number="26371234567890127777")
    rest = tuple(c for c in _checking.checks() if c.name != "invoice_reused")
    monkeypatch.setattr(_checking, "checks", lambda: rest)

    with pytest.raises(Exception, match="claim_invoice_pays_once"):
        given_claims.decide()

    passed = models.Claim.objects.filter(verify_status=VerifyStatus.PASSED)
    assert passed.count() == 0


def test_a_till_that_waits_for_another_sells_a_unit_once(race):
    pool_id = given_vouchers.pool(quantity=2)
    one, two = (given_claims.till(pool_id=pool_id) for _ in range(2))
    tills = [one, two]
    start = threading.Barrier(2)

    def sell(i):
        start.wait(timeout=10)
        return tills[i].sell(serial=one.sale.serial, gtin=one.sale.gtin)

    answers = race(sell, 2)

    assert sum(not isinstance(a, Exception) for a in answers) == 1, answers
    assert given_claims.count_sales() == 1
    assert models.Claim.objects.count() == 1
