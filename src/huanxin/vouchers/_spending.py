"""Consumption vouchers where money moves: every term is looked at once more, and what returns."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel.actor import Actor
from huanxin.kernel.money import yuan
from huanxin.vouchers import _campaigns, _discounts, _life, models
from huanxin.vouchers._claims import execute
from huanxin.vouchers.errors import DiscountDiffers, GoodsNotCovered
from huanxin.vouchers.types import ConsumptionTerms, OnReturn, VoucherKind, VoucherState

if TYPE_CHECKING:
    from huanxin.vouchers._redeem import Spending


def check(spendings: Sequence["Spending"]) -> None:
    """Refuse a batch in which a consumption voucher breaks its terms or brings another amount.

    Reads nothing when the batch spends none. What a sale spent earlier counts as beside it.
    """
    mine = [one for one in spendings if one.voucher.kind == VoucherKind.CONSUMPTION]
    if not mine:
        return
    terms = _campaigns.terms_of(_campaigns.pool_of(one.voucher) for one in mine)
    holders = _campaigns.holders(one.voucher.person_id for one in mine)
    tills = counters(one.redemption.org_id for one in mine)
    names = {category.code: category.name for category in catalogue.list_categories()}
    for one in mine:
        of = terms[_campaigns.pool_of(one.voucher)]
        _campaigns.check_audience(of, holders.get(one.voucher.person_id))
        _discounts.check_counter(of, tills[one.redemption.org_id])
        if not one.redemption.category_code:
            raise GoodsNotCovered(goods="未说明商品品类")
        _discounts.check_goods(of, one.redemption.category_code, names)
    _check_together(spendings, terms)


def _check_together(spendings: Sequence["Spending"], terms: dict[UUID, ConsumptionTerms]) -> None:
    """Stacking and amounts of each sale: each voucher is measured on what the one before left."""
    sales: dict[UUID, list[Spending]] = defaultdict(list)
    for one in spendings:
        sales[one.redemption.sale_id].append(one)
    for sale_id, batch in sales.items():
        mine = [one for one in batch if one.voucher.kind == VoucherKind.CONSUMPTION]
        if not mine:
            continue
        earlier = _spent_on(sale_id)
        kinds = {one.voucher.kind for one in batch} | {voucher.kind for voucher in earlier}
        beside = [_campaigns.pool_of(v) for v in earlier if v.kind == VoucherKind.CONSUMPTION]
        together = [terms[_campaigns.pool_of(one.voucher)] for one in mine]
        together += list(_campaigns.terms_of(beside).values())
        _discounts.check_stacking(
            together,
            has_right=VoucherKind.QUALIFICATION in kinds,
            has_huanxin=VoucherKind.HUANXIN in kinds,
        )
        _check_amounts(mine, terms)


def _spent_on(sale_id: UUID) -> list[models.Voucher]:
    rows = models.Redemption.objects.filter(sale_id=sale_id).select_related("voucher")
    return [row.voucher for row in rows]


def _check_amounts(mine: Sequence["Spending"], terms: dict[UUID, ConsumptionTerms]) -> None:
    left_fen: int | None = None
    for one in sorted(mine, key=lambda one: one.redemption.place):
        price_fen, asked_fen = one.redemption.price_fen or 0, one.redemption.amount_fen
        due_fen = _discounts.discount_fen(terms[_campaigns.pool_of(one.voucher)].tiers, price_fen)
        is_too_dear = left_fen is not None and price_fen > left_fen
        if asked_fen != due_fen or is_too_dear:
            raise DiscountDiffers(due=yuan(due_fen), asked=yuan(asked_fen))
        left_fen = price_fen - asked_fen


def counters(org_ids: Iterable[UUID]) -> dict[UUID, _discounts.Counter]:
    """Where the tills of a batch stand, as registered."""
    rows = execute("counters", org_ids=list(set(org_ids)))
    return {row[0]: _discounts.Counter(*row) for row in rows}


def pools_to_refill(voucher_ids: Iterable[UUID]) -> set[UUID]:
    """Pools whose vouchers go back to them when goods are returned: to be locked first."""
    rows = models.Voucher.objects.filter(
        pk__in=list(voucher_ids), pool__terms__on_return=OnReturn.TO_POOL
    )
    return set(rows.values_list("pool_id", flat=True))


def refill(actor: Actor, row: models.Redemption, voucher: models.Voucher) -> None:
    """Its value goes back to its pool (Sishui 2023): free first, then 已作废, one place more.

    The caller holds the pool and has released the shop's money.
    """
    _life.forget_reserve(voucher)
    voucher.used_sale_id = None
    _life.step(actor, voucher, VoucherState.USABLE, "vouchers.restored", sale_id=row.sale_id)
    _life.step(actor, voucher, VoucherState.VOID, "vouchers.returned_to_pool", sale_id=row.sale_id)
    models.Pool.objects.filter(pk=_campaigns.pool_of(voucher)).update(remaining=F("remaining") + 1)
