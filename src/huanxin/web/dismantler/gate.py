"""The gate: a lot received by scanning and weighing each unit, differences shown as they arise."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import stock_book
from huanxin.recycling.services import dismantling
from huanxin.recycling.types import DiscrepancyKind, LotState
from huanxin.recycling.types.depot import Discrepancy, LotCard, LotReceipt, WeighIn
from huanxin.web import drafts, licences, pages, sides, unit_parts
from huanxin.web.claim_lists import page_asked
from huanxin.web.dismantler.forms import GateForm
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Empty, Filter
from huanxin.web.problems import is_fragment
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.states import FAMILIES

GATE, SCANS, CONFIRM = (
    "dismantler/gate.html", "dismantler/_scans.html", "dismantler/receive.html",
)  # fmt: skip
_SIDE = "dismantler:lots"


@require_safe
@audience("dismantler")
def home(request: HttpRequest) -> HttpResponse:
    return redirect(sides.first_page(actor_of(request), "dismantler"))


@require_safe
@audience("dismantler")
@permitted("recycling.receive")
def lot_list(request: HttpRequest) -> HttpResponse:
    """What is under way comes first: it is the gate's work."""
    asked = request.GET.get("state", LotState.SHIPPED.value)
    state = LotState(asked) if asked in set(LotState) else None
    page = page_asked(request.GET.get("page", "1"))
    found = stock_book.list_lots(actor_of(request).scope, state=state, page=page)
    empty = Empty(
        _("没有在途的批次"), _("分拣中心发运后，批次会出现在这里。"), icon="truck"
    )  # fmt: skip
    table = unit_parts.lots_table(found, detail="dismantler:lot", other="depot", empty=empty)
    states = [(key, str(mark.word)) for key, mark in FAMILIES["lot"].items()]
    filters = [Filter("state", _("状态"), asked, "choice", [*states, ("", _("全部状态"))])]
    context = {
        "table": table, "filters": filters, "licences": licences.warnings(actor_of(request)),
    }  # fmt: skip
    return pages.page(request, "dismantler/lots.html", context, part="components/table_part.html")


@require_safe
@never_cache
@audience("dismantler")
@permitted("recycling.receive")
def lot(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    card = stock_book.get_lot(lot_id, actor_of(request).scope)
    if card.state is LotState.SHIPPED:
        return _show(request, card)
    names = unit_parts.org_names([card.depot_org_id, card.receiver_org_id])
    context = {
        "side": _SIDE,
        "lot": card,
        "depot": names[card.depot_org_id],
        "steps": unit_parts.lot_steps(card, names),
        "found": unit_parts.discrepancy_table(card.discrepancies),
        "is_received": card.state is LotState.RECEIVED,
    }
    return pages.page(request, "dismantler/lot.html", context)


@require_POST
@audience("dismantler")
@permitted("recycling.receive")
def scan(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    card = stock_book.get_lot(lot_id, actor_of(request).scope)
    form = GateForm(request.POST)
    if not form.is_valid():
        return _show(request, card, form=form, status=422)
    said = form.cleaned_data
    one = WeighIn(said["scan"], said["mass_g"], said["seen_class"] or None)
    _keep(request, card, {**_scans(request, card), said["scan"]: one})
    return _changed(request, card)


@require_POST
@audience("dismantler")
@permitted("recycling.receive")
def unscan(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    card = stock_book.get_lot(lot_id, actor_of(request).scope)
    left = {c: one for c, one in _scans(request, card).items() if c != request.POST.get("unit")}
    _keep(request, card, left)
    return _changed(request, card)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@audience("dismantler")
@permitted("recycling.receive")
def receive(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """The last look at the differences; then the lot is taken over."""
    actor, form = actor_of(request), RequestForm(request.POST or None)
    card = stock_book.get_lot(lot_id, actor.scope)
    if card.state is LotState.RECEIVED:
        return redirect("dismantler:lot", lot_id=lot_id)
    scanned = tuple(_scans(request, card).values())
    lines = stock_book.compare_lot(lot_id, scanned, actor.scope)
    context = _confirm_context(card, scanned, lines)
    if not form.is_bound or not form.is_valid():
        return pages.page(request, CONFIRM, context, status=422 if form.is_bound else 200)
    try:
        dismantling.receive_lots(
            actor=actor, receipts=[LotReceipt(lot_id, scanned)],
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, CONFIRM, context, refusal)
    drafts.drop(request, _name(card))
    return redirect("dismantler:lot", lot_id=lot_id)


def _confirm_context(
    card: LotCard, scanned: tuple[WeighIn, ...], lines: list[Discrepancy]
) -> dict[str, Any]:
    return {
        "side": _SIDE,
        "lot": card,
        "scanned_count": len(scanned),
        "mass_g": sum(one.mass_g for one in scanned),
        "missing_count": sum(one.kind is DiscrepancyKind.MISSING for one in lines),
        "found": unit_parts.discrepancy_table(lines),
        "request_id": ids.new_id(),
        "refusal": None,
    }


def _changed(request: HttpRequest, card: LotCard) -> HttpResponse:
    """The new state: as a part for htmx, as a page of its own address otherwise."""
    return _show(request, card) if is_fragment(request) else redirect("dismantler:lot", card.id)


def _show(
    request: HttpRequest, card: LotCard, *, form: GateForm | None = None, status: int = 200
) -> HttpResponse:
    actor, scans = actor_of(request), _scans(request, card)
    lines = _lines(actor, card, scans)
    context = {
        "lot": card,
        "depot": unit_parts.org_names([card.depot_org_id])[card.depot_org_id],
        "form": form or GateForm(),
        "lines": lines,
        "scanned_count": len(scans),
        "listed_count": len(card.unit_codes),
        "off_count": sum(one["mark"] not in {"fits", "missing"} for one in lines),
        "side": _SIDE,
        "licences": licences.warnings(actor),
        "refusal": None,
    }
    return pages.page(request, GATE, context, part=SCANS, status=status)


def _lines(actor: Actor, card: LotCard, scans: Mapping[str, WeighIn]) -> list[dict[str, Any]]:
    """What was scanned first, newest on top, then what the list still waits for."""
    listed = {
        one.unit_code: one.expected_g for one in stock_book.compare_lot(card.id, (), actor.scope)
    }
    found = stock_book.compare_lot(card.id, tuple(scans.values()), actor.scope)
    marks = {one.unit_code: one.kind.value for one in found}
    codes = [*reversed(list(scans)), *(code for code in listed if code not in scans)]
    return [
        {
            "code": code,
            "expected_g": listed.get(code),
            "found_g": scans[code].mass_g if code in scans else None,
            "mark": marks.get(code, "fits"),
        }
        for code in codes
    ]


def _scans(request: HttpRequest, card: LotCard) -> dict[str, WeighIn]:
    """Units scanned so far in this session, in the order of scanning."""
    kept = drafts.load(request, _name(card)).get("scans", [])
    return {code: WeighIn(code, mass_g, seen or None) for code, mass_g, seen in kept}


def _keep(request: HttpRequest, card: LotCard, scans: Mapping[str, WeighIn]) -> None:
    lines = [[one.unit_code, one.mass_g, one.seen_class or ""] for one in scans.values()]
    drafts.keep(request, _name(card), {"scans": lines})


def _name(card: LotCard) -> str:
    return f"lot:{card.id}"
