"""Everything that may happen to an old unit between the owner's door and its remains.

The public verbs take batches and are all or none. Each: permit, lock, replay, decide, write, audit.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import audit, clock, crypto, filestore, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.locking import lock_rows
from huanxin.recycling import (
    _chain,
    _dispatch,
    _orders,
    _pickup,
    _requote,
    _runs,
    _standard,
    models,
    rules,
    selectors,
)
from huanxin.recycling.errors import (
    ConsentCodeWrong,
    LotStateRefuses,
    OrderNotFound,
    RequoteDecided,
    RequoteNeedsConsent,
)
from huanxin.recycling.types import (
    CertificateCard,
    Grade,
    LotCard,
    LotReceipt,
    LotState,
    NewLot,
    NewOrder,
    NewRun,
    NewVan,
    OrderCard,
    OrderState,
    Pickup,
    PickupReceipt,
    QuoteAsk,
    RequoteCard,
    RequoteState,
    RoutePlan,
    Slot,
    UnitAnswers,
    UnitState,
    ValuationQuote,
    WeighIn,
)
from huanxin.trace import services as trace


@transaction.atomic
def load_reference(*, actor: Actor) -> int:
    """Publish the shipped valuation standards that are not published yet; returns how many."""
    identity.require(actor, "recycling.load_reference")
    count = _standard.publish_shipped()
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


@transaction.atomic
def quote_many(*, actor: Actor, asks: Sequence[QuoteAsk]) -> list[ValuationQuote]:
    """Value units by the standard in force, each with a numbered proof (评估凭证) and its reasons.

    Each call makes new proofs; an unused one lapses by itself. A category that the standard does
    not list raises CategoryNotTaken.
    """
    people = {ask.person_id for ask in asks}
    for person_id in people:
        identity.require(actor, "recycling.quote", person_id=person_id)
    cards = identity.cards(people)
    rows = _standard.quote_rows(
        asks, region_codes={pid: card.region_code for pid, card in cards.items()}
    )
    models.Quote.objects.bulk_create(rows)
    audit.record_many(
        actor,
        "recycling.quoted",
        [
            audit.Entry("quote", row.id, cards[row.person_id].region_path, None,
                        {"number": row.number, "cash_fen": row.cash_fen})
            for row in rows
        ],
    )  # fmt: skip
    return [row.as_quote() for row in rows]


def quote_old_unit(*, actor: Actor, person_id: UUID, answers: UnitAnswers) -> ValuationQuote:
    """Value one unit; see quote_many."""
    return quote_many(actor=actor, asks=[QuoteAsk(person_id, answers)])[0]


@transaction.atomic
def book_orders(*, actor: Actor, orders: Sequence[NewOrder], request_id: UUID) -> list[OrderCard]:
    """Book doors to collect from, each in a slot with room, and issue the 焕新券 that were chosen.

    All or none; safe to retry. Refuses a slot that is full or over, and a quote that has lapsed,
    was used, or is another person's. City rule of 22 March 2024: a voucher is issued 待激活.
    """
    for person_id in {order.person_id for order in orders}:
        identity.require(actor, "recycling.book", person_id=person_id)
    content = [repr(order) + order.address for order in orders]
    if earlier := kernel_requests.first_answer(actor, "recycling.book", request_id, content):
        return selectors.cards([UUID(one) for one in earlier["order_ids"]])
    for order in orders:
        _orders.check_new(order)
    quotes = _orders.usable_quotes(orders)
    _orders.take_slots(orders)
    regions = _orders.regions_of({order.region_code for order in orders})
    rows = _orders.lay_orders(orders, quotes, regions)
    mine = {
        row.id: [quotes[quote_id] for quote_id in order.quote_ids]
        for row, order in zip(rows, orders, strict=True)
    }
    _orders.issue_vouchers(rows, mine)
    audit.record_many(
        actor,
        "recycling.booked",
        [_orders.entry(row, choice=row.choice, quoted_fen=row.quoted_fen) for row in rows],
    )
    answer = {"order_ids": [row.id for row in rows]}
    kernel_requests.remember(actor, "recycling.book", request_id, answer)
    return selectors.cards([row.id for row in rows])


def book_order(*, actor: Actor, order: NewOrder, request_id: UUID) -> OrderCard:
    """Book one door; see book_orders."""
    return book_orders(actor=actor, orders=[order], request_id=request_id)[0]


@transaction.atomic
def cancel_order(*, actor: Actor, order_id: UUID, reason: str) -> OrderCard:
    """Cancel before the unit is taken: the slot is free again and the 焕新券 已作废.

    Safe to repeat. After the hand-over it is refused.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.cancel", person_id=order.person_id)
    if order.state != OrderState.CANCELLED:
        rules.check_order_step(order.number, OrderState(order.state), OrderState.CANCELLED)
        _orders.free_slot(order)
        _requote.cancel(actor, order, reason)
    return selectors.cards([order_id])[0]


