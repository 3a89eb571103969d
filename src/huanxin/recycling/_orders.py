"""Mechanics of booking: slots taken as a set, orders and units laid, addresses sealed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import connection

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.identity.errors import ConsentMissing
from huanxin.identity.types import OrgKind, OrgStatus, Region
from huanxin.kernel import clock, crypto, ids
from huanxin.kernel.actor import Actor, system_actor
from huanxin.kernel.audit import Entry
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row, lock_rows
from huanxin.recycling import _conduct, _standard, models, rules
from huanxin.recycling.errors import (
    MoveRefused,
    OrderNotFound,
    QuoteNotUsable,
    SlotFull,
    StationClosed,
    VillageDayClosed,
)
from huanxin.recycling.types import Choice, MissedBy, OrderMode, OrderState, Slot, UnitState
from huanxin.recycling.types.orders import CancelTerms, NewOrder
from huanxin.vouchers.services import trading_in
from huanxin.vouchers.types import NewTradeInVoucher

PLATFORM = system_actor("旧机回收")
SlotKey = tuple[str, date, str]

_OPEN_SLOTS = """
INSERT INTO recycling_slotroom (region_code, slot_on, slot, capacity, taken)
SELECT w.region_code, w.slot_on, w.slot,
       (SELECT count(*) * %s FROM recycling_van v
        WHERE v.region_code = w.region_code AND v.is_active), 0
FROM unnest(%s::text[], %s::date[], %s::text[]) AS w(region_code, slot_on, slot)
ORDER BY 1, 2, 3
ON CONFLICT (region_code, slot_on, slot) DO NOTHING
"""
_LOCK_SLOTS = """
SELECT s.id FROM recycling_slotroom s
JOIN unnest(%s::text[], %s::date[], %s::text[]) AS w(region_code, slot_on, slot)
  USING (region_code, slot_on, slot)
ORDER BY s.region_code, s.slot_on, s.slot FOR NO KEY UPDATE OF s
"""
_TAKE_SLOTS = """
UPDATE recycling_slotroom s SET taken = s.taken + w.wanted
FROM unnest(%s::text[], %s::date[], %s::text[], %s::int[]) AS w(region_code, slot_on, slot, wanted)
WHERE (s.region_code, s.slot_on, s.slot) = (w.region_code, w.slot_on, w.slot)
  AND s.taken + w.wanted <= s.capacity
RETURNING s.region_code, s.slot_on, s.slot
"""


def regions_of(codes: set[str]) -> dict[str, Region]:
    """The regions of several codes."""
    return {code: identity.get_region(code) for code in codes}


def open_slots(keys: Sequence[SlotKey]) -> None:
    """Make rows for slots nobody asked for yet: their capacity is what the county's vans can do."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_SLOTS, [rules.STOPS_PER_SLOT, *_columns(keys)])


def take_places(orders: Sequence[NewOrder]) -> None:
    """Take each order's place: in its county's slot, or at its village day, a place a unit."""
    take_slots([order for order in orders if order.mode != OrderMode.VILLAGE])
    wanted: Counter[UUID] = Counter()
    for order in orders:
        if order.mode == OrderMode.VILLAGE and order.village_day_id is not None:
            wanted[order.village_day_id] += len(order.quote_ids)
    for day in lock_rows(models.VillageDay, wanted):
        if day.taken_units + wanted[day.id] > day.capacity_units:
            left = day.capacity_units - day.taken_units
            raise VillageDayClosed(place=day.place, reason=f"只剩 {left} 台的名额")
        day.taken_units += wanted[day.id]
        day.save(update_fields=["taken_units"])


def give_back(order: models.Order) -> None:
    """Give back an order's place, wherever it was."""
    if order.village_day_id is None:
        free_slot(order)
        return
    count = models.Unit.objects.filter(order=order).count()
    day = lock_row(models.VillageDay, order.village_day_id)
    day.taken_units -= count
    day.save(update_fields=["taken_units"])


