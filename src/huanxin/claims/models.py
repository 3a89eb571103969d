"""Tables of claims. Sales, returns, evidence, findings and reviews are facts: append-only (0002).

`Claim` is the one row that changes state, and the one row that serialises decisions about a sale.
`Reading` is the newest value of every fact read from a sale's papers: derived, rewritten on upload.
"""

from datetime import timedelta
from enum import StrEnum

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Substr

from huanxin.claims import types
from huanxin.claims._after_tables import OnlineOrder, OrderPayment, SaleReduction
from huanxin.claims._desk_tables import DeskTerms, Draw, Stop, StoppedClaim, Waiver
from huanxin.claims._reading_tables import PaperFile, Scan
from huanxin.claims._ring_tables import RingMember, SerialForm, SerialPrefix, Tie
from huanxin.claims._upload_tables import Upload
from huanxin.claims.types import (
    AuditStatus,
    Channel,
    EvidenceKind,
    Outcome,
    ReviewVerdict,
    VerifyStatus,
)
from huanxin.claims.types.desk import CaseKind
from huanxin.claims.types.uploads import LATE_DAYS

__all__ = [  # they have files of their own
    "DeskTerms", "Draw", "OnlineOrder", "OrderPayment", "PaperFile", "RingMember", "SaleReduction",
    "Scan", "SerialForm", "SerialPrefix", "Stop", "StoppedClaim", "Tie", "Upload", "Waiver",
]  # fmt: skip


def _known(field: str, kind: type[StrEnum]) -> Q:
    return Q(**{f"{field}__in": [member.value for member in kind]})


