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
    proposed_by = models.UUIDField(null=True)  # null: shipped with the platform

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="policy_version_by_two_people",
                condition=Q(proposed_by__isnull=True) | ~Q(proposed_by=F("published_by")),
            ),
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


class PolicyProposal(models.Model):
    """A text that waits for a second person. It is decided once, and never by its author."""

    id = models.UUIDField(primary_key=True)
    policy_key = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    region = models.ForeignKey("identity.Region", models.PROTECT, related_name="+")
    text = models.TextField()
    test_rows = models.TextField()
    reason = models.CharField(max_length=300)
    effective_on = models.DateField(null=True)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="policy_proposal_by_two_people",
                condition=~Q(is_approved=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="policy_proposal_decided_whole",
                condition=Q(decided_by=None, decided_at=None, is_approved=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False, is_approved__isnull=False),
            ),
        ]

    def as_proposal(self) -> types.ProposalCard:
        return types.ProposalCard(
            id=self.id,
            policy_id=self.policy_key,
            title=self.title,
            text=self.text,
            test_rows=self.test_rows,
            reason=self.reason,
            effective_on=self.effective_on,
            proposed_by=self.proposed_by,
            proposed_at=self.proposed_at,
            is_approved=self.is_approved,
        )
