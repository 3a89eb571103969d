"""One pick-up at the door: address, code, photos, check, pay. Five steps on one page."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import order_book, quote_book, route_book
from huanxin.recycling.services import visiting
from huanxin.recycling.types import BatteryKind, Choice, OrderState
from huanxin.recycling.types.orders import OrderCard
from huanxin.recycling.types.routes import JobCard
from huanxin.recycling.types.valuation import UnitAnswers, Valuation
from huanxin.trace import selectors as trace
from huanxin.web import kept_files, pages, unit_parts
from huanxin.web.forms import refused
from huanxin.web.problems import is_fragment
from huanxin.web.recycler import pickup
from huanxin.web.recycler.forms import (
    CodeForm,
    CollectForm,
    ConsentForm,
    FoundForm,
    PhotosForm,
)
from huanxin.web.recycler.jobs import OPEN
from huanxin.web.session import actor_of, audience, permitted

PAGE, STEPS = "recycler/door.html", "recycler/_steps.html"
_NOTHING_TYPED = dict.fromkeys(
    ("address", "unit_id", "code_form", "photos_form", "found_form", "new_fen", "is_new_price",
     "battery_form", "refusal")
)  # fmt: skip


@require_safe
@never_cache
@audience("recycler")
@permitted("recycling.collect")
def door(request: HttpRequest, order_id: UUID) -> HttpResponse:
    order = order_book.get_order(order_id, actor_of(request).scope)
    if order.collected_at is not None:
        return redirect("recycler:receipt", order_id=order_id)
    return show(request, order)


@require_POST
@never_cache
@audience("recycler")
def address(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The look is recorded; the address is in this answer alone, never in the session."""
    actor = actor_of(request)
    order = order_book.get_order(order_id, actor.scope)
    text = visiting.reveal_address(actor=actor, order_id=order_id, reason=_("上门取件"))
    return show(request, order, part="recycler/_address.html", address=text)


@require_POST
@audience("recycler")
@permitted("recycling.collect")
def code(request: HttpRequest, order_id: UUID, unit_id: UUID) -> HttpResponse:
    order = order_book.get_order(order_id, actor_of(request).scope)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return show(request, order, unit_id=unit_id, code_form=form, status=422)
    said = form.cleaned_data
    is_issued = said["is_issued"] and not said["scan"]
    pickup.change(request, order, unit_id, code=said["scan"], is_issued=is_issued)
    return next_step(request, order_id)


@require_POST
@audience("recycler")
def photos(request: HttpRequest, order_id: UUID, unit_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), PhotosForm(request.POST, request.FILES)
    order = order_book.get_order(order_id, actor.scope)
    if not form.is_valid():
        return show(request, order, unit_id=unit_id, photos_form=form, status=422)
    kept = [
        visiting.keep_photo(actor=actor, order_id=order_id, content=file.read())
        for file in form.cleaned_data["photos"]
    ]
    before = pickup.records(request, order)
    earlier = before[unit_id].photos if unit_id in before else ()
    pickup.change(request, order, unit_id, photos=tuple(dict.fromkeys([*earlier, *kept])))
    return next_step(request, order_id)


@require_safe
@audience("recycler")
@permitted("recycling.collect")
def photo(request: HttpRequest, order_id: UUID, sha256: str) -> HttpResponse:
    """A photo of this session's own pick-up; anything that is no picture is saved, not shown."""
    actor = actor_of(request)
    order = order_book.get_order(order_id, actor.scope)
    mine = {sha for one in pickup.records(request, order).values() for sha in one.photos}
    content = order_book.find_photo(order_id, sha256, actor.scope) if sha256 in mine else None
    if content is None:
        raise Http404
    return kept_files.answer(content, sha256)


@require_POST
@audience("recycler")
@permitted("recycling.collect")
def as_said(request: HttpRequest, order_id: UUID, unit_id: UUID) -> HttpResponse:
    order = order_book.get_order(order_id, actor_of(request).scope)
    is_as_said = request.POST.get("answer") != "differs"
    pickup.change(request, order, unit_id, is_as_said=is_as_said, requote_id="")
    return next_step(request, order_id)


@require_POST
@audience("recycler")
@permitted("recycling.collect")
def found(request: HttpRequest, order_id: UUID, unit_id: UUID) -> HttpResponse:
    """First the new price alone; when the worker asks for it, the owner's word is awaited."""
    actor, form = actor_of(request), FoundForm(request.POST)
    order = order_book.get_order(order_id, actor.scope)
    unit = next((one for one in order.units if one.id == unit_id), None)
    if unit is None or not form.is_valid():
        return show(request, order, unit_id=unit_id, found_form=form, status=422)
    answers = form.as_found(quote_book.get_quote(unit.quote_id, actor.scope).answers)
    if request.POST.get("do") != "ask":
        return show(request, order, unit_id=unit_id, found_form=form, answers=answers)
    try:
        requote = visiting.request_requote(
            actor=actor, order_id=order_id, unit_id=unit_id, answers=answers,
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, PAGE, context_of(request, order), refusal)
    pickup.change(request, order, unit_id, requote_id=str(requote.id), is_as_said=False)
    return next_step(request, order_id)


