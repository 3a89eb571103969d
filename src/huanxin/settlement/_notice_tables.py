"""Table of objections that anyone may lodge against what is published."""

from django.db import models
from django.db.models import Q

from huanxin.settlement.types import ObjectionState


class Objection(models.Model):
    """What a person said against one line of a published batch, and what an officer decided.

    The contact is sealed; `contact_key` only tells whether two objections have the same one.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    item = models.ForeignKey("settlement.Item", models.PROTECT, related_name="objections")
    words = models.CharField(max_length=400)
    contact_sealed = models.BinaryField()
    contact_key = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10, default=ObjectionState.WAITING)
    lodged_at = models.DateTimeField()
    lodged_on = models.DateField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="objection_state_known",
                condition=Q(state__in=[one.value for one in ObjectionState]),
            ),
            models.CheckConstraint(
                name="objection_decided_with_words",
                condition=Q(state="waiting", decided_by__isnull=True)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(answer="")),
            ),
            models.UniqueConstraint(
                name="objection_once_a_contact", fields=["item", "contact_key"],
                condition=Q(state="waiting"),
            ),
        ]  # fmt: skip