@transaction.atomic
def dispatch_waiting(*, actor: Actor, region_path: str | None = None, limit: int = 500) -> int:
    """Offer waiting orders to the nearest recycler and slip them into routes already running.

    A promised stop is never moved: an order that fits nowhere waits for the overnight plan. Safe
    to repeat. Returns how many got a recycler or a van. The default region is the actor's own.
    """
    path = actor.scope.region_path if region_path is None else region_path
    identity.require(actor, "recycling.plan", region_path=path)
    waiting = _dispatch.lock_waiting(path, on=None, limit=limit)
    offered = _dispatch.offer(waiting)
    inserted = _dispatch.insert_waiting(waiting)
    audit.record_many(actor, "recycling.offered", [_orders.entry(order) for order in offered])
    audit.record_many(actor, "recycling.assigned", [_orders.entry(order) for order in inserted])
    return len({order.id for order in [*offered, *inserted]})


@transaction.atomic
def plan_routes(*, actor: Actor, on: date, region_path: str) -> list[RoutePlan]:
    """Plan a day's routes overnight: depots, vans, capacities and the promised windows (PyVRP).

    Vans that already have a route that day keep it. Orders that fit on no van stay waiting.
    Repeating it plans only what came since. A manager plans their own recycler's vans.
    """
    identity.require(actor, "recycling.plan", region_path=region_path)
    waiting = _dispatch.lock_waiting(region_path, on=on, limit=None)
    offered = _dispatch.offer(waiting)
    audit.record_many(actor, "recycling.offered", [_orders.entry(order) for order in offered])
    mine = [o for o in waiting if actor.org_id in (None, o.organisation_id)]
    routes, assigned = _dispatch.plan_day(mine, on)
    audit.record_many(actor, "recycling.assigned", [_orders.entry(order) for order in assigned])
    return selectors.route_plans([route.id for route in routes])


@transaction.atomic
def reveal_address(*, actor: Actor, order_id: UUID, reason: str) -> str:
    """The door's address in full for who must go there; the look is recorded (promise 7)."""
    order = models.Order.objects.filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound(order_id=order_id)
    if actor.person_id != order.person_id:
        identity.require(actor, "recycling.collect", org_id=order.organisation_id)
    audit.record(
        actor, "recycling.address_revealed", "recycling_order", order.id,
        region_path=order.region_path, org_id=order.organisation_id, reason=reason,
    )  # fmt: skip
    key = identity.person_key(order.person_id)
    return crypto.unseal(key, bytes(order.address_sealed))


def keep_photo(*, actor: Actor, order_id: UUID, content: bytes) -> str:
    """Store a photo taken at the door, encrypted; returns its SHA-256, which the pickup names.

    Safe to repeat. Not in a transaction: a file that no pickup names is only space.
    """
    order = models.Order.objects.filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound(order_id=order_id)
    identity.require(actor, "recycling.collect", org_id=order.organisation_id)
    return filestore.file_store().put(content)


@transaction.atomic
def request_requote(
    *, actor: Actor, order_id: UUID, unit_id: UUID, answers: UnitAnswers, request_id: UUID
) -> RequoteCard:
    """The unit differs from what was said: value it anew and ask the owner. Nothing is taken yet.

    Safe to retry. The owner may refuse at no cost.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.collect", org_id=order.organisation_id)
    content = [order_id, unit_id, answers.as_json()]
    if earlier := kernel_requests.first_answer(actor, "recycling.requote", request_id, content):
        return selectors.get_requote(UUID(earlier["requote_id"]), Scope())
    rules.check_order_step(order.number, OrderState(order.state), OrderState.REQUOTE_PENDING)
    requote = _requote.ask(order, unit_id, answers)
    audit.record_many(
        actor,
        "recycling.requoted",
        [
            _orders.entry(
                order,
                old_cash_fen=requote.old_quote.cash_fen,
                new_cash_fen=requote.new_quote.cash_fen,
            )
        ],
    )
    kernel_requests.remember(actor, "recycling.requote", request_id, {"requote_id": requote.id})
    return selectors.get_requote(requote.id, Scope())


@transaction.atomic
def answer_requote(*, actor: Actor, requote_id: UUID, is_accepted: bool) -> OrderCard:
    """The owner's word on her own phone: the new price holds, or the order ends without cost."""
    requote, order = _requote.lock(requote_id)
    identity.require(actor, "recycling.consent", person_id=order.person_id)
    if requote.state != RequoteState.PENDING:
        raise RequoteDecided(state=selectors.REQUOTE_WORDS[RequoteState(requote.state)])
    if is_accepted:
        _requote.accept(requote, order)
    else:
        _requote.refuse(actor, requote, order)
    word = "recycling.requote_accepted" if is_accepted else "recycling.requote_refused"
    audit.record_many(actor, word, [_orders.entry(order, quoted_fen=order.quoted_fen)])
    return selectors.cards([order.id])[0]


