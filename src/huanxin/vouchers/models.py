"""Pools, vouchers, redemptions, and the devices that carry one."""

from uuid import UUID

from django.db import models
from django.db.models import F, Q

from huanxin.vouchers._budget_tables import BudgetRequest, FundBalance
from huanxin.vouchers._life_tables import HolderTotal, PlatformNotice, Reduction
from huanxin.vouchers._tables import PoolTerms, PoolTier, Purchase, PurchaseReturn
from huanxin.vouchers.types import (
    ConsumptionTerms,
    HolderKind,
    LotteryCard,
    PlanCard,
    PoolCard,
    PoolCategory,
    PoolStage,
    ReleaseMode,
    RightChannel,
    VoucherCard,
    VoucherKind,
    VoucherState,
    VoucherTerms,
)

__all__ = [  # they have files of their own
    "BudgetRequest", "FundBalance", "HolderTotal", "PlatformNotice", "PoolTerms", "PoolTier",
    "Purchase", "PurchaseReturn", "Reduction",
]  # fmt: skip
_CLAIMED = [VoucherKind.QUALIFICATION, VoucherKind.CONSUMPTION]
DISCOUNTS = ["discount1", "discount2", "discount3", "discount4", "discount5"]  # legs of a sale
_LIVE = [VoucherState.INACTIVE, VoucherState.USABLE, VoucherState.LOCKED, VoucherState.USED]


class ReleasePlan(models.Model):
    """Slots on days in regions, opened as one set of pools. Append-only."""

    id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=60)
    programme = models.CharField(max_length=60)
    region_path = models.CharField(max_length=80)  # what all its regions lie in
    region_codes = models.JSONField()
    first_on = models.DateField()
    last_on = models.DateField()
    carries_rest = models.BooleanField()
    opened_at = models.DateTimeField()
    opened_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="plan_interval", condition=Q(first_on__lte=F("last_on"))),
        ]

    def as_card(self, pool_ids: tuple[UUID, ...]) -> PlanCard:
        return PlanCard(
            id=self.id,
            title=self.title,
            programme=self.programme,
            region_codes=tuple(self.region_codes),
            first_on=self.first_on,
            last_on=self.last_on,
            carries_rest=self.carries_rest,
            opened_at=self.opened_at,
            pool_ids=pool_ids,
        )


class Pool(models.Model):
    """One release of rights in one region, with money of its own (ledger account pool:<id>)."""

    id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=80)
    kind = models.CharField(max_length=14)
    programme = models.CharField(max_length=60)
    region_code = models.CharField(max_length=12)
    region_path = models.CharField(max_length=80)
    quantity = models.PositiveIntegerField()
    remaining = models.PositiveIntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    lapse_hours = models.PositiveIntegerField()
    reserve_bps = models.PositiveIntegerField()
    mode = models.CharField(max_length=10)
    funder_code = models.CharField(max_length=120, blank=True, default="")
    plan = models.ForeignKey(ReleasePlan, models.PROTECT, null=True, related_name="pools")
    opened_at = models.DateTimeField()
    opened_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["closes_at"], name="pool_by_end")]
        constraints = [
            models.CheckConstraint(
                name="pool_never_oversold",
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("quantity")),
            ),
            models.CheckConstraint(name="pool_interval", condition=Q(opens_at__lt=F("closes_at"))),
            models.CheckConstraint(
                name="pool_reserve_share",
                condition=Q(reserve_bps__gte=1) & Q(reserve_bps__lte=10_000),
            ),
            models.CheckConstraint(name="pool_kind_known", condition=Q(kind__in=list(VoucherKind))),
            models.CheckConstraint(
                name="pool_funder_named",
                condition=Q(kind=VoucherKind.CONSUMPTION, funder_code__startswith="funder:")
                | (~Q(kind=VoucherKind.CONSUMPTION) & Q(funder_code="")),
            ),
            models.CheckConstraint(name="pool_mode_known", condition=Q(mode__in=list(ReleaseMode))),
        ]

    def as_terms(self) -> ConsumptionTerms:
        tiers = tuple(tier.as_tier() for tier in self.tiers.all())
        return self.terms.as_terms(self.funder_code, tiers)

    def as_card(self, *, remaining: int, lines: tuple[PoolCategory, ...]) -> PoolCard:
        return PoolCard(
            id=self.id,
            title=self.title,
            kind=VoucherKind(self.kind),
            programme=self.programme,
            region_code=self.region_code,
            region_path=self.region_path,
            categories=tuple(line.category_code for line in lines),
            quantity=self.quantity,
            remaining=remaining,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            lapse_hours=self.lapse_hours,
            reserve_bps=self.reserve_bps,
            mode=ReleaseMode(self.mode),
            lines=lines,
            ungiven=self.remaining,
            stages=tuple(PoolStage(one.opens_at, one.places) for one in self.stages.all()),
            plan_id=self.plan_id,
            consumption=self.as_terms() if self.kind == VoucherKind.CONSUMPTION else None,
        )


