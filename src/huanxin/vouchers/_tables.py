"""Tables of consumption vouchers: a pool's terms and tiers, purchases and what came back."""

from uuid import UUID

from django.db import models
from django.db.models import F, Q

from huanxin.vouchers.types import (
    Audience,
    Circle,
    ConsumptionTerms,
    LimitPer,
    OnReturn,
    PurchaseCard,
    Tier,
)


class PoolTerms(models.Model):
    """Who may spend a pool's vouchers on what, where and beside what. Append-only."""

    pool = models.OneToOneField(
        "vouchers.Pool", models.PROTECT, primary_key=True, related_name="terms"
    )
    campaign = models.CharField(max_length=40)
    round = models.PositiveSmallIntegerField()
    limit_per = models.CharField(max_length=8)
    limit_count = models.PositiveSmallIntegerField()
    categories = models.JSONField()
    merchant_ids = models.JSONField()
    residence = models.JSONField()
    tags = models.JSONField()
    age_from = models.PositiveSmallIntegerField(null=True)
    age_to = models.PositiveSmallIntegerField(null=True)
    lat_e6 = models.IntegerField(null=True)
    lon_e6 = models.IntegerField(null=True)
    radius_m = models.PositiveIntegerField(null=True)
    with_qualification = models.BooleanField()
    with_huanxin = models.BooleanField()
    others_max = models.PositiveSmallIntegerField()
    order = models.PositiveSmallIntegerField()
    lowers_base = models.BooleanField()
    on_return = models.CharField(max_length=8)
    is_synthetic = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["campaign", "round"], name="pool_terms_of_round")]
        constraints = [
            models.CheckConstraint(
                name="pool_terms_limit",
                condition=Q(limit_per__in=list(LimitPer), limit_count__gte=1),
            ),
            models.CheckConstraint(
                name="pool_terms_ages",
                condition=Q(age_from__isnull=True)
                | Q(age_to__isnull=True)
                | Q(age_from__lte=F("age_to")),
            ),
            models.CheckConstraint(
                name="pool_terms_circle",
                condition=Q(lat_e6__isnull=True, lon_e6__isnull=True, radius_m__isnull=True)
                | Q(lat_e6__isnull=False, lon_e6__isnull=False, radius_m__gte=1),
            ),
            models.CheckConstraint(
                name="pool_terms_return_known", condition=Q(on_return__in=list(OnReturn))
            ),
            models.CheckConstraint(name="pool_terms_others", condition=Q(others_max__lte=4)),
        ]

    def as_terms(self, funder_code: str, tiers: tuple[Tier, ...]) -> ConsumptionTerms:
        circle = None
        if self.lat_e6 is not None and self.lon_e6 is not None and self.radius_m is not None:
            circle = Circle(self.lat_e6, self.lon_e6, self.radius_m)
        return ConsumptionTerms(
            campaign=self.campaign,
            funder_code=funder_code,
            tiers=tiers,
            round=self.round,
            limit_per=LimitPer(self.limit_per),
            limit_count=self.limit_count,
            categories=tuple(self.categories),
            merchant_ids=tuple(UUID(one) for one in self.merchant_ids),
            audience=Audience(self.age_from, self.age_to, tuple(self.residence), tuple(self.tags)),
            circle=circle,
            with_qualification=self.with_qualification,
            with_huanxin=self.with_huanxin,
            others_max=self.others_max,
            order=self.order,
            lowers_base=self.lowers_base,
            on_return=OnReturn(self.on_return),
            is_synthetic=self.is_synthetic,
        )


class PoolTier(models.Model):
    """满减: one step of a pool's ladder. Append-only."""

    pool = models.ForeignKey("vouchers.Pool", models.PROTECT, related_name="tiers")
    threshold_fen = models.BigIntegerField()
    discount_fen = models.BigIntegerField()
    rate_bps = models.PositiveIntegerField()

    class Meta:
        ordering = ["threshold_fen"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "threshold_fen"], name="pool_tier_once"),
            models.UniqueConstraint(fields=["pool", "discount_fen"], name="pool_tier_rises"),
            models.CheckConstraint(
                name="pool_tier_below_threshold",
                condition=Q(discount_fen__gte=1, discount_fen__lte=F("threshold_fen")),
            ),
            models.CheckConstraint(name="pool_tier_rate", condition=Q(rate_bps__lte=10_000)),
        ]

    def as_tier(self) -> Tier:
        return Tier(self.threshold_fen, self.discount_fen, self.rate_bps)


class Purchase(models.Model):
    """Goods bought with consumption vouchers and without a subsidy.

    Its row serialises what happens to it; `returned_fen` counts the price of what came back.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    org_id = models.UUIDField()
    till_id = models.CharField(max_length=40)
    person_id = models.UUIDField()
    category_code = models.CharField(max_length=40)
    price_fen = models.BigIntegerField()
    discount_fen = models.BigIntegerField()
    to_pay_fen = models.BigIntegerField()
    region_path = models.CharField(max_length=80)
    bought_at = models.DateTimeField()
    bought_on = models.DateField()
    account_id = models.UUIDField()
    returned_fen = models.BigIntegerField(default=0)
    kept_discount_fen = models.BigIntegerField()  # falls with partial returns
    released_at = models.DateTimeField(null=True)  # handed to settlement: money is on its way

    class Meta:
        indexes = [
            models.Index(fields=["org_id", "-bought_at"], name="purchase_of_org"),
            models.Index(fields=["region_path", "bought_on"], name="purchase_region_day"),
        ]
        constraints = [
            models.CheckConstraint(
                name="purchase_adds_up",
                condition=Q(price_fen=F("discount_fen") + F("to_pay_fen"))
                & Q(discount_fen__gte=1, to_pay_fen__gte=0),
            ),
            models.CheckConstraint(
                name="purchase_returned_once",
                condition=Q(returned_fen__gte=0, returned_fen__lte=F("price_fen")),
            ),
            models.CheckConstraint(
                name="purchase_keeps_less",
                condition=Q(kept_discount_fen__gte=0, kept_discount_fen__lte=F("discount_fen"))
                & Q(kept_discount_fen__lte=F("price_fen") - F("returned_fen")),
            ),
        ]

    def as_card(self) -> PurchaseCard:
        return PurchaseCard(
            id=self.id,
            number=self.number,
            org_id=self.org_id,
            person_id=self.person_id,
            category_code=self.category_code,
            price_fen=self.price_fen,
            discount_fen=self.discount_fen,
            to_pay_fen=self.to_pay_fen,
            bought_at=self.bought_at,
            returned_fen=self.returned_fen,
            kept_discount_fen=self.kept_discount_fen,
            is_released=self.released_at is not None,
        )


class PurchaseReturn(models.Model):
    """Goods of a purchase that came back: their price, and the cash that was refunded. Append-only.

    `discount_back_fen` is what the vouchers no longer pay.
    """

    id = models.UUIDField(primary_key=True)
    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="returns")
    returned_fen = models.BigIntegerField()
    discount_back_fen = models.BigIntegerField()
    refund_fen = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    returned_at = models.DateTimeField()
    returned_on = models.DateField()
    account_id = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="purchase_return_adds_up",
                condition=Q(returned_fen=F("discount_back_fen") + F("refund_fen"))
                & Q(returned_fen__gte=1, discount_back_fen__gte=0, refund_fen__gte=0),
            ),
        ]