def consent_by_code(*, actor: Actor, requote_id: UUID, consent_code: str) -> OrderCard:
    """The owner reads the worker the code on her phone: the new price holds.

    Wrong codes are counted and kept counted; after five only her own phone can answer.
    """
    with transaction.atomic():
        requote, order = _requote.lock(requote_id)
        identity.require(actor, "recycling.collect", org_id=order.organisation_id)
        if requote.state != RequoteState.PENDING:
            raise RequoteDecided(state=selectors.REQUOTE_WORDS[RequoteState(requote.state)])
        left = rules.CONSENT_TRIES - requote.tries
        is_right = left > 0 and selectors.consent_code(requote.id) == consent_code.strip()
        if is_right:
            _requote.accept(requote, order)
            audit.record_many(actor, "recycling.requote_accepted", [_orders.entry(order)])
        else:
            tries = min(requote.tries + 1, rules.CONSENT_TRIES)
            models.Requote.objects.filter(pk=requote.pk).update(tries=tries)
            left = rules.CONSENT_TRIES - tries
    if not is_right:
        raise ConsentCodeWrong(left_count=left)
    return selectors.cards([order.id])[0]


@transaction.atomic
def collect_units(
    *, actor: Actor, pickups: Sequence[Pickup], request_id: UUID
) -> list[PickupReceipt]:
    """Take units over at their doors: passports opened, cash paid or 焕新券 activated.

    All or none; safe to retry. Refuses an order that is not assigned, a unit left out, without a
    photo, or different from what the owner agreed to (RequoteNeedsConsent).
    """
    by_id = {pickup.order_id: pickup for pickup in pickups}
    orders = {order.id: order for order in lock_rows(models.Order, by_id)}
    for pickup in pickups:
        if pickup.order_id not in orders:
            raise OrderNotFound(order_id=pickup.order_id)
        org_id = orders[pickup.order_id].organisation_id
        identity.require(actor, "recycling.collect", org_id=org_id)
    content = [repr(pickup) for pickup in pickups]
    if kernel_requests.first_answer(actor, "recycling.collect", request_id, content) is not None:
        return _pickup.receipts([pickup.order_id for pickup in pickups])
    for order in orders.values():
        if order.state == OrderState.REQUOTE_PENDING:
            raise RequoteNeedsConsent(order_id=order.id)
        rules.check_order_step(order.number, OrderState(order.state), OrderState.COLLECTED)
    units = _pickup.units_by_order(list(by_id))
    matched = {oid: _pickup.match(by_id[oid], units[oid]) for oid in orders}
    now = clock.now()
    _pickup.give_codes(orders, matched)
    payouts = {oid: p for oid in orders if (p := _pickup.pay(orders[oid], units[oid], now))}
    _pickup.commission(orders, matched, now)
    _pickup.write(list(orders.values()), by_id, matched, now)
    models.Payout.objects.bulk_create(payouts.values())
    audit.record_many(
        actor,
        "recycling.collected",
        [
            _orders.entry(o, choice=o.choice, paid_fen=o.paid_fen, unit_count=len(units[o.id]))
            for o in orders.values()
        ],
    )
    kernel_requests.remember(actor, "recycling.collect", request_id, {"count": len(orders)})
    return [_pickup.receipt(orders[oid], units[oid], payouts.get(oid)) for oid in by_id]


def collect_unit(*, actor: Actor, pickup: Pickup, request_id: UUID) -> PickupReceipt:
    """Collect from one door; see collect_units."""
    return collect_units(actor=actor, pickups=[pickup], request_id=request_id)[0]


