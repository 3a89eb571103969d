"""Starting states of settlement: cleared claims, published and paid batches."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from huanxin.claims.types import ClaimDetail
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.settlement.services import answering, batching, paying
from huanxin.settlement.types import BankAnswer, BatchCard, PaymentOrderCard
from tests import given, given_claims, given_vouchers
from tests.given_claims import Till

PROGRAMME = "appliances-2026"
OPENED_AT = clock.moment(date(2026, 9, 3), 10)
PAID_AT = OPENED_AT + timedelta(days=5)
DAYS = 5


def operator() -> Actor:
    return given.staff(Role.OPERATOR)


def finance() -> Actor:
    return given.staff(Role.FINANCE_OFFICER)


def cleared(*tills: Till) -> list[ClaimDetail]:
    """Claims that the machine passed, one for each till."""
    return [given_claims.decided(till)[1] for till in tills]


def shops(count: int, **sale: Any) -> list[Till]:
    """Tills of different shops that draw on one pool."""
    pool_id = given_vouchers.pool(quantity=count)
    return [given_claims.till(pool_id=pool_id, **sale) for _ in range(count)]


def opened(actor: Actor | None = None, *, at: datetime = OPENED_AT) -> BatchCard:
    """A batch of everything that is cleared in the county."""
    with clock.standing_at(at):
        return batching.open_batch(
            actor=actor or operator(),
            programme=PROGRAMME,
            region_code=given.COUNTY,
            request_id=uuid4(),
        )


def published(actor: Actor | None = None) -> BatchCard:
    """The same, published for five days from the day it was opened."""
    actor = actor or operator()
    batch = opened(actor)
    with clock.standing_at(OPENED_AT):
        return batching.publish_batch(actor=actor, batch_id=batch.batch_id, days=DAYS)


def pay(batch: BatchCard, actor: Actor | None = None) -> list[PaymentOrderCard]:
    """Pay it on the first day after the publicity."""
    with clock.standing_at(PAID_AT):
        return paying.pay_batch(
            actor=actor or finance(), batch_id=batch.batch_id, request_id=uuid4()
        )


def answer(
    order: PaymentOrderCard, said: BankAnswer = BankAnswer.ACCEPTED, *, hours: int = 1
) -> PaymentOrderCard:
    """The bank's answer some hours after the payment."""
    with clock.standing_at(PAID_AT + timedelta(hours=hours)):
        return answering.import_bank_answer(
            actor=finance(),
            order_number=order.number,
            answer=said,
            reference=f"回单{hours}",
            request_id=uuid4(),
        )


def paid() -> tuple[Till, ClaimDetail, PaymentOrderCard]:
    """One claim paid and on the merchant's account."""
    [till] = shops(1, trade_in_fen=6_000)
    [claim] = cleared(till)
    [order] = pay(published())
    return till, claim, answer(order)
