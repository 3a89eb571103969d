"""Mechanics of offers: whom an order is offered to, answers, lapses, the next best."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind, OrgStatus, RestrictionKind
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Scope
from huanxin.recycling import _fairness, _routing, models
from huanxin.recycling.types import ComplaintState, MissedBy, OfferState

STANDING = (OfferState.OPEN, OfferState.ACCEPTED)


@dataclass(slots=True)
class Market:
    """Who could take orders now: vans by recycler, depots, licences, records, shares."""

    rule: _fairness.Rule
    vans: list[models.Van]
    places: dict[UUID, _routing.Point]
    licences: dict[UUID, frozenset[str]]
    asks_first: frozenset[UUID]
    records: dict[UUID, _fairness.Record]
    _shares: dict[str, _fairness.Shares] = field(default_factory=dict)

    def shares(self, region_path: str) -> _fairness.Shares:
        """The county's shares, counted once and kept up while orders are offered."""
        if region_path not in self._shares:
            room: Counter[UUID] = Counter()
            for van in self.vans:
                if region_path.startswith(van.region_path):
                    room[van.organisation_id] += van.capacity_units
            rating = {
                org: self.rule.rating_bps(self.records.get(org, _fairness.Record())) for org in room
            }
            due = _fairness.due_shares(room, rating)
            self._shares[region_path] = _fairness.Shares(due, _offer_counts(self, region_path))
        return self._shares[region_path]


def market() -> Market:
    """The market as it stands; who is restricted keeps its jobs and gets no new ones."""
    rule = _fairness.shipped()
    vans = list(models.Van.objects.filter(is_active=True).order_by("pk"))
    wanted = {van.organisation_id for van in vans}
    today = clock.today()
    keys, kept_out = map(str, wanted), RestrictionKind.ORGANISATION
    restricted = identity.restricted_keys(kept_out, keys, today) if wanted else set()
    admitted = [
        org
        for org in identity.list_organisations(Scope(), kind=OrgKind.RECYCLER)
        if org.id in wanted and org.status == OrgStatus.ADMITTED and str(org.id) not in restricted
    ]
    places = {
        org.id: _routing.Point(org.lat_e6, org.lon_e6)
        for org in admitted
        if org.lat_e6 is not None and org.lon_e6 is not None
    }
    licences = {
        org.id: frozenset(skill for skill, kind in rule.licences.items()
                          if org.licensed(kind, today))
        for org in admitted
    }  # fmt: skip
    asks = models.DispatchProfile.objects.filter(is_auto_accept=False)
    asks_first = frozenset(asks.values_list("organisation_id", flat=True))
    mine = [van for van in vans if van.organisation_id in places]
    return Market(rule, mine, places, licences, asks_first, records(rule))


def skills_of(van: models.Van, stand: Market) -> frozenset[str]:
    """What a van's crew may do: its skills, a lift; licensed skills only with the licence."""
    own = frozenset(van.skills) | (frozenset({"lift"}) if van.has_lift else frozenset())
    return own - (stand.rule.licences.keys() - stand.licences.get(van.organisation_id, frozenset()))


def records(rule: _fairness.Rule) -> dict[UUID, _fairness.Record]:
    """What each recycler did within the window."""
    since = clock.today() - timedelta(days=rule.window_days)
    rows = models.Offer.objects.filter(offered_on__gte=since).values("organisation_id")
    counted = rows.annotate(
        offered=Count("pk"),
        refused=Count("pk", filter=Q(state=OfferState.REFUSED)),
        late=Count("pk", filter=Q(state=OfferState.LATE)),
        missed=Count("pk", filter=Q(state=OfferState.WITHDRAWN, reason=MISSED)),
    )
    complaints = models.Complaint.objects.filter(
        opened_on__gte=since, escalated_at__isnull=False, organisation__isnull=False
    ).exclude(state=ComplaintState.OPEN)
    escalated = Counter(complaints.values_list("organisation_id", flat=True))
    return {
        row["organisation_id"]: _fairness.Record(
            row["offered"], row["refused"], row["late"], row["missed"],
            escalated[row["organisation_id"]],
        )
        for row in counted
    }  # fmt: skip


MISSED = MissedBy.RECYCLER.value  # the reason of an offer that ended because no van came


def _offer_counts(stand: Market, region_path: str) -> dict[UUID, int]:
    since = clock.today() - timedelta(days=stand.rule.window_days)
    rows = models.Offer.objects.filter(offered_on__gte=since, order__region_path=region_path)
    return Counter(rows.values_list("organisation_id", flat=True))


