"""Accounts, their balances, and the transfers that explain every fen of them."""

from django.db import models
from django.db.models import F, Q

from huanxin.ledger.types import AccountKind, TransferKind

_RESOLVING = [TransferKind.POST_PENDING, TransferKind.VOID_PENDING]


class Account(models.Model):
    """A named account. Never changes; its totals live in Balance."""

    code = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12)
    region_path = models.CharField(max_length=80, blank=True)
    owner_key = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_kind_known", condition=Q(kind__in=list(AccountKind))
            ),
        ]


class Balance(models.Model):
    """The running totals of one account, changed in the transaction of each transfer."""

    account = models.OneToOneField(
        Account, models.PROTECT, primary_key=True, related_name="balance"
    )
    kind = models.CharField(max_length=12)  # repeated here so that the constraint can see it
    debits_pending_fen = models.BigIntegerField(default=0)
    debits_posted_fen = models.BigIntegerField(default=0)
    credits_pending_fen = models.BigIntegerField(default=0)
    credits_posted_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="balance_never_overspent",
                condition=~Q(kind__in=[AccountKind.BUDGET, AccountKind.POOL])
                | Q(
                    credits_posted_fen__gte=F("debits_posted_fen") + F("debits_pending_fen"),
                ),
            ),
            models.CheckConstraint(
                name="balance_totals_not_negative",
                condition=Q(debits_pending_fen__gte=0)
                & Q(debits_posted_fen__gte=0)
                & Q(credits_pending_fen__gte=0)
                & Q(credits_posted_fen__gte=0),
            ),
        ]


class Transfer(models.Model):
    """One movement of money. Append-only: a resolution is a row that names its pending one."""

    kind = models.CharField(max_length=12)
    cause = models.CharField(max_length=40)
    cause_id = models.UUIDField()
    leg = models.CharField(max_length=40)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    amount_fen = models.BigIntegerField()
    pending = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="resolutions", db_index=False
    )
    reason = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    made_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["debit", "id"], name="transfer_of_debit"),
            models.Index(fields=["credit", "id"], name="transfer_of_credit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "cause_id", "leg"],
                condition=Q(pending__isnull=True),
                name="transfer_key_once",
            ),
            models.UniqueConstraint(
                fields=["pending"],
                condition=Q(pending__isnull=False),
                name="transfer_resolved_once",
            ),
            models.CheckConstraint(name="transfer_amount_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(name="transfer_two_accounts", condition=~Q(debit=F("credit"))),
            models.CheckConstraint(
                name="transfer_kind_fits",
                condition=Q(kind__in=_RESOLVING, pending__isnull=False)
                | Q(kind__in=[TransferKind.POSTED, TransferKind.PENDING], pending__isnull=True),
            ),
        ]
