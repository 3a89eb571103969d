"""What people keep with us and tell us: addresses, complaints, village days. Reads only."""

from datetime import date
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, crypto
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.recycling import _complaints, models
from huanxin.recycling.types import ComplaintState
from huanxin.recycling.types.care import AddressCard, ComplaintCard
from huanxin.recycling.types.orders import VillageDayCard


def list_addresses(person_id: UUID, scope: Scope) -> list[AddressCard]:
    """A person's address book, in full for herself or the clerk who acts on her word."""
    if scope.person_id != person_id:
        raise NotFound(model="Address", id=person_id)
    key = identity.person_key(person_id)
    rows = models.Address.objects.filter(person_id=person_id, removed_at__isnull=True)
    return [
        row.as_card(crypto.unseal(key, bytes(row.address_sealed)))
        for row in rows.order_by("-is_default", "kept_at")
    ]


def list_complaints(
    scope: Scope, *, state: ComplaintState | None = None, page: int = 1
) -> Page[ComplaintCard]:
    """Complaints of the scope's person, about its organisation, or of its region.

    Those that run come first, by their clock.
    """
    rows = models.Complaint.objects.all()
    if scope.person_id is not None:
        rows = rows.filter(person_id=scope.person_id)
    elif scope.org_id is not None:
        mine = models.Order.objects.filter(assisted_org_id=scope.org_id).values("pk")
        rows = rows.filter(organisation_id=scope.org_id) | rows.filter(order__in=mine)
    elif scope.region_path:
        rows = rows.filter(region_path__startswith=scope.region_path)
    if state is not None:
        rows = rows.filter(state=state)
    start = (page - 1) * PAGE_SIZE
    found = rows.order_by("closed_at", "answered_at", "due_at", "pk").values_list("pk", flat=True)
    return Page(_complaints.cards(list(found[start : start + PAGE_SIZE])), page, rows.count())


def get_complaint(complaint_id: UUID, scope: Scope) -> ComplaintCard:
    """One complaint of the scope."""
    row = models.Complaint.objects.filter(pk=complaint_id).select_related("order").first()
    if row is None or not _sees(row, scope):
        raise NotFound(model="Complaint", id=complaint_id)
    return _complaints.cards([complaint_id])[0]


def _sees(row: models.Complaint, scope: Scope) -> bool:
    if scope.person_id is not None:
        return row.person_id == scope.person_id
    if scope.org_id is not None:
        return scope.org_id in (row.organisation_id, row.order.assisted_org_id)
    return scope.covers(row.region_path)


def complaints_of_order(order_id: UUID, scope: Scope) -> list[ComplaintCard]:
    """An order's complaints, oldest first."""
    rows = models.Complaint.objects.filter(order_id=order_id).select_related("order")
    found = [row.pk for row in rows.order_by("opened_at", "pk") if _sees(row, scope)]
    return _complaints.cards(found)


def count_complaints(scope: Scope, *, state: ComplaintState) -> int:
    """How many complaints of a region or organisation stand in a state."""
    rows = models.Complaint.objects.filter(state=state)
    if scope.org_id is not None:
        rows = rows.filter(organisation_id=scope.org_id)
    elif scope.region_path:
        rows = rows.filter(region_path__startswith=scope.region_path)
    return rows.count()


def list_village_days(
    *, region_code: str | None = None, org_id: UUID | None = None, from_on: date | None = None
) -> list[VillageDayCard]:
    """Collection days from a day on (today by default), soonest first. Public."""
    rows = models.VillageDay.objects.filter(held_on__gte=from_on or clock.today())
    if region_code is not None:
        rows = rows.filter(region_code=region_code)
    if org_id is not None:
        rows = rows.filter(organisation_id=org_id)
    return [row.as_card() for row in rows.order_by("held_on", "slot", "pk")[:200]]


def get_village_day(day_id: UUID) -> VillageDayCard:
    """One collection day. Public."""
    row = models.VillageDay.objects.filter(pk=day_id).first()
    if row is None:
        raise NotFound(model="VillageDay", id=day_id)
    return row.as_card()


def list_signed_up(day_id: UUID, scope: Scope) -> list[UUID]:
    """The orders signed up for a collection day, for who holds it, in order of booking."""
    day = get_village_day(day_id)
    if scope.org_id not in (None, day.org_id):
        raise NotFound(model="VillageDay", id=day_id)
    rows = models.Order.objects.filter(village_day_id=day_id).order_by("booked_at", "pk")
    return list(rows.values_list("pk", flat=True))
