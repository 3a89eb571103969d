"""Claiming a right: tickets before the rush, decisions in it."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import NotFound
from huanxin.vouchers import _campaigns, _claims, _tickets, models
from huanxin.vouchers.errors import (
    NotEligible,
)
from huanxin.vouchers.types import (
    Claim,
    ClaimAnswer,
    Position,
)


def claim_vouchers(*, actor: Actor, claims: Sequence[Claim]) -> list[ClaimAnswer]:
    """Decide a batch of claims in the order given; every request gets its own answer.

    Winners are ranked after conflicts: a repeated request, a holder whose right is used up or a
    second request of the same person takes nobody's place. Each winner's voucher is written and
    its reserve held in this transaction, so an answer returned is an answer kept. A repeated
    request id that won gets its first answer; one that lost is decided anew.
    """
    for person_id in {claim.person_id for claim in claims}:
        identity.require(actor, "vouchers.claim", person_id=person_id)
    return _claims.Batch(actor, claims).decide()


def issue_claim_token(
    *,
    actor: Actor,
    pool_id: UUID,
    category_code: str,
    device_key: str = "",
    person_id: UUID | None = None,
    position: Position | None = None,
) -> str:
    """A ticket for one category of a pool; see issue_claim_tokens."""
    tokens = issue_claim_tokens(
        actor=actor, pool_id=pool_id, device_key=device_key, person_id=person_id, position=position
    )
    if category_code not in tokens:
        raise NotEligible(reason="本期不包含该品类")
    return tokens[category_code]


@transaction.atomic
def issue_claim_tokens(
    *,
    actor: Actor,
    pool_id: UUID,
    device_key: str = "",
    person_id: UUID | None = None,
    position: Position | None = None,
) -> dict[str, str]:
    """Signed tickets, one a category of the pool, each good for half an hour from the release on.

    Who may claim is decided here, before the rush: real name, restrictions, and for a consumption
    voucher its audience and circle (AudienceNotMet, PositionMissing, OutsideCircle); the position
    decides and is forgotten. A ticket's id is the claim's request id. A station clerk names the
    person; a consumer is her own.
    """
    person_id = person_id or actor.person_id
    if person_id is None:
        raise NotEligible(reason="请以本人身份登录后领取")
    identity.require(actor, "vouchers.claim", person_id=person_id)
    pool = models.Pool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise NotFound(model="Pool", id=pool_id)
    if not identity.get_person(person_id, Scope()).is_verified:
        raise NotEligible(reason="请先完成实名认证，再领取补贴资格")
    for kind, key in (
        (RestrictionKind.PERSON, str(person_id)),
        (RestrictionKind.DEVICE, device_key),
    ):
        if key and identity.find_restriction(kind, key, clock.today()):
            raise NotEligible(reason="您当前被暂停参与补贴活动")
    is_near = _campaigns.admit(pool, person_id, position)
    codes = models.PoolLine.objects.filter(pool=pool).order_by("pk")
    device = device_key[:80]
    return {
        code: _tickets.write(
            Claim(ids.new_id(), pool.id, person_id, code, device, is_near),
            opens_at=pool.opens_at,
            closes_at=pool.closes_at,
            now=clock.now(),
        )
        for code in codes.values_list("category_code", flat=True)
    }
