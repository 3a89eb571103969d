"""A claim's stage as a condition on its row."""

from django.db.models import Q

from huanxin.claims import _stops
from huanxin.claims.types import AuditStatus, ClaimStage, VerifyStatus


def in_stage(stage: ClaimStage) -> Q:
    """ClaimCard.stage as a condition; a test holds the two together."""
    none, waiting = Q(audit_status=AuditStatus.NONE), Q(verify_status=VerifyStatus.WAITING)
    cleared = Q(audit_status=AuditStatus.PASSED) | none & Q(verify_status=VerifyStatus.PASSED)
    refused = Q(audit_status=AuditStatus.REFUSED) | none & Q(verify_status=VerifyStatus.REFUSED)
    unpaid = Q(is_returned=False, released_at__isnull=True)
    if stage is ClaimStage.PASSED:
        return unpaid & cleared & ~_stops.is_stopped()
    if stage is ClaimStage.STOPPED:
        return unpaid & cleared & _stops.is_stopped()
    return {
        ClaimStage.PAPERS: unpaid & none & waiting & Q(submitted_at__isnull=True),
        ClaimStage.CHECKING: unpaid & none & waiting & Q(submitted_at__isnull=False),
        ClaimStage.MENDING: unpaid & none & Q(verify_status=VerifyStatus.MENDING),
        ClaimStage.IN_REVIEW: unpaid & Q(audit_status=AuditStatus.WAITING),
        ClaimStage.REFUSED: unpaid & refused,
        ClaimStage.RELEASED: Q(is_returned=False, released_at__isnull=False),
        ClaimStage.RETURNED: Q(is_returned=True),
    }[stage]