@require_safe
@never_cache
@audience("recycler")
@permitted("recycling.collect")
def word(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Whether the owner has answered the new price: asked every few seconds while one waits."""
    order = order_book.get_order(order_id, actor_of(request).scope)
    if order.state is OrderState.REQUOTE_PENDING:
        return HttpResponse(status=204)
    if order.state is OrderState.CANCELLED or not is_fragment(request):
        return HttpResponseClientRedirect(reverse("recycler:door", args=[order_id]))
    return show(request, order)


@require_POST
@audience("recycler")
def consent(request: HttpRequest, order_id: UUID, requote_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), ConsentForm(request.POST)
    order = order_book.get_order(order_id, actor.scope)
    order_book.get_requote(requote_id, actor.scope)
    if not form.is_valid():
        return show(request, order, consent_form=form, status=422)
    try:
        visiting.consent_by_code(actor=actor, requote_id=requote_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(
            request, PAGE, context_of(request, order) | {"consent_form": form}, refusal
        )  # fmt: skip
    return next_step(request, order_id)


@require_POST
@audience("recycler")
def collect(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Takes and pays what the page showed; where the price moved since, the page is shown again."""
    actor, form = actor_of(request), CollectForm(request.POST)
    order = order_book.get_order(order_id, actor.scope)
    if order.collected_at is not None:
        return redirect("recycler:receipt", order_id=order_id)
    if not form.is_valid() or form.cleaned_data["seen_fen"] != order.quoted_fen:
        return show(request, order, is_new_price=True, status=409)
    said = form.cleaned_data
    place = (said["lat_e6"], said["lon_e6"])
    try:
        what = pickup.as_pickup(
            order, pickup.records(request, order),
            place if None not in place else pickup.booked_place(order, actor.scope),
        )  # fmt: skip
        visiting.collect_unit(actor=actor, pickup=what, request_id=said["request_id"])
    except DomainError as refusal:
        return refused(request, PAGE, context_of(request, order), refusal)
    pickup.done(request, order)
    return redirect("recycler:receipt", order_id=order_id)


@require_safe
@never_cache
@audience("recycler")
@permitted("recycling.collect")
def receipt(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """What was taken and paid, with the labels to stick onto the units."""
    actor = actor_of(request)
    order = order_book.get_order(order_id, actor.scope)
    names = unit_parts.category_names()
    labels = [
        (names[unit.category_code], unit, trace.digital_link(unit.unit_code))
        for unit in order.units
        if unit.unit_code
    ]
    context = {
        "order": order,
        "receipt": order_book.get_receipt(order_id, actor.scope),
        "is_cash": order.choice is Choice.CASH,
        "labels": labels,
    }
    return pages.page(request, "recycler/receipt.html", context)


def next_step(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """On to the next step: the part for htmx, the page's own address otherwise."""
    order = order_book.get_order(order_id, actor_of(request).scope)
    if is_fragment(request):
        return show(request, order)
    return redirect(reverse("recycler:door", args=[order_id]) + "#steps")


def show(
    request: HttpRequest,
    order: OrderCard,
    *,
    part: str = STEPS,
    status: int = 200,
    **known: Any,
) -> HttpResponse:
    context = context_of(request, order) | known
    answers: UnitAnswers | None = known.get("answers")
    if answers is not None:
        context["new_fen"] = _worth(order, quote_book.value_old_unit(answers))
    return pages.page(request, PAGE, context, part=part, status=status)


def _job(actor: Actor, order: OrderCard) -> JobCard | None:
    jobs = route_book.list_jobs(actor.scope, on=order.slot_on)
    return next((one for one in jobs if one.order_id == order.id), None)


def context_of(request: HttpRequest, order: OrderCard) -> dict[str, Any]:
    actor = actor_of(request)
    kept = pickup.records(request, order)
    lines = pickup.lines(order, kept, actor.scope)
    unweighed = order_book.list_unweighed_bikes(order.id, actor.scope)
    steps = _steps(lines) | {"battery": not unweighed}
    return {
        "order": order,
        "is_open": order.state in OPEN,
        "is_cash": order.choice is Choice.CASH,
        "job": _job(actor, order),
        "person": identity.cards([order.person_id])[order.person_id],
        "county": identity.get_region(order.region_code).name,
        "lines": [(line, _price(order, line)) for line in lines],
        "steps": steps,
        "unweighed": unweighed,
        "batteries": order_book.list_batteries(order.id, actor.scope),
        "battery_kinds": [(one.value, one.label) for one in BatteryKind],
        "is_ready": all(steps.values()) and order.state is OrderState.ASSIGNED,
        "requote": _requote(actor, order),
        "categories": [(one.code, one.name) for one in catalogue.list_categories()],
        "request_id": ids.new_id(),
        **_NOTHING_TYPED,
        "consent_form": ConsentForm(),
    }


def _steps(lines: list[pickup.Line]) -> dict[str, bool]:
    """Which of the recorded steps are done for every unit."""
    return {
        "code": all(line.record.has_code for line in lines),
        "photos": all(line.record.photos for line in lines),
        "check": all(line.is_checked for line in lines),
    }


def _requote(actor: Actor, order: OrderCard) -> dict[str, Any] | None:
    waiting = order_book.find_pending_requote(order.id, actor.scope)
    if waiting is None:
        return None
    is_cash = order.choice is Choice.CASH
    return {
        "id": waiting.id,
        "unit_id": waiting.unit_id,
        "old_fen": waiting.old.cash_fen if is_cash else waiting.old.voucher_fen,
        "new_fen": waiting.new.cash_fen if is_cash else waiting.new.voucher_fen,
        "found": unit_parts.answers_words(waiting.new.answers),
    }


def _price(order: OrderCard, line: pickup.Line) -> int:
    return line.unit.cash_fen if order.choice is Choice.CASH else line.unit.voucher_fen


def _worth(order: OrderCard, value: Valuation) -> int:
    return value.cash_fen if order.choice is Choice.CASH else value.voucher_fen