class Sale(models.Model):
    """A subsidised sale as the till wrote it, with the decision that set its amount."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    merchant = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    till_id = models.CharField(max_length=40)
    merchant_order_no = models.CharField(max_length=60, blank=True, default="")
    channel = models.CharField(max_length=10)
    pay_type = models.CharField(max_length=20, blank=True, default="")
    old_unit_order_no = models.CharField(max_length=60, blank=True, default="")
    old_unit_price_fen = models.BigIntegerField(null=True)  # what the old unit was bought for
    platform_name = models.CharField(max_length=60, blank=True, default="")  # e-commerce party
    outlet_code = models.CharField(max_length=40, blank=True, default="")  # one shop of a chain
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    person_pseudonym = models.CharField(max_length=64)
    qualification = models.ForeignKey("vouchers.Voucher", models.PROTECT, related_name="+")
    trade_in_voucher = models.ForeignKey(
        "vouchers.Voucher", models.PROTECT, null=True, related_name="+"
    )
    model = models.ForeignKey("catalogue.Model", models.PROTECT, related_name="+")
    gtin = models.CharField(max_length=14)
    category_code = models.CharField(max_length=40)
    energy_grade = models.PositiveSmallIntegerField(null=True)
    manufacturer = models.CharField(max_length=60)
    serial = models.CharField(max_length=60)
    serial_norm = models.CharField(max_length=60)
    imei = models.CharField(max_length=20, null=True)
    imei2 = models.CharField(max_length=20, null=True)  # the second of a phone with two
    list_price_fen = models.BigIntegerField()
    discount_fen = models.BigIntegerField()
    trade_in_fen = models.BigIntegerField()
    consumption_fen = models.BigIntegerField(default=0)  # off the price the subsidy is taken from
    tender_fen = models.BigIntegerField(default=0)  # consumption vouchers paid with after it
    discount_count = models.PositiveSmallIntegerField(default=0)  # legs discount1 to discount<n>
    price_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField()
    to_pay_fen = models.BigIntegerField()
    policy_amount_fen = models.BigIntegerField()
    filed_price_fen = models.BigIntegerField(null=True)
    right_limit = models.PositiveSmallIntegerField()
    programme = models.CharField(max_length=60)
    version_hash = models.CharField(max_length=64)
    line_id = models.CharField(max_length=60)
    decision = models.JSONField()
    region_path = models.CharField(max_length=80)
    sold_at = models.DateTimeField()
    sold_on = models.DateField()
    sold_epoch = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    account_id = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["manufacturer", "serial_norm"], name="sale_device"),
            models.Index(fields=["imei"], name="sale_imei", condition=Q(imei__isnull=False)),
            models.Index(fields=["merchant", "till_id", "sold_epoch"], name="sale_till"),
            models.Index(
                fields=["person_pseudonym", "programme", "category_code"], name="sale_person"
            ),
            models.Index(fields=["region_path", "sold_on"], name="sale_region_day"),
            models.Index(fields=["merchant", "model", "sold_epoch"], name="sale_price_history"),
            models.Index(fields=["merchant", "sold_epoch"], name="sale_of_shop"),
            models.Index(
                fields=["old_unit_order_no"],
                name="sale_old_unit",
                condition=~Q(old_unit_order_no=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="sale_channel_known", condition=_known("channel", Channel)),
            models.CheckConstraint(
                name="sale_price_adds_up",
                condition=Q(
                    list_price_fen=F("price_fen")
                    + F("discount_fen")
                    + F("trade_in_fen")
                    + F("consumption_fen"),
                    price_fen=F("subsidy_fen") + F("tender_fen") + F("to_pay_fen"),
                ),
            ),
            models.CheckConstraint(
                name="sale_money_not_negative",
                condition=Q(
                    list_price_fen__gt=0,
                    discount_fen__gte=0,
                    trade_in_fen__gte=0,
                    consumption_fen__gte=0,
                    tender_fen__gte=0,
                    subsidy_fen__gt=0,
                    to_pay_fen__gte=0,
                ),
            ),
        ]


class SaleReturn(models.Model):
    """Goods that came back. One a sale."""

    sale = models.OneToOneField(Sale, models.PROTECT, primary_key=True, related_name="+")
    reason = models.CharField(max_length=200)
    was_released = models.BooleanField()
    returned_at = models.DateTimeField()
    returned_on = models.DateField()
    account_id = models.UUIDField()


class Claim(models.Model):
    """The merchant's claim for one sale's subsidy and how far it has come."""

    id = models.UUIDField(primary_key=True)
    sale = models.OneToOneField(Sale, models.PROTECT, related_name="claim")
    qualification_id = models.UUIDField()
    device_key = models.CharField(max_length=130)
    wanted = models.CharField(max_length=120)  # kinds of evidence, comma-separated
    verify_status = models.CharField(max_length=10, default=VerifyStatus.WAITING)
    audit_status = models.CharField(max_length=10, default=AuditStatus.NONE)
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # a refusal became final and its hold was voided
    invoice_key = models.CharField(max_length=40, null=True)  # set when the claim is passed
    is_returned = models.BooleanField(default=False)
    price_fen = models.BigIntegerField()  # what stands now: as sold, less what was reduced since
    subsidy_fen = models.BigIntegerField()
    to_pay_fen = models.BigIntegerField()
    round = models.PositiveSmallIntegerField(default=0)
    mend_count = models.PositiveSmallIntegerField(default=0)  # how often the machine gave it back
    risk_score = models.PositiveIntegerField(default=0)
    case_kind = models.CharField(max_length=10, blank=True, default="")  # why a person is asked
    asked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    needs_second = models.BooleanField(default=False)
    first_reviewer_id = models.UUIDField(null=True)  # who passed it, of this round
    second_reviewer_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["submitted_at", "id"],
                name="claim_waiting",
                condition=Q(verify_status="waiting", submitted_at__isnull=False, is_returned=False),
            ),
            models.Index(
                fields=["-risk_score", "submitted_at"],
                name="claim_queue",
                condition=Q(audit_status="waiting"),
            ),
            models.Index(
                fields=["due_at"], name="claim_case_clock", condition=Q(audit_status="waiting")
            ),
            models.Index(fields=["decided_at"], name="claim_decided"),
        ]
        constraints = [
            models.CheckConstraint(
                name="claim_verify_known", condition=_known("verify_status", VerifyStatus)
            ),
            models.CheckConstraint(
                name="claim_audit_known", condition=_known("audit_status", AuditStatus)
            ),
            models.CheckConstraint(
                name="claim_mending_is_nobodys_case",
                condition=~Q(verify_status="mending")
                | Q(audit_status="none", mend_count__gte=1, invoice_key__isnull=True),
            ),
            models.CheckConstraint(
                name="claim_money_leaves_only_on_a_pass",
                condition=Q(released_at__isnull=True)
                | Q(audit_status="passed")
                | Q(audit_status="none", verify_status="passed"),
            ),
            models.CheckConstraint(
                name="claim_price_adds_up",
                condition=Q(
                    price_fen__gte=F("subsidy_fen") + F("to_pay_fen"),  # the rest is tender
                    subsidy_fen__gte=0,
                    to_pay_fen__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="claim_closed_is_never_released",
                condition=Q(closed_at__isnull=True) | Q(released_at__isnull=True),
            ),
            models.CheckConstraint(
                name="claim_case_has_a_clock",
                condition=~Q(audit_status="waiting")
                | Q(due_at__isnull=False, case_kind__in=[kind.value for kind in CaseKind]),
            ),
            models.CheckConstraint(
                name="claim_large_passes_by_two",
                condition=~Q(audit_status="passed", needs_second=True)
                | Q(first_reviewer_id__isnull=False, second_reviewer_id__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_two_are_different",
                condition=Q(second_reviewer_id__isnull=True)
                | Q(first_reviewer_id__isnull=False)
                & ~Q(first_reviewer_id=F("second_reviewer_id")),
            ),
            models.UniqueConstraint(
                name="claim_right_once",
                fields=["qualification_id"],
                condition=Q(is_returned=False),
            ),
            models.UniqueConstraint(
                name="claim_device_once", fields=["device_key"], condition=Q(is_returned=False)
            ),
            models.UniqueConstraint(
                name="claim_invoice_pays_once",
                fields=["invoice_key"],
                condition=Q(is_returned=False, invoice_key__isnull=False),
            ),
        ]


class Evidence(models.Model):
    """One paper or photo as handed in: the digest of its bytes and the facts read from it."""

    id = models.UUIDField(primary_key=True)
    sale = models.ForeignKey(Sale, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64)
    photo_hash = models.CharField(max_length=32, null=True)
    lat_e6 = models.IntegerField(null=True)
    lon_e6 = models.IntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    facts = models.JSONField()
    submitted_at = models.DateTimeField()
    account_id = models.UUIDField()
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="+")  # in bulk

    class Meta:
        indexes = [
            models.Index(
                fields=["photo_hash"],
                name="evidence_photo_hash",
                condition=Q(photo_hash__isnull=False),
            ),
            models.Index(fields=["sha256"], name="evidence_sha256"),
            *(  # a fingerprint's four parts: two pictures nearly alike share one (docs/adr/177)
                models.Index(
                    Substr("photo_hash", at, 4),
                    name=f"evidence_photo_part_{at // 4 + 1}",
                    condition=Q(photo_hash__isnull=False),
                )
                for at in (1, 5, 9, 13)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="evidence_kind_known", condition=_known("kind", EvidenceKind)
            ),
            models.CheckConstraint(
                name="evidence_named_by_digest", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def as_card(self) -> types.EvidenceCard:
        late = self.submitted_at - self.sale.sold_at > timedelta(days=LATE_DAYS)
        return types.EvidenceCard(
            EvidenceKind(self.kind),
            self.sha256,
            self.facts,
            self.submitted_at,
            is_bulk=self.upload_id is not None,
            is_late=late,
        )


class Reading(models.Model):
    """The newest facts read from a sale's papers, as plain columns for the checks."""

    sale = models.OneToOneField(Sale, models.PROTECT, primary_key=True, related_name="reading")
    invoice_key = models.CharField(max_length=40, null=True, db_index=True)
    invoice_code = models.CharField(max_length=12, null=True)
    invoice_number = models.CharField(max_length=20, null=True)
    invoice_total_fen = models.BigIntegerField(null=True)
    invoiced_on = models.DateField(null=True)
    buyer_pseudonym = models.CharField(max_length=64, null=True)
    seller_uscc = models.CharField(max_length=18, null=True)
    invoiced_at = models.DateTimeField(null=True)
    invoice_type = models.CharField(max_length=4, null=True)  # 31 digital special, 32 ordinary …
    invoice_check_code = models.CharField(max_length=20, null=True)
    invoice_link = models.CharField(max_length=300, null=True)
    invoice_tax_fen = models.BigIntegerField(null=True)
    seller_name = models.CharField(max_length=120, null=True)
    goods_name = models.CharField(max_length=200, null=True)
    goods_count = models.PositiveIntegerField(null=True)
    goods_category = models.CharField(max_length=40, null=True)  # what the invoice says was sold
    red_on = models.DateField(null=True)  # a red invoice cancelled it
    serial_read = models.CharField(max_length=60, null=True, db_index=True)
    imei_read = models.CharField(max_length=20, null=True, db_index=True)
    produced_on = models.DateField(null=True)
    grade_read = models.PositiveSmallIntegerField(null=True)
    gtin_read = models.CharField(max_length=14, null=True)
    model_read = models.CharField(max_length=60, null=True)
    label_lat_e6 = models.IntegerField(null=True)
    label_lon_e6 = models.IntegerField(null=True)
    waybill = models.CharField(max_length=60, null=True, db_index=True)
    carrier = models.CharField(max_length=40, null=True)
    ship_from_region_code = models.CharField(max_length=12, null=True)
    pickup_mode = models.CharField(max_length=20, null=True)  # 送货上门、自提、门店配送
    route_scans = models.PositiveIntegerField(null=True)
    shipped_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    receiver_pseudonym = models.CharField(max_length=64, null=True)
    receiver_relation = models.CharField(max_length=10, null=True)  # declared: to the claimant
    receiver_phone_key = models.CharField(max_length=64, null=True)
    address_key = models.CharField(max_length=64, null=True)
    address_region_code = models.CharField(max_length=12, null=True)
    address_lat_e6 = models.IntegerField(null=True)
    address_lon_e6 = models.IntegerField(null=True)
    delivery_lat_e6 = models.IntegerField(null=True)
    delivery_lon_e6 = models.IntegerField(null=True)
    activated_at = models.DateTimeField(null=True)
    paid_fen = models.BigIntegerField(null=True)
    paid_at = models.DateTimeField(null=True)
    payer_pseudonym = models.CharField(max_length=64, null=True)
    payer_relation = models.CharField(max_length=10, null=True)
    card_key = models.CharField(max_length=64, null=True)
    ip_key = models.CharField(max_length=64, null=True)
    ip_region_code = models.CharField(max_length=12, null=True)
    payer_lat_e6 = models.IntegerField(null=True)
    payer_lon_e6 = models.IntegerField(null=True)
    refunded_fen = models.BigIntegerField(null=True)  # what came back to the buyer

    class Meta:
        indexes = [models.Index(fields=["seller_uscc", "invoiced_on"], name="reading_seller_day")]


