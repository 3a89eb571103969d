"""What the bank says about payment orders."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, requests
from huanxin.kernel.actor import Actor
from huanxin.settlement import _orders, rules, selectors
from huanxin.settlement.errors import (
    AnswerContradicts,
)
from huanxin.settlement.models import PaymentOrder
from huanxin.settlement.types import (
    BankAnswer,
    OrderState,
    PaymentOrderCard,
)


@transaction.atomic
def import_bank_answer(
    *,
    actor: Actor,
    order_number: str,
    answer: BankAnswer,
    reference: str,
    request_id: UUID,
) -> PaymentOrderCard:
    """Book what the bank said about one order: accepted money leaves the payable, fund by fund.

    Refused orders can be retried; unknown ones wait for the bank. Safe to retry. Refuses an answer
    that contradicts an earlier final one.
    """
    identity.require(actor, "settlement.pay")
    order = _orders.lock_order(order_number)
    identity.require(actor, "settlement.pay", region_path=order.batch.region_path)
    content = [order_number, answer, reference]
    earlier = requests.first_answer(actor, "settlement.answer", request_id, content)
    state = rules.ANSWERS[answer]
    if earlier is not None or order.state == state != OrderState.UNKNOWN:
        if earlier is None:
            requests.remember(actor, "settlement.answer", request_id, {"state": state})
        return selectors.order_card(order.pk)
    if not rules.may_answer(OrderState(order.state)):
        raise AnswerContradicts(number=order_number, state=rules.STATE_WORDS[order.state])
    now = clock.now()
    if state is OrderState.ACCEPTED:
        _orders.book_payment(order)
    PaymentOrder.objects.filter(pk=order.pk).update(
        state=state,
        bank_reference=reference,
        answered_at=now,
        answered_on=clock.business_day(now),
    )
    requests.remember(actor, "settlement.answer", request_id, {"state": state})
    audit.record(
        actor, "settlement.answered", "payment_order", order.pk,
        region_path=order.batch.region_path, org_id=order.org_id, answer=answer,
        amount_fen=order.amount_fen,
    )  # fmt: skip
    return selectors.order_card(order.pk)
