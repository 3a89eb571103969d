"""From cleared claims to the merchants' accounts, split among the funds to the fen."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.claims.services import returning, reviewing
from huanxin.claims.types import ReviewVerdict
from huanxin.identity.errors import NotAllowed
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import payable_code
from huanxin.settlement import models, selectors
from huanxin.settlement.errors import (
    AnswerContradicts,
    NothingToSettle,
    NotRefused,
    PublicityRunning,
    SameOfficer,
)
from huanxin.settlement.services import objecting, paying, reconciling
from huanxin.settlement.types import BankAnswer, BatchState, ItemState, OrderState
from tests import given, given_claims, given_settlement, given_vouchers

pytestmark = pytest.mark.django_db

EVERYWHERE = Scope()


def balance(code):
    return ledger.get_balance(code)


def test_the_fridge_of_the_design_reaches_the_shop_to_the_fen():
    till, claim, order = given_settlement.paid()

    assert claim.card.subsidy_fen == 74_085
    # 85 : 7.5 : 7.5 of 740.85, largest remainder first
    assert (order.split.central_fen, order.split.province_fen, order.split.city_fen) == (
        62_972, 5_557, 5_556,
    )  # fmt: skip
    assert order.trade_in_fen == 6_000
    assert order.amount_fen == 80_085
    owed = balance(payable_code(till.sale.merchant_id))
    assert owed.credits_posted_fen == owed.debits_posted_fen == 80_085
    assert owed.credits_pending_fen == 0
    assert balance("bank:central").credits_posted_fen == 62_972
    assert balance("bank:province").credits_posted_fen == 5_557
    assert balance("bank:city").credits_posted_fen == 5_556
    assert balance("bank:trade_in").credits_posted_fen == 6_000
    with clock.standing_at(given_settlement.PAID_AT + timedelta(hours=2)):
        found = reconciling.reconcile(actor=given_settlement.finance(), on=clock.today())
    assert found.difference_fen == 0
    assert [line.ledger_fen for line in found.lines] == [
        74_085, 6_000, 0, 62_972, 5_557, 5_556, 6_000, 0, 0, 0,
    ]  # fmt: skip


def test_a_held_claim_is_reviewed_and_then_settled():
    [till] = given_settlement.shops(1)
    _, claim = given_claims.decided(till, invoice__invoice_total_fen=1)
    with pytest.raises(NothingToSettle):
        given_settlement.opened()
    reviewing.review_claim(
        actor=given_claims.reviewer(), claim_id=claim.card.claim_id, verdict=ReviewVerdict.PASS,
        reason_code="R402", note="发票重开已核对", request_id=uuid4(),
    )  # fmt: skip

    [order] = given_settlement.pay(given_settlement.published())

    assert order.amount_fen == claim.card.subsidy_fen
    assert ledger.sum_check().difference_fen == 0


def test_each_merchant_gets_one_order_and_the_parts_add_up():
    tills = given_settlement.shops(3)
    found = given_settlement.cleared(*tills)
    second = given_claims.till(org_id=tills[0].sale.merchant_id, list_price_fen=333_333)
    found += given_settlement.cleared(second)

    batch = given_settlement.published()
    orders = given_settlement.pay(batch)

    assert len(orders) == 3
    total = sum(claim.card.subsidy_fen for claim in found)
    assert sum(order.amount_fen for order in orders) == total == batch.amount_fen
    assert sum(order.split.total_fen for order in orders) == total
    assert {order.claim_count for order in orders} == {1, 2}


def test_a_claim_is_in_one_batch_only():
    given_settlement.cleared(*given_settlement.shops(1))
    given_settlement.opened()

    with pytest.raises(NothingToSettle):
        given_settlement.opened()

    assert models.Item.objects.count() == 1
    assert models.Batch.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_batches_opened_at_once_never_share_a_claim(race):
    given_settlement.cleared(*given_settlement.shops(2))
    actors = [given_settlement.operator() for _ in range(3)]

    answers = race(lambda i: given_settlement.opened(actors[i]), 3)

    won = [one for one in answers if not isinstance(one, Exception)]
    assert len(won) == 1, answers
    assert sum(isinstance(one, NothingToSettle) for one in answers) == 2
    assert models.Item.objects.filter(state=ItemState.TAKEN).count() == 2


def test_nobody_pays_before_the_publicity_is_over():
    given_settlement.cleared(*given_settlement.shops(1))
    batch = given_settlement.published()

    last_day = given_settlement.PAID_AT - timedelta(days=1)
    with clock.standing_at(last_day), pytest.raises(PublicityRunning):
        paying.pay_batch(
            actor=given_settlement.finance(), batch_id=batch.batch_id, request_id=uuid4()
        )

    assert models.PaymentOrder.objects.count() == 0


def test_who_opened_a_batch_cannot_pay_it():
    both = given_settlement.operator()
    both = type(both)(**{
        **{f: getattr(both, f) for f in both.__dataclass_fields__},
        "permissions": both.permissions | {"settlement.pay"},
    })  # fmt: skip
    given_settlement.cleared(*given_settlement.shops(1))
    batch = given_settlement.published(both)

    with pytest.raises(SameOfficer):
        given_settlement.pay(batch, both)

    assert models.PaymentOrder.objects.count() == 0
    with pytest.raises(IntegrityError, match="batch_payer_is_not_opener"), transaction.atomic():
        models.Batch.objects.update(paid_by=both.account_id)


def test_an_operator_without_the_permission_cannot_pay():
    given_settlement.cleared(*given_settlement.shops(1))
    batch = given_settlement.published()

    with pytest.raises(NotAllowed):
        given_settlement.pay(batch, given_settlement.operator())

    assert selectors.get_batch(batch.batch_id, EVERYWHERE).state is BatchState.PUBLISHED
    assert models.PaymentOrder.objects.count() == 0


def test_paying_again_under_one_request_pays_once():
    [till] = given_settlement.shops(1)
    [claim] = given_settlement.cleared(till)
    batch, actor, request_id = given_settlement.published(), given_settlement.finance(), uuid4()

    with clock.standing_at(given_settlement.PAID_AT):
        answers = [
            paying.pay_batch(actor=actor, batch_id=batch.batch_id, request_id=request_id)
            for _ in range(2)
        ]

    assert answers[0] == answers[1]
    assert balance(payable_code(till.sale.merchant_id)).credits_posted_fen == claim.card.subsidy_fen


def test_an_objection_takes_the_claim_out_and_sends_it_to_a_person():
    tills = given_settlement.shops(2)
    first, second = given_settlement.cleared(*tills)
    batch = given_settlement.published()

    objecting.object_to_claim(
        actor=given_settlement.operator(), claim_id=first.card.claim_id,
        note="群众反映该户未收到货", request_id=uuid4(),
    )  # fmt: skip
    [order] = given_settlement.pay(batch)

    assert order.amount_fen == second.card.subsidy_fen
    assert given_claims.reasons(first.card.sale_id) == ["R502"]
    assert given_vouchers.owed_fen(tills[0].sale.merchant_id) == first.card.subsidy_fen  # held


def test_a_claim_that_survives_an_objection_is_paid_in_the_next_batch():
    [till] = given_settlement.shops(1)
    [claim] = given_settlement.cleared(till)
    batch = given_settlement.published()
    objecting.object_to_claim(
        actor=given_settlement.operator(), claim_id=claim.card.claim_id,
        note="群众反映该户未收到货", request_id=uuid4(),
    )  # fmt: skip

    assert given_settlement.pay(batch) == []  # nothing left in it
    assert selectors.get_batch(batch.batch_id, EVERYWHERE).state is BatchState.PAID
    reviewing.review_claim(
        actor=given_claims.reviewer(), claim_id=claim.card.claim_id, verdict=ReviewVerdict.PASS,
        reason_code="R401", note="已上门核实", request_id=uuid4(),
    )  # fmt: skip
    [order] = given_settlement.pay(given_settlement.published())

    assert order.amount_fen == claim.card.subsidy_fen


def test_goods_returned_during_publicity_leave_the_batch():
    tills = given_settlement.shops(2)
    first, second = given_settlement.cleared(*tills)
    batch = given_settlement.published()
    returning.return_sale(
        actor=tills[0].manager, sale_id=first.card.sale_id, reason="七天无理由退货",
        request_id=uuid4(),
    )  # fmt: skip

    [order] = given_settlement.pay(batch)

    assert order.amount_fen == second.card.subsidy_fen
    assert models.Item.objects.get(sale_id=first.card.sale_id).state == ItemState.WITHDRAWN
    assert ledger.sum_check().difference_fen == 0


def test_a_refused_payment_is_retried_and_paid_once():
    [till] = given_settlement.shops(1)
    [claim] = given_settlement.cleared(till)
    [order] = given_settlement.pay(given_settlement.published())
    given_settlement.answer(order, BankAnswer.REFUSED)
    request_id, actor = uuid4(), given_settlement.finance()

    with clock.standing_at(given_settlement.PAID_AT + timedelta(hours=2)):
        retries = [
            paying.retry_payment(actor=actor, order_number=order.number, request_id=request_id)
            for _ in range(2)
        ]
    given_settlement.answer(retries[0], hours=3)

    assert retries[0] == retries[1]
    assert retries[0].attempt == 2
    assert selectors.order_card(order.order_id).state is OrderState.REPLACED
    owed = balance(payable_code(till.sale.merchant_id))
    assert owed.debits_posted_fen == claim.card.subsidy_fen
    assert len(selectors.list_bank_files(order.batch_id, EVERYWHERE)) == 2


def test_an_unknown_payment_is_never_paid_again_before_the_bank_has_spoken():
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    [order] = given_settlement.pay(given_settlement.published())
    given_settlement.answer(order, BankAnswer.UNKNOWN)

    with pytest.raises(NotRefused):
        paying.retry_payment(
            actor=given_settlement.finance(), order_number=order.number, request_id=uuid4()
        )
    after = given_settlement.answer(order, BankAnswer.ACCEPTED, hours=2)

    assert after.state is OrderState.ACCEPTED
    assert models.PaymentOrder.objects.count() == 1


def test_the_bank_cannot_take_back_an_accepted_payment():
    _, _, order = given_settlement.paid()

    again = given_settlement.answer(order, BankAnswer.ACCEPTED, hours=2)
    with pytest.raises(AnswerContradicts):
        given_settlement.answer(order, BankAnswer.REFUSED, hours=3)

    assert again.state is OrderState.ACCEPTED
    assert balance("bank:central").credits_posted_fen == order.split.central_fen


def test_the_bank_file_names_every_merchant_by_credit_code_and_adds_up(tmp_path, settings):
    settings.HUANXIN_BANK_FOLDER = tmp_path
    given_settlement.cleared(*given_settlement.shops(2))
    orders = given_settlement.pay(given_settlement.published())

    assert paying.send_bank_files(actor=given.system()) == 1
    assert paying.send_bank_files(actor=given.system()) == 0

    [path] = tmp_path.iterdir()
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert [row["指令编号"] for row in rows] == [order.number for order in orders]
    assert all(len(row["统一社会信用代码"]) == 18 for row in rows)
    assert {row["金额"] for row in rows} == {"749.85"}


def test_a_merchant_reads_its_own_statement_only():
    till, _, _ = given_settlement.paid()
    other = given.organisation()

    mine = selectors.statement(till.sale.merchant_id, till.manager.scope)
    theirs = selectors.statement(till.sale.merchant_id, Scope(org_id=other))

    assert (mine.paid_fen, mine.due_fen, len(mine.orders)) == (80_085, 0, 1)
    assert (theirs.paid_fen, theirs.due_fen, theirs.orders) == (0, 0, ())


def test_a_batch_outside_the_scope_is_not_there():
    given_settlement.cleared(*given_settlement.shops(1))
    batch = given_settlement.opened()

    assert selectors.list_batches(Scope(region_path=given.CITY_PATH)).total == 1
    assert selectors.list_batches(Scope(region_path="370000/371500/371503")).total == 0
    [item] = selectors.list_items(batch.batch_id, EVERYWHERE).items
    assert item.subsidy_fen == 74_985
