"""The valuation standard's desk: versions by two people, scrap prices of the day, complaints."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.services import publishing
from huanxin.recycling.types import ProposalState
from huanxin.recycling.types.valuation import NewScrapPrice
from huanxin.web import complaint_desk, pages
from huanxin.web.forms import PlainForm, RequestForm, YuanField, refused
from huanxin.web.session import actor_of, audience, permitted

PAGE, PROPOSE = "console/valuation.html", "console/valuation_propose.html"


class ProposalForm(RequestForm):
    text = forms.CharField(
        label=_("标准全文（YAML）"), max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 24, "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip
    reason = forms.CharField(label=_("为什么改"), max_length=400)


class PriceForm(PlainForm):
    index = forms.ChoiceField(label=_("废料"))
    price_fen = YuanField(label=_("每吨（元）"))
    source = forms.CharField(label=_("来源"), max_length=200)

    def __init__(self, *args: Any, indices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["index"] = forms.ChoiceField(label=_("废料"), choices=indices)


@require_safe
@audience("console")
def valuation(request: HttpRequest) -> HttpResponse:
    return pages.page(request, PAGE, _context(actor_of(request)))


@require_POST
@audience("console")
def publish_price(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = PriceForm(request.POST, indices=_indices())
    if not form.is_valid():
        return pages.page(request, PAGE, _context(actor, form), status=422)
    said = form.cleaned_data
    today: date = clock.today()
    price = NewScrapPrice(said["index"], today, said["price_fen"], said["source"])
    try:
        publishing.publish_scrap_prices(actor=actor, prices=[price])
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, form), refusal)
    return redirect("console:valuation")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("recycling.propose_standard")
def propose(request: HttpRequest) -> HttpResponse:
    """Begin from the version in force; nothing changes until another officer approves."""
    versions = quote_book.list_standards()
    current = next((one for one in versions if one.is_in_force), versions[0])
    first = {"text": quote_book.standard_text(current.version), "request_id": ids.new_id()}
    form = ProposalForm(request.POST or None, initial=first)
    context = {"form": form, "current": current, "refusal": None}
    if not form.is_valid():
        return pages.page(request, PROPOSE, context, status=422 if form.errors else 200)
    said = form.cleaned_data
    try:
        publishing.propose_standard(
            actor=actor_of(request), text=said["text"], reason=said["reason"],
            request_id=said["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, PROPOSE, context, refusal)
    return redirect("console:valuation")


@require_POST
@audience("console")
def decide(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        publishing.decide_standard(
            actor=actor, proposal_id=proposal_id,
            is_approved=request.POST.get("answer") == "approve",
            note=request.POST.get("note", "")[:400],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor), refusal)
    return redirect("console:valuation")


@require_safe
@audience("console")
@permitted("recycling.answer_complaint")
def complaints(request: HttpRequest) -> HttpResponse:
    return complaint_desk.desk(request, "console/base.html", reverse("console:complaints"))


@require_POST
@audience("console")
def answer_complaint(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    here = reverse("console:complaints")
    return complaint_desk.answer(request, complaint_id, "console/base.html", here)


def _indices() -> list[tuple[str, str]]:
    in_force = [one for one in quote_book.list_standards() if one.is_in_force]
    return [(code, name) for one in in_force[:1] for code, name, _reference in one.indices]


def _context(actor: Actor, form: PriceForm | None = None) -> dict[str, Any]:
    names = dict(_indices())
    return {
        "versions": quote_book.list_standards(),
        "proposals": quote_book.list_standard_proposals(),
        "waiting": ProposalState.WAITING,
        "me": actor.account_id,
        "prices": [(names.get(one.index_code, one.index_code), one, one.fen_per_tonne)
                   for one in quote_book.list_scrap_prices(limit=20)],
        "form": form or PriceForm(indices=list(names.items())),
        "may_price": identity.may(actor, "recycling.publish_price"),
        "may_propose": identity.may(actor, "recycling.propose_standard"),
        "may_approve": identity.may(actor, "recycling.approve_standard"),
        "refusal": None,
    }  # fmt: skip
