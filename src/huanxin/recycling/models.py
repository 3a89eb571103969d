"""Tables of recycling: standard, quotes, orders, slots, vans, routes, units, lots, runs."""

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.recycling import types
from huanxin.recycling.types import (
    AgeBand,
    BrandTier,
    Choice,
    DiscrepancyKind,
    LotState,
    NextStep,
    OrderState,
    RequoteState,
    Slot,
    UnitState,
)

_ORG = "identity.Organisation"
_CHOSEN_LATE = ["collected", "received", "completed"]


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

    def as_quote(self) -> types.ValuationQuote:
        return types.ValuationQuote(
            quote_id=self.id,
            number=self.number,
            person_id=self.person_id,
            answers=types.UnitAnswers(
                self.category_code,
                AgeBand(self.age_band),
                self.is_working,
                self.is_complete,
                BrandTier(self.brand_tier),
            ),
            cash_fen=self.cash_fen,
            voucher_fen=self.voucher_fen,
            reasons=tuple(types.Reason(*row) for row in self.reasons),
            standard_version=self.standard_id,
            valid_until=self.valid_until,
        )


class SlotRoom(models.Model):
    """A county's collection slot: what its vans can do and what is taken."""

    id = models.BigAutoField(primary_key=True)
    region_code = models.CharField(max_length=12)
    slot_on = models.DateField()
    slot = models.CharField(max_length=8)
    capacity = models.PositiveIntegerField()
    taken = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="slot_once", fields=["region_code", "slot_on", "slot"]),
            models.CheckConstraint(
                name="slot_within_capacity",
                condition=Q(taken__gte=0, taken__lte=F("capacity")),
            ),
            models.CheckConstraint(name="slot_known", condition=Q(slot__in=list(Slot))),
        ]

    def as_offer(self) -> types.SlotOffer:
        return types.SlotOffer(
            self.region_code, self.slot_on, Slot(self.slot), self.capacity,
            self.capacity - self.taken,
        )  # fmt: skip


class Van(models.Model):
    """A recycler's van: where it starts is the recycler's depot."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    region_code = models.CharField(max_length=12)
    region_path = models.CharField(max_length=80)
    capacity_units = models.PositiveSmallIntegerField()
    collector_account_id = models.UUIDField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="van_name_once", fields=["organisation", "name"]),
            models.CheckConstraint(name="van_holds_something", condition=Q(capacity_units__gt=0)),
        ]

    def as_card(self) -> types.VanCard:
        return types.VanCard(
            self.id, self.organisation_id, self.name, self.region_code, self.region_path,
            self.capacity_units, self.collector_account_id,
        )  # fmt: skip


class Order(models.Model):
    """One door to collect from. The address is ciphertext under the person's key."""

    id = models.UUIDField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    number = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    region_path = models.CharField(max_length=80)
    address_sealed = models.BinaryField()
    lat_e6 = models.IntegerField()
    lon_e6 = models.IntegerField()
    slot_on = models.DateField()
    slot = models.CharField(max_length=8)
    choice = models.CharField(max_length=8)
    state = models.CharField(max_length=16)
    quoted_fen = models.BigIntegerField()
    paid_fen = models.BigIntegerField(null=True)
    voucher_id = models.UUIDField(null=True)
    organisation = models.ForeignKey(_ORG, models.PROTECT, null=True, related_name="+")
    booked_at = models.DateTimeField()
    booked_on = models.DateField()
    offered_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    collected_at = models.DateTimeField(null=True)
    collected_on = models.DateField(null=True)
    received_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["state", "slot_on"], name="order_waiting"),
            models.Index(fields=["region_path", "booked_at"], name="order_region"),
            models.Index(fields=["organisation", "slot_on"], name="order_recycler"),
        ]
        constraints = [
            models.CheckConstraint(
                name="order_state_known", condition=Q(state__in=list(OrderState))
            ),
            models.CheckConstraint(name="order_choice_known", condition=Q(choice__in=list(Choice))),
            models.CheckConstraint(
                name="order_collected_is_paid",
                condition=~Q(state__in=_CHOSEN_LATE)
                | Q(collected_at__isnull=False, paid_fen__gt=0, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="order_cancelled_is_unpaid",
                condition=~Q(state=OrderState.CANCELLED)
                | Q(cancelled_at__isnull=False, paid_fen__isnull=True),
            ),
            models.CheckConstraint(
                name="order_assigned_has_recycler",
                condition=Q(assigned_at__isnull=True) | Q(offered_at__isnull=False),
            ),
        ]

    def as_card(self, units: tuple[types.UnitCard, ...]) -> types.OrderCard:
        return types.OrderCard(
            id=self.id,
            number=self.number,
            person_id=self.person_id,
            region_code=self.region_code,
            region_path=self.region_path,
            slot_on=self.slot_on,
            slot=Slot(self.slot),
            choice=Choice(self.choice),
            state=OrderState(self.state),
            quoted_fen=self.quoted_fen,
            paid_fen=self.paid_fen,
            recycler_org_id=self.organisation_id,
            voucher_id=self.voucher_id,
            booked_at=self.booked_at,
            offered_at=self.offered_at,
            assigned_at=self.assigned_at,
            collected_at=self.collected_at,
            cancelled_at=self.cancelled_at,
            cancel_reason=self.cancel_reason,
            units=units,
        )


class Route(models.Model):
    """A van's day."""

    id = models.UUIDField(primary_key=True)
    van = models.ForeignKey(Van, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    route_on = models.DateField()
    distance_m = models.PositiveIntegerField()
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="route_van_day_once", fields=["van", "route_on"]),
        ]


