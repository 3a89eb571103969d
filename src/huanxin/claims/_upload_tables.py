"""Table of bulk submissions: what came in one file or one call, and how each row fared."""

from django.db import models
from django.db.models import F, Q

from huanxin.claims.types.uploads import Keep, UploadChannel


class Upload(models.Model):
    """One bulk submission of evidence facts. Append-only: the papers it stored name it."""

    id = models.UUIDField(primary_key=True)
    org = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=6)
    name = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64)
    keep = models.CharField(max_length=6)
    row_count = models.PositiveIntegerField()
    stored_count = models.PositiveIntegerField()
    refused_count = models.PositiveIntegerField()
    problems = models.JSONField(default=list)  # [row, column, sentence]
    uploaded_at = models.DateTimeField()
    account_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["org", "-uploaded_at"], name="upload_of_org")]
        constraints = [
            models.UniqueConstraint(
                name="upload_stored_once", fields=["org", "sha256"],
                condition=Q(stored_count__gt=0, channel="file"),
            ),
            models.CheckConstraint(
                name="upload_rows_add_up",
                condition=Q(row_count__gte=F("stored_count") + F("refused_count")),
            ),
            models.CheckConstraint(
                name="upload_all_or_nothing",
                condition=~Q(keep=Keep.ALL) | Q(stored_count=0) | Q(refused_count=0),
            ),
            models.CheckConstraint(
                name="upload_words_known",
                condition=Q(channel__in=list(UploadChannel), keep__in=list(Keep)),
            ),
        ]  # fmt: skip
