"""What consumption vouchers would take off a sale that other instruments are spent on too."""

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.vouchers import _discounts, _purchases, models
from huanxin.vouchers.errors import PurchaseInvalid, VoucherNotTheirs
from huanxin.vouchers.types import Bundle, Deduction, VoucherKind


def quote_discounts(
    *, actor: Actor, bundle: Bundle, price_fen: int, lowers_base: bool
) -> tuple[Deduction, ...]:
    """What a sale's consumption vouchers take off `price_fen`, in order; writes nothing.

    Asked twice a sale: for those that lower the subsidy's base with the price before it, for the
    others with what is left to pay after it. Refuses a set that may not be combined, goods, shop,
    place or person a voucher is not for, and a threshold not reached. State and time are looked
    at when they are spent.
    """
    identity.require(actor, "vouchers.redeem", org_id=bundle.org_id)
    rows = models.Voucher.objects.filter(pk__in=bundle.voucher_ids)
    vouchers = {row.id: row for row in rows}
    for voucher_id in bundle.voucher_ids:
        if voucher_id not in vouchers:
            raise NotFound(model="Voucher", id=voucher_id)
    if any(row.kind != VoucherKind.CONSUMPTION for row in vouchers.values()):
        raise PurchaseInvalid(reason="叠加使用的须是消费券")
    if any(row.person_id != bundle.person_id for row in vouchers.values()):
        raise VoucherNotTheirs(voucher_ids=bundle.voucher_ids)
    offers = _purchases.offers(bundle.org_id, bundle.category_code, vouchers)
    _discounts.check_stacking(
        [one.terms for one in offers], has_right=bundle.has_right, has_huanxin=bundle.has_huanxin
    )
    return _discounts.take(
        price_fen, [one for one in offers if one.terms.lowers_base is lowers_base]
    )
