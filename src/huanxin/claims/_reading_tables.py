"""Tables of files as received and of what a machine read from them."""

from django.db import models
from django.db.models import Q

from huanxin.claims.types import EvidenceKind
from huanxin.claims.types.reading import ScanState


class PaperFile(models.Model):
    """A kept file by the digest of its bytes: its kind, what the camera wrote, its fingerprint.

    A row is written once; the same bytes are one row, whoever hands them in.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    media = models.CharField(max_length=8)
    size_bytes = models.PositiveIntegerField()
    shown_sha256 = models.CharField(max_length=64, blank=True, default="")  # the re-encoded copy
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    photo_hash = models.CharField(max_length=16, null=True)
    lat_e6 = models.IntegerField(null=True)
    lon_e6 = models.IntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="paper_file_named_by_digest", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="paper_file_place_whole",
                condition=Q(lat_e6__isnull=True, lon_e6__isnull=True)
                | Q(lat_e6__isnull=False, lon_e6__isnull=False),
            ),
        ]


class Scan(models.Model):
    """The reading of one file as one kind of paper: asked for once, answered once."""

    id = models.UUIDField(primary_key=True)
    file = models.ForeignKey(PaperFile, models.PROTECT, related_name="scans")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=14, default=ScanState.WAITING)
    say = models.CharField(max_length=200, blank=True, default="")
    do = models.CharField(max_length=200, blank=True, default="")
    fields = models.JSONField(default=list)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at", "id"], name="scan_waiting", condition=Q(state="waiting")
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["file", "kind"], name="scan_once_a_file_and_kind"),
            models.CheckConstraint(
                name="scan_state_known",
                condition=Q(state__in=[state.value for state in ScanState]),
            ),
            models.CheckConstraint(
                name="scan_kind_known",
                condition=Q(kind__in=[kind.value for kind in EvidenceKind]),
            ),
            models.CheckConstraint(
                name="scan_answered_or_waiting",
                condition=Q(state="waiting", read_at__isnull=True)
                | (~Q(state="waiting") & Q(read_at__isnull=False)),
            ),
        ]
