"""What stands between a check's finding and its effect: waivers, and the cap on each check."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import connection

from huanxin.claims import _checking, _desk
from huanxin.claims import _desk_rules as rules
from huanxin.claims.models import Claim, Stop, StoppedClaim, Waiver
from huanxin.claims.types import Outcome
from huanxin.claims.types.desk import StopKind, WaiverSubject
from huanxin.kernel.actor import Actor
from huanxin.kernel.sqlfiles import read_sql

Found = _checking.Found


def waive(claims: Mapping[UUID, Claim], found: Sequence[Found], at: datetime) -> list[Found]:
    """Findings of muted checks say one step less; the waiver that did it stays in the evidence."""
    checks = {one.check_id for one in found}
    live = Waiver.objects.filter(
        check_id__in=checks, from_at__lte=at, until_at__gt=at, ended_at__isnull=True
    )
    by_check: dict[str, list[Waiver]] = defaultdict(list)
    for waiver in live.order_by("from_at", "pk"):
        by_check[waiver.check_id].append(waiver)
    return [_waived(one, claims[one.claim_id], by_check[one.check_id]) for one in found]


def _waived(found: Found, claim: Claim, waivers: Sequence[Waiver]) -> Found:
    waiver = next((one for one in waivers if covers(one, claim)), None)
    if waiver is None or found.outcome is Outcome.NOTE:
        return found
    mark = {"waiver": str(waiver.pk), "outcome_was": found.outcome.value}
    lower = rules.lowered(found.outcome)
    return replace(found, outcome=lower, evidence={**found.evidence, **mark})


def covers(waiver: Waiver, claim: Claim) -> bool:
    """Whether a waiver is about this claim: its place first, then its subject."""
    sale = claim.sale
    here = sale.region_path == waiver.region_path or sale.region_path.startswith(
        waiver.region_path + "/"
    )
    subjects = {
        WaiverSubject.ALL: "",
        WaiverSubject.MERCHANT: str(sale.merchant_id),
        WaiverSubject.MODEL: sale.gtin,
        WaiverSubject.PERSON: str(sale.person_id),
        WaiverSubject.REGION: waiver.key,
    }
    return here and subjects[WaiverSubject(waiver.subject)] == waiver.key


@dataclass(slots=True)
class Parked:
    """Which claims each check parks, under which stop."""

    by_check: dict[str, tuple[UUID, frozenset[UUID]]] = field(default_factory=dict)

    def noted(self, found: Found) -> Found:
        """A parked finding is a note that names its stop."""
        stop_id, claim_ids = self.by_check.get(found.check_id, (None, frozenset()))
        if found.claim_id not in claim_ids or found.outcome is Outcome.NOTE:
            return found
        mark = {"stop": str(stop_id), "outcome_was": found.outcome.value}
        return replace(found, outcome=Outcome.NOTE, evidence={**found.evidence, **mark})

    def claim_ids(self) -> set[UUID]:
        """Every claim that is parked."""
        return {claim_id for _, claim_ids in self.by_check.values() for claim_id in claim_ids}

    def keep_invoices_open(self, claims: Sequence[Claim]) -> None:
        """A parked claim takes no invoice yet: what spoke against it may be that very invoice."""
        mine = self.claim_ids()
        for claim in claims:
            if claim.pk in mine:
                claim.invoice_key = None

    def write(self, rounds: Mapping[UUID, int]) -> None:
        """Keep which claims wait for each stop."""
        StoppedClaim.objects.bulk_create(
            [
                StoppedClaim(stop_id=stop_id, claim_id=claim_id, round=rounds[claim_id])
                for stop_id, claim_ids in self.by_check.values()
                for claim_id in claim_ids
            ],
            ignore_conflicts=True,
        )


def cap(
    actor: Actor,
    claims: Mapping[UUID, Claim],
    found: Sequence[Found],
    force: _desk.InForce,
    at: datetime,
) -> tuple[list[Found], Parked]:
    """Findings within the cap of their check as they are; beyond it they are notes that park."""
    stopping: dict[str, list[UUID]] = defaultdict(list)
    for one in found:
        if one.outcome is not Outcome.NOTE and force.terms.cap(one.check_id):
            stopping[one.check_id].append(one.claim_id)
    if not stopping:
        return list(found), Parked()
    lately, decided_count = stopped_lately(at)
    stops = _open_stops()
    exempt = _exempt(at)
    parked = Parked()
    for check_id, claim_ids in sorted(stopping.items()):
        if check_id in exempt:
            continue
        published = force.terms.cap(check_id)
        assert published is not None, "only capped checks were gathered"
        allowed = rules.allowed_count(published, decided_count + len(claims))
        allowed = 0 if check_id in stops else allowed
        _kept, over = rules.over_the_cap(
            _in_line(claim_ids, claims), stopped_before=lately.get(check_id, 0), allowed=allowed
        )
        if over:
            stop = stops.get(check_id) or _trip(actor, check_id, claims[over[0]], over, force)
            parked.by_check[check_id] = (stop.pk, frozenset(over))
    return [parked.noted(one) for one in found], parked


def stopped_lately(at: datetime) -> tuple[dict[str, int], int]:
    """How many claims each check stopped within the window before `at`, of how many decided."""
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.claims.sql", "stopped_lately").text,
            {"since": at - rules.BREAKER_WINDOW, "until": at},
        )
        rows = dict(cursor.fetchall())
    return rows, rows.pop("", 0)


def _in_line(claim_ids: Sequence[UUID], claims: Mapping[UUID, Claim]) -> list[UUID]:
    """Each claim once, riskiest amounts first: what is still held is what is worth most."""
    unique = dict.fromkeys(claim_ids)
    return sorted(unique, key=lambda one: (-claims[one].subsidy_fen, str(one)))


def _open_stops() -> dict[str, Stop]:
    rows = Stop.objects.filter(kind=StopKind.CHECK, closed_at__isnull=True)
    return {row.subject: row for row in rows}


def _exempt(at: datetime) -> set[str]:
    rows = Stop.objects.filter(kind=StopKind.CHECK, exempt_until__gt=at)
    return set(rows.values_list("subject", flat=True))


def _trip(
    actor: Actor, check_id: str, claim: Claim, over: Sequence[UUID], force: _desk.InForce
) -> Stop:
    facts = {"terms": force.number, "claim_count": len(over)}
    city = rules.city_of(claim.sale.region_path)
    return _desk.open_stop(
        actor, StopKind.CHECK, check_id, region_path=city, facts=facts, terms=force.terms
    )
