"""The machine's decision, and what becomes final without an appeal."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from huanxin.claims import _checking, _rows, rules
from huanxin.claims.models import (
    Claim,
    Finding,
)
from huanxin.claims.types import (
    AuditStatus,
    VerifyStatus,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.sqlfiles import read_sql


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
            _rows.entry(claim, verify_status=claim.verify_status, subsidy_fen=claim.subsidy_fen)
            for claim in claims
        ],
    )
    return len(claims)


@transaction.atomic
def close_refused(*, actor: Actor, limit: int = 2000) -> int:
    """Void the holds of refusals that nobody appealed against in time; returns how many.

    All of a sale's holds: the subsidy's, the 焕新券's and the consumption vouchers'. A timer's
    work: safe to run at any moment, a closed claim is not touched again.
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
        _rows.void(claims, "申报未通过且无申诉")
        audit.record_many(actor, "claims.closed", [_rows.entry(claim) for claim in claims])
    return len(claims)


@transaction.atomic
def void_left_over(*, actor: Actor, limit: int = 2000) -> int:
    """Void what ended claims still hold for the shop; returns of how many sales.

    Claims that ended before docs/adr/159 kept the holds of their 焕新券 and consumption vouchers.
    A timer's work: 0 once none is left, and ever after.
    """
    identity.require(actor, "claims.decide")
    return _rows.void_left_over(limit)


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
        claim.invoice_key = _rows.invoice_key(claim) if verify is VerifyStatus.PASSED else None
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
