"""Bringing the old unit to a station: those of her county, while they are open."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from huanxin.identity import selectors as identity
from huanxin.identity.types import Opening, OrgKind, OrgStatus
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import order_book, quote_book
from huanxin.recycling.services import booking
from huanxin.recycling.types import Choice, OrderMode, Slot
from huanxin.recycling.types.orders import NewOrder, SlotOffer
from huanxin.web import opening_parts, pages, session
from huanxin.web.citizen import seats, selling
from huanxin.web.citizen.seats import Seat
from huanxin.web.citizen.words import request_id_of
from huanxin.web.forms import refused

PAGE = "citizen/stations.html"


@session.audience("citizen")
@require_http_methods(["GET", "HEAD", "POST"])
def stations(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Stations with their hours, and the slots in which one may come; a POST books one."""
    seat = seats.own(request)
    context = {
        "seat": seat, "tab": "sell", "back": seat.url("visit", quote_id),
        "quote": quote_book.get_quote(quote_id, seat.scope), "stations": _near(seat),
        "request_id": ids.new_id(), "refusal": None,
    }  # fmt: skip
    if request.method != "POST":
        return pages.page(request, PAGE, context)
    try:
        order = booking.book_order(
            actor=seat.actor, order=_asked(request, seat, quote_id),
            request_id=request_id_of(request),
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, PAGE, context, refusal)
    return HttpResponseRedirect(seat.url("order", order.id) + "?booked=1")


def _asked(request: HttpRequest, seat: Seat, quote_id: UUID) -> NewOrder:
    """What was chosen; what is no slot counts as one that is over."""
    on, _bar, slot = request.POST.get("slot", "").partition("|")
    try:
        when, station_id = (date.fromisoformat(on), Slot(slot)), UUID(request.POST["station"])
    except (KeyError, ValueError):
        when, station_id = (date.min, Slot.MORNING_EARLY), None
    choice = Choice.VOUCHER if request.POST.get("choice") == "voucher" else Choice.CASH
    return NewOrder(
        seat.person.id, (quote_id,), "", seat.person.region_code, 0, 0, *when, choice,
        OrderMode.STATION, None, station_id,
    )  # fmt: skip


def _near(seat: Seat) -> list[dict[str, Any]]:
    """The county's stations that published their hours, those that are open first."""
    county = identity.get_region(seat.person.region_code)
    found = identity.list_organisations(Scope(region_path=county.path), kind=OrgKind.STATION)
    openings = identity.openings_of(org.id for org in found)
    today, local = clock.today(), clock.now().astimezone(clock.SHANGHAI)
    until = today + timedelta(days=selling.DAYS_SHOWN)
    offers = order_book.list_free_slots(county.code, from_on=today, to_on=until)
    known = [
        (org, openings[org.id])
        for org in found
        if org.status is OrgStatus.ADMITTED and org.id in openings and openings[org.id].week
    ]
    known.sort(key=lambda one: (not one[1].is_open(local), one[0].name))
    return [
        {"org": org, "opening": opening_parts.words_of(opening, local),
         "slots": _slots(opening, offers)}
        for org, opening in known
    ]  # fmt: skip


def _slots(opening: Opening, offers: list[SlotOffer]) -> list[tuple[str, str]]:
    return [
        (f"{one.slot_on}|{one.slot}", selling.slot_words(one.slot_on, one.slot))
        for one in offers
        if one.remaining > 0 and opening.covers(one.slot_on, *one.slot.hours)
    ]
