"""Tables of grading and re-use: standards, inspections, work, offers, second-hand sales."""

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.recycling.types import NextStep

_ORG = "identity.Organisation"


class WorkStandard(models.Model):
    """A published version of the grading or the floor standard. Append-only."""

    version = models.CharField(max_length=20, primary_key=True)
    kind = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, unique=True)
    from_on = models.DateField()
    body = models.JSONField()
    published_at = models.DateTimeField()
    proposed_by_id = models.UUIDField(null=True)  # null: shipped with the platform
    approved_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="work_standard_needs_two_people",
                condition=Q(proposed_by_id__isnull=True, approved_by_id__isnull=True)
                | (
                    Q(proposed_by_id__isnull=False, approved_by_id__isnull=False)
                    & ~Q(proposed_by_id=F("approved_by_id"))
                ),
            ),
            models.CheckConstraint(
                name="work_standard_kind_known", condition=Q(kind__in=["grading", "floor"])
            ),
            models.UniqueConstraint(name="work_standard_day_once", fields=["kind", "from_on"]),
        ]


class Inspection(models.Model):
    """What was answered about a unit and what the standard made of it. Append-only."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey("recycling.Unit", models.PROTECT, related_name="+")
    standard = models.ForeignKey(WorkStandard, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    answers = models.JSONField()
    grade = models.CharField(max_length=4)
    next_step = models.CharField(max_length=12)
    reason = models.CharField(max_length=8)
    inspected_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="inspection_step_known", condition=Q(next_step__in=list(NextStep))
            ),
        ]


class RenewalWork(models.Model):
    """What was done to a unit before it is used again, and its safety test. Append-only."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey("recycling.Unit", models.PROTECT, related_name="+")
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    items = models.JSONField()
    cost_fen = models.BigIntegerField()
    is_safe = models.BooleanField()
    tester = models.CharField(max_length=40)
    worked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="renewal_cost_counts", condition=Q(cost_fen__gte=0)),
        ]


class RenewalOffer(models.Model):
    """The price of a refurbished unit; the newest counts. Append-only."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey("recycling.Unit", models.PROTECT, related_name="+")
    price_fen = models.BigIntegerField()
    warranty_months = models.PositiveSmallIntegerField()
    offered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="renewal_price_positive", condition=Q(price_fen__gt=0)),
        ]


class RenewalSale(models.Model):
    """A unit sold to be used again: once, on one invoice, under one next code. Append-only."""

    id = models.UUIDField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    number = models.CharField(max_length=40, unique=True)
    unit = models.OneToOneField("recycling.Unit", models.PROTECT, related_name="+")
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    next_code = models.CharField(max_length=20, unique=True)
    price_fen = models.BigIntegerField()
    invoice_no = models.CharField(max_length=20, unique=True)
    warranty_months = models.PositiveSmallIntegerField()
    warranty_until = models.DateField()
    sold_at = models.DateTimeField()
    sold_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="renewal_sale_positive", condition=Q(price_fen__gt=0)),
            models.CheckConstraint(
                name="renewal_invoice_has_20_digits",
                condition=Q(invoice_no__regex=r"^[0-9]{20}$"),
            ),
        ]
