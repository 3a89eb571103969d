"""The depot: one input weighs a unit in, one page grades, one table says what stands there."""

from collections.abc import Sequence
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
from huanxin.recycling.types.depot import WeighIn
from huanxin.recycling.types.orders import UnitCard
from huanxin.web import exports, licences, pages, unit_parts
from huanxin.web.forms import refused
from huanxin.web.parts import Empty
from huanxin.web.recycler import stock_parts
from huanxin.web.recycler.forms import GradeForm, WeighForm
from huanxin.web.recycler.jobs import own_id
from huanxin.web.recycler.stock_parts import StockAsked
from huanxin.web.session import actor_of, audience, permitted

WEIGH, GRADING = "recycler/weigh.html", "recycler/grading.html"
_COMING = UnitState.COLLECTED
_SHOWN = 20


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
    """One unit at a time: the inspector answers, the published standard decides."""
    actor = actor_of(request)
    found = stock_book.list_units(actor.scope, state=UnitState.IN_DEPOT, is_graded=False)
    form = _grade_form(request, actor, found.items)
    context = _grading_context(request, form, found)
    if not form.is_bound or not form.is_valid():
        return pages.page(request, GRADING, context, status=422 if form.is_bound else 200)
    one = form.as_inspection()
    try:
        storing.grade_units(
            actor=actor, depot_org_id=own_id(actor), inspections=[one],
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, GRADING, context, refusal)
    return redirect(f"{reverse('recycler:grading')}?graded={one.unit_code}")


@require_safe
@audience("recycler")
@permitted("recycling.depot")
def stock(request: HttpRequest) -> HttpResponse:
    """What stands in the depot by waste class and state, and its units, the longest there first."""
    actor = actor_of(request)
    lines = stock_book.list_depot_stock(actor.scope)
    asked = StockAsked.of(request)
    units = stock_parts.units_table(actor.scope, asked)
    if wanted := request.GET.get("export", ""):
        is_units = request.GET.get("of") == "units"
        return exports.table_file(units if is_units else stock_parts.totals_table(lines), wanted)
    context = {
        "table": stock_parts.totals_table(lines),
        "units": units,
        "filters": asked.filters(lines),
        "licences": licences.warnings(actor),
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


def _grade_form(request: HttpRequest, actor: Actor, waiting: Sequence[UnitCard]) -> GradeForm:
    """The questions for the unit that was asked for, or the first that waits."""
    codes = [unit.unit_code or "" for unit in waiting]
    questions = stock_book.grading_questions()
    if request.method == "POST":
        known = stock_book.find_unit(request.POST.get("unit", ""), actor.scope)
        if known is not None and known.unit_code:
            codes.append(known.unit_code)  # sent twice, or graded anew
        return GradeForm(request.POST, questions=questions, codes=codes)
    asked = request.GET.get("unit", "")
    first = asked if asked in codes else next(iter(codes), "")
    return GradeForm(questions=questions, codes=codes, initial={"unit": first})


def _grading_context(
    request: HttpRequest, form: GradeForm, found: Page[UnitCard]
) -> dict[str, Any]:
    names = unit_parts.category_names()
    graded = stock_book.find_unit(request.GET.get("graded", ""), actor_of(request).scope)
    current = form["unit"].value()
    return {
        "form": form,
        "unit": next((one for one in found.items if one.unit_code == current), None),
        "names": names,
        "waiting": [(names[one.category_code], one) for one in found.items[:_SHOWN]],
        "left": found.total,
        "graded": graded,
        "graded_name": names[graded.category_code] if graded else "",
        "request_id": form["request_id"].value() if form.is_bound else ids.new_id(),
        "empty": Empty(_("没有待分级的旧机"), _("过磅入库后，旧机会出现在这里。"), icon="check"),
        "refusal": None,
    }