class PoolStageRow(models.Model):
    """Places of a pool that open later than the pool does. Append-only."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="stages")
    opens_at = models.DateTimeField()
    places = models.PositiveIntegerField()

    class Meta:
        db_table = "vouchers_poolstage"
        ordering = ["opens_at"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "opens_at"], name="pool_stage_once"),
            models.CheckConstraint(name="pool_stage_places", condition=Q(places__gte=1)),
        ]


class Lottery(models.Model):
    """How a pool is drawn. What is published once (commitment, list, number, seed) never changes.

    A trigger keeps that, and keeps the steps in order.
    """

    pool = models.OneToOneField(Pool, models.PROTECT, primary_key=True, related_name="lottery")
    registers_until = models.DateTimeField()
    draws_at = models.DateTimeField()
    entropy_source = models.CharField(max_length=120)
    commitment = models.CharField(max_length=64)
    sealed_seed = models.BinaryField()
    listed_at = models.DateTimeField(null=True)
    listed_count = models.PositiveIntegerField(null=True)
    list_sha256 = models.CharField(max_length=64, blank=True)
    entropy = models.CharField(max_length=120, blank=True)
    entropy_by = models.UUIDField(null=True)
    entropy_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    drawn_at = models.DateTimeField(null=True)
    seed = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lottery_times", condition=Q(registers_until__lte=F("draws_at"))
            ),
            models.CheckConstraint(
                name="lottery_listed_before_drawn",
                condition=Q(drawn_at__isnull=True, seed="", confirmed_by__isnull=True)
                | (Q(listed_at__isnull=False, drawn_at__gte=F("draws_at")) & ~Q(seed="")),
            ),
            models.CheckConstraint(
                name="lottery_listed_after_the_window",
                condition=Q(listed_at__isnull=True, list_sha256="")
                | (Q(listed_at__gte=F("registers_until")) & ~Q(list_sha256="")),
            ),
            models.CheckConstraint(
                name="lottery_two_officers",
                condition=Q(confirmed_by__isnull=True)
                | (Q(entropy_by__isnull=False) & ~Q(confirmed_by=F("entropy_by"))),
            ),
        ]

    def as_card(self, registered_count: int) -> LotteryCard:
        return LotteryCard(
            pool_id=self.pool_id,
            registers_until=self.registers_until,
            draws_at=self.draws_at,
            entropy_source=self.entropy_source,
            commitment=self.commitment,
            registered_count=registered_count,
            listed_at=self.listed_at,
            list_sha256=self.list_sha256,
            # the second officer reads the number for himself, not from here
            entropy=self.entropy if self.drawn_at else "",
            entropy_by=self.entropy_by,
            drawn_at=self.drawn_at,
            seed=self.seed,
        )


class Registration(models.Model):
    """A person's wish to be drawn for one category; `hash` is all that the public sees of it.

    `outcome` is empty until its rank is reached: won, or passed over with the reason.
    """

    id = models.UUIDField(primary_key=True)  # also the request id of the claim if it wins
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="registrations")
    person_id = models.UUIDField()
    holder_key = models.CharField(max_length=80)
    category_code = models.CharField(max_length=40)
    receipt = models.CharField(max_length=32)
    hash = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    rank = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=14, blank=True)
    decided_at = models.DateTimeField(null=True)
    voucher = models.ForeignKey("Voucher", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person_id", "pool"], name="registration_of_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "category_code", "holder_key"],
                condition=Q(withdrawn_at__isnull=True),
                name="registration_once",
            ),
            models.UniqueConstraint(fields=["pool", "hash"], name="registration_hash_once"),
            models.UniqueConstraint(fields=["pool", "rank"], name="registration_rank_once"),
            models.CheckConstraint(
                name="registration_ranked",
                condition=Q(rank__isnull=True, outcome="")
                | Q(rank__gte=1, withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="registration_won",
                condition=Q(outcome="won", voucher__isnull=False)
                | (~Q(outcome="won") & Q(voucher__isnull=True)),
            ),
        ]


class PoolLine(models.Model):
    """A category a pool serves: its cap, what each voucher holds, and how many a holder may have.

    Copied from the policy in force when the pool opens, so a claim asks nobody else.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="lines")
    category_code = models.CharField(max_length=40)
    cap_fen = models.BigIntegerField()
    reserve_fen = models.BigIntegerField()
    limit_count = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=10, db_default=HolderKind.PERSON)
    total_fen = models.BigIntegerField(null=True)  # what a holder's sales share, if limited
    counts_across = models.BooleanField(db_default=False)  # the limit is over all categories

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "category_code"], name="pool_line_once"),
            models.CheckConstraint(
                name="pool_line_reserve",
                condition=Q(reserve_fen__gte=1) & Q(reserve_fen__lte=F("cap_fen")),
            ),
            models.CheckConstraint(name="pool_line_limit", condition=Q(limit_count__gte=1)),
            models.CheckConstraint(
                name="pool_line_holder_known", condition=Q(holder__in=list(HolderKind))
            ),
        ]

    def as_line(self) -> PoolCategory:
        return PoolCategory(
            self.category_code, self.cap_fen, self.reserve_fen, self.limit_count,
            HolderKind(self.holder), self.total_fen, self.counts_across,
        )  # fmt: skip


