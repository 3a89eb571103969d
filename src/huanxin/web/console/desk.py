"""The review desk: the queue by risk, the papers with what speaks against them, one verdict."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huanxin.claims import selectors as claims
from huanxin.claims.services import reviewing
from huanxin.claims.types import ReviewVerdict
from huanxin.identity.services import registering
from huanxin.kernel.errors import DomainError
from huanxin.web import sides
from huanxin.web.console import review
from huanxin.web.console.forms import RevealForm, VerdictForm
from huanxin.web.forms import refused
from huanxin.web.problems import is_fragment
from huanxin.web.session import actor_of, audience, permitted

PAGE = "console/desk.html"


@require_safe
@audience("console")
def home(request: HttpRequest) -> HttpResponse:
    return redirect(sides.first_page(actor_of(request), "console"))


@require_safe
@never_cache
@audience("console")
@permitted("claims.review")
def queue(request: HttpRequest) -> HttpResponse:
    """The riskiest case opens by itself."""
    waiting = claims.queue(actor_of(request).scope)
    done = review.verdict_notice(request.GET.get("done", ""), actor_of(request).scope)
    if not waiting.items:
        return render(request, "console/desk_empty.html", {"done": done})
    return render(request, PAGE, review.context(actor_of(request), waiting) | {"done": done})


@require_safe
@never_cache
@audience("console")
@permitted("claims.review")
def case(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    done = review.verdict_notice(request.GET.get("done", ""), actor.scope)
    found = review.context(actor, claims.queue(actor.scope), claim_id=claim_id)
    return render(request, PAGE, found | {"done": done})


@require_POST
@audience("console")
@permitted("claims.review")
def verdict(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), VerdictForm(request.POST)
    form.is_valid()
    typed = form.cleaned_data
    if form.errors:
        found = review.context(actor, claims.queue(actor.scope), claim_id=claim_id, typed=form)
        return render(request, PAGE, found | {"done": None}, status=422)
    next_id = typed.pop("next_id")
    try:
        reviewing.review_claim(
            actor=actor, claim_id=claim_id, **typed | {"verdict": ReviewVerdict(typed["verdict"])}
        )
    except DomainError as refusal:
        found = review.context(actor, claims.queue(actor.scope), claim_id=claim_id, typed=form)
        return refused(request, PAGE, found | {"done": None}, refusal)
    onward = reverse("console:case", args=[next_id]) if next_id else reverse("console:desk")
    return redirect(f"{onward}?done={claim_id}")


@require_POST
@audience("console")
def reveal(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Full values for a stated reason; the look is on record before it is answered."""
    form = RevealForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    facts = registering.reveal_person(actor=actor_of(request), person_id=person_id, reason=reason)
    template = "console/_revealed.html" if is_fragment(request) else "console/revealed.html"
    response = render(request, template, {"facts": facts, "reason": reason})
    response.headers["Cache-Control"] = "no-store"
    return response
