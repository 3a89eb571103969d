"""The counter: find or register a resident, record her word, then sell and claim for her."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.errors import ConsentMissing
from huanxin.identity.services import registering
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import order_book
from huanxin.vouchers import selectors as vouchers
from huanxin.web import pages, pools, session
from huanxin.web.citizen import caring, claiming, lots, orders, seats, selling, waiting
from huanxin.web.citizen.seats import Seat
from huanxin.web.citizen.wallet import as_line
from huanxin.web.forms import refused
from huanxin.web.parts import Empty
from huanxin.web.station.forms import ConsentForm, DocumentForm, ResidentForm

clerk = session.audience("station")
either = require_http_methods(["GET", "HEAD", "POST"])
STATEMENT = (
    "本人同意由本社区服务站工作人员代为办理：旧家电估价和上门预约、改约、取消和投诉、补贴资格领取。"
    "所得现金或券归本人所有，本人可随时要求停止代办。"
)


def at_counter(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about a resident opens on her recorded word; without it the page that asks for it."""

    @wraps(view)
    def guarded(request: HttpRequest, person_id: UUID, **kwargs: Any) -> HttpResponse:
        try:
            seat = seats.assisted(request, person_id)
        except ConsentMissing:
            return HttpResponseRedirect(reverse("station:consent", args=[person_id]))
        return view(request, seat, **kwargs)

    return clerk(guarded)


@clerk
@either
def home(request: HttpRequest) -> HttpResponse:
    actor = session.actor_of(request)
    station = identity.get_organisation(actor.org_id) if actor.org_id else None
    form = DocumentForm(request.POST or None)
    context: dict[str, Any] = {"tab": "home", "station": station, "form": form, "is_unknown": False,
               "lines": pools.open_pools(region_path=actor.scope.region_path)}  # fmt: skip
    if form.is_valid():
        person = identity.find_person_by_document(form.cleaned_data["document_no"].strip())
        if person is not None:
            return HttpResponseRedirect(reverse("station:person", args=[person.id]))
        context["is_unknown"] = True
        return pages.page(request, "station/home.html", context, status=404)
    return pages.page(request, "station/home.html", context, status=422 if form.errors else 200)


@clerk
@either
def register(request: HttpRequest) -> HttpResponse:
    actor = session.actor_of(request)
    station = identity.get_organisation(actor.org_id) if actor.org_id else None
    first = {"region": station.region_code} if station else {}
    form = ResidentForm(request.POST or None, initial=first)
    context = {"tab": "register", "form": form}
    if not form.is_valid():
        status = 422 if form.errors else 200
        return pages.page(request, "station/register.html", context, status=status)
    try:
        person_id = registering.enrol_resident(actor=actor, person=form.as_person())
    except DomainError as refusal:
        return refused(request, "station/register.html", context, refusal)
    return HttpResponseRedirect(reverse("station:consent", args=[person_id]))


@clerk
@either
def consent(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """What is read to her, how she agreed; it is recorded before anything of hers is shown."""
    actor = session.actor_of(request)
    person = identity.get_person(person_id, Scope())
    form = ConsentForm(request.POST or None)
    if form.is_valid():
        registering.record_consent(
            actor=actor, person_id=person_id, means=form.as_means(), statement=STATEMENT
        )
        return HttpResponseRedirect(reverse("station:person", args=[person_id]))
    context = {"tab": "home", "person": person, "form": form, "statement": STATEMENT}
    status = 422 if form.errors else 200
    return pages.page(request, "station/consent.html", context, status=status)


@at_counter
@require_safe
def person(request: HttpRequest, seat: Seat) -> HttpResponse:
    cards = order_book.list_orders(seat.scope).items
    held = vouchers.list_vouchers(seat.person.id, seat.scope)
    context = {
        "seat": seat, "tab": "person", "person": seat.person,
        "region": identity.get_region(seat.person.region_code),
        "orders": [orders.as_line(card) for card in cards[:10]],
        "vouchers": [as_line(card) for card in held[:10]],
        "empty": Empty(_("还没有订单和券"), _("先代卖旧，或代领补贴资格。"), icon="list"),
    }  # fmt: skip
    return pages.page(request, "station/person.html", context)


@at_counter
@either
def sell(request: HttpRequest, seat: Seat) -> HttpResponse:
    return selling.answers(request, seat)


@at_counter
@require_safe
def offer(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    return selling.offer(request, seat, quote_id)


@at_counter
@either
def visit(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    return selling.visit(request, seat, quote_id)


@at_counter
@require_POST
def book(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    return selling.book(request, seat, quote_id)


@at_counter
@require_safe
def order(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    return orders.order(request, seat, order_id)


@at_counter
@either
def move(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    return caring.move(request, seat, order_id)


@at_counter
@either
def missed(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    return caring.missed(request, seat, order_id)


@at_counter
@either
def complain(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    return caring.complain(request, seat, order_id)


@at_counter
@either
def cancel(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    return orders.cancel(request, seat, order_id)


@at_counter
@require_safe
def complaint(request: HttpRequest, seat: Seat, complaint_id: UUID) -> HttpResponse:
    return caring.complaint(request, seat, complaint_id)


@at_counter
@require_safe
def releases(request: HttpRequest, seat: Seat) -> HttpResponse:
    return claiming.releases(request, seat)


@never_cache
@at_counter
@require_safe
def pool(request: HttpRequest, seat: Seat, pool_id: UUID) -> HttpResponse:
    return claiming.pool(request, seat, pool_id)


@at_counter
@require_safe
def status(request: HttpRequest, seat: Seat, pool_id: UUID) -> HttpResponse:
    return waiting.status(request, seat, pool_id)


@at_counter
@require_POST
def draw_register(request: HttpRequest, seat: Seat, pool_id: UUID) -> HttpResponse:
    return lots.register(request, seat, pool_id)


@at_counter
@require_POST
def draw_withdraw(request: HttpRequest, seat: Seat, pool_id: UUID, mine_id: UUID) -> HttpResponse:
    return lots.withdraw(request, seat, pool_id, mine_id)


@at_counter
@require_POST
def claim(request: HttpRequest, seat: Seat, pool_id: UUID) -> HttpResponse:
    return claiming.claim(request, seat, pool_id)


@never_cache
@at_counter
@require_safe
def outcome(request: HttpRequest, seat: Seat, pool_id: UUID, word: str) -> HttpResponse:
    return claiming.outcome(request, seat, pool_id, word)
