"""A person decides what the machine could not: passes, refuses for good, or asks once more."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims import _rows, models, rules, selectors
from huanxin.claims.errors import (
    AppealClosed,
    InvoiceAlreadyPaid,
    NotWaitingForReview,
    OwnOrganisation,
    ReasonUnknown,
)
from huanxin.claims.services import deciding, reviewing
from huanxin.claims.types import AuditStatus, ReviewVerdict, VerifyStatus
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims, given_vouchers

pytestmark = pytest.mark.django_db


def review(claim, verdict=ReviewVerdict.PASS, *, actor=None, reason_code="R401", request_id=None):
    return reviewing.review_claim(
        actor=actor or given_claims.reviewer(),
        claim_id=claim.card.claim_id,
        verdict=verdict,
        reason_code=reason_code,
        note="已电话核实购买人",
        request_id=request_id or uuid4(),
    )


def held():
    return given_claims.decided(invoice__invoice_total_fen=1)


def test_a_held_claim_that_a_person_passes_is_payable():
    till, claim = held()

    assert review(claim) is AuditStatus.PASSED

    after = given_claims.claim_of(claim.card.sale_id)
    assert after.card.is_payable
    assert after.card.verify_status is VerifyStatus.HELD  # the machine's result stays as it was
    assert [one.reason_code for one in after.reviews] == ["R401"]
    assert given_vouchers.owed_fen(till.sale.merchant_id) == claim.card.subsidy_fen


def test_a_refusal_by_a_person_gives_the_pool_its_money_and_keeps_the_right_used():
    pool_id = given_vouchers.pool(quantity=1)
    till, claim = given_claims.decided(
        given_claims.till(pool_id=pool_id), invoice__invoice_total_fen=1
    )
    before = given_vouchers.free_fen(pool_id)

    assert review(claim, ReviewVerdict.REFUSE, reason_code="R412") is AuditStatus.REFUSED

    assert given_vouchers.free_fen(pool_id) == before + claim.card.subsidy_fen
    assert given_vouchers.owed_fen(till.sale.merchant_id) == 0
    assert given_vouchers.card(till.sale.qualification_id).state is VoucherState.USED
    assert not given_claims.claim_of(claim.card.sale_id).card.is_payable
    assert ledger.sum_check().difference_fen == 0


def test_a_claim_sent_back_waits_for_papers_again_and_then_passes():
    till, claim = held()

    review(claim, ReviewVerdict.CORRECT, reason_code="R421")
    assert given_claims.status(claim.card.sale_id) == (VerifyStatus.WAITING, AuditStatus.NONE)
    assert given_claims.decide() == 0  # nothing new was handed in

    given_claims.submit(till, claim.card)
    given_claims.decide()
    assert given_claims.status(claim.card.sale_id) == (VerifyStatus.PASSED, AuditStatus.NONE)


def test_a_second_review_of_the_same_claim_is_refused():
    _, claim = held()
    review(claim)

    with pytest.raises(NotWaitingForReview):
        review(claim, ReviewVerdict.REFUSE, reason_code="R411")

    assert models.Review.objects.count() == 1


def test_a_repeated_review_request_gets_the_first_answer():
    _, claim = held()
    actor, request_id = given_claims.reviewer(), uuid4()

    answers = [review(claim, actor=actor, request_id=request_id) for _ in range(2)]

    assert answers == [AuditStatus.PASSED, AuditStatus.PASSED]
    assert models.Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_the_same_moment_make_one_review(race):
    _, claim = held()
    reviewers = [given_claims.reviewer() for _ in range(4)]

    answers = race(lambda i: review(claim, actor=reviewers[i]), 4)

    refused = [one for one in answers if isinstance(one, NotWaitingForReview)]
    assert len(refused) == 3, answers
    assert models.Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_the_constraint_alone_still_lets_one_review_through(race, monkeypatch):
    """The control: with the lock off, several reviewers get past the check at once."""
    _, claim = held()
    reviewers = [given_claims.reviewer() for _ in range(4)]
    unlocked = lambda claim_id: models.Claim.objects.select_related("sale").get(pk=claim_id)  # noqa: E731
    monkeypatch.setattr(_rows, "lock_one", unlocked)
    check = reviewing._check_verdict
    monkeypatch.setattr(
        reviewing, "_check_verdict", lambda *args: (check(*args), barrier.wait(timeout=10))
    )
    barrier = __import__("threading").Barrier(4)

    answers = race(lambda i: review(claim, actor=reviewers[i]), 4)

    assert not any(isinstance(one, NotWaitingForReview) for one in answers)  # the check saw nothing
    assert models.Review.objects.count() == 1  # review_once_a_step did


def test_a_reviewer_of_another_county_is_refused():
    _, claim = held()
    elsewhere = given.staff(Role.REVIEWER, region_path="370000/371500/371503")

    with pytest.raises(NotAllowed):
        review(claim, actor=elsewhere)

    assert models.Review.objects.count() == 0
    assert given_claims.status(claim.card.sale_id) == (VerifyStatus.HELD, AuditStatus.WAITING)


def test_a_reviewer_cannot_decide_on_her_own_organisation():
    till, claim = held()
    own = given.staff(Role.REVIEWER, org_id=till.sale.merchant_id)

    with pytest.raises(OwnOrganisation):
        review(claim, actor=own)

    assert models.Review.objects.count() == 0


def test_a_pass_needs_a_reason_of_its_kind():
    _, claim = held()

    with pytest.raises(ReasonUnknown):
        review(claim, ReviewVerdict.PASS, reason_code="R412")

    assert models.Review.objects.count() == 0


def test_a_reviewer_cannot_pass_an_invoice_that_was_passed_before():
    pool_id = given_vouchers.pool(quantity=2)
    one, two = (given_claims.till(pool_id=pool_id) for _ in range(2))
    number = "26371234567890120001"
    given_claims.decided(one, invoice__invoice_number=number)
    _, second = given_claims.decided(two, invoice__invoice_number=number)
    appeal(two, second, second.card.decided_at)

    with pytest.raises(InvoiceAlreadyPaid):
        review(second)

    assert given_claims.status(second.card.sale_id)[1] is AuditStatus.WAITING
    assert models.Review.objects.count() == 0


def refused_by_machine():
    pool_id = given_vouchers.pool(quantity=2)
    gtin = given_claims.model()
    one, two = (given_claims.till(pool_id=pool_id, gtin=gtin) for _ in range(2))
    given_claims.decided(one)
    return pool_id, *given_claims.decided(two, label__serial_read=one.sale.serial)


def appeal(till, claim, at):
    with clock.standing_at(at):
        reviewing.appeal_claim(
            actor=till.manager, claim_id=claim.card.claim_id, note="铭牌照片传错了",
            request_id=uuid4(),
        )  # fmt: skip


def test_a_machines_refusal_keeps_the_money_until_the_appeal_period_ends():
    pool_id, till, claim = refused_by_machine()
    ends = rules.appeal_ends(claim.card.decided_at)
    before = given_vouchers.free_fen(pool_id)

    with clock.standing_at(ends - timedelta(seconds=1)):
        assert deciding.close_refused(actor=given.system()) == 0
    with clock.standing_at(ends):
        assert deciding.close_refused(actor=given.system()) == 1
        assert deciding.close_refused(actor=given.system()) == 0

    assert given_vouchers.free_fen(pool_id) == before + claim.card.subsidy_fen
    assert given_vouchers.owed_fen(till.sale.merchant_id) == 0


def test_an_appeal_in_time_brings_the_claim_to_a_person_and_its_money_is_still_there():
    _, till, claim = refused_by_machine()

    appeal(till, claim, claim.card.decided_at + timedelta(days=6))

    assert given_claims.status(claim.card.sale_id) == (VerifyStatus.REFUSED, AuditStatus.WAITING)
    with clock.standing_at(claim.card.decided_at + timedelta(days=30)):
        assert deciding.close_refused(actor=given.system()) == 0
    assert review(claim) is AuditStatus.PASSED
    assert given_vouchers.owed_fen(till.sale.merchant_id) == claim.card.subsidy_fen


def test_an_appeal_too_late_or_twice_is_refused():
    _, till, claim = refused_by_machine()

    with pytest.raises(AppealClosed):
        appeal(till, claim, rules.appeal_ends(claim.card.decided_at))
    appeal(till, claim, claim.card.decided_at)
    with pytest.raises(AppealClosed):
        appeal(till, claim, claim.card.decided_at)

    assert models.Appeal.objects.count() == 1


def test_the_queue_shows_the_riskiest_first_and_only_the_own_county():
    pool_id = given_vouchers.pool(quantity=2)
    one, two = (given_claims.till(pool_id=pool_id) for _ in range(2))
    _, mild = given_claims.decided(one, label__serial_read="SNOTHER0001")
    _, grave = given_claims.decided(
        two, invoice__invoice_total_fen=1, invoice__buyer_document_no=given.document_no()
    )

    mine = selectors.queue(Scope(region_path=given.COUNTY_PATH))
    other = selectors.queue(Scope(region_path="370000/371500/371503"))

    assert [row.claim_id for row in mine.items] == [grave.card.claim_id, mild.card.claim_id]
    assert other.total == 0


def test_a_shop_sees_its_own_claims_only():
    pool_id = given_vouchers.pool(quantity=2)
    one, two = (given_claims.till(pool_id=pool_id) for _ in range(2))
    _, mine = given_claims.decided(one)
    given_claims.decided(two)

    seen = selectors.list_claims(one.manager.scope)

    assert [row.claim_id for row in seen.items] == [mine.card.claim_id]
