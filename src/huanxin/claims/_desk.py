"""Mechanics of the desk: the terms in force, the clock of a case, the urn, and failed samples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from huanxin.claims import _desk_rules as rules
from huanxin.claims.models import Claim, Draw, Finding, Stop
from huanxin.claims.models import DeskTerms as TermsRow
from huanxin.claims.types import AuditStatus, Outcome, VerifyStatus
from huanxin.claims.types.desk import CaseKind, DeskTerms, StopKind, Stratum
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.sqlfiles import read_sql


@dataclass(frozen=True, slots=True)
class InForce:
    """The newest approved terms; `id` is None where nothing was ever published."""

    id: UUID | None
    number: int
    terms: DeskTerms


def in_force() -> InForce:
    """The terms that decide now."""
    row = TermsRow.objects.filter(approved_at__isnull=False).order_by("-number").first()
    if row is None:
        return InForce(None, 0, rules.UNPUBLISHED)
    return InForce(row.pk, row.number, rules.read_terms(row.content))


def seed_of(on: date) -> str:
    """A day's seed: nobody without the master key can know it before it is told."""
    return crypto.blind_index("claims-sample", on.isoformat())


def ask(
    claims: Iterable[Claim], kind: CaseKind, at: datetime, terms: DeskTerms | None = None
) -> None:
    """Start the clock of cases that a person is asked about; the caller saves them."""
    terms = terms or in_force().terms
    for claim in claims:
        claim.audit_status = AuditStatus.WAITING
        claim.case_kind, claim.asked_at = kind, at
        claim.due_at = rules.case_due(terms, kind, risk_score=claim.risk_score, asked_at=at)
        claim.first_reviewer_id = claim.second_reviewer_id = None


CASE_FIELDS = (
    "audit_status", "case_kind", "asked_at", "due_at", "first_reviewer_id", "second_reviewer_id",
)  # fmt: skip


def draw(passed: Sequence[Claim], force: InForce, at: datetime) -> list[Draw]:
    """The urn of a batch: every claim the machine passed, with its stratum, value and rate.

    Claims that are drawn are asked about at once. `round` is that of the decision being made.
    """
    if force.id is None or not passed:
        return []
    on = clock.business_day(at)
    seed = seed_of(on)
    shops = _shops({claim.sale.merchant_id for claim in passed}, force.terms, at)
    rows = []
    for claim in passed:
        decided_count, is_watched = shops[claim.sale.merchant_id]
        stratum = rules.stratum(
            force.terms, risk_score=claim.risk_score, subsidy_fen=claim.subsidy_fen,
            decided_count=decided_count, is_watched=is_watched,
        )  # fmt: skip
        value, rate = rules.draw_bps(seed, claim.pk, claim.round), force.terms.sample_bps[stratum]
        rows.append(
            Draw(
                claim=claim, round=claim.round, on=on, stratum=stratum, value_bps=value,
                rate_bps=rate, is_drawn=value < rate, terms_id=force.id,
            )
        )  # fmt: skip
    ask([row.claim for row in rows if row.is_drawn], CaseKind.SAMPLE, at, force.terms)
    return rows


def sample_findings(rows: Sequence[Draw], at: datetime) -> list[Finding]:
    """What the shop reads of a draw: a numbered reason, no suspicion."""
    return [
        Finding(
            claim_id=row.claim_id, round=row.round, check_id="sample", outcome=Outcome.NOTE,
            reason_code="R391", found_at=at,
            evidence={"stratum": row.stratum, "value_bps": row.value_bps, "rate_bps": row.rate_bps,
                      "drawn_on": row.on.isoformat()},
        )
        for row in rows
        if row.is_drawn
    ]  # fmt: skip


