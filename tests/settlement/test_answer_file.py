"""The bank answers by file: booked once, and whatever does not fit is kept and named."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.errors import NotAllowed
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import payable_code
from huanxin.settlement import models, selectors
from huanxin.settlement.errors import AnswerFileUnreadable, NotYourDifference
from huanxin.settlement.selectors import answer_book
from huanxin.settlement.services import answering, paying, reconciling
from huanxin.settlement.types import DifferenceKind, LineOutcome, OrderState
from tests import given, given_settlement

pytestmark = pytest.mark.django_db


def answer_file(*lines):
    return "\n".join(["指令编号,金额,结果,回单号,说明", *lines]).encode("gb18030")


def bring(content, *, actor=None, name="回执.csv", days=0):
    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=days, hours=2)):
        return answering.import_answer_file(
            actor=actor or given_settlement.finance(), name=name, content=content
        )


def ordered(count=1):
    tills = given_settlement.shops(count)
    given_settlement.cleared(*tills)
    return given_settlement.pay(given_settlement.published())


def open_kinds():
    found = answer_book.list_differences(given.system().scope)
    return {one.number: one.kind for one in found.items}


def test_a_file_books_what_was_paid_and_leaves_what_was_not():
    paid, refused, waiting = ordered(3)

    found = bring(answer_file(
        f"{paid.number},749.85,成功,回单1,", f"{refused.number},749.85,失败,,账号不符",
        f"{waiting.number},749.85,处理中,,",
    ))  # fmt: skip

    assert (found.line_count, found.booked_count, found.difference_count) == (3, 3, 0)
    assert [selectors.order_card(one.order_id).state for one in (paid, refused, waiting)] == [
        OrderState.ACCEPTED, OrderState.REFUSED, OrderState.UNKNOWN,
    ]  # fmt: skip
    assert ledger.get_balance(payable_code(paid.org_id)).debits_posted_fen == 74_985
    assert ledger.get_balance(payable_code(refused.org_id)).debits_posted_fen == 0


def test_the_same_file_twice_is_harmless_whatever_its_name():
    [order] = ordered()
    content = answer_file(f"{order.number},749.85,成功,回单1,")

    first, again = bring(content), bring(content, name="再发一次.csv", days=1)

    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.id == first.id
    assert models.AnswerFile.objects.count() == 1
    assert ledger.get_balance("bank:central").credits_posted_fen == order.split.central_fen
    with pytest.raises(IntegrityError, match="answer_file_once"), transaction.atomic():
        models.AnswerFile.objects.create(
            id=uuid4(), name="x", sha256=first.sha256, content="", line_count=0, booked_count=0,
            difference_count=0, imported_by=uuid4(), imported_at=clock.now(),
            imported_on=clock.today(),
        )  # fmt: skip


def test_an_answer_said_before_changes_nothing_in_another_file():
    [order] = ordered()
    bring(answer_file(f"{order.number},749.85,成功,回单1,"))

    again = bring(answer_file(f"{order.number},749.85,成功,回单9,"), days=1)

    assert [line.outcome for line in again.lines] == [LineOutcome.REPEATED]
    assert selectors.order_card(order.order_id).bank_reference == "回单1"
    assert ledger.get_balance(payable_code(order.org_id)).debits_posted_fen == 74_985


def test_an_unknown_order_and_a_wrong_amount_are_named_and_not_booked():
    [order] = ordered()

    found = bring(answer_file(
        "FK260903-1502-9999999-9,10.00,成功,回单7,", f"{order.number},749.84,成功,回单8,",
        "FK260903-1502-9999998-9,一百,成功,,", "", f"{order.number},749.85,大概,,",
    ))  # fmt: skip

    assert [line.outcome for line in found.lines] == [
        LineOutcome.UNKNOWN_ORDER, LineOutcome.WRONG_AMOUNT, LineOutcome.UNREADABLE,
        LineOutcome.UNREADABLE,
    ]  # fmt: skip
    assert found.booked_count == 0
    assert selectors.order_card(order.order_id).state is OrderState.SENT
    [wrong] = [
        one for one in answer_book.list_differences(given.system().scope).items
        if one.kind is DifferenceKind.WRONG_AMOUNT
    ]  # fmt: skip
    assert wrong.detail == (
        "第 3 行：银行答复的金额与付款指令不符，没有入账（指令 ¥749.85，银行 ¥749.84）"
    )
    assert ledger.get_balance(payable_code(order.org_id)).debits_posted_fen == 0


def test_the_opposite_of_a_final_answer_is_a_difference():
    [order] = ordered()
    bring(answer_file(f"{order.number},749.85,成功,回单1,"))

    found = bring(answer_file(f"{order.number},749.85,失败,,"), days=1)

    assert [line.outcome for line in found.lines] == [LineOutcome.CONTRADICTS]
    assert selectors.order_card(order.order_id).state is OrderState.ACCEPTED
    assert open_kinds() == {order.number: DifferenceKind.CONTRADICTS}


def test_money_for_an_order_that_was_paid_anew_raises_the_alarm_of_a_double_payment():
    [order] = ordered()
    bring(answer_file(f"{order.number},749.85,失败,,"))
    with clock.standing_at(given_settlement.PAID_AT + timedelta(hours=3)):
        paying.retry_payment(
            actor=given_settlement.finance(), order_number=order.number, request_id=uuid4()
        )

    bring(answer_file(f"{order.number},749.85,成功,回单1,"), days=1)

    assert open_kinds() == {order.number: DifferenceKind.REPLACED}
    assert ledger.get_balance(payable_code(order.org_id)).debits_posted_fen == 0


def test_a_file_that_is_none_is_refused_in_words_and_nothing_is_kept():
    for content in (b"", b"\x89PNG\r\n\x00\x00", "编号,金额\n1,2".encode()):
        with pytest.raises(AnswerFileUnreadable):
            bring(content)

    assert models.AnswerFile.objects.count() == 0


def test_an_officer_of_another_county_cannot_bring_in_this_countys_answers():
    [order] = ordered()
    elsewhere = given.staff(
        given_settlement.Role.FINANCE_OFFICER, region_path="370000/371500/371503"
    )

    with pytest.raises(NotAllowed):
        bring(answer_file(f"{order.number},749.85,成功,回单1,"), actor=elsewhere)

    assert selectors.order_card(order.order_id).state is OrderState.SENT
    assert models.AnswerFile.objects.count() == 0


def test_a_silent_bank_is_a_difference_that_goes_when_it_speaks():
    [order] = ordered()

    def reconcile(days):
        with clock.standing_at(given_settlement.PAID_AT + timedelta(days=days)):
            return reconciling.reconcile(actor=given_settlement.finance(), on=clock.today())

    assert reconcile(1).differences == ()
    [found] = reconcile(2).differences
    assert reconcile(3).differences == (found,)  # the same one
    assert (found.kind, found.number, found.amount_fen) == (
        DifferenceKind.NO_ANSWER, order.number, 74_985,
    )  # fmt: skip
    bring(answer_file(f"{order.number},749.85,成功,回单1,"), days=3)

    assert reconcile(4).differences == ()
    assert reconcile(4).difference_fen == 0
    assert models.Difference.objects.get().note == "再次核对时已经一致，自动了结"


def test_an_order_the_ledger_does_not_know_so_is_found():
    """The control of the daily proof: an accepted order without its transfers."""
    [order] = ordered()
    models.PaymentOrder.objects.filter(pk=order.order_id).update(
        state=OrderState.ACCEPTED, answered_on=clock.business_day(given_settlement.PAID_AT)
    )

    with clock.standing_at(given_settlement.PAID_AT):
        found = reconciling.reconcile(actor=given_settlement.finance(), on=clock.today())

    assert found.difference_fen == 74_985
    kinds = {(one.kind, one.amount_fen) for one in found.differences}
    assert (DifferenceKind.LEDGER, 74_985) in kinds
    assert (DifferenceKind.SUMS, order.split.central_fen) in kinds


def test_a_difference_is_settled_by_who_took_it_with_words():
    bring(answer_file("FK1,10.00,成功,回单7,"))
    [found] = answer_book.list_differences(given.system().scope).items
    one, other = given_settlement.finance(), given_settlement.finance()
    reconciling.take_difference(actor=one, difference_id=found.id)

    with pytest.raises(NotYourDifference):
        reconciling.settle_difference(
            actor=other, difference_id=found.id, note="与银行核实系他行业务", request_id=uuid4()
        )
    reconciling.settle_difference(
        actor=one, difference_id=found.id, note="与银行核实系他行业务", request_id=uuid4()
    )

    assert answer_book.list_differences(given.system().scope).total == 0
    settled = answer_book.get_difference(found.id, given.system().scope)
    assert settled.note == "与银行核实系他行业务"
    with pytest.raises(IntegrityError, match="difference_settled_with_words"), transaction.atomic():
        models.Difference.objects.update(note="")


@pytest.mark.django_db(transaction=True)
def test_one_file_brought_in_by_three_hands_at_once_is_booked_once(race):
    [order] = ordered()
    content = answer_file(f"{order.number},749.85,成功,回单1,")
    officers = [given_settlement.finance() for _ in range(3)]

    answers = race(lambda i: bring(content, actor=officers[i]), 3)

    assert not any(isinstance(one, Exception) for one in answers), answers
    assert sum(not one.is_repeat for one in answers) == 1
    assert ledger.get_balance(payable_code(order.org_id)).debits_posted_fen == 74_985
