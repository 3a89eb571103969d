"""Batches in publicity: anyone reads them, objects without signing in, asks what became of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import system_actor
from huanxin.kernel.errors import DomainError
from huanxin.settlement.selectors import public_book
from huanxin.settlement.services import objecting
from huanxin.settlement.types import PublicLine
from huanxin.web.claim_lists import page_asked
from huanxin.web.exports import table_file
from huanxin.web.forms import PlainForm, RequestForm, refused
from huanxin.web.parts import Column, Empty, Fact, Row, Table

OBJECT, STATUS = "public/object.html", "public/objection.html"
_VISITOR = "公示页访客"


class ObjectForm(RequestForm):
    words = forms.CharField(
        label=gettext_lazy("有什么问题（10 至 400 字）"), min_length=10, max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    contact = forms.CharField(
        label=gettext_lazy("您的手机号或邮箱"), min_length=5, max_length=60,
        help_text=gettext_lazy("加密保存，只供答复这条异议的工作人员查看，每次查看都会留下记录。"),
    )  # fmt: skip


class StatusForm(PlainForm):
    number = forms.CharField(label=gettext_lazy("受理编号"), max_length=40)
    contact = forms.CharField(label=gettext_lazy("提交时填写的手机号或邮箱"), max_length=60)


@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    regions = {one.code: one.name for one in identity.list_regions()}
    rows = [(one, regions[one.region_code]) for one in public_book.list_public_batches()]
    return render(request, "public/publicity.html", {"batches": rows})


@require_safe
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    card = public_book.get_public_batch(batch_id)
    found = public_book.list_public_lines(batch_id, page=page_asked(request.GET.get("page", "1")))
    table = _table(found.items, is_open=card.is_open)
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    context = {
        "card": card, "lines": _lines(found.items), "page": found,
        "region": identity.get_region(card.region_code).name,
    }  # fmt: skip
    return render(request, "public/publicity_batch.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, item_id: int) -> HttpResponse:
    """The line, the words, the contact; the answer is a number to ask by."""
    line = public_book.get_public_line(item_id)
    form = ObjectForm(request.POST or None)
    context = {"form": form, "facts": _facts(line), "line": line,
               "card": public_book.batch_of_line(item_id)}  # fmt: skip
    if not form.is_valid():
        return render(request, OBJECT, context, status=422 if form.is_bound else 200)
    try:
        number = objecting.lodge_objection(
            actor=system_actor(_VISITOR), item_id=item_id, **form.cleaned_data
        )
    except DomainError as refusal:
        return refused(request, OBJECT, context, refusal)
    return redirect(reverse("public:objection") + f"?lodged={number}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest) -> HttpResponse:
    """What became of one's objection; number and contact are posted, never in the address."""
    form = StatusForm(request.POST or None, initial={"number": request.GET.get("lodged", "")})
    context: dict[str, Any] = {
        "form": form, "card": None, "lodged": request.GET.get("lodged", ""),
    }  # fmt: skip
    if not form.is_valid():
        return render(request, STATUS, context, status=422 if form.is_bound else 200)
    try:
        context["card"] = public_book.find_objection(**form.cleaned_data)
    except DomainError as refusal:
        return refused(request, STATUS, context, refusal)
    return render(request, STATUS, context)


def _names() -> dict[str, str]:
    return {one.code: one.name for one in catalogue.list_categories()}


def _lines(found: Sequence[PublicLine]) -> list[tuple[PublicLine, str]]:
    names = _names()
    return [(one, names.get(one.category_code, one.category_code)) for one in found]


def _facts(line: PublicLine) -> list[Fact]:
    return [
        Fact(_("单号"), line.number_masked, "number"),
        Fact(_("商户"), line.merchant_name),
        Fact(_("品类"), _names().get(line.category_code, line.category_code)),
        Fact(_("成交价"), line.price_fen, "money"),
        Fact(_("补贴"), line.subsidy_fen, "money"),
    ]


def _table(found: Sequence[PublicLine], *, is_open: bool) -> Table:
    columns = (
        Column("number", _("单号"), "number"),
        Column("merchant", _("商户")),
        Column("category", _("品类")),
        Column("price_fen", _("成交价"), "money"),
        Column("subsidy_fen", _("补贴"), "money"),
    )
    rows = [
        Row({"number": one.number_masked, "merchant": one.merchant_name, "category": name,
             "price_fen": one.price_fen, "subsidy_fen": one.subsidy_fen})
        for one, name in _lines(found)
    ]  # fmt: skip
    return Table("publicity", _("补贴公示"), columns, rows, Empty(_("没有公示内容")),
                 can_export=is_open)  # fmt: skip
