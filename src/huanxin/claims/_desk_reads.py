"""Mechanics of reading the desk: parts of the queue, rivals, stops, waivers, checks and draws."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from huanxin.claims import _checking, _desk, _muting, _stops
from huanxin.claims import _desk_rules as rules
from huanxin.claims.models import Claim, DeskTerms, Draw, Evidence, Finding, Reading, Stop, Waiver
from huanxin.claims.types.desk import (
    CaseKind,
    CheckCard,
    DrawCard,
    QueueFilter,
    Sameness,
    SampleDay,
    StopCard,
    StopKind,
    Stratum,
    TermsCard,
    WaiverCard,
    WaiverSubject,
)
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope

_MOST_RIVALS = 50


def _parts() -> dict[QueueFilter, Q]:
    return {
        QueueFilter.ALL: Q(),
        QueueFilter.OVERDUE: Q(due_at__lte=clock.now()),
        QueueFilter.HIGH: Q(risk_score__gte=_desk.in_force().terms.high_risk),
        QueueFilter.APPEAL: Q(case_kind__in=[CaseKind.APPEAL, CaseKind.OBJECTION]),
        QueueFilter.SAMPLE: Q(case_kind__in=[CaseKind.SAMPLE, CaseKind.EXTENDED]),
        QueueFilter.SECOND: Q(first_reviewer_id__isnull=False),
    }


def chosen(rows: "QuerySet[Claim]", which: QueueFilter) -> "QuerySet[Claim]":
    """The part of the queue that was asked for."""
    return rows.filter(_parts()[which])


def counts(rows: "QuerySet[Claim]") -> dict[QueueFilter, int]:
    """How many each part has, in one read."""
    found = rows.aggregate(
        **{which.value: Count("pk", filter=part) for which, part in _parts().items() if part},
        all=Count("pk"),
    )
    return {which: found[which.value] for which in QueueFilter}


def rivals(claim: Claim) -> dict[UUID, set[Sameness]]:
    """Which other claims have something in common with this one that no two should have."""
    found: dict[UUID, set[Sameness]] = defaultdict(set)
    for sameness, rows in _same(claim):
        others = rows.exclude(pk=claim.pk).order_by("pk").values_list("pk", flat=True)
        for pk in others[:_MOST_RIVALS]:
            found[pk].add(sameness)
    return found


def _same(claim: Claim) -> list[tuple[Sameness, "QuerySet[Claim]"]]:
    """What to ask for, each by one index: an OR over two tables would read both."""
    sale = claim.sale
    reading = Reading.objects.filter(sale=sale).first()
    serials = {sale.serial_norm} | ({reading.serial_read} if reading else set()) - {None}
    photos = Evidence.objects.filter(sale=sale, photo_hash__isnull=False)
    hashes = list(photos.values_list("photo_hash", flat=True))
    rows = Claim.objects.all()
    read_as = Reading.objects.filter(serial_read__in=serials).values("sale_id")
    own_make = rows.filter(sale__manufacturer=sale.manufacturer)
    same = [
        (Sameness.SERIAL, own_make.filter(sale__serial_norm__in=serials)),
        (Sameness.SERIAL, own_make.filter(sale_id__in=read_as)),
        (
            Sameness.PHOTO,
            rows.filter(
                sale_id__in=Evidence.objects.filter(photo_hash__in=hashes).values("sale_id")
            ),
        ),
        (
            Sameness.RIGHT,
            rows.filter(
                sale__person_id=sale.person_id, sale__programme=sale.programme,
                sale__category_code=sale.category_code, is_returned=False,
            ),
        ),
    ]  # fmt: skip
    if reading and reading.invoice_key:
        same.append((Sameness.INVOICE, rows.filter(sale__reading__invoice_key=reading.invoice_key)))
    return same


def stops(scope: Scope) -> "QuerySet[Stop]":
    """Stops of a region; shops and persons see none here."""
    rows = Stop.objects.all()
    if scope.org_id or scope.person_id:
        return rows.none()
    path = scope.region_path
    if not path:
        return rows
    return rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))


def stop_cards(rows: Iterable[Stop]) -> list[StopCard]:
    """Stops with what they keep back, shops by name."""
    found = list(rows)
    shops = [row.subject for row in found if row.kind == StopKind.SHOP]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT org_id::text, name FROM mart_identity_organisation"
            " WHERE org_id = ANY(%s::uuid[])",
            [shops],
        )
        names = dict(cursor.fetchall())
    return _stops.cards(found, names)


def merchant_names(merchant_ids: set[UUID]) -> dict[UUID, str]:
    """Shops by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT org_id, name FROM mart_identity_organisation WHERE org_id = ANY(%s)",
            [list(merchant_ids)],
        )
        return dict(cursor.fetchall())


