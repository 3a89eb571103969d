"""From papers to a decision: complete sets are checked as one set and answered with reasons."""

from uuid import uuid4

import pytest

from huanxin.claims import models
from huanxin.claims.errors import EvidenceClosed, EvidenceInvalid
from huanxin.claims.services import deciding, submitting
from huanxin.claims.types import AuditStatus, EvidenceKind, NewEvidence, VerifyStatus
from huanxin.identity.errors import NotAllowed
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from tests import given, given_claims, given_vouchers

pytestmark = pytest.mark.django_db

WAITING = (VerifyStatus.WAITING, AuditStatus.NONE)
PASSED = (VerifyStatus.PASSED, AuditStatus.NONE)
MENDING = (VerifyStatus.MENDING, AuditStatus.NONE)
HELD = (VerifyStatus.HELD, AuditStatus.WAITING)


def test_an_honest_claim_passes_within_the_minute():
    till, claim = given_claims.decided()

    assert (claim.card.verify_status, claim.card.audit_status) == PASSED
    assert given_claims.reasons(claim.card.sale_id) == []
    assert claim.card.is_payable
    assert given_vouchers.owed_fen(till.sale.merchant_id) == claim.card.subsidy_fen


def test_a_claim_with_a_paper_missing_waits_and_says_which():
    till = given_claims.till()
    receipt = till.sell()
    invoice = given_claims.papers(till, receipt)[:1]

    with clock.standing_at(given_claims.SOLD_AT):
        answer = submitting.submit_evidence(
            actor=till.cashier, sale_id=receipt.sale_id, evidence=invoice, request_id=uuid4()
        )

    assert not answer.is_due
    assert answer.missing == (EvidenceKind.LABEL, EvidenceKind.DELIVERY)
    assert given_claims.decide() == 0
    assert given_claims.status(receipt.sale_id) == WAITING


def test_an_unreadable_serial_goes_back_and_tells_the_merchant_everything_at_once():
    _, claim = given_claims.decided(label__serial_read=None, label__lat_e6=None)

    [found] = given_claims.selectors.list_findings(claim.card.claim_id, Scope())
    assert (claim.card.verify_status, claim.card.audit_status) == MENDING
    assert found.reason_code == "R314"
    assert found.say == "材料不完整：可辨认的序列号、带拍摄位置的铭牌照片。"
    assert not claim.card.is_payable


def test_a_claim_that_went_back_passes_after_its_papers_are_handed_in_again():
    till, claim = given_claims.decided(label__serial_read=None)
    receipt_like = till, claim.card

    given_claims.submit(*receipt_like)  # type: ignore[arg-type]
    given_claims.decide()

    assert given_claims.status(claim.card.sale_id) == PASSED
    assert given_claims.reasons(claim.card.sale_id) == ["R357"]
    assert models.Finding.objects.filter(claim_id=claim.card.claim_id, round=1).count() == 1


def test_a_passed_claim_takes_no_more_papers():
    till, claim = given_claims.decided()

    with pytest.raises(EvidenceClosed):
        given_claims.submit(till, claim.card)  # type: ignore[arg-type]

    assert given_claims.status(claim.card.sale_id) == PASSED


def test_the_same_papers_twice_under_one_request_are_kept_once():
    till = given_claims.till()
    receipt, request_id = till.sell(), uuid4()
    evidence = given_claims.papers(till, receipt)

    with clock.standing_at(given_claims.SOLD_AT):
        answers = [
            submitting.submit_evidence(
                actor=till.cashier, sale_id=receipt.sale_id, evidence=evidence,
                request_id=request_id,
            )
            for _ in range(2)
        ]  # fmt: skip

    assert answers[0] == answers[1]
    assert models.Evidence.objects.count() == 3


def test_another_shop_cannot_hand_in_papers():
    till, other = given_claims.till(), given_claims.till()
    receipt = till.sell()

    with pytest.raises(NotAllowed):
        submitting.submit_evidence(
            actor=other.cashier,
            sale_id=receipt.sale_id,
            evidence=given_claims.papers(till, receipt),
            request_id=uuid4(),
        )

    assert models.Evidence.objects.count() == 0


def test_only_the_platform_itself_decides():
    till = given_claims.till()
    given_claims.submit(till, till.sell())

    with pytest.raises(NotAllowed):
        deciding.decide_due(actor=till.manager)

    assert models.Finding.objects.count() == 0


def test_a_document_number_never_reaches_the_tables():
    till, _ = given_claims.decided()

    tables = (models.Evidence, models.Reading, models.Sale)
    stored = str([list(table.objects.values()) for table in tables])
    assert till.document_no not in stored
    assert given_claims.pseudonym(till.document_no) in stored


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (EvidenceKind.INVOICE, {"invoice_number": "123"}),
        (EvidenceKind.INVOICE, {"serial_read": "SN20260001"}),
        (EvidenceKind.INVOICE, {"invoice_total_fen": 4999.0}),
        (EvidenceKind.LABEL, {"grade_read": True}),
    ],
)
def test_a_fact_that_cannot_be_one_is_refused(kind, facts):
    till = given_claims.till()
    receipt = till.sell()

    with pytest.raises(EvidenceInvalid):
        submitting.submit_evidence(
            actor=till.cashier,
            sale_id=receipt.sale_id,
            evidence=[NewEvidence(kind, "0" * 64, facts)],
            request_id=uuid4(),
        )

    assert models.Evidence.objects.count() == 0
    assert models.Reading.objects.count() == 0


def test_one_invoice_behind_two_claims_pays_the_first_only():
    number = "26371234567890123456"
    pool_id = given_vouchers.pool(quantity=2)
    one, two = (given_claims.till(pool_id=pool_id) for _ in range(2))
    _, first = given_claims.decided(one, invoice__invoice_number=number)
    _, second = given_claims.decided(two, invoice__invoice_number=number)

    assert given_claims.status(first.card.sale_id) == PASSED
    assert given_claims.status(second.card.sale_id) == (VerifyStatus.REFUSED, AuditStatus.NONE)
    assert given_claims.reasons(second.card.sale_id) == ["R303"]


def test_a_label_that_shows_a_unit_sold_before_is_refused():
    pool_id = given_vouchers.pool(quantity=2)
    gtin = given_claims.model()
    one, two = (given_claims.till(pool_id=pool_id, gtin=gtin) for _ in range(2))
    given_claims.decided(one)

    _, second = given_claims.decided(two, label__serial_read=one.sale.serial)

    assert given_claims.reasons(second.card.sale_id) == ["R301", "R319"]
    assert second.card.verify_status is VerifyStatus.REFUSED


def test_claims_of_one_batch_are_decided_each_on_its_own():
    pool_id = given_vouchers.pool(quantity=3)
    tills = [given_claims.till(pool_id=pool_id) for _ in range(3)]
    receipts = [till.sell() for till in tills]
    given_claims.submit(tills[0], receipts[0])
    given_claims.submit(tills[1], receipts[1], invoice__invoice_total_fen=1)
    given_claims.submit(tills[2], receipts[2], invoice__buyer_document_no=given.document_no())

    assert given_claims.decide() == 3

    assert [given_claims.reasons(r.sale_id) for r in receipts] == [[], ["R311"], ["R353"]]
    assert given_claims.decide() == 0
