"""Tables of a dismantler's books: key parts, stock-takes, what the fund owes."""

from django.db import models
from django.db.models import F, Q

from huanxin.recycling.types.floor import FundClaimCard

_ORG = "identity.Organisation"


class RunPart(models.Model):
    """Key parts counted out of a run. Append-only."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey("recycling.Run", models.PROTECT, related_name="+")
    part_code = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    expected = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    is_off = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="run_part_once", fields=["run", "part_code"]),
            models.CheckConstraint(
                name="run_part_is_not_made", condition=Q(found__lte=F("expected"))
            ),
        ]


class StockTake(models.Model):
    """A dismantler's floor counted on a day. Append-only."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    dismantler = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    taken_at = models.DateTimeField()
    taken_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stock_take_moment", fields=["dismantler", "taken_at"]),
        ]


class StockTakeLine(models.Model):
    """One class of a stock-take: opening + in - out = book, and what was counted. Append-only."""

    id = models.BigAutoField(primary_key=True)
    take = models.ForeignKey(StockTake, models.PROTECT, related_name="lines")
    class_code = models.CharField(max_length=40)
    opening_count = models.IntegerField()
    in_count = models.IntegerField()
    out_count = models.IntegerField()
    counted_count = models.PositiveIntegerField()
    opening_g = models.BigIntegerField()
    in_g = models.BigIntegerField()
    out_g = models.BigIntegerField()
    counted_g = models.PositiveBigIntegerField()
    explanation = models.CharField(max_length=400, blank=True, default="")
    case = models.ForeignKey("recycling.Case", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stock_take_class_once", fields=["take", "class_code"]),
            models.CheckConstraint(
                name="stock_take_difference_has_a_reason",
                condition=Q(counted_count=F("opening_count") + F("in_count") - F("out_count"))
                | ~Q(explanation="")
                | Q(case__isnull=False),
            ),
        ]


class FundClaim(models.Model):
    """A month's certificate-backed claim as handed in. Append-only."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    dismantler = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    month = models.DateField()
    unit_count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField()
    claimed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="fund_month_claimed_once", fields=["dismantler", "month"]),
            models.CheckConstraint(name="fund_claim_not_negative", condition=Q(total_fen__gte=0)),
        ]

    def as_card(self) -> FundClaimCard:
        return FundClaimCard(
            self.id, self.number, self.dismantler_id, self.month, self.unit_count,
            self.total_fen, self.claimed_at,
        )  # fmt: skip


class FundClaimUnit(models.Model):
    """A dismantled unit is claimed for once. Append-only."""

    id = models.BigAutoField(primary_key=True)
    claim = models.ForeignKey(FundClaim, models.PROTECT, related_name="+")
    run_unit = models.OneToOneField("recycling.RunUnit", models.PROTECT, related_name="+")
    class_code = models.CharField(max_length=40)
    rate_fen = models.BigIntegerField()
