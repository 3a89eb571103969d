"""A dismantling run: units of one class in, materials out, mass in balance, then a certificate."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError, NotFound
from huanxin.recycling.selectors import floor_book, plant_book, stock_book
from huanxin.recycling.services import dismantling
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.depot import StockLine
from huanxin.recycling.types.floor import MaterialOut, NewRun, PartCount, RunBalance
from huanxin.web import drafts, pages, unit_parts, values
from huanxin.web.dismantler.forms import ChooseForm, OutputsForm
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Column, Empty, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

SCALE, BALANCE, CONFIRM = (
    "dismantler/scale.html", "dismantler/_balance.html", "dismantler/confirm.html",
)  # fmt: skip
_DRAFT, _SIDE = "run", "dismantler:floor"
_MOST_UNITS = 500


@require_safe
@audience("dismantler")
@permitted("recycling.dismantle")
def floor(request: HttpRequest) -> HttpResponse:
    """What waits, by class: a run takes one class."""
    table = _floor_table(floor_book.list_floor_stock(actor_of(request).scope))
    context = {"table": table, "has_draft": bool(drafts.load(request, _DRAFT))}
    return pages.page(request, "dismantler/floor.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("dismantler")
@permitted("recycling.dismantle")
def choose(request: HttpRequest, class_code: str) -> HttpResponse:
    found = stock_book.list_units(
        actor_of(request).scope, state=UnitState.AT_DISMANTLER, class_code=class_code,
        size=_MOST_UNITS,
    )  # fmt: skip
    codes = [unit.unit_code or "" for unit in found.items]
    form = ChooseForm(request.POST or None, codes=codes)
    if form.is_bound and form.is_valid():
        draft = {"codes": form.cleaned_data["units"], "class_code": class_code}
        drafts.keep(request, _DRAFT, draft)
        return redirect("dismantler:scale")
    names = unit_parts.category_names()
    context = {
        "side": _SIDE,
        "form": form,
        "class_code": class_code,
        "class_name": unit_parts.class_name(class_code),
        "units": [(names[unit.category_code], unit) for unit in found.items],
        "ticked": set(form["units"].value() or []) if form.is_bound else set(codes),
    }
    return pages.page(
        request, "dismantler/choose.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@audience("dismantler")
@permitted("recycling.dismantle")
def scale(request: HttpRequest) -> HttpResponse:
    """The outputs on the scale; what balances goes on to the last look."""
    actor, draft = actor_of(request), drafts.load(request, _DRAFT)
    if not draft:
        return redirect("dismantler:floor")
    try:
        form, seen = _weigh(request, actor, draft)
    except DomainError as refusal:
        drafts.drop(request, _DRAFT)
        return refused(request, "dismantler/stale.html", {"side": _SIDE}, refusal)
    if form.is_bound and form.is_valid() and seen.holds and request.POST.get("do") != "check":
        outputs = {out.material_code: out.mass_g for out in form.as_outputs()}
        parts = {part.part_code: part.count for part in form.as_parts()}
        drafts.keep(request, _DRAFT, {**draft, "outputs": outputs, "parts": parts})
        return redirect("dismantler:confirm")
    status = 422 if form.is_bound and not form.is_valid() else 200
    return pages.page(request, SCALE, _scale_context(draft, form, seen), status=status)


@require_POST
@audience("dismantler")
@permitted("recycling.dismantle")
def balance(request: HttpRequest) -> HttpResponse:
    """The balance of what is typed so far, as one types."""
    draft = drafts.load(request, _DRAFT)
    if not draft:
        return redirect("dismantler:floor")
    form, seen = _weigh(request, actor_of(request), draft)
    return pages.page(request, BALANCE, _scale_context(draft, form, seen))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@audience("dismantler")
@permitted("recycling.dismantle")
def confirm(request: HttpRequest) -> HttpResponse:
    """The last look, then the passports close and the certificate is issued."""
    actor, form = actor_of(request), RequestForm(request.POST or None)
    asked = form.cleaned_data["request_id"] if form.is_bound and form.is_valid() else None
    if asked and (number := drafts.load(request, f"ran:{asked}").get("number")):
        return redirect("dismantler:certificate", number=number)
    draft = drafts.load(request, _DRAFT)
    if "outputs" not in draft:
        return redirect("dismantler:floor")
    run = _run(actor, draft)
    context = _confirm_context(actor, run)
    if asked is None:
        return pages.page(request, CONFIRM, context, status=422 if form.is_bound else 200)
    try:
        card = dismantling.dismantle(actor=actor, runs=[run], request_id=asked)[0]
    except DomainError as refusal:
        return refused(request, CONFIRM, context, refusal)
    drafts.drop(request, _DRAFT)
    drafts.keep(request, f"ran:{asked}", {"number": card.number})
    return redirect("dismantler:certificate", number=card.number)


def _floor_table(lines: Sequence[StockLine]) -> Table:
    names = unit_parts.class_names()
    columns = (
        Column("class", _("类别")),
        Column("units", _("待拆台数"), "count"),
        Column("mass_g", _("验收重量"), "mass"),
    )
    rows = [
        Row(
            {
                "class": names.get(line.class_code, line.class_code), "units": line.unit_count,
                "mass_g": line.mass_g,
            },
            href=reverse("dismantler:choose", args=[line.class_code]),
        )
        for line in lines
    ]  # fmt: skip
    totals = {
        "units": sum(line.unit_count for line in lines),
        "mass_g": sum(line.mass_g for line in lines),
    }
    empty = Empty(
        _("没有待拆解的旧机"), _("批次验收后，旧机会按类别列在这里。"),
        reverse("dismantler:lots"), _("去验收"),
    )  # fmt: skip
    return Table("floor", _("待拆解旧机"), columns, rows, totals=totals, empty=empty)


def _weigh(
    request: HttpRequest, actor: Actor, draft: dict[str, Any]
) -> tuple[OutputsForm, RunBalance]:
    """The form as typed, as kept, or as expected, and what it balances to."""
    materials = floor_book.expected_outputs(_run(actor, draft), actor.scope)
    is_known = any(one.mass_g for one in materials)
    kept = draft.get("outputs") or {
        one.material_code: one.mass_g for one in materials if is_known
    }  # fmt: skip
    parts = plant_book.part_shares(draft["class_code"])
    initial: dict[str, Any] = {c: values.plain_kilograms(mass_g) for c, mass_g in kept.items()}
    counted = draft.get("parts", {})
    for part in parts:
        initial[f"part-{part.code}"] = counted.get(part.code, part.each * len(draft["codes"]))
    form = OutputsForm(request.POST or None, materials=materials, parts=parts, initial=initial)
    if form.is_bound:
        form.is_valid()
        outputs = form.as_outputs()
    else:
        outputs = tuple(MaterialOut(code, mass_g) for code, mass_g in kept.items())
    return form, floor_book.weigh_run(_run(actor, draft, outputs), actor.scope)


def _run(
    actor: Actor, draft: dict[str, Any], outputs: tuple[MaterialOut, ...] | None = None
) -> NewRun:
    kept = draft.get("outputs", {})
    if outputs is None:
        outputs = tuple(MaterialOut(code, mass_g) for code, mass_g in kept.items())
    parts = tuple(PartCount(code, count) for code, count in draft.get("parts", {}).items())
    return NewRun(own_id(actor), tuple(draft["codes"]), outputs, parts)


def _scale_context(draft: dict[str, Any], form: OutputsForm, seen: RunBalance) -> dict[str, Any]:
    return {
        "side": _SIDE,
        "form": form,
        "balance": seen,
        "class_name": unit_parts.class_name(seen.class_code),
        "class_code": draft["class_code"],
        "share": values.percent(_share_bps(seen)),
        "tolerance": values.percent(seen.tolerance_bps),
        "off_g": abs(seen.difference_g),
        "refusal": None,
    }


def _share_bps(seen: RunBalance) -> int:
    return abs(seen.difference_g) * 10_000 // seen.mass_in_g if seen.mass_in_g else 0


def _confirm_context(actor: Actor, run: NewRun) -> dict[str, Any]:
    seen = floor_book.weigh_run(run, actor.scope)
    names = {
        one.material_code: one.name for one in floor_book.expected_outputs(run, actor.scope)
    }  # fmt: skip
    note = _("占投入 %(share)s，允许 %(tolerance)s 以内") % {
        "share": values.percent(_share_bps(seen)),
        "tolerance": values.percent(seen.tolerance_bps),
    }
    facts = [
        Fact(_("类别"), unit_parts.class_name(seen.class_code)),
        Fact(_("投入"), seen.mass_in_g, "mass", _("共 %d 台") % seen.unit_count),
        *(Fact(names[out.material_code], out.mass_g, "mass") for out in run.outputs),
        Fact(_("产出合计"), seen.mass_out_g, "mass", is_sum=True),
        Fact(_("差额"), abs(seen.difference_g), "mass", note),
    ]
    return {
        "side": _SIDE,
        "facts": facts,
        "codes": run.unit_codes,
        "request_id": ids.new_id(),
        "refusal": None,
    }


def own_id(actor: Actor) -> UUID:
    if actor.org_id is None:
        raise NotFound(model="Organisation", id="")
    return actor.org_id
