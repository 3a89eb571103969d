"""Tables of outreach."""

from django.db import models
from django.db.models import F, Q

from huanxin.kernel import clock
from huanxin.outreach import rules, types
from huanxin.outreach.types import EventKind, MessageKind, SmsState, WorkKind


class Message(models.Model):
    """Something told to one person or one organisation, once; its words are rules.WORDS."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(
        "identity.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )
    organisation = models.ForeignKey(
        "identity.Organisation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20)
    source_key = models.CharField(max_length=120, unique=True)
    subject_id = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    sms = models.CharField(max_length=10, default=SmsState.NONE)
    sms_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at"], name="message_of_person"),
            models.Index(fields=["organisation", "-at"], name="message_of_organisation"),
            models.Index(
                fields=["person", "organisation"],
                name="message_unread",
                condition=Q(read_at__isnull=True),
            ),
            models.Index(fields=["at"], name="message_sms", condition=Q(sms="waiting")),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_has_one_reader",
                condition=Q(person__isnull=False, organisation__isnull=True)
                | Q(person__isnull=True, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="message_kind_known", condition=Q(kind__in=[k.value for k in MessageKind])
            ),
            models.CheckConstraint(
                name="message_sms_known", condition=Q(sms__in=[s.value for s in SmsState])
            ),
            models.CheckConstraint(
                name="message_texts_only_people",
                condition=Q(person__isnull=False) | Q(sms=SmsState.NONE),
            ),
        ]

    def as_message(self) -> types.Message:
        kind = MessageKind(self.kind)
        return types.Message(
            self.id, kind, rules.WORDS[kind].title, rules.sentence(kind, self.facts),
            self.subject_id, self.at, self.read_at, SmsState(self.sms),
        )  # fmt: skip


class Quiet(models.Model):
    """A person who wants no short texts; her messages are still kept for her to read."""

    person = models.OneToOneField(
        "identity.Person", models.PROTECT, primary_key=True, related_name="+"
    )
    since_at = models.DateTimeField()


class Notice(models.Model):
    """What an authority tells everyone, until a day."""

    id = models.UUIDField(primary_key=True)
    region_path = models.CharField(max_length=80)
    title = models.CharField(max_length=60)
    text = models.CharField(max_length=2000)
    issuer = models.CharField(max_length=60)
    published_at = models.DateTimeField()
    until_on = models.DateField()
    by_account_id = models.UUIDField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["-published_at"], name="notice_newest")]
        constraints = [
            models.CheckConstraint(
                name="notice_withdrawn_with_a_reason",
                condition=Q(withdrawn_at__isnull=True, withdrawn_why="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
            ),
        ]

    def as_notice(self) -> types.Notice:
        is_in_force = self.withdrawn_at is None and clock.today() <= self.until_on
        return types.Notice(
            self.id, self.title, self.text, self.issuer, self.region_path, self.published_at,
            clock.business_day(self.published_at), self.until_on, self.withdrawn_at,
            self.withdrawn_why, is_in_force,
        )  # fmt: skip


class Event(models.Model):
    """A trial of appliances, a lecture or a clinic at a station; places are never given twice."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=60)
    place = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places_count = models.PositiveIntegerField()
    taken_count = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=500, blank=True, default="")
    published_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["starts_at"], name="event_next")]
        constraints = [
            models.CheckConstraint(
                name="event_kind_known", condition=Q(kind__in=[k.value for k in EventKind])
            ),
            models.CheckConstraint(
                name="event_never_overfull", condition=Q(taken_count__lte=F("places_count"))
            ),
            models.CheckConstraint(
                name="event_ends_after_it_starts", condition=Q(starts_at__lt=F("ends_at"))
            ),
        ]

    def as_event(self) -> types.Event:
        return types.Event(
            self.id, EventKind(self.kind), self.title, self.place, self.region_path,
            self.organisation_id, self.organisation.name, self.organisation.phone, self.starts_at,
            self.ends_at, self.places_count, self.taken_count, self.note, self.cancelled_at,
            self.cancelled_why,
        )  # fmt: skip


class Seat(models.Model):
    """One person's place at an event; given up ones stay as history."""

    id = models.UUIDField(primary_key=True)
    event = models.ForeignKey(Event, models.PROTECT, related_name="seats")
    person = models.ForeignKey("identity.Person", models.PROTECT, related_name="+")
    by_account_id = models.UUIDField()
    signed_at = models.DateTimeField()
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person"],
                condition=Q(given_up_at__isnull=True),
                name="seat_once",
            ),
        ]


class Work(models.Model):
    """A repair or cleaning done at or through a station. Struck with a reason, never changed."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=30, unique=True)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    category_code = models.CharField(max_length=40)
    on = models.DateField(db_column="done_on")
    worker = models.CharField(max_length=40)
    what = models.CharField(max_length=200)
    price_fen = models.BigIntegerField()
    by_account_id = models.UUIDField()
    recorded_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True)
    struck_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["organisation", "-on"], name="work_of_station")]
        constraints = [
            models.CheckConstraint(
                name="work_kind_known", condition=Q(kind__in=[k.value for k in WorkKind])
            ),
            models.CheckConstraint(name="work_price_not_negative", condition=Q(price_fen__gte=0)),
            models.CheckConstraint(
                name="work_struck_with_a_reason",
                condition=Q(struck_at__isnull=True, struck_why="")
                | (Q(struck_at__isnull=False) & ~Q(struck_why="")),
            ),
        ]

    def as_work(self) -> types.Work:
        return types.Work(
            self.id, self.number, WorkKind(self.kind), self.category_code, self.on, self.worker,
            self.what, self.price_fen, self.organisation_id, self.region_path, self.struck_at,
            self.struck_why,
        )  # fmt: skip
