"""Which e-bikes may not leave their door yet, because their battery is not weighed."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from huanxin.kernel import clock
from huanxin.recycling import _standard, models, rules
from huanxin.recycling.errors import BatteryMissing


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


def check_weighed(
    orders: Mapping[UUID, models.Order], units: Mapping[UUID, Sequence[models.Unit]]
) -> None:
    """Refuse to take an e-bike whose battery is not weighed."""
    missing = set(lacking([unit for mine in units.values() for unit in mine]))
    for order_id, mine in units.items():
        if missing & {unit.id for unit in mine}:
            raise BatteryMissing(number=orders[order_id].number)
