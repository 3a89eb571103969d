"""A price lowered after the sale (保价、部分退款): typed, looked at, confirmed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huanxin.claims import selectors
from huanxin.claims.services import returning
from huanxin.claims.types import ClaimDetail, PartQuote
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.web import claim_parts
from huanxin.web.forms import refused
from huanxin.web.merchant.forms import ReduceForm
from huanxin.web.parts import Confirmation, Fact
from huanxin.web.session import actor_of, audience, permitted

ASK, CONFIRM = "merchant/reduce.html", "merchant/reduce_confirm.html"


@require_http_methods(["GET", "HEAD", "POST"])
@audience("merchant")
@permitted("claims.return")
def reduce(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Asks how much and why; what can be read is shown with what it comes to."""
    actor, form = actor_of(request), ReduceForm(request.POST or None, initial=request.GET.dict())
    context = _context(actor, sale_id, form)
    if not form.is_valid():
        return render(request, ASK, context, status=422 if form.is_bound else 200)
    try:
        quote = returning.quote_part(
            actor=actor, sale_id=sale_id, off_fen=form.cleaned_data["off_fen"]
        )
    except DomainError as refusal:
        return refused(request, ASK, context, refusal)
    return render(request, CONFIRM, context | _shown(context["detail"], quote, form))


@require_POST
@audience("merchant")
def reduce_now(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Does what was confirmed; a refusal comes back to the form with everything typed."""
    actor, form = actor_of(request), ReduceForm(request.POST)
    context = _context(actor, sale_id, form)
    if not form.is_valid():
        return render(request, ASK, context, status=422)
    try:
        returning.return_part(actor=actor, sale_id=sale_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, ASK, context, refusal)
    address = reverse("merchant:claim", args=[context["detail"].card.claim_id])
    return redirect(f"{address}#reductions")


def _context(actor: Actor, sale_id: UUID, form: ReduceForm) -> dict[str, Any]:
    detail = selectors.get_claim_of_sale(sale_id, actor.scope)
    card = detail.card
    facts = [
        Fact(_("单号"), card.number, "number"),
        Fact(_("现价"), card.price_fen, "money"),
        Fact(_("补贴"), card.subsidy_fen, "money"),
        Fact(_("顾客实付"), card.to_pay_fen, "money"),
    ]
    return {"form": form, "detail": detail, "facts": facts}


def _shown(detail: ClaimDetail, quote: PartQuote, form: ReduceForm) -> dict[str, Any]:
    """The last look: what goes back to whom, and the rule that says so."""
    receipt, card = quote.receipt, detail.card
    left = _("由财政追回") if receipt.is_claw_back else _("退回资金池")
    facts = [
        Fact(_("单号"), card.number, "number"),
        Fact(_("现价"), quote.old_price_fen, "money"),
        Fact(_("降价"), -receipt.off_fen, "money"),
        Fact(_("新价"), receipt.price_fen, "money", is_sum=True),
        Fact(_("补贴，原"), quote.old_subsidy_fen, "money"),
        Fact(_("补贴，按新价"), receipt.subsidy_fen, "money"),
        Fact(_("补贴减少"), receipt.less_fen, "money", left),
        Fact(_("退给顾客"), receipt.refund_fen, "money", _("降价减去补贴减少的部分")),
    ]
    owed = _("这笔补贴已经送银行支付，减少的部分列为您的应退款，由财政追回。")
    typed = form.cleaned_data
    again = {"off_fen": _yuan(receipt.off_fen), "reason": typed["reason"]}
    confirmation = Confirmation(
        title=_("退给顾客"),
        amount_fen=receipt.refund_fen,
        sentence=_("由您退还；补贴随新价重算，资格和焕新券仍为已使用。"),
        facts=facts,
        action=reverse("merchant:reduce_now", args=[card.sale_id]),
        button=_("确认降价"),
        back=reverse("merchant:reduce", args=[card.sale_id]) + "?" + urlencode(again),
        fields=again
        | {
            "request_id": str(typed["request_id"]),
            "seen_price_fen": str(quote.old_price_fen),
        },
        warning=owed if receipt.is_claw_back else "",
    )
    return {
        "confirmation": confirmation,
        "why": claim_parts.decision_reason(quote.decision),
        "working": claim_parts.working(quote.decision),
    }


def _yuan(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"
