"""Messages into their table: each source once, its text waiting unless its reader wants none."""

from collections.abc import Iterable

from django.db import transaction

from huanxin.kernel import ids
from huanxin.outreach import models, rules
from huanxin.outreach.types import NewMessage, SmsState


def keep(messages: Iterable[NewMessage]) -> int:
    """Keep what was not told before, in the transaction of what caused it; how many were new."""
    assert transaction.get_connection().in_atomic_block, "a message is kept with its cause"
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
