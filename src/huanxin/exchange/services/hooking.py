"""Webhooks: opened with a secret told once, told what happens, tried again and again."""

import base64
import json
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from huanxin.exchange import models, rules, selectors
from huanxin.exchange.errors import DeliveryNotDead, EndpointInvalid
from huanxin.exchange.types import DeliveryCard, DeliveryState, EndpointCard, IssuedEndpoint
from huanxin.exchange.types import NewEndpoint as New
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, crypto, feed, ids, webcall
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.feed import FeedRow
from huanxin.kernel.locking import lock_row

_PURPOSE, _READER = "webhook-secret", "webhooks"
_TEST = "webhook.test"


@transaction.atomic
def open_endpoint(*, actor: Actor, new: New) -> IssuedEndpoint:
    """Tell an address what happens to the actor's organisation, or in her region, from now on.

    The signing secret is told this once. Refuses an address that is not http(s), or that leads
    into a private network which the installation has not named (HUANXIN_WEBHOOK_NETWORKS).
    """
    identity.require(actor, "identity.manage_keys")
    _check(actor, new)
    secret = _new_secret()
    row = models.Endpoint.objects.create(
        id=ids.new_id(), organisation_id=actor.scope.org_id, region_path=actor.scope.region_path,
        name=new.name.strip(), url=new.url.strip(), topics=sorted(set(new.topics)),
        secret_sealed=crypto.seal_secret(_PURPOSE, secret.encode()),
        by_account_id=actor.account_id, created_at=clock.now(),
    )  # fmt: skip
    _record(actor, "exchange.endpoint_opened", row, topics=row.topics)
    return IssuedEndpoint(row.as_card(), secret)


@transaction.atomic
def rotate_secret(*, actor: Actor, endpoint_id: UUID, overlap_hours: int) -> IssuedEndpoint:
    """A new signing secret; for the overlap each message carries both signatures."""
    row = _kept(actor, endpoint_id)
    if not 0 <= overlap_hours <= rules.MOST_OVERLAP_HOURS:
        raise EndpointInvalid(reason=f"并行时间应为 0 至 {rules.MOST_OVERLAP_HOURS} 小时")
    secret = _new_secret()
    row.old_secret_sealed = row.secret_sealed if overlap_hours else None
    row.old_secret_until = clock.now() + timedelta(hours=overlap_hours) if overlap_hours else None
    row.secret_sealed = crypto.seal_secret(_PURPOSE, secret.encode())
    row.save()
    _record(actor, "exchange.secret_rotated", row, overlap_hours=overlap_hours)
    return IssuedEndpoint(row.as_card(), secret)


@transaction.atomic
def set_active(*, actor: Actor, endpoint_id: UUID, is_active: bool) -> EndpointCard:
    """Pause a webhook, or let it go on; what waits is kept and sent when it goes on."""
    row = _kept(actor, endpoint_id)
    if row.is_active != is_active:
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        _record(actor, "exchange.endpoint_set", row, is_active=is_active)
    return row.as_card()


def send_test(*, actor: Actor, endpoint_id: UUID) -> DeliveryCard:
    """Send a test message now and answer what came of it; a test is not tried again."""
    with transaction.atomic():
        row = _kept(actor, endpoint_id)
        body = _body(_TEST, None, clock.now().isoformat(), {"kind": "endpoint", "id": str(row.pk)})
        made = _lay(row, None, _TEST, body)
        made.save(force_insert=True)
    _try(made, row, is_last=True)
    return selectors.get_delivery(actor, made.pk)


@transaction.atomic
def send_again(*, actor: Actor, delivery_id: UUID) -> DeliveryCard:
    """Take a dead letter up again: it is due at once, with a full row of tries before it."""
    card = selectors.get_delivery(actor, delivery_id)
    identity.require(actor, "identity.manage_keys")
    row = lock_row(models.Delivery, delivery_id)
    if row.state != DeliveryState.DEAD:
        raise DeliveryNotDead
    row.state, row.attempt_count, row.due_at = DeliveryState.WAITING, 0, clock.now()
    row.save(update_fields=["state", "attempt_count", "due_at"])
    endpoint = models.Endpoint.objects.get(pk=card.endpoint_id)
    _record(actor, "exchange.delivery_sent_again", endpoint, delivery=str(row.pk))
    return selectors.get_delivery(actor, delivery_id)


@transaction.atomic
def lay_out(*, actor: Actor, limit: int = 1000) -> int:
    """Lay out what happened since for each webhook that is told of it; answers lines read.

    The cursor moves in the same transaction: no event is lost, none is laid out twice.
    """
    identity.require(actor, "exchange.deliver")
    lines = feed.pull(_READER, limit=limit)
    endpoints = list(models.Endpoint.objects.all())
    made = [
        _lay(endpoint, line.id, line.action, _body_of(line))
        for line in lines
        for endpoint in endpoints
        if line.action in endpoint.topics
        and _sees(endpoint, line)
        and line.at > endpoint.created_at
    ]
    models.Delivery.objects.bulk_create(made, batch_size=1000, ignore_conflicts=True)
    return len(lines)


