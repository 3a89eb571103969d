"""What is only missing or unreadable goes back to the merchant: no person, and not for ever."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.claims import models, selectors
from huanxin.claims.services import deciding, releasing, submitting
from huanxin.claims.types import AuditStatus, ClaimStage, VerifyStatus
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from tests import given, given_claims, given_vouchers

pytestmark = pytest.mark.django_db
MENDING = (VerifyStatus.MENDING, AuditStatus.NONE)
HELD = (VerifyStatus.HELD, AuditStatus.WAITING)
PASSED = (VerifyStatus.PASSED, AuditStatus.NONE)
NO_PLACE = {"delivery__lat_e6": None}


def again(till, claim, **changes):
    """The same shop hands its papers in once more; the checks decide."""
    given_claims.submit(till, claim.card, **changes)
    given_claims.decide()
    return given_claims.status(claim.card.sale_id)


def test_a_missing_place_goes_back_with_its_reason_and_asks_nobody():
    _, claim = given_claims.decided(**NO_PLACE)

    assert (claim.card.verify_status, claim.card.audit_status) == MENDING
    assert (claim.card.stage, claim.takes_evidence) == (ClaimStage.MENDING, True)
    assert claim.card.due_at is None
    [found] = selectors.list_findings(claim.card.claim_id, Scope())
    assert found.say == "材料不完整：带拍摄位置的送货照片。"
    assert selectors.queue(Scope()).total == 0
    line = AuditEntry.objects.filter(action="claims.decided").latest("pk")
    assert (line.facts["verify_status"], line.facts["reasons"]) == ("mending", "R314")
    assert line.facts["number"] == claim.card.number


def test_what_is_back_with_the_merchant_is_not_paid():
    _, claim = given_claims.decided(**NO_PLACE)
    assert releasing.release_claims(actor=given.system(), claim_ids=[claim.card.claim_id]) == []
    assert not claim.card.is_payable


def test_papers_handed_in_again_decide_again_and_the_wait_counts_anew():
    till, claim = given_claims.decided(**NO_PLACE)
    submitted_at = claim.card.submitted_at
    with clock.standing_at(submitted_at + timedelta(days=3)):
        submitting.submit_evidence(
            actor=till.manager, sale_id=claim.card.sale_id, request_id=uuid4(),
            evidence=given_claims.papers(till, claim.card),
        )  # fmt: skip
        assert given_claims.status(claim.card.sale_id)[0] is VerifyStatus.WAITING
        deciding.decide_due(actor=given.system())
    card = given_claims.claim_of(claim.card.sale_id).card
    assert (card.verify_status, card.audit_status) == PASSED
    assert card.submitted_at == submitted_at + timedelta(days=3)


def test_what_suggests_fraud_never_goes_back():
    _, claim = given_claims.decided(invoice__invoice_total_fen=1, **NO_PLACE)
    assert (claim.card.verify_status, claim.card.audit_status) == HELD
    assert given_claims.reasons(claim.card.sale_id) == ["R311", "R314"]


def test_after_two_returns_a_person_looks():
    till, claim = given_claims.decided(**NO_PLACE)
    assert again(till, claim, **NO_PLACE) == MENDING
    assert again(till, claim, **NO_PLACE) == HELD

    found = models.Finding.objects.filter(claim_id=claim.card.claim_id, check_id="evidence_missing")
    row = found.latest("pk")
    assert (row.outcome, row.evidence["outcome_was"], row.evidence["mend_count"]) == (
        "hold", "mend", 2,
    )  # fmt: skip
    assert given_claims.claim_of(claim.card.sale_id).card.due_at is not None


def test_a_shop_whose_papers_often_come_back_is_looked_at_by_a_person():
    pool_id, org_id = given_vouchers.pool(quantity=3), given.organisation()
    tills = [given_claims.till(pool_id=pool_id, org_id=org_id) for _ in range(3)]
    first = [given_claims.decided(one, **NO_PLACE)[1] for one in tills[:2]]
    _, third = given_claims.decided(tills[2], **NO_PLACE)

    assert {(one.card.verify_status, one.card.audit_status) for one in first} == {MENDING}
    assert (third.card.verify_status, third.card.audit_status) == HELD


def test_papers_of_one_batch_count_for_one_another():
    pool_id, org_id = given_vouchers.pool(quantity=3), given.organisation()
    tills = [given_claims.till(pool_id=pool_id, org_id=org_id) for _ in range(3)]
    receipts = [one.sell() for one in tills]
    for one, receipt in zip(tills, receipts, strict=True):
        given_claims.submit(one, receipt, **NO_PLACE)
    given_claims.decide()
    found = [given_claims.status(one.sale_id) for one in receipts]
    assert (found.count(MENDING), found.count(HELD)) == (2, 1)


def test_a_large_shop_with_as_many_is_not():
    pool_id, org_id = given_vouchers.pool(quantity=17), given.organisation()
    tills = [
        given_claims.till(pool_id=pool_id, org_id=org_id, till_id=f"{n}号台") for n in range(17)
    ]
    for number, one in enumerate(tills[:16]):
        given_claims.submit(one, one.sell(), **(NO_PLACE if number < 2 else {}))
    given_claims.decide()
    _, last = given_claims.decided(tills[16], **NO_PLACE)
    assert (last.card.verify_status, last.card.audit_status) == MENDING


def test_a_look_before_payment_does_not_undo_what_passed():
    till, claim = given_claims.decided()
    models.Reading.objects.filter(sale_id=claim.card.sale_id).update(delivery_lat_e6=None)
    with clock.standing_at(till.sale.sold_at + timedelta(days=2)):
        assert deciding.look_again(actor=given.system()) == 0
    assert given_claims.status(claim.card.sale_id) == PASSED


def test_a_relative_who_pays_says_so_and_the_claim_passes_with_a_note():
    payer = given.document_no()
    till = given_claims.till()
    receipt = till.sell()
    paid = {"payment__paid_fen": receipt.to_pay_fen, "payment__paid_at": till.sale.sold_at,
            "payment__payer_document_no": payer}  # fmt: skip
    given_claims.submit(till, receipt, **paid)
    given_claims.decide()
    claim = given_claims.claim_of(receipt.sale_id)
    assert given_claims.status(receipt.sale_id) == MENDING

    assert again(till, claim, **paid, payment__payer_relation="配偶") == PASSED
    assert given_claims.reasons(receipt.sale_id) == ["R354", "R357"]


def test_a_returned_claim_in_somebodys_queue_is_refused_by_the_database():
    _, claim = given_claims.decided(**NO_PLACE)
    rows = models.Claim.objects.filter(pk=claim.card.claim_id)
    for wrong in ({"mend_count": 0}, {"invoice_key": "K"}, {"audit_status": "passed"}):
        with (
            pytest.raises(IntegrityError, match="claim_mending_is_nobodys_case"),
            transaction.atomic(),
        ):
            rows.update(**wrong)
    assert given_claims.status(claim.card.sale_id) == MENDING
