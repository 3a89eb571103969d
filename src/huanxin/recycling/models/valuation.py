"""Tables of the valuation: the published standard and the quotes made by it."""

from django.db import models
from django.db.models import F, Q

from huanxin.recycling.types import (
    AgeBand,
    BrandTier,
    ProposalState,
    StandardKind,
    valuation,
)


class Standard(models.Model):
    """A published version of the valuation standard. Append-only; the newest in force counts."""

    version = models.CharField(max_length=20, primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    from_on = models.DateField()
    body = models.JSONField()
    published_at = models.DateTimeField()
    proposed_by_id = models.UUIDField(null=True)  # null: shipped with the platform
    approved_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="standard_needs_two_people",
                condition=Q(proposed_by_id__isnull=True, approved_by_id__isnull=True)
                | (
                    Q(proposed_by_id__isnull=False, approved_by_id__isnull=False)
                    & ~Q(proposed_by_id=F("approved_by_id"))
                ),
            ),
        ]


class StandardProposal(models.Model):
    """A version that one officer proposes and another decides."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(
        max_length=10, default=StandardKind.VALUATION, db_default=StandardKind.VALUATION.value
    )
    version = models.CharField(max_length=20)
    from_on = models.DateField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=400)
    state = models.CharField(max_length=10)
    proposed_by_id = models.UUIDField()
    proposed_at = models.DateTimeField()
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="standard_proposal_one_waiting",
                fields=["version"],
                condition=Q(state=ProposalState.WAITING),
            ),
            models.CheckConstraint(
                name="standard_proposal_state_known", condition=Q(state__in=list(ProposalState))
            ),
            models.CheckConstraint(
                name="standard_decided_by_another",
                condition=Q(state=ProposalState.WAITING, decided_by_id__isnull=True)
                | (
                    Q(decided_by_id__isnull=False, decided_at__isnull=False)
                    & ~Q(state=ProposalState.WAITING)
                    & ~Q(decided_by_id=F("proposed_by_id"))
                ),
            ),
        ]

    def as_card(self) -> valuation.StandardProposalCard:
        return valuation.StandardProposalCard(
            self.id, self.version, self.from_on, self.text, self.reason,
            ProposalState(self.state), self.proposed_by_id, self.proposed_at,
            self.decided_by_id, self.decided_at, self.decision_note, StandardKind(self.kind),
        )  # fmt: skip


class ScrapPrice(models.Model):
    """What a scrap material cost on a day, as an officer published it. Append-only."""

    id = models.BigAutoField(primary_key=True)
    index_code = models.CharField(max_length=40)
    priced_on = models.DateField()
    fen_per_tonne = models.BigIntegerField()
    source = models.CharField(max_length=200)
    published_by_id = models.UUIDField(null=True)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="scrap_price_once_a_day", fields=["index_code", "priced_on"]
            ),
            models.CheckConstraint(name="scrap_price_positive", condition=Q(fen_per_tonne__gt=0)),
        ]

    def as_card(self) -> valuation.ScrapPriceCard:
        return valuation.ScrapPriceCard(
            self.index_code, self.priced_on, self.fen_per_tonne, self.source, self.published_at
        )


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
    variant = models.CharField(max_length=40, blank=True, default="")
    model_name = models.CharField(max_length=60, blank=True, default="")
    details = models.JSONField(default=dict)
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
                self.variant,
                self.model_name,
                tuple(sorted(self.details.items())),
            ),
            cash_fen=self.cash_fen,
            voucher_fen=self.voucher_fen,
            reasons=tuple(valuation.Reason(*row) for row in self.reasons),
            standard_version=self.standard_id,
            valid_until=self.valid_until,
        )


class QuotePhoto(models.Model):
    """A photo that an owner added to a proof. The original stays sealed; a copy is shown."""

    id = models.BigAutoField(primary_key=True)
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="+")
    received_sha256 = models.CharField(max_length=64)
    shown_sha256 = models.CharField(max_length=64)
    byte_count = models.PositiveIntegerField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="quote_photo_once", fields=["quote", "received_sha256"]),
        ]