def tried(orders: Sequence[models.Order], stand: Market) -> dict[UUID, set[UUID]]:
    """Who is not asked again: who refused or missed an order, and for a while who was late."""
    gone = Q(state=OfferState.REFUSED) | Q(state=OfferState.WITHDRAWN, reason=MISSED)
    late = Q(state=OfferState.LATE, answered_at__gt=clock.now() - stand.rule.late_pause)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    rows = models.Offer.objects.filter(gone | late, order__in=orders)
    for order_id, org_id in rows.values_list("order_id", "organisation_id"):
        found[order_id].add(org_id)
    return found


def best(
    order: models.Order, call: _routing.Call, stand: Market, without: Iterable[UUID]
) -> tuple[UUID, int, int] | None:
    """The recycler to offer an order to, its distance and its score; None if nobody may."""
    excluded = set(without)
    shares = stand.shares(order.region_path)
    options: dict[UUID, tuple[int, int]] = {}
    for van in stand.vans:
        org_id = van.organisation_id
        if org_id in excluded or org_id in options:
            continue
        serves = order.region_path.startswith(van.region_path)
        if not serves or not routing_van(van, stand).may_serve(call):
            continue
        metres = _routing.distance_m(stand.places[org_id], call.at)
        over = shares.over_points(org_id, stand.rule.least_offers)
        options[org_id] = (metres, _fairness.score_m(stand.rule, metres, over))
    if not options:
        return None
    org_id = min(options, key=lambda org: (options[org][1], str(org)))
    return org_id, *options[org_id]


def routing_van(van: models.Van, stand: Market) -> _routing.Van:
    """A van as the planner sees it."""
    return _routing.Van(
        van.id, stand.places[van.organisation_id], van.capacity_units, van.volume_l, van.load_kg,
        skills_of(van, stand), (van.shift_from_minute, van.shift_to_minute),
    )  # fmt: skip


def make(
    order: models.Order,
    org_id: UUID,
    figures: tuple[int, int],
    stand: Market,
    rounds: Mapping[UUID, int],
) -> models.Offer:
    """One offer, not yet stored; the order knows its recycler from now on."""
    now = clock.now()
    shares = stand.shares(order.region_path)
    shares.counts[org_id] = shares.counts.get(org_id, 0) + 1
    waits = org_id in stand.asks_first
    order.organisation_id, order.offered_at = org_id, now
    return models.Offer(
        id=ids.new_id(),
        order=order,
        organisation_id=org_id,
        round=rounds.get(order.id, 0) + 1,
        rule_version=stand.rule.version,
        distance_m=figures[0],
        score_m=figures[1],
        state=OfferState.OPEN if waits else OfferState.ACCEPTED,
        offered_at=now,
        offered_on=clock.business_day(now),
        respond_by=stand.rule.respond_by(now),
        answered_at=None if waits else now,
    )


def rounds_of(orders: Sequence[models.Order]) -> dict[UUID, int]:
    """How often each order was offered before."""
    rows = models.Offer.objects.filter(order__in=orders).values("order_id")
    return {row["order_id"]: row["n"] for row in rows.annotate(n=Count("pk"))}


def lapse_late(orders: Sequence[models.Order]) -> list[models.Order]:
    """Open offers whose answer is overdue end; their orders are free for the next best."""
    by_id = {order.id: order for order in orders}
    late = models.Offer.objects.filter(
        order__in=orders, state=OfferState.OPEN, respond_by__lte=clock.now()
    )
    found = [by_id[pk] for pk in late.values_list("order_id", flat=True)]
    late.update(state=OfferState.LATE, answered_at=clock.now(), reason="超时未接单")
    for order in found:
        order.organisation_id = order.offered_at = None
    models.Order.objects.filter(pk__in=[order.pk for order in found]).update(
        organisation=None, offered_at=None
    )
    return found


def answer(order: models.Order, state: OfferState, reason: str, now: datetime) -> None:
    """End an order's standing offer with an answer."""
    standing = models.Offer.objects.filter(order=order, state__in=STANDING)
    standing.update(state=state, answered_at=now, reason=reason[:200])


def withdraw(order: models.Order, reason: str) -> None:
    """Take back an order's standing offer: the order moved, ended or was missed."""
    answer(order, OfferState.WITHDRAWN, reason, clock.now())
