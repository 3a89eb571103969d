"""Settlement batches: gathering cleared claims, publishing them, taking objections."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huanxin.claims import selectors as claims
from huanxin.claims.errors import SaleNotFound
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.settlement import selectors
from huanxin.settlement.services import batching, objecting
from huanxin.settlement.types import BatchCard, BatchState
from huanxin.web.claim_lists import page_asked
from huanxin.web.console import batch_parts, choices
from huanxin.web.console.forms import ObjectionForm, PlaceForm, PublishForm
from huanxin.web.exports import table_file
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.states import FAMILIES

LIST, BATCH = "console/batches.html", "console/batch.html"


@require_safe
@audience("console")
@permitted("settlement.read")
def batch_list(request: HttpRequest) -> HttpResponse:
    context = _list_context(request, _form(actor_of(request)))
    if wanted := request.GET.get("export"):
        return table_file(context["table"], wanted)
    return render(request, LIST, context)


@require_POST
@audience("console")
def open_batch(request: HttpRequest) -> HttpResponse:
    actor, form = actor_of(request), _form(actor_of(request), request.POST)
    if not form.is_valid():
        return render(request, LIST, _list_context(request, form), status=422)
    try:
        card = batching.open_batch(actor=actor, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, LIST, _list_context(request, form), refusal)
    return redirect("console:batch", batch_id=card.batch_id)


@require_safe
@audience("console")
@permitted("settlement.read")
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    context = batch_parts.context(actor_of(request), batch_id, request.GET)
    if wanted := request.GET.get("export"):
        return table_file(context["table"], wanted)
    return render(request, BATCH, context)


@require_POST
@audience("console")
def publish(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    form = PublishForm(request.POST)
    if not form.is_valid():
        context = batch_parts.context(actor_of(request), batch_id, request.GET, publish=form)
        return render(request, BATCH, context, status=422)
    try:
        batching.publish_batch(
            actor=actor_of(request), batch_id=batch_id, days=form.cleaned_data["days"]
        )
    except DomainError as refusal:
        context = batch_parts.context(actor_of(request), batch_id, request.GET, publish=form)
        return refused(request, BATCH, context, refusal)
    return redirect("console:batch", batch_id=batch_id)


@require_POST
@audience("console")
def register_objection(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), ObjectionForm(request.POST)
    context = batch_parts.context(actor_of(request), batch_id, request.GET, objection=form)
    if not form.is_valid():
        return render(request, BATCH, context, status=422)
    typed = form.cleaned_data
    try:
        objecting.object_to_claim(
            actor=actor, claim_id=_claim_id(actor, typed["number"]), note=typed["note"],
            request_id=typed["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, BATCH, context, refusal)
    return redirect("console:batch", batch_id=batch_id)


def _claim_id(actor: Actor, number: str) -> UUID:
    found = claims.find_claim_by_number(number.strip().upper(), actor.scope)
    if found is None:
        raise SaleNotFound(number=number)
    return found.card.claim_id


def _form(actor: Actor, typed: Any = None) -> PlaceForm:
    return PlaceForm(typed, programmes=choices.programmes(), regions=choices.regions(actor))


def _list_context(request: HttpRequest, form: PlaceForm) -> dict[str, Any]:
    actor, asked = actor_of(request), request.GET
    state = BatchState(asked["state"]) if asked.get("state") in set(BatchState) else None
    programme, region = asked.get("programme", ""), asked.get("region", "")
    found = selectors.list_batches(
        actor.scope, state=state, programme=programme, region_code=region,
        page=page_asked(asked.get("page", "1")),
    )  # fmt: skip
    words = [("", _("全部状态")), *((k, str(m.word)) for k, m in FAMILIES["batch"].items())]
    return {
        "form": form,
        "may_open": identity.may(actor, "settlement.open"),
        "filters": [
            Filter("state", _("状态"), state or "", options=words),
            Filter("region", _("地区"), region, options=[("", _("全部")), *choices.regions(actor)]),
            Filter(
                "programme", _("政策"), programme, options=[("", _("全部")), *choices.programmes()]
            ),
        ],
        "table": _table(found.items, found.number, found.pages, found.total),
    }


def _table(cards: Any, number: int, pages: int, total: int) -> Table:
    regions = {one.code: one.name for one in identity.list_regions()}
    programmes = choices.names(choices.programmes())
    columns = (
        Column("number", _("批次"), "number"),
        Column("state", _("状态"), "pill:batch"),
        Column("region", _("地区")),
        Column("programme", _("政策")),
        Column("opened_at", _("建立时间"), "time"),
        Column("until", _("公示至"), "day"),
        Column("claims", _("笔数"), "count"),
        Column("amount_fen", _("补贴"), "money"),
        Column("trade_in_fen", _("焕新券"), "money"),
    )
    rows = [_row(card, regions, programmes) for card in cards]
    return Table(
        "batches", _("结算批次"), columns, rows,
        empty=Empty(
            _("还没有结算批次"), _("核验通过的申报攒够后，按地区和政策建一个批次。"), icon="bank"
        ),
        page=number, pages=pages, total_count=total, can_export=True,
    )  # fmt: skip


def _row(card: BatchCard, regions: dict[str, str], programmes: dict[str, str]) -> Row:
    return Row(
        {
            "number": card.number,
            "state": card.state,
            "region": regions[card.region_code],
            "programme": programmes.get(card.programme, card.programme),
            "opened_at": card.opened_at,
            "until": card.objections_until,
            "claims": card.claim_count,
            "amount_fen": card.amount_fen,
            "trade_in_fen": card.trade_in_fen,
        },
        href=reverse("console:batch", args=[card.batch_id]),
    )
