"""Tables of settlement: batches, the claims in them, payment orders, bank files, claw-backs."""

from django.db import models
from django.db.models import F, Q

from huanxin.settlement._answer_tables import AnswerFile, AnswerLine, Difference
from huanxin.settlement._notice_tables import Objection
from huanxin.settlement._prepaid_tables import PrepaidBack, Prepayment, PrepaymentTerms
from huanxin.settlement.types import BatchState, FundSplit, ItemState, OrderState

__all__ = [  # they have files of their own
    "AnswerFile", "AnswerLine", "Difference", "Objection", "PrepaidBack", "Prepayment",
    "PrepaymentTerms",
]  # fmt: skip

_PARTS_ADD_UP = Q(subsidy_fen=F("central_fen") + F("province_fen") + F("city_fen"))


class Batch(models.Model):
    """Passed claims of one programme in one county, published and paid together."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    programme = models.CharField(max_length=60)
    region_code = models.CharField(max_length=12)
    region_path = models.CharField(max_length=80)
    state = models.CharField(max_length=10, default=BatchState.OPEN)
    opened_by = models.UUIDField()
    opened_at = models.DateTimeField()
    opened_on = models.DateField()
    published_on = models.DateField(null=True)
    objections_until = models.DateField(null=True)
    paid_by = models.UUIDField(null=True)
    paid_at = models.DateTimeField(null=True)
    paid_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["region_path", "opened_on"], name="batch_region_day")]
        constraints = [
            models.CheckConstraint(
                name="batch_state_known", condition=Q(state__in=[s.value for s in BatchState])
            ),
            models.CheckConstraint(
                name="batch_payer_is_not_opener",
                condition=Q(paid_by__isnull=True) | ~Q(paid_by=F("opened_by")),
            ),
            models.CheckConstraint(
                name="batch_paid_after_publicity",
                condition=Q(paid_on__isnull=True) | Q(paid_on__gt=F("objections_until")),
            ),
        ]


class PaymentOrder(models.Model):
    """One payment to one merchant. A retry is a new order that replaces the refused one."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="orders")
    org = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    subsidy_fen = models.BigIntegerField()
    central_fen = models.BigIntegerField()
    province_fen = models.BigIntegerField()
    city_fen = models.BigIntegerField()
    trade_in_fen = models.BigIntegerField()
    consumption_fen = models.BigIntegerField(default=0)
    prepaid_fen = models.BigIntegerField(default=0, db_default=0)  # paid ahead, taken off here
    clawed_fen = models.BigIntegerField(default=0, db_default=0)  # owed back, taken off here
    state = models.CharField(max_length=10, default=OrderState.SENT)
    attempt = models.PositiveSmallIntegerField(default=1)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    bank_reference = models.CharField(max_length=80, blank=True, default="")
    made_at = models.DateTimeField()
    made_on = models.DateField()
    answered_at = models.DateTimeField(null=True)
    answered_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="payment_order_state_known",
                condition=Q(state__in=[s.value for s in OrderState]),
            ),
            models.CheckConstraint(name="payment_order_parts_add_up", condition=_PARTS_ADD_UP),
            models.CheckConstraint(
                name="payment_order_offsets_within",
                condition=Q(prepaid_fen__gte=0, clawed_fen__gte=0)
                & Q(
                    subsidy_fen__gte=F("prepaid_fen")
                    + F("clawed_fen")
                    - F("trade_in_fen")
                    - F("consumption_fen")
                ),
            ),
            models.UniqueConstraint(
                name="payment_order_one_live",
                fields=["batch", "org"],
                condition=~Q(state="replaced"),
            ),
        ]

    @property
    def split(self) -> FundSplit:
        return FundSplit(self.central_fen, self.province_fen, self.city_fen)

    @property
    def amount_fen(self) -> int:
        return self.subsidy_fen + self.trade_in_fen + self.consumption_fen

    @property
    def cash_fen(self) -> int:
        return self.amount_fen - self.prepaid_fen - self.clawed_fen


