"""Ordinary purchases with consumption vouchers: quoted, bought, given back, settled."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_rows
from huanxin.kernel.money import yuan
from huanxin.vouchers import _purchases, models
from huanxin.vouchers.errors import PurchaseInvalid, PurchaseReturned, PurchaseUnknown
from huanxin.vouchers.services import redeeming
from huanxin.vouchers.types import NewPurchase, PurchaseCard, PurchaseQuote, ReturnReceipt


def quote_purchase(*, actor: Actor, purchase: NewPurchase) -> PurchaseQuote:
    """What a purchase would come to, voucher by voucher; writes nothing and promises nothing.

    Refuses what buy() refuses before it moves money: goods, shop, audience, place, stacking,
    threshold. State and time of a voucher are looked at when it is spent.
    """
    identity.require(actor, "vouchers.redeem", org_id=purchase.org_id)
    rows = models.Voucher.objects.select_related("pool").filter(pk__in=purchase.voucher_ids)
    vouchers = {row.id: row for row in rows}
    priced = _purchases.price(purchase, vouchers)
    titles = {row.id: row.pool.title for row in rows if row.pool}
    return _purchases.quote(purchase, priced, titles)


@transaction.atomic
def buy(*, actor: Actor, purchase: NewPurchase, request_id: UUID) -> PurchaseCard:
    """Take consumption vouchers off the price of goods that have no subsidy.

    What the vouchers held is released and exactly the discount is held for the shop until
    settlement posts it. Safe to retry. Refuses what quote_purchase refuses, and vouchers that are
    used, expired or another's; then nothing is held. docs/adr/0099.
    """
    identity.require(actor, "vouchers.redeem", org_id=purchase.org_id)
    content = repr(purchase)
    if earlier := kernel_requests.first_answer(actor, "vouchers.buy", request_id, content):
        return models.Purchase.objects.get(pk=earlier["purchase_id"]).as_card()
    vouchers = {row.id: row for row in lock_rows(models.Voucher, purchase.voucher_ids)}
    priced = _purchases.price(purchase, vouchers)
    row = _purchases.write(actor, purchase, priced)
    redeeming.redeem_vouchers(actor=actor, redemptions=_purchases.redemptions(row, priced))
    audit.record(
        actor, "vouchers.bought", "purchase", row.id, region_path=row.region_path,
        org_id=row.org_id, price_fen=row.price_fen, discount_fen=row.discount_fen,
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.buy", request_id, {"purchase_id": row.id})
    return row.as_card()


def find_bought(*, actor: Actor, request_id: UUID) -> UUID | None:
    """The purchase that a till made under a request id, if it did: for an answer that was lost."""
    identity.require(actor, "vouchers.redeem")
    found = kernel_requests.find_answer(actor, "vouchers.buy", request_id)
    return UUID(found["purchase_id"]) if found else None


@transaction.atomic
def return_purchase(
    *, actor: Actor, purchase_id: UUID, returned_fen: int, reason: str, request_id: UUID
) -> ReturnReceipt:
    """Take goods worth `returned_fen` back: what the vouchers no longer pay, and the cash to give.

    Everything back: each voucher is hers again, or its value its pool's, as its terms say. A part:
    the discount is taken anew from what is kept and the difference given back. Safe to retry.
    Refuses more than is left, and a part once settlement has taken the purchase: then all of it
    comes back, and settlement claws the money back.
    """
    identity.require(actor, "vouchers.cancel_redemption")
    purchase = _lock(purchase_id)
    identity.require(actor, "vouchers.cancel_redemption", org_id=purchase.org_id)
    content = [purchase_id, returned_fen, reason]
    operation = "vouchers.return_purchase"
    if earlier := kernel_requests.first_answer(actor, operation, request_id, content):
        return ReturnReceipt(**earlier)
    left_fen = purchase.price_fen - purchase.returned_fen
    if len(reason.strip()) < 4:
        raise PurchaseInvalid(reason="退货原因至少写四个字")
    if not 1 <= returned_fen <= left_fen:
        raise PurchaseReturned(kept=yuan(left_fen), asked=yuan(returned_fen))
    if returned_fen < left_fen and purchase.released_at is not None:
        raise PurchaseInvalid(reason="该笔已进入结算，只能全部退货")
    kept_fen = _give_back(actor, purchase, left_fen - returned_fen, returned_fen, reason)
    receipt = _write_return(actor, purchase, returned_fen, kept_fen, reason)
    kernel_requests.remember(actor, operation, request_id, receipt)
    return ReturnReceipt(**receipt)


def _give_back(
    actor: Actor, purchase: models.Purchase, kept_price_fen: int, returned_fen: int, reason: str
) -> int:
    """Move the money of a return; what the vouchers pay afterwards."""
    if not kept_price_fen:
        redeeming.cancel_redemption(actor=actor, sale_id=purchase.id, reason=reason)
        return 0
    held = _purchases.parts(purchase)
    kept = _purchases.kept_fen(held, kept_price_fen, returned_fen)
    _purchases.shrink(purchase, held, kept)
    return sum(kept)


def _write_return(
    actor: Actor, purchase: models.Purchase, returned_fen: int, kept_fen: int, reason: str
) -> dict[str, int]:
    now = clock.now()
    back_fen = purchase.kept_discount_fen - kept_fen
    row = models.PurchaseReturn.objects.create(
        id=ids.new_id(),
        purchase=purchase,
        returned_fen=returned_fen,
        discount_back_fen=back_fen,
        refund_fen=returned_fen - back_fen,
        reason=reason.strip()[:200],
        returned_at=now,
        returned_on=clock.business_day(now),
        account_id=actor.account_id,
    )
    models.Purchase.objects.filter(pk=purchase.pk).update(
        returned_fen=purchase.returned_fen + returned_fen, kept_discount_fen=kept_fen
    )
    audit.record(
        actor, "vouchers.purchase_returned", "purchase", purchase.id,
        region_path=purchase.region_path, org_id=purchase.org_id, returned_fen=returned_fen,
        refund_fen=row.refund_fen,
    )  # fmt: skip
    return {
        "returned_fen": returned_fen, "discount_back_fen": back_fen,
        "refund_fen": row.refund_fen, "kept_discount_fen": kept_fen,
    }  # fmt: skip


@transaction.atomic
def release_purchases(*, actor: Actor, purchase_ids: Sequence[UUID]) -> list[PurchaseCard]:
    """Hand purchases over to settlement; those given back whole meanwhile are left out.

    Left out too are those of shops in the violation library: they wait until it lets them in.
    From here a return is clawed back instead of cancelled: the purchase's row decides which, once.
    """
    identity.require(actor, "settlement.pay")
    rows = [
        row
        for row in lock_rows(models.Purchase, purchase_ids)
        if row.released_at is None and row.kept_discount_fen
    ]
    shops = {str(row.org_id) for row in rows}
    out = identity.restricted_keys(RestrictionKind.ORGANISATION, shops, clock.today())
    rows = [row for row in rows if str(row.org_id) not in out]
    models.Purchase.objects.filter(pk__in=[row.pk for row in rows]).update(released_at=clock.now())
    audit.record_many(actor, "vouchers.purchases_released", _lines(rows))
    return [row.as_card() for row in rows]


def _lines(rows: Iterable[models.Purchase]) -> list[audit.Entry]:
    return [
        audit.Entry("purchase", row.id, row.region_path, row.org_id,
                    {"discount_fen": row.kept_discount_fen})
        for row in rows
    ]  # fmt: skip


def _lock(purchase_id: UUID) -> models.Purchase:
    rows = lock_rows(models.Purchase, [purchase_id])
    if not rows:
        raise PurchaseUnknown(purchase_id=purchase_id)
    return rows[0]
