"""What a station does for its neighbours: the register of repairs and cleaning, and its events."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.outreach import selectors
from huanxin.outreach.services import inviting, registering
from huanxin.outreach.types import EventKind, NewEvent, NewWork, Work, WorkKind
from huanxin.web import pages, session
from huanxin.web.citizen.seats import Seat
from huanxin.web.claim_lists import page_asked
from huanxin.web.forms import MomentField, RequestForm, YuanField, refused
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.states import FAMILIES
from huanxin.web.station.views import at_counter, clerk

either = require_http_methods(["GET", "HEAD", "POST"])
WORK, EVENTS, SIGN_UP = "station/work.html", "station/events.html", "station/sign_up.html"


class WorkForm(RequestForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("项目"), choices=[(k.value, FAMILIES["work"][k].word) for k in WorkKind]
    )
    category = forms.ChoiceField(label=gettext_lazy("品类"))
    on = forms.DateField(
        label=gettext_lazy("日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    worker = forms.CharField(label=gettext_lazy("师傅姓名或工号"), min_length=2, max_length=40)
    what = forms.CharField(
        label=gettext_lazy("做了什么"),
        help_text=gettext_lazy("例如 更换温控器；不要写住户姓名和门牌"),
        min_length=4, max_length=200,
    )  # fmt: skip
    price = YuanField(label=gettext_lazy("收费（元）"), help_text=gettext_lazy("免费填 0"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"] = forms.ChoiceField(
            label=gettext_lazy("品类"),
            choices=[(one.code, one.name) for one in catalogue.list_categories()],
        )

    def as_work(self) -> NewWork:
        said = self.cleaned_data
        return NewWork(
            WorkKind(said["kind"]), said["category"], said["on"], said["worker"], said["what"],
            said["price"],
        )  # fmt: skip


class EventForm(RequestForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"),
        choices=[(k.value, FAMILIES["event"][k].word) for k in EventKind],
    )
    title = forms.CharField(label=gettext_lazy("名称"), min_length=4, max_length=60)
    place = forms.CharField(label=gettext_lazy("地点"), min_length=2, max_length=120)
    starts_at = MomentField(label=gettext_lazy("开始"))
    ends_at = MomentField(label=gettext_lazy("结束"))
    places = forms.IntegerField(label=gettext_lazy("名额"), min_value=1, max_value=2000)
    note = forms.CharField(label=gettext_lazy("说明（可不填）"), required=False, max_length=500)

    def as_event(self) -> NewEvent:
        said = self.cleaned_data
        return NewEvent(
            EventKind(said["kind"]), said["title"], said["place"], said["starts_at"],
            said["ends_at"], said["places"], said["note"],
        )  # fmt: skip


@clerk
@either
def work(request: HttpRequest) -> HttpResponse:
    actor = session.actor_of(request)
    form = WorkForm(request.POST or None, initial={"on": clock.today()})
    if not form.is_valid():
        context = _register(request, actor, form)
        return pages.page(request, WORK, context, status=422 if form.errors else 200)
    try:
        registering.record_work(
            actor=actor, work=form.as_work(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, WORK, _register(request, actor, form), refusal)
    return redirect("station:work")


@clerk
@require_POST
def strike(request: HttpRequest, work_id: UUID) -> HttpResponse:
    actor = session.actor_of(request)
    try:
        registering.strike_work(actor=actor, work_id=work_id, why=request.POST.get("why", ""))
    except DomainError as refusal:
        return refused(request, WORK, _register(request, actor, WorkForm()), refusal)
    return redirect("station:work")


@clerk
@either
def events(request: HttpRequest) -> HttpResponse:
    actor = session.actor_of(request)
    form = EventForm(request.POST or None)
    if not form.is_valid():
        context = _events(request, actor, form)
        return pages.page(request, EVENTS, context, status=422 if form.errors else 200)
    try:
        inviting.publish_event(
            actor=actor, event=form.as_event(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, EVENTS, _events(request, actor, form), refusal)
    return redirect("station:events")


@clerk
@require_POST
def cancel(request: HttpRequest, event_id: UUID) -> HttpResponse:
    actor = session.actor_of(request)
    try:
        inviting.cancel_event(actor=actor, event_id=event_id, why=request.POST.get("why", ""))
    except DomainError as refusal:
        return refused(request, EVENTS, _events(request, actor, EventForm()), refusal)
    return redirect("station:events")


@at_counter
@require_safe
def sign_up(request: HttpRequest, seat: Seat) -> HttpResponse:
    return pages.page(request, SIGN_UP, _choices(seat))


@at_counter
@require_POST
def place(request: HttpRequest, seat: Seat, event_id: UUID) -> HttpResponse:
    """A place for a resident at the counter, on her recorded word, or given back."""
    verb = inviting.give_up_place if "give_up" in request.POST else inviting.sign_up
    try:
        verb(actor=seat.actor, event_id=event_id, person_id=seat.person.id)
    except DomainError as refusal:
        return refused(request, SIGN_UP, _choices(seat), refusal)
    return redirect("station:sign_up", seat.person.id)


def _choices(seat: Seat) -> dict[str, Any]:
    mine = selectors.events_of_person(seat.person.id, seat.scope)
    shown = [(one, one.id in mine) for one in selectors.list_events()]
    empty = Empty(_("近期没有活动"), icon="people")
    return {"seat": seat, "tab": "events", "events": shown, "now": clock.now(), "empty": empty,
            "refusal": None}  # fmt: skip


def _events(request: HttpRequest, actor: Actor, form: EventForm) -> dict[str, Any]:
    found = selectors.list_own_events(actor.scope, page=page_asked(request.GET.get("page", "")))
    now = clock.now()
    shown = [
        (one, selectors.list_coming(one.id, actor.scope) if one.ends_at > now else [])
        for one in found.items
    ]
    return {"tab": "own_events", "form": form, "events": shown, "now": now, "refusal": None}


def _register(request: HttpRequest, actor: Actor, form: WorkForm) -> dict[str, Any]:
    names = {one.code: one.name for one in catalogue.list_categories()}
    found = selectors.list_work(actor.scope, page=page_asked(request.GET.get("page", "")))
    totals = [
        (FAMILIES["work"][one.kind].word, names.get(one.category_code, one.category_code), one)
        for one in selectors.count_work(actor.scope, month=clock.today())
    ]
    return {
        "tab": "work", "form": form, "totals": totals, "table": _table(found, names),
        "live": [one for one in found.items if one.struck_at is None][:10], "refusal": None,
    }  # fmt: skip


def _table(found: Any, names: dict[str, str]) -> Table:
    columns = (
        Column("number", _("编号"), "number"), Column("on", _("日期"), "day"),
        Column("kind", _("项目"), "pill:work"), Column("category", _("品类")),
        Column("what", _("做了什么")), Column("worker", _("师傅")),
        Column("price", _("收费"), "money"),
    )  # fmt: skip
    return Table(
        "work", _("登记册"), columns, [_row(one, names) for one in found.items],
        Empty(_("还没有登记"), _("每做一次维修或清洗，在上面登记一条。")), page=found.number,
        pages=found.pages, total_count=found.total,
    )  # fmt: skip


def _row(one: Work, names: dict[str, str]) -> Row:
    what = _("已划去：%s") % one.struck_why if one.struck_at else one.what
    return Row({
        "number": one.number, "on": one.on, "kind": one.kind.value,
        "category": names.get(one.category_code, one.category_code), "what": what,
        "worker": one.worker, "price": None if one.struck_at else one.price_fen,
    })  # fmt: skip
