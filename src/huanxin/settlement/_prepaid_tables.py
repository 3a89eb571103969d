"""Tables of money paid ahead: what was agreed with an organisation, and each payment."""

from django.db import models
from django.db.models import F, Q

from huanxin.settlement.types import PrepaymentBasis, PrepaymentState


class PrepaymentTerms(models.Model):
    """How much an organisation may be paid ahead, agreed by two officers. One lives at a time."""

    id = models.UUIDField(primary_key=True)
    org = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    basis = models.CharField(max_length=8)
    share_bps = models.PositiveIntegerField()
    line_fen = models.BigIntegerField(default=0)  # basis LINE: what the share is taken of
    most_fen = models.BigIntegerField()
    title = models.CharField(max_length=120)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org"], name="prepayment_terms_one_live",
                condition=Q(approved_at__isnull=False, ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="prepayment_terms_by_two",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="prepayment_terms_amounts",
                condition=Q(share_bps__gte=1, share_bps__lte=8000, most_fen__gte=1)
                & (
                    Q(basis=PrepaymentBasis.CLAIMS, line_fen=0)
                    | Q(basis=PrepaymentBasis.LINE, line_fen__gte=1)
                ),
            ),
            models.CheckConstraint(name="prepayment_terms_named", condition=~Q(title="")),
        ]  # fmt: skip


class Prepayment(models.Model):
    """Money paid ahead to one organisation: proposed by one officer, paid by another.

    `base_fen`, `limit_fen` and `outstanding_fen` are what stood when it was paid.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    terms = models.ForeignKey(PrepaymentTerms, models.PROTECT, related_name="prepayments")
    org = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, default=PrepaymentState.PROPOSED)
    base_fen = models.BigIntegerField(default=0)
    limit_fen = models.BigIntegerField(default=0)
    outstanding_fen = models.BigIntegerField(default=0)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    paid_by = models.UUIDField(null=True)
    paid_at = models.DateTimeField(null=True)
    paid_on = models.DateField(null=True)
    bank_reference = models.CharField(max_length=80, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="prepayment_state_known",
                condition=Q(state__in=[one.value for one in PrepaymentState]),
            ),
            models.CheckConstraint(name="prepayment_positive", condition=Q(amount_fen__gte=1)),
            models.CheckConstraint(
                name="prepayment_paid_by_another",
                condition=Q(paid_by__isnull=True) | ~Q(paid_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="prepayment_within_limit",
                condition=Q(paid_at__isnull=True)
                | Q(limit_fen__gte=F("amount_fen") + F("outstanding_fen")),
            ),
        ]


class PrepaidBack(models.Model):
    """Money paid ahead that an organisation paid back itself. Append-only."""

    id = models.UUIDField(primary_key=True)
    org = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    bank_reference = models.CharField(max_length=80)
    received_at = models.DateTimeField()
    received_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="prepaid_back_positive", condition=Q(amount_fen__gte=1)),
        ]
