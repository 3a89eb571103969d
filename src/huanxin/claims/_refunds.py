"""Refunds that the payment channel tells of after the papers were in."""

from collections.abc import Mapping
from uuid import UUID

from huanxin.claims.models import Claim, Reading, StoppedClaim
from huanxin.claims.types import AuditStatus, VerifyStatus
from huanxin.claims.types.refunds import PaidSale


def unpaid(limit: int) -> list[PaidSale]:
    """Sales whose claim passed and is neither paid nor asked about, newest decision first."""
    rows = (
        Claim.objects.filter(
            verify_status=VerifyStatus.PASSED, audit_status=AuditStatus.NONE,
            released_at__isnull=True, is_returned=False, sale__reading__paid_fen__isnull=False,
        )
        .exclude(pk__in=StoppedClaim.objects.values("claim_id"))
        .order_by("-decided_at", "pk")
    )  # fmt: skip
    found = rows.values_list("sale_id", "sale__number", "sale__reading__paid_fen")
    return [PaidSale(sale_id, number, paid or 0) for sale_id, number, paid in found[:limit]]


def keep(told: Mapping[UUID, int]) -> list[UUID]:
    """Write what went back where it is more than was known; returns those sales."""
    rows = Reading.objects.select_for_update(no_key=True).filter(sale_id__in=list(told))
    more = [row for row in rows.order_by("pk") if told[row.sale_id] > (row.refunded_fen or 0)]
    for row in more:
        row.refunded_fen = told[row.sale_id]
    Reading.objects.bulk_update(more, ["refunded_fen"])
    return [row.sale_id for row in more]
