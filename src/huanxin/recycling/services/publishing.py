"""Standards and scrap prices: proposed, decided by another, published."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row
from huanxin.recycling import _standard, _work, models
from huanxin.recycling.errors import (
    NeedsAnotherPerson,
    ProposalDecided,
    ScrapPriceRefused,
    StandardNotNew,
)
from huanxin.recycling.types import ProposalState, StandardKind
from huanxin.recycling.types.valuation import NewScrapPrice, StandardProposalCard

_AHEAD_DAYS = 1
_SWING = 2  # a price more than twice or less than half the last one is a slip of the pen


@transaction.atomic
def propose_standard(
    *,
    actor: Actor,
    text: str,
    reason: str,
    request_id: UUID,
    kind: StandardKind = StandardKind.VALUATION,
) -> StandardProposalCard:
    """Hand in a new version of a standard; nothing changes until another officer approves.

    Safe to retry. Refuses a text that is no standard, prices out of bounds (StandardInvalid), a
    version that exists, and a day before tomorrow (StandardNotNew).
    """
    identity.require(actor, "recycling.propose_standard")
    content = [hashlib.sha256(text.encode()).hexdigest(), reason]
    content += [] if kind is StandardKind.VALUATION else [kind]
    if earlier := kernel_requests.first_answer(actor, "recycling.propose", request_id, content):
        return models.StandardProposal.objects.get(pk=earlier["proposal_id"]).as_card()
    body = _body(kind, text)
    version, from_on = str(body["version"]), date.fromisoformat(str(body["from"]))
    _check_new(kind, version, from_on)
    row = models.StandardProposal(
        id=ids.new_id(),
        kind=kind,
        version=version,
        from_on=from_on,
        text=text,
        digest=content[0],
        reason=reason[:400],
        state=ProposalState.WAITING,
        proposed_by_id=actor.account_id,
        proposed_at=clock.now(),
    )
    row.save(force_insert=True)
    audit.record(
        actor, "recycling.standard_proposed", "standard_proposal", row.id,
        version=version, from_on=from_on, digest=row.digest, kind=kind,
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.propose", request_id, {"proposal_id": row.id})
    return row.as_card()


@transaction.atomic
def decide_standard(
    *, actor: Actor, proposal_id: UUID, is_approved: bool, note: str
) -> StandardProposalCard:
    """A second officer publishes the version, or sends it back with a word.

    The proposer cannot decide (NeedsAnotherPerson); what was decided stays (ProposalDecided).
    Quotes given before keep the version they name.
    """
    identity.require(actor, "recycling.approve_standard")
    if not models.StandardProposal.objects.filter(pk=proposal_id).exists():
        raise NotFound(model="StandardProposal", id=proposal_id)
    row = lock_row(models.StandardProposal, proposal_id)
    if row.state != ProposalState.WAITING:
        raise ProposalDecided(version=row.version)
    if row.proposed_by_id == actor.account_id:
        raise NeedsAnotherPerson(permission="recycling.approve_standard", role=actor.role)
    now = clock.now()
    if is_approved:
        _check_new(StandardKind(row.kind), row.version, row.from_on, but=row.id)
        _publish(actor, row)
    row.state = ProposalState.APPROVED if is_approved else ProposalState.REFUSED
    row.decided_by_id, row.decided_at, row.decision_note = actor.account_id, now, note[:400]
    row.save()
    action = "recycling.standard_published" if is_approved else "recycling.standard_refused"
    audit.record(actor, action, "standard_proposal", row.id, version=row.version)
    return row.as_card()


def _publish(actor: Actor, row: models.StandardProposal) -> None:
    """The approved text as a version that nobody changes any more."""
    kind = StandardKind(row.kind)
    facts = {
        "version": row.version, "digest": row.digest, "from_on": row.from_on,
        "body": _body(kind, row.text), "published_at": clock.now(),
        "proposed_by_id": row.proposed_by_id, "approved_by_id": actor.account_id,
    }  # fmt: skip
    if kind is StandardKind.VALUATION:
        models.Standard.objects.create(**facts)
    else:
        models.WorkStandard.objects.create(kind=kind, **facts)


def _body(kind: StandardKind, text: str) -> dict[str, Any]:
    is_price = kind is StandardKind.VALUATION
    return _standard.body_of(text) if is_price else _work.body_of(kind, text)


@transaction.atomic
def publish_scrap_prices(*, actor: Actor, prices: Sequence[NewScrapPrice]) -> int:
    """Publish what scrap costs from a day on, each with its source; returns how many are new.

    Safe to repeat: the same row again changes nothing. A published row is never changed; a day
    before today, another price for the same day, a price far off the last one and a material that
    the standard does not name are refused (ScrapPriceRefused).
    """
    identity.require(actor, "recycling.publish_price")
    today, now = clock.today(), clock.now()
    standard = _standard.in_force(today)
    last = _standard.scrap_prices(today + timedelta(days=366))
    kept = {
        (row.index_code, row.priced_on): row
        for row in models.ScrapPrice.objects.filter(priced_on__gte=today)
    }
    rows = []
    for price in prices:
        index = standard.indices.get(price.index_code)
        if index is None:
            raise ScrapPriceRefused(reason=f"标准里没有“{price.index_code}”这个指数")
        earlier = kept.get((price.index_code, price.priced_on))
        if earlier is not None and earlier.fen_per_tonne == price.fen_per_tonne:
            continue
        before = last.get(price.index_code)
        usual = before.fen_per_tonne if before else index.reference_fen_per_tonne
        _check_price(price, index.name, usual, today=today, is_known=earlier is not None)
        rows.append(
            models.ScrapPrice(
                index_code=price.index_code,
                priced_on=price.priced_on,
                fen_per_tonne=price.fen_per_tonne,
                source=price.source.strip(),
                published_by_id=actor.account_id,
                published_at=now,
            )
        )
    models.ScrapPrice.objects.bulk_create(rows)
    lines = [
        audit.Entry("scrap_price", f"{row.index_code}/{row.priced_on}", "", None,
                    {"fen_per_tonne": row.fen_per_tonne, "source": row.source})
        for row in rows
    ]  # fmt: skip
    audit.record_many(actor, "recycling.scrap_priced", lines)
    return len(rows)


def _check_price(
    price: NewScrapPrice, name: str, usual: int, *, today: date, is_known: bool
) -> None:
    if is_known:
        raise ScrapPriceRefused(reason=f"{name} {price.priced_on} 的行情已公布，不能更改")
    if not today <= price.priced_on <= today + timedelta(days=31):
        raise ScrapPriceRefused(reason="日期只能是今天起一个月内")
    if not price.source.strip():
        raise ScrapPriceRefused(reason="须写明来源")
    if not usual // _SWING <= price.fen_per_tonne <= usual * _SWING:
        raise ScrapPriceRefused(
            reason=f"{name}上一价 {usual // 100} 元/吨，新价相差一倍以上，请核对单位"
        )


def _check_new(kind: StandardKind, version: str, from_on: date, *, but: UUID | None = None) -> None:
    is_price = kind is StandardKind.VALUATION
    published = models.Standard.objects if is_price else models.WorkStandard.objects
    if published.filter(pk=version).exists():
        raise StandardNotNew(version=version, reason="该版本已发布")
    waiting = models.StandardProposal.objects.filter(version=version, state=ProposalState.WAITING)
    if any(pk != but for pk in waiting.values_list("pk", flat=True)):
        raise StandardNotNew(version=version, reason="同一版本正在等待批准")
    if from_on < clock.today() + timedelta(days=_AHEAD_DAYS):
        raise StandardNotNew(version=version, reason="最早明日生效，不能追溯")
    later = {"from_on__gt": from_on} if is_price else {"from_on__gte": from_on, "kind": kind}
    if published.filter(**later).exists():
        raise StandardNotNew(version=version, reason="生效日不能早于已发布的版本")
