"""What else a door may need: a battery weighed apart, a car's papers, and nobody at home."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from huanxin.identity import selectors as identity
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import booking, papering
from huanxin.recycling.types import BatteryKind
from huanxin.recycling.types.orders import OrderCard
from huanxin.web import pages
from huanxin.web.forms import refused
from huanxin.web.recycler import door
from huanxin.web.recycler.forms import AbsentForm, BatteryForm, VehiclePaperForm
from huanxin.web.recycler.jobs import OPEN
from huanxin.web.session import actor_of, audience, permitted


@require_POST
@audience("recycler")
@permitted("recycling.collect")
def battery(request: HttpRequest, order_id: UUID, unit_id: UUID) -> HttpResponse:
    """Kind and weight of one e-bike's battery; a refusal keeps what was typed."""
    actor, form = actor_of(request), BatteryForm(request.POST)
    order = _order_with(request, order_id, unit_id)
    if not form.is_valid():
        return door.show(request, order, unit_id=unit_id, battery_form=form, status=422)
    said = form.cleaned_data
    try:
        papering.weigh_battery(
            actor=actor, unit_id=unit_id, kind=BatteryKind(said["kind"]), mass_g=said["mass_g"]
        )
    except DomainError as refusal:
        typed = {"unit_id": unit_id, "battery_form": form}
        return refused(request, door.PAGE, door.context_of(request, order) | typed, refusal)
    return door.next_step(request, order_id)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("recycler")
@permitted("recycling.collect")
def absent(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Nobody came to the door: what it means, then one button."""
    actor, form = actor_of(request), AbsentForm(request.POST or None)
    order = order_book.get_order(order_id, actor.scope)
    if order.state not in OPEN:
        return redirect("recycler:door", order_id)
    person = identity.cards([order.person_id])[order.person_id]
    context = {"order": order, "person": person, "form": form, "refusal": None}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return pages.page(request, "recycler/absent.html", context, status=status)
    try:
        booking.report_no_show(actor=actor, order_id=order_id, note=form.cleaned_data["note"])
    except DomainError as refusal:
        return refused(request, "recycler/absent.html", context, refusal)
    return redirect("recycler:door", order_id)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("recycler")
@permitted("recycling.collect")
def vehicle(request: HttpRequest, order_id: UUID, unit_id: UUID) -> HttpResponse:
    """A scrapped car's two papers, in their order."""
    actor, form = actor_of(request), VehiclePaperForm(request.POST or None)
    order = _order_with(request, order_id, unit_id)
    found = order_book.list_vehicle_papers(order_id, actor.scope)
    context = {"order": order, "form": form, "refusal": None,
               "papers": [one for one in found if one.unit_id == unit_id]}  # fmt: skip
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return pages.page(request, "recycler/vehicle.html", context, status=status)
    try:
        papering.record_vehicle_paper(actor=actor, paper=form.as_paper(unit_id))
    except DomainError as refusal:
        return refused(request, "recycler/vehicle.html", context, refusal)
    return redirect("recycler:vehicle", order_id, unit_id)


def _order_with(request: HttpRequest, order_id: UUID, unit_id: UUID) -> OrderCard:
    order = order_book.get_order(order_id, actor_of(request).scope)
    if unit_id not in {unit.id for unit in order.units}:
        raise Http404
    return order
