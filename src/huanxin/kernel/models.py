"""Tables of the kernel: clock offset, audit, feed cursors, remembered requests, log leaves."""

from django.db import models

from huanxin.kernel.schema import CurrentXact, XactField


class ClockOffset(models.Model):
    """One row: how far the platform's clock stands from the machine's."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset_ms = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="clock_one_row", condition=models.Q(id=1)),
        ]


class AuditEntry(models.Model):
    """Who did what to which thing. Append-only; also the feed others pull and the log's leaf."""

    id = models.BigAutoField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    at = models.DateTimeField()
    actor_id = models.UUIDField()
    actor_role = models.CharField(max_length=40)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    region_path = models.CharField(max_length=80, blank=True, default="")
    org_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["tx", "id"], name="audit_feed"),
            models.Index(fields=["subject_kind", "subject_id"], name="audit_subject"),
            # Officers' lines are few; residents' and the system's, written in rushes, pay nothing.
            models.Index(
                fields=["actor_id", "id"],
                name="audit_officer",
                condition=~models.Q(actor_role__in=["system", "consumer"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="audit_digest_is_sha256",
                condition=models.expressions.RawSQL(
                    "octet_length(digest) = 32", (), models.BooleanField()
                ),
            ),
        ]


class FeedCursor(models.Model):
    """How far one named reader has read the feed."""

    name = models.CharField(max_length=60, primary_key=True)
    tx = models.BigIntegerField(default=0)
    entry_id = models.BigIntegerField(default=0)


class Request(models.Model):
    """The first answer to a request id, so that a repeat changes nothing (DESIGN.md 12.6)."""

    org_key = models.CharField(max_length=40)
    operation = models.CharField(max_length=60)
    request_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org_key", "operation", "request_id"], name="request_once"
            ),
        ]


class Leaf(models.Model):
    """Where in the transparency log a fact was sealed: an audit entry, a transfer, an event."""

    position = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8, default="audit", db_default="audit")
    row_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "row_id"], name="leaf_sealed_once"),
            models.CheckConstraint(
                name="leaf_kind_known",
                condition=models.Q(kind__in=["audit", "transfer", "event"]),
            ),
        ]


class LogNode(models.Model):
    """The root of a complete subtree: level 0 are leaf hashes, level k covers 2**k leaves."""

    id = models.BigAutoField(primary_key=True)
    level = models.PositiveSmallIntegerField()
    position = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "position"], name="lognode_once"),
        ]


class Checkpoint(models.Model):
    """A signed tree head (RFC 9162, 4.10) over the first `size` leaves."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)
    at = models.DateTimeField()


class WorkerStep(models.Model):
    """How a step of the worker fared last; one row a step, told every few seconds."""

    name = models.CharField(max_length=40, primary_key=True)
    worker = models.CharField(max_length=80)
    began_at = models.DateTimeField()
    is_running = models.BooleanField()
    took_ms = models.PositiveBigIntegerField()
    turn_count = models.PositiveBigIntegerField()
    failure_count = models.PositiveIntegerField()
    error = models.CharField(max_length=80, blank=True)
    next_at = models.DateTimeField()
