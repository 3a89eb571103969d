"""E-bikes' batteries: weighed apart, and which bikes may not leave their door before that."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from huanxin.kernel import clock
from huanxin.kernel.audit import Entry
from huanxin.recycling import _orders, _standard, models, rules
from huanxin.recycling.errors import BatteryMissing, BatteryRefused
from huanxin.recycling.types import BatteryKind
from huanxin.recycling.types.orders import BatteryCard


def lacking(units: Sequence[models.Unit]) -> list[UUID]:
    """Units, with their agreed quote, whose battery the standard in force wants and none has."""
    bikes = [unit for unit in units if unit.category_code == rules.BIKE]
    if not bikes:
        return []
    standard = _standard.in_force(clock.today())
    wanted = [
        unit.id for unit in bikes
        if standard.wants_battery(
            unit.category_code, is_complete=unit.final_quote.as_quote().answers.is_complete
        )
    ]  # fmt: skip
    rows = models.Battery.objects.filter(unit__in=wanted)
    weighed = set(rows.values_list("unit_id", flat=True))
    return [unit_id for unit_id in wanted if unit_id not in weighed]


def weigh(
    order: models.Order, unit: models.Unit, kind: BatteryKind, mass_g: int, at: datetime
) -> BatteryCard:
    """Write a battery's kind and weight once; see papering.weigh_battery for what it refuses."""
    rule = _standard.in_force(clock.today()).batteries.get(kind.value)
    if rule is None:
        raise BatteryRefused(reason=f"现行标准没有{kind.label}")
    earlier = models.Battery.objects.filter(unit=unit).first()
    if earlier is not None and (earlier.kind, earlier.mass_g) != (kind, mass_g):
        raise BatteryRefused(reason="这辆车的电池已经登记")
    if not rule.least_g <= mass_g <= rule.most_g:
        bounds = f"{rule.least_g / 1000:g} 至 {rule.most_g / 1000:g} 公斤"
        raise BatteryRefused(reason=f"{kind.label}重量须在 {bounds} 之间")
    if earlier is None:
        models.Battery.objects.create(
            unit=unit, kind=kind, mass_g=mass_g, is_hazardous=rule.is_hazardous,
            standard_no=rule.standard_no, weighed_at=at,
        )  # fmt: skip
    return BatteryCard(unit.id, kind, mass_g, rule.is_hazardous, rule.standard_no)


def audit_line(order: models.Order, card: BatteryCard) -> Entry:
    """What the trail says of a weighing."""
    return _orders.entry(
        order, kind=card.kind.value, mass_g=card.mass_g, hazardous=card.is_hazardous
    )


def check_weighed(
    orders: Mapping[UUID, models.Order], units: Mapping[UUID, Sequence[models.Unit]]
) -> None:
    """Refuse to take an e-bike whose battery is not weighed."""
    missing = set(lacking([unit for mine in units.values() for unit in mine]))
    for order_id, mine in units.items():
        if missing & {unit.id for unit in mine}:
            raise BatteryMissing(number=orders[order_id].number)
