"""Tables of dispatch: vans, their days, their promised stops."""

from django.db import models
from django.db.models import F, Q

from huanxin.recycling.types import OfferState, routes

_ORG = "identity.Organisation"
_ANSWERED = [state for state in OfferState if state != OfferState.OPEN]


def _all_skills() -> list[str]:
    return ["gas", "refrigerant"]


class Van(models.Model):
    """A recycler's van: where it starts is the recycler's depot."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    region_code = models.CharField(max_length=12)
    region_path = models.CharField(max_length=80)
    capacity_units = models.PositiveSmallIntegerField()
    collector_account_id = models.UUIDField(null=True)
    is_active = models.BooleanField(default=True)
    volume_l = models.PositiveIntegerField(default=12_000)
    load_kg = models.PositiveIntegerField(default=1_500)
    has_lift = models.BooleanField(default=True)
    skills = models.JSONField(default=_all_skills)
    shift_from_minute = models.PositiveSmallIntegerField(default=510)
    shift_to_minute = models.PositiveSmallIntegerField(default=1110)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="van_name_once", fields=["organisation", "name"]),
            models.CheckConstraint(
                name="van_holds_something",
                condition=Q(capacity_units__gt=0, volume_l__gt=0, load_kg__gt=0),
            ),
            models.CheckConstraint(
                name="van_shift_is_a_day",
                condition=Q(
                    shift_from_minute__lt=F("shift_to_minute"), shift_to_minute__lte=24 * 60
                ),
            ),
        ]

    def as_card(self) -> routes.VanCard:
        return routes.VanCard(
            self.id, self.organisation_id, self.name, self.region_code, self.region_path,
            self.capacity_units, self.collector_account_id, self.volume_l, self.load_kg,
            self.has_lift, tuple(self.skills), self.shift_from_minute, self.shift_to_minute,
        )  # fmt: skip


class Route(models.Model):
    """A van's day."""

    id = models.UUIDField(primary_key=True)
    van = models.ForeignKey(Van, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    route_on = models.DateField()
    distance_m = models.PositiveIntegerField()
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="route_van_day_once", fields=["van", "route_on"]),
        ]


class RouteStop(models.Model):
    """A promised arrival. One order has one."""

    id = models.BigAutoField(primary_key=True)
    route = models.ForeignKey(Route, models.PROTECT, related_name="+")
    order = models.OneToOneField("recycling.Order", models.PROTECT, related_name="+")
    arrive_at = models.DateTimeField()
    leave_at = models.DateTimeField()
    is_inserted = models.BooleanField(default=False)
    trip = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stop_at_a_time", fields=["route", "arrive_at"]),
            models.CheckConstraint(
                name="stop_leaves_after_arriving", condition=Q(leave_at__gt=F("arrive_at"))
            ),
        ]


class DispatchProfile(models.Model):
    """How a recycler takes offers: at once, or only by its own word within the response time."""

    organisation = models.OneToOneField(_ORG, models.PROTECT, primary_key=True, related_name="+")
    is_auto_accept = models.BooleanField(default=True)
    set_at = models.DateTimeField()


class Offer(models.Model):
    """An order offered to one recycler: when, by what score, and what it said."""

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey("recycling.Order", models.PROTECT, related_name="+")
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    rule_version = models.CharField(max_length=20)
    distance_m = models.PositiveIntegerField()
    score_m = models.BigIntegerField()
    state = models.CharField(max_length=10)
    offered_at = models.DateTimeField()
    offered_on = models.DateField()
    respond_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["state", "respond_by"], name="offer_clock"),
            models.Index(fields=["organisation", "offered_on"], name="offer_share"),
        ]
        constraints = [
            models.UniqueConstraint(name="offer_round_once", fields=["order", "round"]),
            models.UniqueConstraint(
                name="offer_one_standing",
                fields=["order"],
                condition=Q(state__in=[OfferState.OPEN, OfferState.ACCEPTED]),
            ),
            models.CheckConstraint(
                name="offer_state_has_time",
                condition=Q(state=OfferState.OPEN, answered_at__isnull=True)
                | (Q(answered_at__isnull=False) & Q(state__in=_ANSWERED)),
            ),
        ]

    def as_card(self) -> routes.OfferCard:
        return routes.OfferCard(
            self.id, self.order_id, self.organisation_id, self.round, self.rule_version,
            self.distance_m, self.score_m, OfferState(self.state), self.offered_at,
            self.respond_by, self.answered_at, self.reason,
        )  # fmt: skip
