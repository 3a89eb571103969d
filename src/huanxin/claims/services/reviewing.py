"""A person's decision: review, appeal, objection."""

from uuid import UUID

from django.db import IntegrityError, transaction

from huanxin.claims import _rows, rules
from huanxin.claims.errors import (
    AppealClosed,
    InvoiceAlreadyPaid,
    NotWaitingForReview,
    OwnOrganisation,
    ReasonUnknown,
)
from huanxin.claims.models import (
    Appeal,
    Claim,
    Finding,
    Review,
)
from huanxin.claims.types import (
    AuditStatus,
    ReviewVerdict,
    VerifyStatus,
    is_cleared,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, requests
from huanxin.kernel.actor import Actor


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

    A pass makes it payable; a refusal is final, voids the hold and leaves the right used
    (docs/adr/0052). Safe to retry. Refuses outside the reviewer's region, in the reviewer's own
    organisation, a claim that does not wait, and a pass for an invoice that was passed before.
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
    _apply_verdict(actor, claim, verdict, reason_code, note)
    requests.remember(actor, "claims.review", request_id, {"audit_status": claim.audit_status})
    audit.record(
        actor, "claims.reviewed", "claim", claim_id, region_path=claim.sale.region_path,
        org_id=claim.sale.merchant_id, verdict=verdict, reason_code=reason_code,
        subsidy_fen=claim.subsidy_fen,
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
    Claim.objects.filter(pk=claim.pk).update(audit_status=AuditStatus.WAITING)
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
    Claim.objects.filter(pk=claim.pk).update(
        verify_status=VerifyStatus.HELD,
        audit_status=AuditStatus.WAITING,
        invoice_key=None,
        round=claim.round + 1,
    )
    audit.record_many(actor, "claims.reopened", [_rows.entry(claim)])


def _apply_verdict(
    actor: Actor, claim: Claim, verdict: ReviewVerdict, reason_code: str, note: str
) -> None:
    now = clock.now()
    Review.objects.create(
        claim=claim,
        round=claim.round,
        verdict=verdict,
        reason_code=reason_code,
        note=note,
        reviewer_id=actor.account_id,
        reviewed_at=now,
    )
    claim.reviewed_at = now
    if verdict is ReviewVerdict.CORRECT:
        claim.verify_status, claim.audit_status = VerifyStatus.WAITING, AuditStatus.NONE
        claim.submitted_at = None
    elif verdict is ReviewVerdict.REFUSE:
        claim.audit_status = AuditStatus.REFUSED
    else:
        claim.audit_status = AuditStatus.PASSED
        claim.invoice_key = _rows.invoice_key(claim)
    try:
        with transaction.atomic():
            claim.save(
                update_fields=[
                    "verify_status", "audit_status", "submitted_at", "reviewed_at", "invoice_key",
                ]
            )  # fmt: skip
    except IntegrityError as error:
        raise InvoiceAlreadyPaid(invoice=claim.invoice_key) from error
    if verdict is ReviewVerdict.REFUSE:
        _rows.void([claim], "复核不予通过")


def _check_verdict(verdict: ReviewVerdict, reason_code: str, note: str) -> None:
    if reason_code not in {row.code for row in rules.reasons_of(verdict)}:
        raise ReasonUnknown(reason_code=reason_code)
    _rows.check_words(note)