def take_slots(orders: Sequence[NewOrder]) -> None:
    """Take one place per order; the first slot that has no room refuses the whole batch."""
    take_keys(Counter((o.region_code, o.slot_on, o.slot.value) for o in orders))


def take_keys(wanted: Mapping[SlotKey, int]) -> None:
    """Take places in slots by key; all or none."""
    if not wanted:
        return
    keys = sorted(wanted)
    open_slots(keys)
    with connection.cursor() as cursor:
        if len(keys) > 1:  # several rows are taken in one order, or two batches wait in a ring
            cursor.execute(_LOCK_SLOTS, _columns(keys))
        cursor.execute(_TAKE_SLOTS, [*_columns(keys), [wanted[key] for key in keys]])
        taken = {tuple(row) for row in cursor.fetchall()}
    for key in keys:
        if key not in taken:
            raise SlotFull(region_code=key[0], slot_on=key[1], slot=key[2])


def free_slot(order: models.Order) -> None:
    """Give back an order's place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recycling_slotroom SET taken = taken - 1"
            " WHERE (region_code, slot_on, slot) = (%s, %s, %s)",
            [order.region_code, order.slot_on, order.slot],
        )


def swap_slots(new: SlotKey, order: models.Order) -> None:
    """Take a place in another slot and give back the order's own, both rows held in one order."""
    old: SlotKey = (order.region_code, order.slot_on, order.slot)
    open_slots([new])
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SLOTS, _columns(sorted([new, old])))
    take_keys({new: 1})
    free_slot(order)


def check_door(order: models.Order) -> None:
    """Refuse to move an order that is not collected at a door."""
    if order.mode != OrderMode.DOOR:
        raise MoveRefused(number=order.number, reason="送站和集中回收的请取消后另选")


def _columns(keys: Sequence[SlotKey]) -> list[list[object]]:
    return [[key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]]


def usable_quotes(orders: Sequence[NewOrder]) -> dict[UUID, models.Quote]:
    """The quotes that the orders name, each valid, of the same person and not used before."""
    wanted = {quote_id: o.person_id for o in orders for quote_id in o.quote_ids}
    found = {q.id: q for q in models.Quote.objects.filter(pk__in=list(wanted))}
    used = set(
        models.Unit.objects.filter(quote_id__in=list(wanted)).values_list("quote_id", flat=True)
    )
    now = clock.now()
    for quote_id, person_id in wanted.items():
        quote = found.get(quote_id)
        if quote is None or quote.person_id != person_id:
            raise NotFound(model="Quote", id=quote_id)
        if quote.id in used:
            raise QuoteNotUsable(number=quote.number, reason="已经用于另一笔订单")
        if quote.valid_until <= now:
            raise QuoteNotUsable(number=quote.number, reason="已过有效期")
    return found


def lay_orders(
    orders: Sequence[NewOrder],
    quotes: Mapping[UUID, models.Quote],
    regions: Mapping[str, Region],
    assisted: tuple[UUID | None, UUID | None] = (None, None),
) -> list[models.Order]:
    """Store orders and their expected units; `assisted` is the station and clerk that booked."""
    now = clock.now()
    on = clock.business_day(now)
    numbers = _standard.numbers("HS", [o.region_code for o in orders], on)
    keys = identity.person_keys({o.person_id for o in orders})
    classes = {c.code: c.waste_class_code for c in catalogue.list_categories()}
    rows: list[models.Order] = []
    units: list[models.Unit] = []
    for order, number in zip(orders, numbers, strict=True):
        if order.person_id not in keys:
            raise NotFound(model="Person", id=order.person_id)
        mine = [quotes[quote_id] for quote_id in order.quote_ids]
        row = _order_row(order, number, regions[order.region_code], keys[order.person_id])
        row.booked_at, row.booked_on = now, on
        if assisted[0] is not None:
            row.assisted_org_id, row.assisted_by_id = assisted
        row.quoted_fen = sum(
            rules.chosen_fen(order.choice, q.cash_fen, q.voucher_fen) for q in mine
        )
        rows.append(row)
        units.extend(_unit_row(row, quote, classes.get(quote.category_code)) for quote in mine)
    models.Order.objects.bulk_create(rows)
    models.Unit.objects.bulk_create(units)
    return rows


