"""The violation library: who is kept out, on what decision, and how it ends."""

from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from huanxin.identity import _restrictions, models, rules, selectors
from huanxin.identity.errors import (
    RestrictionInvalid,
    RestrictionOver,
    RestrictionUnknown,
    SameOfficer,
)
from huanxin.identity.types import (
    NewRestriction,
    Penalty,
    RestrictionKind,
    RestrictionState,
)
from huanxin.kernel import audit, clock, filestore, ids, requests
from huanxin.kernel.actor import Actor

_CITY_CODE = "371500"


def restrict(
    *,
    actor: Actor,
    kind: RestrictionKind,
    key: str,
    reason: str,
    from_on: date,
    to_on: date | None = None,
) -> UUID:
    """Take over a decision made elsewhere, of a register or a court; see impose.

    For the platform itself, which records what others decided: in force at once, for its time.
    """
    new = NewRestriction(kind, key, Penalty.SUSPENSION, reason, "外部处理决定", from_on, to_on)
    return impose(actor=actor, new=new, request_id=ids.new_id())


def keep_evidence(*, actor: Actor, content: bytes) -> str:
    """Store the decision a restriction rests on; returns the digest that names it."""
    selectors.require(actor, "identity.restrict")
    return filestore.file_store().put(content)


@transaction.atomic
def open_evidence(*, actor: Actor, restriction_id: UUID) -> bytes:
    """The decision behind a restriction, for officers of its region; the look is recorded."""
    row = _lock(actor, restriction_id, "identity.restrict")
    if not row.evidence_sha256:
        raise RestrictionUnknown(restriction_id=restriction_id)
    content = filestore.file_store().get(row.evidence_sha256)
    _record(actor, "identity.restriction_evidence_seen", row, reason="查看处理决定")
    return content


@transaction.atomic
def impose(*, actor: Actor, new: NewRestriction, request_id: UUID) -> UUID:
    """Keep a person, device, address or organisation out, on a decision that is named.

    One officer's word keeps out at once, but for seven days only; a second officer's confirmation
    makes it last (docs/adr/144). Safe to retry. Refuses without reason, document or subject, what
    would reach back, and subjects of another region.
    """
    selectors.require(actor, "identity.restrict")
    if earlier := requests.first_answer(actor, "identity.restrict", request_id, asdict(new)):
        return UUID(earlier["restriction_id"])
    is_platform = "*" in actor.permissions
    rules.check_restriction(new, new.from_on if is_platform else clock.today())
    region_path = _region_of(actor, new)
    selectors.require(actor, "identity.restrict", region_path=region_path or None)
    now = clock.now()
    row = models.Restriction.objects.create(
        id=ids.new_id(),
        number=ids.new_number(
            "XZ", on=clock.business_day(now),
            region_code=region_path.rpartition("/")[2] or _CITY_CODE,
        ),
        kind=new.kind, key=new.key.strip(), penalty=new.penalty, reason=new.reason.strip(),
        document=new.document.strip(), evidence_sha256=new.evidence_sha256,
        region_path=region_path, from_on=new.from_on,
        to_on=new.until_on if is_platform else rules.provisional_end(new),
        until_on=new.until_on, by_account_id=actor.account_id, created_at=now,
    )  # fmt: skip
    requests.remember(actor, "identity.restrict", request_id, {"restriction_id": row.pk})
    _record(actor, "identity.restricted", row, to_on=row.to_on, until_on=row.until_on)
    return row.pk


@transaction.atomic
def confirm(*, actor: Actor, restriction_id: UUID) -> None:
    """A second officer agrees: the restriction lasts as long as was asked for. Safe to repeat.

    Refuses whoever imposed it, and one that is over.
    """
    row = _lock(actor, restriction_id, "identity.confirm_restriction")
    if row.confirmed_by == actor.account_id:
        return
    if row.by_account_id == actor.account_id:
        raise SameOfficer(reason="该限制由您登记")
    state = _restrictions.state_of(row, clock.today())
    if state is not RestrictionState.PROVISIONAL:
        raise RestrictionOver(reason="只有临时限制需要确认")
    row.confirmed_by, row.confirmed_at = actor.account_id, clock.now()
    row.to_on = row.until_on
    row.save(update_fields=["confirmed_by", "confirmed_at", "to_on"])
    _record(actor, "identity.restriction_confirmed", row, to_on=row.to_on)


@transaction.atomic
def ask_to_lift(*, actor: Actor, restriction_id: UUID, reason: str) -> None:
    """Propose to lift a restriction before its end; it stays in force until another agrees."""
    row = _lock(actor, restriction_id, "identity.restrict")
    if len(reason.strip()) < 4:
        raise RestrictionInvalid(reason="须写明解除的理由，至少四个字")
    _check_lasting(row)
    row.lift_asked_by, row.lift_asked_at = actor.account_id, clock.now()
    row.lift_reason = reason.strip()
    row.save(update_fields=["lift_asked_by", "lift_asked_at", "lift_reason"])
    _record(actor, "identity.restriction_lift_asked", row, reason=row.lift_reason)


