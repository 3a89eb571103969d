"""The machine's decision, and what becomes final without an appeal."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from huanxin.claims import _checking, _desk, _mending, _muting, _refunds, _rows, rules
from huanxin.claims.models import Claim, Draw, Finding, StoppedClaim
from huanxin.claims.ports import refunds
from huanxin.claims.types import AuditStatus, Outcome, VerifyStatus
from huanxin.claims.types.desk import CaseKind
from huanxin.claims.types.refunds import Refunds
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.sqlfiles import read_sql


@transaction.atomic
def decide_due(*, actor: Actor, limit: int = 2000) -> int:
    """Run every check over the claims that wait and decide each: pass, mend, hold or refuse.

    Returns how many were decided; 0 means none waited. Two workers share the work: claims another
    one holds are skipped. Muted checks say one step less (docs/adr/143), a check beyond its cap
    parks claims instead of holding them (docs/adr/142), and of what passes a share by risk is
    drawn for a person to look at (docs/adr/140). What is only missing or unreadable goes back to
    the merchant, a bounded number of times (docs/adr/178).
    """
    identity.require(actor, "claims.decide")
    due = (
        Claim.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(verify_status=VerifyStatus.WAITING, submitted_at__isnull=False, is_returned=False)
        .select_related("sale", "sale__reading")
        .order_by("submitted_at", "pk")[:limit]
    )
    claims = list(due)
    if not claims:
        return 0
    now, force = clock.now(), _desk.in_force()
    by_id = {claim.pk: claim for claim in claims}
    found = _muting.waive(by_id, _checking.run(list(by_id)), now)
    found = _mending.bounded(by_id, found, now)
    found, parked = _muting.cap(actor, by_id, found, force, now)
    _store_findings(claims, found)
    _judge(claims, found, force, now)
    parked.keep_invoices_open(claims)
    waits = parked.claim_ids()  # in nobody's queue: not in the urn either
    passed = [one for one in claims if _is_passed(one) and one.pk not in waits]
    drawn = _desk.draw(passed, force, now)
    _write(claims, now)
    Draw.objects.bulk_create(drawn)
    Finding.objects.bulk_create(_desk.sample_findings(drawn, now))
    codes = _mending.reasons(claims, found)
    parked.write({claim.pk: claim.round for claim in claims})
    audit.record_many(
        actor,
        "claims.decided",
        [
            _rows.entry(
                claim,
                verify_status=claim.verify_status,
                subsidy_fen=claim.subsidy_fen,
                number=claim.sale.number,
                reasons=codes[claim.pk],
            )
            for claim in claims
        ],
    )
    return len(claims)


def ask_refunds(*, actor: Actor, channel: Refunds | None = None, limit: int = 5000) -> int:
    """Ask the payment channel what went back to the buyers of what passed and is not paid.

    To be run before look_again, whose checks then see it (docs/adr/180). The channel is asked
    outside any transaction; returns of how many sales more went back than was known. Safe to
    repeat.
    """
    identity.require(actor, "claims.decide")
    sales = _refunds.unpaid(limit)
    told = (channel or refunds()).given_back(sales=sales) if sales else {}
    with transaction.atomic():
        changed = _refunds.keep({sale_id: fen for sale_id, fen in told.items() if fen > 0})
        claims = Claim.objects.select_related("sale").filter(sale_id__in=changed).order_by("pk")
        audit.record_many(
            actor,
            "claims.refund_told",
            [_rows.entry(claim, refunded_fen=told[claim.sale_id]) for claim in claims],
        )
    return len(changed)


@transaction.atomic
def look_again(*, actor: Actor, limit: int = 5000) -> int:
    """Check once more what passed and is not paid: a ring shows when its later members come.

    To be run before a batch of payments is gathered (docs/adr/153). Only what is now held, refused
    or parked changes, as at a first decision; returns how many that were. What a person decided,
    or was drawn for one, is left alone. Safe to repeat.
    """
    identity.require(actor, "claims.decide")
    passed = (
        Claim.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(
            verify_status=VerifyStatus.PASSED, audit_status=AuditStatus.NONE,
            released_at__isnull=True, is_returned=False,
        )
        .exclude(pk__in=StoppedClaim.objects.values("claim_id"))
        .select_related("sale", "sale__reading")
        .order_by("-decided_at", "pk")[:limit]
    )  # fmt: skip
    by_id = {claim.pk: claim for claim in passed}
    if not by_id:
        return 0
    now, force = clock.now(), _desk.in_force()
    found = _muting.waive(by_id, _checking.run(list(by_id)), now)
    found = [one for one in found if one.outcome is not Outcome.MEND]  # what passed is not undone
    found, parked = _muting.cap(actor, by_id, found, force, now)
    stopped = {one.claim_id for one in found if one.outcome in {Outcome.HOLD, Outcome.REFUSE}}
    stopped |= parked.claim_ids()
    claims = [claim for claim in by_id.values() if claim.pk in stopped]
    found = [one for one in found if one.claim_id in stopped]
    _store_findings(claims, found)
    _judge(claims, found, force, now)
    parked.keep_invoices_open(claims)
    _write(claims, now)
    parked.write({claim.pk: claim.round for claim in claims})
    audit.record_many(
        actor,
        "claims.looked_again",
        [_rows.entry(claim, verify_status=claim.verify_status) for claim in claims],
    )
    return len(claims)


@transaction.atomic
def close_refused(*, actor: Actor, limit: int = 2000) -> int:
    """Void the holds of refusals that nobody appealed against in time; returns how many.

    All of a sale's holds: the subsidy's, the 焕新券's and the consumption vouchers'. A timer's
    work: safe to run at any moment, a closed claim is not touched again.
    """
    identity.require(actor, "claims.decide")
    ended = clock.now() - rules.APPEAL_PERIOD
    refused = (
        Claim.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(
            verify_status=VerifyStatus.REFUSED, audit_status=AuditStatus.NONE,
            closed_at__isnull=True, is_returned=False, decided_at__lte=ended,
        )
        .select_related("sale")
        .order_by("decided_at", "pk")[:limit]
    )  # fmt: skip
    claims = list(refused)
    if claims:
        _rows.void(claims, "申报未通过且无申诉")
        audit.record_many(actor, "claims.closed", [_rows.entry(claim) for claim in claims])
    return len(claims)


@transaction.atomic
def void_left_over(*, actor: Actor, limit: int = 2000) -> int:
    """Void what ended claims still hold for the shop; returns of how many sales.

    Claims that ended before docs/adr/159 kept the holds of their 焕新券 and consumption vouchers.
    A timer's work: 0 once none is left, and ever after.
    """
    identity.require(actor, "claims.decide")
    return _rows.void_left_over(limit)


def _store_findings(claims: Sequence[Claim], found: Sequence[_checking.Found]) -> None:
    rounds = {claim.pk: claim.round + 1 for claim in claims}
    now = clock.now()
    Finding.objects.bulk_create(
        Finding(
            claim_id=one.claim_id,
            round=rounds[one.claim_id],
            check_id=one.check_id,
            outcome=one.outcome,
            reason_code=one.reason_code,
            evidence=rules.plain_evidence(one.evidence),
            found_at=now,
        )
        for one in found
    )


def _judge(
    claims: Sequence[Claim], found: Sequence[_checking.Found], force: _desk.InForce, now: datetime
) -> None:
    by_claim: dict[UUID, list[_checking.Found]] = {claim.pk: [] for claim in claims}
    for one in found:
        by_claim[one.claim_id].append(one)
    for claim in claims:
        mine = by_claim[claim.pk]
        verify, human = rules.decided(one.outcome for one in mine)
        claim.verify_status, claim.audit_status = verify, human
        claim.round += 1
        claim.decided_at = now
        claim.risk_score = sum(one.weight for one in mine)
        claim.case_kind, claim.due_at = "", None
        claim.invoice_key = _rows.invoice_key(claim) if verify is VerifyStatus.PASSED else None
    held = [one for one in claims if one.audit_status == AuditStatus.WAITING]
    _desk.ask(held, CaseKind.HELD, now, force.terms)


def _is_passed(claim: Claim) -> bool:
    return claim.verify_status == VerifyStatus.PASSED


def _write(claims: Sequence[Claim], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.claims.sql", "decide").text,
            {
                "ids": [claim.pk for claim in claims],
                "verify": [claim.verify_status for claim in claims],
                "audit": [claim.audit_status for claim in claims],
                "risks": [claim.risk_score for claim in claims],
                "invoices": [claim.invoice_key for claim in claims],
                "kinds": [claim.case_kind for claim in claims],
                "dues": [claim.due_at for claim in claims],
                "at": now,
            },
        )