def waivers(scope: Scope, now: datetime) -> list[WaiverCard]:
    """Waivers whose region the scope covers, those in force first."""
    rows = Waiver.objects.all()
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    live = Q(ended_at__isnull=True, until_at__gt=now)
    newest = [
        *rows.filter(live).order_by("until_at"),
        *rows.exclude(live).order_by("-until_at")[:100],
    ]
    titles = {check.name: check.header["title"] for check in _checking.checks()}
    used = _used([row.pk for row in newest])
    return [
        WaiverCard(
            waiver_id=row.pk, check_id=row.check_id, title=titles.get(row.check_id, row.check_id),
            subject=WaiverSubject(row.subject), key=row.key, reason=row.reason,
            by_account_id=row.by_account_id, by_name=row.by_name, from_at=row.from_at,
            until_at=row.until_at, ended_at=row.ended_at, used_count=used.get(str(row.pk), 0),
        )
        for row in newest
    ]  # fmt: skip


def _used(waiver_ids: list[UUID]) -> dict[str, int]:
    rows = Finding.objects.filter(evidence__waiver__in=[str(pk) for pk in waiver_ids])
    return {
        row["evidence__waiver"]: row["n"]
        for row in rows.values("evidence__waiver").annotate(n=Count("pk"))
    }


def checks(now: datetime) -> list[CheckCard]:
    """Every check against its cap."""
    terms = _desk.in_force().terms
    lately, decided_count = _muting.stopped_lately(now)
    standing = set(
        Stop.objects.filter(kind=StopKind.CHECK, closed_at__isnull=True).values_list(
            "subject", flat=True
        )
    )
    found = []
    for check in _checking.checks():
        cap = terms.cap(check.name)
        found.append(
            CheckCard(
                check_id=check.name, title=check.header["title"],
                outcome=check.header["outcome"], reason_code=check.header["reason"],
                pattern=check.header.get("pattern", ""), stopped_count=lately.get(check.name, 0),
                allowed_count=rules.allowed_count(cap, decided_count) if cap else None,
                is_stopped=check.name in standing,
            )
        )  # fmt: skip
    return found


def terms() -> list[TermsCard]:
    """Every version, newest first."""
    return [
        TermsCard(
            terms_id=row.pk, number=row.number, terms=rules.read_terms(row.content),
            content=row.content, reason=row.reason, proposed_by=row.proposed_by,
            proposed_at=row.proposed_at, approved_by=row.approved_by, approved_at=row.approved_at,
        )
        for row in DeskTerms.objects.order_by("-number")
    ]  # fmt: skip


def sample_day(on: date, today: date) -> SampleDay:
    """The seed stays secret while it still draws."""
    seed = _desk.seed_of(on)
    told = seed if on < today else None
    return SampleDay(on, rules.commitment(seed), told, _desk.strata(on))


def draws(scope: Scope, on: date) -> "QuerySet[Draw]":
    """A day's urn within a region."""
    rows = Draw.objects.filter(on=on).select_related("claim__sale")
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(
            Q(claim__sale__region_path=path) | Q(claim__sale__region_path__startswith=path + "/")
        )
    return rows.order_by("-is_drawn", "value_bps", "pk")


def draw_card(row: Draw) -> DrawCard:
    """One line of the urn."""
    return DrawCard(
        claim_id=row.claim_id, number=row.claim.sale.number, round=row.round, on=row.on,
        stratum=Stratum(row.stratum), value_bps=row.value_bps, rate_bps=row.rate_bps,
        is_drawn=row.is_drawn,
    )  # fmt: skip
