"""Mechanics of re-use: who may be refurbished, what was tested, on which invoice it is sold."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from huanxin.kernel import ids
from huanxin.recycling import _chain, models
from huanxin.recycling.errors import InvoiceNotFit, UnitNotHere, WorkNotFit
from huanxin.recycling.types import NextStep, UnitState
from huanxin.recycling.types.renewal import NewSale, NewWork

_INVOICE_DIGITS = 20


def lock_for_reuse(unit_code: str, depot_org_id: UUID, wanted: str) -> models.Unit:
    """The unit, held, if it stands in this depot and grading sends it to be used again."""
    unit = _chain.lock_units([unit_code], UnitState.IN_DEPOT)[unit_code]
    if unit.depot_id != depot_org_id:
        raise UnitNotHere(unit_code=unit_code, reason="不在本分拣中心")
    if unit.next_step != NextStep.REFURBISH:
        raise WorkNotFit(unit_code=unit_code, wanted=wanted, reason="分级没有定为翻新再用")
    return unit


def store_work(unit: models.Unit, org_id: UUID, work: NewWork, now: datetime) -> None:
    models.RenewalWork.objects.create(
        id=ids.new_id(),
        unit=unit,
        organisation_id=org_id,
        items=[asdict(item) for item in work.items],
        cost_fen=sum(item.cost_fen for item in work.items),
        is_safe=work.is_safe,
        tester=work.tester[:40],
        worked_at=now,
    )


def check_safe(unit: models.Unit, wanted: str) -> None:
    """Refuse a unit whose newest safety test is missing or was not passed."""
    tests = models.RenewalWork.objects.filter(unit=unit).order_by("-worked_at", "-pk")
    newest = tests.values_list("is_safe", flat=True).first()
    if not newest:
        reason = "还没有维修和安全检测记录" if newest is None else "最近一次安全检测不合格"
        raise WorkNotFit(unit_code=unit.unit_code, wanted=wanted, reason=reason)


def check_sale(unit: models.Unit, sale: NewSale) -> None:
    """Refuse a sale without an offer, above it, or on an invoice that does not fit."""
    offers = models.RenewalOffer.objects.filter(unit=unit).order_by("-offered_at", "-pk")
    offer = offers.first()
    if offer is None:
        raise WorkNotFit(unit_code=unit.unit_code, wanted="出售", reason="还没有定价")
    if not 0 < sale.price_fen <= offer.price_fen:
        raise WorkNotFit(unit_code=unit.unit_code, wanted="出售", reason="售价高于标价或不大于零")
    if sale.warranty_months < offer.warranty_months:
        raise WorkNotFit(unit_code=unit.unit_code, wanted="出售", reason="保修短于标明的期限")
    if len(sale.invoice_no) != _INVOICE_DIGITS or not sale.invoice_no.isdigit():
        raise InvoiceNotFit(invoice_no=sale.invoice_no, reason="不是 20 位数字")
    if models.RenewalSale.objects.filter(invoice_no=sale.invoice_no).exists():
        raise InvoiceNotFit(invoice_no=sale.invoice_no, reason="已经用于另一台旧机")


def to_dismantling(unit: models.Unit) -> None:
    models.Unit.objects.filter(pk=unit.pk).update(next_step=NextStep.DISMANTLE)