class Item(models.Model):
    """One claim in one batch, split among the funds to the fen.

    A purchase with consumption vouchers and without a subsidy has no claim: `sale_id` names it.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items")
    claim = models.ForeignKey("claims.Claim", models.PROTECT, null=True, related_name="+")
    sale_id = models.UUIDField()
    merchant_id = models.UUIDField()
    order = models.ForeignKey(PaymentOrder, models.PROTECT, null=True, related_name="items")
    state = models.CharField(max_length=10, default=ItemState.TAKEN)
    subsidy_fen = models.BigIntegerField()
    central_fen = models.BigIntegerField()
    province_fen = models.BigIntegerField()
    city_fen = models.BigIntegerField()
    trade_in_fen = models.BigIntegerField()
    consumption_fen = models.BigIntegerField(default=0)
    note = models.CharField(max_length=400, blank=True, default="")
    paid_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sale_id"], name="item_sale")]
        constraints = [
            models.CheckConstraint(
                name="item_state_known", condition=Q(state__in=[s.value for s in ItemState])
            ),
            models.CheckConstraint(name="item_parts_add_up", condition=_PARTS_ADD_UP),
            models.CheckConstraint(
                name="item_parts_not_negative",
                condition=Q(central_fen__gte=0, province_fen__gte=0, city_fen__gte=0),
            ),
            models.CheckConstraint(
                name="item_claim_or_purchase",
                condition=Q(claim__isnull=False)
                | Q(claim__isnull=True, subsidy_fen=0, trade_in_fen=0, consumption_fen__gte=1),
            ),
            models.UniqueConstraint(
                name="item_sale_settled_once",
                fields=["sale_id"],
                condition=Q(state__in=["taken", "paid"]),
            ),
            models.UniqueConstraint(
                name="item_claim_settled_once",
                fields=["claim"],
                condition=Q(state__in=["taken", "paid"]),
            ),
        ]

    @property
    def split(self) -> FundSplit:
        return FundSplit(self.central_fen, self.province_fen, self.city_fen)


class BankFile(models.Model):
    """A payment file as it was made; `sent_at` once the bank channel took it."""

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="+")  # null: ahead
    name = models.CharField(max_length=80, unique=True)
    sha256 = models.CharField(max_length=64)
    content = models.TextField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)


class PartClawBack(models.Model):
    """Paid subsidy that must come back because the price was lowered. One a reduction."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="part_claw_backs")
    step = models.PositiveSmallIntegerField()  # of the sale's reductions
    subsidy_fen = models.BigIntegerField()
    central_fen = models.BigIntegerField()
    province_fen = models.BigIntegerField()
    city_fen = models.BigIntegerField()
    started_at = models.DateTimeField()
    started_on = models.DateField()
    received_at = models.DateTimeField(null=True)
    received_on = models.DateField(null=True)
    bank_reference = models.CharField(max_length=80, blank=True, default="")
    offset_order = models.ForeignKey(PaymentOrder, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "step"], name="part_claw_back_once"),
            models.CheckConstraint(name="part_claw_back_adds_up", condition=_PARTS_ADD_UP),
            models.CheckConstraint(
                name="part_claw_back_not_negative",
                condition=Q(subsidy_fen__gte=1, central_fen__gte=0, province_fen__gte=0)
                & Q(city_fen__gte=0),
            ),
        ]

    @property
    def split(self) -> FundSplit:
        return FundSplit(self.central_fen, self.province_fen, self.city_fen)


class ClawBack(models.Model):
    """Paid money that must come back because the goods did. One an item.

    What PartClawBack demanded before is not demanded twice.
    """

    item = models.OneToOneField(Item, models.PROTECT, primary_key=True, related_name="claw_back")
    started_at = models.DateTimeField()
    started_on = models.DateField()
    received_at = models.DateTimeField(null=True)
    received_on = models.DateField(null=True)
    bank_reference = models.CharField(max_length=80, blank=True, default="")
    offset_order = models.ForeignKey(PaymentOrder, models.PROTECT, null=True, related_name="+")
