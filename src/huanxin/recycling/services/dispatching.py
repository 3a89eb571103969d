"""Routes: the overnight plan and running insertion."""

from datetime import date

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel.actor import Actor
from huanxin.recycling import _dispatch, _orders
from huanxin.recycling.selectors import route_book
from huanxin.recycling.types.routes import RoutePlan


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
    return route_book.route_plans([route.id for route in routes])
