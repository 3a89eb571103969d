"""Money ahead: within what was agreed, by two officers, and taken off what is paid later."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as books
from huanxin.ledger.errors import FundExhausted
from huanxin.ledger.types import Leg, payable_code, prepaid_code
from huanxin.settlement import models, selectors
from huanxin.settlement.errors import (
    PrepaidLess,
    PrepaymentAboveLimit,
    PrepaymentClosed,
    SameOfficerTwice,
    TermsInvalid,
    TermsNotFound,
)
from huanxin.settlement.services import answering, paying, prepaying, reconciling
from huanxin.settlement.types import (
    BankAnswer,
    NewTerms,
    OrderState,
    PrepaymentBasis,
    PrepaymentState,
)
from tests import given_claims, given_settlement

pytestmark = pytest.mark.django_db

AT = given_settlement.OPENED_AT - timedelta(hours=2)


def agreed(org_id, *, share_bps=5_000, most_fen=10_000_00):
    new = NewTerms(org_id, PrepaymentBasis.CLAIMS, share_bps, most_fen, "预付协议〔2026〕1号")
    with clock.standing_at(AT):
        terms = prepaying.propose_terms(
            actor=given_settlement.finance(), terms=new, request_id=uuid4()
        )
        return prepaying.approve_terms(
            actor=given_settlement.finance(), terms_id=terms.id, request_id=uuid4()
        )


def propose(org_id, amount_fen, actor=None):
    with clock.standing_at(AT):
        return prepaying.propose_prepayment(
            actor=actor or given_settlement.finance(), org_id=org_id, amount_fen=amount_fen,
            request_id=uuid4(),
        )  # fmt: skip


def pay_ahead(one, actor=None):
    with clock.standing_at(AT):
        return prepaying.pay_prepayment(
            actor=actor or given_settlement.finance(), prepayment_id=one.id, request_id=uuid4()
        )


def bank_says(number, amount, word="成功", at=AT):
    content = f"指令编号,金额,结果,回单号\n{number},{amount},{word},回单YF".encode()
    with clock.standing_at(at + timedelta(hours=1)):
        return answering.import_answer_file(
            actor=given_settlement.finance(), name="a.csv", content=content
        )


def outstanding(org_id):
    return -ledger.get_balance(prepaid_code(org_id)).available_fen


def prepaid_shop(amount_fen=300_00):
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    org_id = till.sale.merchant_id
    agreed(org_id)
    one = pay_ahead(propose(org_id, amount_fen))
    bank_says(one.number, f"{amount_fen // 100}.{amount_fen % 100:02d}")
    return org_id, one


def test_half_of_what_passed_is_paid_ahead_and_taken_off_at_settlement():
    org_id, _ = prepaid_shop()
    assert outstanding(org_id) == 300_00

    [order] = given_settlement.pay(given_settlement.published())
    assert (order.amount_fen, order.prepaid_fen, order.cash_fen) == (74_985, 300_00, 44_985)
    [row] = [
        line for line in models.BankFile.objects.get(batch_id=order.batch_id).content.splitlines()
        if line.startswith(order.number)
    ]  # fmt: skip
    assert row.split(",")[3] == "449.85"
    assert row.split(",")[9] == "300.00"
    assert outstanding(org_id) == 300_00  # until the bank has paid
    given_settlement.answer(order)

    assert outstanding(org_id) == 0
    owed = ledger.get_balance(payable_code(org_id))
    assert owed.credits_posted_fen == owed.debits_posted_fen == 74_985
    assert ledger.get_balance("bank:central").credits_posted_fen == order.split.central_fen
    assert ledger.get_balance("bank:advance").available_fen == 0
    with clock.standing_at(given_settlement.PAID_AT + timedelta(hours=2)):
        assert reconciling.reconcile(
            actor=given_settlement.finance(), on=clock.today()
        ).difference_fen == 0  # fmt: skip


def test_an_answer_with_the_whole_amount_instead_of_the_cash_is_not_booked():
    prepaid_shop()
    [order] = given_settlement.pay(given_settlement.published())

    found = bank_says(order.number, "749.85", at=given_settlement.PAID_AT)

    assert found.booked_count == 0
    assert selectors.order_card(order.order_id).state is OrderState.SENT


def test_a_refused_order_frees_its_offset_and_the_next_one_takes_it_once():
    org_id, _ = prepaid_shop()
    [order] = given_settlement.pay(given_settlement.published())
    given_settlement.answer(order, BankAnswer.REFUSED)

    with clock.standing_at(given_settlement.PAID_AT + timedelta(hours=2)):
        again = paying.retry_payment(
            actor=given_settlement.finance(), order_number=order.number, request_id=uuid4()
        )
    assert again.prepaid_fen == 300_00
    given_settlement.answer(again, hours=3)

    assert outstanding(org_id) == 0
    assert ledger.sum_check().difference_fen == 0


def test_an_order_used_up_by_what_was_paid_ahead_needs_no_bank():
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    org_id = till.sale.merchant_id
    new = NewTerms(org_id, PrepaymentBasis.LINE, 8_000, 900_00, "授信协议1号", line_fen=1_000_000)
    with clock.standing_at(AT):
        terms = prepaying.propose_terms(
            actor=given_settlement.finance(), terms=new, request_id=uuid4()
        )
        prepaying.approve_terms(
            actor=given_settlement.finance(), terms_id=terms.id, request_id=uuid4()
        )
    one = pay_ahead(propose(org_id, 900_00))
    bank_says(one.number, "900.00")

    [order] = given_settlement.pay(given_settlement.published())

    assert (order.cash_fen, order.state, order.bank_reference) == (
        0, OrderState.ACCEPTED, "全额抵扣",
    )  # fmt: skip
    assert not models.BankFile.objects.filter(batch_id=order.batch_id).exists()
    assert outstanding(org_id) == 900_00 - 74_985


def test_never_more_than_the_share_of_what_passed():
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    org_id = till.sale.merchant_id
    agreed(org_id)  # half of 749.85 is 374.92

    with pytest.raises(PrepaymentAboveLimit):
        propose(org_id, 374_93)
    one, other = propose(org_id, 374_92), propose(org_id, 1_00)
    pay_ahead(one)
    with pytest.raises(PrepaymentAboveLimit):
        pay_ahead(other)

    assert outstanding(org_id) == 374_92
    assert models.Prepayment.objects.filter(state=PrepaymentState.SENT).count() == 1
    with pytest.raises(IntegrityError, match="prepayment_within_limit"), transaction.atomic():
        models.Prepayment.objects.filter(pk=one.id).update(outstanding_fen=1)


def test_the_ledger_itself_stops_at_the_agreed_maximum():
    """The control: past every rule of this room, the account's own limit holds."""
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    org_id = till.sale.merchant_id
    agreed(org_id, most_fen=100_00)
    leg = Leg("settlement.prepayment", uuid4(), "advance", debit=prepaid_code(org_id),
              credit="bank:advance", amount_fen=100_01)  # fmt: skip

    with pytest.raises(FundExhausted):
        books.post_transfers(legs=[leg])

    assert outstanding(org_id) == 0


