"""Writes: a station's events, and who comes."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.outreach import _keeping, models, rules
from huanxin.outreach.errors import EventFull, EventInvalid, EventOver, EventUnknown
from huanxin.outreach.types import Event, MessageKind, NewEvent, NewMessage


@transaction.atomic
def publish_event(*, actor: Actor, event: NewEvent, request_id: UUID) -> Event:
    """Publish an event of the actor's own station with its places. Safe to retry.

    Refuses a time that is past, a length beyond half a day and more places than 2,000.
    """
    org_id = _station(actor)
    identity.require(actor, "outreach.hold_event", org_id=org_id)
    earlier = requests.first_answer(actor, "outreach.publish_event", request_id, event)
    if earlier is not None:
        return _read(UUID(earlier["event_id"]))
    now = clock.now()
    rules.check_event(event, now)
    region_path = identity.get_organisation(org_id).region_path
    row = models.Event.objects.create(
        id=ids.new_id(), organisation_id=org_id, region_path=region_path, kind=event.kind,
        title=event.title.strip(), place=event.place.strip(), starts_at=event.starts_at,
        ends_at=event.ends_at, places_count=event.places_count, note=event.note.strip(),
        published_at=now,
    )  # fmt: skip
    audit.record(
        actor, "outreach.event_published", "event", row.id, region_path=region_path,
        org_id=org_id, kind=row.kind, places=row.places_count, starts_at=row.starts_at,
    )  # fmt: skip
    requests.remember(actor, "outreach.publish_event", request_id, {"event_id": str(row.id)})
    return _read(row.id)


@transaction.atomic
def cancel_event(*, actor: Actor, event_id: UUID, why: str) -> Event:
    """Call an event off; everyone who was coming is told why, in the same transaction.

    Safe to repeat. Refuses another station's event as unknown, and one that has begun.
    """
    identity.require(actor, "outreach.hold_event", org_id=_station(actor))
    row = models.Event.objects.select_for_update().filter(pk=event_id).first()
    if row is None or row.organisation_id != actor.org_id:
        raise EventUnknown(event_id=event_id)
    if row.cancelled_at is None:
        now = clock.now()
        if row.starts_at <= now:
            raise EventOver(title=row.title)
        row.cancelled_at, row.cancelled_why = now, rules.check_why(why, EventInvalid)
        row.save(update_fields=["cancelled_at", "cancelled_why"])
        _keeping.keep(_cancelled(row))
        audit.record(
            actor, "outreach.event_cancelled", "event", row.id, region_path=row.region_path,
            org_id=row.organisation_id, why=row.cancelled_why,
        )  # fmt: skip
    return _read(event_id)


@transaction.atomic
def sign_up(*, actor: Actor, event_id: UUID, person_id: UUID) -> Event:
    """Take a place for a person: herself, or on her recorded word at a station's counter.

    Safe to repeat: a person has one place. Refuses a full event (EventFull) and one that has
    begun or was cancelled (EventOver).
    """
    _may_act_for(actor, person_id)
    row = _lock(event_id)
    if models.Seat.objects.filter(event=row, person_id=person_id, given_up_at=None).exists():
        return _read(event_id)
    if row.taken_count >= row.places_count:
        raise EventFull(title=row.title, places=row.places_count)
    models.Seat.objects.create(
        id=ids.new_id(), event=row, person_id=person_id, by_account_id=actor.account_id,
        signed_at=clock.now(),
    )  # fmt: skip
    _count(actor, row, +1, "outreach.signed_up")
    return _read(event_id)


@transaction.atomic
def give_up_place(*, actor: Actor, event_id: UUID, person_id: UUID) -> Event:
    """Give a place back before the event begins. Safe to repeat."""
    _may_act_for(actor, person_id)
    row = _lock(event_id)
    seats = models.Seat.objects.filter(event=row, person_id=person_id, given_up_at=None)
    if seats.update(given_up_at=clock.now()):
        _count(actor, row, -1, "outreach.place_given_up")
    return _read(event_id)


def _may_act_for(actor: Actor, person_id: UUID) -> None:
    if actor.person_id == person_id:
        identity.require(actor, "outreach.sign_up")
        return
    identity.require(actor, "outreach.sign_up_for_others")
    identity.assisted_scope(actor, person_id)


def _lock(event_id: UUID) -> models.Event:
    row = models.Event.objects.select_for_update().filter(pk=event_id).first()
    if row is None:
        raise EventUnknown(event_id=event_id)
    if row.cancelled_at is not None or row.starts_at <= clock.now():
        raise EventOver(title=row.title)
    return row


def _count(actor: Actor, row: models.Event, change: int, action: str) -> None:
    row.taken_count += change
    row.save(update_fields=["taken_count"])
    audit.record(
        actor, action, "event", row.id, region_path=row.region_path, org_id=row.organisation_id,
        taken=row.taken_count,
    )  # fmt: skip


def _cancelled(row: models.Event) -> list[NewMessage]:
    coming = row.seats.filter(given_up_at=None).order_by("pk")
    return [
        NewMessage(
            MessageKind.EVENT_CANCELLED, f"cancelled:{row.id}:{person_id}", clock.now(), person_id,
            None, str(row.id), {"title": row.title, "why": row.cancelled_why},
        )
        for person_id in coming.values_list("person_id", flat=True)
    ]  # fmt: skip


def _read(event_id: UUID) -> Event:
    return models.Event.objects.select_related("organisation").get(pk=event_id).as_event()


def _station(actor: Actor) -> UUID:
    if actor.org_id is None:
        raise EventUnknown
    return actor.org_id
