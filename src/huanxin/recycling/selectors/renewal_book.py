"""Units on their way to a next life: reads only."""

from collections.abc import Sequence

from django.db.models import Q

from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.recycling import models
from huanxin.recycling.types import NextStep, UnitState
from huanxin.recycling.types.renewal import RenewalCard, WorkItem


def list_renewals(scope: Scope, *, is_sold: bool = False, page: int = 1) -> Page[RenewalCard]:
    """Units to refurbish or to sell in the scope's depot or region; or those sold already."""
    state = UnitState.REFURBISHED if is_sold else UnitState.IN_DEPOT
    rows = models.Unit.objects.filter(state=state, next_step=NextStep.REFURBISH)
    if scope.person_id is not None:
        rows = rows.none()
    if scope.org_id is not None:
        rows = rows.filter(depot_id=scope.org_id)
    elif scope.region_path:
        path = scope.region_path
        rows = rows.filter(
            Q(order__region_path=path) | Q(order__region_path__startswith=path + "/")
        )
    start = (page - 1) * PAGE_SIZE
    codes = list(rows.order_by("graded_at", "pk").values_list("unit_code", flat=True))
    return Page(
        renewal_cards([code or "" for code in codes[start : start + PAGE_SIZE]]), page, len(codes)
    )


def find_next_life(unit_code: str) -> RenewalCard | None:
    """The former life of a code that a refurbished unit was sold under; holds no personal data."""
    row = models.RenewalSale.objects.filter(next_code=unit_code.strip().upper()).first()
    if row is None:
        return None
    former = models.Unit.objects.values_list("unit_code", flat=True).get(pk=row.unit_id)
    return renewal_cards([former or ""])[0]


def renewal_cards(unit_codes: Sequence[str]) -> list[RenewalCard]:
    """Cards in the order asked, for rooms that already hold the codes."""
    units = {
        unit.unit_code or "": unit
        for unit in models.Unit.objects.filter(unit_code__in=unit_codes).select_related("depot")
    }
    ids = [unit.pk for unit in units.values()]
    done = models.RenewalWork.objects.filter(unit__in=ids).order_by("worked_at", "pk")
    asked = models.RenewalOffer.objects.filter(unit__in=ids).order_by("offered_at", "pk")
    works = {row.unit_id: row for row in done}  # later rows overwrite: the newest counts
    offers = {row.unit_id: row for row in asked}
    sales = {row.unit_id: row for row in models.RenewalSale.objects.filter(unit__in=ids)}
    return [
        _card(unit, works.get(unit.pk), offers.get(unit.pk), sales.get(unit.pk))
        for unit in (units[code] for code in unit_codes)
    ]


def _card(
    unit: models.Unit,
    work: models.RenewalWork | None,
    offer: models.RenewalOffer | None,
    sale: models.RenewalSale | None,
) -> RenewalCard:
    assert unit.depot is not None, "a unit for re-use stands in a depot"
    return RenewalCard(
        unit_code=unit.unit_code or "",
        category_code=unit.category_code,
        class_code=unit.class_code,
        org_id=unit.depot.pk,
        org_name=unit.depot.name,
        grade=unit.grade or "",
        items=tuple(WorkItem(**item) for item in work.items) if work else (),
        cost_fen=work.cost_fen if work else 0,
        is_safe=work.is_safe if work else None,
        worked_at=work.worked_at if work else None,
        price_fen=offer.price_fen if offer else None,
        warranty_months=sale.warranty_months if sale else offer.warranty_months if offer else None,
        sale_number=sale.number if sale else None,
        sold_fen=sale.price_fen if sale else None,
        invoice_no=sale.invoice_no if sale else None,
        sold_at=sale.sold_at if sale else None,
        warranty_until=sale.warranty_until if sale else None,
        next_code=sale.next_code if sale else None,
    )


def find_renewal(unit_code: str, scope: Scope) -> RenewalCard | None:
    """One unit that the scope's depot refurbishes, or has sold."""
    rows = models.Unit.objects.filter(unit_code=unit_code, next_step=NextStep.REFURBISH)
    if not rows.filter(depot_id=scope.org_id).exists():
        return None
    return renewal_cards([unit_code])[0]
