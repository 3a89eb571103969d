"""Tables of the depot: sealed lots, what is in them, and what their gate scan found."""

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.recycling.types import (
    DiscrepancyKind,
    LotPurpose,
    LotState,
    depot,
)

_ORG = "identity.Organisation"


class Lot(models.Model):
    """A sealed batch from a depot to a dismantler or another depot, named by its SSCC."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    sscc = models.CharField(max_length=18, unique=True)
    depot = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    receiver = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    state = models.CharField(max_length=10)
    packed_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    unpacked_at = models.DateTimeField(null=True)
    purpose = models.CharField(max_length=10, default=LotPurpose.DISMANTLE)
    is_hazardous = models.BooleanField(default=False)
    plate_no = models.CharField(max_length=12, blank=True, default="")
    driver_name = models.CharField(max_length=40, blank=True, default="")
    seal_no = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lot_purpose_known", condition=Q(purpose__in=list(LotPurpose))
            ),
            models.CheckConstraint(name="lot_state_known", condition=Q(state__in=list(LotState))),
            models.CheckConstraint(
                name="lot_times_follow_state",
                condition=Q(
                    state=LotState.PACKED, shipped_at__isnull=True, received_at__isnull=True
                )
                | Q(state=LotState.SHIPPED, shipped_at__isnull=False, received_at__isnull=True)
                | Q(state=LotState.RECEIVED, shipped_at__isnull=False, received_at__isnull=False)
                | Q(state=LotState.UNPACKED, shipped_at__isnull=True, unpacked_at__isnull=False),
            ),
            models.CheckConstraint(name="lot_leaves_the_depot", condition=~Q(depot=F("receiver"))),
        ]


class LotUnit(models.Model):
    """A unit as it was packed into a lot: the packing list. Append-only."""

    id = models.BigAutoField(primary_key=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    unit = models.ForeignKey("recycling.Unit", models.PROTECT, related_name="+")
    mass_g = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="lot_unit_once", fields=["lot", "unit"]),
        ]


class Discrepancy(models.Model):
    """What a lot's gate scan found against its packing list. Append-only."""

    id = models.BigAutoField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    expected_g = models.PositiveIntegerField(null=True)
    found_g = models.PositiveIntegerField(null=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="discrepancy_once", fields=["lot", "unit_code"]),
            models.CheckConstraint(
                name="discrepancy_kind_known", condition=Q(kind__in=list(DiscrepancyKind))
            ),
        ]

    def as_line(self) -> depot.Discrepancy:
        return depot.Discrepancy(
            self.unit_code, DiscrepancyKind(self.kind), self.expected_g, self.found_g
        )
