"""Tables of trace: events and their index, passports, and the custody chain that cannot break."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import F, Q

from huanxin.kernel.schema import CurrentXact, XactField
from huanxin.trace import rules, types
from huanxin.trace.types import EventType, UnitState

_ROLES = [
    "epc", "parent", "child", "input", "output", "class", "in_class", "out_class", "deal", "xform",
]  # fmt: skip
_BOXED, _MAY_BE_BOXED = sorted(rules.BOXED), sorted(rules.MAY_BE_BOXED)
_TERMINAL = sorted(rules.TERMINAL)  # in a fixed order, or each migration check sees a change


class Party(models.Model):
    """An organisation's GLN under our company prefix, given on first use."""

    organisation = models.OneToOneField(
        "identity.Organisation", models.PROTECT, primary_key=True, related_name="+"
    )
    gln = models.CharField(max_length=13, unique=True)


class Context(models.Model):
    """What documents declare beyond GS1's own JSON-LD context, each wording once. Append-only."""

    id = models.BigAutoField(primary_key=True)
    digest = models.BinaryField(max_length=32, unique=True)
    parts = models.JSONField()


class Event(models.Model):
    """An EPCIS event as captured. Append-only; of our own, `event_id` is the hash of its content.

    Terms and identifiers are stored in one form (CBV words bare, the rest full IRIs, identifiers as
    canonical Digital Links) so that any spelling finds them; `body` keeps the sender's words.
    """

    id = models.BigAutoField(primary_key=True)
    tx = XactField(db_default=CurrentXact(), editable=False)
    event_id = models.CharField(max_length=100)
    declares_error = models.BooleanField(default=False)
    type = models.CharField(max_length=200)
    action = models.CharField(max_length=8, blank=True, default="")
    biz_step = models.CharField(max_length=100, blank=True, default="")
    disposition = models.CharField(max_length=100, blank=True, default="")
    read_point = models.CharField(max_length=200, blank=True, default="")
    biz_location = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    event_on = models.DateField()
    recorded_at = models.DateTimeField()
    # These two are looked up once a statement, not once a row (docs/adr/092).
    organisation = models.ForeignKey(
        "identity.Organisation", models.PROTECT, related_name="+", db_constraint=False
    )
    region_path = models.CharField(max_length=80)
    body = models.JSONField()
    context = models.ForeignKey(
        Context,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    terms = models.JSONField(null=True)
    declared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="trace_event_captured_once",
                fields=["event_id"],
                condition=Q(declares_error=False),
            ),
            models.UniqueConstraint(
                name="trace_event_declared_once",
                fields=["event_id", "declared_at"],
                condition=Q(declares_error=True),
            ),
            models.CheckConstraint(
                name="trace_event_type_known",
                condition=Q(type__in=list(EventType)) | Q(type__contains=":"),
            ),
            models.CheckConstraint(
                name="trace_event_declaration_whole",
                condition=Q(declares_error=True, declared_at__isnull=False)
                | Q(declares_error=False, declared_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["tx", "id"], name="trace_event_feed"),
            models.Index(fields=["recorded_at"], name="trace_event_recorded"),
            models.Index(
                fields=["read_point", "at"],
                name="trace_event_read_point",
                condition=~Q(read_point=""),
            ),
            models.Index(
                fields=["biz_location", "at"],
                name="trace_event_location",
                condition=~Q(biz_location=""),
            ),
            models.Index(fields=["biz_step", "at"], name="trace_event_step"),
            models.Index(
                fields=["disposition"],
                name="trace_event_disposition",
                condition=~Q(disposition=""),
            ),
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
    """Which identifiers an event names, and in which of its lists. Append-only.

    "class" are counted things, "deal" business documents, "xform" transformations. The index serves
    exact identifiers and patterns (LIKE) alike, whatever the database's collation.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(
        Event, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    role = models.CharField(max_length=10)
    epc = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(
                fields=["epc", "event"],
                name="trace_epc_by_name",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["event"], name="trace_event_epcs"),
        ]
        constraints = [
            models.CheckConstraint(
                name="trace_epc_role_known",
                condition=Q(role__in=_ROLES),
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
    container = models.CharField(max_length=200, null=True)  # the link of the lot it is inside of

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
                name="trace_unit_boxed_while_in_lot",
                condition=(Q(state__in=_BOXED) & Q(container__isnull=False))
                | (Q(state__in=_MAY_BE_BOXED) & ~Q(state__in=_BOXED))
                | (~Q(state__in=_MAY_BE_BOXED) & Q(container__isnull=True)),
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
            container=self.container,
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
    Event and holder, which stay for ever, are looked up once a statement (docs/adr/092).
    """

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    seq = models.PositiveIntegerField()
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", db_constraint=False)
    prev_seq = models.PositiveIntegerField(null=True)
    from_holder_id = models.UUIDField(null=True)
    from_state = models.CharField(max_length=16, null=True)
    prev_at = models.DateTimeField(null=True)
    to_holder = models.ForeignKey(
        "identity.Organisation", models.PROTECT, related_name="+", db_constraint=False
    )
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


class Discrepancy(models.Model):
    """What a captured event says that our chain does not: recorded, pulled by supervision."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    holder_id = models.UUIDField()  # who holds the unit by our chain
    region_path = models.CharField(max_length=80)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "unit", "kind"], name="trace_discrepancy_once"
            ),
            models.CheckConstraint(
                name="trace_discrepancy_kind_known",
                condition=Q(kind__in=list(types.DiscrepancyKind)),
            ),
        ]

    def as_discrepancy(self) -> types.Discrepancy:
        return types.Discrepancy(
            kind=types.DiscrepancyKind(self.kind),
            unit_code=self.unit_id,
            event_id=self.event.event_id,
            reported_by_id=self.event.organisation_id,
            holder_id=self.holder_id,
            region_path=self.region_path,
            found_at=self.found_at,
        )


class CaptureJob(models.Model):
    """What became of one document handed in over REST. Append-only."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    account_id = models.UUIDField()
    behaviour = models.CharField(max_length=8)
    success = models.BooleanField()
    event_count = models.PositiveIntegerField()
    errors = models.JSONField(default=list)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "id"], name="trace_job_of_org")]

    def as_job(self) -> types.CaptureJob:
        return types.CaptureJob(
            id=self.id,
            behaviour=self.behaviour,
            success=self.success,
            event_count=self.event_count,
            errors=tuple(self.errors),
            created_at=self.created_at,
            finished_at=self.finished_at,
        )