def test_who_drew_it_up_neither_approves_nor_pays():
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    org_id, officer = till.sale.merchant_id, given_settlement.finance()
    new = NewTerms(org_id, PrepaymentBasis.CLAIMS, 5_000, 10_000, "预付协议1号")
    terms = prepaying.propose_terms(actor=officer, terms=new, request_id=uuid4())
    with pytest.raises(SameOfficerTwice):
        prepaying.approve_terms(actor=officer, terms_id=terms.id, request_id=uuid4())
    with pytest.raises(TermsNotFound):
        propose(org_id, 100)
    agreed(org_id)
    one = propose(org_id, 100, officer)

    with pytest.raises(SameOfficerTwice):
        pay_ahead(one, officer)

    assert ledger.get_balance(prepaid_code(org_id)).debits_pending_fen == 0
    for table, name in (
        (models.PrepaymentTerms, "prepayment_terms_by_two"),
        (models.Prepayment, "prepayment_paid_by_another"),
    ):
        column = "approved_by" if table is models.PrepaymentTerms else "paid_by"
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            table.objects.update(proposed_by=officer.account_id, **{column: officer.account_id})


def test_terms_that_cannot_be_are_refused():
    [till] = given_settlement.shops(1)
    for share, most, line in ((0, 100, 0), (8_001, 100, 0), (5_000, 0, 0), (5_000, 100, 5)):
        new = NewTerms(till.sale.merchant_id, PrepaymentBasis.CLAIMS, share, most, "预付协议", line)
        with pytest.raises(TermsInvalid):
            prepaying.propose_terms(actor=given_settlement.finance(), terms=new, request_id=uuid4())

    assert models.PrepaymentTerms.objects.count() == 0


def test_a_refused_payment_ahead_leaves_nothing_outstanding():
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    org_id = till.sale.merchant_id
    agreed(org_id)
    one = pay_ahead(propose(org_id, 100_00))

    bank_says(one.number, "100.00", "失败")

    assert outstanding(org_id) == 0
    with pytest.raises(PrepaymentClosed):
        pay_ahead(one)


def test_a_shop_may_pay_it_back_itself_but_no_more_than_is_out():
    org_id, _ = prepaid_shop()
    give = {"actor": given_settlement.finance(), "org_id": org_id, "reference": "回款9"}

    with pytest.raises(PrepaidLess):
        prepaying.receive_prepaid_back(amount_fen=300_01, request_id=uuid4(), **give)
    prepaying.receive_prepaid_back(amount_fen=100_00, request_id=uuid4(), **give)

    assert outstanding(org_id) == 200_00
    assert ledger.sum_check().difference_fen == 0


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_pay_ahead_at_once_stay_within_the_limit(race):
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    org_id = till.sale.merchant_id
    agreed(org_id)
    wanted = [propose(org_id, 200_00) for _ in range(3)]
    officers = [given_settlement.finance() for _ in range(3)]

    answers = race(lambda i: pay_ahead(wanted[i], officers[i]), 3)

    assert sum(isinstance(one, PrepaymentAboveLimit) for one in answers) == 2, answers
    assert outstanding(org_id) == 200_00


@pytest.mark.django_db(transaction=True)
def test_two_batches_paid_at_once_take_what_was_paid_ahead_off_once(race):
    tills = given_settlement.shops(1)
    given_settlement.cleared(*tills)
    org_id = tills[0].sale.merchant_id
    agreed(org_id)
    one = pay_ahead(propose(org_id, 300_00))
    bank_says(one.number, "300.00")
    first = given_settlement.published()
    given_settlement.cleared(given_claims.till(org_id=org_id))
    second = given_settlement.published()
    officers = [given_settlement.finance() for _ in range(2)]

    answers = race(lambda i: given_settlement.pay((first, second)[i], officers[i]), 2)

    assert not any(isinstance(a, Exception) for a in answers), answers
    assert sum(order.prepaid_fen for orders in answers for order in orders) == 300_00
