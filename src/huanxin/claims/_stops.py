"""Mechanics of stops: what they keep back, and what becomes of it when they end."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from huanxin.claims import _checking, _desk, _rows
from huanxin.claims import _desk_rules as rules
from huanxin.claims.errors import StopNotReady
from huanxin.claims.models import Claim, Stop, StoppedClaim, Waiver
from huanxin.claims.types import AuditStatus, VerifyStatus
from huanxin.claims.types.desk import CaseKind, StopCard, StopKind, StopOutcome, WaiverSubject
from huanxin.kernel import ids
from huanxin.kernel.actor import Actor


def stopped_of(claims: Iterable[Claim]) -> set[UUID]:
    """Which of these claims a stop keeps back now: their shop's, or one that parked them."""
    shops = {one.pk: str(one.sale.merchant_id) for one in claims}
    standing = set(
        Stop.objects.filter(
            kind=StopKind.SHOP, subject__in=set(shops.values()), closed_at__isnull=True
        ).values_list("subject", flat=True)
    )
    parked = StoppedClaim.objects.filter(claim_id__in=list(shops), stop__closed_at__isnull=True)
    return {pk for pk, shop in shops.items() if shop in standing} | set(
        parked.values_list("claim_id", flat=True)
    )


def is_stopped() -> Q:
    """The same as a condition on claims."""
    shops = Stop.objects.filter(kind=StopKind.SHOP, closed_at__isnull=True).values_list("subject")
    parked = StoppedClaim.objects.filter(stop__closed_at__isnull=True).values("claim_id")
    merchants = [UUID(subject) for (subject,) in shops]
    return Q(sale__merchant_id__in=merchants) | Q(pk__in=parked)


def check_ready(stop: Stop, outcome: StopOutcome) -> None:
    """Refuse an outcome that the stop's kind or the extended sample does not allow."""
    if outcome not in rules.OUTCOMES[StopKind(stop.kind)]:
        raise StopNotReady(reason="该暂停没有这种处理方式")
    waiting, refused = extended(stop)
    if outcome is StopOutcome.FREE and waiting:
        raise StopNotReady(reason=f"扩大抽查还有 {waiting} 件没有结论")
    if outcome is StopOutcome.FREE and refused:
        raise StopNotReady(reason=f"扩大抽查又有 {refused} 件不予通过，应逐件复核")


def extended(stop: Stop) -> tuple[int, int]:
    """(still waiting, refused) of the further sample that a shop's stop asked for."""
    rows = Claim.objects.filter(pk__in=stop.facts.get("extended", ()), is_returned=False)
    states = list(rows.values_list("audit_status", flat=True))
    return states.count(AuditStatus.WAITING), states.count(AuditStatus.REFUSED)


def end(actor: Actor, stop: Stop, now: datetime) -> None:
    """Do what two people agreed on."""
    force = _desk.in_force()
    outcome = StopOutcome(stop.outcome)
    if outcome is StopOutcome.REVIEW_ALL:
        passed = [
            one
            for one in _desk.lock_unpaid(UUID(stop.subject))
            if one.audit_status == AuditStatus.NONE
        ]
        _desk.look_closer(passed, force.terms, now)
    elif outcome is StopOutcome.CHECK_WRONG:
        _free(stop, now)
        _snooze(actor, stop, now)
    elif outcome is StopOutcome.CHECK_RIGHT:
        _check_again(stop)
        stop.exempt_until = now + timedelta(hours=force.terms.exempt_hours)


def _parked(stop: Stop) -> list[Claim]:
    """The claims this stop still parks as the machine left them, locked."""
    mine = StoppedClaim.objects.filter(stop=stop).values("claim_id")
    rows = Claim.objects.select_for_update(of=("self",), no_key=True)
    return list(
        rows.filter(
            pk__in=mine, released_at__isnull=True, is_returned=False,
            verify_status=VerifyStatus.PASSED, audit_status=AuditStatus.NONE,
        ).select_related("sale", "sale__reading").order_by("pk")
    )  # fmt: skip


def _free(stop: Stop, now: datetime) -> None:
    """Let parked claims go on; one whose invoice was passed meanwhile goes to a person."""
    claims = _parked(stop)
    keys = {one.pk: _rows.invoice_key(one) for one in claims}
    taken = set(
        Claim.objects.filter(is_returned=False, invoice_key__in=[k for k in keys.values() if k])
        .exclude(pk__in=list(keys))
        .values_list("invoice_key", flat=True)
    )
    colliding = []
    for claim in claims:
        key = keys[claim.pk]
        if key is not None and key in taken:
            colliding.append(claim)
        else:
            claim.invoice_key = key
            taken |= {key} if key else set()
    _desk.ask(colliding, CaseKind.HELD, now)
    Claim.objects.bulk_update(claims, ["invoice_key", *_desk.CASE_FIELDS])


def _check_again(stop: Stop) -> None:
    """Send parked claims back to the checks, whose word now stands as it is."""
    claims = _parked(stop)
    Claim.objects.filter(pk__in=[one.pk for one in claims]).update(
        verify_status=VerifyStatus.WAITING
    )


def _snooze(actor: Actor, stop: Stop, now: datetime) -> None:
    Waiver.objects.create(
        id=ids.new_id(), check_id=stop.subject, subject=WaiverSubject.ALL, key="",
        region_path=stop.region_path, reason=stop.note[:200], by_account_id=actor.account_id,
        by_name=actor.name, from_at=now, until_at=now + rules.SNOOZE,
    )  # fmt: skip


def cards(stops: Sequence[Stop], shop_names: dict[str, str]) -> list[StopCard]:
    """Stops with what they keep back."""
    titles = {check.name: check.header["title"] for check in _checking.checks()}
    return [_card(stop, shop_names.get(stop.subject) or titles.get(stop.subject, stop.subject))
            for stop in stops]  # fmt: skip


def _card(stop: Stop, title: str) -> StopCard:
    waiting, refused = extended(stop)
    count, total_fen = _kept_back(stop)
    return StopCard(
        stop_id=stop.pk, kind=StopKind(stop.kind), subject=stop.subject, title=title,
        region_path=stop.region_path, cause_claim_id=stop.cause_claim_id, facts=stop.facts,
        claim_count=count, subsidy_fen=total_fen, waiting_count=waiting, refused_count=refused,
        opened_at=stop.opened_at, due_at=stop.due_at,
        proposed_outcome=StopOutcome(stop.outcome) if stop.outcome else None,
        proposed_by=stop.proposed_by, note=stop.note, closed_at=stop.closed_at,
        closed_by=stop.closed_by,
    )  # fmt: skip


def _kept_back(stop: Stop) -> tuple[int, int]:
    if stop.closed_at is not None:
        return int(stop.facts.get("claim_count", 0)), int(stop.facts.get("subsidy_fen", 0))
    cleared = Q(audit_status=AuditStatus.PASSED) | Q(
        audit_status=AuditStatus.NONE, verify_status=VerifyStatus.PASSED
    )
    rows = Claim.objects.filter(cleared, released_at__isnull=True, is_returned=False)
    if stop.kind == StopKind.SHOP:
        rows = rows.filter(sale__merchant_id=UUID(stop.subject))
    else:
        rows = rows.filter(pk__in=StoppedClaim.objects.filter(stop=stop).values("claim_id"))
    amounts = list(rows.values_list("subsidy_fen", flat=True))
    return len(amounts), sum(amounts)
