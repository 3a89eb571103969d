"""At the door: address, photo, a new price and her word, collection."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, crypto, filestore
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.locking import lock_rows
from huanxin.recycling import _batteries, _handin, _orders, _pickup, _requote, models, rules
from huanxin.recycling.errors import (
    ConsentCodeWrong,
    OrderNotFound,
    RequoteDecided,
    RequoteNeedsConsent,
)
from huanxin.recycling.selectors import order_book
from huanxin.recycling.types import OrderState, RequoteState
from huanxin.recycling.types.door import DoorVisit, Pickup, PickupReceipt, RequoteCard
from huanxin.recycling.types.orders import OrderCard
from huanxin.recycling.types.valuation import UnitAnswers
from huanxin.trace import services as trace


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
        return order_book.get_requote(UUID(earlier["requote_id"]), Scope())
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
    return order_book.get_requote(requote.id, Scope())


@transaction.atomic
def answer_requote(*, actor: Actor, requote_id: UUID, is_accepted: bool) -> OrderCard:
    """The owner's word on her own phone: the new price holds, or the order ends without cost."""
    requote, order = _requote.lock(requote_id)
    identity.require(actor, "recycling.consent", person_id=order.person_id)
    if requote.state != RequoteState.PENDING:
        raise RequoteDecided(state=order_book.REQUOTE_WORDS[RequoteState(requote.state)])
    if is_accepted:
        _requote.accept(requote, order)
    else:
        _requote.refuse(actor, requote, order)
    word = "recycling.requote_accepted" if is_accepted else "recycling.requote_refused"
    audit.record_many(actor, word, [_orders.entry(order, quoted_fen=order.quoted_fen)])
    return order_book.cards([order.id])[0]


def consent_by_code(*, actor: Actor, requote_id: UUID, consent_code: str) -> OrderCard:
    """The owner reads the worker the code on her phone: the new price holds.

    Wrong codes are counted and kept counted; after five only her own phone can answer.
    """
    with transaction.atomic():
        requote, order = _requote.lock(requote_id)
        identity.require(actor, "recycling.collect", org_id=order.organisation_id)
        if requote.state != RequoteState.PENDING:
            raise RequoteDecided(state=order_book.REQUOTE_WORDS[RequoteState(requote.state)])
        left = rules.CONSENT_TRIES - requote.tries
        is_right = left > 0 and order_book.consent_code(requote.id) == consent_code.strip()
        if is_right:
            _requote.accept(requote, order)
            audit.record_many(actor, "recycling.requote_accepted", [_orders.entry(order)])
        else:
            tries = min(requote.tries + 1, rules.CONSENT_TRIES)
            models.Requote.objects.filter(pk=requote.pk).update(tries=tries)
            left = rules.CONSENT_TRIES - tries
    if not is_right:
        raise ConsentCodeWrong(left_count=left)
    return order_book.cards([order.id])[0]


@transaction.atomic
def collect_units(
    *, actor: Actor, pickups: Sequence[Pickup], request_id: UUID
) -> list[PickupReceipt]:
    """Take units over at their doors: passports opened, cash paid or 焕新券 activated.

    All or none; safe to retry. Refuses an order that is not assigned, a unit left out, without a
    photo, or different from what the owner agreed to (RequoteNeedsConsent), and an e-bike whose
    battery is not weighed (BatteryMissing; HJ 519, HJ 1186).
    """
    by_id = {pickup.order_id: pickup for pickup in pickups}
    orders = {order.id: order for order in lock_rows(models.Order, by_id)}
    for pickup in pickups:
        if pickup.order_id not in orders:
            raise OrderNotFound(order_id=pickup.order_id)
        org_id = orders[pickup.order_id].organisation_id
        identity.require(actor, "recycling.collect", org_id=org_id)
    content = [_pickup.content_of(pickup) for pickup in pickups]
    if kernel_requests.first_answer(actor, "recycling.collect", request_id, content) is not None:
        return _pickup.receipts([pickup.order_id for pickup in pickups])
    for order in orders.values():
        if order.state == OrderState.REQUOTE_PENDING:
            raise RequoteNeedsConsent(order_id=order.id)
        rules.check_order_step(order.number, OrderState(order.state), OrderState.COLLECTED)
    found = _take(actor, orders, by_id, clock.now())
    kernel_requests.remember(actor, "recycling.collect", request_id, {"count": len(orders)})
    return found


