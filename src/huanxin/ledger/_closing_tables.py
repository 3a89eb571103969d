"""Tables of closed months: until when the books are shut, what every account held, who reopened."""

from django.db import models
from django.db.models import F, Q


class Closing(models.Model):
    """The books are shut up to `until_on`, that day not included, until two people reopen them.

    A trigger on transfers refuses what would be dated before the latest closing that stands.
    """

    id = models.UUIDField(primary_key=True)
    month_on = models.DateField()  # the first day of the month that was closed
    until_on = models.DateField()
    account_count = models.BigIntegerField()
    transfer_count = models.BigIntegerField()
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    closed_by = models.UUIDField()
    closed_at = models.DateTimeField()
    reopening_reason = models.CharField(max_length=400, blank=True, default="")
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField(null=True)
    approved_by = models.UUIDField(null=True)
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month_on"], condition=Q(reopened_at__isnull=True), name="closing_once"
            ),
            models.CheckConstraint(
                name="closing_is_a_month", condition=Q(until_on__gt=F("month_on"))
            ),
            models.CheckConstraint(
                name="closing_reopened_by_two",
                condition=Q(reopened_at__isnull=True, approved_by__isnull=True)
                | (
                    Q(reopened_at__isnull=False, approved_by__isnull=False)
                    & Q(asked_by__isnull=False)
                    & ~Q(asked_by=F("approved_by"))
                ),
            ),
        ]


class ClosingBalance(models.Model):
    """What one account held when a month was closed. Append-only."""

    closing = models.ForeignKey(Closing, models.PROTECT, related_name="balances")
    code = models.CharField(max_length=120)
    debits_pending_fen = models.BigIntegerField()
    debits_posted_fen = models.BigIntegerField()
    credits_pending_fen = models.BigIntegerField()
    credits_posted_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["closing", "code"], name="closing_balance_once"),
        ]
