"""Reads: one's own messages, what stands in public, and a station's register."""

from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.outreach import _reads, models
from huanxin.outreach.errors import EventUnknown, MessageUnknown, NoticeUnknown
from huanxin.outreach.types import Event, Message, Notice, Work, WorkKind, WorkTotal

M = TypeVar("M", models.Notice, models.Event, models.Work)
MOST_PUBLIC = 100


def list_messages(actor: Actor, *, is_unread: bool = False, page: int = 1) -> Page[Message]:
    """The reader's own messages, newest first: hers, or her organisation's."""
    rows = _reads.of_reader(actor)
    if is_unread:
        rows = rows.filter(read_at=None)
    first = (page - 1) * PAGE_SIZE
    found = [row.as_message() for row in rows.order_by("-at", "-pk")[first : first + PAGE_SIZE]]
    return Page(found, page, rows.count())


def get_message(actor: Actor, message_id: UUID) -> Message:
    """One of the reader's own messages."""
    row = _reads.of_reader(actor).filter(pk=message_id).first()
    if row is None:
        raise MessageUnknown(message_id=message_id)
    return row.as_message()


def count_unread(actor: Actor) -> int:
    """How many of the reader's messages nobody opened: one partial index."""
    return _reads.of_reader(actor).filter(read_at=None).count()


def wants_texts(person_id: UUID) -> bool:
    """Whether short texts go to her phone."""
    return not models.Quiet.objects.filter(pk=person_id).exists()


def list_notices(*, region_path: str = "") -> list[Notice]:
    """Notices in force for a region: its own, those above it and, for none, all; newest first."""
    rows = models.Notice.objects.filter(withdrawn_at=None, until_on__gte=clock.today())
    if region_path:
        above = [region_path.rsplit("/", n)[0] for n in range(region_path.count("/") + 1)]
        rows = rows.filter(Q(region_path__in=above) | Q(region_path__startswith=region_path + "/"))
    return [row.as_notice() for row in rows.order_by("-published_at", "-pk")[:MOST_PUBLIC]]


def list_all_notices(scope: Scope, *, page: int = 1) -> Page[Notice]:
    """Every notice of the scope's region, over and withdrawn ones too, newest first."""
    rows = _within(models.Notice.objects.all(), scope)
    first = (page - 1) * PAGE_SIZE
    found = rows.order_by("-published_at", "-pk")[first : first + PAGE_SIZE]
    return Page([row.as_notice() for row in found], page, rows.count())


def get_notice(notice_id: UUID) -> Notice:
    """One notice, for anyone: also after its end, when the page says so."""
    row = models.Notice.objects.filter(pk=notice_id).first()
    if row is None:
        raise NoticeUnknown(notice_id=notice_id)
    return row.as_notice()


def list_events(*, region_path: str = "", org_id: UUID | None = None) -> list[Event]:
    """Events to come that were not cancelled, soonest first."""
    rows = models.Event.objects.filter(cancelled_at=None, ends_at__gt=clock.now())
    rows = _within(rows, Scope(region_path=region_path))
    if org_id is not None:
        rows = rows.filter(organisation_id=org_id)
    shown = rows.select_related("organisation").order_by("starts_at", "pk")[:MOST_PUBLIC]
    return [row.as_event() for row in shown]


def list_own_events(scope: Scope, *, page: int = 1) -> Page[Event]:
    """A station's events, those of the past and cancelled ones too, latest first."""
    rows = _own_events(scope)
    first = (page - 1) * PAGE_SIZE
    found = rows.select_related("organisation").order_by("-starts_at", "-pk")
    return Page([row.as_event() for row in found[first : first + PAGE_SIZE]], page, rows.count())


def get_event(event_id: UUID) -> Event:
    """One event, for anyone."""
    row = models.Event.objects.select_related("organisation").filter(pk=event_id).first()
    if row is None:
        raise EventUnknown(event_id=event_id)
    return row.as_event()


def events_of_person(person_id: UUID, scope: Scope) -> set[UUID]:
    """The events to come at which she has a place, as far as the scope is hers."""
    if scope.person_id is not None and scope.person_id != person_id:
        return set()
    rows = models.Seat.objects.filter(person_id=person_id, given_up_at=None)
    return set(rows.filter(event__ends_at__gt=clock.now()).values_list("event_id", flat=True))


def list_coming(event_id: UUID, scope: Scope) -> list[str]:
    """Who comes to a station's own event, names masked, in the order they signed up."""
    event = _own_events(scope).filter(pk=event_id).first()
    if event is None:
        raise EventUnknown(event_id=event_id)
    seats = event.seats.filter(given_up_at=None).order_by("signed_at", "pk")
    people = list(seats.values_list("person_id", flat=True))
    cards = identity.cards(people)
    return [cards[person_id].name_masked for person_id in people]


def list_work(scope: Scope, *, month: date | None = None, page: int = 1) -> Page[Work]:
    """The register of the scope's station or region, latest first, of one month if named."""
    rows = _register(scope, month)
    first = (page - 1) * PAGE_SIZE
    found = rows.order_by("-on", "-pk")[first : first + PAGE_SIZE]
    return Page([row.as_work() for row in found], page, rows.count())


def count_work(scope: Scope, *, month: date) -> list[WorkTotal]:
    """A month's jobs by kind and category with what they cost, struck ones left out."""
    rows = _register(scope, month).filter(struck_at=None).values("kind", "category_code")
    sums = rows.annotate(n=Count("pk"), fen=Sum("price_fen")).order_by("kind", "category_code")
    return [
        WorkTotal(WorkKind(row["kind"]), row["category_code"], row["n"], row["fen"]) for row in sums
    ]


def _own_events(scope: Scope) -> QuerySet[models.Event]:
    if scope.org_id is None:
        return models.Event.objects.none()
    return models.Event.objects.filter(organisation_id=scope.org_id)


def _register(scope: Scope, month: date | None) -> QuerySet[models.Work]:
    rows = _within(models.Work.objects.all(), scope)
    if scope.org_id is not None:
        rows = rows.filter(organisation_id=scope.org_id)
    if month is not None:
        rows = rows.filter(on__year=month.year, on__month=month.month)
    return rows


def _within(rows: QuerySet[M], scope: Scope) -> QuerySet[M]:
    path = scope.region_path
    if not path:
        return rows
    return rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
