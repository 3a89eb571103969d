"""A dismantler's books: stock-takes, coefficients, what the fund owes. Reads only."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.recycling import _books, _floor, _work, models
from huanxin.recycling.types.floor import (
    CoefficientLine,
    FundClaimCard,
    FundLine,
    FundUnit,
    PartShare,
    StockTakeCard,
    StockTakeLine,
)


def list_book_stock(scope: Scope) -> list[StockTakeLine]:
    """By class what must stand on the floor now: the last count, plus in, minus out."""
    return _books.book_since_last(_own(scope), clock.now())


def list_stock_takes(scope: Scope, *, page: int = 1) -> Page[StockTakeCard]:
    """Counts of the scope's dismantler or region, newest first."""
    rows = models.StockTake.objects.all()
    if scope.person_id is not None:
        rows = rows.none()
    if scope.org_id is not None:
        rows = rows.filter(dismantler_id=scope.org_id)
    elif scope.region_path:
        rows = rows.filter(region_path__startswith=scope.region_path)
    start = (page - 1) * PAGE_SIZE
    found = rows.order_by("-taken_at", "-pk").values_list("pk", flat=True)
    return Page(stock_take_cards(list(found[start : start + PAGE_SIZE])), page, rows.count())


def stock_take_cards(take_ids: Sequence[UUID]) -> list[StockTakeCard]:
    """Counts in the order asked, for rooms that already hold their ids."""
    rows = models.StockTake.objects.filter(pk__in=take_ids).prefetch_related("lines__case")
    by_id = {row.id: row for row in rows}
    return [_take(by_id[take_id]) for take_id in take_ids]


def list_coefficients(scope: Scope, *, month: date) -> list[CoefficientLine]:
    """A month's outputs against the published material shares (物料系数法)."""
    runs = _books.runs_of_month(_floor.runs_within(scope), month)
    return _books.coefficient_lines(_work.floor(clock.today()), runs)


def list_fund_lines(scope: Scope, *, month: date) -> list[FundLine]:
    """What the fund owes for a month by class."""
    return _books.fund_lines(_books.runs_of_month(_floor.runs_within(scope), month))


def list_fund_units(scope: Scope, *, month: date) -> list[FundUnit]:
    """The units behind a month's sum, each with its certificate."""
    runs = _books.runs_of_month(_floor.runs_within(scope), month)
    return [unit for _, unit in _books.fund_units(runs)]


def find_fund_claim(scope: Scope, *, month: date) -> FundClaimCard | None:
    """The claim that was handed in for a month, if it was."""
    row = models.FundClaim.objects.filter(dismantler=_own(scope), month=month).first()
    return row.as_card() if row else None


def part_shares(class_code: str) -> tuple[PartShare, ...]:
    """Key parts that units of a class hold, by the floor standard in force."""
    return tuple(_work.floor(clock.today()).parts.get(class_code, ()))


def licence_needed(org_kind: str) -> tuple[str | None, int]:
    """The paper a kind of party must hold, and how many days before its end that is said."""
    standard = _work.floor(clock.today())
    return standard.licences.get(org_kind), standard.licence_warn_days


def _own(scope: Scope) -> UUID:
    if scope.org_id is None:
        raise NotFound(model="Organisation", id="")
    return scope.org_id


def _take(row: models.StockTake) -> StockTakeCard:
    return StockTakeCard(
        row.id,
        row.number,
        row.dismantler_id,
        row.taken_at,
        tuple(
            StockTakeLine(
                line.class_code, line.opening_count, line.in_count, line.out_count,
                line.counted_count, line.opening_g, line.in_g, line.out_g, line.counted_g,
                line.explanation, line.case.number if line.case else None,
            )
            for line in sorted(row.lines.all(), key=lambda line: line.class_code)
        ),
    )  # fmt: skip
