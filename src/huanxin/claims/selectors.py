"""Reads of claims: scoped lists, the review queue, reasons, and the judgement of a claims file."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import models as db
from django.db.models import Count, Q, QuerySet, Sum

from huanxin.catalogue import selectors as catalogue
from huanxin.claims import (
    _bulk,
    _desk_reads,
    _duck,
    _filecheck,
    _ordering,
    _parts,
    _scans,
    _spark,
    _stages,
    _stops,
    files,
    rules,
)
from huanxin.claims._reading_tables import PaperFile
from huanxin.claims.errors import OrderUnknown, SaleNotFound, StopUnknown
from huanxin.claims.models import Appeal, Claim, Evidence, Finding, OnlineOrder, Review, Stop
from huanxin.claims.reading import reader
from huanxin.claims.types import (
    AuditStatus,
    Channel,
    ClaimCard,
    ClaimDetail,
    ClaimFilter,
    ClaimRow,
    ClaimStage,
    ClaimStats,
    ClaimSums,
    EvidenceKind,
    FileColumn,
    FileReport,
    OnlineOrderCard,
    OrderPaymentCard,
    OrderState,
    Outcome,
    ReductionCard,
    ReviewCard,
    ReviewVerdict,
    RowVerdict,
    VerifyStatus,
)
from huanxin.claims.types import Finding as FindingCard
from huanxin.claims.types.bulk import BulkEngine, CheckFound
from huanxin.claims.types.desk import (
    CaseKind,
    CheckCard,
    DrawCard,
    QueueFilter,
    Sameness,
    SampleDay,
    StopCard,
    StopKind,
    TermsCard,
    WaiverCard,
)
from huanxin.claims.types.reading import PaperReading
from huanxin.kernel import clock, filestore
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import PAGE_SIZE, Page, count_up_to

_EVERY = ClaimFilter()
_SORTS = {
    "sold_at": "sale__sold_at", "price_fen": "price_fen", "subsidy_fen": "subsidy_fen",
}  # fmt: skip
_SUMS = {
    name: Sum(name, output_field=db.BigIntegerField(), default=0)
    for name in ("price_fen", "subsidy_fen", "to_pay_fen")
}


def list_claims(
    scope: Scope,
    *,
    where: ClaimFilter = _EVERY,
    page: int = 1,
    size: int = PAGE_SIZE,
    most_counted: int | None = None,
) -> Page[ClaimCard]:
    """Claims the scope lets through, newest sale first unless the filter sorts them.

    `most_counted` ends the counting there: a whole city's claims take a second to count.
    """
    rows = _chosen(scope, where)
    falling, key = where.sort.startswith("-"), where.sort.removeprefix("-")
    column = _SORTS.get(key, "sale__sold_at")
    if column == "sale__sold_at" and (scope.org_id or where.merchant_id):
        column = "sale__sold_epoch"  # the same moment, in the index of a shop's sales
    order = [f"-{column}", "-pk"] if falling else [column, "pk"]
    return _page(rows.order_by(*order), page, size, most_counted)


def sum_claims(scope: Scope, *, where: ClaimFilter = _EVERY) -> ClaimSums:
    """What list_claims adds up to over all its pages."""
    return ClaimSums(**_chosen(scope, where).aggregate(count=Count("pk"), **_SUMS))


def sum_shop(scope: Scope, merchant_id: UUID) -> tuple[ClaimSums, dict[ClaimStage, int]]:
    """A shop's claims within the scope added up, and how many are in review, refused, returned."""
    stages = (ClaimStage.IN_REVIEW, ClaimStage.REFUSED, ClaimStage.RETURNED)
    found = _chosen(scope, ClaimFilter(merchant_id=merchant_id)).aggregate(
        count=Count("pk"),
        **_SUMS,
        **{stage.value: Count("pk", filter=_stages.in_stage(stage)) for stage in stages},
    )
    counts = {stage: found.pop(stage.value) for stage in stages}
    return ClaimSums(**found), counts