class RouteStop(models.Model):
    """A promised arrival. One order has one."""

    id = models.BigAutoField(primary_key=True)
    route = models.ForeignKey(Route, models.PROTECT, related_name="+")
    order = models.OneToOneField(Order, models.PROTECT, related_name="+")
    arrive_at = models.DateTimeField()
    leave_at = models.DateTimeField()
    is_inserted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stop_at_a_time", fields=["route", "arrive_at"]),
            models.CheckConstraint(
                name="stop_leaves_after_arriving", condition=Q(leave_at__gt=F("arrive_at"))
            ),
        ]


class Lot(models.Model):
    """A sealed batch from a depot to a dismantler, named by its SSCC."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    sscc = models.CharField(max_length=18, unique=True)
    depot = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    dismantler = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    state = models.CharField(max_length=10)
    packed_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="lot_state_known", condition=Q(state__in=list(LotState))),
            models.CheckConstraint(
                name="lot_times_follow_state",
                condition=Q(
                    state=LotState.PACKED, shipped_at__isnull=True, received_at__isnull=True
                )
                | Q(state=LotState.SHIPPED, shipped_at__isnull=False, received_at__isnull=True)
                | Q(state=LotState.RECEIVED, shipped_at__isnull=False, received_at__isnull=False),
            ),
            models.CheckConstraint(
                name="lot_leaves_the_depot", condition=~Q(depot=F("dismantler"))
            ),
        ]


class Run(models.Model):
    """A dismantling run with its mass balance and certificate. Append-only."""

    id = models.UUIDField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    number = models.CharField(max_length=40, unique=True)
    certificate_no = models.CharField(max_length=40, unique=True)
    dismantler = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    waste_class_code = models.CharField(max_length=40)
    unit_count = models.PositiveIntegerField()
    mass_in_g = models.PositiveBigIntegerField()
    mass_out_g = models.PositiveBigIntegerField()
    hazardous_g = models.PositiveBigIntegerField()
    tolerance_bps = models.PositiveSmallIntegerField()
    event_id = models.CharField(max_length=100)
    dismantled_at = models.DateTimeField()
    dismantled_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="run_mass_balances",
                condition=Q(
                    mass_out_g__gte=F("mass_in_g") - F("mass_in_g") * F("tolerance_bps") / 10000,
                    mass_out_g__lte=F("mass_in_g") + F("mass_in_g") * F("tolerance_bps") / 10000,
                ),
            ),
            models.CheckConstraint(
                name="run_has_units", condition=Q(unit_count__gt=0, mass_in_g__gt=0)
            ),
        ]


class RunMaterial(models.Model):
    """One output of a run. Append-only."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    material_code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    mass_g = models.PositiveBigIntegerField()
    is_hazardous = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="run_material_once", fields=["run", "material_code"]),
        ]


