"""API keys: issued with some of a role's permissions, rotated with an overlap, revoked at once."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from huanxin.identity import models, rules, selectors
from huanxin.identity.errors import KeyInvalid, KeyNotLive, RoleNotGivable
from huanxin.identity.types import ApiKeyCard, Caller, IssuedKey, NewApiKey, OrgStatus, RateLeft
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel.actor import SYSTEM_ID, Actor
from huanxin.kernel.errors import Invalid
from huanxin.kernel.locking import lock_row
from huanxin.kernel.sqlfiles import read_sql

_MARK = "hxk"


@transaction.atomic
def issue_key(*, actor: Actor, new: NewApiKey) -> IssuedKey:
    """Issue a key for the actor's own organisation or authority; the secret is told this once.

    It never does more than its maker may, sees no further than she sees, and keeps neither
    accounts nor keys. Refuses a key without name, permission or end (KeyInvalid).
    """
    selectors.require(actor, "identity.manage_keys")
    org_id = new.org_id or actor.org_id
    if actor.account_id != SYSTEM_ID and (org_id != actor.org_id or new.role != actor.role):
        raise RoleNotGivable(role=selectors.role_title(new.role))
    held = rules.ROLE_PERMISSIONS[new.role] if "*" in actor.permissions else actor.permissions
    rules.check_key(new, held)
    region_path = actor.scope.region_path
    if not region_path and org_id is not None:
        region_path = selectors.get_organisation(org_id).region_path
    return _issue(actor, new, org_id, region_path, None)


@transaction.atomic
def rotate_key(*, actor: Actor, key_id: UUID, overlap_hours: int, days: int) -> IssuedKey:
    """A new secret with the same permissions; the old one still works for the overlap, then ends.

    An overlap of nought ends it at once. A key can be replaced once.
    """
    row = _kept(actor, key_id)
    if not 0 <= overlap_hours <= rules.KEY_OVERLAP_HOURS:
        raise KeyInvalid(reason=f"并行时间应为 0 至 {rules.KEY_OVERLAP_HOURS} 小时")
    now = clock.now()
    if row.as_card().state(now) != "live":
        raise KeyNotLive
    if models.ApiKey.objects.filter(replaces=row).exists():
        raise KeyNotLive
    card = row.as_card()
    new = NewApiKey(card.name, card.role, card.permissions, days, card.org_id, card.per_minute)
    rules.check_key(new, rules.ROLE_PERMISSIONS[card.role])
    end = min(row.expires_at, now + timedelta(hours=overlap_hours))
    if overlap_hours == 0:
        models.ApiKey.objects.filter(pk=row.pk).update(revoked_at=now, revoked_because="已轮换")
    else:
        models.ApiKey.objects.filter(pk=row.pk).update(expires_at=end)
    return _issue(actor, new, row.organisation_id, row.region_path, row.pk)


@transaction.atomic
def revoke_key(*, actor: Actor, key_id: UUID, reason: str) -> ApiKeyCard:
    """End a key at once; the next request with it is refused. A repeat changes nothing."""
    row = _kept(actor, key_id)
    if len(reason.strip()) < 2:
        raise Invalid(reason="须写明停用原因")
    if row.revoked_at is None:
        row.revoked_at, row.revoked_because = clock.now(), reason.strip()[:200]
        row.save(update_fields=["revoked_at", "revoked_because"])
        _record(actor, "identity.key_revoked", row, reason=row.revoked_because)
    return row.as_card()


def use_key(*, secret: str) -> Caller | None:
    """Who stands behind a secret, if its key is live now; notes once a minute that it is used."""
    digest = crypto.blind_index("api-key", secret)
    rows = models.ApiKey.objects.select_related("organisation").filter(digest=digest)
    row, now = rows.first(), clock.now()
    if row is None or row.as_card().state(now) != "live":
        return None
    if row.organisation is not None and row.organisation.status == OrgStatus.REMOVED:
        return None
    if row.last_used_at is None or now - row.last_used_at >= timedelta(minutes=1):
        models.ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return Caller(selectors.actor_of_key(row.as_card()), f"key:{row.pk}", row.per_minute)


def is_key(*, text: str) -> bool:
    """Whether a text has the form of a key's secret."""
    return text.startswith(f"{_MARK}_")


def count_request(*, subject: str, per_minute: int) -> RateLeft:
    """Count one request of a caller in the running minute, across all processes."""
    seconds = int(clock.now().timestamp())
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.identity.sql", "count_request").text,
            {"subject": subject[:64], "minute": seconds // 60},
        )
        count = cursor.fetchone()[0]
    left = max(0, per_minute - count)
    return RateLeft(per_minute, left, 60 - seconds % 60, count > per_minute)


def _kept(actor: Actor, key_id: UUID) -> models.ApiKey:
    selectors.require(actor, "identity.manage_keys")
    selectors.get_key(actor, key_id)
    return lock_row(models.ApiKey, key_id)


def _issue(
    actor: Actor, new: NewApiKey, org_id: UUID | None, region_path: str, replaces: UUID | None
) -> IssuedKey:
    prefix, now = secrets.token_hex(4), clock.now()
    secret = f"{_MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    row = models.ApiKey.objects.create(
        id=ids.new_id(), organisation_id=org_id, name=new.name.strip(), role=new.role,
        permissions=sorted(set(new.permissions)), region_path=region_path, prefix=prefix,
        digest=crypto.blind_index("api-key", secret), per_minute=new.per_minute,
        expires_at=now + timedelta(days=new.days), replaces_id=replaces,
        by_account_id=actor.account_id, created_at=now,
    )  # fmt: skip
    action = "identity.key_rotated" if replaces else "identity.key_issued"
    _record(actor, action, row, permissions=row.permissions, replaces=replaces)
    return IssuedKey(row.as_card(), secret)


def _record(actor: Actor, action: str, row: models.ApiKey, **facts: object) -> None:
    audit.record(
        actor, action, "api_key", row.pk, region_path=row.region_path,
        org_id=row.organisation_id, prefix=row.prefix, **facts,
    )  # fmt: skip
