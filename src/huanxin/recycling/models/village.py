"""Tables of what people keep with us: collection days of a village, addresses, complaints."""

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.recycling.types import ComplaintKind, ComplaintState, Slot
from huanxin.recycling.types.care import AddressCard, ComplaintCard, ComplaintStepLine
from huanxin.recycling.types.orders import VillageDayCard

_ORG = "identity.Organisation"


class VillageDay(models.Model):
    """A date and a place where a van waits: people bring old units without a door visit."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(_ORG, models.PROTECT, related_name="+")
    van = models.ForeignKey("recycling.Van", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    region_path = models.CharField(max_length=80)
    place = models.CharField(max_length=120)
    lat_e6 = models.IntegerField()
    lon_e6 = models.IntegerField()
    held_on = models.DateField()
    slot = models.CharField(max_length=8)
    capacity_units = models.PositiveIntegerField()
    taken_units = models.IntegerField(default=0)
    opened_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["region_code", "held_on"], name="village_day_region")]
        constraints = [
            models.CheckConstraint(
                name="village_day_within_capacity",
                condition=Q(taken_units__gte=0, taken_units__lte=F("capacity_units")),
            ),
            models.CheckConstraint(name="village_day_slot_known", condition=Q(slot__in=list(Slot))),
            models.UniqueConstraint(
                name="village_day_van_once",
                fields=["van", "held_on", "slot"],
                condition=Q(cancelled_at__isnull=True),
            ),
        ]

    def as_card(self) -> VillageDayCard:
        return VillageDayCard(
            self.id, self.organisation_id, self.van_id, self.region_code, self.region_path,
            self.place, self.lat_e6, self.lon_e6, self.held_on, Slot(self.slot),
            self.capacity_units, self.capacity_units - self.taken_units,
            self.cancelled_at is not None,
        )  # fmt: skip


class Address(models.Model):
    """A door that a person keeps in her address book; the text is sealed under her key."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    label = models.CharField(max_length=20)
    address_sealed = models.BinaryField()
    address_index = models.CharField(max_length=64)
    region_code = models.CharField(max_length=12)
    lat_e6 = models.IntegerField()
    lon_e6 = models.IntegerField()
    is_default = models.BooleanField(default=False)
    kept_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="address_kept_once",
                fields=["person", "address_index"],
                condition=Q(removed_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="address_one_default",
                fields=["person"],
                condition=Q(is_default=True, removed_at__isnull=True),
            ),
        ]

    def as_card(self, text: str) -> AddressCard:
        return AddressCard(
            self.id, self.label, text, self.region_code, self.lat_e6, self.lon_e6, self.is_default
        )


class Complaint(models.Model):
    """Something that went wrong, with a promise when it is answered."""

    id = models.UUIDField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    number = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey("recycling.Order", models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    organisation = models.ForeignKey(_ORG, models.PROTECT, null=True, related_name="+")
    region_path = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    opened_on = models.DateField()
    due_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    satisfaction = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="complaint_clock"),
            models.Index(fields=["region_path", "opened_at"], name="complaint_region"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="complaint_one_running",
                fields=["order", "kind"],
                condition=~Q(state=ComplaintState.CLOSED),
            ),
            models.CheckConstraint(
                name="complaint_kind_known", condition=Q(kind__in=list(ComplaintKind))
            ),
            models.CheckConstraint(
                name="complaint_state_has_times",
                condition=Q(state=ComplaintState.OPEN, escalated_at__isnull=True)
                | Q(state=ComplaintState.ESCALATED, escalated_at__isnull=False)
                | Q(state=ComplaintState.ANSWERED, answered_at__isnull=False)
                | Q(state=ComplaintState.CLOSED, closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="complaint_satisfaction_one_to_five",
                condition=Q(satisfaction__isnull=True)
                | Q(satisfaction__gte=1, satisfaction__lte=5),
            ),
        ]

    def as_card(self, steps: tuple[ComplaintStepLine, ...], order_number: str) -> ComplaintCard:
        return ComplaintCard(
            self.id, self.number, self.order_id, order_number, self.person_id,
            self.organisation_id, self.region_path, ComplaintKind(self.kind),
            ComplaintState(self.state), self.opened_at, self.due_at, self.escalated_at,
            self.answered_at, self.closed_at, self.satisfaction, steps,
        )  # fmt: skip


class ComplaintStep(models.Model):
    """One word in a complaint. The text is sealed under her key. Append-only."""

    id = models.BigAutoField(primary_key=True)
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    by_role = models.CharField(max_length=30)
    text_sealed = models.BinaryField()
    said_at = models.DateTimeField()
