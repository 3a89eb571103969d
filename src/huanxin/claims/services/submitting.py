"""Handing in papers and photos."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction

from huanxin.claims import _papers, _rows, _scans, rules
from huanxin.claims.errors import (
    EvidenceClosed,
)
from huanxin.claims.models import (
    Claim,
    Evidence,
)
from huanxin.claims.types import (
    AuditStatus,
    EvidenceKind,
    NewEvidence,
    Submission,
    SubmissionAnswer,
    VerifyStatus,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, requests
from huanxin.kernel.actor import Actor


def keep_file(*, actor: Actor, content: bytes) -> str:
    """Store the bytes of a paper or photo and return their SHA-256, the name evidence gives.

    JPG, PNG, WebP, HEIC, PDF, OFD and XML e-invoices, told by their bytes and never by a name; what
    is cut short, hostile or carries more than itself is refused with what to do, and leaves nothing
    (PaperRefused). Kept encrypted; the same bytes are stored once. Not in a transaction: a file
    that no evidence names is only space.
    """
    identity.require(actor, "claims.submit")
    return _scans.kept(content)


def submit_evidence(
    *, actor: Actor, sale_id: UUID, evidence: Sequence[NewEvidence], request_id: UUID
) -> SubmissionAnswer:
    """Hand in papers of one sale; see submit_many, of which this is a batch of one."""
    return submit_many(actor=actor, submissions=[Submission(sale_id, tuple(evidence), request_id)])[
        0
    ]


@transaction.atomic
def submit_many(*, actor: Actor, submissions: Sequence[Submission]) -> list[SubmissionAnswer]:
    """Hand in papers and typed facts; a claim with its full set, all read, waits for the checks.

    A paper whose file is kept (keep_file) is read by the worker within seconds; what is read surely
    goes before what was typed, and both stay visible. While a claim is held its papers may be
    handed in again, which sends it back to the checks. Safe to retry. All or none: refuses facts a
    kind does not carry, and claims already decided.
    """
    identity.require(actor, "claims.submit")
    claims = _rows.lock_claims({one.sale_id for one in submissions})
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
    have = _rows.kinds_of({one.sale_id for one in new})
    unread = _scans.unread_sales({one.sale_id for one in new})
    for one in new:
        claim = claims[one.sale_id]
        missing = rules.missing_evidence(claim.wanted, have[one.sale_id])
        is_reading = one.sale_id in unread
        answer = SubmissionAnswer(
            one.sale_id, is_due=not missing and not is_reading, missing=missing,
            is_reading=is_reading,
        )  # fmt: skip
        answers[one.request_id] = answer
        requests.remember(actor, "claims.submit", one.request_id, asdict(answer))
    _rows.make_due([claims[one.sale_id] for one in new if one.sale_id not in unread], have)
    audit.record_many(
        actor,
        "claims.evidence_submitted",
        [
            _rows.entry(claims[one.sale_id], kinds=[str(e.kind) for e in one.evidence])
            for one in new
        ],
    )
    return [first for one in submissions if (first := answers[one.request_id])]


def _take_papers(
    actor: Actor, papers: Sequence[tuple[UUID, NewEvidence]], claims: Mapping[UUID, Claim]
) -> None:
    now = clock.now()
    files = _scans.files_of(paper for _, paper in papers)
    scans = _scans.ask([paper for _, paper in papers], files)
    rows, readings = [], []
    for sale_id, paper in papers:
        claim = claims[sale_id]
        verify, human = VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status)
        is_open = rules.takes_evidence(verify, human, is_submitted=claim.submitted_at is not None)
        if not is_open or claim.is_returned:
            raise EvidenceClosed(verify_status=claim.verify_status)
        facts = _papers.facts_of(paper)
        seen = _scans.camera_facts(files.get(paper.sha256), paper.kind)
        rows.append(
            _papers.evidence_row(sale_id, paper, facts, at=now, by=actor.account_id, seen=seen)
        )
        read = {**seen, **_scans.sure_facts(scans.get((paper.sha256, paper.kind)))}
        readings.append((sale_id, paper.kind, _papers.merged(paper.kind, facts, read)))
    Evidence.objects.bulk_create(rows)
    _papers.save_readings(readings)


def _submission_answer(stored: Mapping[str, Any]) -> SubmissionAnswer:
    return SubmissionAnswer(
        sale_id=UUID(str(stored["sale_id"])),
        is_due=stored["is_due"],
        missing=tuple(EvidenceKind(kind) for kind in stored["missing"]),
        is_reading=stored.get("is_reading", False),
    )
