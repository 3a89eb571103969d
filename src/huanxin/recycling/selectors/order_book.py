"""Orders, slots, new prices, receipts and timelines: reads only."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, crypto, filestore
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.recycling import _batteries, _orders, _pickup, _timeline, models, rules
from huanxin.recycling.errors import (
    OrderNotFound,
    OrderStateRefuses,
)
from huanxin.recycling.types import BatteryKind, PaperKind, RequoteState, Slot
from huanxin.recycling.types.door import PickupReceipt, RequoteCard
from huanxin.recycling.types.orders import (
    EVERY_ORDER,
    BatteryCard,
    CancelTerms,
    OrderCard,
    OrderFilter,
    PayoutStanding,
    SlotOffer,
    TimelineStep,
    UnitCard,
    VehiclePaperCard,
)

REQUOTE_WORDS = {
    RequoteState.PENDING: "待消费者确认",
    RequoteState.CONSENTED: "消费者已同意",
    RequoteState.REFUSED: "消费者未同意",
}


def get_order(order_id: UUID, scope: Scope) -> OrderCard:
    """One order within the scope: its owner's, its recycler's, or a region's."""
    if not orders_within(scope).filter(pk=order_id).exists():
        raise OrderNotFound(order_id=order_id)
    return cards([order_id])[0]


def find_order_by_number(number: str, scope: Scope) -> OrderCard | None:
    """One order by the number people read aloud."""
    row = orders_within(scope).filter(number=number.strip().upper()).first()
    return cards([row.id])[0] if row else None


def list_orders(
    scope: Scope, where: OrderFilter = EVERY_ORDER, *, page: int = 1
) -> Page[OrderCard]:
    """Orders within the scope that a search finds, newest first."""
    rows = orders_within(scope)
    if where.state is not None:
        rows = rows.filter(state=where.state)
    if where.number.strip():
        rows = rows.filter(number__contains=where.number.strip().upper())
    if where.category_code:
        units = models.Unit.objects.filter(category_code=where.category_code)
        rows = rows.filter(pk__in=units.values("order_id"))
    if where.from_on is not None:
        rows = rows.filter(slot_on__gte=where.from_on)
    if where.to_on is not None:
        rows = rows.filter(slot_on__lte=where.to_on)
    start = (page - 1) * PAGE_SIZE
    found = rows.order_by("-booked_at", "-pk").values_list("pk", flat=True)
    return Page(cards(list(found[start : start + PAGE_SIZE])), page, rows.count())


def cards(order_ids: Sequence[UUID]) -> list[OrderCard]:
    """Cards of orders in the order asked, for rooms that already hold their ids."""
    rows = {row.id: row for row in models.Order.objects.filter(pk__in=order_ids)}
    units = unit_cards(order_ids)
    return [rows[oid].as_card(tuple(units.get(oid, ()))) for oid in order_ids]


def unit_cards(order_ids: Sequence[UUID]) -> dict[UUID, list[UnitCard]]:
    """The units of orders, for readers that already hold the orders' ids."""
    rows = models.Unit.objects.filter(order_id__in=order_ids).select_related("final_quote", "run")
    found: dict[UUID, list[UnitCard]] = {}
    for unit in rows.order_by("pk"):
        found.setdefault(unit.order_id, []).append(unit.as_card())
    return found


def get_receipt(order_id: UUID, scope: Scope) -> PickupReceipt:
    """What was handed over and paid at a door; OrderStateRefuses before it was."""
    order = get_order(order_id, scope)
    if order.collected_at is None:
        raise OrderStateRefuses(number=order.number, state=order.state.label, wanted="出收据")
    return _pickup.receipts([order_id])[0]


def list_free_slots(region_code: str, *, from_on: date, to_on: date) -> list[SlotOffer]:
    """Room in a county's slots on [from_on, to_on), in order; what is over is left out."""
    vans = models.Van.objects.filter(region_code=region_code, is_active=True).count()
    kept = {
        (row.slot_on, row.slot): row.as_offer()
        for row in models.SlotRoom.objects.filter(
            region_code=region_code, slot_on__gte=from_on, slot_on__lt=to_on
        )
    }
    now = clock.now().astimezone(clock.SHANGHAI)
    room = vans * rules.STOPS_PER_SLOT
    offers = []
    for ordinal in range(from_on.toordinal(), to_on.toordinal()):
        on = date.fromordinal(ordinal)
        for slot in Slot:
            if on > now.date() or (on == now.date() and now.hour < slot.hours[0]):
                fresh = SlotOffer(region_code, on, slot, room, room)
                offers.append(kept.get((on, slot.value), fresh))
    return offers


def get_requote(requote_id: UUID, scope: Scope) -> RequoteCard:
    """A new price at the door. The consent code is shown to the owner of the unit alone."""
    row = (
        models.Requote.objects.filter(pk=requote_id, order__in=orders_within(scope))
        .select_related("old_quote", "new_quote", "order")
        .first()
    )
    if row is None:
        raise NotFound(model="Requote", id=requote_id)
    is_owner = scope.person_id is not None and scope.person_id == row.order.person_id
    return RequoteCard(
        id=row.id,
        order_id=row.order_id,
        unit_id=row.unit_id,
        state=RequoteState(row.state),
        old=row.old_quote.as_quote(),
        new=row.new_quote.as_quote(),
        consent_code=consent_code(row.id) if is_owner else None,
    )