@transaction.atomic
def lift(*, actor: Actor, restriction_id: UUID) -> None:
    """Agree to lift: the party takes part again from this moment. Refuses whoever proposed it."""
    row = _lock(actor, restriction_id, "identity.confirm_restriction")
    _check_lasting(row)
    if row.lift_asked_at is None:
        raise RestrictionOver(reason="还没有人提出解除")
    if row.lift_asked_by == actor.account_id:
        raise SameOfficer(reason="解除由您提出")
    _lift(actor, row)


@transaction.atomic
def appeal(*, actor: Actor, restriction_id: UUID, note: str, request_id: UUID) -> UUID:
    """The restricted party objects, once at a time; it stays in force until answered.

    Officers may record what the user of a device or address brings to the counter. Safe to retry.
    """
    row = models.Restriction.objects.select_for_update().filter(pk=restriction_id).first()
    if row is None or not _restrictions.may_see(actor, row):
        raise RestrictionUnknown(restriction_id=restriction_id)
    if not selectors.may(actor, "identity.restrict"):
        selectors.require(actor, "identity.appeal_restriction")
    content = [restriction_id, note]
    if earlier := requests.first_answer(actor, "identity.appeal", request_id, content):
        return UUID(earlier["appeal_id"])
    if len(note.strip()) < 4:
        raise RestrictionInvalid(reason="须写明申诉理由，至少四个字")
    _check_lasting(row)
    try:
        with transaction.atomic():
            made = models.RestrictionAppeal.objects.create(
                id=ids.new_id(), restriction=row, note=note.strip(),
                by_account_id=actor.account_id, appealed_at=clock.now(),
            )  # fmt: skip
    except IntegrityError as error:
        raise RestrictionOver(reason="已有一件申诉正在处理") from error
    requests.remember(actor, "identity.appeal", request_id, {"appeal_id": made.pk})
    _record(actor, "identity.restriction_appealed", row, note=made.note)
    return made.pk


@transaction.atomic
def answer_appeal(*, actor: Actor, restriction_id: UUID, is_granted: bool, answer: str) -> None:
    """Answer the open appeal; granting it lifts the restriction at once.

    By an officer who neither imposed, confirmed nor brought it: with those there are two who
    judged. Refuses an answer without words.
    """
    row = _lock(actor, restriction_id, "identity.confirm_restriction")
    made = row.appeals.filter(answered_at__isnull=True).first()
    if made is None:
        raise RestrictionOver(reason="没有待答复的申诉")
    if actor.account_id in {row.by_account_id, row.confirmed_by, made.by_account_id}:
        raise SameOfficer(reason="您经手过该限制")
    if len(answer.strip()) < 4:
        raise RestrictionInvalid(reason="须写明答复，至少四个字")
    made.is_granted, made.answer = is_granted, answer.strip()
    made.answered_by, made.answered_at = actor.account_id, clock.now()
    made.save(update_fields=["is_granted", "answer", "answered_by", "answered_at"])
    _record(
        actor, "identity.restriction_appeal_answered", row, is_granted=is_granted,
        answer=made.answer,
    )  # fmt: skip
    if is_granted:
        row.lift_asked_by, row.lift_asked_at = made.by_account_id, made.appealed_at
        row.lift_reason = f"申诉成立：{made.answer}"[:200]
        _lift(actor, row)


def _lift(actor: Actor, row: models.Restriction) -> None:
    row.lifted_by, row.lifted_at = actor.account_id, clock.now()
    row.save(
        update_fields=["lift_asked_by", "lift_asked_at", "lift_reason", "lifted_by", "lifted_at"]
    )
    _record(actor, "identity.restriction_lifted", row, reason=row.lift_reason)


def _lock(actor: Actor, restriction_id: UUID, permission: str) -> models.Restriction:
    selectors.require(actor, permission)
    row = models.Restriction.objects.select_for_update().filter(pk=restriction_id).first()
    if row is None or (row.region_path and not actor.scope.covers(row.region_path)):
        raise RestrictionUnknown(restriction_id=restriction_id)
    return row


def _check_lasting(row: models.Restriction) -> None:
    state = _restrictions.state_of(row, clock.today())
    if state in {RestrictionState.ENDED, RestrictionState.LIFTED}:
        raise RestrictionOver(reason="限制已经结束")


def _region_of(actor: Actor, new: NewRestriction) -> str:
    """Where the subject belongs; a subject that does not exist is refused."""
    if new.kind is RestrictionKind.ORGANISATION:
        shop = models.Organisation.objects.filter(pk__in=_restrictions.uuids([new.key])).first()
        if shop is None:
            raise RestrictionInvalid(reason="没有这家企业")
        return shop.region_path
    if new.kind is RestrictionKind.PERSON:
        person = models.Person.objects.filter(pk__in=_restrictions.uuids([new.key])).first()
        if person is None:
            raise RestrictionInvalid(reason="没有这位居民")
        return person.region_path
    return actor.scope.region_path


def _record(actor: Actor, action: str, row: models.Restriction, **facts: object) -> None:
    org_id = UUID(row.key) if row.kind == RestrictionKind.ORGANISATION else None
    audit.record(
        actor, action, "restriction", row.pk, region_path=row.region_path, org_id=org_id,
        kind=row.kind, key=row.key, penalty=row.penalty, **facts,
    )  # fmt: skip
