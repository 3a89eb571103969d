"""Mechanics of what a phone recorded without a network and hands in later."""

from datetime import datetime

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, money
from huanxin.kernel.actor import Actor
from huanxin.recycling import _batteries, _orders, _pickup, _requote, models, rules
from huanxin.recycling.errors import (
    BatteryRefused,
    ConsentCodeWrong,
    JobReassigned,
    PriceMoved,
    RequoteNeedsConsent,
)
from huanxin.recycling.selectors import order_book
from huanxin.recycling.types import OrderState, RequoteState
from huanxin.recycling.types.door import DoorVisit


def check_mine(actor: Actor, order: models.Order) -> None:
    """Refuse a stop that is on another worker's van by now; who plans routes may take any."""
    stop = models.RouteStop.objects.filter(order=order).select_related("route__van").first()
    van = stop.route.van if stop else None
    others = van is not None and van.collector_account_id not in (None, actor.account_id)
    if van is not None and others and not identity.may(actor, "recycling.plan"):
        raise JobReassigned(number=order.number, van_name=van.name)


def check_open(order: models.Order) -> None:
    """Refuse an order that is not waiting at its door; a new price may still wait for her word."""
    if order.state != OrderState.REQUOTE_PENDING:
        rules.check_order_step(order.number, OrderState(order.state), OrderState.COLLECTED)


def check_time(order: models.Order, happened_at: datetime) -> None:
    """Refuse a time that the door cannot have been reached at."""
    rules.check_happened(
        happened_at, now=clock.now(), not_before=order.assigned_at or order.booked_at
    )


def agree(actor: Actor, order: models.Order, visit: DoorVisit) -> None:
    """What was found instead of what was said becomes what is agreed, by her code or signature."""
    waiting = models.Requote.objects.filter(order=order, state=RequoteState.PENDING).first()
    if waiting is not None:
        if visit.consent_code != order_book.consent_code(waiting.id):
            raise ConsentCodeWrong(left_count=rules.CONSENT_TRIES - waiting.tries)
        _accept(actor, waiting, order, by="code")
    agreed = {unit.id: unit for unit in _pickup.units_by_order([order.id])[order.id]}
    for one in visit.pickup.units:
        unit = agreed.get(one.unit_id)
        if unit is None or one.answers in (None, unit.final_quote.as_quote().answers):
            continue
        if visit.signature_sha256 is None:
            raise RequoteNeedsConsent(unit_id=one.unit_id)
        assert one.answers is not None
        requote = _requote.ask(order, unit.id, one.answers)
        models.Requote.objects.filter(pk=requote.pk).update(
            signature_sha256=visit.signature_sha256, signed_at=visit.happened_at
        )
        _accept(actor, requote, order, by="signature")


def check_price(order: models.Order, visit: DoorVisit) -> None:
    """Refuse to pay another amount than the owner saw."""
    order.refresh_from_db(fields=["quoted_fen", "state", "voucher_id"])
    if order.quoted_fen != visit.seen_fen:
        raise PriceMoved(
            number=order.number, seen=money.yuan(visit.seen_fen),
            quoted=money.yuan(order.quoted_fen), quoted_fen=order.quoted_fen,
        )  # fmt: skip
    if order.state == OrderState.REQUOTE_PENDING:
        raise RequoteNeedsConsent(order_id=order.id)


def weigh(actor: Actor, order: models.Order, visit: DoorVisit) -> None:
    """Batteries that the phone's worker weighed; one weighed on the page before stays as it is."""
    rows = models.Unit.objects.filter(order=order, category_code=rules.BIKE)
    bikes = {unit.id: unit for unit in rows}
    weighed = models.Battery.objects.filter(unit__in=bikes).values_list("unit_id", flat=True)
    known = set(weighed)
    for one in visit.batteries:
        if one.unit_id not in bikes:
            raise BatteryRefused(reason="这台旧机不是本单的电动自行车")
        unit = bikes[one.unit_id]
        card = _batteries.weigh(order, unit, one.kind, one.mass_g, visit.happened_at)
        if unit.id not in known:
            line = _batteries.audit_line(order, card)
            audit.record_many(actor, "recycling.battery_weighed", [line])


def _accept(actor: Actor, requote: models.Requote, order: models.Order, *, by: str) -> None:
    _requote.accept(requote, order)
    audit.record_many(actor, "recycling.requote_accepted", [_orders.entry(order, by=by)])
