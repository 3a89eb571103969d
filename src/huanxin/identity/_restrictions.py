"""Mechanics of reading the violation library."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from huanxin.identity import models, rules
from huanxin.identity.errors import RestrictionInvalid
from huanxin.identity.types import (
    AppealCard,
    Penalty,
    RestrictionCard,
    RestrictionKind,
    RestrictionState,
)
from huanxin.kernel import crypto
from huanxin.kernel.actor import Actor, Scope

_REMEMBERED = timedelta(days=365)


def live(on: date) -> Q:
    """What keeps somebody out on a day, or will."""
    return Q(lifted_at__isnull=True) & (Q(to_on__isnull=True) | Q(to_on__gt=on))


def chosen(
    scope: Scope, kind: RestrictionKind | None, words: str, *, is_live: bool | None, on: date
) -> "QuerySet[models.Restriction]":
    """The rows a search finds."""
    rows = models.Restriction.objects.order_by("-created_at", "-pk")
    if scope.org_id or scope.person_id:
        return rows.none()
    if scope.region_path:
        path = scope.region_path
        inside = Q(region_path=path) | Q(region_path__startswith=path + "/") | Q(region_path="")
        rows = rows.filter(inside)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if is_live is not None:
        rows = rows.filter(live(on)) if is_live else rows.exclude(live(on))
    return rows.filter(_about(words.strip())) if words.strip() else rows


def _about(words: str) -> Q:
    shops = models.Organisation.objects.filter(Q(name__contains=words) | Q(uscc=words.upper()))
    index = crypto.blind_index("document", words.upper())
    people = models.Person.objects.filter(document_index=index)
    keys = [str(pk) for pk in (*shops.values_list("pk", flat=True)[:200],
                               *people.values_list("pk", flat=True))]  # fmt: skip
    return (
        Q(number__startswith=words.upper())
        | Q(key__contains=words)
        | Q(document__contains=words)
        | Q(key__in=keys)
    )


def key_of(kind: RestrictionKind, words: str) -> str:
    """The key under which a subject stands in the library."""
    if kind is RestrictionKind.ORGANISATION:
        shop = models.Organisation.objects.filter(uscc=words.upper()).first()
        return _known(shop, "没有使用该信用代码的企业")
    if kind is RestrictionKind.PERSON:
        index = crypto.blind_index("document", words.upper())
        return _known(models.Person.objects.filter(document_index=index).first(),
                      "没有登记该证件号码的居民")  # fmt: skip
    return rules.place_of(words) if kind is RestrictionKind.ADDRESS else rules.unit_key(words)


def _known(row: models.Organisation | models.Person | None, otherwise: str) -> str:
    if row is None:
        raise RestrictionInvalid(reason=otherwise)
    return str(row.pk)


def may_see(actor: Actor, row: models.Restriction) -> bool:
    """Officers of the region, and the party itself."""
    if row.kind in {RestrictionKind.PERSON, RestrictionKind.ORGANISATION}:
        own = {str(actor.person_id)} if row.kind == RestrictionKind.PERSON else {str(actor.org_id)}
        if row.key in own:
            return True
    officer = actor.scope.org_id is None and actor.scope.person_id is None
    return officer and (not row.region_path or actor.scope.covers(row.region_path))


def own(actor: Actor, today: date) -> "QuerySet[models.Restriction]":
    """The actor's own: as a person, or as an organisation's."""
    mine = Q(pk__in=[])
    if actor.person_id is not None:
        mine |= Q(kind=RestrictionKind.PERSON, key=str(actor.person_id))
    if actor.org_id is not None:
        mine |= Q(kind=RestrictionKind.ORGANISATION, key=str(actor.org_id))
    lately = Q(to_on__isnull=True) | Q(to_on__gt=today - _REMEMBERED)
    return models.Restriction.objects.filter(mine, lately).order_by("-created_at")


def state_of(row: models.Restriction, on: date) -> RestrictionState:
    """Where a restriction stands on a day."""
    if row.lifted_at is not None:
        return RestrictionState.LIFTED
    if row.to_on is not None and row.to_on <= on:
        return RestrictionState.ENDED
    if row.lift_asked_at is not None:
        return RestrictionState.LIFT_ASKED
    if row.confirmed_at is None and row.to_on != row.until_on:
        return RestrictionState.PROVISIONAL
    return RestrictionState.IN_FORCE


def cards(rows: Iterable[models.Restriction], on: date) -> list[RestrictionCard]:
    """Restrictions with the names behind their keys and what was said against them."""
    found = list(rows)
    labels = _labels(found)
    appeals: dict[UUID, list[AppealCard]] = defaultdict(list)
    of_these = models.RestrictionAppeal.objects.filter(restriction__in=found)
    for one in of_these.order_by("appealed_at"):
        appeals[one.restriction_id].append(
            AppealCard(one.pk, one.note, one.appealed_at, one.is_granted, one.answer,
                       one.answered_at)
        )  # fmt: skip
    return [_card(row, labels, tuple(appeals[row.pk]), on) for row in found]


def _labels(rows: Iterable[models.Restriction]) -> Mapping[str, str]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row.key)
    shops = models.Organisation.objects.filter(pk__in=uuids(by_kind[RestrictionKind.ORGANISATION]))
    people = models.Person.objects.filter(pk__in=uuids(by_kind[RestrictionKind.PERSON]))
    return {str(one.pk): one.name for one in shops} | {
        str(one.pk): f"{one.name_masked} {one.document_masked}" for one in people
    }


def uuids(keys: Iterable[str]) -> list[UUID]:
    found = []
    for key in keys:
        try:
            found.append(UUID(key))
        except ValueError:
            continue
    return found


def _card(
    row: models.Restriction, labels: Mapping[str, str], appeals: tuple[AppealCard, ...], on: date
) -> RestrictionCard:
    return RestrictionCard(
        restriction_id=row.pk, number=row.number or "", kind=RestrictionKind(row.kind),
        key=row.key, label=labels.get(row.key, row.key), penalty=Penalty(row.penalty),
        reason=row.reason, document=row.document, evidence_sha256=row.evidence_sha256,
        region_path=row.region_path, state=state_of(row, on), from_on=row.from_on,
        to_on=row.to_on, until_on=row.until_on, imposed_by=row.by_account_id,
        imposed_at=row.created_at, confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at, lift_asked_by=row.lift_asked_by,
        lift_reason=row.lift_reason, lifted_at=row.lifted_at, appeals=appeals,
    )  # fmt: skip
