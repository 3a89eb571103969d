"""Tables of trace: events and their index, passports, and the custody chain that cannot break."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.trace import rules, types
from huanxin.trace.types import EventType, UnitState

_TERMINAL = sorted(rules.TERMINAL)  # in a fixed order, or each migration check sees a change


class Party(models.Model):
    """An organisation's GLN under our company prefix, given on first use."""

    organisation = models.OneToOneField(
        "identity.Organisation", models.PROTECT, primary_key=True, related_name="+"
    )
    gln = models.CharField(max_length=13, unique=True)


class Event(models.Model):
    """An EPCIS event as captured. Append-only; `event_id` is the hash of its content."""

    id = models.BigAutoField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    event_id = models.CharField(max_length=100)
    declares_error = models.BooleanField(default=False)
    type = models.CharField(max_length=24)
    action = models.CharField(max_length=8, blank=True, default="")
    biz_step = models.CharField(max_length=100, blank=True, default="")
    disposition = models.CharField(max_length=100, blank=True, default="")
    read_point = models.CharField(max_length=200, blank=True, default="")
    biz_location = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    event_on = models.DateField()
    recorded_at = models.DateTimeField()
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    body = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="trace_event_captured_once",
                fields=["event_id"],
                condition=Q(declares_error=False),
            ),
            models.CheckConstraint(
                name="trace_event_type_known", condition=Q(type__in=list(EventType))
            ),
        ]
        indexes = [
            models.Index(fields=["tx", "id"], name="trace_event_feed"),
            models.Index(fields=["biz_step", "at"], name="trace_event_step"),
            models.Index(fields=["at"], name="trace_event_at"),
        ]

    def as_stored(self) -> types.StoredEvent:
        return types.StoredEvent(
            event_id=self.event_id,
            at=self.at,
            body=self.body,
            org_id=self.organisation_id,
            region_path=self.region_path,
        )


class EventEpc(models.Model):
    """Which identifiers an event names, and in which of its lists. Append-only."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=10)
    epc = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(fields=["epc", "event"], name="trace_epc_events"),
            models.Index(fields=["event"], name="trace_event_epcs"),
        ]
        constraints = [
            models.CheckConstraint(
                name="trace_epc_role_known",
                condition=Q(role__in=["epc", "parent", "child", "input", "output", "class"]),
            ),
        ]


class Unit(models.Model):
    """A passport. Its custody columns repeat the head of the chain, which a foreign key ensures."""

    unit_code = models.CharField(max_length=20, primary_key=True)
    giai = models.CharField(max_length=30, unique=True)
    class_code = models.CharField(max_length=40)
    order_id = models.UUIDField(db_index=True)
    region_path = models.CharField(max_length=80)
    born_at = models.DateTimeField()
    born_on = models.DateField()
    mass_g = models.PositiveIntegerField(null=True)
    seq = models.PositiveIntegerField()
    state = models.CharField(max_length=16)
    holder = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    certificate_no = models.CharField(max_length=40, null=True)
    next_life = models.CharField(max_length=60, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["holder", "state"], name="trace_unit_stock"),
            models.Index(fields=["state", "class_code"], name="trace_unit_state"),
        ]
        constraints = [
            models.CheckConstraint(
                name="trace_unit_state_known", condition=Q(state__in=list(UnitState))
            ),
            models.CheckConstraint(
                name="trace_unit_closed_when_over",
                condition=Q(state__in=_TERMINAL, closed_at__isnull=False)
                | (~Q(state__in=_TERMINAL) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="trace_unit_dismantled_has_certificate",
                condition=~Q(state=UnitState.DISMANTLED) | Q(certificate_no__isnull=False),
            ),
        ]

    def as_passport(self) -> types.Passport:
        return types.Passport(
            unit_code=self.unit_code,
            giai=self.giai,
            link=f"https://id.gs1.org/8004/{self.giai}",
            state=UnitState(self.state),
            class_code=self.class_code,
            order_id=self.order_id,
            holder_id=self.holder_id,
            mass_g=self.mass_g,
            born_at=self.born_at,
            closed_at=self.closed_at,
            certificate_no=self.certificate_no,
            next_life=self.next_life,
            custody_seq=self.seq,
        )


def _transitions() -> Q:
    steps = [
        Q(from_state__isnull=True, to_state=after)
        if before is None
        else Q(from_state=before, to_state=after)
        for before, after in sorted(rules.TRANSITIONS, key=str)
    ]
    return reduce(or_, steps)


class Custody(models.Model):
    """One link of a unit's chain. Append-only.

    (unit, prev_seq, from_holder, from_state, prev_at) references the previous link's
    (unit, seq, to_holder, to_state, at): a link that does not start where the last one ended has
    nothing to point at. Together with unique (unit, seq) the chain can neither fork nor skip.
    """

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    seq = models.PositiveIntegerField()
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    prev_seq = models.PositiveIntegerField(null=True)
    from_holder_id = models.UUIDField(null=True)
    from_state = models.CharField(max_length=16, null=True)
    prev_at = models.DateTimeField(null=True)
    to_holder = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    to_state = models.CharField(max_length=16)
    at = models.DateTimeField()
    mass_g = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="trace_custody_seq", fields=["unit", "seq"]),
            models.UniqueConstraint(
                name="trace_custody_head",
                fields=["unit", "seq", "to_holder", "to_state", "at"],
            ),
            models.CheckConstraint(
                name="trace_custody_follows_on",
                condition=Q(
                    seq=1,
                    prev_seq__isnull=True,
                    from_holder_id__isnull=True,
                    from_state__isnull=True,
                    prev_at__isnull=True,
                )
                | Q(
                    seq__gt=1,
                    prev_seq=F("seq") - 1,
                    from_holder_id__isnull=False,
                    from_state__isnull=False,
                    prev_at__isnull=False,
                    at__gte=F("prev_at"),
                ),
            ),
            models.CheckConstraint(name="trace_custody_step_allowed", condition=_transitions()),
        ]
