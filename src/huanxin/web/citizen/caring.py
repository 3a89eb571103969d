"""After booking: live status, another time, a visit that did not happen, a complaint, a village."""

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import ids
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import care_book, order_book, quote_book
from huanxin.recycling.services import booking, complaining, visiting
from huanxin.recycling.types import Choice, ComplaintKind, OrderMode
from huanxin.recycling.types.orders import NewOrder, OrderCard, OrderMove, VillageDayCard
from huanxin.web import pages, session
from huanxin.web.citizen import orders, seats, selling
from huanxin.web.citizen.forms import ComplaintForm, RatingForm, SlotForm, VisitForm
from huanxin.web.citizen.seats import Seat
from huanxin.web.citizen.words import id_of, request_id_of
from huanxin.web.forms import refused

own = session.audience("citizen")
either = require_http_methods(["GET", "HEAD", "POST"])


@own
@require_safe
def status(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The part of the order page that changes, polled; nothing new costs a digest and a 304."""
    seat = seats.own(request)
    card = order_book.get_order(order_id, seat.scope)
    lines = order_book.timeline(order_id, seat.scope)
    payout = order_book.find_payout(order_id, seat.scope)
    tag = f'"{hashlib.sha256(repr((card, lines, payout)).encode()).hexdigest()[:24]}"'
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponse(status=304)
    else:
        answer = pages.page(
            request, "citizen/_order_status.html", orders.status_context(seat, card)
        )
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def move(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    """Another slot, another door."""
    card = order_book.get_order(order_id, seat.scope)
    first = {"region": card.region_code, "choice": card.choice.value,
             "address": _address(seat, card)}  # fmt: skip
    form = VisitForm(request.POST or None, initial=first, regions=selling.regions())
    context = {**_frame(seat, card), "form": form, **selling.slots_of(form, seat),
               "urls": {"visit": seat.url("move", order_id)},
               "cancel_url": seat.url("cancel", order_id),
               "terms": order_book.get_cancel_terms(order_id, seat.scope)}  # fmt: skip
    if not form.is_valid():
        status = 422 if form.errors else 200
        return pages.page(request, "citizen/move.html", context, part="citizen/_slots.html",
                          status=status)  # fmt: skip
    try:
        booking.move_order(actor=seat.actor, order_id=order_id, move=form.as_move(),
                           request_id=request_id_of(request))  # fmt: skip
    except DomainError as refusal:
        return refused(request, "citizen/move.html", context, refusal)
    return HttpResponseRedirect(seat.url("order", order_id))


def missed(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    """The van did not come: another slot, another recycler, and it is noted."""
    card = order_book.get_order(order_id, seat.scope)
    form = SlotForm(request.POST or None)
    shown = VisitForm(initial={"region": card.region_code}, regions=selling.regions())
    context = {**_frame(seat, card), "form": form, **selling.slots_of(shown, seat)}
    if not form.is_valid():
        return pages.page(request, "citizen/missed.html", context,
                          status=422 if form.errors else 200)  # fmt: skip
    try:
        booking.report_missed_visit(
            actor=seat.actor, order_id=order_id, move=OrderMove(*form.cleaned_data["slot"]),
            request_id=request_id_of(request),
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, "citizen/missed.html", context, refusal)
    return HttpResponseRedirect(seat.url("order", order_id))


def complain(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    card = order_book.get_order(order_id, seat.scope)
    form = ComplaintForm(request.POST or None, initial={"request_id": ids.new_id()})
    context = {**_frame(seat, card), "form": form}
    if not form.is_valid():
        return pages.page(request, "citizen/complain.html", context,
                          status=422 if form.errors else 200)  # fmt: skip
    said = form.cleaned_data
    try:
        made = complaining.open_complaint(
            actor=seat.actor, order_id=order_id, kind=ComplaintKind(said["kind"]),
            text=said["text"], request_id=said["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, "citizen/complain.html", context, refusal)
    return HttpResponseRedirect(seat.url("complaint", made.id))


def complaint(request: HttpRequest, seat: Seat, complaint_id: UUID) -> HttpResponse:
    return pages.page(request, "citizen/complaint.html", _complaint(seat, complaint_id))


@own
@require_POST
def rate(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """Three to five closes it, one or two takes it to the city."""
    seat = seats.own(request)
    form = RatingForm(request.POST)
    if form.is_valid():
        try:
            complaining.rate_answer(
                actor=seat.actor, complaint_id=complaint_id,
                satisfaction=form.cleaned_data["satisfaction"],
            )  # fmt: skip
        except DomainError as refusal:
            context = _complaint(seat, complaint_id)
            return refused(request, "citizen/complaint.html", context, refusal)
    return HttpResponseRedirect(seat.url("complaint", complaint_id))


@own
@either
def villages(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Collection days near her: a date, a place, how many places are left."""
    seat = seats.own(request)
    quote = quote_book.get_quote(quote_id, seat.scope)
    days = care_book.list_village_days(region_code=seat.person.region_code)
    context = {
        "seat": seat, "tab": "sell", "back": seat.url("visit", quote_id), "quote": quote,
        "days": [(day, selling.slot_words(day.held_on, day.slot)) for day in days
                 if not day.is_cancelled],
        "request_id": ids.new_id(),
    }  # fmt: skip
    if request.method != "POST":
        return pages.page(request, "citizen/villages.html", context)
    try:
        day = care_book.get_village_day(id_of(request, "day"))
        order = booking.book_order(
            actor=seat.actor, order=_village_order(seat, quote_id, day, request),
            request_id=request_id_of(request),
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, "citizen/villages.html", context, refusal)
    return HttpResponseRedirect(seat.url("order", order.id) + "?booked=1")


def _village_order(
    seat: Seat, quote_id: UUID, day: VillageDayCard, request: HttpRequest
) -> NewOrder:
    choice = Choice.VOUCHER if request.POST.get("choice") == "voucher" else Choice.CASH
    return NewOrder(
        seat.person.id, (quote_id,), day.place, day.region_code, day.lat_e6, day.lon_e6,
        day.held_on, day.slot, choice, OrderMode.VILLAGE, day.id,
    )  # fmt: skip


def _address(seat: Seat, card: OrderCard) -> str:
    """Her door for herself; a clerk asks her: the kept one is for who must go there."""
    if not seat.is_own:
        return ""
    return visiting.reveal_address(actor=seat.actor, order_id=card.id, reason=_("本人改期"))


def _frame(seat: Seat, card: OrderCard) -> dict[str, Any]:
    return {"seat": seat, "tab": "sell", "back": seat.url("order", card.id), "order": card,
            "request_id": ids.new_id(), **orders.as_line(card)}  # fmt: skip


def _complaint(seat: Seat, complaint_id: UUID) -> dict[str, Any]:
    card = care_book.get_complaint(complaint_id, seat.scope)
    org = identity.get_organisation(card.org_id).name if card.org_id else ""
    return {"seat": seat, "tab": "sell", "back": seat.url("order", card.order_id), "card": card,
            "org": org, "form": RatingForm()}  # fmt: skip
