"""What an e-bike and a scrapped car leave on record: its battery, its papers."""

import re
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.recycling import _batteries, _orders, models, rules
from huanxin.recycling.errors import PaperRefused
from huanxin.recycling.types import BatteryKind, OrderState, PaperKind
from huanxin.recycling.types.orders import BatteryCard, NewVehiclePaper

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")  # ISO 3779: no I, O, Q
_CAR = "passenger_car"
_LICENCE = "vehicle_dismantling"


@transaction.atomic
def record_vehicle_paper(*, actor: Actor, paper: NewVehiclePaper) -> UUID:
    """Record a scrapped car's paper as evidence: 报废机动车回收证明, then 机动车注销证明.

    Safe to repeat. Refuses (PaperRefused) a VIN that cannot be one, a day in the future or before
    the hand-over, a de-registration before the scrap certificate, a paper or a car used before,
    and a recycler without the licence. The VIN is sealed under the owner's key.
    """
    order, unit = _unit_of(paper.unit_id, _CAR)
    identity.require(actor, "recycling.collect", org_id=order.organisation_id)
    vin = paper.vin.strip().upper()
    vin_index = crypto.blind_index("vin", vin)
    mine = models.VehiclePaper.objects.filter(unit=unit)
    if same := mine.filter(kind=paper.kind, number=paper.number, vin_index=vin_index).first():
        return same.id
    _check_paper(order, paper, vin)
    _check_order_of_papers(list(mine), paper, vin_index)
    row = models.VehiclePaper(
        id=ids.new_id(),
        unit=unit,
        kind=paper.kind,
        number=paper.number.strip(),
        vin_sealed=crypto.seal(identity.person_key(order.person_id), vin),
        vin_index=vin_index,
        issuer=paper.issuer.strip()[:80],
        issued_on=paper.issued_on,
        recorded_at=clock.now(),
    )
    row.save(force_insert=True)
    audit.record_many(
        actor, "recycling.vehicle_paper_recorded",
        [_orders.entry(order, kind=row.kind, number=row.number, issued_on=row.issued_on)],
    )  # fmt: skip
    return row.id


@transaction.atomic
def weigh_battery(*, actor: Actor, unit_id: UUID, kind: BatteryKind, mass_g: int) -> BatteryCard:
    """Record an e-bike's battery apart from the bike: kind, weight, whether it is hazardous.

    Lead-acid by HJ 519, lithium by HJ 1186. Safe to repeat. Refuses another kind or weight for
    the same bike, and a weight that such a battery cannot have (BatteryRefused).
    """
    order, unit = _unit_of(unit_id, rules.BIKE)
    identity.require(actor, "recycling.collect", org_id=order.organisation_id)
    is_new = not models.Battery.objects.filter(unit=unit).exists()
    card = _batteries.weigh(order, unit, kind, mass_g, clock.now())
    if is_new:
        audit.record_many(actor, "recycling.battery_weighed", [_batteries.audit_line(order, card)])
    return card


def _unit_of(unit_id: UUID, category_code: str) -> tuple[models.Order, models.Unit]:
    unit = models.Unit.objects.filter(pk=unit_id, category_code=category_code).first()
    if unit is None:
        raise NotFound(model="Unit", id=unit_id)
    return _orders.lock_order(unit.order_id), unit


def _check_paper(order: models.Order, paper: NewVehiclePaper, vin: str) -> None:
    if not _VIN.fullmatch(vin):
        raise PaperRefused(reason="车辆识别代号须为 17 位，不含 I、O、Q")
    if not paper.number.strip() or not paper.issuer.strip():
        raise PaperRefused(reason="须有凭证编号和出具单位")
    if order.collected_at is None or order.state == OrderState.CANCELLED:
        raise PaperRefused(reason="车辆还没有交接")
    collected_on = clock.business_day(order.collected_at)
    if not collected_on <= paper.issued_on <= clock.today():
        raise PaperRefused(reason="日期须在交车之后、今天之前")
    if order.organisation_id is not None:
        org = identity.get_organisation(order.organisation_id)
        if not org.licensed(_LICENCE, collected_on):
            raise PaperRefused(reason="回收企业没有报废机动车回收拆解资质")


def _check_order_of_papers(
    mine: list[models.VehiclePaper], paper: NewVehiclePaper, vin_index: str
) -> None:
    if any(row.vin_index != vin_index for row in mine):
        raise PaperRefused(reason="与已登记凭证的车辆识别代号不一致")
    if any(row.kind == paper.kind for row in mine):
        raise PaperRefused(reason="该车这一种凭证已经登记")
    used = models.VehiclePaper.objects.filter(kind=paper.kind)
    if used.filter(vin_index=vin_index).exists():
        raise PaperRefused(reason="这辆车已经报废过")
    if used.filter(number=paper.number.strip()).exists():
        raise PaperRefused(reason="该凭证编号已被另一辆车使用")
    if paper.kind == PaperKind.DEREGISTRATION:
        scrapped = [row for row in mine if row.kind == PaperKind.SCRAP_CERTIFICATE]
        if not scrapped or scrapped[0].issued_on > paper.issued_on:
            raise PaperRefused(reason="须先有报废机动车回收证明，且注销不早于它")
