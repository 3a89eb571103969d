"""Accounts, their balances, and the transfers that explain every fen of them."""

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.ledger import types
from huanxin.ledger._closing_tables import Closing, ClosingBalance
from huanxin.ledger.types import AccountKind, TransferKind

__all__ = ["Closing", "ClosingBalance"]  # they have a file of their own

_RESOLVING = [TransferKind.POST_PENDING, TransferKind.VOID_PENDING, TransferKind.EXPIRED]
_GUARDED = [AccountKind.BUDGET, AccountKind.POOL, AccountKind.FUNDER, AccountKind.PREPAID]
_WITH_CREDIT = [AccountKind.FUNDER, AccountKind.PREPAID]


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
    credit_limit_fen = models.BigIntegerField(default=0, db_default=0)  # of the latest CreditLine

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="balance_never_overspent",
                condition=~Q(kind__in=_GUARDED)
                | Q(
                    credits_posted_fen__gte=F("debits_posted_fen")
                    + F("debits_pending_fen")
                    - F("credit_limit_fen"),
                ),
            ),
            models.CheckConstraint(
                name="balance_credit_for_funders",
                condition=Q(credit_limit_fen=0) | Q(kind__in=_WITH_CREDIT, credit_limit_fen__gt=0),
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

    tx = XactField(db_default=CurrentXact(), editable=False)  # the log's sealer follows it
    kind = models.CharField(max_length=12)
    cause = models.CharField(max_length=40)
    cause_id = models.UUIDField()
    leg = models.CharField(max_length=40)
    # looked up once a statement, not once a row: see kernel.schema.reference
    debit = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    credit = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    amount_fen = models.BigIntegerField()
    pending = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="resolutions", db_index=False
    )
    expires_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    made_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["debit", "id"], name="transfer_of_debit"),
            models.Index(fields=["credit", "id"], name="transfer_of_credit"),
            models.Index(fields=["tx", "id"], name="transfer_feed"),
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
            models.CheckConstraint(
                name="transfer_deadline_of_a_hold",
                condition=Q(expires_at__isnull=True)
                | Q(kind=TransferKind.PENDING, expires_at__gt=F("made_at")),
            ),
        ]


class Deadline(models.Model):
    """A hold with an end that has not ended yet: a work list, no fact; its end takes it out."""

    transfer = models.OneToOneField(Transfer, models.PROTECT, primary_key=True, related_name="+")
    expires_at = models.DateTimeField(db_index=True)


class CreditLine(models.Model):
    """How far a funder, or who is paid ahead, may go below zero. Append-only: the latest counts."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="credit_lines")
    limit_fen = models.BigIntegerField()
    title = models.CharField(max_length=120)  # the agreement's name or document number
    cause_id = models.UUIDField(unique=True)
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="credit_line_limit", condition=Q(limit_fen__gte=0)),
            models.CheckConstraint(name="credit_line_named", condition=~Q(title="")),
        ]


class Proof(models.Model):
    """What one run of the nightly check found. Append-only."""

    made_at = models.DateTimeField()
    made_on = models.DateField(db_index=True)
    accounts = models.BigIntegerField()
    transfers = models.BigIntegerField()
    difference_fen = models.BigIntegerField()
    findings = models.JSONField(default=list)

    def as_proof(self) -> types.Proof:
        return types.Proof(
            id=self.pk,
            made_at=self.made_at,
            made_on=self.made_on,
            accounts=self.accounts,
            transfers=self.transfers,
            difference_fen=self.difference_fen,
            findings=tuple(self.findings),
        )
