"""Handing claims over to settlement."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.claims import _rows, _stops
from huanxin.claims.models import (
    Claim,
)
from huanxin.claims.types import (
    AuditStatus,
    PayableClaim,
    VerifyStatus,
    is_cleared,
)
from huanxin.identity import selectors as identity
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor


@transaction.atomic
def release_claims(*, actor: Actor, claim_ids: Sequence[UUID]) -> list[PayableClaim]:
    """Hand claims over to settlement for payment; those no longer payable are left out.

    Left out too is what a stop keeps back, and every claim of a shop in the violation library.
    From here a return is clawed back instead of cancelled: the claim's row decides which, once.
    Constraint claim_money_leaves_only_on_a_pass and trigger claim_stopped_is_not_released agree.
    """
    identity.require(actor, "settlement.pay")
    claims = (
        Claim.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=list(claim_ids), is_returned=False, released_at__isnull=True)
        .select_related("sale")
        .order_by("pk")
    )
    cleared = [
        claim
        for claim in claims
        if is_cleared(VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status))
    ]
    stopped = _stops.stopped_of(cleared)
    restricted = identity.restricted_keys(
        RestrictionKind.ORGANISATION, {str(one.sale.merchant_id) for one in cleared}, clock.today()
    )
    payable = [
        claim
        for claim in cleared
        if claim.pk not in stopped and str(claim.sale.merchant_id) not in restricted
    ]
    Claim.objects.filter(pk__in=[claim.pk for claim in payable]).update(released_at=clock.now())
    audit.record_many(actor, "claims.released", [_rows.entry(claim) for claim in payable])
    return [
        PayableClaim(
            claim.pk, claim.sale_id, claim.sale.merchant_id, claim.subsidy_fen,
            claim.sale.version_hash,
        )
        for claim in payable
    ]  # fmt: skip
