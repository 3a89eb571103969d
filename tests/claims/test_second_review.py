"""Much money takes two people; each case has a time by which a person should have answered."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.claims import models, selectors
from huanxin.claims.errors import SaleNotFound, SamePerson
from huanxin.claims.services import reviewing
from huanxin.claims.types import AuditStatus, ReviewVerdict, VerifyStatus
from huanxin.claims.types.desk import CaseKind, QueueFilter
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from tests import given, given_claims, given_desk_terms, given_vouchers
from tests.claims.test_review import appeal, refused_by_machine, review

pytestmark = pytest.mark.django_db
SUBSIDY_FEN = 74_985  # 15 % of 4,999.00


def large():
    given_desk_terms.published(second_from_fen=SUBSIDY_FEN)
    return given_claims.decided(invoice__invoice_total_fen=1)


def test_a_large_pass_waits_for_a_second_person_and_is_then_payable():
    _, claim = large()
    assert claim.card.subsidy_fen == SUBSIDY_FEN
    first, second = given_claims.reviewer(), given_claims.reviewer()

    assert review(claim, actor=first) is AuditStatus.WAITING
    waiting = given_claims.claim_of(claim.card.sale_id).card
    assert (waiting.is_payable, waiting.first_reviewer_id) == (False, first.account_id)
    assert review(claim, actor=second) is AuditStatus.PASSED

    after = given_claims.claim_of(claim.card.sale_id)
    assert after.card.is_payable
    assert [one.reviewer_id for one in after.reviews] == [first.account_id, second.account_id]


def test_one_fen_below_the_amount_one_person_is_enough():
    given_desk_terms.published(second_from_fen=SUBSIDY_FEN + 1)
    _, claim = given_claims.decided(invoice__invoice_total_fen=1)

    assert review(claim) is AuditStatus.PASSED


def test_the_same_person_cannot_be_the_second():
    _, claim = large()
    first = given_claims.reviewer()
    review(claim, actor=first)

    with pytest.raises(SamePerson):
        review(claim, actor=first)

    assert models.Review.objects.count() == 1
    assert given_claims.status(claim.card.sale_id)[1] is AuditStatus.WAITING


def test_the_second_may_refuse_what_the_first_passed():
    _, claim = large()
    review(claim)

    assert review(claim, ReviewVerdict.REFUSE, reason_code="R412") is AuditStatus.REFUSED


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("claim_large_passes_by_two", {"second_reviewer_id": None}),
        ("claim_two_are_different", {"second_reviewer_id": "same"}),
    ],
)
def test_the_database_refuses_a_large_pass_by_one(constraint, changes):
    """The control: past the service, the constraints alone keep the second pair of eyes."""
    _, claim = large()
    review(claim)
    row = models.Claim.objects.get(pk=claim.card.claim_id)
    row.audit_status = AuditStatus.PASSED
    if changes["second_reviewer_id"]:
        row.second_reviewer_id = row.first_reviewer_id

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save()


def test_one_persons_two_reviews_of_a_round_are_refused_by_the_database():
    _, claim = large()
    review(claim)
    row = models.Review.objects.get()
    row.pk, row.step = None, 2

    with pytest.raises(IntegrityError, match="review_by_different_people"), transaction.atomic():
        row.save()


def test_a_case_passed_once_leaves_the_first_reviewers_queue_and_stays_in_the_others():
    _, claim = large()
    first = given_claims.reviewer()
    review(claim, actor=first)

    mine = selectors.queue(first.scope, reviewer_id=first.account_id)
    others = selectors.queue(first.scope, reviewer_id=uuid4(), which=QueueFilter.SECOND)

    assert (mine.total, [one.claim_id for one in others.items]) == (0, [claim.card.claim_id])


def test_each_case_is_due_by_its_kind_and_its_risk():
    hours = {"appeal": 24, "objection": 12, "high": 2, "extended": 8, "held": 30, "sample": 48,
             "stop": 8}  # fmt: skip
    given_desk_terms.published(due_hours=hours, high_risk=50)
    _, held = given_claims.decided(label__serial_read="SNOTHER0001")
    _pool, till, refused = refused_by_machine()
    appeal(till, refused, refused.card.decided_at)

    assert held.card.due_at == held.card.decided_at + timedelta(hours=30)
    appealed = given_claims.claim_of(refused.card.sale_id).card
    assert (appealed.case_kind, appealed.verify_status) == (CaseKind.APPEAL, VerifyStatus.REFUSED)
    assert appealed.risk_score >= 50
    assert appealed.due_at == refused.card.decided_at + timedelta(hours=2)
    scope = Scope(region_path=given.COUNTY_PATH)
    with clock.standing_at(appealed.due_at):
        counts = selectors.queue_counts(scope)
        [late] = selectors.queue(scope, which=QueueFilter.OVERDUE).items
    assert late.claim_id == appealed.claim_id
    assert (counts[QueueFilter.ALL], counts[QueueFilter.OVERDUE], counts[QueueFilter.APPEAL]) == (
        2, 1, 1,
    )  # fmt: skip


def test_a_case_without_a_clock_is_refused_by_the_database():
    _, claim = given_claims.decided(invoice__invoice_total_fen=1)
    rows = models.Claim.objects.filter(pk=claim.card.claim_id)

    with pytest.raises(IntegrityError, match="claim_case_has_a_clock"), transaction.atomic():
        rows.update(due_at=None)


def test_papers_handed_in_again_end_the_case_and_its_first_pass():
    till, claim = large()
    review(claim)

    given_claims.submit(till, claim.card)
    given_claims.decide()

    card = given_claims.claim_of(claim.card.sale_id).card
    assert (card.is_payable, card.due_at, card.first_reviewer_id) == (True, None, None)


def test_a_look_at_a_paper_is_recorded_with_its_purpose():
    _, claim = given_claims.decided(invoice__invoice_total_fen=1)
    paper = claim.evidence[0]
    asked = {"claim_id": claim.card.claim_id, "sha256": paper.sha256}

    with pytest.raises(SaleNotFound):
        reviewing.open_paper(
            actor=given.staff(Role.REVIEWER, region_path="370000/371500/371521"), **asked
        )
    assert reviewing.open_paper(actor=given_claims.reviewer(), **asked) is None  # digest only

    assert not AuditEntry.objects.filter(action="claims.paper_seen").exists()


def test_rivals_stand_beside_the_claim_with_what_they_share():
    pool_id = given_vouchers.pool(quantity=3)
    one, two, three = (given_claims.till(pool_id=pool_id) for _ in range(3))
    number = "26372000000012345678"
    _, first = given_claims.decided(one, invoice__invoice_number=number)
    given_claims.decided(three)
    _, second = given_claims.decided(
        two, invoice__invoice_number=number, label__serial_read=one.sale.serial,
    )  # fmt: skip

    [(rival, same)], _count = selectors.list_rivals(second.card.claim_id, Scope())
    elsewhere = Scope(region_path=given.COUNTY_PATH, org_id=two.sale.merchant_id)

    assert (rival.card.number, same) == (first.card.number, ("invoice", "serial"))
    assert selectors.list_rivals(second.card.claim_id, elsewhere) == ([], 1)
