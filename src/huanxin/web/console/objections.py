"""What the public objects to: the list, one objection beside its claim, and the answer."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huanxin.kernel.errors import DomainError
from huanxin.settlement.selectors import public_book
from huanxin.settlement.services import objecting
from huanxin.settlement.types import ObjectionCard, ObjectionState
from huanxin.web.claim_lists import page_asked
from huanxin.web.console.settlement_forms import DecideForm
from huanxin.web.exports import table_file
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Empty, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

LIST, ONE = "console/objections.html", "console/objection.html"


@require_safe
@audience("console")
@permitted("settlement.object")
def objection_list(request: HttpRequest) -> HttpResponse:
    waits = request.GET.get("state") != "all"
    found = public_book.list_objections(
        actor_of(request).scope, state=ObjectionState.WAITING if waits else None,
        page=page_asked(request.GET.get("page", "1")),
    )  # fmt: skip
    table = _table(found.items, found.number, found.pages, found.total)
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    return render(request, LIST, {"table": table, "waits": waits})


@require_safe
@never_cache
@audience("console")
@permitted("settlement.object")
def objection(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    return render(request, ONE, _context(request, objection_id, DecideForm()))


@require_POST
@audience("console")
def decide_objection(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    form = DecideForm(request.POST)
    if not form.is_valid():
        context = _context(request, objection_id, form)
        return render(request, ONE, context, status=422)
    try:
        objecting.decide_objection(
            actor=actor_of(request), objection_id=objection_id, **form.cleaned_data
        )
    except DomainError as refusal:
        return refused(request, ONE, _context(request, objection_id, form), refusal)
    return redirect("console:objections")


@require_POST
@never_cache
@audience("console")
def reveal_contact(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """The contact, for this one answer; the look is on record."""
    contact = objecting.reveal_contact(actor=actor_of(request), objection_id=objection_id)
    context = _context(request, objection_id, DecideForm()) | {"contact": contact}
    return render(request, ONE, context)


def _context(request: HttpRequest, objection_id: UUID, form: DecideForm) -> dict[str, object]:
    card = public_book.get_objection(objection_id, actor_of(request).scope)
    facts = [
        Fact(_("批次"), card.batch_number, "number",
             href=reverse("console:batch", args=[card.batch_id])),
        Fact(_("销售单号"), card.sale_number, "number",
             href=reverse("console:claim", args=[card.claim_id]) if card.claim_id else ""),
        Fact(_("商户"), card.merchant_name),
        Fact(_("补贴"), card.subsidy_fen, "money"),
        Fact(_("提出时间"), card.lodged_at, "time"),
    ]  # fmt: skip
    return {"card": card, "facts": facts, "form": form, "contact": ""}


def _table(found: Sequence[ObjectionCard], number: int, pages: int, total: int) -> Table:
    columns = (
        Column("number", _("受理编号"), "number"),
        Column("state", _("状态"), "pill:objection"),
        Column("merchant", _("商户")),
        Column("words", _("异议内容")),
        Column("subsidy_fen", _("补贴"), "money"),
        Column("lodged_at", _("提出时间"), "time"),
    )
    rows = [
        Row(
            {
                "number": one.number, "state": one.state, "merchant": one.merchant_name,
                "words": one.words, "subsidy_fen": one.subsidy_fen, "lodged_at": one.lodged_at,
            },
            href=reverse("console:objection", args=[one.id]),
            tone="warn" if one.state is ObjectionState.WAITING else "",
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(_("没有待答复的异议"), _("公示期内收到的异议会列在这里。"), icon="check")
    return Table(
        "objections", _("公示异议"), columns, rows, empty, page=number, pages=pages,
        total_count=total, can_export=True,
    )  # fmt: skip