class Voucher(models.Model):
    """A right or a 焕新券. Its state moves only along rules.TRANSITIONS; a trigger agrees.

    `reserve_*` name the ledger hold that keeps money for it now: none while it is used.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=30)
    kind = models.CharField(max_length=14)
    state = models.CharField(max_length=8)
    person_id = models.UUIDField()
    holder_key = models.CharField(max_length=80)
    programme = models.CharField(max_length=60)
    category_code = models.CharField(max_length=40, blank=True)
    ordinal = models.PositiveSmallIntegerField()
    counts_across = models.BooleanField(db_default=False)  # over all categories of its programme
    pool = models.ForeignKey(  # looked up once a statement: kernel.schema.reference
        Pool, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    region_path = models.CharField(max_length=80)
    request_id = models.UUIDField()
    device_key = models.CharField(max_length=80, blank=True)
    worth_fen = models.BigIntegerField()  # cap of a qualification, value of a 焕新券
    topup_fen = models.BigIntegerField(default=0)
    funder_code = models.CharField(max_length=120, blank=True)
    order_id = models.UUIDField(null=True)
    reserve_fen = models.BigIntegerField()
    reserve_cause = models.CharField(max_length=40, blank=True)
    reserve_cause_id = models.UUIDField(null=True)
    issued_at = models.DateTimeField()
    issued_on = models.DateField()
    expires_at = models.DateTimeField(null=True)
    locked_for = models.UUIDField(null=True)
    locked_until = models.DateTimeField(null=True)
    channel = models.CharField(max_length=10, blank=True, db_default=RightChannel.APP)
    used_sale_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "issued_at"], name="voucher_of_person"),
            models.Index(
                fields=["expires_at"],
                condition=Q(state=VoucherState.USABLE),
                name="voucher_due",
            ),
            models.Index(
                fields=["locked_until"],
                condition=Q(state=VoucherState.LOCKED),
                name="voucher_lock_due",
            ),
            # without the state: PostgreSQL 18 would skip-scan it for a right while the table has no
            # statistics yet, instead of the unique index
            models.Index(fields=["pool"], name="voucher_of_pool"),
        ]
        constraints = [
            models.UniqueConstraint(
                # the holder first: one comparison tells two rights apart
                fields=["holder_key", "programme", "category_code", "ordinal"],
                condition=Q(kind__in=_CLAIMED, state__in=_LIVE),
                name="voucher_right_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "holder_key", "ordinal"],
                condition=Q(counts_across=True, kind__in=_CLAIMED, state__in=_LIVE),
                name="voucher_right_across_once",
            ),
            models.UniqueConstraint(fields=["request_id"], name="voucher_request_once"),
            models.UniqueConstraint(fields=["number"], name="voucher_number_once"),
            models.UniqueConstraint(
                fields=["order_id"],
                condition=Q(order_id__isnull=False) & ~Q(state=VoucherState.VOID),
                name="voucher_order_once",  # a new price at the door voids one and issues another
            ),
            models.CheckConstraint(
                name="voucher_state_known", condition=Q(state__in=list(VoucherState))
            ),
            models.CheckConstraint(
                name="voucher_used_by_a_sale",
                condition=Q(state=VoucherState.USED, used_sale_id__isnull=False)
                | (~Q(state=VoucherState.USED) & Q(used_sale_id__isnull=True)),
            ),
            models.CheckConstraint(
                name="voucher_locked_for_a_sale",
                condition=Q(state=VoucherState.LOCKED, locked_for__isnull=False)
                | (~Q(state=VoucherState.LOCKED) & Q(locked_for__isnull=True)),
            ),
            models.CheckConstraint(
                name="voucher_locked_until_a_deadline",
                condition=Q(state=VoucherState.LOCKED, locked_until__isnull=False)
                | (~Q(state=VoucherState.LOCKED) & Q(locked_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="voucher_channel_known", condition=Q(channel__in=list(RightChannel))
            ),
            models.CheckConstraint(
                name="voucher_kind_fits",
                condition=Q(
                    kind=VoucherKind.QUALIFICATION, pool__isnull=False, order_id__isnull=True
                )
                | Q(kind=VoucherKind.HUANXIN, pool__isnull=True, order_id__isnull=False)
                | Q(kind=VoucherKind.CONSUMPTION, pool__isnull=False, order_id__isnull=True),
            ),
            models.CheckConstraint(
                name="voucher_amounts",
                condition=Q(worth_fen__gte=1)
                & Q(reserve_fen__gte=0)
                & Q(topup_fen__gte=0)
                & Q(ordinal__gte=1),
            ),
            models.CheckConstraint(
                name="voucher_reserve_named",
                condition=Q(reserve_fen=0, reserve_cause_id__isnull=True)
                | Q(reserve_fen__gte=1, reserve_cause_id__isnull=False),
            ),
        ]

    def as_card(self) -> VoucherCard:
        is_right = self.kind == VoucherKind.QUALIFICATION
        return VoucherCard(
            id=self.id,
            number=self.number,
            kind=VoucherKind(self.kind),
            programme=self.programme,
            category_code=self.category_code,
            state=VoucherState(self.state),
            person_id=self.person_id,
            pool_id=self.pool_id,
            value_fen=None if is_right else self.worth_fen,
            cap_fen=self.worth_fen if is_right else None,
            issued_at=self.issued_at,
            expires_at=self.expires_at,
            region_path=self.region_path,
            used_sale_id=self.used_sale_id,
            order_id=self.order_id,
            channel=RightChannel(self.channel),
            locked_until=self.locked_until,
        )

    def as_terms(self) -> VoucherTerms:
        return VoucherTerms(
            id=self.id,
            kind=VoucherKind(self.kind),
            state=VoucherState(self.state),
            person_id=self.person_id,
            region_path=self.region_path,
            worth_fen=self.worth_fen,
            expires_at=self.expires_at,
            locked_for=self.locked_for,
            locked_until=self.locked_until,
            channel=RightChannel(self.channel),
        )


class Redemption(models.Model):
    """A voucher spent on a sale: `leg` is subsidy, trade_in, or discount1 to discount5.

    A purchase without subsidy is a sale without a device here. Append-only.
    """

    id = models.BigAutoField(primary_key=True)
    sale_id = models.UUIDField()
    leg = models.CharField(max_length=10)
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="redemptions")
    person_id = models.UUIDField()
    org_id = models.UUIDField()
    amount_fen = models.BigIntegerField()
    reserve_fen = models.BigIntegerField()  # what the voucher held before: a return holds it again
    price_fen = models.BigIntegerField(null=True)  # what a consumption voucher was measured on
    manufacturer = models.CharField(max_length=60)
    serial_norm = models.CharField(max_length=40)
    imei = models.CharField(max_length=15, blank=True)
    redeemed_at = models.DateTimeField()
    redeemed_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale_id", "leg"], name="redemption_leg_once"),
            models.CheckConstraint(
                name="redemption_amount_positive", condition=Q(amount_fen__gte=1)
            ),
            models.CheckConstraint(
                name="redemption_leg_known",
                condition=Q(leg__in=["subsidy", "trade_in", *DISCOUNTS]),
            ),
            models.CheckConstraint(
                name="redemption_below_price",
                condition=Q(price_fen__isnull=True) | Q(amount_fen__lte=F("price_fen")),
            ),
            models.CheckConstraint(
                name="redemption_device_named",
                condition=Q(leg__in=DISCOUNTS) | ~Q(serial_norm=""),
            ),
        ]


class Cancellation(models.Model):
    """A sale whose redemptions were undone. Append-only."""

    sale_id = models.UUIDField(primary_key=True)
    reason = models.CharField(max_length=200)
    cancelled_at = models.DateTimeField()
    cancelled_on = models.DateField()


class DeviceLock(models.Model):
    """A unit that carries a subsidised sale; freed when that sale is cancelled."""

    id = models.BigAutoField(primary_key=True)
    manufacturer = models.CharField(max_length=60)
    serial_norm = models.CharField(max_length=40)
    imei = models.CharField(max_length=15, null=True)
    sale_id = models.UUIDField()
    org_id = models.UUIDField()
    locked_at = models.DateTimeField()
    freed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "serial_norm"],
                condition=Q(freed_at__isnull=True),
                name="device_sold_once",
            ),
            models.UniqueConstraint(
                fields=["imei"],
                condition=Q(freed_at__isnull=True, imei__isnull=False),
                name="device_imei_sold_once",
            ),
            models.UniqueConstraint(fields=["sale_id"], name="device_one_per_sale"),
        ]


class TillCode(models.Model):
    """The code a person shows now: a new one replaces it, a till takes it once."""

    person_id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=12, unique=True)
    voucher_ids = models.JSONField()
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
