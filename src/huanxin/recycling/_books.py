"""Mechanics of a dismantler's books: stock from take to take, coefficients, what the fund owes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel import money
from huanxin.recycling import models, work_rules
from huanxin.recycling.errors import StockNeedsReason
from huanxin.recycling.types.floor import (
    CoefficientLine,
    FundLine,
    FundUnit,
    StockCount,
    StockTakeLine,
)

_CLASS = Coalesce("waste_class_code", "category_code")
Figures = dict[str, tuple[int, int]]


def book_since_last(dismantler_org_id: UUID, now: datetime) -> list[StockTakeLine]:
    """By class what stands on the floor by the book: the last count, plus in, minus out."""
    last = models.StockTake.objects.filter(dismantler=dismantler_org_id).order_by("-taken_at")
    take = last.first()
    opening: Figures = {}
    if take is not None:
        rows = models.StockTakeLine.objects.filter(take=take)
        opening = {row.class_code: (row.counted_count, row.counted_g) for row in rows}
    since = take.taken_at if take else None
    came = _arrived(dismantler_org_id, since, now)
    went = _dismantled(dismantler_org_id, since, now)
    none = (0, 0)
    return [
        StockTakeLine(
            code, opening.get(code, none)[0], came.get(code, none)[0], went.get(code, none)[0],
            None, opening.get(code, none)[1], came.get(code, none)[1], went.get(code, none)[1],
            None,
        )
        for code in sorted(opening.keys() | came.keys() | went.keys())
    ]  # fmt: skip


def _arrived(org_id: UUID, since: datetime | None, until: datetime) -> Figures:
    rows = models.Unit.objects.filter(lot__receiver=org_id, arrived_at__lte=until)
    if since is not None:
        rows = rows.filter(arrived_at__gt=since)
    found = rows.annotate(code=_CLASS).values("code")
    sums = found.annotate(units=Count("pk"), mass=Sum("gate_mass_g"))
    return {row["code"]: (row["units"], int(row["mass"] or 0)) for row in sums.order_by("code")}


def _dismantled(org_id: UUID, since: datetime | None, until: datetime) -> Figures:
    rows = models.Run.objects.filter(dismantler=org_id, dismantled_at__lte=until)
    if since is not None:
        rows = rows.filter(dismantled_at__gt=since)
    sums = rows.values("waste_class_code").annotate(units=Sum("unit_count"), mass=Sum("mass_in_g"))
    return {
        row["waste_class_code"]: (int(row["units"]), int(row["mass"]))
        for row in sums.order_by("waste_class_code")
    }


def counted_lines(
    standard: work_rules.FloorStandard,
    book: Sequence[StockTakeLine],
    counts: Mapping[str, StockCount],
) -> list[tuple[StockTakeLine, StockCount, bool]]:
    """Each class with its count and whether it is off; an unexplained difference is refused."""
    by_class = {line.class_code: line for line in book}
    found = []
    for code in sorted(by_class.keys() | counts.keys()):
        line = by_class.get(code) or StockTakeLine(code, 0, 0, 0, None, 0, 0, 0, None)
        said = counts.get(code) or StockCount(code, 0, 0)
        too_far = abs(said.mass_g - line.book_g) > work_rules.stock_allowed_g(standard, line.book_g)
        is_off = said.unit_count != line.book_count or too_far
        if is_off and not said.explanation.strip() and not said.is_case:
            raise StockNeedsReason(
                class_code=code, book_count=line.book_count, book_g=line.book_g,
                counted_count=said.unit_count, counted_g=said.mass_g,
            )  # fmt: skip
        found.append((line, said, is_off))
    return found


def coefficient_lines(
    standard: work_rules.FloorStandard, runs: QuerySet[models.Run]
) -> list[CoefficientLine]:
    """By class and material what came out against the published share of what went in."""
    mass_in = {
        row["waste_class_code"]: int(row["mass"])
        for row in runs.values("waste_class_code").annotate(mass=Sum("mass_in_g")).order_by()
    }
    out: dict[str, dict[str, int]] = defaultdict(dict)
    materials = models.RunMaterial.objects.filter(run__in=runs).values(
        "run__waste_class_code", "material_code"
    )
    for row in materials.annotate(mass=Sum("mass_g")).order_by():
        out[row["run__waste_class_code"]][row["material_code"]] = int(row["mass"])
    lines = []
    for class_code in sorted(mass_in):
        profile = catalogue.material_profile(class_code)
        shares = [share.share_bps for share in profile]
        if not any(shares):
            continue
        parts = money.split_fen(mass_in[class_code], shares)
        for share, expected_g in zip(profile, parts, strict=True):
            found_g = out[class_code].get(share.material_code, 0)
            limit_g = expected_g * standard.coefficient_off_bps // 10_000
            lines.append(
                CoefficientLine(
                    class_code, share.material_code, share.name, mass_in[class_code],
                    expected_g, found_g,
                    share.share_bps > 0 and abs(found_g - expected_g) > limit_g, share.source,
                )
            )  # fmt: skip
    return lines


def month_end(month: date) -> date:
    """The first day after a month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def runs_of_month(runs: QuerySet[models.Run], month: date) -> QuerySet[models.Run]:
    return runs.filter(dismantled_on__gte=month, dismantled_on__lt=month_end(month))


def fund_lines(runs: QuerySet[models.Run]) -> list[FundLine]:
    """By class how many units were dismantled and at which rate the fund pays for one."""
    classes = {one.code: one for one in catalogue.list_waste_classes()}
    sums = runs.values("waste_class_code").annotate(units=Sum("unit_count"))
    lines = []
    for row in sums.order_by("waste_class_code"):
        known = classes.get(row["waste_class_code"])
        lines.append(
            FundLine(
                row["waste_class_code"], int(row["units"]), known.fund_fen if known else None,
                known.is_assumed if known else True,
            )
        )  # fmt: skip
    return lines


def fund_units(runs: QuerySet[models.Run]) -> list[tuple[int, FundUnit]]:
    """Every unit that the fund pays for, with its certificate; with the row that is claimed."""
    rates = {one.code: one.fund_fen for one in catalogue.list_waste_classes() if one.fund_fen}
    rows = models.RunUnit.objects.filter(
        run__in=runs, run__waste_class_code__in=list(rates)
    ).annotate(code=F("unit__unit_code"))
    return [
        (
            row.pk,
            FundUnit(
                row.code or "", row.run.waste_class_code, row.run.certificate_no,
                row.run.dismantled_on, rates[row.run.waste_class_code],
            ),
        )
        for row in rows.select_related("run").order_by("run__dismantled_at", "code")
    ]  # fmt: skip
