"""Who watches the desk itself: its published numbers, its stops, and what is muted."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from huanxin.claims import _checking, _desk, _rows, _stops
from huanxin.claims import _desk_rules as rules
from huanxin.claims.errors import (
    SamePerson,
    StopClosed,
    StopUnknown,
    TermsDecided,
    WaiverInvalid,
    WaiverOver,
)
from huanxin.claims.models import DeskTerms, Stop, Waiver
from huanxin.claims.types.desk import NewWaiver, StopKind, StopOutcome, WaiverSubject
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row


@transaction.atomic
def load_reference(*, actor: Actor) -> int:
    """Publish the shipped terms of the desk where none ever were; safe to repeat."""
    identity.require(actor, "claims.approve_terms")
    if not DeskTerms.objects.exists():
        content, now = dict(rules.shipped()), clock.now()
        rules.read_terms(content)
        DeskTerms.objects.create(
            id=ids.new_id(), number=1, content=content, digest=rules.digest(content),
            reason="随平台发布的初始参数", is_shipped=True, proposed_by=actor.account_id,
            proposed_at=now, approved_by=actor.account_id, approved_at=now,
        )  # fmt: skip
        audit.record(actor, "claims.terms_published", "desk_terms", 1, number=1)
    return DeskTerms.objects.count()


@transaction.atomic
def propose_terms(
    *, actor: Actor, content: Mapping[str, Any], reason: str, request_id: UUID
) -> UUID:
    """Propose numbers for the desk: rates, amounts, times and caps (docs/adr/140 to 143).

    They decide nothing until another officer approves them. Safe to retry. Refuses numbers that
    cannot be.
    """
    identity.require(actor, "claims.propose_terms")
    stated = dict(content)
    if earlier := requests.first_answer(
        actor, "claims.propose_terms", request_id, [stated, reason]
    ):
        return UUID(earlier["terms_id"])
    _rows.check_words(reason)
    rules.read_terms(stated)
    newest = DeskTerms.objects.select_for_update().order_by("-number").first()
    row = DeskTerms.objects.create(
        id=ids.new_id(), number=newest.number + 1 if newest else 1, content=stated,
        digest=rules.digest(stated), reason=reason.strip(), proposed_by=actor.account_id,
        proposed_at=clock.now(),
    )  # fmt: skip
    requests.remember(actor, "claims.propose_terms", request_id, {"terms_id": row.pk})
    audit.record(
        actor, "claims.terms_proposed", "desk_terms", row.pk, number=row.number,
        digest=row.digest, reason=row.reason,
    )  # fmt: skip
    return row.pk


@transaction.atomic
def approve_terms(*, actor: Actor, terms_id: UUID) -> None:
    """Put proposed numbers in force from now on; earlier draws and stops keep theirs.

    Refuses whoever proposed them, and what is in force or older than what is.
    """
    identity.require(actor, "claims.approve_terms")
    row = DeskTerms.objects.select_for_update().filter(pk=terms_id).first()
    if row is None or row.approved_at is not None or row.number < _desk.in_force().number:
        raise TermsDecided
    if row.proposed_by == actor.account_id:
        raise SamePerson(subject="该版参数")
    row.approved_by, row.approved_at = actor.account_id, clock.now()
    row.save(update_fields=["approved_by", "approved_at"])
    audit.record(
        actor, "claims.terms_published", "desk_terms", row.pk, number=row.number,
        digest=row.digest,
    )  # fmt: skip


@transaction.atomic
def settle_stop(
    *, actor: Actor, stop_id: UUID, outcome: StopOutcome, note: str, request_id: UUID
) -> bool:
    """Say how a stop should end; it ends when a second person says the same. True once it ended.

    A shop's stop frees its claims or sends each to a person; a check's is put right by muting the
    check for a week and freeing what it parked, or by checking that again without a cap. Safe to
    retry. Refuses the same person twice, another region, and an outcome the further sample
    forbids. A different outcome takes the place of the first and waits for its own second.
    """
    identity.require(actor, "claims.settle_stop")
    stop = Stop.objects.select_for_update().filter(pk=stop_id).first()
    if stop is None or not actor.scope.covers(stop.region_path):
        raise StopUnknown(stop_id=stop_id)
    content = [stop_id, outcome, note]
    if earlier := requests.first_answer(actor, "claims.settle_stop", request_id, content):
        return bool(earlier["has_ended"])
    _rows.check_words(note)
    if stop.closed_at is not None:
        raise StopClosed
    _stops.check_ready(stop, outcome)
    if stop.proposed_by == actor.account_id:
        raise SamePerson(subject="该暂停")
    now = clock.now()
    has_ended = stop.outcome == outcome
    stop.note = note.strip()
    if has_ended:
        stop.closed_by, stop.closed_at = actor.account_id, now
        _stops.end(actor, stop, now)
    else:
        stop.outcome, stop.proposed_by, stop.proposed_at = outcome, actor.account_id, now
    stop.save()
    requests.remember(actor, "claims.settle_stop", request_id, {"has_ended": has_ended})
    audit.record(
        actor, "claims.stop_ended" if has_ended else "claims.stop_end_proposed", "stop", stop_id,
        region_path=stop.region_path,
        org_id=UUID(stop.subject) if stop.kind == StopKind.SHOP else None,
        outcome=outcome, note=note.strip(),
    )  # fmt: skip
    return has_ended


@transaction.atomic
def waive_check(*, actor: Actor, waiver: NewWaiver, request_id: UUID) -> UUID:
    """Mute a check until a moment: for all (a snooze) or for one subject (a white-list).

    A muted check says one step less: a refusal holds, a hold is a note. Only claims decided from
    now on. The officer's name and reason stay with it and with every claim it touched. Safe to
    retry. Refuses unknown checks, ends in the past, and longer than docs/adr/143 allows.
    """
    identity.require(actor, "claims.waive_check")
    if earlier := requests.first_answer(actor, "claims.waive_check", request_id, waiver):
        return UUID(earlier["waiver_id"])
    _check_waiver(waiver)
    region_path = actor.scope.region_path
    row = Waiver.objects.create(
        id=ids.new_id(), check_id=waiver.check_id, subject=waiver.subject, key=waiver.key,
        region_path=region_path, reason=waiver.reason.strip(), by_account_id=actor.account_id,
        by_name=actor.name, from_at=clock.now(), until_at=waiver.until_at,
    )  # fmt: skip
    requests.remember(actor, "claims.waive_check", request_id, {"waiver_id": row.pk})
    audit.record(
        actor, "claims.check_waived", "waiver", row.pk, region_path=region_path,
        check_id=row.check_id, subject=row.subject, key=row.key, reason=row.reason,
        until_at=row.until_at,
    )  # fmt: skip
    return row.pk


@transaction.atomic
def end_waiver(*, actor: Actor, waiver_id: UUID, reason: str) -> None:
    """Let a check speak again before its time. Refuses one that is over, and another region's."""
    identity.require(actor, "claims.waive_check")
    row = lock_row(Waiver, waiver_id)
    _rows.check_words(reason)
    now = clock.now()
    if row.ended_at is not None or row.until_at <= now or not actor.scope.covers(row.region_path):
        raise WaiverOver
    row.ended_at, row.ended_by, row.end_reason = now, actor.account_id, reason.strip()
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    audit.record(
        actor, "claims.waiver_ended", "waiver", row.pk, region_path=row.region_path,
        check_id=row.check_id, reason=row.end_reason,
    )  # fmt: skip


def _check_waiver(new: NewWaiver) -> None:
    now = clock.now()
    most = rules.longest(new.subject)
    faults = {
        "没有这项检查": new.check_id not in {check.name for check in _checking.checks()},
        "须写明原因，至少四个字": len(new.reason.strip()) < 4,
        "须写明豁免对象": (new.subject is not WaiverSubject.ALL) != bool(new.key),
        "到期时间须在当前时间之后": new.until_at <= now,
        f"最长 {most.days} 天": new.until_at > now + most,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise WaiverInvalid(reason=reason)
