"""Anyone may object to what is published; an officer answers; money waits for the answer."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims.types import AuditStatus
from huanxin.kernel import clock
from huanxin.settlement import models
from huanxin.settlement.errors import (
    NotePoor,
    ObjectionClosed,
    ObjectionDecided,
    ObjectionNotFound,
    ObjectionPoor,
    ObjectionsWaiting,
    TooManyObjections,
)
from huanxin.settlement.selectors import public_book
from huanxin.settlement.services import objecting
from huanxin.settlement.types import ItemState, ObjectionState
from tests import given, given_claims, given_settlement

pytestmark = pytest.mark.django_db

WORDS = "该户没有安装空调，邻居都可以作证"
CONTACT = "138 0000 1234"


def published(count=2):
    claims = given_settlement.cleared(*given_settlement.shops(count))
    return given_settlement.published(), claims


def lodge(item_id, *, contact=CONTACT, words=WORDS, at=given_settlement.OPENED_AT):
    with clock.standing_at(at):
        return objecting.lodge_objection(
            actor=given.system(), item_id=item_id, words=words, contact=contact, request_id=uuid4()
        )


def first_item(batch):
    return models.Item.objects.filter(batch_id=batch.batch_id).order_by("pk").first()


def decide(number, *, is_upheld, answer="经上门核实情况属实", actor=None):
    row = models.Objection.objects.get(number=number)
    with clock.standing_at(given_settlement.OPENED_AT + timedelta(days=1)):
        objecting.decide_objection(
            actor=actor or given_settlement.operator(), objection_id=row.pk, is_upheld=is_upheld,
            answer=answer, request_id=uuid4(),
        )  # fmt: skip


def test_an_upheld_objection_takes_the_claim_out_and_the_rest_is_paid():
    batch, _ = published()
    item = first_item(batch)
    number = lodge(item.pk)
    with pytest.raises(ObjectionsWaiting):
        given_settlement.pay(batch)
    assert models.PaymentOrder.objects.count() == 0

    decide(number, is_upheld=True)
    [order] = given_settlement.pay(batch)

    item.refresh_from_db()
    assert item.state == ItemState.OBJECTED
    assert order.claim_count == 1
    assert given_claims.status(item.sale_id)[1] is AuditStatus.WAITING
    assert public_book.find_objection(number, CONTACT).state is ObjectionState.UPHELD


def test_a_dismissed_objection_leaves_the_claim_in():
    batch, _ = published()
    number = lodge(first_item(batch).pk)

    decide(number, is_upheld=False, answer="已核实安装照片与签收记录")

    assert len(given_settlement.pay(batch)) == 2
    assert public_book.find_objection(number, "13800001234").answer == "已核实安装照片与签收记录"


def test_the_contact_is_sealed_and_each_look_is_on_record():
    batch, _ = published()
    lodge(first_item(batch).pk)
    row = models.Objection.objects.get()

    assert b"1234" not in bytes(row.contact_sealed)
    shown = objecting.reveal_contact(actor=given_settlement.operator(), objection_id=row.pk)

    assert shown == CONTACT
    from huanxin.kernel.models import AuditEntry

    assert AuditEntry.objects.filter(action="settlement.contact_revealed").count() == 1


def test_objections_are_taken_during_publicity_only():
    batch, _ = published()
    item_id = first_item(batch).pk
    last_day = given_settlement.PAID_AT - timedelta(days=1)

    lodge(item_id, at=last_day)
    with pytest.raises(ObjectionClosed):
        lodge(item_id, contact="13900009999", at=last_day + timedelta(days=1))
    with pytest.raises(ObjectionClosed):
        lodge(999_999_999)

    assert models.Objection.objects.count() == 1


def test_poor_words_and_floods_are_refused_and_nothing_is_kept():
    batch, _ = published()
    item_id = first_item(batch).pk
    for words, contact in (("假的", CONTACT), (WORDS, "1")):
        with pytest.raises(ObjectionPoor):
            lodge(item_id, words=words, contact=contact)
    assert models.Objection.objects.count() == 0

    for i in range(5):
        lodge(item_id, contact=f"1380000000{i}")
    with pytest.raises(TooManyObjections):
        lodge(item_id, contact="13800000009")
    with pytest.raises(TooManyObjections):
        lodge(item_id, contact="13800000000")

    assert models.Objection.objects.count() == 5


def test_an_answer_needs_words_and_is_given_once():
    batch, _ = published()
    number = lodge(first_item(batch).pk)
    with pytest.raises(NotePoor):
        decide(number, is_upheld=False, answer="无")
    decide(number, is_upheld=False)
    with pytest.raises(ObjectionDecided):
        decide(number, is_upheld=True)

    assert first_item(batch).state == ItemState.TAKEN


def test_the_public_list_shows_no_persons_and_no_whole_number():
    batch, claims = published()
    with clock.standing_at(given_settlement.OPENED_AT):
        [card] = public_book.list_public_batches()
        lines = public_book.list_public_lines(batch.batch_id)

    assert (card.number, card.claim_count) == (batch.number, 2)
    assert lines.total == 2
    numbers = {claim.card.number for claim in claims}
    assert not numbers & {line.number_masked for line in lines.items}
    assert {line.subsidy_fen for line in lines.items} == {74_985}


def test_a_batch_that_is_not_published_is_not_public():
    given_settlement.cleared(*given_settlement.shops(1))
    given_settlement.opened()

    assert public_book.list_public_batches() == []


def test_an_objection_is_found_by_number_and_contact_together():
    batch, _ = published()
    number = lodge(first_item(batch).pk)

    with pytest.raises(ObjectionNotFound):
        public_book.find_objection(number, "13911112222")
