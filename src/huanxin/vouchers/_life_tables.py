"""Tables of a right after its issue: notices to other channels, totals, reductions."""

from django.db import models
from django.db.models import F, Q


class PlatformNotice(models.Model):
    """What another channel still has to hear of a right: an outbox, sent until it is taken.

    Notices of one right go out in the order they were made.
    """

    id = models.BigAutoField(primary_key=True)
    voucher = models.ForeignKey("vouchers.Voucher", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10)
    verb = models.CharField(max_length=10)  # bind, unbind, redeem, restore, end
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=200, blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(sent_at__isnull=True),
                name="platform_notice_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="platform_notice_verb_known",
                condition=Q(verb__in=["bind", "unbind", "redeem", "restore", "end"]),
            ),
        ]


class HolderTotal(models.Model):
    """What a household or dwelling has been given under a programme, kept below its limit.

    The row serialises redemptions of one holder; a cancelled sale gives its amount back.
    """

    programme = models.CharField(max_length=60)
    holder_key = models.CharField(max_length=80)
    limit_fen = models.BigIntegerField()
    used_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "holder_key"], name="holder_total_once"),
            models.CheckConstraint(
                name="holder_total_kept",
                condition=Q(used_fen__gte=0) & Q(used_fen__lte=F("limit_fen")),
            ),
        ]


class Reduction(models.Model):
    """A redemption that pays another amount since a partial return. Append-only."""

    id = models.BigAutoField(primary_key=True)
    redemption = models.ForeignKey("vouchers.Redemption", models.PROTECT, related_name="+")
    step = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField()
    was_posted = models.BooleanField()
    reason = models.CharField(max_length=200)
    reduced_at = models.DateTimeField()
    reduced_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["redemption", "step"], name="reduction_step_once"),
            models.CheckConstraint(
                name="reduction_amount_not_negative", condition=Q(amount_fen__gte=0)
            ),
        ]
