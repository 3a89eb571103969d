"""Large moves of public money: handed in by one officer, decided by another."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import countersigning
from huanxin.vouchers.types.budgets import BudgetMove, BudgetVerb
from huanxin.web.claim_parts import FUND_WORDS
from huanxin.web.console import budgets, choices
from huanxin.web.forms import refused
from huanxin.web.session import actor_of, audience, permitted

PAGE = "console/budget_requests.html"


@require_safe
@audience("console")
@permitted("vouchers.give_budget")
def requests(request: HttpRequest) -> HttpResponse:
    return render(request, PAGE, _context(actor_of(request)))


@require_POST
@audience("console")
@permitted("vouchers.give_budget")
def propose(request: HttpRequest, verb: str) -> HttpResponse:
    """The same form as for a small move, handed in instead of carried out."""
    if verb not in set(BudgetVerb):
        raise Http404
    form, template, context = budgets.form_of(request, verb)
    if not form.is_valid():
        return render(request, template, context, status=422)
    try:
        countersigning.propose_budget(
            actor=actor_of(request), move=_move(BudgetVerb(verb), form),
            document=form.cleaned_data["document"], request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, template, context, refusal)
    return redirect("console:budget_requests")


@require_POST
@audience("console")
@permitted("vouchers.give_budget")
def decide(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        countersigning.decide_budget(
            actor=actor, proposal_id=proposal_id,
            is_approved=request.POST.get("answer") == "approve",
            note=request.POST.get("note", ""),
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor), refusal)
    return redirect("console:budget_requests")


def _move(verb: BudgetVerb, form: Any) -> BudgetMove:
    typed = form.cleaned_data
    if verb is BudgetVerb.GIVE:
        shares = form.shares_fen()
        return BudgetMove(
            verb, typed["programme"], typed["region_code"], shares, sum(shares.values())
        )
    return BudgetMove(
        verb, typed["programme"], typed["region_code"], {}, typed["amount_fen"], typed["fund"]
    )


def _context(actor: Actor) -> dict[str, Any]:
    titles = choices.names(choices.programmes())
    return {
        "rows": [
            {
                "card": card,
                "region": identity.get_region(card.move.region_code).name,
                "programme": titles.get(card.move.programme, card.move.programme),
                "shares": [(FUND_WORDS[f], fen) for f, fen in card.move.shares_fen.items()],
                "fund": FUND_WORDS.get(card.move.fund),
                "is_mine": card.proposed_by == actor.account_id,
            }
            for card in vouchers.list_budget_requests(actor.scope)
        ],
        "refusal": None,
    }
