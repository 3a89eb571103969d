"""Lots: packed from what stands in the depot, named by an SSCC, shipped, followed to the gate."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import ids
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import stock_book
from huanxin.recycling.services import storing
from huanxin.recycling.types import LotPurpose, LotState, NextStep, UnitState
from huanxin.recycling.types.depot import LotCard, LotReceipt
from huanxin.recycling.types.orders import UnitCard
from huanxin.trace import selectors as trace
from huanxin.web import floor_papers, pages, unit_parts
from huanxin.web.claim_lists import page_asked
from huanxin.web.forms import refused
from huanxin.web.parts import Empty, Fact, Filter
from huanxin.web.recycler.forms import CarriageForm, PackForm, TransferForm
from huanxin.web.recycler.jobs import own_id
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.states import FAMILIES

PACK, LOT, TRANSFER = "recycler/pack.html", "recycler/lot.html", "recycler/transfer.html"


@require_http_methods(["GET", "HEAD", "POST"])
@audience("recycler")
@permitted("recycling.ship")
def pack(request: HttpRequest) -> HttpResponse:
    """Choose units and a receiver; the lot gets its number and its SSCC."""
    actor = actor_of(request)
    units = _packable(request)
    codes = [unit.unit_code or "" for unit in units] + request.POST.getlist("units")
    form = PackForm(request.POST or None, receivers=_receivers(actor), codes=codes)
    context = _pack_context(request, form, units)
    if not form.is_bound or not form.is_valid():
        return pages.page(request, PACK, context, status=422 if form.is_bound else 200)
    lot = form.as_lot(own_id(actor))
    try:
        card = storing.pack_lots(
            actor=actor, lots=[lot], request_id=form.cleaned_data["request_id"]
        )[0]
    except DomainError as refusal:
        return refused(request, PACK, context, refusal)
    return redirect("recycler:lot", lot_id=card.id)


@require_safe
@audience("recycler")
@permitted("recycling.ship")
def lot_list(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = LotState(asked) if asked in set(LotState) else None
    page = page_asked(request.GET.get("page", "1"))
    found = stock_book.list_lots(actor_of(request).scope, state=state, page=page)
    empty = Empty(
        _("还没有批次"), _("把在库旧机装成一批，封签发往拆解企业。"),
        reverse("recycler:pack"), _("去装批"),
    )  # fmt: skip
    table = unit_parts.lots_table(
        found, detail="recycler:lot", other="receiver", empty=empty
    )  # fmt: skip
    states = [("", _("全部状态")), *((key, str(m.word)) for key, m in FAMILIES["lot"].items())]
    context = {"table": table, "filters": [Filter("state", _("状态"), asked, "choice", states)]}
    return pages.page(request, "recycler/lots.html", context, part="components/table_part.html")


@require_safe
@audience("recycler")
@permitted("recycling.ship")
def lot(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    return pages.page(request, LOT, _lot_context(request, lot_id, CarriageForm()))


@require_POST
@audience("recycler")
def ship(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    form = CarriageForm(request.POST)
    context = _lot_context(request, lot_id, form)
    if not form.is_valid():
        return pages.page(request, LOT, context, status=422)
    try:
        storing.ship_lot(actor=actor_of(request), lot_id=lot_id, carriage=form.as_carriage())
    except DomainError as refusal:
        return refused(request, LOT, context, refusal)
    return redirect("recycler:lot", lot_id=lot_id)


@require_POST
@audience("recycler")
def unpack(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    context = _lot_context(request, lot_id, CarriageForm())
    try:
        storing.unpack_lots(actor=actor_of(request), lot_ids=[lot_id])
    except DomainError as refusal:
        return refused(request, LOT, context, refusal)
    return redirect("recycler:lot", lot_id=lot_id)


@require_safe
@audience("recycler")
@permitted("recycling.ship")
def label(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    card = stock_book.get_lot(lot_id, actor_of(request).scope)
    return floor_papers.pdf_file(floor_papers.lot_label(card), f"{card.number}-label")


@require_safe
@audience("recycler")
@permitted("recycling.ship")
def manifest(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    card = stock_book.get_lot(lot_id, actor_of(request).scope)
    return floor_papers.pdf_file(floor_papers.manifest(card), f"{card.number}-manifest")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("recycler")
@permitted("recycling.depot")
def transfer(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """A lot from another depot: a weight beside every unit that came, nothing beside the rest."""
    actor = actor_of(request)
    card = stock_book.get_lot(lot_id, actor.scope)
    if card.state is not LotState.SHIPPED or not _comes_here(actor, card):
        return redirect("recycler:lot", lot_id=lot_id)
    form = TransferForm(request.POST or None, codes=card.unit_codes)
    names = unit_parts.category_names()
    context = {
        "side": "recycler:lots", "lot": card, "form": form, "refusal": None,
        "lines": [(one, names[one.category_code], form.field_of(one.unit_code))
                  for one in card.lines],
        "request_id": form["request_id"].value() if form.is_bound else ids.new_id(),
    }  # fmt: skip
    if not form.is_bound or not form.is_valid():
        return pages.page(request, TRANSFER, context, status=422 if form.is_bound else 200)
    try:
        storing.receive_transfers(
            actor=actor, receipts=[LotReceipt(lot_id, form.as_weights())],
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, TRANSFER, context, refusal)
    return redirect("recycler:lot", lot_id=lot_id)


def _comes_here(actor: Actor, card: LotCard) -> bool:
    return card.receiver_org_id == actor.org_id and card.purpose is LotPurpose.TRANSFER


def _packable(request: HttpRequest) -> list[UnitCard]:
    """Units in the depot, of the class that was asked for; what is to be refurbished stays out."""
    class_code = request.GET.get("class") or None
    found = stock_book.list_units(
        actor_of(request).scope, state=UnitState.IN_DEPOT, class_code=class_code, size=200
    )
    return [unit for unit in found.items if unit.next_step is not NextStep.REFURBISH]


def _receivers(actor: Actor) -> list[tuple[str, str]]:
    """Dismantlers first, then other depots, to which a lot is a transfer."""
    plants = identity.list_organisations(Scope(), kind=OrgKind.DISMANTLER)
    depots = identity.list_organisations(Scope(), kind=OrgKind.RECYCLER)
    lines = [(f"{LotPurpose.DISMANTLE}|{org.id}", org) for org in plants]
    lines += [(f"{LotPurpose.TRANSFER}|{o.id}", o) for o in depots if o.id != actor.org_id]
    return [
        (key, org.name if org.kind is OrgKind.DISMANTLER else _("调拨：%s") % org.name)
        for key, org in lines
        if org.status == "admitted"
    ]


def _pack_context(request: HttpRequest, form: PackForm, units: list[UnitCard]) -> dict[str, Any]:
    names, classes = unit_parts.category_names(), unit_parts.class_names()
    stock = stock_book.list_depot_stock(actor_of(request).scope)
    here = {line.class_code for line in stock if line.state is UnitState.IN_DEPOT}
    options = [("", _("全部类别")), *((code, classes.get(code, code)) for code in sorted(here))]
    ticked = set(form["units"].value() or []) if form.is_bound else set()
    return {
        "form": form,
        "filters": [Filter("class", _("类别"), request.GET.get("class", ""), "choice", options)],
        "units": [(names[unit.category_code], unit, unit.unit_code in ticked) for unit in units],
        "request_id": form["request_id"].value() if form.is_bound else ids.new_id(),
        "empty": Empty(
            _("仓里没有可装批的旧机"), _("旧机过磅入库后可以装批。"),
            reverse("recycler:weigh"), _("去过磅"),
        ),
        "refusal": None,
    }  # fmt: skip


def _lot_context(request: HttpRequest, lot_id: UUID, form: CarriageForm) -> dict[str, Any]:
    actor = actor_of(request)
    card = stock_book.get_lot(lot_id, actor.scope)
    names = unit_parts.org_names([card.depot_org_id, card.receiver_org_id])
    truck = card.carriage
    return {
        "side": "recycler:lots",
        "lot": card,
        "form": form,
        "link": trace.container_link(card.sscc),
        "depot": names[card.depot_org_id],
        "dismantler": names[card.receiver_org_id],
        "is_transfer": card.purpose is LotPurpose.TRANSFER,
        "carriage": [
            Fact(_("车牌"), truck.plate_no), Fact(_("驾驶员"), truck.driver_name),
            Fact(_("封签号"), truck.seal_no),
        ] if truck else None,
        "steps": unit_parts.lot_steps(card, names),
        "found": unit_parts.discrepancy_table(card.discrepancies) if card.received_at else None,
        "may_ship": card.state is LotState.PACKED and card.depot_org_id == actor.org_id,
        "may_receive": card.state is LotState.SHIPPED and _comes_here(actor, card),
        "refusal": None,
    }  # fmt: skip
