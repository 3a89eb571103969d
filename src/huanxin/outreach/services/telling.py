"""Writes: messages out of what happened, their short texts, and what their readers do with them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.errors import SmsFailed
from huanxin.identity.services import texting
from huanxin.kernel import clock, feed, ids
from huanxin.kernel.actor import Actor
from huanxin.outreach import _reads, _sources, models, rules
from huanxin.outreach.errors import MessageUnknown
from huanxin.outreach.types import MessageKind, NewMessage, SmsState

READER = "outreach"
_AT_ONCE = 2_000


@transaction.atomic
def tell(*, actor: Actor, limit: int = _AT_ONCE) -> int:
    """Pull the feed and keep a message for whoever a line concerns; how many lines were read.

    The cursor moves in the same transaction, and a line told before is not told again.
    """
    identity.require(actor, "outreach.tell")
    rows = feed.pull(READER, limit=limit)
    _keep(_sources.from_feed(rows))
    return len(rows)


@transaction.atomic
def remind(*, actor: Actor, limit: int = _AT_ONCE) -> int:
    """Messages that the clock brings: vouchers and cases within a day, papers within sixty days.

    Each once; how many were new. What was kept half a year ago goes.
    """
    identity.require(actor, "outreach.tell")
    models.Message.objects.filter(at__lt=clock.now() - rules.KEPT).delete()
    found = [*_sources.expiring_vouchers(limit), *_sources.cases_due(limit)]
    return _keep([*found, *_sources.licences_expiring()])


def send_texts(*, actor: Actor, limit: int = 200) -> int:
    """Hand waiting short texts to the SMS port, by day only; how many were handed over.

    Each in a transaction of its own, so that none is sent twice because another failed. A sender's
    SmsFailed is tried thrice; what is older than a day is not sent at all.
    """
    identity.require(actor, "outreach.tell")
    now = clock.now()
    if not rules.may_text(now.astimezone(clock.SHANGHAI)):
        return 0
    waiting = models.Message.objects.filter(sms=SmsState.WAITING)
    waiting.filter(at__lt=now - rules.SMS_WORTH).update(sms=SmsState.LATE)
    due = list(waiting.order_by("at", "pk").values_list("pk", flat=True)[:limit])
    return sum(_send(actor, message_id) for message_id in due)


@transaction.atomic
def mark_read(*, actor: Actor, message_ids: Iterable[UUID] | None = None) -> int:
    """Mark the reader's own messages read: those named, or all. Safe to repeat; how many changed.

    One that is not hers raises MessageUnknown and none is marked.
    """
    identity.require(actor, "outreach.read")
    rows = _reads.of_reader(actor)
    if message_ids is not None:
        wanted = set(message_ids)
        rows = rows.filter(pk__in=wanted)
        if rows.count() != len(wanted):
            raise MessageUnknown
    return rows.filter(read_at=None).update(read_at=clock.now())


@transaction.atomic
def set_texts(*, actor: Actor, wanted: bool) -> None:
    """A person switches short texts on or off for herself; messages are kept either way."""
    identity.require(actor, "outreach.set_texts")
    if actor.person_id is None:
        raise MessageUnknown
    if wanted:
        models.Quiet.objects.filter(pk=actor.person_id).delete()
        return
    models.Quiet.objects.get_or_create(pk=actor.person_id, defaults={"since_at": clock.now()})
    waiting = models.Message.objects.filter(person_id=actor.person_id, sms=SmsState.WAITING)
    waiting.update(sms=SmsState.OFF)


def keep(messages: Iterable[NewMessage]) -> int:
    """Keep messages that a verb of this room brings, in its own transaction."""
    return _keep(messages)


def _keep(messages: Iterable[NewMessage]) -> int:
    new = list(messages)
    people = {one.person_id for one in new if one.person_id}
    quiet = set(models.Quiet.objects.filter(pk__in=people).values_list("pk", flat=True))
    before = models.Message.objects.filter(source_key__in=[one.source_key for one in new])
    told = set(before.values_list("source_key", flat=True))
    fresh = {one.source_key: one for one in new if one.source_key not in told}
    rows = [_row(one, is_quiet=one.person_id in quiet) for one in fresh.values()]
    models.Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2_000)
    return len(rows)


def _row(one: NewMessage, *, is_quiet: bool) -> models.Message:
    return models.Message(
        id=ids.new_id(), person_id=one.person_id, organisation_id=one.org_id, kind=one.kind,
        source_key=one.source_key, subject_id=one.subject_id, facts=dict(one.facts), at=one.at,
        sms=_first_sms(one, is_quiet=is_quiet),
    )  # fmt: skip


def _first_sms(one: NewMessage, *, is_quiet: bool) -> SmsState:
    if one.person_id is None or not rules.short_text(one.kind, one.facts):
        return SmsState.NONE
    return SmsState.OFF if is_quiet else SmsState.WAITING


@transaction.atomic
def _send(actor: Actor, message_id: UUID) -> int:
    rows = models.Message.objects.select_for_update(skip_locked=True)
    row = rows.filter(pk=message_id, sms=SmsState.WAITING).first()
    if row is None or row.person_id is None:
        return 0
    row.sms_tries += 1
    try:
        is_simulated = texting.send_text(
            actor=actor, person_id=row.person_id,
            text=rules.short_text(MessageKind(row.kind), row.facts),
        )  # fmt: skip
        row.sms = SmsState.SIMULATED if is_simulated else SmsState.SENT
        if is_simulated is None:
            row.sms = SmsState.NONE
    except SmsFailed:
        row.sms = SmsState.FAILED if row.sms_tries >= rules.SMS_TRIES else SmsState.WAITING
    row.save(update_fields=["sms", "sms_tries"])
    return int(row.sms in {SmsState.SENT, SmsState.SIMULATED})
