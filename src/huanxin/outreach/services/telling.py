"""Writes: messages out of what happened, their short texts, and what their readers do with them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.errors import SmsFailed
from huanxin.identity.services import texting
from huanxin.kernel import clock, feed
from huanxin.kernel.actor import Actor
from huanxin.outreach import _keeping, _reads, _sources, models, rules
from huanxin.outreach.errors import MessageUnknown
from huanxin.outreach.types import MessageKind, SmsState

READER = "outreach"
_AT_ONCE = 2_000


@transaction.atomic
def tell(*, actor: Actor, limit: int = _AT_ONCE) -> int:
    """Pull the feed and keep a message for whoever a line concerns; how many lines were read.

    The cursor moves in the same transaction, and a line told before is not told again.
    """
    identity.require(actor, "outreach.tell")
    rows = feed.pull(READER, limit=limit)
    _keeping.keep(_sources.from_feed(rows))
    return len(rows)


@transaction.atomic
def remind(*, actor: Actor, limit: int = _AT_ONCE) -> int:
    """Messages that the clock brings: vouchers and cases within a day, papers within sixty days.

    Each once; how many were new. What was kept half a year ago goes.
    """
    identity.require(actor, "outreach.tell")
    models.Message.objects.filter(at__lt=clock.now() - rules.KEPT).delete()
    found = [*_sources.expiring_vouchers(limit), *_sources.cases_due(limit)]
    return _keeping.keep([*found, *_sources.licences_expiring()])


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
