"""A person's decision: review, by two where much is at stake, appeal, objection."""

from uuid import UUID

from django.db import IntegrityError, transaction

from huanxin.claims import _desk, _rows, rules
from huanxin.claims import _desk_rules as desk_rules
from huanxin.claims.errors import (
    AppealClosed,
    InvoiceAlreadyPaid,
    NotWaitingForReview,
    OwnOrganisation,
    ReasonUnknown,
    SaleNotFound,
    SamePerson,
)
from huanxin.claims.models import (
    Appeal,
    Claim,
    Evidence,
    Finding,
    Review,
)
from huanxin.claims.types import (
    AuditStatus,
    ReviewVerdict,
    VerifyStatus,
    is_cleared,
)
from huanxin.claims.types.desk import CaseKind
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, filestore, requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound

_VERDICT_FIELDS = [
    "verify_status", "audit_status", "submitted_at", "reviewed_at", "invoice_key", "needs_second",
    "first_reviewer_id", "second_reviewer_id",
]  # fmt: skip


@transaction.atomic
def review_claim(
    *,
    actor: Actor,
    claim_id: UUID,
    verdict: ReviewVerdict,
    reason_code: str,
    note: str,
    request_id: UUID,
) -> AuditStatus:
    """Decide a held or appealed claim by a person: pass, refuse, or back to the merchant once more.

    A pass makes it payable; where the published terms want a second person (docs/adr/141) the
    first pass leaves it waiting, and the answer says so. A refusal is final, voids the hold and
    leaves the right used (docs/adr/052); of a claim that was drawn as a sample it stops its shop
    (docs/adr/140). Safe to retry. Refuses outside the reviewer's region, in the reviewer's own
    organisation, whoever gave the first pass, a claim that does not wait, and a pass for an
    invoice that was passed before.
    """
    identity.require(actor, "claims.review")
    claim = _rows.lock_one(claim_id)
    identity.require(actor, "claims.review", region_path=claim.sale.region_path)
    if actor.org_id is not None and actor.org_id == claim.sale.merchant_id:
        raise OwnOrganisation(permission="claims.review")
    content = [claim_id, verdict, reason_code, note]
    if earlier := requests.first_answer(actor, "claims.review", request_id, content):
        return AuditStatus(earlier["audit_status"])
    _check_verdict(verdict, reason_code, note)
    if claim.audit_status != AuditStatus.WAITING or claim.is_returned:
        raise NotWaitingForReview(audit_status=claim.audit_status)
    if claim.first_reviewer_id == actor.account_id:
        raise SamePerson(subject="该笔申报")
    _apply_verdict(actor, claim, verdict, reason_code, note)
    if verdict is ReviewVerdict.REFUSE:
        _desk.fail_sample(actor, claim, note)
    requests.remember(actor, "claims.review", request_id, {"audit_status": claim.audit_status})
    audit.record(
        actor, "claims.reviewed", "claim", claim_id, region_path=claim.sale.region_path,
        org_id=claim.sale.merchant_id, verdict=verdict, reason_code=reason_code,
        subsidy_fen=claim.subsidy_fen, audit_status=claim.audit_status,
    )  # fmt: skip
    return AuditStatus(claim.audit_status)


@transaction.atomic
def appeal_claim(*, actor: Actor, claim_id: UUID, note: str, request_id: UUID) -> None:
    """Object to the machine's refusal, once, within rules.APPEAL_DAYS; a person then decides.

    Safe to retry. The money stays held until the review.
    """
    identity.require(actor, "claims.appeal")
    claim = _rows.lock_one(claim_id)
    identity.require(actor, "claims.appeal", org_id=claim.sale.merchant_id)
    if requests.first_answer(actor, "claims.appeal", request_id, [claim_id, note]) is not None:
        return
    _rows.check_words(note)
    now = clock.now()
    verify, human = VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status)
    is_open = rules.may_appeal(verify, human, decided_at=claim.decided_at, now=now)
    if not is_open or claim.closed_at is not None or claim.is_returned:
        raise AppealClosed(days=rules.APPEAL_DAYS)
    Appeal.objects.create(claim=claim, note=note, account_id=actor.account_id, appealed_at=now)
    _desk.ask([claim], CaseKind.APPEAL, now)
    claim.save(update_fields=_desk.CASE_FIELDS)
    requests.remember(actor, "claims.appeal", request_id, {})
    audit.record_many(actor, "claims.appealed", [_rows.entry(claim)])


