"""Mechanics of subscriptions: what is due is read behind the feed, signed, sent, and remembered."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, crypto, ids, webcall
from huanxin.kernel.errors import NotFound
from huanxin.trace import _query, _schedule, _search, _shape, models, selectors
from huanxin.trace._search import Row
from huanxin.trace.errors import SubscriptionControlsInvalid
from huanxin.trace.types import NewSubscription

_LONGEST_PAUSE = timedelta(hours=1)  # a stream is in order: nothing is ever given up
_STREAM_PAUSE_SECONDS = 1
_TOO_LARGE = 413


def new_row(wanted: NewSubscription, query: models.Query, account_id: UUID) -> models.Subscription:
    """A subscription ready to be stored; refuses what cannot be kept."""
    if wanted.stream == (wanted.schedule is not None):
        raise SubscriptionControlsInvalid(reason="stream 与 schedule 须二选一")
    if not _shape.is_uri(wanted.dest) or not webcall.may_call(wanted.dest):
        raise SubscriptionControlsInvalid(
            reason=f"dest“{wanted.dest[:80]}”不是可用的网址，或指向内部网络"
        )
    now = clock.now()
    due_at = _schedule.next_after(wanted.schedule, now) if wanted.schedule else now
    tx, row_id = (0, 0) if wanted.initial_record_at else _search.feed_end()
    key = crypto.new_person_key()
    return models.Subscription(
        id=ids.new_id(), query=query, account_id=account_id, dest=wanted.dest, token_key=key,
        token_sealed=crypto.seal(key, wanted.signature_token or ""), schedule=wanted.schedule,
        report_if_empty=wanted.report_if_empty, tx=tx, row_id=row_id, due_at=due_at,
        initial_record_at=wanted.initial_record_at or now, created_at=now,
    )  # fmt: skip


def run(subscription_id: UUID) -> int:
    """One delivery to one webhook; 1 if it was taken."""
    rows = models.Subscription.objects.select_related("query")
    subscription = rows.filter(pk=subscription_id).first()
    if subscription is None:  # ended since
        return 0
    try:
        scope = identity.actor_for(subscription.account_id).scope
    except NotFound:
        return _later(subscription, failed=True)
    search = _query.read(subscription.query.query, subscription.query.names)
    found = _search.since(
        search, scope, tx=subscription.tx, row_id=subscription.row_id,
        initial_at=subscription.initial_record_at, limit=subscription.batch_size,
    )  # fmt: skip
    if not found and not (subscription.schedule and subscription.report_if_empty):
        return _later(subscription, failed=False)
    return _answered(subscription, found, _send(subscription, found))


def _send(subscription: models.Subscription, rows: list[Row]) -> int:
    document = selectors.query_document(rows, subscription.query.name)
    document["epcisBody"]["queryResults"]["subscriptionID"] = str(subscription.pk)
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json", "GS1-EPCIS-Version": "2.0.0",
        "GS1-CBV-Version": "2.0.0", **_signature(subscription, body),
    }  # fmt: skip
    return webcall.post(subscription.dest, body, headers).status


def _signature(subscription: models.Subscription, body: bytes) -> dict[str, str]:
    token = crypto.unseal(bytes(subscription.token_key), bytes(subscription.token_sealed))
    if not token:
        return {}
    now = int(clock.now().timestamp())
    return {"GS1-Signature": webcall.gs1_signature(token, now, body)}


def _answered(subscription: models.Subscription, rows: list[Row], status: int) -> int:
    if status == _TOO_LARGE and subscription.batch_size > 1:
        return _later(
            subscription, failed=False, batch_size=subscription.batch_size // 2, again=True
        )
    if status not in webcall.TAKEN:
        return _later(subscription, failed=True)
    moved: dict[str, Any] = {"last_notified_at": clock.now()}
    if rows:
        moved |= {"tx": rows[-1].tx, "row_id": rows[-1].id}
    is_full = len(rows) == subscription.batch_size
    _later(subscription, failed=False, again=is_full, **moved)
    return 1


def _later(
    subscription: models.Subscription, *, failed: bool, again: bool = False, **changes: Any
) -> int:
    failures = subscription.failures + 1 if failed else 0
    with transaction.atomic():
        models.Subscription.objects.filter(pk=subscription.pk).update(
            failures=failures, due_at=_due(subscription, failures, again=again), **changes
        )
    return 0


def _due(subscription: models.Subscription, failures: int, *, again: bool) -> datetime:
    now = clock.now()
    if failures:
        return now + min(webcall.pause_after(failures) or _LONGEST_PAUSE, _LONGEST_PAUSE)
    if again:
        return now
    if subscription.schedule:
        return _schedule.next_after(subscription.schedule, now)
    return now + timedelta(seconds=_STREAM_PAUSE_SECONDS)
