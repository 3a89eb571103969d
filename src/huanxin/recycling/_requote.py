"""Mechanics of a new price at the door, and of an order's early end."""

from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row
from huanxin.recycling import _orders, _pickup, _standard, models
from huanxin.recycling.types import OrderState, RequoteState, UnitState
from huanxin.recycling.types.valuation import QuoteAsk, UnitAnswers


def ask(order: models.Order, unit_id: UUID, answers: UnitAnswers) -> models.Requote:
    """Value the unit as found and wait for the owner's word."""
    unit = models.Unit.objects.filter(pk=unit_id, order=order).select_related("final_quote").first()
    if unit is None:
        raise NotFound(model="Unit", id=unit_id)
    person = identity.cards([order.person_id])[order.person_id]
    quote = _standard.quote_rows(
        [QuoteAsk(order.person_id, answers)], region_codes={person.id: person.region_code}
    )[0]
    quote.save(force_insert=True)
    requote = models.Requote(
        id=ids.new_id(),
        order=order,
        unit=unit,
        old_quote=unit.final_quote,
        new_quote=quote,
        state=RequoteState.PENDING,
        asked_at=clock.now(),
    )
    requote.save(force_insert=True)
    _set_state(order, OrderState.REQUOTE_PENDING)
    return requote


def lock(requote_id: UUID) -> tuple[models.Requote, models.Order]:
    """The requote and its order, both held; the order first, as everywhere."""
    found = models.Requote.objects.filter(pk=requote_id).values_list("order_id", flat=True).first()
    if found is None:
        raise NotFound(model="Requote", id=requote_id)
    order = _orders.lock_order(found)
    return lock_row(models.Requote, requote_id), order


def accept(requote: models.Requote, order: models.Order) -> None:
    """The new price holds; the 焕新券 is issued anew at its value; the worker may go on."""
    _decide(requote, RequoteState.CONSENTED)
    models.Unit.objects.filter(pk=requote.unit_id).update(final_quote_id=requote.new_quote_id)
    units = _pickup.units_by_order([order.id])[order.id]
    _pickup.reissue_voucher(order, units)
    if not _pickup.is_pending(order.id):
        _set_state(order, OrderState.ASSIGNED)


def refuse(actor: Actor, requote: models.Requote, order: models.Order) -> None:
    """The owner keeps the unit: the order ends, at no cost."""
    _decide(requote, RequoteState.REFUSED)
    cancel(actor, order, "消费者不同意上门改价，免费取消")


def cancel(actor: Actor, order: models.Order, reason: str) -> None:
    """End an order before the hand-over: stop off the route, units out, 焕新券 void."""
    now = clock.now()
    models.RouteStop.objects.filter(order=order).delete()
    models.Unit.objects.filter(order=order).update(state=UnitState.CANCELLED)
    models.Requote.objects.filter(order=order, state=RequoteState.PENDING).update(
        state=RequoteState.REFUSED, decided_at=now
    )
    models.Order.objects.filter(pk=order.pk).update(
        state=OrderState.CANCELLED, cancelled_at=now, cancel_reason=reason[:200]
    )
    order.state = OrderState.CANCELLED
    _orders.void_voucher(order, reason)
    audit.record_many(actor, "recycling.cancelled", [_orders.entry(order, reason=reason)])


def _decide(requote: models.Requote, state: RequoteState) -> None:
    requote.state, requote.decided_at = state, clock.now()
    requote.save(update_fields=["state", "decided_at"])


def _set_state(order: models.Order, state: OrderState) -> None:
    order.state = state
    models.Order.objects.filter(pk=order.pk).update(state=state)
