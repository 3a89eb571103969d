"""Tables derived from the facts for the checks: ties, rings and the forms of serial numbers.

All three can be computed anew from sales and readings (services/deriving.py); nothing is decided
on them alone, so they are not append-only.
"""

from django.db import models


class Tie(models.Model):
    """Something a sale shares with others: its device, phone, card, address, IP or photo."""

    sale = models.ForeignKey("claims.Sale", models.PROTECT, related_name="+")
    person_pseudonym = models.CharField(max_length=64)
    merchant_id = models.UUIDField()
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=96)
    at_epoch = models.BigIntegerField()  # when the thing was used

    class Meta:
        indexes = [
            models.Index(fields=["kind", "key", "at_epoch"], name="tie_key"),
            models.Index(fields=["person_pseudonym"], name="tie_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sale", "kind", "key"], name="tie_once"),
            models.CheckConstraint(
                name="tie_kind_known",
                condition=models.Q(
                    kind__in=["device", "phone", "card", "address", "ip", "photo", "name"]
                ),
            ),
        ]


class RingMember(models.Model):
    """A buyer who is tied to others, and the ring they form: its lowest pseudonym."""

    person_pseudonym = models.CharField(max_length=64, primary_key=True)
    ring_id = models.CharField(max_length=64, db_index=True)


class SerialPrefix(models.Model):
    """How many of a model's sold units carry serial numbers that begin so; 4, 6 and 8 signs."""

    model_id = models.UUIDField()
    prefix = models.CharField(max_length=8)
    unit_count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model_id", "prefix"], name="serial_prefix_once"),
        ]


class SerialForm(models.Model):
    """How many of a brand's sold units carry serial numbers that begin and end alike long."""

    manufacturer = models.CharField(max_length=60)
    form = models.CharField(max_length=12)
    unit_count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "form"], name="serial_form_once"),
        ]
