"""Tables of orders: slots, doors to collect from, their units, new prices, payments."""

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.recycling.types import (
    BatteryKind,
    Choice,
    MissedBy,
    NextStep,
    OrderMode,
    OrderState,
    PaperKind,
    RequoteState,
    Slot,
    UnitState,
    orders,
)

_ORG = "identity.Organisation"
_CHOSEN_LATE = ["collected", "received", "completed"]


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

    def as_offer(self) -> orders.SlotOffer:
        return orders.SlotOffer(
            self.region_code, self.slot_on, Slot(self.slot), self.capacity,
            self.capacity - self.taken,
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
    mode = models.CharField(max_length=8, default=OrderMode.DOOR)
    village_day = models.ForeignKey(
        "recycling.VillageDay", models.PROTECT, null=True, related_name="+"
    )
    station = models.ForeignKey(_ORG, models.PROTECT, null=True, related_name="+")
    assisted_by_id = models.UUIDField(null=True)
    assisted_org_id = models.UUIDField(null=True)
    move_count = models.PositiveSmallIntegerField(default=0)
    missed_by = models.CharField(max_length=10, null=True)
    is_late_cancel = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["state", "slot_on"], name="order_waiting"),
            models.Index(fields=["region_path", "booked_at"], name="order_region"),
            models.Index(fields=["organisation", "slot_on"], name="order_recycler"),
            models.Index(fields=["person", "booked_at"], name="order_person"),
            models.Index(
                fields=["assisted_org_id", "booked_at"],
                name="order_assisted",
                condition=Q(assisted_org_id__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="order_mode_known",
                condition=Q(mode__in=[OrderMode.DOOR, OrderMode.STATION], village_day__isnull=True)
                | Q(mode=OrderMode.VILLAGE, village_day__isnull=False),
            ),
            models.CheckConstraint(
                name="order_station_where_it_is_brought",
                condition=Q(station__isnull=True) | Q(mode=OrderMode.STATION),
            ),
            models.CheckConstraint(
                name="order_missed_by_known",
                condition=Q(missed_by__isnull=True) | Q(missed_by__in=list(MissedBy)),
            ),
            models.CheckConstraint(
                name="order_assisted_at_a_desk",
                condition=Q(assisted_org_id__isnull=True) | Q(assisted_by_id__isnull=False),
            ),
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

    def as_card(self, units: tuple[orders.UnitCard, ...]) -> orders.OrderCard:
        return orders.OrderCard(
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
            mode=OrderMode(self.mode),
            station_id=self.station_id,
            move_count=self.move_count,
            missed_by=MissedBy(self.missed_by) if self.missed_by else None,
            village_day_id=self.village_day_id,
            assisted_org_id=self.assisted_org_id,
        )


class Unit(models.Model):
    """One old unit of an order. Its passport and custody live in trace under `unit_code`."""

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    quote = models.OneToOneField("recycling.Quote", models.PROTECT, related_name="+")
    final_quote = models.ForeignKey("recycling.Quote", models.PROTECT, related_name="+")
    category_code = models.CharField(max_length=40)
    waste_class_code = models.CharField(max_length=40, null=True)
    state = models.CharField(max_length=16)
    unit_code = models.CharField(max_length=20, null=True, unique=True)
    serial = models.CharField(  # of the nameplate, where it can be read; as catalogue compares it
        max_length=40, blank=True, default="", db_default=""
    )
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
    lot = models.ForeignKey("recycling.Lot", models.PROTECT, null=True, related_name="+")
    arrived_at = models.DateTimeField(null=True)
    run = models.ForeignKey("recycling.Run", models.PROTECT, null=True, related_name="+")
    dismantled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["depot", "state"], name="unit_stock"),
            models.Index(fields=["serial"], condition=~Q(serial=""), name="unit_by_serial"),
        ]
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

    def as_card(self) -> orders.UnitCard:
        return orders.UnitCard(
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


class Requote(models.Model):
    """A new price at the door, waiting for the owner's word."""

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    old_quote = models.ForeignKey("recycling.Quote", models.PROTECT, related_name="+")
    new_quote = models.OneToOneField("recycling.Quote", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    signature_sha256 = models.CharField(max_length=64, null=True)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="requote_signature_has_time",
                condition=Q(signature_sha256__isnull=True, signed_at__isnull=True)
                | Q(signature_sha256__isnull=False, signed_at__isnull=False),
            ),
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


class PayoutDue(models.Model):
    """Cash that is owed and has not arrived: tried again until the payer says yes."""

    order = models.OneToOneField(Order, models.PROTECT, primary_key=True, related_name="+")
    amount_fen = models.BigIntegerField()
    try_count = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_error = models.CharField(max_length=120, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"], name="payout_due_next", condition=Q(settled_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(name="payout_due_positive", condition=Q(amount_fen__gt=0)),
        ]


class Battery(models.Model):
    """The battery of an e-bike, weighed apart from it. Append-only."""

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True, related_name="+")
    kind = models.CharField(max_length=10)
    mass_g = models.PositiveIntegerField()
    is_hazardous = models.BooleanField()
    standard_no = models.CharField(max_length=20)
    weighed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="battery_kind_known",
                condition=Q(kind=BatteryKind.LEAD_ACID, is_hazardous=True)
                | Q(kind=BatteryKind.LITHIUM),
            ),
            models.CheckConstraint(name="battery_weighs_something", condition=Q(mass_g__gt=0)),
        ]


class VehiclePaper(models.Model):
    """A paper of a scrapped car, recorded as evidence. The VIN is sealed; its index is unique."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=40)
    vin_sealed = models.BinaryField()
    vin_index = models.CharField(max_length=64)
    issuer = models.CharField(max_length=80)
    issued_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="vehicle_paper_once", fields=["kind", "number"]),
            models.UniqueConstraint(name="vehicle_scrapped_once", fields=["kind", "vin_index"]),
            models.UniqueConstraint(name="vehicle_paper_a_kind", fields=["unit", "kind"]),
            models.CheckConstraint(
                name="vehicle_paper_kind_known", condition=Q(kind__in=list(PaperKind))
            ),
        ]
