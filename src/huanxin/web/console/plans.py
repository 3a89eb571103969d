"""发放计划: slots on days in several counties, checked against each budget before they open."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huanxin.identity import selectors as identity
from huanxin.kernel import money
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, budget_code
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import releasing
from huanxin.vouchers.types import NewPlan, PlannedPool
from huanxin.web.console import choices
from huanxin.web.console.release_forms import PlanForm
from huanxin.web.forms import refused
from huanxin.web.parts import Confirmation, Fact
from huanxin.web.session import actor_of, audience, permitted

NEW = "console/plan_new.html"
_MANY = ("regions", "categories")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.open_pool")
def new_plan(request: HttpRequest) -> HttpResponse:
    """The form; once it can be read, what it comes to, county by county."""
    actor = actor_of(request)
    if request.method != "POST":
        return render(request, NEW, _new(_form(actor, initial=_typed_before(request))))
    form = _form(actor, request.POST)
    if not form.is_valid():
        return render(request, NEW, _new(form), status=422)
    try:
        planned = vouchers.preview_plan(form.as_plan())
    except DomainError as refusal:
        return refused(request, NEW, _new(form), refusal)
    confirmation = _confirmation(form, form.as_plan(), planned)
    context = {"confirmation": confirmation, "title": _("安排发放计划")}
    return render(request, "console/confirm.html", context)


@require_POST
@audience("console")
def open_plan(request: HttpRequest) -> HttpResponse:
    actor, form = actor_of(request), _form(actor_of(request), request.POST)
    if not form.is_valid():
        return render(request, NEW, _new(form), status=422)
    try:
        plan_id = releasing.open_plan(
            actor=actor, plan=form.as_plan(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, NEW, _new(form), refusal)
    return redirect(f"{reverse('console:pools')}?plan={plan_id}")


def _form(actor: Actor, typed: Any = None, *, initial: dict[str, Any] | None = None) -> PlanForm:
    programmes = choices.programmes(in_force=True)
    asked = (typed or initial or {}).get("programme", "")
    chosen = asked if asked in dict(programmes) else choices.first_funded(actor, programmes)
    return PlanForm(
        typed,
        initial={**(initial or {}), "programme": chosen},
        programmes=programmes,
        regions=choices.regions(actor),
        categories=choices.categories_of(chosen) if chosen else [],
    )


def _new(form: PlanForm) -> dict[str, Any]:
    return {"form": form, "chosen": form["programme"].value()}


def _typed_before(request: HttpRequest) -> dict[str, Any]:
    typed: dict[str, Any] = {k: v for k, v in request.GET.items() if k not in _MANY}
    return typed | {name: request.GET.get(name, "").split(",") for name in _MANY}


def _confirmation(form: PlanForm, plan: NewPlan, planned: list[PlannedPool]) -> Confirmation:
    typed = form.cleaned_data
    raw = {name: form.data[name] for name in form.fields if name in form.data}
    raw |= {"regions": ",".join(plan.region_codes), "categories": ",".join(plan.categories)}
    raw["request_id"] = str(typed["request_id"])
    again = {name: value for name, value in raw.items() if name != "request_id"}
    names = choices.names(choices.categories())
    short = [fact for code in plan.region_codes if (fact := _shortage(plan, code, planned))]
    return Confirmation(
        title=_("从各地区预算划入全部场次"),
        amount_fen=sum(one.budget_fen for one in planned),
        sentence=_("%(count)s 场，名额共 %(places)s 份。%(what)s")
        % {
            "count": len(planned), "places": f"{sum(one.quantity for one in planned):,}",
            "what": _("资金不足，尚不能确认。") if short else _("要么全部开放，要么一场也不开放。"),
        },
        facts=[
            Fact(_("名称"), plan.title),
            Fact(_("品类"), "、".join(names[code] for code in plan.categories)),
            Fact(_("第一场"), planned[0].opens_at, "time"),
            Fact(_("最后一场"), planned[-1].opens_at, "time"),
            Fact(_("场内分批"), _("%s 批") % len(plan.stages) if plan.stages else _("不分批")),
            Fact(_("场次余量"), _("转入下一场") if plan.carries_rest else _("退回预算")),
            *short,
            *(_budget_fact(plan, code, planned) for code in plan.region_codes),
        ],
        action=reverse("console:open_plan"),
        button=_("确认开放全部场次"),
        back=reverse("console:new_plan") + "?" + urlencode(again),
        fields=raw,
        warning=_("确认后各场资金随即从预算划入并公布；每场到时间自动开放。"),
    )  # fmt: skip


def _of(region_code: str, planned: list[PlannedPool]) -> list[PlannedPool]:
    return [one for one in planned if one.region_code == region_code]


def _available(plan: NewPlan, region_code: str) -> int:
    found = ledger.find_balance(budget_code(region_code, plan.programme)) or Balance()
    return found.available_fen


def _shortage(plan: NewPlan, region_code: str, planned: list[PlannedPool]) -> Fact | None:
    """The first slot a budget does not reach for, said before anything is opened."""
    short = vouchers.first_short_slot(_of(region_code, planned), _available(plan, region_code))
    if short is None:
        return None
    region = identity.get_region(region_code).name
    return Fact(_("%s资金不足") % region, _("从“%s”一场起不足") % short.title)


def _budget_fact(plan: NewPlan, region_code: str, planned: list[PlannedPool]) -> Fact:
    wanted_fen = sum(one.budget_fen for one in _of(region_code, planned))
    available_fen = _available(plan, region_code)
    note = _("预算可用 %(a)s，划出后剩 %(b)s") % {
        "a": money.yuan(available_fen), "b": money.yuan(available_fen - wanted_fen),
    }  # fmt: skip
    return Fact(identity.get_region(region_code).name, wanted_fen, "money", note)
