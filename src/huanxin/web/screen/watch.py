"""Alerts, thresholds and targets: what was set for a number, and who answers when it breaks."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from huanxin.dashboards import figures
from huanxin.identity import selectors as identity
from huanxin.indicators import selectors as indicators
from huanxin.indicators.services import targeting
from huanxin.indicators.types import WINDOW_TITLES, NewTarget, Target, Unit
from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.kernel.money import parse_yuan
from huanxin.kernel.speech import said
from huanxin.supervision import selectors as supervision
from huanxin.supervision import services
from huanxin.supervision.errors import ThresholdInvalid
from huanxin.supervision.types import Alert, AlertKind, AlertState, NewThreshold, Threshold
from huanxin.web import pages
from huanxin.web.forms import PlainForm, RequestForm, refused
from huanxin.web.session import actor_of, audience

PAGE = "screen/watch.html"


class _Subject(RequestForm):
    """A metric at a region; choices are what this actor may name."""

    metric_id = forms.ChoiceField(label=_("指标"))
    region_code = forms.ChoiceField(label=_("地区"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metrics = [(m.id, said(m.title)) for m in indicators.list_metrics()]
        regions = [
            (r.code, said(r.name)) for r in identity.list_regions() if actor.scope.covers(r.path)
        ]
        self.fields["metric_id"] = forms.ChoiceField(label=_("指标"), choices=metrics)
        self.fields["region_code"] = forms.ChoiceField(label=_("地区"), choices=regions)

    def smallest(self, name: str) -> int | None:
        """What was typed, in the metric's smallest unit: yuan become fen, per cent basis points."""
        text = self.cleaned_data[name].strip().replace(",", "").replace("%", "")
        if not text:
            return None
        unit = indicators.get_metric(self.cleaned_data["metric_id"]).unit
        if unit in {Unit.FEN, Unit.SHARE_BPS}:
            return parse_yuan(text)
        if not text.isascii() or not text.isdigit() or len(text) > 15:
            raise ThresholdInvalid(reason=gettext("“%s”不是整数") % text)
        return int(text) * (10_000 if unit is Unit.TIMES_BPS else 1)


class ThresholdForm(_Subject):
    period = forms.ChoiceField(
        label=_("期间"), choices=lambda: [(key, said(word)) for key, word in WINDOW_TITLES.items()]
    )
    low = forms.CharField(label=_("低于此值时预警"), required=False, max_length=20)
    high = forms.CharField(label=_("高于此值时预警"), required=False, max_length=20)
    reason = forms.CharField(label=_("为什么设这条线"), max_length=200)

    def as_threshold(self) -> NewThreshold:
        said = self.cleaned_data
        return NewThreshold(
            said["metric_id"], said["region_code"], said["period"], self.smallest("low"),
            self.smallest("high"), said["reason"],
        )  # fmt: skip


class TargetForm(_Subject):
    from_on = forms.DateField(label=_("自"), widget=forms.DateInput(attrs={"type": "date"}))
    to_on = forms.DateField(label=_("至"), widget=forms.DateInput(attrs={"type": "date"}))
    value = forms.CharField(label=_("目标值"), max_length=20)
    document = forms.CharField(label=_("发布文件"), max_length=200)

    def as_target(self) -> NewTarget:
        said = self.cleaned_data
        return NewTarget(
            said["metric_id"], said["region_code"], said["from_on"], said["to_on"],
            self.smallest("value") or 0, said["document"],
        )  # fmt: skip


class NoteForm(PlainForm):
    note = forms.CharField(label=_("已知情况或处置安排"), max_length=500)


@require_safe
@audience("screen")
def watch(request: HttpRequest) -> HttpResponse:
    return pages.page(request, PAGE, _context(actor_of(request)))


@require_POST
@audience("screen")
def acknowledge(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    actor, note = actor_of(request), request.POST.get("note", "")
    try:
        services.acknowledge_alert(actor=actor, alert_id=alert_id, note=note)
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor), refusal)
    return redirect("screen:watch")