def deliver_due(*, actor: Actor, limit: int = 50) -> int:
    """Try what is due, outside any transaction; answers how many were taken.

    A failure waits longer each time, ten times in about a day; then the letter is dead and stands
    in the log until somebody sends it again.
    """
    identity.require(actor, "exchange.deliver")
    due = models.Delivery.objects.select_related("endpoint").filter(
        state=DeliveryState.WAITING, due_at__lte=clock.now(), endpoint__is_active=True
    )
    return sum(_try(row, row.endpoint) for row in due.order_by("due_at", "pk")[:limit])


def _try(row: models.Delivery, endpoint: models.Endpoint, *, is_last: bool = False) -> bool:
    answer = webcall.post(endpoint.url, row.body.encode(), _headers(endpoint, row))
    is_taken = answer.status in webcall.TAKEN
    now, count = clock.now(), row.attempt_count + 1
    pause = None if is_last else webcall.pause_after(count)
    state = DeliveryState.WAITING if pause else DeliveryState.DEAD
    with transaction.atomic():
        models.Attempt.objects.create(
            delivery=row, at=now, status=answer.status, error=answer.error[:200]
        )
        models.Delivery.objects.filter(pk=row.pk).update(
            state=DeliveryState.DELIVERED if is_taken else state, attempt_count=count,
            due_at=now + (pause or timedelta(0)),
        )  # fmt: skip
    return is_taken


def _headers(endpoint: models.Endpoint, row: models.Delivery) -> dict[str, str]:
    now = clock.now()
    sealed: list[bytes | memoryview[int] | None] = [endpoint.secret_sealed]
    if endpoint.old_secret_until is not None and now < endpoint.old_secret_until:
        sealed.append(endpoint.old_secret_sealed)
    stamp, message_id = int(now.timestamp()), str(row.pk)
    signed = [
        webcall.signature(
            crypto.unseal_secret(_PURPOSE, bytes(one)).decode(), message_id, stamp, row.body
        )
        for one in sealed
        if one is not None
    ]
    return {
        "Content-Type": "application/json; charset=utf-8", "User-Agent": "huanxin-webhooks/1",
        "webhook-id": message_id, "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(signed),
    }  # fmt: skip


def _check(actor: Actor, new: New) -> None:
    known = {topic.code for topic in selectors.list_topics()}
    unknown = sorted(set(new.topics) - known)
    mine = models.Endpoint.objects.filter(
        organisation=actor.scope.org_id, region_path=actor.scope.region_path
    )
    faults = {
        "须写明用途": not new.name.strip(),
        "须至少选一类事件": not new.topics,
        "没有这些事件：" + "、".join(unknown): bool(unknown),
        "网址须以 http:// 或 https:// 开头，且不得指向内部网络": not webcall.may_call(
            new.url.strip()
        ),
        f"最多 {rules.MOST_ENDPOINTS} 个": mine.count() >= rules.MOST_ENDPOINTS,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise EndpointInvalid(reason=reason)


def _kept(actor: Actor, endpoint_id: UUID) -> models.Endpoint:
    identity.require(actor, "identity.manage_keys")
    selectors.get_endpoint(actor, endpoint_id)
    return lock_row(models.Endpoint, endpoint_id)


def _sees(endpoint: models.Endpoint, line: FeedRow) -> bool:
    if endpoint.organisation_id is not None:
        return line.org_id == endpoint.organisation_id
    return Scope(endpoint.region_path).covers(line.region_path)


def _lay(endpoint: models.Endpoint, event_id: int | None, topic: str, body: str) -> models.Delivery:
    now = clock.now()
    return models.Delivery(
        id=ids.new_id(), endpoint=endpoint, event_id=event_id, topic=topic, body=body, due_at=now,
        created_at=now, state=DeliveryState.WAITING,
    )  # fmt: skip


def _body_of(line: FeedRow) -> str:
    """Which thing and what became of it, no more: details are read through the API, in scope."""
    subject = {"kind": line.subject_kind, "id": line.subject_id, "region_path": line.region_path}
    return _body(line.action, line.id, line.at.isoformat(), subject)


def _body(topic: str, event_id: int | None, at: str, subject: dict[str, str]) -> str:
    body = {"type": topic, "timestamp": at, "event_id": event_id, "data": subject}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _new_secret() -> str:
    raw = base64.b64encode(secrets.token_bytes(rules.SECRET_BYTES)).decode()
    return webcall.SECRET_MARK + raw


def _record(actor: Actor, action: str, row: models.Endpoint, **facts: object) -> None:
    audit.record(
        actor, action, "endpoint", row.pk, region_path=row.region_path,
        org_id=row.organisation_id, **facts,
    )  # fmt: skip
