"""Tables of dismantling: runs, their units and materials."""

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField

_ORG = "identity.Organisation"


class Run(models.Model):
    """A dismantling run with its mass balance and certificate. Append-only."""

    id = models.UUIDField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    number = models.CharField(max_length=40, unique=True)
    certificate_no = models.CharField(max_length=40, unique=True)
    dismantler = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    waste_class_code = models.CharField(max_length=40)
    unit_count = models.PositiveIntegerField()
    mass_in_g = models.PositiveBigIntegerField()
    mass_out_g = models.PositiveBigIntegerField()
    hazardous_g = models.PositiveBigIntegerField()
    tolerance_bps = models.PositiveSmallIntegerField()
    event_id = models.CharField(max_length=100)
    dismantled_at = models.DateTimeField()
    dismantled_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="run_mass_balances",
                condition=Q(
                    mass_out_g__gte=F("mass_in_g") - F("mass_in_g") * F("tolerance_bps") / 10000,
                    mass_out_g__lte=F("mass_in_g") + F("mass_in_g") * F("tolerance_bps") / 10000,
                ),
            ),
            models.CheckConstraint(
                name="run_has_units", condition=Q(unit_count__gt=0, mass_in_g__gt=0)
            ),
        ]


class RunMaterial(models.Model):
    """One output of a run. Append-only."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    material_code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    mass_g = models.PositiveBigIntegerField()
    is_hazardous = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="run_material_once", fields=["run", "material_code"]),
        ]


class RunUnit(models.Model):
    """A unit goes into one run, once. Append-only."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    unit = models.OneToOneField("recycling.Unit", models.PROTECT, related_name="+")
    mass_g = models.PositiveIntegerField()