class Finding(models.Model):
    """What one check found on one claim in one round of checking."""

    id = models.BigAutoField(primary_key=True)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    check_id = models.CharField(max_length=60)
    outcome = models.CharField(max_length=8)
    reason_code = models.CharField(max_length=4)
    evidence = models.JSONField()
    found_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["claim", "round"], name="finding_claim"),
            models.Index(
                fields=["found_at", "check_id"],
                name="finding_that_stopped",
                condition=Q(outcome__in=["hold", "refuse", "mend"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="finding_outcome_known", condition=_known("outcome", Outcome)
            ),
        ]


class Review(models.Model):
    """What a person decided about a claim, and why. A large pass takes two steps, by two people."""

    id = models.BigAutoField(primary_key=True)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(max_length=10)
    reason_code = models.CharField(max_length=4)
    note = models.CharField(max_length=400)
    reviewer_id = models.UUIDField()
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="review_verdict_known", condition=_known("verdict", ReviewVerdict)
            ),
            models.UniqueConstraint(fields=["claim", "round", "step"], name="review_once_a_step"),
            models.UniqueConstraint(
                fields=["claim", "round", "reviewer_id"], name="review_by_different_people"
            ),
        ]


class Appeal(models.Model):
    """A merchant's objection to a refusal by the machine. One a claim."""

    claim = models.OneToOneField(Claim, models.PROTECT, primary_key=True, related_name="+")
    note = models.CharField(max_length=400)
    account_id = models.UUIDField()
    appealed_at = models.DateTimeField()
