"""Tables of differences: cases with their owner and clock, and what each side said."""

from django.db import models
from django.db.models import Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.recycling.types.cases import CaseKind, CaseState, CaseWords, Outcome

_ORG = "identity.Organisation"


class Case(models.Model):
    """A difference that someone must answer for until a day."""

    id = models.UUIDField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default=CaseState.OPEN)
    lot = models.ForeignKey("recycling.Lot", models.PROTECT, null=True, related_name="+")
    run = models.ForeignKey("recycling.Run", models.PROTECT, null=True, related_name="+")
    unit_code = models.CharField(max_length=40, blank=True, default="")
    class_code = models.CharField(max_length=40, blank=True, default="")
    owner = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    finder = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    expected = models.BigIntegerField(null=True)
    found = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "state"], name="case_owner"),
            models.Index(fields=["unit_code", "state"], name="case_unit"),
        ]
        constraints = [
            models.CheckConstraint(name="case_kind_known", condition=Q(kind__in=list(CaseKind))),
            models.CheckConstraint(name="case_state_known", condition=Q(state__in=list(CaseState))),
            models.CheckConstraint(
                name="case_outcome_known",
                condition=Q(outcome__isnull=True) | Q(outcome__in=list(Outcome)),
            ),
            models.CheckConstraint(
                name="case_resolved_has_outcome",
                condition=Q(
                    state=CaseState.RESOLVED, outcome__isnull=False, resolved_at__isnull=False
                )
                | (
                    ~Q(state=CaseState.RESOLVED) & Q(outcome__isnull=True, resolved_at__isnull=True)
                ),
            ),
            models.UniqueConstraint(
                name="case_once_a_lot_and_unit",
                fields=["lot", "unit_code"],
                condition=Q(lot__isnull=False),
            ),
        ]


class CaseNote(models.Model):
    """What one side said about a case. Append-only."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    organisation = models.ForeignKey(_ORG, models.PROTECT, null=True, related_name="+")
    said = models.CharField(max_length=1000)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="case_note_says", condition=~Q(said=""))]

    def as_words(self) -> CaseWords:
        org = self.organisation
        return CaseWords(self.organisation_id, org.name if org else "平台", self.said, self.at)
