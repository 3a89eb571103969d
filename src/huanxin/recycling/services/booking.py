"""Orders: booked, moved, cancelled, missed by either side."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, crypto
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.recycling import _conduct, _offers, _orders, _requote, models, rules
from huanxin.recycling.selectors import order_book
from huanxin.recycling.types import MissedBy, OrderMode, OrderState, Slot
from huanxin.recycling.types.orders import NewOrder, OrderCard, OrderMove


@transaction.atomic
def book_orders(*, actor: Actor, orders: Sequence[NewOrder], request_id: UUID) -> list[OrderCard]:
    """Book doors to collect from, each in a slot with room, and issue the 焕新券 that were chosen.

    All or none; safe to retry. Refuses a slot that is full or over, a quote that has lapsed, was
    used, or is another person's, a door visit for who was absent too often, and a station outside
    its opening hours. A clerk books on the person's recorded word. City rule of 22 March 2024: a
    voucher is issued 待激活.
    """
    people = {order.person_id for order in orders}
    for person_id in people:
        identity.require(actor, "recycling.book", person_id=person_id)
    content = [repr(order) + order.address for order in orders]
    if earlier := kernel_requests.first_answer(actor, "recycling.book", request_id, content):
        return order_book.cards([UUID(one) for one in earlier["order_ids"]])
    assisted_org_id = _orders.assisting(actor, people)
    for order in orders:
        _orders.check_new(order)
    orders = [_orders.at_its_station(order) for order in orders]
    _check_conduct(actor, [order for order in orders if order.mode == OrderMode.DOOR])
    days = _orders.settle_villages(orders)
    quotes = _orders.usable_quotes(orders)
    _orders.take_places(orders)
    regions = _orders.regions_of({order.region_code for order in orders})
    rows = _orders.lay_orders(orders, quotes, regions, (assisted_org_id, actor.account_id))
    mine = {
        row.id: [quotes[quote_id] for quote_id in order.quote_ids]
        for row, order in zip(rows, orders, strict=True)
    }
    _orders.issue_vouchers(rows, mine)
    _orders.assign_villages(rows, days)
    audit.record_many(
        actor,
        "recycling.booked",
        [_orders.entry(row, choice=row.choice, quoted_fen=row.quoted_fen) for row in rows],
    )
    answer = {"order_ids": [row.id for row in rows]}
    kernel_requests.remember(actor, "recycling.book", request_id, answer)
    return order_book.cards([row.id for row in rows])


def book_order(*, actor: Actor, order: NewOrder, request_id: UUID) -> OrderCard:
    """Book one door; see book_orders."""
    return book_orders(actor=actor, orders=[order], request_id=request_id)[0]


@transaction.atomic
def move_order(*, actor: Actor, order_id: UUID, move: OrderMove, request_id: UUID) -> OrderCard:
    """Another slot, another door, or both: the old place is free, the new one is taken.

    Safe to retry. Refused after the deadline, too often, or for a village day (MoveRefused); a
    full slot leaves the order as it was. The van is found anew; the price and proofs stay.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.book", person_id=order.person_id)
    content = [order_id, repr(move), move.address]
    if kernel_requests.first_answer(actor, "recycling.move", request_id, content) is not None:
        return order_book.cards([order_id])[0]
    _orders.assisting(actor, {order.person_id})
    _conduct.check_move(
        _orders.conduct(), number=order.number, state=OrderState(order.state),
        move_count=order.move_count, terms=_orders.terms_of(order),
    )  # fmt: skip
    _orders.check_door(order)
    _settle_elsewhere(order, move, "改期")
    order.move_count += 1
    order.save()
    audit.record_many(
        actor, "recycling.moved",
        [_orders.entry(order, slot_on=order.slot_on, slot=order.slot, count=order.move_count)],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.move", request_id, {"order_id": order_id})
    return order_book.cards([order_id])[0]


@transaction.atomic
def cancel_order(*, actor: Actor, order_id: UUID, reason: str) -> OrderCard:
    """Cancel before the unit is taken: the place is free again and the 焕新券 已作废.

    A clerk cancels on the person's recorded word. Free at any time; within the last hours it is
    noted as late. Safe to repeat. After the hand-over it is refused.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.cancel", person_id=order.person_id)
    _orders.assisting(actor, {order.person_id})
    if order.state != OrderState.CANCELLED:
        rules.check_order_step(order.number, OrderState(order.state), OrderState.CANCELLED)
        models.Order.objects.filter(pk=order.pk).update(
            is_late_cancel=_orders.terms_of(order).is_late
        )
        _end(actor, order, reason)
    return order_book.cards([order_id])[0]


@transaction.atomic
def report_no_show(*, actor: Actor, order_id: UUID, note: str) -> OrderCard:
    """The worker waited at the door and nobody came: the order ends, at no cost, and is noted.

    Safe to repeat. Refused before the promised time plus the waiting time (TooEarlyToReport). Two
    in ninety days pause door visits for the person (BookingPaused); stations stay open to her.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.collect", org_id=order.organisation_id)
    if order.missed_by == MissedBy.CONSUMER:
        return order_book.cards([order_id])[0]
    rules.check_order_step(order.number, OrderState(order.state), OrderState.CANCELLED)
    stop = models.RouteStop.objects.filter(order=order).first()
    starts_at, _ = _conduct.slot_bounds(clock.moment(order.slot_on), Slot(order.slot))
    arrive_at = max(stop.arrive_at, starts_at) if stop else starts_at
    _conduct.check_waited(_orders.conduct(), arrive_at=arrive_at, now=clock.now())
    models.Order.objects.filter(pk=order.pk).update(missed_by=MissedBy.CONSUMER)
    _end(actor, order, f"约定时间上门未见到消费者：{note}".rstrip("："))
    audit.record_many(actor, "recycling.no_show", [_orders.entry(order, missed_by="consumer")])
    return order_book.cards([order_id])[0]


@transaction.atomic
def report_missed_visit(
    *, actor: Actor, order_id: UUID, move: OrderMove, request_id: UUID
) -> OrderCard:
    """The van did not come: she picks another slot and another recycler comes; it is noted.

    Safe to retry. Refused until half an hour after the slot (TooEarlyToReport). The recycler's
    record, and with it its share of orders, falls.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.book", person_id=order.person_id)
    content = [order_id, repr(move)]
    if kernel_requests.first_answer(actor, "recycling.missed", request_id, content) is not None:
        return order_book.cards([order_id])[0]
    _orders.assisting(actor, {order.person_id})
    rules.check_order_step(order.number, OrderState(order.state), OrderState.CANCELLED)
    _, ends_at = _conduct.slot_bounds(clock.moment(order.slot_on), Slot(order.slot))
    _conduct.check_slot_over(ends_at=ends_at, now=clock.now())
    _orders.check_door(order)
    org_id = order.organisation_id
    _settle_elsewhere(order, move, _offers.MISSED)
    order.missed_by = MissedBy.RECYCLER
    order.save()
    audit.record_many(
        actor, "recycling.visit_missed",
        [_orders.entry(order, missed_org_id=org_id, slot_on=order.slot_on, slot=order.slot)],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.missed", request_id, {"order_id": order_id})
    return order_book.cards([order_id])[0]


def _settle_elsewhere(order: models.Order, move: OrderMove, why: str) -> None:
    """Take the new place first, then give back the old: a full slot changes nothing."""
    now = clock.now().astimezone(clock.SHANGHAI)
    rules.check_slot(move.slot_on, move.slot, today=now.date(), hour=now.hour)
    region_code = move.region_code or order.region_code
    region = identity.get_region(region_code)
    new_key = (region_code, move.slot_on, move.slot.value)
    if new_key != (order.region_code, order.slot_on, order.slot):
        _orders.swap_slots(new_key, order)
    models.RouteStop.objects.filter(order=order).delete()
    _offers.withdraw(order, why)
    order.region_code, order.region_path = region.code, region.path
    order.slot_on, order.slot = move.slot_on, move.slot
    if move.address is not None:
        order.address_sealed = crypto.seal(identity.person_key(order.person_id), move.address)
    if move.lat_e6 is not None and move.lon_e6 is not None:
        order.lat_e6, order.lon_e6 = move.lat_e6, move.lon_e6
    order.state, order.organisation_id = OrderState.BOOKED, None
    order.offered_at = order.assigned_at = None


def _end(actor: Actor, order: models.Order, reason: str) -> None:
    _orders.give_back(order)
    _offers.withdraw(order, reason)
    _requote.cancel(actor, order, reason)


def _check_conduct(actor: Actor, orders: Sequence[NewOrder]) -> None:
    if "*" in actor.permissions or actor.person_id is None:
        return  # a clerk or the platform itself may still send a van
    conduct = _orders.conduct()
    since = clock.today() - timedelta(days=conduct.missed_window_days)
    for count in _orders.missed_counts({o.person_id for o in orders}, since).values():
        _conduct.check_may_book(conduct, missed_count=count)