@require_POST
@audience("screen")
def set_threshold(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = ThresholdForm(request.POST, actor=actor)
    if not form.is_valid():
        return pages.page(request, PAGE, _context(actor, threshold=form), status=422)
    try:
        services.set_threshold(
            actor=actor, threshold=form.as_threshold(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, threshold=form), refusal)
    return redirect("screen:watch")


@require_POST
@audience("screen")
def withdraw(request: HttpRequest, threshold_id: UUID) -> HttpResponse:
    services.withdraw_threshold(actor=actor_of(request), threshold_id=threshold_id)
    return redirect("screen:watch")


@require_POST
@audience("screen")
def publish_target(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = TargetForm(request.POST, actor=actor)
    if not form.is_valid():
        return pages.page(request, PAGE, _context(actor, target=form), status=422)
    try:
        targeting.publish_target(
            actor=actor, target=form.as_target(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, target=form), refusal)
    return redirect("screen:watch")


def _context(
    actor: Actor, threshold: ThresholdForm | None = None, target: TargetForm | None = None
) -> dict[str, Any]:
    indicators.require_reader(actor)
    names = {region.path: region for region in identity.list_regions()}
    may_set = identity.may(actor, "supervision.set_threshold")
    may_publish = identity.may(actor, "dashboards.publish_target")
    fresh = {"request_id": ids.new_id()}
    return {
        "home": indicators.own_region(actor),
        "alerts": [_alert(one, names) for one in supervision.list_alerts(actor.scope).items],
        "over": [
            _alert(one, names) for one in supervision.list_alerts(actor.scope, is_over=True).items
        ],
        "thresholds": [_line(one, names) for one in supervision.list_thresholds(actor.scope)],
        "targets": [_goal(one, names) for one in indicators.list_targets(actor.scope)],
        "may_answer": identity.may(actor, "supervision.acknowledge"),
        "threshold": (threshold or ThresholdForm(initial=fresh, actor=actor)) if may_set else None,
        "target": (target or TargetForm(initial=fresh, actor=actor)) if may_publish else None,
        "refusal": None,
    }


def _alert(one: Alert, names: dict[str, Any]) -> dict[str, Any]:
    """An alert in words; one of a threshold leads to its number and says whose bound it is."""
    region = names.get(one.region_path)
    shown = {
        "id": one.id, "title": said(one.title),
        "region": said(region.name) if region else gettext("全部地区"),
        "at": one.raised_at, "is_open": one.state is AlertState.OPEN,
        "by": one.acknowledged_by, "answered_at": one.acknowledged_at, "note": one.note,
        "over_at": one.over_at, "href": "", "detail": "",
    }  # fmt: skip
    if one.kind is AlertKind.THRESHOLD and region:
        shown |= _broken(one, region.code)
    return shown


def _broken(one: Alert, region_code: str) -> dict[str, str]:
    facts, metric = one.facts, indicators.get_metric(one.facts["metric_id"])
    bound = facts["low"] if facts["bound"] == "low" else facts["high"]
    value, line = (figures.words(number, metric.unit) for number in (facts["value"], bound))
    address = reverse("screen:metric", args=[region_code, metric.id])
    return {
        "href": f"{address}?period={facts['period']}",
        "detail": gettext("达到 %(value)s，预警线 %(line)s。%(who)s设线：%(why)s。")
        % {"value": value, "line": line, "who": said(facts["set_by"]), "why": facts["reason"]},
    }


def _line(one: Threshold, names: dict[str, Any]) -> dict[str, Any]:
    metric = indicators.get_metric(one.metric_id)
    bounds = [
        f"{word} {figures.words(value, metric.unit)}"
        for word, value in ((gettext("低于"), one.low), (gettext("高于"), one.high))
        if value is not None
    ]
    return {
        "id": one.id, "title": gettext("%(period)s%(metric)s")
        % {"period": said(WINDOW_TITLES[one.period]), "metric": said(metric.title)},
        "region": said(names[one.region_path].name), "bounds": gettext("或").join(bounds),
        "reason": one.reason, "set_by": one.set_by, "set_at": one.set_at,
    }  # fmt: skip


def _goal(one: Target, names: dict[str, Any]) -> dict[str, Any]:
    metric = indicators.get_metric(one.metric_id)
    return {
        "title": said(metric.title), "region": said(names[one.region_path].name),
        "value": figures.words(one.value, metric.unit), "from_on": one.from_on,
        "to_on": one.to_on, "document": one.document, "by": one.published_by,
        "at": one.published_at,
    }  # fmt: skip
