"""Tables of the valuation: the published standard and the quotes made by it."""

from django.db import models
from django.db.models import F, Q

from huanxin.recycling.types import (
    AgeBand,
    BrandTier,
    valuation,
)


class Standard(models.Model):
    """A published version of the valuation standard. Append-only; the newest in force counts."""

    version = models.CharField(max_length=20, primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    from_on = models.DateField()
    body = models.JSONField()
    published_at = models.DateTimeField()


class Quote(models.Model):
    """A valuation proof (评估凭证) of one unit. Append-only."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    standard = models.ForeignKey(Standard, models.PROTECT, related_name="+")
    category_code = models.CharField(max_length=40)
    age_band = models.CharField(max_length=10)
    is_working = models.BooleanField()
    is_complete = models.BooleanField()
    brand_tier = models.CharField(max_length=10)
    cash_fen = models.BigIntegerField()
    voucher_fen = models.BigIntegerField()
    reasons = models.JSONField()
    quoted_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="quote_cash_positive", condition=Q(cash_fen__gt=0)),
            models.CheckConstraint(
                name="quote_voucher_beats_cash", condition=Q(voucher_fen__gt=F("cash_fen"))
            ),
            models.CheckConstraint(
                name="quote_answers_known",
                condition=Q(age_band__in=list(AgeBand), brand_tier__in=list(BrandTier)),
            ),
        ]

    def as_quote(self) -> valuation.ValuationQuote:
        return valuation.ValuationQuote(
            quote_id=self.id,
            number=self.number,
            person_id=self.person_id,
            answers=valuation.UnitAnswers(
                self.category_code,
                AgeBand(self.age_band),
                self.is_working,
                self.is_complete,
                BrandTier(self.brand_tier),
            ),
            cash_fen=self.cash_fen,
            voucher_fen=self.voucher_fen,
            reasons=tuple(valuation.Reason(*row) for row in self.reasons),
            standard_version=self.standard_id,
            valid_until=self.valid_until,
        )
