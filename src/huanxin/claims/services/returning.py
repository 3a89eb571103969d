"""Goods that come back, whole or in part of their price."""

from dataclasses import asdict
from uuid import UUID

from django.db import transaction

from huanxin.claims import _parts, _rows
from huanxin.claims.errors import (
    AlreadyReturned,
    ClaimEnded,
    PriceMoved,
)
from huanxin.claims.models import (
    Claim,
    Sale,
    SaleReturn,
)
from huanxin.claims.types import PartQuote, PartReceipt
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.money import yuan
from huanxin.vouchers.services import redeeming


@transaction.atomic
def return_sale(*, actor: Actor, sale_id: UUID, reason: str, request_id: UUID) -> bool:
    """Take goods back: the right and the device are free again, the claim ends.

    Before settlement took the claim its hold is voided here; afterwards the answer is True and
    settlement claws the money back. Safe to retry. Refuses a second return and an empty reason.
    """
    identity.require(actor, "claims.return")
    sale, claim = _rows.lock_claim(sale_id)
    identity.require(actor, "claims.return", org_id=sale.merchant_id)
    content = {"sale_id": sale_id, "reason": reason}
    if earlier := requests.first_answer(actor, "claims.return", request_id, content):
        return bool(earlier["was_released"])
    _rows.check_words(reason)
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
        org_id=sale.merchant_id, was_released=was_released, subsidy_fen=claim.subsidy_fen,
    )  # fmt: skip
    return was_released


def quote_part(*, actor: Actor, sale_id: UUID, off_fen: int) -> PartQuote:
    """What return_part would answer now, with the decision that says why. Writes nothing.

    Refuses what return_part refuses for the sale and the amount.
    """
    identity.require(actor, "claims.return")
    sale, claim = _rows.find_claim(sale_id)
    identity.require(actor, "claims.return", org_id=sale.merchant_id)
    _check_open(sale, claim)
    receipt, decision = _parts.plan(sale, claim, off_fen)
    return PartQuote(receipt, claim.price_fen, claim.subsidy_fen, decision.as_json())


@transaction.atomic
def return_part(
    *,
    actor: Actor,
    sale_id: UUID,
    off_fen: int,
    reason: str,
    request_id: UUID,
    seen_price_fen: int | None = None,
) -> PartReceipt:
    """Lower the price of a sale (保价、部分退款): the subsidy is computed anew on the lower price.

    By the rule in force on the day of the sale, on the price all reductions together leave, so
    that several small ones come to what one large one would (docs/adr/107). Before settlement the
    hold becomes exactly the new amount; afterwards settlement claws the difference back. The right
    stays used, the device locked, vouchers stay spent. Safe to retry. Refuses amounts that leave
    nothing (that is a whole return), returned sales, and claims that are finally refused; and,
    where the caller says which price it saw, a price that somebody lowered meanwhile.
    """
    identity.require(actor, "claims.return")
    sale, claim = _rows.lock_claim(sale_id)
    identity.require(actor, "claims.return", org_id=sale.merchant_id)
    content = {"sale_id": sale_id, "off_fen": off_fen, "reason": reason}
    if earlier := requests.first_answer(actor, "claims.return_part", request_id, content):
        return PartReceipt(**{**earlier, "sale_id": sale_id})
    _rows.check_words(reason)
    _check_open(sale, claim)
    if seen_price_fen not in {None, claim.price_fen}:
        raise PriceMoved(price=yuan(claim.price_fen))
    receipt = _parts.reduce(actor, sale, claim, off_fen=off_fen, reason=reason)
    requests.remember(actor, "claims.return_part", request_id, asdict(receipt))
    audit.record(
        actor, "claims.reduced", "sale", sale_id, region_path=sale.region_path,
        org_id=sale.merchant_id, step=receipt.step, off_fen=off_fen,
        subsidy_fen=receipt.subsidy_fen, was_released=receipt.is_claw_back,
    )  # fmt: skip
    return receipt


def _check_open(sale: Sale, claim: Claim) -> None:
    if claim.is_returned:
        raise AlreadyReturned(number=sale.number)
    if claim.closed_at is not None:
        raise ClaimEnded(number=sale.number)
