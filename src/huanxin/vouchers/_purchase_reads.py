"""Reads of campaigns and purchases: how far one has come, its terms in words, who bought what."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Scope
from huanxin.vouchers import _words, models
from huanxin.vouchers.errors import PurchaseUnknown
from huanxin.vouchers.types import CampaignUse, ConsumptionTerms, PurchaseCard, VoucherState


def use_of(pool_id: UUID) -> CampaignUse:
    """Counts of a pool's vouchers, and the money and sales they moved and did not give back."""
    states = models.Voucher.objects.filter(pool_id=pool_id).aggregate(
        claimed=Count("pk"),
        used=Count("pk", filter=Q(state=VoucherState.USED)),
        lapsed=Count("pk", filter=Q(state=VoucherState.LAPSED)),
        returned=Count("pk", filter=Q(state=VoucherState.VOID)),
    )
    spent = models.Redemption.objects.filter(
        voucher__pool_id=pool_id, voucher__state=VoucherState.USED
    ).exclude(sale_id__in=models.Cancellation.objects.values("sale_id"))
    sums = spent.aggregate(
        used_fen=Sum("amount_fen", default=0),
        sales_fen=Sum("price_fen", default=0),
        orgs=Count("org_id", distinct=True),
    )
    return CampaignUse(
        claimed_count=states["claimed"],
        used_count=states["used"],
        lapsed_count=states["lapsed"],
        returned_count=states["returned"],
        used_fen=sums["used_fen"],
        sales_fen=sums["sales_fen"],
        org_count=sums["orgs"],
    )


def words_of(terms: ConsumptionTerms, region_code: str) -> tuple[str, ...]:
    """The terms as short lines; names of regions and goods looked up."""
    regions = {region.code: region.name for region in identity.list_regions()}
    goods = {category.code: category.name for category in catalogue.list_categories()}
    place = regions.get(region_code, region_code)
    return _words.lines(terms, regions=regions, goods=goods, place=place)


def get(purchase_id: UUID, scope: Scope) -> PurchaseCard:
    """One purchase within the scope."""
    row = _of(scope).filter(pk=purchase_id).first()
    if row is None:
        raise PurchaseUnknown(purchase_id=purchase_id)
    return row.as_card()


def visible(scope: Scope, limit: int) -> list[PurchaseCard]:
    """Purchases within the scope, newest first."""
    return [row.as_card() for row in _of(scope).order_by("-bought_at", "-pk")[:limit]]


def _of(scope: Scope) -> QuerySet[models.Purchase]:
    rows = models.Purchase.objects.all()
    if scope.person_id is not None:
        return rows.filter(person_id=scope.person_id)
    if scope.org_id is not None:
        return rows.filter(org_id=scope.org_id)
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    return rows