def _order_row(order: NewOrder, number: str, region: Region, key: bytes) -> models.Order:
    return models.Order(
        id=ids.new_id(),
        number=number,
        person_id=order.person_id,
        region_code=region.code,
        region_path=region.path,
        address_sealed=crypto.seal(key, order.address),
        lat_e6=order.lat_e6,
        lon_e6=order.lon_e6,
        slot_on=order.slot_on,
        slot=order.slot,
        choice=order.choice,
        state=OrderState.BOOKED,
        mode=order.mode,
        village_day_id=order.village_day_id,
        station_id=order.station_id,
    )


def _unit_row(order: models.Order, quote: models.Quote, waste_class: str | None) -> models.Unit:
    return models.Unit(
        id=ids.new_id(),
        order=order,
        quote=quote,
        final_quote=quote,
        category_code=quote.category_code,
        waste_class_code=waste_class,
        state=UnitState.EXPECTED,
    )


def issue_vouchers(rows: Sequence[models.Order], quotes: Mapping[UUID, list[models.Quote]]) -> None:
    """Issue the 焕新券 of the orders that chose one, 待激活, and note its id on the order.

    The platform issues it: the owner's permission was to book, which has been checked.
    """
    chosen = [row for row in rows if row.choice == Choice.VOUCHER]
    if not chosen:
        return
    asked = []
    versions = {quote.standard_id for mine in quotes.values() for quote in mine}
    funders = {version: _standard.of_version(version).funder for version in versions}
    for row in chosen:
        value_fen = sum(quote.cash_fen for quote in quotes[row.id])
        funder = funders[quotes[row.id][0].standard_id]
        asked.append(
            NewTradeInVoucher(
                person_id=row.person_id,
                order_id=row.id,
                value_fen=value_fen,
                topup_fen=row.quoted_fen - value_fen,
                funder_code=f"funder:{funder}",
                request_id=ids.new_id(),
            )
        )
    issued = trading_in.issue_trade_in_vouchers(actor=PLATFORM, vouchers=asked)
    for row, voucher_id in zip(chosen, issued, strict=True):
        row.voucher_id = voucher_id
    models.Order.objects.bulk_update(chosen, ["voucher_id"])


def void_voucher(order: models.Order, reason: str) -> None:
    """Void the order's 焕新券, if it has one."""
    if order.choice == Choice.VOUCHER:
        trading_in.void_trade_in_voucher(actor=PLATFORM, order_id=order.id, reason=reason)


def lock_order(order_id: UUID) -> models.Order:
    """The order, held until the transaction ends."""
    row = (
        models.Order.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=order_id)
        .first()
    )
    if row is None:
        raise OrderNotFound(order_id=order_id)
    return row


def entry(order: models.Order, **facts: object) -> Entry:
    """The audit line of something that happened to an order."""
    return Entry("recycling_order", order.id, order.region_path, order.organisation_id, facts)


def check_new(order: NewOrder) -> None:
    """Refuse an order without units, twice the same unit, or in a slot that is over."""
    now = clock.now().astimezone(clock.SHANGHAI)
    if not order.quote_ids or len(set(order.quote_ids)) != len(order.quote_ids):
        raise QuoteNotUsable(number="", reason="为空或重复")
    rules.check_slot(order.slot_on, Slot(order.slot), today=now.date(), hour=now.hour)
    if (order.mode == OrderMode.VILLAGE) != (order.village_day_id is not None):
        raise VillageDayClosed(place="", reason="请选择一个集中回收日")