def find_pending_requote(order_id: UUID, scope: Scope) -> RequoteCard | None:
    """The order's requote that waits for the owner's word."""
    rows = models.Requote.objects.filter(order_id=order_id, state=RequoteState.PENDING)
    found = rows.values_list("pk", flat=True).first()
    return get_requote(found, scope) if found else None


def consent_code(requote_id: UUID) -> str:
    """Six digits that follow from the requote under the platform's key: nothing is stored."""
    return f"{int(crypto.blind_index('requote', str(requote_id))[:12], 16) % 1_000_000:06d}"


def find_photo(order_id: UUID, sha256: str, scope: Scope) -> bytes | None:
    """A photo taken at the door; None where only its digest was handed in."""
    if not orders_within(scope).filter(pk=order_id).exists():
        raise OrderNotFound(order_id=order_id)
    try:
        return filestore.file_store().get(sha256)
    except NotFound:
        return None


def timeline(order_id: UUID, scope: Scope) -> list[TimelineStep]:
    """What the owner follows: each step with its time and who acts; one step is `now`."""
    if not orders_within(scope).filter(pk=order_id).exists():
        raise OrderNotFound(order_id=order_id)
    order = models.Order.objects.get(pk=order_id)
    units = list(models.Unit.objects.filter(order=order).select_related("lot__receiver", "run"))
    stop = models.RouteStop.objects.filter(order=order).first()
    requotes = models.Requote.objects.filter(order=order).select_related("old_quote", "new_quote")
    return _timeline.steps(order, units, stop, list(requotes.order_by("asked_at", "pk")))


def units_by_serial(serial: str) -> list[str]:
    """The codes of units whose nameplate read so, newest first: passports are open to whoever
    holds the unit."""
    plain = rules.model_key(serial)  # compared as it was kept
    if not plain:
        return []
    rows = models.Unit.objects.filter(serial=plain, unit_code__isnull=False)
    return [code for code in rows.order_by("-pk").values_list("unit_code", flat=True)[:20] if code]


def orders_within(scope: Scope) -> QuerySet[models.Order]:
    """The rows that a scope reaches: a person's own, a recycler's, or a region's."""
    rows = models.Order.objects.all()
    if scope.person_id is not None:
        return rows.filter(person_id=scope.person_id)
    if scope.org_id is not None:
        org_id = scope.org_id  # its recycler's, or those that this station booked for people
        return rows.filter(Q(organisation_id=org_id) | Q(assisted_org_id=org_id))
    if scope.region_path:
        path = scope.region_path
        return rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    return rows


def get_cancel_terms(order_id: UUID, scope: Scope) -> CancelTerms:
    """What cancelling an order now would mean: whether, until when freely, in a sentence."""
    get_order(order_id, scope)
    return _orders.terms_of(models.Order.objects.get(pk=order_id))


def find_payout(order_id: UUID, scope: Scope) -> PayoutStanding | None:
    """Whether an order's cash has arrived; None for a 焕新券 or before the hand-over."""
    get_order(order_id, scope)
    paid = models.Payout.objects.filter(order_id=order_id).first()
    due = models.PayoutDue.objects.filter(order_id=order_id).first()
    tries = due.try_count if due else 1
    if paid is not None:
        return PayoutStanding(
            paid.amount_fen, is_paid=True, try_count=tries, reference=paid.reference,
            is_simulated=paid.is_simulated, next_try_at=None,
        )  # fmt: skip
    if due is None:
        return None
    return PayoutStanding(
        due.amount_fen, is_paid=False, try_count=due.try_count, reference=None,
        is_simulated=False, next_try_at=due.next_try_at,
    )  # fmt: skip


def count_missed(person_id: UUID, scope: Scope) -> int:
    """How often a person was absent within the published window."""
    identity.get_person(person_id, scope)
    since = clock.today() - timedelta(days=_orders.conduct().missed_window_days)
    return _orders.missed_counts([person_id], since)[person_id]


def list_vehicle_papers(order_id: UUID, scope: Scope) -> list[VehiclePaperCard]:
    """The papers of an order's scrapped cars; VINs masked."""
    order = get_order(order_id, scope)
    key = identity.person_key(order.person_id)
    rows = models.VehiclePaper.objects.filter(unit__order_id=order_id).order_by("issued_on", "pk")
    return [
        VehiclePaperCard(
            row.unit_id, PaperKind(row.kind), row.number,
            "*" * 11 + crypto.unseal(key, bytes(row.vin_sealed))[-6:], row.issuer, row.issued_on,
        )
        for row in rows
    ]  # fmt: skip


def list_batteries(order_id: UUID, scope: Scope) -> list[BatteryCard]:
    """The batteries of an order's e-bikes, as weighed."""
    get_order(order_id, scope)
    rows = models.Battery.objects.filter(unit__order_id=order_id).order_by("pk")
    return [
        BatteryCard(r.unit_id, BatteryKind(r.kind), r.mass_g, r.is_hazardous, r.standard_no)
        for r in rows
    ]


def list_unweighed_bikes(order_id: UUID, scope: Scope) -> list[UUID]:
    """The e-bikes of an order that are not taken before their battery is weighed."""
    get_order(order_id, scope)
    rows = models.Unit.objects.filter(order_id=order_id).select_related("final_quote")
    return _batteries.lacking(list(rows.order_by("pk")))
