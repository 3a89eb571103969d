"""The depot: one input weighs a unit in, one page grades, one table says what stands there."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.kernel.paging import Page
from huanxin.recycling.selectors import stock_book
from huanxin.recycling.services import storing
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.depot import StockLine, WeighIn
from huanxin.recycling.types.orders import UnitCard
from huanxin.web import exports, pages, unit_parts
from huanxin.web.claim_lists import page_asked
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.recycler.forms import GradesForm, WeighForm
from huanxin.web.recycler.jobs import own_id
from huanxin.web.session import actor_of, audience, permitted

WEIGH, GRADING = "recycler/weigh.html", "recycler/grading.html"
_COMING = UnitState.COLLECTED


@require_http_methods(["GET", "HEAD", "POST"])
@audience("recycler")
@permitted("recycling.depot")
def weigh(request: HttpRequest) -> HttpResponse:
    """Scan, read the scale, next."""
    actor, form = actor_of(request), WeighForm(request.POST or None)
    if not form.is_bound:
        return pages.page(request, WEIGH, _weigh_context(request, form))
    if not form.is_valid():
        return pages.page(request, WEIGH, _weigh_context(request, form), status=422)
    said = form.cleaned_data
    try:
        storing.receive_at_depot(
            actor=actor, depot_org_id=own_id(actor),
            weights=[WeighIn(said["scan"], said["mass_g"])], request_id=said["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, WEIGH, _weigh_context(request, form), refusal)
    return redirect(f"{reverse('recycler:weigh')}?last={said['scan']}")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("recycler")
@permitted("recycling.depot")
def grading(request: HttpRequest) -> HttpResponse:
    """A page of ungraded units; each that was given a grade is stored, the others stay."""
    actor = actor_of(request)
    found = stock_book.list_units(actor.scope, state=UnitState.IN_DEPOT, is_graded=False)
    codes = request.POST.getlist("unit") or [unit.unit_code or "" for unit in found.items]
    form = GradesForm(request.POST or None, codes=codes)
    context = _grading_context(request, form, found)
    if not form.is_bound or not form.is_valid() or not form.as_grades():
        return pages.page(request, GRADING, context, status=422 if form.is_bound else 200)
    try:
        count = storing.grade_units(
            actor=actor, depot_org_id=own_id(actor), grades=form.as_grades(),
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, GRADING, context, refusal)
    return redirect(f"{reverse('recycler:grading')}?graded={count}")


@require_safe
@audience("recycler")
@permitted("recycling.depot")
def stock(request: HttpRequest) -> HttpResponse:
    """What stands in the depot by waste class and state, with its units below."""
    actor = actor_of(request)
    lines = stock_book.list_depot_stock(actor.scope)
    table = _stock_table(lines)
    if wanted := request.GET.get("export", ""):
        return exports.table_file(table, wanted)
    context = {
        "table": table,
        "units": _units_table(actor, page_asked(request.GET.get("page", "1"))),
    }
    return pages.page(request, "recycler/stock.html", context)


def _weigh_context(request: HttpRequest, form: WeighForm) -> dict[str, Any]:
    actor = actor_of(request)
    last = request.GET.get("last", "")
    coming = stock_book.list_units(actor.scope, state=_COMING, size=12)
    names = unit_parts.category_names()
    return {
        "form": form,
        "request_id": form["request_id"].value() if form.is_bound else ids.new_id(),
        "last": stock_book.find_unit(last, actor.scope) if last else None,
        "names": names,
        "coming": [(names[unit.category_code], unit) for unit in coming.items],
        "coming_count": coming.total,
        "refusal": None,
    }


def _grading_context(
    request: HttpRequest, form: GradesForm, found: Page[UnitCard]
) -> dict[str, Any]:
    names, units = unit_parts.category_names(), {unit.unit_code: unit for unit in found.items}
    graded = request.GET.get("graded", "")
    lines = [
        (names[units[code].category_code], units[code], grade, step)
        for code, grade, step in form.lines
        if code in units
    ]
    return {
        "form": form,
        "lines": lines,
        "left": found.total,
        "graded": graded if graded.isdigit() else "",
        "request_id": form["request_id"].value() if form.is_bound else ids.new_id(),
        "is_blank": form.is_bound and form.is_valid() and not form.as_grades(),
        "empty": Empty(_("没有待分级的旧机"), _("过磅入库后，旧机会出现在这里。"), icon="check"),
        "refusal": None,
    }


def _stock_table(lines: list[StockLine]) -> Table:
    names = unit_parts.class_names()
    columns = (
        Column("class_code", _("类别")),
        Column("state", _("状态"), "pill:unit"),
        Column("units", _("台数"), "count"),
        Column("mass_g", _("重量"), "mass"),
    )
    rows = [
        Row(
            {
                "class_code": names.get(line.class_code, line.class_code), "state": line.state,
                "units": line.unit_count, "mass_g": line.mass_g or None,
            }
        )
        for line in lines
    ]  # fmt: skip
    totals = {
        "units": sum(line.unit_count for line in lines),
        "mass_g": sum(line.mass_g for line in lines),
    }
    empty = Empty(
        _("仓里还没有旧机"), _("取走的旧机过磅后入库。"), reverse("recycler:weigh"), _("去过磅")
    )
    return Table(
        "stock", _("库存"), columns, rows, totals=totals, can_export=True, empty=empty
    )  # fmt: skip


def _units_table(actor: Actor, page: int) -> Table:
    found = stock_book.list_units(actor.scope, state=UnitState.IN_DEPOT, page=page)
    names = unit_parts.category_names()
    columns = (
        Column("unit_code", _("机身码"), "number"),
        Column("what", _("旧机")),
        Column("mass_g", _("重量"), "mass"),
        Column("grade", _("等级")),
        Column("step", _("去向"), "pill:next_step"),
    )
    rows = [
        Row(
            {
                "unit_code": unit.unit_code, "what": names[unit.category_code],
                "mass_g": unit.mass_g, "grade": unit.grade,
                "step": unit.next_step or "ungraded",
            },
            href=reverse("public:trace", args=[unit.unit_code]),
        )
        for unit in found.items
    ]  # fmt: skip
    return Table(
        "units", _("在库旧机"), columns, rows, page=found.number, pages=found.pages,
        total_count=found.total, empty=Empty(_("没有在库旧机"), icon="box"),
    )  # fmt: skip
