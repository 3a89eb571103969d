"""Tables of the desk itself: published terms, draws, stops and waivers."""

from django.db import models
from django.db.models import F, Q

from huanxin.claims.types.desk import StopKind, Stratum, WaiverSubject


class DeskTerms(models.Model):
    """A version of the desk's numbers: proposed by one officer, in force when another agrees."""

    id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField(unique=True)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    is_shipped = models.BooleanField(default=False)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="desk_terms_by_two",
                condition=Q(approved_by__isnull=True)
                | Q(is_shipped=True)
                | ~Q(approved_by=F("proposed_by")),
            ),
        ]


class Draw(models.Model):
    """A passed claim in the urn of its day, drawn or not. Append-only, recomputable by anyone."""

    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    on = models.DateField()
    stratum = models.CharField(max_length=10)
    value_bps = models.PositiveSmallIntegerField()
    rate_bps = models.PositiveSmallIntegerField()
    is_drawn = models.BooleanField()
    terms = models.ForeignKey(DeskTerms, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["on", "is_drawn"], name="draw_day")]
        constraints = [
            models.UniqueConstraint(fields=["claim", "round"], name="draw_once_a_round"),
            models.CheckConstraint(
                name="draw_follows_its_value",
                condition=Q(is_drawn=True, value_bps__lt=F("rate_bps"))
                | Q(is_drawn=False, value_bps__gte=F("rate_bps")),
            ),
            models.CheckConstraint(
                name="draw_stratum_known", condition=Q(stratum__in=[one.value for one in Stratum])
            ),
        ]


class Stop(models.Model):
    """Cleared claims of a shop, or of a check that went too far, wait for two people's word."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=6)
    subject = models.CharField(max_length=60)  # the shop's id, or the check's
    region_path = models.CharField(max_length=80)
    cause_claim = models.ForeignKey("claims.Claim", models.PROTECT, null=True, related_name="+")
    facts = models.JSONField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True, default="")
    note = models.CharField(max_length=400, blank=True, default="")
    proposed_by = models.UUIDField(null=True)
    proposed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    exempt_until = models.DateTimeField(null=True)  # a check found right is not capped until then

    class Meta:
        indexes = [models.Index(fields=["kind", "subject", "-opened_at"], name="stop_subject")]
        constraints = [
            models.UniqueConstraint(
                name="stop_open_once",
                fields=["kind", "subject"],
                condition=Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="stop_kind_known", condition=Q(kind__in=[one.value for one in StopKind])
            ),
            models.CheckConstraint(
                name="stop_ends_by_two",
                condition=Q(closed_at__isnull=True)
                | Q(proposed_by__isnull=False, closed_by__isnull=False)
                & ~Q(closed_by=F("proposed_by")),
            ),
        ]


class StoppedClaim(models.Model):
    """A claim parked when a check went too far: passed otherwise, but not paid by itself."""

    stop = models.ForeignKey(Stop, models.PROTECT, related_name="claims")
    claim = models.ForeignKey("claims.Claim", models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stop", "claim"], name="stopped_claim_once"),
        ]


class Waiver(models.Model):
    """A check muted for a subject, with an end, a reason and a name behind it."""

    id = models.UUIDField(primary_key=True)
    check_id = models.CharField(max_length=60)
    subject = models.CharField(max_length=8)
    key = models.CharField(max_length=80, blank=True, default="")
    region_path = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    by_account_id = models.UUIDField()
    by_name = models.CharField(max_length=60)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    end_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["check_id", "until_at"], name="waiver_check")]
        constraints = [
            models.CheckConstraint(
                name="waiver_subject_known",
                condition=Q(subject__in=[one.value for one in WaiverSubject]),
            ),
            models.CheckConstraint(name="waiver_ends", condition=Q(until_at__gt=F("from_at"))),
            models.CheckConstraint(
                name="waiver_is_explained", condition=~Q(reason="") & ~Q(by_name="")
            ),
        ]
