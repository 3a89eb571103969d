"""Village collection days: a date, a place, a van; people bring what they give away."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row
from huanxin.recycling import _orders, _requote, models, rules
from huanxin.recycling.errors import VillageDayClosed
from huanxin.recycling.types import OrderState
from huanxin.recycling.types.orders import NewVillageDay, VillageDayCard


@transaction.atomic
def open_village_day(*, actor: Actor, day: NewVillageDay, request_id: UUID) -> VillageDayCard:
    """Announce a collection day; people sign up for it while there is room on the van.

    Safe to retry. Refuses more units than the van holds, a day that is over, a van that is taken
    or has a route of stops in that slot (VillageDayClosed).
    """
    van = models.Van.objects.filter(pk=day.van_id, is_active=True).first()
    if van is None:
        raise NotFound(model="Van", id=day.van_id)
    region = identity.get_region(day.region_code)
    org_id = van.organisation_id if actor.org_id is not None else None
    identity.require(actor, "recycling.hold_day", org_id=org_id, region_path=region.path)
    answer = kernel_requests.first_answer(actor, "recycling.hold_day", request_id, repr(day))
    if answer:
        return models.VillageDay.objects.get(pk=answer["day_id"]).as_card()
    _check(day, van)
    row = models.VillageDay(
        id=ids.new_id(),
        organisation_id=van.organisation_id,
        van=van,
        region_code=region.code,
        region_path=region.path,
        place=day.place.strip()[:120],
        lat_e6=day.lat_e6,
        lon_e6=day.lon_e6,
        held_on=day.held_on,
        slot=day.slot,
        capacity_units=day.capacity_units,
        opened_at=clock.now(),
    )
    row.save(force_insert=True)
    audit.record(
        actor, "recycling.village_day_opened", "village_day", row.id, region_path=row.region_path,
        org_id=row.organisation_id, held_on=row.held_on, place=row.place,
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.hold_day", request_id, {"day_id": row.id})
    return row.as_card()


@transaction.atomic
def cancel_village_day(*, actor: Actor, day_id: UUID, reason: str) -> VillageDayCard:
    """Call a day off: whoever signed up is told, at no cost to anyone. Safe to repeat."""
    if not models.VillageDay.objects.filter(pk=day_id).exists():
        raise NotFound(model="VillageDay", id=day_id)
    row = lock_row(models.VillageDay, day_id)
    org_id = row.organisation_id if actor.org_id is not None else None
    identity.require(actor, "recycling.hold_day", org_id=org_id, region_path=row.region_path)
    if row.cancelled_at is None:
        row.cancelled_at, row.cancel_reason = clock.now(), reason[:200]
        row.save()
        signed = models.Order.objects.filter(village_day=row, state=OrderState.ASSIGNED)
        for order_id in signed.order_by("pk").values_list("pk", flat=True):
            order = _orders.lock_order(order_id)
            _orders.give_back(order)
            _requote.cancel(actor, order, f"集中回收日取消：{reason}")
        row.refresh_from_db()
        audit.record(
            actor, "recycling.village_day_cancelled", "village_day", row.id,
            region_path=row.region_path, org_id=row.organisation_id, reason=reason,
        )  # fmt: skip
    return row.as_card()


def _check(day: NewVillageDay, van: models.Van) -> None:
    now = clock.now().astimezone(clock.SHANGHAI)
    rules.check_slot(day.held_on, day.slot, today=now.date(), hour=now.hour, days_ahead=60)
    if not 0 < day.capacity_units <= van.capacity_units * 3:
        raise VillageDayClosed(place=day.place, reason="名额须在 1 至车辆三趟的装载量之间")
    taken = models.VillageDay.objects.filter(van=van, held_on=day.held_on, slot=day.slot)
    if taken.filter(cancelled_at__isnull=True).exists():
        raise VillageDayClosed(place=day.place, reason="该车当时段已有集中回收")
    if models.Route.objects.filter(van=van, route_on=day.held_on).exists():
        raise VillageDayClosed(place=day.place, reason="该车当天已排上门路线")
