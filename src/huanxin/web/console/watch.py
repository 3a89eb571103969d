"""The desk watched: what is stopped, what is muted, what each check does, and by which numbers."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.claims import selectors
from huanxin.claims.errors import TermsInvalid
from huanxin.claims.services import watching
from huanxin.claims.types.desk import (
    DrawCard,
    NewWaiver,
    StopCard,
    StopKind,
    StopOutcome,
    Stratum,
    WaiverSubject,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.kernel.paging import Page
from huanxin.web.claim_lists import day_asked, page_asked
from huanxin.web.forms import MomentField, RequestForm, refused
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.session import actor_of, audience, permitted

PAGE, TERMS, SAMPLES = "console/watch.html", "console/desk_terms.html", "console/samples.html"
OUTCOMES: dict[StopOutcome, Promise] = {
    StopOutcome.FREE: gettext_lazy("扩大抽查无异常，恢复付款"),
    StopOutcome.REVIEW_ALL: gettext_lazy("逐件人工复核"),
    StopOutcome.CHECK_WRONG: gettext_lazy("检查有误：放行，并停用该检查 7 天"),
    StopOutcome.CHECK_RIGHT: gettext_lazy("检查无误：不限量重新核验"),
}
SUBJECTS: dict[WaiverSubject, Promise] = {
    WaiverSubject.ALL: gettext_lazy("全部（停用，最长 7 天）"),
    WaiverSubject.MERCHANT: gettext_lazy("某商户（企业编号）"),
    WaiverSubject.MODEL: gettext_lazy("某型号（商品条码）"),
    WaiverSubject.PERSON: gettext_lazy("某居民（居民编号）"),
    WaiverSubject.REGION: gettext_lazy("某地区（地区路径）"),
}
STRATA: dict[Stratum, Promise] = {
    Stratum.WATCHED: gettext_lazy("近期抽查未通过的商户"),
    Stratum.NOTED: gettext_lazy("有提示的申报"),
    Stratum.NEW_SHOP: gettext_lazy("新商户"),
    Stratum.LARGE: gettext_lazy("金额较大"),
    Stratum.PLAIN: gettext_lazy("其他"),
}


class SettleForm(RequestForm):
    outcome = forms.ChoiceField(label=gettext_lazy("处理"))
    note = forms.CharField(label=gettext_lazy("核实情况"), min_length=4, max_length=400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"] = forms.ChoiceField(
            label=gettext_lazy("处理"), choices=[(k.value, w) for k, w in OUTCOMES.items()]
        )


class WaiverForm(RequestForm):
    check_id = forms.ChoiceField(label=gettext_lazy("检查"))
    subject = forms.ChoiceField(
        label=gettext_lazy("对谁豁免"), choices=[(k.value, w) for k, w in SUBJECTS.items()]
    )
    key = forms.CharField(label=gettext_lazy("对象编号"), max_length=80, required=False)
    until_at = MomentField(label=gettext_lazy("到期时间"))
    reason = forms.CharField(label=gettext_lazy("原因"), min_length=4, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        checks = [(one.check_id, one.title) for one in selectors.list_checks()]
        self.fields["check_id"] = forms.ChoiceField(label=gettext_lazy("检查"), choices=checks)

    def as_waiver(self) -> NewWaiver:
        typed = self.cleaned_data
        return NewWaiver(
            typed["check_id"], WaiverSubject(typed["subject"]), typed["key"].strip(),
            typed["reason"], typed["until_at"],
        )  # fmt: skip


class TermsForm(RequestForm):
    content = forms.CharField(
        label=gettext_lazy("参数全文（JSON）"), max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 20, "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("为什么改"), min_length=4, max_length=200)

    def as_content(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self.cleaned_data["content"]))
        except (ValueError, TypeError) as error:
            raise TermsInvalid(reason=_("不是有效的 JSON")) from error


@require_safe
@audience("console")
@permitted("claims.settle_stop")
def watch(request: HttpRequest) -> HttpResponse:
    return render(request, PAGE, _context(actor_of(request)))


@require_POST
@audience("console")
@permitted("claims.settle_stop")
def settle(request: HttpRequest, stop_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), SettleForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(actor, stop_id=stop_id, typed=form), status=422)
    typed = form.cleaned_data
    try:
        watching.settle_stop(
            actor=actor, stop_id=stop_id, outcome=StopOutcome(typed["outcome"]),
            note=typed["note"], request_id=typed["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, stop_id=stop_id, typed=form), refusal)
    return redirect("console:watch")


@require_POST
@audience("console")
@permitted("claims.waive_check")
def waive(request: HttpRequest) -> HttpResponse:
    actor, form = actor_of(request), WaiverForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(actor, waiver=form), status=422)
    try:
        watching.waive_check(
            actor=actor, waiver=form.as_waiver(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, waiver=form), refusal)
    return redirect("console:watch")


@require_POST
@audience("console")
@permitted("claims.waive_check")
def end(request: HttpRequest, waiver_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        watching.end_waiver(actor=actor, waiver_id=waiver_id, reason=request.POST.get("reason", ""))
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor), refusal)
    return redirect("console:watch")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("claims.propose_terms")
def terms(request: HttpRequest) -> HttpResponse:
    """Every version of the desk's numbers, and proposing the next."""
    versions = selectors.list_terms()
    first = json.dumps(versions[0].content, ensure_ascii=False, indent=2) if versions else ""
    form = TermsForm(request.POST or None, initial={"content": first})
    context = _terms_context(actor_of(request)) | {"form": form}
    if not form.is_valid():
        return render(request, TERMS, context, status=422 if form.is_bound else 200)
    typed = form.cleaned_data
    try:
        watching.propose_terms(
            actor=actor_of(request), content=form.as_content(), reason=typed["reason"],
            request_id=typed["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, TERMS, context, refusal)
    return redirect("console:desk_terms")


@require_POST
@audience("console")
@permitted("claims.approve_terms")
def approve(request: HttpRequest, terms_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        watching.approve_terms(actor=actor, terms_id=terms_id)
    except DomainError as refusal:
        context = _terms_context(actor) | {"form": TermsForm()}
        return refused(request, TERMS, context, refusal)
    return redirect("console:desk_terms")


@require_safe
@audience("console")
@permitted("claims.settle_stop")
def samples(request: HttpRequest) -> HttpResponse:
    """A day's urn: who lay in it, who was drawn, and the seed once it may be told."""
    on = day_asked(request.GET.get("on", "")) or clock.today()
    scope, number = actor_of(request).scope, page_asked(request.GET.get("page", "1"))
    day, found = selectors.get_sample_day(on), selectors.list_draws(scope, on, page=number)
    counts = [(STRATA[one], *day.counts[one]) for one in Stratum if one in day.counts]
    around = {"before": on - timedelta(days=1), "after": on + timedelta(days=1), "on": on}
    return render(request, SAMPLES, {"day": day, "counts": counts, "table": _urn(found), **around})


def _urn(found: Page[DrawCard]) -> Table:
    columns = (
        Column("number", _("单号"), "number"), Column("stratum", _("分层")),
        Column("value", _("抽签值（万分位）"), "count"), Column("rate", _("抽查率"), "percent"),
        Column("drawn", _("结果")),
    )  # fmt: skip
    rows = [
        Row(
            {"number": one.number, "stratum": str(STRATA[one.stratum]), "value": one.value_bps,
             "rate": one.rate_bps, "drawn": _("抽中") if one.is_drawn else _("未抽中")},
            href=reverse("console:claim", args=[one.claim_id]), tone="warn" if one.is_drawn else "",
        )
        for one in found.items
    ]  # fmt: skip
    empty = Empty(_("这一天没有抽签"), _("通过系统核验的申报会进入当天的抽签。"))
    return Table("draws", _("当天通过核验的申报"), columns, rows, empty=empty, page=found.number,
                 pages=found.pages, total_count=found.total)  # fmt: skip


def _context(
    actor: Actor,
    *,
    stop_id: UUID | None = None,
    typed: SettleForm | None = None,
    waiver: WaiverForm | None = None,
) -> dict[str, Any]:
    stops = selectors.list_stops(actor.scope)
    until: date = clock.today() + timedelta(days=7)
    return {
        "stops": [_stop(one, actor, typed if one.stop_id == stop_id else None) for one in stops],
        "ended": selectors.list_stops(actor.scope, is_closed=True)[:10],
        "waivers": selectors.list_waivers(actor.scope),
        "checks": _checks(),
        "may_waive": identity.may(actor, "claims.waive_check"),
        "may_terms": identity.may(actor, "claims.propose_terms"),
        "waiver_form": waiver or WaiverForm(initial={"until_at": f"{until}T18:00"}),
        "waiver_open": waiver is not None,
        "now": clock.now(),
    }


def _checks() -> Table:
    columns = (
        Column("title", _("检查")), Column("reason", _("理由"), "number"),
        Column("outcome", _("结果"), "pill:finding"), Column("stopped", _("拦下"), "count"),
        Column("allowed", _("上限"), "count"), Column("state", _("运行")),
    )  # fmt: skip
    found = sorted(
        selectors.list_checks(), key=lambda one: (not one.is_stopped, -one.stopped_count)
    )
    rows = [
        Row(
            {"title": one.title, "reason": one.reason_code, "outcome": one.outcome,
             "stopped": one.stopped_count, "allowed": one.allowed_count,
             "state": _("已停用，待核实") if one.is_stopped else _("正常")},
            tone="danger" if one.is_stopped else "",
        )
        for one in found
    ]  # fmt: skip
    return Table("checks", _("各项检查"), columns, rows, total_count=len(rows))


def _stop(one: StopCard, actor: Actor, typed: SettleForm | None) -> dict[str, Any]:
    allowed = (
        (StopOutcome.FREE, StopOutcome.REVIEW_ALL)
        if one.kind is StopKind.SHOP
        else (StopOutcome.CHECK_WRONG, StopOutcome.CHECK_RIGHT)
    )
    form = typed or SettleForm(initial={"outcome": one.proposed_outcome or allowed[0]})
    field = form.fields["outcome"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(k.value, OUTCOMES[k]) for k in allowed]
    return {
        "card": one, "form": form, "is_mine": one.proposed_by == actor.account_id,
        "proposed": OUTCOMES.get(one.proposed_outcome) if one.proposed_outcome else "",
    }  # fmt: skip


def _terms_context(actor: Actor) -> dict[str, Any]:
    versions = selectors.list_terms()
    standing = next((one for one in versions if one.approved_at), None)
    number = standing.number if standing else 0
    return {
        "standing": standing,
        "proposed": [one for one in versions if one.approved_at is None and one.number > number],
        "text": json.dumps(standing.content, ensure_ascii=False, indent=2) if standing else "",
        "strata": [(STRATA[one], standing.terms.sample_bps[one]) for one in Stratum]
        if standing
        else [],
        "me": actor.account_id,
    }