def _shops(
    merchant_ids: set[UUID], terms: DeskTerms, at: datetime
) -> Mapping[UUID, tuple[int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.claims.sql", "shops_of_a_draw").text,
            {
                "ids": list(merchant_ids),
                "enough": terms.new_shop_claims,
                "since": at - timedelta(days=terms.watched_days),
            },
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def fail_sample(actor: Actor, claim: Claim, note: str) -> Stop | None:
    """A person refused a claim the machine had passed and the draw had picked: its shop stops.

    Everything of the shop that is cleared and unpaid waits; a further sample of it is looked at
    at once. None where the shop stands still already.
    """
    if not Draw.objects.filter(claim=claim, round=claim.round, is_drawn=True).exists():
        return None
    force, now = in_force(), clock.now()
    shop = str(claim.sale.merchant_id)
    if Stop.objects.filter(kind=StopKind.SHOP, subject=shop, closed_at__isnull=True).exists():
        return None
    unpaid = lock_unpaid(claim.sale.merchant_id)
    seed = seed_of(clock.business_day(now))
    passed = [one for one in unpaid if one.audit_status == AuditStatus.NONE]
    passed.sort(key=lambda one: rules.draw_bps(seed, one.pk, one.round))
    extended = passed[: force.terms.extended_count]
    facts = {
        "claim_count": len(unpaid), "subsidy_fen": sum(one.subsidy_fen for one in unpaid),
        "number": claim.sale.number, "extended": [str(one.pk) for one in extended], "note": note,
    }  # fmt: skip
    stop = open_stop(
        actor, StopKind.SHOP, shop, region_path=claim.sale.region_path, facts=facts,
        terms=force.terms, claim=claim,
    )  # fmt: skip
    look_closer(extended, force.terms, now)
    return stop


def look_closer(claims: Sequence[Claim], terms: DeskTerms, now: datetime) -> None:
    """Ask a person about claims that the machine had passed, because of their shop."""
    ask(claims, CaseKind.EXTENDED, now, terms)
    Claim.objects.bulk_update(claims, CASE_FIELDS)
    Finding.objects.bulk_create(
        Finding(
            claim=claim, round=claim.round, check_id="extended_sample", outcome=Outcome.NOTE,
            reason_code="R392", evidence={}, found_at=now,
        )
        for claim in claims
    )  # fmt: skip


def lock_unpaid(merchant_id: UUID) -> list[Claim]:
    """A shop's cleared claims that settlement has not taken, locked: no payment slips between."""
    rows = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("sale")
    found = rows.filter(
        sale__merchant_id=merchant_id, released_at__isnull=True, is_returned=False,
        audit_status__in=[AuditStatus.NONE, AuditStatus.PASSED],
    ).order_by("pk")  # fmt: skip
    machine = (VerifyStatus.PASSED, AuditStatus.NONE)
    return [
        one
        for one in found
        if one.audit_status == AuditStatus.PASSED
        or (one.verify_status, one.audit_status) == machine
    ]


def open_stop(
    actor: Actor,
    kind: StopKind,
    subject: str,
    *,
    region_path: str,
    facts: dict[str, Any],
    terms: DeskTerms,
    claim: Claim | None = None,
) -> Stop:
    """Begin a stop; its line in the trail is what supervision raises an alert from."""
    now = clock.now()
    try:
        with transaction.atomic():
            stop = Stop.objects.create(
                id=ids.new_id(), kind=kind, subject=subject, region_path=region_path,
                cause_claim=claim, facts=facts, opened_at=now,
                due_at=now + timedelta(hours=terms.due_hours["stop"]),
            )  # fmt: skip
    except IntegrityError:  # stop_open_once: another worker was first
        return Stop.objects.get(kind=kind, subject=subject, closed_at__isnull=True)
    org_id = claim.sale.merchant_id if claim else None
    audit.record(
        actor, "claims.stopped", "stop", stop.pk, region_path=region_path, org_id=org_id,
        kind=kind, subject=subject, claim_count=facts.get("claim_count", 0),
        subsidy_fen=facts.get("subsidy_fen", 0),
    )  # fmt: skip
    return stop


def strata(on: date) -> dict[Stratum, tuple[int, int]]:
    """How many lay in each urn of a day and how many were drawn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stratum, count(*), count(*) FILTER (WHERE is_drawn) FROM claims_draw"
            ' WHERE "on" = %s GROUP BY stratum',
            [on],
        )
        return {Stratum(row[0]): (row[1], row[2]) for row in cursor.fetchall()}