class MasterElement(models.Model):
    """A place or party as a document's master data describes it; the newest word stands."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    vocabulary = models.CharField(max_length=200)
    uri = models.CharField(max_length=200)
    attributes = models.JSONField(default=dict)
    children = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "uri"], name="trace_master_element_once"
            ),
        ]


class Query(models.Model):
    """A named query of an organisation or office."""

    id = models.UUIDField(primary_key=True)
    owner_key = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    query = models.JSONField()
    names = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_key", "name"], name="trace_query_name_once"),
        ]

    def as_query(self) -> types.NamedQuery:
        return types.NamedQuery(self.name, self.query, self.created_at)


class Subscription(models.Model):
    """A webhook that is told what a query finds anew. Its cursor follows the feed's order."""

    id = models.UUIDField(primary_key=True)
    query = models.ForeignKey(Query, models.CASCADE, related_name="+")
    account_id = models.UUIDField()  # whose eyes it sees with, looked up anew at each run
    dest = models.CharField(max_length=500)
    token_key = models.BinaryField(max_length=64)
    token_sealed = models.BinaryField(max_length=400)
    schedule = models.JSONField(null=True)  # null: a stream
    report_if_empty = models.BooleanField(default=False)
    initial_record_at = models.DateTimeField()
    tx = models.BigIntegerField()
    row_id = models.BigIntegerField()
    batch_size = models.PositiveIntegerField(default=500)
    failures = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)
    last_notified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def as_subscription(self) -> types.Subscription:
        return types.Subscription(
            id=self.id,
            query_name=self.query.name,
            dest=self.dest,
            stream=self.schedule is None,
            schedule=self.schedule,
            report_if_empty=self.report_if_empty,
            initial_record_at=self.initial_record_at,
            min_record_at=self.last_notified_at or self.initial_record_at,
            created_at=self.created_at,
            last_notified_at=self.last_notified_at,
        )
