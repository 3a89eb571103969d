"""A dismantler's books: its floor counted, its month claimed from the fund."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.recycling import _books, _cases, _chain, _work, models, rules
from huanxin.recycling.errors import ClaimNotReady, MaterialUnknown, WeightInvalid
from huanxin.recycling.selectors import plant_book
from huanxin.recycling.types.cases import CaseKind, CaseState
from huanxin.recycling.types.floor import (
    FundClaimCard,
    StockCount,
    StockTakeCard,
    StockTakeLine,
)


@transaction.atomic
def count_stock(
    *, actor: Actor, dismantler_org_id: UUID, counts: Sequence[StockCount], request_id: UUID
) -> StockTakeCard:
    """Count the floor: opening + in - out = book, against what stands there (期末盘点法).

    Safe to retry. A class that is not counted counts as empty. A difference needs a reason
    (StockNeedsReason) or becomes a case; either way the count is what the next one opens with.
    """
    identity.require(actor, "recycling.dismantle", org_id=dismantler_org_id)
    content = [dismantler_org_id, [repr(one) for one in counts]]
    if earlier := kernel_requests.first_answer(actor, "recycling.count", request_id, content):
        return plant_book.stock_take_cards([UUID(earlier["take_id"])])[0]
    org = _chain.check_party(dismantler_org_id, OrgKind.DISMANTLER)
    _check_counts(counts)
    now = clock.now()
    book = _books.book_since_last(dismantler_org_id, now)
    said = {one.class_code: one for one in counts}
    lines = _books.counted_lines(_work.floor(clock.business_day(now)), book, said)
    take = models.StockTake(
        id=ids.new_id(),
        number=ids.new_number("PD", on=clock.business_day(now), region_code=org.region_code),
        dismantler_id=dismantler_org_id,
        region_path=org.region_path,
        taken_at=now,
        taken_on=clock.business_day(now),
    )
    take.save(force_insert=True)
    cases = {line.class_code: _case(take, line, one) for line, one, is_off in lines
             if is_off and one.is_case}  # fmt: skip
    _cases.open_for_books(actor, list(cases.values()))
    models.StockTakeLine.objects.bulk_create(
        _line(take, line, one, cases.get(line.class_code)) for line, one, _ in lines
    )
    audit.record(
        actor, "recycling.stock_counted", "stock_take", take.id, region_path=org.region_path,
        org_id=dismantler_org_id, number=take.number, case_count=len(cases),
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.count", request_id, {"take_id": take.id})
    return plant_book.stock_take_cards([take.id])[0]


@transaction.atomic
def claim_fund(
    *, actor: Actor, dismantler_org_id: UUID, month: date, request_id: UUID
) -> FundClaimCard:
    """Hand in a month's claim: every dismantled unit with its certificate, at its class's rate.

    Once a month and once a unit; safe to retry. Refuses a month that is not over, one without
    claimable units, and one with cases of the dismantler's own books still open (ClaimNotReady).
    Fund rates: 2021-04-01 standard; since 2024 以奖代补, so the rate is the catalogue's row.
    """
    identity.require(actor, "recycling.dismantle", org_id=dismantler_org_id)
    month = month.replace(day=1)
    content = [dismantler_org_id, month]
    if earlier := kernel_requests.first_answer(actor, "recycling.fund", request_id, content):
        return models.FundClaim.objects.get(pk=earlier["claim_id"]).as_card()
    org = _chain.check_party(dismantler_org_id, OrgKind.DISMANTLER)
    _check_month(dismantler_org_id, month)
    runs = models.Run.objects.filter(dismantler=dismantler_org_id)
    units = _books.fund_units(_books.runs_of_month(runs, month))
    if not units:
        raise ClaimNotReady(month=f"{month:%Y-%m}", reason="当月没有可申报的拆解")
    claim = models.FundClaim(
        id=ids.new_id(),
        number=ids.new_number("SB", on=clock.today(), region_code=org.region_code),
        dismantler_id=dismantler_org_id,
        region_path=org.region_path,
        month=month,
        unit_count=len(units),
        total_fen=sum(unit.rate_fen for _, unit in units),
        claimed_at=clock.now(),
    )
    claim.save(force_insert=True)
    models.FundClaimUnit.objects.bulk_create(
        models.FundClaimUnit(
            claim=claim, run_unit_id=row_id, class_code=unit.class_code, rate_fen=unit.rate_fen
        )
        for row_id, unit in units
    )
    audit.record(
        actor, "recycling.fund_claimed", "fund_claim", claim.id, region_path=org.region_path,
        org_id=dismantler_org_id, number=claim.number, total_fen=claim.total_fen,
        unit_count=claim.unit_count,
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.fund", request_id, {"claim_id": claim.id})
    return claim.as_card()


def _check_counts(counts: Sequence[StockCount]) -> None:
    if twice := rules.repeated(one.class_code for one in counts):
        raise MaterialUnknown(waste_class_code=twice, material_code=twice)
    for one in counts:
        if one.unit_count < 0 or one.mass_g < 0 or (one.unit_count == 0) != (one.mass_g == 0):
            raise WeightInvalid(unit_code=f"（第 {one.class_code} 类）", mass_g=one.mass_g)


def _check_month(org_id: UUID, month: date) -> None:
    said = f"{month:%Y-%m}"
    if clock.today() < _books.month_end(month):
        raise ClaimNotReady(month=said, reason="月份还没有结束")
    if models.FundClaim.objects.filter(dismantler=org_id, month=month).exists():
        raise ClaimNotReady(month=said, reason="已经申报过")
    own = models.Case.objects.filter(owner=org_id, kind__in=[CaseKind.PARTS, CaseKind.STOCK])
    waiting = own.exclude(state=CaseState.RESOLVED)
    if waiting.filter(opened_at__lt=clock.moment(_books.month_end(month))).exists():
        raise ClaimNotReady(month=said, reason="部件或盘点差异案件还没有办结")


def _case(take: models.StockTake, line: StockTakeLine, one: StockCount) -> models.Case:
    is_count = one.unit_count != line.book_count
    return models.Case(
        kind=CaseKind.STOCK, class_code=line.class_code, owner_id=take.dismantler_id,
        finder_id=take.dismantler_id, region_path=take.region_path,
        expected=line.book_count if is_count else line.book_g,
        found=one.unit_count if is_count else one.mass_g,
    )  # fmt: skip


def _line(
    take: models.StockTake, line: StockTakeLine, one: StockCount, case: models.Case | None
) -> models.StockTakeLine:
    return models.StockTakeLine(
        take=take, class_code=line.class_code, opening_count=line.opening_count,
        in_count=line.in_count, out_count=line.out_count, counted_count=one.unit_count,
        opening_g=line.opening_g, in_g=line.in_g, out_g=line.out_g, counted_g=one.mass_g,
        explanation=one.explanation.strip()[:400], case=case,
    )  # fmt: skip
