"""Routes and offers: the overnight plan, running insertion, answers, jobs given back."""

from datetime import date
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.recycling import _dispatch, _fairness, _offers, _orders, models
from huanxin.recycling.errors import JobNotYours, OfferAnswered
from huanxin.recycling.selectors import order_book, route_book
from huanxin.recycling.types import OfferState, OrderState
from huanxin.recycling.types.orders import OrderCard
from huanxin.recycling.types.routes import RoutePlan


@transaction.atomic
def dispatch_waiting(*, actor: Actor, region_path: str | None = None, limit: int = 500) -> int:
    """Offer waiting orders by the published rule and slip them into routes already running.

    Offers without an answer in time go to the next best first. A promised stop is never moved: an
    order that fits nowhere waits for the overnight plan. Safe to repeat. Returns how many got a
    recycler or a van. The default region is the actor's own.
    """
    path = actor.scope.region_path if region_path is None else region_path
    identity.require(actor, "recycling.plan", region_path=path)
    waiting = _dispatch.lock_waiting(path, on=None, limit=limit)
    return _place(actor, waiting)


@transaction.atomic
def plan_routes(*, actor: Actor, on: date, region_path: str) -> list[RoutePlan]:
    """Plan a day's routes overnight: depots, vans, loads, skills, hours, windows (PyVRP).

    Vans that already have a route that day keep it. Orders that fit on no van stay waiting.
    Repeating it plans only what came since. A manager plans their own recycler's vans, and by it
    accepts what is offered to it.
    """
    identity.require(actor, "recycling.plan", region_path=region_path)
    waiting = _dispatch.lock_waiting(region_path, on=on, limit=None)
    offered = _dispatch.offer(waiting)
    audit.record_many(actor, "recycling.offered", [_orders.entry(order) for order in offered])
    ready = _dispatch.accepted(waiting, actor.org_id)
    mine = [o for o in ready if actor.org_id in (None, o.organisation_id)]
    routes, assigned = _dispatch.plan_day(mine, on)
    audit.record_many(actor, "recycling.assigned", [_orders.entry(order) for order in assigned])
    return route_book.route_plans([route.id for route in routes])


@transaction.atomic
def answer_offer(*, actor: Actor, order_id: UUID, is_accepted: bool, reason: str = "") -> OrderCard:
    """A recycler's word on an order offered to it; a refusal goes to the next best at once.

    Safe to repeat with the same word; an offer that lapsed or was withdrawn is OfferAnswered.
    """
    order, offer = _standing(order_id, actor)
    if offer.state == OfferState.ACCEPTED and is_accepted:
        return order_book.cards([order_id])[0]
    if offer.state != OfferState.OPEN:
        raise OfferAnswered(state=OfferState(offer.state).label)
    now = clock.now()
    state = OfferState.ACCEPTED if is_accepted else OfferState.REFUSED
    _offers.answer(order, state, reason, now)
    action = "recycling.offer_accepted" if is_accepted else "recycling.offer_refused"
    audit.record_many(actor, action, [_orders.entry(order, reason=reason)])
    if not is_accepted:
        _set_free(order)
    _place(actor, [order])
    return order_book.cards([order_id])[0]


@transaction.atomic
def return_job(*, actor: Actor, order_id: UUID, reason: str) -> OrderCard:
    """Give back an accepted order: it is offered to the next best at once, and it is noted.

    Refused (JobNotYours) when the visit is near, has begun, or is a village day's.
    """
    order, _ = _standing(order_id, actor)
    if order.state not in {OrderState.BOOKED, OrderState.ASSIGNED}:
        raise JobNotYours(number=order.number, reason=f"处于“{OrderState(order.state).label}”")
    stop = models.RouteStop.objects.filter(order=order).first()
    latest = _fairness.shipped().return_before
    if stop is not None and clock.now() > stop.arrive_at - latest:
        raise JobNotYours(number=order.number, reason="离承诺到达时间太近")
    models.RouteStop.objects.filter(order=order).delete()
    _offers.answer(order, OfferState.REFUSED, reason or "退单", clock.now())
    audit.record_many(actor, "recycling.job_returned", [_orders.entry(order, reason=reason)])
    _set_free(order)
    _place(actor, [order])
    return order_book.cards([order_id])[0]


@transaction.atomic
def set_auto_accept(*, actor: Actor, org_id: UUID, is_auto_accept: bool) -> None:
    """Whether a recycler takes every offer at once, or answers each within the response time."""
    identity.require(actor, "recycling.answer_offer", org_id=org_id)
    models.DispatchProfile.objects.update_or_create(
        organisation_id=org_id,
        defaults={"is_auto_accept": is_auto_accept, "set_at": clock.now()},
    )
    audit.record(
        actor, "recycling.auto_accept_set", "organisation", org_id, org_id=org_id,
        is_auto_accept=is_auto_accept,
    )  # fmt: skip


def _place(actor: Actor, waiting: list[models.Order]) -> int:
    """Offer what is free and insert what is accepted; how many got a recycler or a van."""
    offered = _dispatch.offer(waiting)
    inserted = _dispatch.insert_waiting(_dispatch.accepted(waiting, None))
    audit.record_many(actor, "recycling.offered", [_orders.entry(order) for order in offered])
    audit.record_many(actor, "recycling.assigned", [_orders.entry(order) for order in inserted])
    return len({order.id for order in [*offered, *inserted]})


def _standing(order_id: UUID, actor: Actor) -> tuple[models.Order, models.Offer]:
    order = _orders.lock_order(order_id)
    offer = models.Offer.objects.filter(order=order, state__in=_offers.STANDING).first()
    identity.require(
        actor, "recycling.answer_offer", org_id=offer.organisation_id if offer else actor.org_id
    )
    if offer is None:
        last = models.Offer.objects.filter(order=order).order_by("-round").first()
        raise OfferAnswered(state=OfferState(last.state).label if last else "收回")
    return order, offer


def _set_free(order: models.Order) -> None:
    order.state, order.organisation_id = OrderState.BOOKED, None
    order.offered_at = order.assigned_at = None
    order.save(update_fields=["state", "organisation", "offered_at", "assigned_at"])
