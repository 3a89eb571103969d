"""Everything that may happen to a sale and its claim. The only code that writes claims' tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from huanxin.claims import _checking, _papers, _selling, rules
from huanxin.claims.errors import (
    AlreadyReturned,
    AppealClosed,
    EvidenceClosed,
    InvoiceAlreadyPaid,
    NotWaitingForReview,
    OwnOrganisation,
    ReasonMissing,
    ReasonUnknown,
    SaleNotFound,
)
from huanxin.claims.models import (
    Appeal,
    Claim,
    Evidence,
    Finding,
    Reading,
    Review,
    Sale,
    SaleReturn,
)
from huanxin.claims.types import (
    AuditStatus,
    EvidenceKind,
    NewEvidence,
    NewSale,
    PayableClaim,
    ReviewVerdict,
    SaleQuote,
    SaleReceipt,
    SaleRequest,
    Submission,
    SubmissionAnswer,
    VerifyStatus,
    is_cleared,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, filestore, requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.audit import Entry
from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import services as ledger
from huanxin.ledger.types import HoldKey
from huanxin.vouchers.services import redeeming

_MIN_WORDS = 4


def quote_sale(*, actor: Actor, sale: NewSale) -> SaleQuote:
    """What a sale would come to, and why; writes nothing and promises nothing.

    An ineligible product is answered with is_eligible False and the rule's own sentence. Refuses
    what sell() refuses before it decides: unknown models, another's right, impossible prices.
    """
    identity.require(actor, "claims.quote", org_id=sale.merchant_id)
    return _selling.plan([sale])[0].quote


def sell(*, actor: Actor, sale: NewSale, request_id: UUID) -> SaleReceipt:
    """Sell with instant discount; see sell_many, of which this is a batch of one."""
    return sell_many(actor=actor, sales=[SaleRequest(sale, request_id)])[0]


@transaction.atomic
def sell_many(*, actor: Actor, sales: Sequence[SaleRequest]) -> list[SaleReceipt]:
    """Sell a batch: the 焕新券 taken first, the subsidy computed from what is left, both redeemed.

    All or none: one refusal refuses the batch and nothing is written, held or locked. Each sale
    locks its device and opens a claim. Safe to retry: a repeated request id returns the first
    receipt. Refuses without a right of the programme in force on the day of payment, for a model
    or price the rule does not pay, and whatever vouchers refuses. 商办流通函〔2025〕469号;
    docs/adr/0050.
    """
    for merchant_id in {one.sale.merchant_id for one in sales}:
        identity.require(actor, "claims.sell", org_id=merchant_id)
    answers = {
        one.request_id: requests.first_answer(actor, "claims.sell", one.request_id, _content(one))
        for one in sales
    }
    new = [one for one in sales if answers[one.request_id] is None]
    plans = _selling.plan([one.sale for one in new])
    for plan in plans:
        _selling.check_decision(plan)
    if plans:
        redeeming.redeem_vouchers(
            actor=actor, redemptions=[r for plan in plans for r in _selling.redemptions(plan)]
        )
    receipts = _selling.write(actor, plans)
    for one, receipt in zip(new, receipts, strict=True):
        answers[one.request_id] = asdict(receipt)
        requests.remember(actor, "claims.sell", one.request_id, asdict(receipt))
    audit.record_many(actor, "claims.sold", [_sold_entry(plan) for plan in plans])
    return [_receipt(answers[one.request_id] or {}) for one in sales]


@transaction.atomic
def return_sale(*, actor: Actor, sale_id: UUID, reason: str, request_id: UUID) -> bool:
    """Take goods back: the right and the device are free again, the claim ends.

    Before settlement took the claim its hold is voided here; afterwards the answer is True and
    settlement claws the money back. Safe to retry. Refuses a second return and an empty reason.
    """
    identity.require(actor, "claims.return")
    sale, claim = _lock_claim(sale_id)
    identity.require(actor, "claims.return", org_id=sale.merchant_id)
    content = {"sale_id": sale_id, "reason": reason}
    if earlier := requests.first_answer(actor, "claims.return", request_id, content):
        return bool(earlier["was_released"])
    _check_words(reason)
    if claim.is_returned:
        raise AlreadyReturned(number=sale.number)
    was_released = claim.released_at is not None
    redeeming.cancel_redemption(actor=actor, sale_id=sale_id, reason=reason)
    now = clock.now()
    SaleReturn.objects.create(
        sale=sale,
        reason=reason,
        was_released=was_released,
        returned_at=now,
        returned_on=clock.business_day(now),
        account_id=actor.account_id,
    )
    Claim.objects.filter(pk=claim.pk).update(is_returned=True)
    requests.remember(actor, "claims.return", request_id, {"was_released": was_released})
    audit.record(
        actor, "claims.returned", "sale", sale_id, region_path=sale.region_path,
        org_id=sale.merchant_id, was_released=was_released, subsidy_fen=sale.subsidy_fen,
    )  # fmt: skip
    return was_released


def keep_file(*, actor: Actor, content: bytes) -> str:
    """Store the bytes of a paper or photo and return their SHA-256, the name evidence gives.

    Kept encrypted; the same bytes are stored once. Not in a transaction: a file that no evidence
    names is only space.
    """
    identity.require(actor, "claims.submit")
    return filestore.file_store().put(content)


def submit_evidence(
    *, actor: Actor, sale_id: UUID, evidence: Sequence[NewEvidence], request_id: UUID
) -> SubmissionAnswer:
    """Hand in papers of one sale; see submit_many, of which this is a batch of one."""
    return submit_many(actor=actor, submissions=[Submission(sale_id, tuple(evidence), request_id)])[
        0
    ]


@transaction.atomic
def submit_many(*, actor: Actor, submissions: Sequence[Submission]) -> list[SubmissionAnswer]:
    """Hand in papers and the facts read from them; a claim with its full set waits for the checks.

    While a claim is held its papers may be handed in again, which sends it back to the checks.
    Safe to retry. All or none: refuses facts a kind does not carry, and claims already decided.
    Facts come as structured input; reading them from pictures is not part of this room yet.
    """
    identity.require(actor, "claims.submit")
    claims = _lock_claims({one.sale_id for one in submissions})
    for merchant_id in {claim.sale.merchant_id for claim in claims.values()}:
        identity.require(actor, "claims.submit", org_id=merchant_id)
    new: list[Submission] = []
    answers: dict[UUID, SubmissionAnswer | None] = {}
    for one in submissions:
        content = asdict(one)
        earlier = requests.first_answer(actor, "claims.submit", one.request_id, content)
        answers[one.request_id] = _submission_answer(earlier) if earlier else None
        if earlier is None:
            new.append(one)
    _take_papers(actor, [(one.sale_id, paper) for one in new for paper in one.evidence], claims)
    have = _kinds_of({one.sale_id for one in new})
    for one in new:
        claim = claims[one.sale_id]
        missing = rules.missing_evidence(claim.wanted, have[one.sale_id])
        answer = SubmissionAnswer(one.sale_id, is_due=not missing, missing=missing)
        answers[one.request_id] = answer
        requests.remember(actor, "claims.submit", one.request_id, asdict(answer))
    _make_due([claims[one.sale_id] for one in new], have)
    audit.record_many(
        actor,
        "claims.evidence_submitted",
        [_entry(claims[one.sale_id], kinds=[str(e.kind) for e in one.evidence]) for one in new],
    )
    return [first for one in submissions if (first := answers[one.request_id])]


@transaction.atomic
def decide_due(*, actor: Actor, limit: int = 2000) -> int:
    """Run every check over the claims that wait and decide each: pass, hold or refuse.

    Returns how many were decided; 0 means none waited. Two workers share the work: claims another
    one holds are skipped. A cap on how much one check may hold per hour (DESIGN.md 8) belongs in
    front of the decision and is not built yet.
    """
    identity.require(actor, "claims.decide")
    due = (
        Claim.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(verify_status=VerifyStatus.WAITING, submitted_at__isnull=False, is_returned=False)
        .select_related("sale", "sale__reading")
        .order_by("submitted_at", "pk")[:limit]
    )
    claims = list(due)
    if not claims:
        return 0
    found = _checking.run([claim.pk for claim in claims])
    _store_findings(claims, found)
    _decide(claims, found)
    audit.record_many(
        actor,
        "claims.decided",
        [
            _entry(claim, verify_status=claim.verify_status, subsidy_fen=claim.sale.subsidy_fen)
            for claim in claims
        ],
    )
    return len(claims)


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
    claim = _lock_one(claim_id)
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
        subsidy_fen=claim.sale.subsidy_fen,
    )  # fmt: skip
    return AuditStatus(claim.audit_status)


@transaction.atomic
def appeal_claim(*, actor: Actor, claim_id: UUID, note: str, request_id: UUID) -> None:
    """Object to the machine's refusal, once, within rules.APPEAL_DAYS; a person then decides.

    Safe to retry. The money stays held until the review.
    """
    identity.require(actor, "claims.appeal")
    claim = _lock_one(claim_id)
    identity.require(actor, "claims.appeal", org_id=claim.sale.merchant_id)
    if requests.first_answer(actor, "claims.appeal", request_id, [claim_id, note]) is not None:
        return
    _check_words(note)
    now = clock.now()
    verify, human = VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status)
    is_open = rules.may_appeal(verify, human, decided_at=claim.decided_at, now=now)
    if not is_open or claim.closed_at is not None or claim.is_returned:
        raise AppealClosed(days=rules.APPEAL_DAYS)
    Appeal.objects.create(claim=claim, note=note, account_id=actor.account_id, appealed_at=now)
    Claim.objects.filter(pk=claim.pk).update(audit_status=AuditStatus.WAITING)
    requests.remember(actor, "claims.appeal", request_id, {})
    audit.record_many(actor, "claims.appealed", [_entry(claim)])


@transaction.atomic
def close_refused(*, actor: Actor, limit: int = 2000) -> int:
    """Void the holds of refusals that nobody appealed against in time; returns how many.

    A timer's work: safe to run at any moment, a closed claim is not touched again.
    """
    identity.require(actor, "claims.decide")
    ended = clock.now() - rules.APPEAL_PERIOD
    refused = (
        Claim.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(
            verify_status=VerifyStatus.REFUSED, audit_status=AuditStatus.NONE,
            closed_at__isnull=True, is_returned=False, decided_at__lte=ended,
        )
        .select_related("sale")
        .order_by("decided_at", "pk")[:limit]
    )  # fmt: skip
    claims = list(refused)
    if claims:
        _void(claims, "申报未通过且无申诉")
        audit.record_many(actor, "claims.closed", [_entry(claim) for claim in claims])
    return len(claims)


@transaction.atomic
def release_claims(*, actor: Actor, claim_ids: Sequence[UUID]) -> list[PayableClaim]:
    """Hand claims over to settlement for payment; those no longer payable are left out.

    From here a return is clawed back instead of cancelled: the claim's row decides which, once.
    Constraint claim_money_leaves_only_on_a_pass agrees.
    """
    identity.require(actor, "settlement.pay")
    claims = (
        Claim.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=list(claim_ids), is_returned=False, released_at__isnull=True)
        .select_related("sale")
        .order_by("pk")
    )
    payable = [
        claim
        for claim in claims
        if is_cleared(VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status))
    ]
    Claim.objects.filter(pk__in=[claim.pk for claim in payable]).update(released_at=clock.now())
    audit.record_many(actor, "claims.released", [_entry(claim) for claim in payable])
    return [
        PayableClaim(
            claim.pk, claim.sale_id, claim.sale.merchant_id, claim.sale.subsidy_fen,
            claim.sale.version_hash,
        )
        for claim in payable
    ]  # fmt: skip


@transaction.atomic
def reopen_claim(*, actor: Actor, claim_id: UUID, note: str) -> None:
    """Send a passed but unpaid claim to a person, because someone objected during publicity.

    Refuses a claim that was already handed over for payment.
    """
    identity.require(actor, "settlement.object")
    claim = _lock_one(claim_id)
    identity.require(actor, "settlement.object", region_path=claim.sale.region_path)
    _check_words(note)
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
    audit.record_many(actor, "claims.reopened", [_entry(claim)])


def _take_papers(
    actor: Actor, papers: Sequence[tuple[UUID, NewEvidence]], claims: Mapping[UUID, Claim]
) -> None:
    now = clock.now()
    rows, readings = [], []
    for sale_id, paper in papers:
        claim = claims[sale_id]
        verify, human = VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status)
        is_open = rules.takes_evidence(verify, human, is_submitted=claim.submitted_at is not None)
        if not is_open or claim.is_returned:
            raise EvidenceClosed(verify_status=claim.verify_status)
        facts = _papers.facts_of(paper)
        rows.append(_papers.evidence_row(sale_id, paper, facts, at=now, by=actor.account_id))
        readings.append((sale_id, paper.kind, facts))
    Evidence.objects.bulk_create(rows)
    _papers.save_readings(readings)


def _kinds_of(sale_ids: set[UUID]) -> dict[UUID, set[str]]:
    have: dict[UUID, set[str]] = {sale_id: set() for sale_id in sale_ids}
    rows = Evidence.objects.filter(sale_id__in=sale_ids).values_list("sale_id", "kind").distinct()
    for sale_id, kind in rows:
        have[sale_id].add(kind)
    return have


def _make_due(claims: Sequence[Claim], have: Mapping[UUID, set[str]]) -> None:
    due = [c.pk for c in claims if not rules.missing_evidence(c.wanted, have[c.sale_id])]
    Claim.objects.filter(pk__in=due).update(
        verify_status=VerifyStatus.WAITING,
        audit_status=AuditStatus.NONE,
        submitted_at=clock.now(),
    )


def _store_findings(claims: Sequence[Claim], found: Sequence[_checking.Found]) -> None:
    rounds = {claim.pk: claim.round + 1 for claim in claims}
    now = clock.now()
    Finding.objects.bulk_create(
        Finding(
            claim_id=one.claim_id,
            round=rounds[one.claim_id],
            check_id=one.check_id,
            outcome=one.outcome,
            reason_code=one.reason_code,
            evidence=rules.plain_evidence(one.evidence),
            found_at=now,
        )
        for one in found
    )


def _decide(claims: Sequence[Claim], found: Sequence[_checking.Found]) -> None:
    by_claim: dict[UUID, list[_checking.Found]] = {claim.pk: [] for claim in claims}
    for one in found:
        by_claim[one.claim_id].append(one)
    now = clock.now()
    for claim in claims:
        mine = by_claim[claim.pk]
        verify, human = rules.decided(one.outcome for one in mine)
        claim.verify_status, claim.audit_status = verify, human
        claim.round += 1
        claim.decided_at = now
        claim.risk_score = sum(one.weight for one in mine)
        claim.invoice_key = _invoice_key(claim) if verify is VerifyStatus.PASSED else None
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.claims.sql", "decide").text,
            {
                "ids": [claim.pk for claim in claims],
                "verify": [claim.verify_status for claim in claims],
                "audit": [claim.audit_status for claim in claims],
                "risks": [claim.risk_score for claim in claims],
                "invoices": [claim.invoice_key for claim in claims],
                "at": now,
            },
        )


def _invoice_key(claim: Claim) -> str | None:
    try:
        return claim.sale.reading.invoice_key
    except Reading.DoesNotExist:
        return None


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
        claim.invoice_key = _invoice_key(claim)
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
        _void([claim], "复核不予通过")


def _void(claims: Sequence[Claim], reason: str) -> None:
    """Give the pool its money back; the right stays used (rules' docstring)."""
    ledger.void_held(keys=[HoldKey("sale", c.sale_id, "subsidy") for c in claims], reason=reason)
    Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(closed_at=clock.now())


def _check_verdict(verdict: ReviewVerdict, reason_code: str, note: str) -> None:
    if reason_code not in {row.code for row in rules.reasons_of(verdict)}:
        raise ReasonUnknown(reason_code=reason_code)
    _check_words(note)


def _check_words(text: str) -> None:
    if len(text.strip()) < _MIN_WORDS:
        raise ReasonMissing


def _lock_claims(sale_ids: set[UUID]) -> dict[UUID, Claim]:
    rows = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("sale")
    claims = {row.sale_id: row for row in rows.filter(sale_id__in=sale_ids).order_by("pk")}
    for sale_id in sorted(sale_ids - claims.keys()):
        raise SaleNotFound(sale_id=sale_id)
    return claims


def _lock_claim(sale_id: UUID) -> tuple[Sale, Claim]:
    claim = _lock_claims({sale_id})[sale_id]
    return claim.sale, claim


def _lock_one(claim_id: UUID) -> Claim:
    rows = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("sale")
    claim = rows.filter(pk=claim_id).first()
    if claim is None:
        raise SaleNotFound(claim_id=claim_id)
    return claim


def _entry(claim: Claim, **facts: Any) -> Entry:
    sale = claim.sale
    return Entry("claim", claim.pk, sale.region_path, sale.merchant_id, facts)


def _sold_entry(plan: _selling.Plan) -> Entry:
    facts = {
        "programme": plan.decision.policy_id,
        "category_code": plan.model.category_code,
        "price_fen": plan.amounts.price_fen,
        "subsidy_fen": plan.amounts.subsidy_fen,
        "trade_in_fen": plan.amounts.trade_in_fen,
        "version_hash": plan.decision.version_hash,
    }
    return Entry("sale", plan.id, plan.right.region_path, plan.sale.merchant_id, facts)


def _content(one: SaleRequest) -> dict[str, Any]:
    return asdict(one.sale)


def _receipt(stored: Mapping[str, Any]) -> SaleReceipt:
    return SaleReceipt(**{**stored, "sale_id": UUID(str(stored["sale_id"]))})


def _submission_answer(stored: Mapping[str, Any]) -> SubmissionAnswer:
    return SubmissionAnswer(
        sale_id=UUID(str(stored["sale_id"])),
        is_due=stored["is_due"],
        missing=tuple(EvidenceKind(kind) for kind in stored["missing"]),
    )
