"""Tables of dispatch: vans, their days, their promised stops."""

from django.db import models
from django.db.models import F, Q

from huanxin.recycling.types import (
    routes,
)

_ORG = "identity.Organisation"


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

    class Meta:
        constraints = [
            models.UniqueConstraint(name="van_name_once", fields=["organisation", "name"]),
            models.CheckConstraint(name="van_holds_something", condition=Q(capacity_units__gt=0)),
        ]

    def as_card(self) -> routes.VanCard:
        return routes.VanCard(
            self.id, self.organisation_id, self.name, self.region_code, self.region_path,
            self.capacity_units, self.collector_account_id,
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

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stop_at_a_time", fields=["route", "arrive_at"]),
            models.CheckConstraint(
                name="stop_leaves_after_arriving", condition=Q(leave_at__gt=F("arrive_at"))
            ),
        ]
