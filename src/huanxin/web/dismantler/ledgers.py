"""A dismantler's own books: coefficients, stock-takes, what the fund owes."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import plant_book
from huanxin.recycling.services import counting
from huanxin.recycling.types.floor import StockTakeLine
from huanxin.web import exports, pages, unit_parts, values
from huanxin.web.dismantler.forms import CountForm
from huanxin.web.dismantler.runs import own_id
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.session import actor_of, audience, permitted

COUNTS, FUND = "dismantler/counts.html", "dismantler/fund.html"
_MONTHS = 13


@require_safe
@audience("dismantler")
@permitted("recycling.read")
def balance_book(request: HttpRequest) -> HttpResponse:
    """A month's outputs beside the published shares of what went in (物料系数法)."""
    month = month_asked(request)
    table = coefficients_table(actor_of(request).scope, month)
    if wanted := request.GET.get("export", ""):
        return exports.table_file(table, wanted)
    context = {"table": table, "filters": [month_filter(month)]}
    return pages.page(request, "dismantler/balance_book.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("dismantler")
@permitted("recycling.dismantle")
def counts(request: HttpRequest) -> HttpResponse:
    """The floor by the book; what was counted is typed beside it (期末盘点法)."""
    actor = actor_of(request)
    book = plant_book.list_book_stock(actor.scope)
    form = CountForm(request.POST or None, lines=book)
    context = _count_context(request, form)
    if not form.is_bound or not form.is_valid():
        return pages.page(request, COUNTS, context, status=422 if form.is_bound else 200)
    try:
        card = counting.count_stock(
            actor=actor, dismantler_org_id=own_id(actor), counts=form.as_counts(),
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, COUNTS, context, refusal)
    response = redirect("dismantler:counts")
    response["Location"] += f"?done={card.number}"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@audience("dismantler")
@permitted("recycling.dismantle")
def fund(request: HttpRequest) -> HttpResponse:
    """What a month's certificates are worth, by class and unit; handed in once."""
    actor, month = actor_of(request), month_asked(request)
    form = RequestForm(request.POST or None)
    if wanted := request.GET.get("export", ""):
        return exports.table_file(fund_units_table(actor.scope, month), wanted)
    context = _fund_context(request, month, form)
    if not form.is_bound or not form.is_valid():
        return pages.page(request, FUND, context, status=422 if form.is_bound else 200)
    try:
        counting.claim_fund(
            actor=actor, dismantler_org_id=own_id(actor), month=month,
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, FUND, context, refusal)
    response = redirect("dismantler:fund")
    response["Location"] += f"?month={month:%Y-%m}"
    return response


def month_asked(request: HttpRequest) -> date:
    """The first day of the asked month; of this one where nothing usable was asked."""
    asked = request.GET.get("month", "") or request.POST.get("month", "")
    known = dict(_months())
    return known.get(asked, clock.today().replace(day=1))


def month_filter(month: date) -> Filter:
    options = [(key, values.month_words(first)) for key, first in _months()]
    return Filter("month", _("月份"), f"{month:%Y-%m}", "choice", options)


def _months() -> list[tuple[str, date]]:
    first, found = clock.today().replace(day=1), []
    for _n in range(_MONTHS):
        found.append((f"{first:%Y-%m}", first))
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    return found


def coefficients_table(scope: Scope, month: date) -> Table:
    names = unit_parts.class_names()
    columns = (
        Column("class", _("类别")), Column("material", _("产出物")),
        Column("mass_in_g", _("投入"), "mass"), Column("expected_g", _("按系数应出"), "mass"),
        Column("found_g", _("实际产出"), "mass"), Column("standing", _("核算")),
        Column("source", _("系数出处")),
    )  # fmt: skip
    rows = [
        Row(
            {
                "class": names.get(one.class_code, one.class_code), "material": one.name,
                "mass_in_g": one.mass_in_g, "expected_g": one.expected_g,
                "found_g": one.found_g, "standing": _("偏离") if one.is_off else _("相符"),
                "source": one.source,
            },
            tone="warn" if one.is_off else "",
        )
        for one in plant_book.list_coefficients(scope, month=month)
    ]  # fmt: skip
    totals = {key: sum(int(str(row.values[key])) for row in rows)
              for key in ("expected_g", "found_g")}  # fmt: skip
    return Table(
        "coefficients", _("物料系数核算"), columns, rows, totals=totals, can_export=True,
        empty=Empty(_("这个月没有拆解"), icon="scale"),
    )  # fmt: skip


def book_table(lines: list[StockTakeLine]) -> Table:
    """The floor by the book: opening + in - out, by class."""
    names = unit_parts.class_names()
    columns = (
        Column("class", _("类别")), Column("opening", _("期初（台）"), "count"),
        Column("came", _("验收（台）"), "count"), Column("went", _("拆解（台）"), "count"),
        Column("book", _("账面（台）"), "count"), Column("book_g", _("账面重量"), "mass"),
    )  # fmt: skip
    rows = [
        Row(
            {
                "class": names.get(one.class_code, one.class_code),
                "opening": one.opening_count, "came": one.in_count, "went": one.out_count,
                "book": one.book_count, "book_g": one.book_g,
            }
        )
        for one in lines
    ]  # fmt: skip
    totals = {
        "opening": sum(one.opening_count for one in lines),
        "came": sum(one.in_count for one in lines), "went": sum(one.out_count for one in lines),
        "book": sum(one.book_count for one in lines), "book_g": sum(one.book_g for one in lines),
    }  # fmt: skip
    return Table("book", _("库存账"), columns, rows, totals=totals)


def fund_table(scope: Scope, month: date) -> Table:
    """By class: units, rate, sum."""
    names = unit_parts.class_names()
    lines = plant_book.list_fund_lines(scope, month=month)
    columns = (
        Column("class", _("类别")), Column("units", _("台数"), "count"),
        Column("rate", _("每台"), "money"), Column("total", _("应补"), "money"),
        Column("note", _("说明")),
    )  # fmt: skip
    rows = [
        Row(
            {
                "class": names.get(one.class_code, one.class_code), "units": one.unit_count,
                "rate": one.rate_fen, "total": one.total_fen,
                "note": _("本类没有补贴标准") if one.rate_fen is None
                else _("标准为平台假定，待核") if one.is_assumed else "",
            }
        )
        for one in lines
    ]  # fmt: skip
    totals = {
        "units": sum(one.unit_count for one in lines),
        "total": sum(one.total_fen for one in lines),
    }
    return Table(
        "fund", _("按类应补"), columns, rows, totals=totals,
        empty=Empty(_("这个月没有拆解"), icon="money"),
    )  # fmt: skip


def fund_units_table(scope: Scope, month: date) -> Table:
    """Unit by unit with its certificate."""
    names = unit_parts.class_names()
    columns = (
        Column("unit", _("机身码"), "number"), Column("class", _("类别")),
        Column("certificate", _("拆解证明"), "number"), Column("on", _("拆解日期"), "day"),
        Column("rate", _("应补"), "money"),
    )  # fmt: skip
    found = plant_book.list_fund_units(scope, month=month)
    rows = [
        Row(
            {
                "unit": one.unit_code, "class": names.get(one.class_code, one.class_code),
                "certificate": one.certificate_no, "on": one.dismantled_on, "rate": one.rate_fen,
            }
        )
        for one in found
    ]  # fmt: skip
    return Table(
        "fund-units", _("逐台应补"), columns, rows, can_export=True,
        totals={"rate": sum(one.rate_fen for one in found)},
        empty=Empty(_("没有可申报的旧机"), icon="money"),
    )  # fmt: skip


def _count_context(request: HttpRequest, form: CountForm) -> dict[str, Any]:
    takes = plant_book.list_stock_takes(actor_of(request).scope)
    return {
        "form": form,
        "names": unit_parts.class_names(),
        "lines": [(unit_parts.class_name(line.class_code), line, *rest)
                  for line, *rest in form.lines],
        "takes": takes.items,
        "done": request.GET.get("done", ""),
        "request_id": form["request_id"].value() if form.is_bound else ids.new_id(),
        "refusal": None,
    }  # fmt: skip


def _fund_context(request: HttpRequest, month: date, form: RequestForm) -> dict[str, Any]:
    scope = actor_of(request).scope
    table = fund_table(scope, month)
    return {
        "filters": [month_filter(month)],
        "month": f"{month:%Y-%m}",
        "month_words": values.month_words(month),
        "table": table,
        "units": fund_units_table(scope, month),
        "total_fen": table.totals["total"],
        "is_over": month < clock.today().replace(day=1),
        "claim": plant_book.find_fund_claim(scope, month=month),
        "request_id": form["request_id"].value() if form.is_bound else ids.new_id(),
        "refusal": None,
    }
