"""Tables of public budgets: what each has of each fund, and what waits for a second officer."""

from django.db import models
from django.db.models import F, Q

from huanxin.vouchers.types.budgets import BudgetMove, BudgetRequestCard, BudgetVerb


class FundBalance(models.Model):
    """What a budget's or pool's account has of one fund: money that came down less what went on.

    Written by a trigger on the ledger's transfers between the levels and by nobody else; spending
    has no fund before settlement. The constraint says for each fund what `balance_never_overspent`
    says for the whole. An account that ever moved money without naming its fund has a row of the
    fund '' and is not guarded: what it has of each fund is a computed share (docs/adr/160).
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("ledger.Account", models.PROTECT, related_name="+")
    fund = models.CharField(max_length=12, blank=True)
    left_fen = models.BigIntegerField()
    is_guarded = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "fund"], name="fund_balance_once"),
            models.CheckConstraint(
                name="fund_never_overspent", condition=Q(is_guarded=False) | Q(left_fen__gte=0)
            ),
        ]


class BudgetRequest(models.Model):
    """A large move of public money down the levels, laid before a second officer.

    `shares_fen` is what it brings fund by fund, empty when the payer's proportions decide.
    """

    id = models.UUIDField(primary_key=True)
    verb = models.CharField(max_length=8)  # give, allocate
    programme = models.CharField(max_length=60)
    region_code = models.CharField(max_length=12)
    region_path = models.CharField(max_length=80)
    amount_fen = models.BigIntegerField()
    shares_fen = models.JSONField()
    fund = models.CharField(max_length=12, blank=True)
    document = models.CharField(max_length=120)  # the paper that orders it
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(null=True)
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-proposed_at"], name="budget_request_latest")]
        constraints = [
            models.CheckConstraint(
                name="budget_request_two_people",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="budget_request_decided_whole",
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, is_approved=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False, is_approved__isnull=False),
            ),
            models.CheckConstraint(
                name="budget_request_amount",
                condition=Q(amount_fen__gte=1, verb__in=["give", "allocate"]),
            ),
        ]

    def as_card(self) -> BudgetRequestCard:
        move = BudgetMove(
            BudgetVerb(self.verb), self.programme, self.region_code, dict(self.shares_fen),
            self.amount_fen, self.fund,
        )  # fmt: skip
        return BudgetRequestCard(
            self.id, move, self.region_path, self.document, self.proposed_by, self.proposed_at,
            self.decided_by, self.decided_at, self.is_approved, self.note,
        )  # fmt: skip
