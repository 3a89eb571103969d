"""What the bank says about payment orders: one answer typed in, or a whole file of them."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.settlement import _answers, _booking, _differences, _orders, rules, selectors
from huanxin.settlement._booking import Judged
from huanxin.settlement.errors import AnswerContradicts
from huanxin.settlement.models import AnswerFile, AnswerLine
from huanxin.settlement.selectors import answer_book
from huanxin.settlement.types import (
    AnswerFileCard,
    BankAnswer,
    LineOutcome,
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

    What the order takes off (paid ahead, owed back) is offset with it. Refused orders can be
    retried; unknown ones wait for the bank. Safe to retry. Refuses an answer that contradicts an
    earlier final one.
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
    _booking.answer_orders(actor, [(order, state, reference)])
    requests.remember(actor, "settlement.answer", request_id, {"state": state})
    return selectors.order_card(order.pk)


@transaction.atomic
def import_answer_file(*, actor: Actor, name: str, content: bytes) -> AnswerFileCard:
    """Book a bank's answer file line by line; what cannot be booked is kept and named.

    The same bytes again change nothing and are answered with the first report, whatever the name.
    A line about an order nobody made, with another amount, against an earlier final answer or
    about an order that was paid anew opens a difference; nothing is booked for it. Refuses files
    that are none, and whole files with an order outside the officer's region.
    """
    identity.require(actor, "settlement.pay")
    sha256 = hashlib.sha256(content).hexdigest()
    _one_at_a_time(sha256)
    earlier = AnswerFile.objects.filter(sha256=sha256).first()
    if earlier is not None:
        return answer_book.file_card(earlier, is_repeat=True)
    lines = _answers.read(name, content)
    known = _booking.lock_known({line.number for line in lines})
    for path in {one.region_path for one in known.values()}:
        identity.require(actor, "settlement.pay", region_path=path)
    judged = _booking.judge(lines, known)
    _booking.book(actor, judged)
    row = _keep(actor, name, sha256, content, judged)
    _differences.note(_booking.differences(judged, sha256, actor.scope.region_path))
    audit.record(
        actor, "settlement.answers_imported", "answer_file", row.pk,
        region_path=actor.scope.region_path, sha256=sha256, lines=row.line_count,
        booked=row.booked_count, differences=row.difference_count,
    )  # fmt: skip
    return answer_book.file_card(row)


def _one_at_a_time(sha256: str) -> None:
    """Two imports of the same bytes: the second waits and then finds the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 61))", [sha256])


def _keep(
    actor: Actor, name: str, sha256: str, content: bytes, judged: Sequence[Judged]
) -> AnswerFile:
    outcomes = [one.outcome for one in judged]
    harmless = {LineOutcome.BOOKED, LineOutcome.REPEATED}
    now = clock.now()
    row = AnswerFile.objects.create(
        id=ids.new_id(),
        name=name[:120],
        sha256=sha256,
        content=_answers.text_of(name, content),
        line_count=len(outcomes),
        booked_count=outcomes.count(LineOutcome.BOOKED),
        difference_count=sum(one not in harmless for one in outcomes),
        imported_by=actor.account_id,
        imported_at=now,
        imported_on=clock.business_day(now),
    )
    AnswerLine.objects.bulk_create(
        AnswerLine(
            file=row,
            line=one.read.line,
            number=one.read.number,
            answer=one.read.answer or "",
            amount_fen=one.read.amount_fen,
            reference=one.read.reference,
            note=one.read.fault or one.read.note,
            outcome=one.outcome,
        )
        for one in judged
    )
    return row