def at_its_station(order: NewOrder) -> NewOrder:
    """An order brought to a station, with the station's own place; refuses one that is closed."""
    if order.mode != OrderMode.STATION:
        return replace(order, station_id=None)
    if order.station_id is None:
        raise StationClosed(name="服务站", reason="请选择一个服务站")
    station = identity.get_organisation(order.station_id)
    if station.kind != OrgKind.STATION or station.status != OrgStatus.ADMITTED:
        raise StationClosed(name=station.name, reason="目前不办理收旧")
    opening, (start, end) = identity.get_opening(station.id), Slot(order.slot).hours
    if not opening.covers(order.slot_on, start, end):
        hours = opening.of_day(order.slot_on)
        when = f"{order.slot_on.month}月{order.slot_on.day}日"
        reason = f"{when}休息" if opening.week else "还没有公布开放时间"
        if hours is not None:
            reason = f"{when}开放 {hours.opens:%H:%M}–{hours.closes:%H:%M}，不含 {start}–{end} 点"
        raise StationClosed(name=station.name, reason=reason)
    return replace(
        order, region_code=station.region_code,
        address=f"{station.name}（{station.address}）" if station.address else station.name,
        lat_e6=order.lat_e6 if station.lat_e6 is None else station.lat_e6,
        lon_e6=order.lon_e6 if station.lon_e6 is None else station.lon_e6,
    )  # fmt: skip


def settle_villages(orders: Sequence[NewOrder]) -> dict[UUID, models.VillageDay]:
    """The village days that orders name, each open and on the day and slot that they say."""
    ids_named = {o.village_day_id for o in orders if o.village_day_id is not None}
    days = {day.id: day for day in models.VillageDay.objects.filter(pk__in=ids_named)}
    for order in orders:
        if order.village_day_id is None:
            continue
        day = days.get(order.village_day_id)
        if day is None:
            raise NotFound(model="VillageDay", id=order.village_day_id)
        if day.cancelled_at is not None:
            raise VillageDayClosed(place=day.place, reason="已取消")
        if (day.held_on, day.slot) != (order.slot_on, order.slot):
            raise VillageDayClosed(place=day.place, reason="日期或时段不符")
    return days


def assign_villages(rows: Sequence[models.Order], days: Mapping[UUID, models.VillageDay]) -> None:
    """A village order has its recycler and its hour at once: the day's own."""
    mine = [row for row in rows if row.village_day_id is not None]
    now = clock.now()
    for row in mine:
        assert row.village_day_id is not None
        row.organisation_id = days[row.village_day_id].organisation_id
        row.state, row.offered_at, row.assigned_at = OrderState.ASSIGNED, now, now
    models.Order.objects.bulk_update(mine, ["organisation", "state", "offered_at", "assigned_at"])


def missed_counts(person_ids: Iterable[UUID], since: date) -> Counter[UUID]:
    """How often people were not there for a promised visit since a day."""
    rows = models.Order.objects.filter(
        person_id__in=list(person_ids), missed_by=MissedBy.CONSUMER, booked_on__gte=since
    )
    return Counter(rows.values_list("person_id", flat=True))


def conduct() -> rules.Conduct:
    """What both sides may expect, by the standard in force today."""
    return _standard.in_force(clock.today()).conduct


def terms_of(order: models.Order) -> CancelTerms:
    """What cancelling an order now would mean."""
    starts_at, _ = _conduct.slot_bounds(clock.moment(order.slot_on), Slot(order.slot))
    return _conduct.cancel_terms(
        conduct(), state=OrderState(order.state), starts_at=starts_at, now=clock.now(),
        is_cash=_conduct.is_cash(order.choice),
    )  # fmt: skip


def assisting(actor: Actor, people: set[UUID]) -> UUID | None:
    """The station that acts for others, on each person's recorded word; None otherwise."""
    if "*" in actor.permissions or people == {actor.person_id}:
        return None
    for person_id in people:
        if identity.find_consent(actor, person_id) is None:
            raise ConsentMissing(person_id=person_id)
    return actor.org_id
