"""Handing in papers and photos."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction

from huanxin.claims import _papers, _rows, rules
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
from huanxin.kernel import audit, clock, filestore, requests
from huanxin.kernel.actor import Actor


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
        case_kind="",
        due_at=None,
        first_reviewer_id=None,
        second_reviewer_id=None,
    )


def _submission_answer(stored: Mapping[str, Any]) -> SubmissionAnswer:
    return SubmissionAnswer(
        sale_id=UUID(str(stored["sale_id"])),
        is_due=stored["is_due"],
        missing=tuple(EvidenceKind(kind) for kind in stored["missing"]),
    )
