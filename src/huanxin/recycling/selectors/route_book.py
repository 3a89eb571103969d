"""Vans, routes and the jobs on them: reads only."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from huanxin.kernel.actor import Scope
from huanxin.recycling import _fairness, _offers, models
from huanxin.recycling.selectors import order_book
from huanxin.recycling.types import Choice, OfferState, OrderState, Slot
from huanxin.recycling.types.orders import UnitCard
from huanxin.recycling.types.routes import (
    JobCard,
    OfferCard,
    RoutePlan,
    RouteStopCard,
    ShareLine,
    VanCard,
)


def list_vans(scope: Scope) -> list[VanCard]:
    """Vans in service within the scope."""
    rows = models.Van.objects.filter(is_active=True).order_by("organisation_id", "name")
    return [row.as_card() for row in _within(rows, scope, "organisation_id")]


def route_plans(route_ids: Sequence[UUID]) -> list[RoutePlan]:
    """Routes with their stops, for rooms that already hold their ids."""
    rows = models.Route.objects.filter(pk__in=route_ids).order_by("pk")
    stops: dict[UUID, list[RouteStopCard]] = {row.id: [] for row in rows}
    for stop in models.RouteStop.objects.filter(route__in=route_ids).order_by("arrive_at"):
        stops[stop.route_id].append(
            RouteStopCard(stop.order_id, stop.arrive_at, stop.leave_at, stop.is_inserted)
        )
    return [
        RoutePlan(
            row.id, row.van_id, row.organisation_id, row.route_on, row.distance_m,
            tuple(stops[row.id]),
        )
        for row in rows
    ]  # fmt: skip


def list_routes(scope: Scope, *, on: date) -> list[RoutePlan]:
    """A day's routes of the scope's organisation or region."""
    rows = models.Route.objects.filter(route_on=on)
    if scope.org_id is not None:
        rows = rows.filter(organisation_id=scope.org_id)
    elif scope.region_path:
        rows = rows.filter(van__region_path__startswith=scope.region_path)
    return route_plans(list(rows.values_list("pk", flat=True)))


def list_jobs(
    scope: Scope, *, on: date, van_id: UUID | None = None, account_id: UUID | None = None
) -> list[JobCard]:
    """A day's stops in driving order, of a van, of a worker's account, or of the whole recycler."""
    rows = models.RouteStop.objects.filter(
        route__route_on=on, order__in=order_book.orders_within(scope)
    )
    if van_id is not None:
        rows = rows.filter(route__van_id=van_id)
    if account_id is not None:
        rows = rows.filter(route__van__collector_account_id=account_id)
    stops = list(rows.select_related("order", "route__van").order_by("route_id", "arrive_at"))
    units = order_book.unit_cards([stop.order_id for stop in stops])
    positions: dict[UUID, int] = {}
    jobs = []
    for stop in stops:
        positions[stop.route_id] = positions.get(stop.route_id, 0) + 1
        jobs.append(_job(stop, positions[stop.route_id], tuple(units.get(stop.order_id, ()))))
    return jobs


def _within(rows: QuerySet[models.Van], scope: Scope, org_field: str) -> QuerySet[models.Van]:
    if scope.org_id is not None:
        return rows.filter(**{org_field: scope.org_id})
    if scope.region_path:
        return rows.filter(region_path__startswith=scope.region_path)
    return rows


def _job(stop: models.RouteStop, position: int, units: tuple[UnitCard, ...]) -> JobCard:
    order = stop.order
    return JobCard(
        order_id=order.id,
        number=order.number,
        van_id=stop.route.van_id,
        van_name=stop.route.van.name,
        position=position,
        arrive_at=stop.arrive_at,
        slot=Slot(order.slot),
        region_code=order.region_code,
        lat_e6=order.lat_e6,
        lon_e6=order.lon_e6,
        state=OrderState(order.state),
        choice=Choice(order.choice),
        quoted_fen=order.quoted_fen,
        units=units,
    )


def list_offers(
    scope: Scope, *, state: OfferState | None = None, order_id: UUID | None = None
) -> list[OfferCard]:
    """Offers to the scope's recycler (or of its region), those due first; an order's in rounds."""
    rows = models.Offer.objects.all()
    if scope.org_id is not None:
        rows = rows.filter(organisation_id=scope.org_id)
    elif scope.person_id is not None:
        rows = rows.none()
    elif scope.region_path:
        rows = rows.filter(order__region_path__startswith=scope.region_path)
    if state is not None:
        rows = rows.filter(state=state)
    if order_id is not None:
        rows = rows.filter(order_id=order_id).order_by("round")
    else:
        rows = rows.order_by("respond_by", "pk")
    return [row.as_card() for row in rows[:200]]


def is_auto_accept(org_id: UUID) -> bool:
    """Whether a recycler takes every offer at once."""
    row = models.DispatchProfile.objects.filter(organisation_id=org_id).first()
    return row is None or row.is_auto_accept


def list_shares(region_path: str) -> list[ShareLine]:
    """A county's recyclers: share due by vans and record, share had. Public to all of them."""
    stand = _offers.market()
    shares = stand.shares(region_path)
    total = sum(shares.counts.values()) or 1
    vans = Counter(v.organisation_id for v in stand.vans if region_path.startswith(v.region_path))
    lines = []
    for org_id, due_bps in sorted(
        shares.due_bps.items(), key=lambda pair: (-pair[1], str(pair[0]))
    ):
        record = stand.records.get(org_id, _fairness.Record())
        have = shares.counts.get(org_id, 0)
        lines.append(
            ShareLine(
                org_id, region_path, vans[org_id], stand.rule.rating_bps(record), due_bps,
                have, have * 10_000 // total, record.refused, record.late, record.missed,
            )
        )  # fmt: skip
    return lines
