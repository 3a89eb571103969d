"""Offers waiting for the recycler's word, its complaints, and its village collection days."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import care_book, order_book, route_book
from huanxin.recycling.services import dispatching, holding
from huanxin.recycling.types import OfferState, OrderState, Slot
from huanxin.recycling.types.orders import NewVillageDay
from huanxin.recycling.types.routes import ShareLine
from huanxin.web import complaint_desk, pages, unit_parts
from huanxin.web.citizen.forms import centre_of
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.recycler.jobs import own_id
from huanxin.web.session import actor_of, audience, permitted

OFFERS, DAYS = "recycler/offers.html", "recycler/villages.html"


class DayForm(RequestForm):
    """A date, a place, a van."""

    van = forms.UUIDField(label=gettext_lazy("车辆"), widget=forms.Select)
    place = forms.CharField(label=gettext_lazy("地点"), max_length=120)
    held_on = forms.DateField(
        label=gettext_lazy("日期"), widget=forms.DateInput(attrs={"type": "date"})
    )
    slot = forms.ChoiceField(
        label=gettext_lazy("时段"), choices=[(s.value, f"{s.value} 点") for s in Slot]
    )
    capacity = forms.IntegerField(label=gettext_lazy("名额（台）"), min_value=1, max_value=60)

    def __init__(self, *args: Any, vans: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["van"].widget.choices = vans


@require_safe
@audience("recycler")
@permitted("recycling.answer_offer")
def offers(request: HttpRequest) -> HttpResponse:
    return pages.page(request, OFFERS, _offers(actor_of(request)))


@require_POST
@audience("recycler")
def answer(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Take it, or refuse it with a reason: then it is the next best's at once."""
    actor = actor_of(request)
    is_accepted = request.POST.get("answer") == "accept"
    try:
        dispatching.answer_offer(
            actor=actor, order_id=order_id, is_accepted=is_accepted,
            reason=request.POST.get("reason", "")[:100],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, OFFERS, _offers(actor), refusal)
    return redirect("recycler:offers")


@require_POST
@audience("recycler")
def give_back(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """A job that cannot be done goes to the next best at once, and is noted."""
    actor = actor_of(request)
    reason = request.POST.get("reason", "")[:100]
    try:
        dispatching.return_job(actor=actor, order_id=order_id, reason=reason)
    except DomainError as refusal:
        return refused(request, OFFERS, _offers(actor), refusal)
    return redirect("recycler:offers")


@require_POST
@audience("recycler")
def auto(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    dispatching.set_auto_accept(
        actor=actor, org_id=own_id(actor), is_auto_accept=request.POST.get("auto") == "on"
    )
    return redirect("recycler:offers")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("recycler")
@permitted("recycling.hold_day")
def villages(request: HttpRequest) -> HttpResponse:
    """Days announced, who signed up; a POST announces another."""
    actor = actor_of(request)
    vans = {str(van.id): van for van in route_book.list_vans(actor.scope)}
    choices = [(key, van.name) for key, van in vans.items()]
    form = DayForm(request.POST or None, vans=choices, initial={"request_id": ids.new_id()})
    if not form.is_valid():
        status = 422 if form.errors else 200
        return pages.page(request, DAYS, _days(actor, form), status=status)
    said = form.cleaned_data
    region = vans[str(said["van"])].region_code if str(said["van"]) in vans else ""
    try:
        day = NewVillageDay(
            said["van"], region, said["place"], *centre_of(region or "371500"), said["held_on"],
            Slot(said["slot"]), said["capacity"],
        )  # fmt: skip
        holding.open_village_day(actor=actor, day=day, request_id=said["request_id"])
    except DomainError as refusal:
        return refused(request, DAYS, _days(actor, form), refusal)
    return redirect("recycler:villages")


@require_POST
@audience("recycler")
def cancel_day(request: HttpRequest, day_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    reason = request.POST.get("reason", "").strip() or _("回收企业取消")
    holding.cancel_village_day(actor=actor, day_id=day_id, reason=reason)
    return redirect("recycler:villages")


@require_safe
@audience("recycler")
@permitted("recycling.answer_complaint")
def complaints(request: HttpRequest) -> HttpResponse:
    return complaint_desk.desk(request, "recycler/base.html", reverse("recycler:complaints"))


@require_POST
@audience("recycler")
def answer_complaint(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    here = reverse("recycler:complaints")
    return complaint_desk.answer(request, complaint_id, "recycler/base.html", here)


def _offers(actor: Actor) -> dict[str, Any]:
    names = unit_parts.category_names()
    standing = [
        offer
        for state in (OfferState.OPEN, OfferState.ACCEPTED)
        for offer in route_book.list_offers(actor.scope, state=state)
    ]
    cards = {c.id: c for c in order_book.cards([o.order_id for o in standing])}
    lines = [
        {"offer": offer, "order": cards[offer.order_id],
         "what": "、".join(names[u.category_code] for u in cards[offer.order_id].units),
         "kilometres": f"{offer.distance_m / 1000:.1f}"}
        for offer in standing
        if cards[offer.order_id].collected_at is None
        and cards[offer.order_id].state is not OrderState.CANCELLED
    ]  # fmt: skip
    vans = route_book.list_vans(actor.scope)
    paths = sorted({van.region_path for van in vans})
    shares = [(identity.get_organisation(one.org_id).name, one)
              for path in paths for one in route_book.list_shares(path)]  # fmt: skip
    return {
        "lines": lines,
        "is_auto": route_book.is_auto_accept(own_id(actor)),
        "shares": _shares(shares),
        "empty": Empty(_("没有待处理的派单"), _("新订单会按公布的规则自动派来。"), icon="check"),
        "refusal": None,
    }  # fmt: skip


def _shares(lines: list[tuple[str, ShareLine]]) -> Table:
    columns = (
        Column("org", _("企业")), Column("vans", _("车辆"), "count"), Column("due", _("应得")),
        Column("had", _("已派")), Column("offers", _("单数"), "count"),
        Column("refused", _("拒单"), "count"), Column("late", _("超时"), "count"),
        Column("missed", _("失约"), "count"),
    )  # fmt: skip
    rows = [
        Row({"org": name, "vans": one.van_count, "due": f"{one.due_bps / 100:g}%",
             "had": f"{one.offered_bps / 100:g}%", "offers": one.offered_count,
             "refused": one.refused_count, "late": one.late_count, "missed": one.missed_count})
        for name, one in lines
    ]  # fmt: skip
    return Table("shares", _("份额"), columns, rows)


def _days(actor: Actor, form: DayForm) -> dict[str, Any]:
    days = care_book.list_village_days(org_id=own_id(actor))
    signed = [(day, order_book.cards(care_book.list_signed_up(day.id, actor.scope)))
              for day in days]  # fmt: skip
    return {"days": signed, "form": form, "refusal": None}
