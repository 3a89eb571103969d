"""A claim's row as every step takes it: locked, voided, written to the trail."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.claims import rules
from huanxin.claims.errors import (
    ReasonMissing,
    SaleNotFound,
)
from huanxin.claims.models import (
    Claim,
    Evidence,
    Reading,
    Sale,
)
from huanxin.claims.types import AuditStatus, VerifyStatus
from huanxin.kernel import clock
from huanxin.kernel.audit import Entry
from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger

_MIN_WORDS = 4


def invoice_key(claim: Claim) -> str | None:
    try:
        return claim.sale.reading.invoice_key
    except Reading.DoesNotExist:
        return None


def void(claims: Sequence[Claim], reason: str) -> None:
    """Give every payer its money back: the pool, and the funders of vouchers taken beside it.

    The rights stay used (rules' docstring); what was posted is settlement's to claw back.
    """
    held = ledger_reads.list_pending("sale", [claim.sale_id for claim in claims])
    ledger.void_held(keys=held, reason=reason)
    Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(closed_at=clock.now())


def void_left_over(limit: int) -> int:
    """Give back what claims that ended before all their holds were voided (ADR 159) still keep."""
    with connection.cursor() as cursor:
        query = read_sql("huanxin.claims.sql", "ended_but_held").text
        cursor.execute(query, {"limit": limit})
        sale_ids = [row[0] for row in cursor.fetchall()]
    if sale_ids:
        held = ledger_reads.list_pending("sale", sale_ids)
        ledger.void_held(keys=held, reason="申报已终结")
    return len(sale_ids)


def check_words(text: str) -> None:
    if len(text.strip()) < _MIN_WORDS:
        raise ReasonMissing


def lock_claims(sale_ids: set[UUID]) -> dict[UUID, Claim]:
    rows = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("sale")
    claims = {row.sale_id: row for row in rows.filter(sale_id__in=sale_ids).order_by("pk")}
    for sale_id in sorted(sale_ids - claims.keys()):
        raise SaleNotFound(sale_id=sale_id)
    return claims


def lock_claim(sale_id: UUID) -> tuple[Sale, Claim]:
    claim = lock_claims({sale_id})[sale_id]
    return claim.sale, claim


def find_claim(sale_id: UUID) -> tuple[Sale, Claim]:
    claim = Claim.objects.select_related("sale").filter(sale_id=sale_id).first()
    if claim is None:
        raise SaleNotFound(sale_id=sale_id)
    return claim.sale, claim


def lock_one(claim_id: UUID) -> Claim:
    rows = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("sale")
    claim = rows.filter(pk=claim_id).first()
    if claim is None:
        raise SaleNotFound(claim_id=claim_id)
    return claim


def entry(claim: Claim, **facts: Any) -> Entry:
    sale = claim.sale
    return Entry("claim", claim.pk, sale.region_path, sale.merchant_id, facts)


def kinds_of(sale_ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """The kinds of evidence each sale has."""
    have: dict[UUID, set[str]] = {sale_id: set() for sale_id in sale_ids}
    rows = Evidence.objects.filter(sale_id__in=list(have)).values_list("sale_id", "kind").distinct()
    for sale_id, kind in rows:
        have[sale_id].add(kind)
    return have


def make_due(claims: Sequence[Claim], have: Mapping[UUID, set[str]]) -> None:
    """Hand the claims with their full set to the checks."""
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
