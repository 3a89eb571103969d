"""Funders' accounts: who paid in what, what vouchers hold of it, top-ups, credit lines."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.ledger.types import FunderCard
from huanxin.vouchers import selectors
from huanxin.vouchers.services import funding
from huanxin.web.console.forms import CreditForm, TopUpForm
from huanxin.web.exports import table_file
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Confirmation, Empty, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

TOP_UP, CREDIT = "console/top_up.html", "console/credit.html"


@require_safe
@audience("console")
@permitted("ledger.read")
def funder_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    found = _table(selectors.list_funders(actor.scope))
    if wanted := request.GET.get("export"):
        return table_file(found, wanted)
    context = {"table": found, "may_fund": identity.may(actor, "vouchers.fund_funder")}
    return render(request, "console/funders.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.fund_funder")
def top_up(request: HttpRequest) -> HttpResponse:
    """The form; once it can be read, the page that says what is booked."""
    actor = actor_of(request)
    if request.method != "POST":
        form = TopUpForm(initial=request.GET.dict(), owners=_owners(actor))
        return render(request, TOP_UP, {"form": form})
    form = TopUpForm(request.POST, owners=_owners(actor))
    if not form.is_valid():
        return render(request, TOP_UP, {"form": form}, status=422)
    context = {"confirmation": _confirmation(actor, form), "title": _("出资到账登记")}
    return render(request, "console/confirm.html", context)


@require_POST
@audience("console")
def topped_up(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = TopUpForm(request.POST, owners=_owners(actor))
    if not form.is_valid():
        return render(request, TOP_UP, {"form": form}, status=422)
    try:
        funding.fund_funder(actor=actor, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, TOP_UP, {"form": form}, refusal)
    return redirect("console:funders")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.agree_credit")
def credit(request: HttpRequest) -> HttpResponse:
    """Agree how far a funder may go below zero, and by which paper."""
    actor = actor_of(request)
    form = CreditForm(request.POST or None, owners=_owners(actor))
    if not form.is_valid():
        return render(request, CREDIT, {"form": form}, status=422 if form.is_bound else 200)
    try:
        funding.agree_credit(actor=actor, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, CREDIT, {"form": form}, refusal)
    return redirect("console:funders")


def _owners(actor: Actor) -> list[tuple[str, str]]:
    """The city, then the shops and makers within reach."""
    found = identity.list_organisations(actor.scope)
    kinds = {OrgKind.RETAILER, OrgKind.MAKER}
    return [("city", _("市级财政")), *((str(o.id), o.name) for o in found if o.kind in kinds)]


def _confirmation(actor: Actor, form: TopUpForm) -> Confirmation:
    typed: dict[str, Any] = form.cleaned_data
    card = selectors.get_funder(typed["owner"], actor.scope)
    return Confirmation(
        title=_("%s 出资到账") % card.name,
        amount_fen=typed["amount_fen"],
        sentence=_("凭证号 %s") % typed["reference"],
        facts=[
            Fact(_("现可用"), card.free_fen, "money"),
            Fact(_("登记后可用"), card.free_fen + typed["amount_fen"], "money", is_sum=True),
        ],
        action=reverse("console:topped_up"),
        button=_("确认登记"),
        back=reverse("console:top_up"),
        fields={name: form.data[name] for name in form.fields if name in form.data},
        warning=_("请先核对银行到账，登记后该出资方即可用于发券。"),
    )


def _table(found: list[FunderCard]) -> Table:
    columns = (
        Column("name", _("出资方")),
        Column("paid_in_fen", _("累计出资"), "money"),
        Column("held_fen", _("券占用"), "money"),
        Column("free_fen", _("可用"), "money"),
        Column("credit_limit_fen", _("垫付额度"), "money"),
        Column("credit_title", _("额度依据")),
    )
    rows = [
        Row(
            {column.key: getattr(card, column.key) for column in columns},
            reverse("console:account", args=[card.code]),
            "warn" if card.free_fen < 0 else "",
        )
        for card in found
    ]
    empty = Empty(_("还没有出资方"), _("企业或市级资金到账后在这里登记，才能发焕新券与消费券。"))
    return Table("funders", _("出资账户"), columns, rows, empty, can_export=True)
