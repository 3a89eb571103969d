"""Tables of supervision."""

from django.db import models
from django.db.models import F, Q

from huanxin.supervision import types
from huanxin.supervision.types import AlertKind, AlertState


class Threshold(models.Model):
    """Bounds that a person set for a metric at a region; withdrawn ones stay as history."""

    id = models.UUIDField(primary_key=True)
    metric_id = models.CharField(max_length=60)
    region_path = models.CharField(max_length=80)
    period = models.CharField(max_length=10)
    low = models.BigIntegerField(null=True)
    high = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200)
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=60, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric_id", "region_path", "period"],
                condition=Q(withdrawn_at__isnull=True),
                name="threshold_once_in_force",
            ),
            models.CheckConstraint(
                name="threshold_has_a_bound",
                condition=Q(low__isnull=False) | Q(high__isnull=False),
            ),
            models.CheckConstraint(
                name="threshold_bounds_in_order",
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lt=F("high")),
            ),
        ]

    def as_threshold(self) -> types.Threshold:
        return types.Threshold(
            id=self.id, metric_id=self.metric_id, region_path=self.region_path,
            period=self.period, low=self.low, high=self.high, reason=self.reason,
            set_by=self.set_by, set_at=self.set_at,
        )  # fmt: skip


class Alert(models.Model):
    """Something someone must look at; one at a time for each subject of a kind."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=20)
    subject_key = models.CharField(max_length=80)
    region_path = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=20)
    raised_at = models.DateTimeField()
    acknowledged_by = models.CharField(max_length=60, blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True, default="")
    over_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["region_path", "-raised_at"], name="alert_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_key"],
                condition=~Q(state=AlertState.OVER),
                name="alert_once_while_it_lasts",
            ),
            models.CheckConstraint(
                name="alert_kind_known", condition=Q(kind__in=[kind.value for kind in AlertKind])
            ),
            models.CheckConstraint(
                name="alert_state_known",
                condition=Q(state__in=[state.value for state in AlertState]),
            ),
            models.CheckConstraint(
                name="alert_acknowledged_by_a_name",
                condition=~Q(state=AlertState.ACKNOWLEDGED)
                | (Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="") & ~Q(note="")),
            ),
            models.CheckConstraint(
                name="alert_over_has_an_end",
                condition=Q(state=AlertState.OVER, over_at__isnull=False)
                | (~Q(state=AlertState.OVER) & Q(over_at__isnull=True)),
            ),
        ]

    def as_alert(self) -> types.Alert:
        return types.Alert(
            id=self.id, kind=AlertKind(self.kind), subject_key=self.subject_key,
            region_path=self.region_path, title=self.title, facts=self.facts,
            state=AlertState(self.state), raised_at=self.raised_at,
            acknowledged_by=self.acknowledged_by, acknowledged_at=self.acknowledged_at,
            note=self.note, over_at=self.over_at,
        )  # fmt: skip
