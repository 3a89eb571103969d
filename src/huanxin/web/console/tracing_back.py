"""From a recovered material back to its units and their orders: government alone, recorded."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import floor_book, order_book
from huanxin.trace import selectors as trace_reads
from huanxin.trace import services as trace
from huanxin.trace.types import Source
from huanxin.web import unit_parts
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.session import actor_of, audience, permitted


@require_http_methods(["GET", "POST"])
@audience("console")
@permitted("trace.trace_back")
def trace_back(request: HttpRequest) -> HttpResponse:
    """Asked by form, never by link: each look carries its reason and is an audit line."""
    material = request.POST.get("material", "").strip()
    reason = request.POST.get("reason", "")
    actor = actor_of(request)
    names = floor_book.list_material_names(actor.scope)
    context: dict[str, Any] = {
        "material": material,
        "names": [name for _code, name in names],
        "reason": reason,
        "refusal": None,
        "table": None,
    }
    if request.method == "POST":
        try:
            found = trace.trace_back(
                actor=actor, epc_class=_identifier(actor, material, names), reason=reason
            )
            context["table"] = _table(found)
        except DomainError as refusal:
            context["refusal"] = refusal
    status = 422 if context["refusal"] else 200
    return render(request, "console/trace_back.html", context, status=status)


def _identifier(actor: Actor, asked: str, names: Sequence[tuple[str, str]]) -> str:
    """What people say (a material, a run's or a certificate's number) as the chain names it."""
    for code, name in names:
        if asked in (code, name):
            return trace_reads.material_uri(code)
    run = floor_book.find_run(asked, actor.scope)
    return (run and trace_reads.find_transformation_uri(*run)) or asked


def _table(found: Sequence[Source]) -> Table:
    numbers = {
        card.id: card.number for card in order_book.cards(list({one.order_id for one in found}))
    }
    names = unit_parts.class_names()
    columns = (
        Column("unit", _("机身码"), "number"), Column("kind", _("类别")),
        Column("order", _("旧机订单"), "number"), Column("mass", _("重量"), "mass"),
        Column("at", _("拆解时间"), "time"),
    )  # fmt: skip
    rows = [
        Row(
            {
                "unit": one.unit_code, "kind": names.get(one.class_code, one.class_code),
                "order": numbers.get(one.order_id, ""), "mass": one.mass_g, "at": one.at,
            },
            href=reverse("public:trace", args=[one.unit_code]),
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(
        _("没有找到"), _("材料不在您的辖区，或编号有误。请对照拆解证明核对后再查。"), icon="recycle"
    )
    return Table("sources", _("投入的旧机"), columns, rows, empty=empty, total_count=len(rows))
