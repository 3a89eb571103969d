"""The station's opening hours: its week and the days it is closed, kept by its manager."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from huanxin.identity import selectors as identity
from huanxin.identity.services import opening
from huanxin.identity.types import DayHours, Opening
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.web import opening_parts, pages, session
from huanxin.web.forms import refused
from huanxin.web.station.views import clerk

PAGE = "station/hours.html"
_WEEK = range(1, 8)


class WeekForm(forms.Form):
    """Two times a weekday; both empty is a day off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in _WEEK:
            for name, word in (("opens", _("%s开始")), ("closes", _("%s结束"))):
                self.fields[f"{name}_{n}"] = forms.TimeField(
                    label=word % opening_parts.weekday(n), required=False,
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        for n in _WEEK:
            if (self.cleaned_data.get(f"opens_{n}") is None) != (
                self.cleaned_data.get(f"closes_{n}") is None
            ):
                self.add_error(f"opens_{n}", _("开始和结束要一起填，休息的日子两格都留空"))
        return self.cleaned_data

    def as_week(self) -> list[DayHours]:
        said = self.cleaned_data
        return [
            DayHours(n, said[f"opens_{n}"], said[f"closes_{n}"])
            for n in _WEEK
            if said[f"opens_{n}"]
        ]

    def days(self) -> list[tuple[str, Any, Any]]:
        """A line a weekday, for the page."""
        return [(opening_parts.weekday(n), self[f"opens_{n}"], self[f"closes_{n}"]) for n in _WEEK]


class ClosedForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("哪天休息"), widget=forms.DateInput(attrs={"type": "date"})
    )
    why = forms.CharField(
        label=gettext_lazy("原因"), help_text=gettext_lazy("居民会看到，例如 中秋节"), max_length=60
    )


class ReopenForm(forms.Form):
    on = forms.DateField()


@clerk
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest) -> HttpResponse:
    actor, org_id = _mine(request)
    form = WeekForm(request.POST or None, initial=_initial(identity.get_opening(org_id)))
    context = _context(actor, org_id, week=form)
    if not form.is_valid():
        return pages.page(request, PAGE, context, status=422 if form.errors else 200)
    try:
        opening.set_hours(actor=actor, org_id=org_id, week=form.as_week())
    except DomainError as refusal:
        return refused(request, PAGE, context, refusal)
    return redirect("station:hours")


@clerk
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    actor, org_id = _mine(request)
    form = ClosedForm(request.POST)
    context = _context(actor, org_id, closed=form)
    if not form.is_valid():
        return pages.page(request, PAGE, context, status=422)
    try:
        opening.close_on(actor=actor, org_id=org_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, PAGE, context, refusal)
    return redirect("station:hours")


@clerk
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    actor, org_id = _mine(request)
    form = ReopenForm(request.POST)
    if form.is_valid():
        opening.reopen_on(actor=actor, org_id=org_id, on=form.cleaned_data["on"])
    return redirect("station:hours")


def _mine(request: HttpRequest) -> tuple[Actor, UUID]:
    actor = session.actor_of(request)
    assert actor.org_id is not None, "a clerk belongs to a station"
    return actor, actor.org_id


def _initial(known: Opening) -> dict[str, Any]:
    return {
        f"{name}_{one.weekday}": getattr(one, name)
        for one in known.week
        for name in ("opens", "closes")
    }


def _context(
    actor: Actor, org_id: UUID, *, week: WeekForm | None = None, closed: ClosedForm | None = None
) -> dict[str, Any]:
    known = identity.get_opening(org_id)
    local = clock.now().astimezone(clock.SHANGHAI)
    return {
        "tab": "hours", "words": opening_parts.words_of(known, local),
        "may": identity.may(actor, "identity.set_hours", org_id=org_id),
        "week": week or WeekForm(initial=_initial(known)), "closed": closed or ClosedForm(),
        "days_off": [(one.on, opening_parts.day_of(one.on), one.why) for one in known.closed],
        "refusal": None,
    }  # fmt: skip