class Unit(models.Model):
    """One old unit of an order. Its passport and custody live in trace under `unit_code`."""

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    quote = models.OneToOneField(Quote, models.PROTECT, related_name="+")
    final_quote = models.ForeignKey(Quote, models.PROTECT, related_name="+")
    category_code = models.CharField(max_length=40)
    waste_class_code = models.CharField(max_length=40, null=True)
    state = models.CharField(max_length=16)
    unit_code = models.CharField(max_length=20, null=True, unique=True)
    photo_sha256s = models.JSONField(default=list)
    lat_e6 = models.IntegerField(null=True)
    lon_e6 = models.IntegerField(null=True)
    depot = models.ForeignKey(_ORG, models.PROTECT, null=True, related_name="+")
    mass_g = models.PositiveIntegerField(null=True)
    gate_mass_g = models.PositiveIntegerField(null=True)
    received_at = models.DateTimeField(null=True)
    grade = models.CharField(max_length=4, null=True)
    next_step = models.CharField(max_length=12, null=True)
    graded_at = models.DateTimeField(null=True)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    arrived_at = models.DateTimeField(null=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    dismantled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["depot", "state"], name="unit_stock")]
        constraints = [
            models.CheckConstraint(name="unit_state_known", condition=Q(state__in=list(UnitState))),
            models.CheckConstraint(
                name="unit_has_code_once_collected",
                condition=Q(state__in=[UnitState.EXPECTED, UnitState.CANCELLED])
                | Q(unit_code__isnull=False),
            ),
            models.CheckConstraint(
                name="unit_dismantled_has_run",
                condition=Q(state=UnitState.DISMANTLED, run__isnull=False)
                | (~Q(state=UnitState.DISMANTLED) & Q(run__isnull=True)),
            ),
            models.CheckConstraint(
                name="unit_next_step_known",
                condition=Q(next_step__isnull=True) | Q(next_step__in=list(NextStep)),
            ),
        ]

    def as_card(self) -> types.UnitCard:
        return types.UnitCard(
            id=self.id,
            unit_code=self.unit_code,
            category_code=self.category_code,
            waste_class_code=self.waste_class_code,
            state=UnitState(self.state),
            quote_id=self.final_quote_id,
            cash_fen=self.final_quote.cash_fen,
            voucher_fen=self.final_quote.voucher_fen,
            mass_g=self.mass_g,
            grade=self.grade,
            next_step=NextStep(self.next_step) if self.next_step else None,
            certificate_no=self.run.certificate_no if self.run else None,
            gate_mass_g=self.gate_mass_g,
        )

    @property
    def class_code(self) -> str:
        """The waste class, or the category where the regulated list has none."""
        return self.waste_class_code or self.category_code


class RunUnit(models.Model):
    """A unit goes into one run, once. Append-only."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    unit = models.OneToOneField(Unit, models.PROTECT, related_name="+")
    mass_g = models.PositiveIntegerField()


class Requote(models.Model):
    """A new price at the door, waiting for the owner's word."""

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    old_quote = models.ForeignKey(Quote, models.PROTECT, related_name="+")
    new_quote = models.OneToOneField(Quote, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="requote_one_pending",
                fields=["unit"],
                condition=Q(state=RequoteState.PENDING),
            ),
            models.CheckConstraint(
                name="requote_state_known", condition=Q(state__in=list(RequoteState))
            ),
            models.CheckConstraint(
                name="requote_decided_has_time",
                condition=Q(state=RequoteState.PENDING, decided_at__isnull=True)
                | (~Q(state=RequoteState.PENDING) & Q(decided_at__isnull=False)),
            ),
        ]


class Payout(models.Model):
    """Cash paid to the owner of an order's units, through the payment port. Append-only."""

    id = models.UUIDField(primary_key=True)
    order = models.OneToOneField(Order, models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    reference = models.CharField(max_length=60, unique=True)
    is_simulated = models.BooleanField()
    paid_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="payout_positive", condition=Q(amount_fen__gt=0)),
        ]


class Discrepancy(models.Model):
    """What a lot's gate scan found against its packing list. Append-only."""

    id = models.BigAutoField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    expected_g = models.PositiveIntegerField(null=True)
    found_g = models.PositiveIntegerField(null=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="discrepancy_once", fields=["lot", "unit_code"]),
            models.CheckConstraint(
                name="discrepancy_kind_known", condition=Q(kind__in=list(DiscrepancyKind))
            ),
        ]

    def as_line(self) -> types.Discrepancy:
        return types.Discrepancy(
            self.unit_code, DiscrepancyKind(self.kind), self.expected_g, self.found_g
        )
