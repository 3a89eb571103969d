"""Before money leaves, the payment channel is asked what went back to the buyer meanwhile."""

from datetime import timedelta

import pytest

from huanxin.claims import models, ports
from huanxin.claims.services import deciding
from huanxin.claims.types import AuditStatus, VerifyStatus
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed
from huanxin.kernel.models import AuditEntry
from tests import given, given_claims

pytestmark = pytest.mark.django_db
PASSED = (VerifyStatus.PASSED, AuditStatus.NONE)
HELD = (VerifyStatus.HELD, AuditStatus.WAITING)


class Channel:
    """A payment channel that gave so much back of every sale, and remembers what it was asked."""

    def __init__(self, fen: int) -> None:
        self.fen, self.asked = fen, []

    def given_back(self, *, sales):
        self.asked += sales
        return {one.sale_id: self.fen for one in sales}


def paid_claim():
    till = given_claims.till()
    receipt = till.sell()
    given_claims.submit(
        till, receipt, payment__paid_fen=receipt.to_pay_fen, payment__paid_at=till.sale.sold_at
    )
    given_claims.decide()
    assert given_claims.status(receipt.sale_id) == PASSED
    return receipt


def look(channel) -> tuple[int, int]:
    with clock.standing_at(given_claims.SOLD_AT + timedelta(days=20)):
        told = deciding.ask_refunds(actor=given.system(), channel=channel)
        return told, deciding.look_again(actor=given.system())


def test_a_refund_after_the_papers_holds_what_had_passed():
    receipt = paid_claim()
    channel = Channel(300_000)

    assert look(channel) == (1, 1)

    assert given_claims.status(receipt.sale_id) == HELD
    assert given_claims.reasons(receipt.sale_id) == ["R338"]
    [asked] = channel.asked
    assert (asked.number, asked.paid_fen) == (receipt.number, receipt.to_pay_fen)
    line = AuditEntry.objects.get(action="claims.refund_told")
    assert line.facts["refunded_fen"] == 300_000


def test_asking_twice_changes_nothing_more_and_nothing_is_unlearnt():
    receipt = paid_claim()
    assert look(Channel(300_000)) == (1, 1)
    assert look(Channel(100)) == (0, 0)
    assert models.Reading.objects.get(sale_id=receipt.sale_id).refunded_fen == 300_000


def test_where_nothing_went_back_nothing_changes():
    receipt = paid_claim()
    assert look(Channel(0)) == (0, 0)
    assert look(ports.refunds()) == (0, 0)
    assert given_claims.status(receipt.sale_id) == PASSED


def test_a_sale_without_a_payment_is_not_asked_about():
    given_claims.decided()
    channel = Channel(1)
    assert look(channel) == (0, 0)
    assert channel.asked == []


def test_only_the_machine_asks():
    with pytest.raises(NotAllowed):
        deciding.ask_refunds(actor=given.staff(Role.CASHIER, org_id=given.organisation()))