@transaction.atomic
def receive_at_depot(
    *, actor: Actor, depot_org_id: UUID, weights: Sequence[WeighIn], request_id: UUID
) -> int:
    """Weigh units in at the depot; custody passes to it if another recycler collected them.

    All or none; safe to retry. Refuses a unit that was neither just collected nor missing from a
    lot that has arrived.
    """
    identity.require(actor, "recycling.depot", org_id=depot_org_id)
    content = [depot_org_id, [repr(w) for w in weights]]
    if kernel_requests.first_answer(actor, "recycling.receive", request_id, content) is not None:
        return len(weights)
    _chain.check_party(depot_org_id, OrgKind.RECYCLER)
    codes = [w.unit_code for w in weights]
    units = _chain.lock_units(codes, UnitState.COLLECTED, UnitState.SHIPPED)
    now = clock.now()
    givers = _chain.givers(units)
    glns = trace.party_glns(org_ids=list({depot_org_id, *givers.values()}))
    trace.capture_events(
        events=[
            _chain.receiving(
                units[w.unit_code], w.mass_g, giver=givers[w.unit_code],
                taker=depot_org_id, glns=glns, now=now,
            )
            for w in weights
        ]
    )  # fmt: skip
    orders = {unit.order_id for unit in units.values()}
    _chain.store_receiving(depot_org_id, weights, orders, now)
    audit.record_many(
        actor,
        "recycling.received",
        [
            audit.Entry("unit", w.unit_code, units[w.unit_code].order.region_path, depot_org_id,
                        {"mass_g": w.mass_g})
            for w in weights
        ],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.receive", request_id, {"count": len(weights)})
    return len(weights)


@transaction.atomic
def grade_units(
    *, actor: Actor, depot_org_id: UUID, grades: Sequence[Grade], request_id: UUID
) -> int:
    """Grade units in the depot: to be dismantled, or to be refurbished (条例 551 号: reuse is no
    处理). Safe to retry."""
    identity.require(actor, "recycling.depot", org_id=depot_org_id)
    content = [depot_org_id, [repr(g) for g in grades]]
    if kernel_requests.first_answer(actor, "recycling.grade", request_id, content) is not None:
        return len(grades)
    units = _chain.lock_units([g.unit_code for g in grades], UnitState.IN_DEPOT)
    for unit in units.values():
        unit.next_step = None  # a second look may decide anew
    _chain.check_stock(units, depot_org_id)
    now = clock.now()
    gln = trace.party_glns(org_ids=[depot_org_id])[depot_org_id]
    trace.capture_events(
        events=[
            _chain.inspecting(units[g.unit_code], g.grade, g.next_step, gln, now) for g in grades
        ]
    )
    _chain.store_grades([(g.unit_code, g.grade, g.next_step.value) for g in grades], now)
    audit.record_many(
        actor,
        "recycling.graded",
        [
            audit.Entry("unit", g.unit_code, units[g.unit_code].order.region_path, depot_org_id,
                        {"grade": g.grade, "next_step": g.next_step})
            for g in grades
        ],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.grade", request_id, {"count": len(grades)})
    return len(grades)


@transaction.atomic
def pack_lots(*, actor: Actor, lots: Sequence[NewLot], request_id: UUID) -> list[LotCard]:
    """Pack units into sealed lots, each named by an SSCC. Safe to retry.

    Refuses a unit that is not in that depot or is to be refurbished, and a dismantler that is not
    admitted.
    """
    for lot in lots:
        identity.require(actor, "recycling.ship", org_id=lot.depot_org_id)
    content = [repr(lot) for lot in lots]
    if earlier := kernel_requests.first_answer(actor, "recycling.pack", request_id, content):
        return selectors.lot_cards([UUID(one) for one in earlier["lot_ids"]])
    units = _chain.lock_units([c for lot in lots for c in lot.unit_codes], UnitState.IN_DEPOT)
    for lot in lots:
        _chain.check_party(lot.dismantler_org_id, OrgKind.DISMANTLER)
        _chain.check_stock({code: units[code] for code in lot.unit_codes}, lot.depot_org_id)
    rows = _runs.pack(lots, units)
    audit.record_many(
        actor,
        "recycling.packed",
        [
            audit.Entry("lot", row.id, row.region_path, row.depot_id,
                        {"number": row.number, "unit_count": len(lot.unit_codes)})
            for row, lot in zip(rows, lots, strict=True)
        ],
    )  # fmt: skip
    answer = {"lot_ids": [row.id for row in rows]}
    kernel_requests.remember(actor, "recycling.pack", request_id, answer)
    return selectors.lot_cards([row.id for row in rows])


def pack_lot(
    *,
    actor: Actor,
    depot_org_id: UUID,
    unit_codes: Sequence[str],
    dismantler_org_id: UUID,
    request_id: UUID,
) -> LotCard:
    """Pack one lot; see pack_lots."""
    lot = NewLot(depot_org_id, dismantler_org_id, tuple(unit_codes))
    return pack_lots(actor=actor, lots=[lot], request_id=request_id)[0]


@transaction.atomic
def ship_lots(*, actor: Actor, lot_ids: Sequence[UUID]) -> list[LotCard]:
    """Lots leave their depot, which answers for them until the dismantler has received them.

    Safe to repeat: a lot already under way stays so. A received one is refused.
    """
    rows = lock_rows(models.Lot, lot_ids)
    for row in rows:
        identity.require(actor, "recycling.ship", org_id=row.depot_id)
        if row.state == LotState.RECEIVED:
            raise LotStateRefuses(number=row.number, state="已验收", wanted="发运")
    leaving = [row for row in rows if row.state == LotState.PACKED]
    _runs.ship(leaving)
    audit.record_many(
        actor,
        "recycling.shipped",
        [audit.Entry("lot", row.id, row.region_path, row.depot_id) for row in leaving],
    )
    return selectors.lot_cards([row.id for row in rows])


def ship_lot(*, actor: Actor, lot_id: UUID) -> LotCard:
    """Ship one lot; see ship_lots."""
    return ship_lots(actor=actor, lot_ids=[lot_id])[0]


@transaction.atomic
def receive_lots(
    *, actor: Actor, receipts: Sequence[LotReceipt], request_id: UUID
) -> list[LotCard]:
    """Take lots over at the dismantler's gate by scanning and weighing each unit. Safe to retry.

    What differs from the packing list (missing, extra, weight off) is recorded, not refused; only
    units that are on the list and were scanned change hands.
    """
    rows = {row.id: row for row in lock_rows(models.Lot, [r.lot_id for r in receipts])}
    for row in rows.values():
        identity.require(actor, "recycling.receive", org_id=row.dismantler_id)
    content = [repr(receipt) for receipt in receipts]
    if kernel_requests.first_answer(actor, "recycling.gate", request_id, content) is not None:
        return selectors.lot_cards([receipt.lot_id for receipt in receipts])
    for receipt in receipts:
        _runs.check_arriving(rows, receipt)
    lines = _runs.receive(rows, receipts)
    audit.record_many(
        actor,
        "recycling.lot_received",
        [
            audit.Entry("lot", row.id, row.region_path, row.dismantler_id,
                        {"discrepancy_count": len(lines[row.id])})
            for row in rows.values()
        ],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.gate", request_id, {"count": len(rows)})
    return selectors.lot_cards([receipt.lot_id for receipt in receipts])


@transaction.atomic
def dismantle(*, actor: Actor, runs: Sequence[NewRun], request_id: UUID) -> list[CertificateCard]:
    """Take units apart: materials out, mass balanced, passports closed, a certificate per run.

    All or none; safe to retry. Each run holds one waste class. Refuses a unit not received here or
    dismantled before, a material the class does not have, and a mass out of balance
    (MassOutOfBalance); then nothing is written. 国环规固体〔2019〕1号 asks for the balance.
    """
    for run in runs:
        identity.require(actor, "recycling.dismantle", org_id=run.dismantler_org_id)
    content = [repr(run) for run in runs]
    if earlier := kernel_requests.first_answer(actor, "recycling.dismantle", request_id, content):
        return selectors.certificates(earlier["numbers"])
    units = _chain.lock_units([c for r in runs for c in r.unit_codes], UnitState.AT_DISMANTLER)
    rows = _runs.dismantle(runs, units)
    done = _chain.complete_orders({unit.order_id for unit in units.values()}, clock.now())
    audit.record_many(
        actor,
        "recycling.dismantled",
        [
            audit.Entry("run", row.id, row.region_path, row.dismantler_id,
                        {"certificate_no": row.certificate_no, "mass_in_g": row.mass_in_g,
                         "mass_out_g": row.mass_out_g, "unit_count": row.unit_count})
            for row in rows
        ],
    )  # fmt: skip
    audit.record_many(
        actor, "recycling.completed", [_orders.entry(o) for o in _runs.orders_of(done)]
    )
    answer = {"numbers": [row.certificate_no for row in rows]}
    kernel_requests.remember(actor, "recycling.dismantle", request_id, answer)
    return selectors.certificates(answer["numbers"])
