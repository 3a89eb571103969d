"""What must stand before the first order: the standard, vans, slots."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import audit, ids
from huanxin.kernel.actor import Actor
from huanxin.recycling import (
    _chain,
    _orders,
    _standard,
    _work,
    models,
)
from huanxin.recycling.types import Slot
from huanxin.recycling.types.routes import NewVan


@transaction.atomic
def load_reference(*, actor: Actor) -> int:
    """Publish the shipped standards (valuation, grading, floor) that are not published yet; returns
    how many."""
    identity.require(actor, "recycling.load_reference")
    count = _standard.publish_shipped() + _work.publish_shipped()
    if count:
        audit.record(actor, "recycling.standard_published", "valuation_standard", "", count=count)
    return count


@transaction.atomic
def register_vans(*, actor: Actor, vans: Sequence[NewVan]) -> list[UUID]:
    """Put vans into service; the counties they serve get that much more room per slot."""
    for org_id in {van.org_id for van in vans}:
        identity.require(actor, "recycling.plan", org_id=org_id if actor.org_id else None)
        _chain.check_party(org_id, OrgKind.RECYCLER)
    regions = _orders.regions_of({van.region_code for van in vans})
    rows = [
        models.Van(
            id=ids.new_id(),
            organisation_id=van.org_id,
            name=van.name,
            region_code=van.region_code,
            region_path=regions[van.region_code].path,
            capacity_units=van.capacity_units,
            collector_account_id=van.collector_account_id,
            volume_l=van.volume_l,
            load_kg=van.load_kg,
            has_lift=van.has_lift,
            skills=list(van.skills),
            shift_from_minute=van.shift_from_minute,
            shift_to_minute=van.shift_to_minute,
        )
        for van in vans
    ]
    models.Van.objects.bulk_create(rows)
    audit.record_many(
        actor,
        "recycling.van_registered",
        [audit.Entry("van", row.id, row.region_path, row.organisation_id) for row in rows],
    )
    return [row.id for row in rows]


@transaction.atomic
def set_slot_capacity(
    *, actor: Actor, region_code: str, slot_on: date, slot: Slot, capacity: int
) -> None:
    """Fix a county's room in one slot by hand (a holiday, say); not below what is taken."""
    region = identity.get_region(region_code)
    identity.require(actor, "recycling.plan", region_path=region.path)
    _orders.open_slots([(region_code, slot_on, slot.value)])
    models.SlotRoom.objects.filter(region_code=region_code, slot_on=slot_on, slot=slot).update(
        capacity=capacity
    )
    audit.record(
        actor, "recycling.slot_set", "slot", f"{region_code}/{slot_on}/{slot}",
        region_path=region.path, capacity=capacity,
    )  # fmt: skip