@transaction.atomic
def reopen_claim(*, actor: Actor, claim_id: UUID, note: str) -> None:
    """Send a passed but unpaid claim to a person, because someone objected during publicity.

    Refuses a claim that was already handed over for payment.
    """
    identity.require(actor, "settlement.object")
    claim = _rows.lock_one(claim_id)
    identity.require(actor, "settlement.object", region_path=claim.sale.region_path)
    _rows.check_words(note)
    verify, human = VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status)
    if claim.released_at is not None or not is_cleared(verify, human):
        raise NotWaitingForReview(audit_status=claim.audit_status)
    Finding.objects.create(
        claim=claim,
        round=claim.round + 1,
        check_id="objection",
        outcome="hold",
        reason_code="R502",
        evidence={"note": note},
        found_at=clock.now(),
    )
    claim.verify_status, claim.invoice_key, claim.round = VerifyStatus.HELD, None, claim.round + 1
    _desk.ask([claim], CaseKind.OBJECTION, clock.now())
    claim.save(update_fields=["verify_status", "invoice_key", "round", *_desk.CASE_FIELDS])
    audit.record_many(actor, "claims.reopened", [_rows.entry(claim)])


@transaction.atomic
def open_paper(*, actor: Actor, claim_id: UUID, sha256: str) -> bytes | None:
    """The bytes of a paper for who decides the claim; the look is on record first (promise 7).

    Papers show names and document numbers. The purpose is the case itself. None where only the
    digest was handed in; SaleNotFound outside the region or for another claim's paper.
    """
    identity.require(actor, "claims.review")
    claim = Claim.objects.select_related("sale").filter(pk=claim_id).first()
    if claim is None or not actor.scope.covers(claim.sale.region_path):
        raise SaleNotFound(claim_id=claim_id)
    paper = Evidence.objects.filter(sale=claim.sale, sha256=sha256).first()
    if paper is None:
        raise SaleNotFound(claim_id=claim_id)
    try:
        content = filestore.file_store().get(sha256)
    except NotFound:
        return None
    audit.record(
        actor, "claims.paper_seen", "claim", claim_id, region_path=claim.sale.region_path,
        org_id=claim.sale.merchant_id, kind=paper.kind, sha256=sha256,
        reason=f"复核申报 {claim.sale.number}",
    )  # fmt: skip
    return content


def _apply_verdict(
    actor: Actor, claim: Claim, verdict: ReviewVerdict, reason_code: str, note: str
) -> None:
    now = clock.now()
    is_second = claim.first_reviewer_id is not None
    Review.objects.create(
        claim=claim, round=claim.round, step=2 if is_second else 1, verdict=verdict,
        reason_code=reason_code, note=note, reviewer_id=actor.account_id, reviewed_at=now,
    )  # fmt: skip
    claim.reviewed_at = now
    _set_outcome(actor, claim, verdict)
    try:
        with transaction.atomic():
            claim.save(update_fields=_VERDICT_FIELDS)
    except IntegrityError as error:
        raise InvoiceAlreadyPaid(invoice=claim.invoice_key) from error
    if verdict is ReviewVerdict.REFUSE:
        _rows.void([claim], "复核不予通过")


def _set_outcome(actor: Actor, claim: Claim, verdict: ReviewVerdict) -> None:
    if verdict is ReviewVerdict.CORRECT:
        claim.verify_status, claim.audit_status = VerifyStatus.WAITING, AuditStatus.NONE
        claim.submitted_at = None
        return
    if verdict is ReviewVerdict.REFUSE:
        claim.audit_status = AuditStatus.REFUSED
        return
    if claim.first_reviewer_id is not None:
        claim.second_reviewer_id = actor.account_id
    else:
        claim.first_reviewer_id = actor.account_id
        claim.needs_second = desk_rules.wants_second(_desk.in_force().terms, claim.subsidy_fen)
        if claim.needs_second:
            return  # still waits, for somebody else
    claim.audit_status = AuditStatus.PASSED
    claim.invoice_key = _rows.invoice_key(claim)


def _check_verdict(verdict: ReviewVerdict, reason_code: str, note: str) -> None:
    if reason_code not in {row.code for row in rules.reasons_of(verdict)}:
        raise ReasonUnknown(reason_code=reason_code)
    _rows.check_words(note)
