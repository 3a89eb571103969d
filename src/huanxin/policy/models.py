"""Published policies: a key, and versions that are never changed once published."""

from django.db import models
from django.db.models import F, Q

from huanxin.policy import types


class Policy(models.Model):
    """The key of a programme; what it says is in its versions."""

    id = models.CharField(max_length=60, primary_key=True)


class PolicyVersion(models.Model):
    """One publication: the text, the SHA-256 of its content, and from which day it decides.

    Append-only (0002). A decision keeps the hash, so every old decision can be computed again.
    """

    id = models.UUIDField(primary_key=True)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    version_hash = models.CharField(max_length=64, db_index=True)
    text = models.TextField()
    test_rows = models.TextField()
    title = models.CharField(max_length=120)
    region = models.ForeignKey("identity.Region", models.PROTECT, related_name="+")
    from_on = models.DateField()
    to_on = models.DateField()
    effective_on = models.DateField()
    reason = models.CharField(max_length=300)
    published_by = models.UUIDField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_numbered"),
            models.UniqueConstraint(
                fields=["policy", "effective_on"], name="policy_version_one_a_day"
            ),
            models.CheckConstraint(name="policy_version_counts_from_1", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="policy_version_runs_forward", condition=Q(to_on__gt=F("from_on"))
            ),
            models.CheckConstraint(
                name="policy_version_takes_effect_in_its_time",
                condition=Q(effective_on__gte=F("from_on"), effective_on__lt=F("to_on")),
            ),
            models.CheckConstraint(
                name="policy_version_hash_is_sha256",
                condition=Q(version_hash__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def as_version(self) -> types.VersionCard:
        return types.VersionCard(
            policy_id=self.policy_id,
            number=self.number,
            version_hash=self.version_hash,
            effective_on=self.effective_on,
            reason=self.reason,
            published_by=self.published_by,
            published_at=self.published_at,
            text=self.text,
            test_rows=self.test_rows,
        )
