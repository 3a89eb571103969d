"""Tables of what the bank answered in files, and of differences somebody must explain."""

from django.db import models
from django.db.models import F, Q

from huanxin.settlement.types import DifferenceKind, LineOutcome


class AnswerFile(models.Model):
    """A bank's answer file as it was handed in, once: its digest is unique. Append-only."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    content = models.TextField()
    line_count = models.PositiveIntegerField()
    booked_count = models.PositiveIntegerField()
    difference_count = models.PositiveIntegerField()
    imported_by = models.UUIDField()
    imported_at = models.DateTimeField(db_index=True)
    imported_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256"], name="answer_file_once"),
        ]


class AnswerLine(models.Model):
    """One line of an answer file and what became of it. Append-only."""

    file = models.ForeignKey(AnswerFile, models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField()
    number = models.CharField(max_length=40)
    answer = models.CharField(max_length=10, blank=True)
    amount_fen = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=16)

    class Meta:
        indexes = [models.Index(fields=["number"], name="answer_line_number")]
        constraints = [
            models.UniqueConstraint(fields=["file", "line"], name="answer_line_once"),
            models.CheckConstraint(
                name="answer_line_outcome_known",
                condition=Q(outcome__in=[one.value for one in LineOutcome]),
            ),
        ]


class Difference(models.Model):
    """Something that does not fit between orders, bank and ledger: cause, owner, how it ended."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=120)  # what it is about: found again, it is the same one
    number = models.CharField(max_length=40, blank=True)
    org_id = models.UUIDField(null=True)
    region_path = models.CharField(max_length=80, blank=True)
    amount_fen = models.BigIntegerField(default=0)
    detail = models.CharField(max_length=300)
    found_at = models.DateTimeField()
    found_on = models.DateField()
    owner_id = models.UUIDField(null=True)
    owned_at = models.DateTimeField(null=True)
    settled_by = models.UUIDField(null=True)
    settled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["found_at"], name="difference_open", condition=Q(settled_at__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(settled_at__isnull=True),
                name="difference_open_once",
            ),
            models.CheckConstraint(
                name="difference_kind_known",
                condition=Q(kind__in=[one.value for one in DifferenceKind]),
            ),
            models.CheckConstraint(
                name="difference_settled_with_words",
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | (Q(settled_at__gte=F("found_at"), settled_by__isnull=False) & ~Q(note="")),
            ),
        ]  # fmt: skip