def collect_unit(*, actor: Actor, pickup: Pickup, request_id: UUID) -> PickupReceipt:
    """Collect from one door; see collect_units."""
    return collect_units(actor=actor, pickups=[pickup], request_id=request_id)[0]


@transaction.atomic
def hand_in(*, actor: Actor, visit: DoorVisit, request_id: UUID) -> PickupReceipt:
    """Everything that a phone recorded at one door without a network: consent, taking, payment.

    One transaction, so that nothing of a refused record is kept; safe to send again. Events carry
    the time of the door. Refuses a stop that another van has by now (JobReassigned), another
    amount than the owner saw (PriceMoved), a unit that differs without her code or signature
    (RequoteNeedsConsent), an e-bike without its battery's weight or with an impossible one
    (BatteryMissing, BatteryRefused), and a time that cannot be (TimeNotPossible).
    """
    order = _orders.lock_order(visit.pickup.order_id)
    identity.require(actor, "recycling.collect", org_id=order.organisation_id)
    content = _pickup.content_of(visit)
    if kernel_requests.first_answer(actor, "recycling.hand_in", request_id, content) is not None:
        return _pickup.receipts([order.id])[0]
    _handin.check_open(order)
    _handin.check_mine(actor, order)
    _handin.check_time(order, visit.happened_at)
    _handin.agree(actor, order, visit)
    _handin.check_price(order, visit)
    _handin.weigh(actor, order, visit)
    by_id = {order.id: visit.pickup}
    found = _take(actor, {order.id: order}, by_id, visit.happened_at)
    kernel_requests.remember(actor, "recycling.hand_in", request_id, {"count": 1})
    return found[0]


@transaction.atomic
def leave_without(
    *, actor: Actor, order_id: UUID, happened_at: datetime, request_id: UUID
) -> OrderCard:
    """The owner does not agree to the new price at the door: the order ends, at no cost to her.

    Safe to send again. Refuses a stop that another van has by now, and a unit already taken.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.collect", org_id=order.organisation_id)
    content = [order_id, happened_at]
    if kernel_requests.first_answer(actor, "recycling.leave", request_id, content) is not None:
        return order_book.cards([order.id])[0]
    rules.check_order_step(order.number, OrderState(order.state), OrderState.CANCELLED)
    _handin.check_mine(actor, order)
    _handin.check_time(order, happened_at)
    _orders.free_slot(order)
    _requote.cancel(actor, order, "消费者不同意上门改价，免费取消")
    kernel_requests.remember(actor, "recycling.leave", request_id, {"count": 1})
    return order_book.cards([order.id])[0]


@transaction.atomic
def reserve_labels(*, actor: Actor, count: int) -> list[str]:
    """Unit codes for a worker who will have no network; nobody else is given the same ones.

    A code that is never used is only a gap in the sequence.
    """
    org_id = actor.org_id
    identity.require(actor, "recycling.collect", org_id=org_id)
    assert org_id is not None, "a worker belongs to a recycler"
    if count == 0:
        return []
    region_code = identity.get_organisation(org_id).region_code
    codes = trace.issue_unit_codes(count=count, on=clock.today(), region_code=region_code)
    audit.record(
        actor, "recycling.labels_reserved", "organisation", org_id, org_id=org_id, count=count
    )
    return codes


def _take(
    actor: Actor, orders: dict[UUID, models.Order], pickups: dict[UUID, Pickup], at: datetime
) -> list[PickupReceipt]:
    """Units change hands and are paid for; `at` is when that happened at the door."""
    units = _pickup.units_by_order(list(pickups))
    matched = {oid: _pickup.match(pickups[oid], units[oid]) for oid in orders}
    _batteries.check_weighed(orders, units)
    now = clock.now()
    _pickup.give_codes(orders, matched)
    payouts = _pickup.pay(orders, units, now)
    _pickup.commission(orders, matched, at)
    _pickup.write(list(orders.values()), pickups, matched, at)
    models.Payout.objects.bulk_create(payouts.values())
    audit.record_many(
        actor,
        "recycling.collected",
        [
            _orders.entry(o, choice=o.choice, paid_fen=o.paid_fen, unit_count=len(units[o.id]))
            for o in orders.values()
        ],
    )
    return [_pickup.receipt(orders[oid], units[oid], payouts.get(oid)) for oid in pickups]
