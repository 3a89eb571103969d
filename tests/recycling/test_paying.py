"""Cash that the payer did not take is owed, tried again, and paid once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from huanxin.kernel import clock, ids
from huanxin.recycling import models, ports
from huanxin.recycling.errors import PaymentUnavailable
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import paying
from tests import given, given_recycling

MOMENT = clock.moment(given_recycling.DAY, 10)


class Payer:
    """A payer that keeps its books: it answers the same for the same order."""

    def __init__(self, *, failures: int) -> None:
        self.failures = failures
        self.books: dict[UUID, int] = {}

    def pay(self, *, order_id: UUID, amount_fen: int) -> ports.PaymentReceipt:
        if self.failures:
            self.failures -= 1
            raise PaymentUnavailable(reason="通道维护")
        self.books[order_id] = amount_fen
        return ports.PaymentReceipt(reference=f"T-{order_id.hex}", is_simulated=False)


@pytest.fixture
def payer(monkeypatch: pytest.MonkeyPatch) -> Payer:
    payer = Payer(failures=2)
    monkeypatch.setattr(ports, "payment", lambda: payer)
    return payer


def _collected() -> Any:
    here = given_recycling.city()
    order = given_recycling.booked()
    given_recycling.planned(here)
    with clock.standing_at(MOMENT):
        return order, given_recycling.collected(here, order)


@pytest.mark.django_db
def test_a_payment_that_fails_is_owed_and_arrives_later_once(payer: Payer) -> None:
    order, receipt = _collected()
    assert receipt.sentence == "应付现金 45.00 元，付款中，到账后通知。"
    assert receipt.payment_reference is None

    def retried(minutes: int) -> int:
        with clock.standing_at(MOMENT + timedelta(minutes=minutes)):
            return paying.retry_payouts(actor=given.system())

    assert [retried(0), retried(1), retried(2), retried(5), retried(600)] == [0, 0, 0, 1, 0]
    standing = order_book.find_payout(order.id, given.system().scope)
    assert standing is not None
    assert (standing.is_paid, standing.try_count) == (True, 3)
    assert payer.books == {order.id: 4_500}
    assert order_book.get_receipt(order.id, given.system().scope).sentence == "已付现金 45.00 元。"


@pytest.mark.django_db(transaction=True)
def test_two_workers_pay_one_order_once(payer: Payer, race: Any) -> None:
    payer.failures = 1
    with clock.standing_at(given_recycling.EVENING):
        order, _ = _collected()

    def retry(number: int) -> int:
        del number
        with clock.standing_at(MOMENT + timedelta(hours=1)):
            return paying.retry_payouts(actor=given.system())

    answers = race(retry, 4)

    assert sum(answer for answer in answers if isinstance(answer, int)) == 1
    assert models.Payout.objects.count() == 1
    assert payer.books == {order.id: 4_500}


@pytest.mark.django_db
def test_the_table_refuses_a_second_payout_of_an_order() -> None:
    order, _ = _collected()
    twin = models.Payout(
        id=ids.new_id(), order_id=order.id, amount_fen=1, reference="x", is_simulated=True,
        paid_at=MOMENT,
    )  # fmt: skip

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    assert models.Payout.objects.count() == 1