def queue(
    scope: Scope,
    *,
    page: int = 1,
    which: QueueFilter = QueueFilter.ALL,
    reviewer_id: UUID | None = None,
    total: int | None = None,
) -> Page[ClaimCard]:
    """What waits for a person, riskiest first, then the larger amount, then the longest wait.

    With `reviewer_id`, cases that this reviewer has passed once are left out: they wait for
    somebody else. `total` is what queue_counts has counted already, if it was asked.
    """
    rows = _visible(scope).filter(audit_status=AuditStatus.WAITING, is_returned=False)
    if reviewer_id is not None:
        rows = rows.exclude(first_reviewer_id=reviewer_id)
    ordered = _desk_reads.chosen(rows, which).order_by(
        "-risk_score", "-subsidy_fen", "submitted_at", "pk"
    )
    chosen = list(ordered[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    return Page(_cards(chosen), page, ordered.count() if total is None else total, PAGE_SIZE)


def list_overdue_cases() -> list[ClaimCard]:
    """Every case whose time is over, everywhere, the longest over first: a watcher's question."""
    rows = _visible(Scope()).filter(
        audit_status=AuditStatus.WAITING, is_returned=False, due_at__lte=clock.now()
    )
    return _cards(list(rows.order_by("due_at", "pk")))


def queue_counts(scope: Scope, *, reviewer_id: UUID | None = None) -> dict[QueueFilter, int]:
    """How many cases each part of the queue has."""
    rows = _visible(scope).filter(audit_status=AuditStatus.WAITING, is_returned=False)
    if reviewer_id is not None:
        rows = rows.exclude(first_reviewer_id=reviewer_id)
    return _desk_reads.counts(rows)


def list_rivals(
    claim_id: UUID, scope: Scope
) -> tuple[list[tuple[ClaimDetail, tuple[Sameness, ...]]], int]:
    """Claims that share a serial, an invoice, a photo or a right with this one, at most three.

    Those with the most in common first. SaleNotFound outside the scope; rivals outside are left
    out. The second value is how many there are anywhere.
    """
    same = _desk_reads.rivals(_claim(claim_id, scope))
    rows = {row.pk: row for row in _visible(scope).filter(pk__in=list(same))}
    first = sorted(rows, key=lambda pk: (-len(same[pk]), str(pk)))[:3]
    shown = _details([rows[pk] for pk in first])
    return [(one, tuple(sorted(same[one.card.claim_id]))) for one in shown], len(same)


def list_stops(scope: Scope, *, is_closed: bool = False) -> list[StopCard]:
    """Stops of the scope's region, newest first: those that stand, or the last hundred ended."""
    rows = _desk_reads.stops(scope).filter(closed_at__isnull=not is_closed)
    return _desk_reads.stop_cards(rows.order_by("-opened_at")[:100])


def get_stop(stop_id: UUID, scope: Scope) -> StopCard:
    """One stop; StopUnknown outside the scope."""
    row = _desk_reads.stops(scope).filter(pk=stop_id).first()
    if row is None:
        raise StopUnknown(stop_id=stop_id)
    return _desk_reads.stop_cards([row])[0]


def find_stops_of_shop(org_id: UUID) -> list[StopCard]:
    """The stop of a shop that stands now, if any: its own page tells it why."""
    rows = Stop.objects.filter(kind=StopKind.SHOP, subject=str(org_id), closed_at__isnull=True)
    return _desk_reads.stop_cards(rows)


def list_waivers(scope: Scope) -> list[WaiverCard]:
    """Waivers of the scope's region, those in force first, then the last hundred that ended."""
    return _desk_reads.waivers(scope, clock.now())


def list_checks() -> list[CheckCard]:
    """Every check, what it stopped in the last hour, and how much it may."""
    return _desk_reads.checks(clock.now())


def list_terms() -> list[TermsCard]:
    """Every version of the desk's numbers, newest first; the newest approved one decides."""
    return _desk_reads.terms()


def get_sample_day(on: date) -> SampleDay:
    """A day's draw: its commitment, its counts, and its seed once the day is over."""
    return _desk_reads.sample_day(on, clock.today())


def list_draws(scope: Scope, on: date, *, page: int = 1) -> Page[DrawCard]:
    """The urn of a day within the scope: every passed claim, drawn ones first."""
    rows = _desk_reads.draws(scope, on)
    chosen = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page([_desk_reads.draw_card(row) for row in chosen], page, rows.count(), PAGE_SIZE)


def get_claim(claim_id: UUID, scope: Scope) -> ClaimDetail:
    """One claim whole; outside the scope it is SaleNotFound."""
    return _detail(_visible(scope).filter(pk=claim_id).first())


def get_claim_of_sale(sale_id: UUID, scope: Scope) -> ClaimDetail:
    """The claim that a sale opened; outside the scope it is SaleNotFound."""
    return _detail(_visible(scope).filter(sale_id=sale_id).first())


def get_order(order_id: UUID, scope: Scope) -> OnlineOrderCard:
    """An online order, for its shop, its buyer and the shop's region; OrderUnknown elsewhere."""
    return _ordering.card(_order(order_id, scope))


def list_orders(
    scope: Scope, *, state: OrderState | None = None, page: int = 1, size: int = PAGE_SIZE
) -> Page[OnlineOrderCard]:
    """Online orders the scope lets through, newest first."""
    rows = _orders(scope)
    if state is not None:
        rows = rows.filter(state=state)
    chosen = rows.order_by("-placed_at", "-pk")[(page - 1) * size : page * size]
    return Page([_ordering.card(row) for row in chosen], page, rows.count(), size)


def find_order_that_locks(voucher_id: UUID, scope: Scope) -> OnlineOrderCard | None:
    """The open order that keeps a voucher now, if the scope lets it through."""
    rows = _orders(scope).filter(state=OrderState.OPEN, voucher_ids__contains=str(voucher_id))
    row = rows.order_by("-placed_at").first()
    return _ordering.card(row) if row else None


def list_payments(order_id: UUID, scope: Scope) -> list[OrderPaymentCard]:
    """The payments of an order in the order they were told."""
    rows = _order(order_id, scope).payments.order_by("pk")
    return [_ordering.payment_card(row) for row in rows]


def list_reductions(sale_id: UUID, scope: Scope) -> list[ReductionCard]:
    """The price reductions of a sale, first step first; SaleNotFound outside the scope."""
    claim = _visible(scope).filter(sale_id=sale_id).first()
    if claim is None:
        raise SaleNotFound(sale_id=sale_id)
    return [_parts.card(row) for row in claim.sale.reductions.order_by("step")]


def find_claim_by_number(number: str, scope: Scope) -> ClaimDetail | None:
    """The claim under a sale number (单号), if the scope lets it through."""
    row = _visible(scope).filter(sale__number=number).first()
    return _detail(row) if row else None


def list_findings(claim_id: UUID, scope: Scope) -> list[FindingCard]:
    """What the checks found in the newest round, gravest first; SaleNotFound outside the scope."""
    claim = _claim(claim_id, scope)
    rows = Finding.objects.filter(claim=claim, round=claim.round).order_by("reason_code", "pk")
    order = {Outcome.REFUSE: 0, Outcome.HOLD: 1, Outcome.MEND: 2, Outcome.NOTE: 3}
    return sorted((_finding(row) for row in rows), key=lambda one: order[one.outcome])


def find_file(claim_id: UUID, sha256: str, scope: Scope) -> bytes | None:
    """What is shown of a paper of this claim; None where only its digest was handed in.

    A picture's re-encoded copy, which carries neither place nor time; a document as it was
    received. SaleNotFound outside the scope, and for a paper that is another claim's.
    """
    named = Evidence.objects.filter(sale__claim__pk=claim_id, sha256=sha256)
    if not _visible(scope).filter(pk=claim_id).exists() or not named.exists():
        raise SaleNotFound(claim_id=claim_id)
    kept = PaperFile.objects.filter(sha256=sha256).first()
    try:
        return filestore.file_store().get((kept and kept.shown_sha256) or sha256)
    except NotFound:
        return None


def list_readings(claim_id: UUID, scope: Scope) -> list[PaperReading]:
    """What was read from the newest paper of each kind; SaleNotFound outside the scope.

    Papers of which only a digest and typed facts were handed in are not among them.
    """
    claim = _visible(scope).filter(pk=claim_id).first()
    if claim is None:
        raise SaleNotFound(claim_id=claim_id)
    return _scans.readings(claim.sale_id)


def is_reading_installed() -> bool:
    """Whether this platform reads pictures and PDFs by itself (requirements/reading.txt)."""
    return reader.is_installed()


def stats(scope: Scope) -> ClaimStats:
    """How the claims within the scope stand now; returned sales left out."""
    rows = _visible(scope).filter(is_returned=False)
    in_review = Q(audit_status=AuditStatus.WAITING)
    found = rows.aggregate(
        waiting=Count("pk", filter=Q(verify_status=VerifyStatus.WAITING)),
        passed=Count("pk", filter=Q(verify_status=VerifyStatus.PASSED)),
        held=Count("pk", filter=Q(verify_status=VerifyStatus.HELD)),
        refused=Count("pk", filter=Q(verify_status=VerifyStatus.REFUSED)),
        in_review=Count("pk", filter=in_review),
        mending=Count("pk", filter=Q(verify_status=VerifyStatus.MENDING)),
        held_fen=Sum("subsidy_fen", filter=in_review, output_field=db.BigIntegerField()),
    )
    return ClaimStats(
        found["waiting"], found["passed"], found["held"], found["refused"], found["in_review"],
        found["held_fen"] or 0, found["mending"],
    )  # fmt: skip


def count_due() -> int:
    """How many claims wait for the checks, everywhere: a worker's question, no claim is shown."""
    return Claim.objects.filter(
        verify_status=VerifyStatus.WAITING, submitted_at__isnull=False, is_returned=False
    ).count()


def review_reasons(verdict: ReviewVerdict) -> Sequence[rules.ReasonText]:
    """The reasons a reviewer chooses from."""
    return rules.reasons_of(verdict)


def file_columns() -> tuple[FileColumn, ...]:
    """The headings of the claims file, in the template's order (docs/claims-file.md)."""
    return tuple(FileColumn(c.heading, c.is_required, c.says) for c in files.COLUMNS)


def check_file(path: Path) -> FileReport:
    """Judge a claims file row by row: amount by the rule on its date, decision, numbered reasons.

    Needs no database: rules, categories and checks all come from the repository. A row that
    cannot be read names its number and column; the others go on. An unreadable file is refused
    (FileUnreadable).
    """
    return _filecheck.check_file(path.name, path.read_bytes(), lambda _: None)


def check_upload(name: str, content: bytes) -> FileReport:
    """The same judgement of an uploaded file, and against the models and prices filed here.

    A price in the file's own column goes before the filed one.
    """
    return _filecheck.check_file(name, content, _filed)


def check_marts(folder: Path, *, engine: BulkEngine, master: str = "") -> list[CheckFound]:
    """Every check over exported marts, of one city or of many: DuckDB here or a Spark cluster.

    Nobody's scope applies: the files are what somebody with the right to export has handed on.
    Refuses a folder that is no export, an engine that is not installed, a cluster out of reach.
    """
    chosen: _bulk.Engine = (
        _duck.DuckEngine() if engine is BulkEngine.DUCKDB else _spark.SparkEngine(master=master)
    )
    try:
        _bulk.prepare(chosen, folder)
        return [
            CheckFound(
                check_id=check.header["id"],
                title=check.header["title"],
                outcome=Outcome(check.header["outcome"]),
                reason_code=check.header["reason"],
                hits=tuple(hits),
            )
            for check, hits in _bulk.run(chosen)
        ]
    finally:
        chosen.close()


def check_rows(rows: Iterable[ClaimRow]) -> list[RowVerdict]:
    """The same judgement of rows that are read already; needs no database."""
    return _filecheck.check_rows(rows, None)


def _filed(rows: Sequence[ClaimRow]) -> dict[str, _filecheck.Filed]:
    first_day = {row.gtin: row.sold_on for row in rows if row.gtin}
    models = catalogue.find_models(first_day)
    return {
        gtin: _filecheck.Filed(
            model.category_code,
            model.energy_grade,
            catalogue.filed_price_fen(model.id, first_day[gtin]),
        )
        for gtin, model in models.items()
    }


def _claim(claim_id: UUID, scope: Scope) -> Claim:
    claim = _visible(scope).filter(pk=claim_id).first()
    if claim is None:
        raise SaleNotFound(claim_id=claim_id)
    return claim


def _visible(scope: Scope) -> "QuerySet[Claim]":
    rows = Claim.objects.select_related("sale")
    if scope.region_path:
        path = scope.region_path
        in_region = Q(sale__region_path=path) | Q(sale__region_path__startswith=path + "/")
        # A shop sees all its own sales, whichever county pays for them.
        rows = rows if scope.org_id is not None else rows.filter(in_region)
    if scope.org_id is not None:
        rows = rows.filter(sale__merchant_id=scope.org_id)
    if scope.person_id is not None:
        rows = rows.filter(sale__person_id=scope.person_id)
    return rows


def _orders(scope: Scope) -> "QuerySet[OnlineOrder]":
    rows = OnlineOrder.objects.all()
    if scope.person_id is not None:
        return rows.filter(person_id=scope.person_id)
    if scope.org_id is not None:
        return rows.filter(merchant_id=scope.org_id)
    if scope.region_path:
        at, below = scope.region_path, scope.region_path + "/"
        rows = rows.filter(Q(merchant__region_path=at) | Q(merchant__region_path__startswith=below))
    return rows


def _order(order_id: UUID, scope: Scope) -> OnlineOrder:
    row = _orders(scope).filter(pk=order_id).first()
    if row is None:
        raise OrderUnknown(order_id=order_id)
    return row


def _chosen(scope: Scope, where: ClaimFilter) -> "QuerySet[Claim]":
    asked: dict[str, Any] = {
        "verify_status": where.verify_status,
        "audit_status": where.audit_status,
        "sale__number__startswith": where.number or None,
        "sale__serial_norm": rules.normal_serial(where.serial) or None,
        "sale__sold_on__gte": where.sold_from,
        "sale__sold_on__lte": where.sold_to,
        "sale__merchant_id": where.merchant_id,
        "sale__merchant_id__in": where.merchant_ids,
        "sale__category_code": where.category_code or None,
        "sale__person_id": where.person_id,
    }
    rows = _visible(scope).filter(**{k: v for k, v in asked.items() if v is not None})
    return rows.filter(_stages.in_stage(where.stage)) if where.stage else rows


def _page(
    rows: "QuerySet[Claim]", page: int, size: int, most_counted: int | None = None
) -> Page[ClaimCard]:
    chosen = list(rows[(page - 1) * size : page * size])
    total, is_more = count_up_to(rows, most_counted)
    return Page(_cards(chosen), page, total, size, is_more)


def _cards(rows: Sequence[Claim]) -> list[ClaimCard]:
    names = _desk_reads.merchant_names({row.sale.merchant_id for row in rows})
    stopped = _stops.stopped_of(rows)
    return [_card(row, names[row.sale.merchant_id], is_stopped=row.pk in stopped) for row in rows]


def _card(row: Claim, merchant_name: str, *, is_stopped: bool) -> ClaimCard:
    sale = row.sale
    return ClaimCard(
        claim_id=row.pk,
        sale_id=sale.pk,
        number=sale.number,
        programme=sale.programme,
        category_code=sale.category_code,
        merchant_id=sale.merchant_id,
        merchant_name=merchant_name,
        person_id=sale.person_id,
        region_path=sale.region_path,
        price_fen=row.price_fen,
        trade_in_fen=sale.trade_in_fen,
        subsidy_fen=row.subsidy_fen,
        to_pay_fen=row.to_pay_fen,
        sold_at=sale.sold_at,
        verify_status=VerifyStatus(row.verify_status),
        audit_status=AuditStatus(row.audit_status),
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        reviewed_at=row.reviewed_at,
        is_returned=row.is_returned,
        is_released=row.released_at is not None,
        risk_score=row.risk_score,
        is_stopped=is_stopped and row.released_at is None,
        case_kind=CaseKind(row.case_kind) if row.case_kind else None,
        due_at=row.due_at if row.audit_status == AuditStatus.WAITING else None,
        first_reviewer_id=row.first_reviewer_id if row.needs_second else None,
    )


def _detail(row: Claim | None) -> ClaimDetail:
    if row is None:
        raise SaleNotFound
    return _details([row])[0]


def _details(rows: Sequence[Claim]) -> list[ClaimDetail]:
    """Claims with their papers and history, in as many reads as for one."""
    papers: dict[UUID, list[Evidence]] = defaultdict(list)
    reviews: dict[UUID, list[Review]] = defaultdict(list)
    named = Evidence.objects.filter(sale__in=[row.sale_id for row in rows]).select_related("sale")
    for paper in named.order_by("submitted_at", "pk"):
        papers[paper.sale_id].append(paper)
    for review in Review.objects.filter(claim__in=rows).order_by("pk"):
        reviews[review.claim_id].append(review)
    notes = dict(
        Appeal.objects.filter(claim__in=rows).order_by("-pk").values_list("claim_id", "note")
    )
    return [
        _one(row, card, papers[row.sale_id], reviews[row.pk], notes.get(row.pk, ""))
        for row, card in zip(rows, _cards(rows), strict=True)
    ]


def _one(
    row: Claim, card: ClaimCard, papers: Sequence[Evidence], reviews: Sequence[Review], appeal: str
) -> ClaimDetail:
    sale = row.sale
    verify, human = VerifyStatus(row.verify_status), AuditStatus(row.audit_status)
    is_open = row.closed_at is None and not row.is_returned
    may_appeal = rules.may_appeal(verify, human, decided_at=row.decided_at, now=clock.now())
    takes = rules.takes_evidence(verify, human, is_submitted=row.submitted_at is not None)
    return ClaimDetail(
        card=card,
        model_id=sale.model_id,
        gtin=sale.gtin,
        manufacturer=sale.manufacturer,
        serial=sale.serial,
        imei=sale.imei,
        channel=Channel(sale.channel),
        till_id=sale.till_id,
        decision=sale.decision,
        version_hash=sale.version_hash,
        evidence=tuple(paper.as_card() for paper in papers),
        reviews=tuple(_review(review) for review in reviews),
        wanted=tuple(EvidenceKind(kind) for kind in row.wanted.split(",") if kind),
        missing=rules.missing_evidence(row.wanted, (paper.kind for paper in papers)),
        takes_evidence=takes and not row.is_returned,
        appeal_until=rules.appeal_ends(row.decided_at)
        if is_open and may_appeal and row.decided_at
        else None,
        appeal_note=appeal,
    )


def _review(row: Review) -> ReviewCard:
    return ReviewCard(
        verdict=ReviewVerdict(row.verdict),
        reason_code=row.reason_code,
        say=rules.reason(row.reason_code, {}).say,
        note=row.note,
        reviewer_id=row.reviewer_id,
        reviewed_at=row.reviewed_at,
    )


def _finding(row: Finding) -> FindingCard:
    evidence: dict[str, Any] = row.evidence
    words = rules.reason(row.reason_code, evidence)
    return FindingCard(
        claim_id=row.claim_id,
        check_id=row.check_id,
        outcome=Outcome(row.outcome),
        reason_code=row.reason_code,
        title=rules.reasons()[row.reason_code].title,
        say=words.say,
        do=words.do,
        evidence=evidence,
        found_at=row.found_at,
    )
