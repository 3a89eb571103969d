"""A sale after it is made: what is to pay, the papers to hand in, and taking goods back."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.claims import selectors
from huanxin.claims.services import returning, submitting
from huanxin.claims.types import ClaimDetail, ClaimStage, EvidenceKind, NewEvidence
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.web import claim_parts, paper_parts
from huanxin.web.forms import refused
from huanxin.web.merchant.forms import PAPER_FORMS, PaperForm, ReturnForm
from huanxin.web.parts import Fact
from huanxin.web.session import actor_of, audience, permitted


@require_safe
@audience("merchant")
@permitted("claims.read")
def sold(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    detail = selectors.get_claim_of_sale(sale_id, actor_of(request).scope)
    return render(request, "merchant/sold.html", sale_context(actor_of(request), detail))


@require_POST
@audience("merchant")
def hand_in(request: HttpRequest, sale_id: UUID, kind: str) -> HttpResponse:
    """Keeps the file, then hands in its digest with the typed facts."""
    if kind not in PAPER_FORMS:
        raise Http404
    actor, paper = actor_of(request), EvidenceKind(kind)
    form = _form(paper, request.POST, request.FILES)
    detail = selectors.get_claim_of_sale(sale_id, actor.scope)
    context = sale_context(actor, detail, typed={paper: form})
    if not form.is_valid():
        return render(request, "merchant/sold.html", context, status=422)
    try:
        sha256 = submitting.keep_file(actor=actor, content=form.cleaned_data["file"].read())
        submitting.submit_evidence(
            actor=actor, sale_id=sale_id, evidence=[NewEvidence(paper, sha256, form.as_facts())],
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, "merchant/sold.html", context, refusal)
    return redirect(reverse("merchant:sold", args=[sale_id]) + "#papers")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("merchant")
@permitted("claims.return")
def take_back(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Asks for the reason and says what follows, then takes the goods back."""
    actor = actor_of(request)
    detail = selectors.get_claim_of_sale(sale_id, actor.scope)
    form = ReturnForm(request.POST or None)
    context = {"form": form, "detail": detail, "facts": _return_facts(detail)}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "merchant/return.html", context, status=status)
    try:
        returning.return_sale(actor=actor, sale_id=sale_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, "merchant/return.html", context, refusal)
    return redirect("merchant:claim", claim_id=detail.card.claim_id)


def sale_context(
    actor: Actor, detail: ClaimDetail, *, typed: dict[EvidenceKind, PaperForm] | None = None
) -> dict[str, Any]:
    """What the pages of a sale share: the figures, the papers and their forms."""
    findings = selectors.list_findings(detail.card.claim_id, actor.scope)
    seen = _seen(actor, detail)
    may_hand_in = detail.takes_evidence and identity.may(actor, "claims.submit")
    return {
        "detail": detail,
        "card": detail.card,
        "why": claim_parts.decision_reason(detail.decision),
        "working": claim_parts.working(detail.decision),
        "papers": [
            (paper, (typed or {}).get(paper.kind) or _form(paper.kind), seen.get(paper.kind))
            for paper in claim_parts.papers(detail, findings)
        ],
        "reads_papers": selectors.is_reading_installed(),
        "handing_in": typed or {},
        "may_hand_in": may_hand_in,
        "opens": detail.missing[0] if may_hand_in and detail.missing else "",
        "findings": claim_parts.finding_reasons(findings),
        "story": claim_parts.story(detail),
        "reductions": selectors.list_reductions(detail.card.sale_id, actor.scope),
        "may_reduce": detail.card.stage is not ClaimStage.REFUSED,
        "may_return": not detail.card.is_returned and identity.may(actor, "claims.return"),
    }


def _form(kind: EvidenceKind, *sent: Any) -> PaperForm:
    """A paper's form; where the platform reads papers nothing has to be typed."""
    return PAPER_FORMS[kind](*sent, prefix=kind, is_read=selectors.is_reading_installed())


def _seen(actor: Actor, detail: ClaimDetail) -> dict[EvidenceKind, paper_parts.PaperSeen]:
    claim_id = detail.card.claim_id
    return {
        one.kind: paper_parts.seen(one, lambda sha: reverse("merchant:file", args=[claim_id, sha]))
        for one in selectors.list_readings(claim_id, actor.scope)
    }


def _return_facts(detail: ClaimDetail) -> list[Fact]:
    card = detail.card
    return [
        Fact(_("单号"), card.number, "number"),
        Fact(_("序列号"), detail.serial, "number"),
        Fact(_("退还顾客"), card.to_pay_fen, "money", _("顾客实付")),
        Fact(_("撤回补贴"), card.subsidy_fen, "money"),
        Fact(_("恢复焕新券"), card.trade_in_fen or None, "money"),
    ]
