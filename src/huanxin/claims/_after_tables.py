"""Tables of a price after and before the till: parts given back, orders waiting for money."""

from django.db import models
from django.db.models import Q

from huanxin.claims.types import OrderState


class SaleReduction(models.Model):
    """A price lowered after the sale, and what the rule gives on the new one. Append-only."""

    id = models.UUIDField(primary_key=True)
    sale = models.ForeignKey("claims.Sale", models.PROTECT, related_name="reductions")
    step = models.PositiveSmallIntegerField()
    off_fen = models.BigIntegerField()
    price_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField()
    refund_fen = models.BigIntegerField()  # what the shop gives back to the buyer
    less_fen = models.BigIntegerField()  # how much less subsidy
    was_released = models.BooleanField()
    reason = models.CharField(max_length=200)
    decision = models.JSONField()
    reduced_at = models.DateTimeField()
    reduced_on = models.DateField()
    account_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale", "step"], name="sale_reduction_step_once"),
            models.CheckConstraint(
                name="sale_reduction_amounts",
                condition=Q(off_fen__gte=1, price_fen__gte=1, subsidy_fen__gte=0),
            ),
            models.CheckConstraint(
                name="sale_reduction_adds_up",
                condition=Q(off_fen=models.F("refund_fen") + models.F("less_fen")),
            ),
        ]


class OnlineOrder(models.Model):
    """An online order that keeps a right until it is paid, cancelled or past its deadline."""

    id = models.UUIDField(primary_key=True)  # of the sale it becomes, too
    merchant = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    merchant_order_no = models.CharField(max_length=60)
    person_id = models.UUIDField()
    terms = models.JSONField()  # the sale as ordered
    voucher_ids = models.JSONField()
    to_pay_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, default=OrderState.OPEN)
    placed_at = models.DateTimeField()
    pay_until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    sale = models.OneToOneField("claims.Sale", models.PROTECT, null=True, related_name="+")
    reason_code = models.CharField(max_length=60, blank=True, default="")
    say = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["pay_until"], name="order_due", condition=Q(state="open")),
            models.Index(fields=["person_id", "placed_at"], name="order_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "merchant_order_no"], name="online_order_once"
            ),
            models.CheckConstraint(
                name="online_order_state_known", condition=Q(state__in=list(OrderState))
            ),
            models.CheckConstraint(
                name="online_order_sold_is_a_sale",
                condition=Q(state="sold", sale__isnull=False)
                | (~Q(state="sold") & Q(sale__isnull=True)),
            ),
        ]


class OrderPayment(models.Model):
    """A payment the channel told of, and what became of it: one sale, or all of it back."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(OnlineOrder, models.PROTECT, related_name="payments")
    reference = models.CharField(max_length=80)
    paid_fen = models.BigIntegerField()
    paid_at = models.DateTimeField()
    refund_fen = models.BigIntegerField()
    reason_code = models.CharField(max_length=60, blank=True, default="")
    say = models.CharField(max_length=300, blank=True, default="")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "reference"], name="order_payment_once"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(refund_fen=0), name="order_paid_by_one_payment"
            ),
            models.CheckConstraint(
                name="order_payment_amounts",
                condition=Q(paid_fen__gte=1)
                & (Q(refund_fen=0) | Q(refund_fen=models.F("paid_fen"))),
            ),
        ]
