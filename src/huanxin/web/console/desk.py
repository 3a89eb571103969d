"""The review desk: the queue by risk, the papers with what speaks against them, one verdict."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huanxin.claims.services import reviewing
from huanxin.claims.types import ReviewVerdict
from huanxin.claims.types.desk import QueueFilter
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
    actor = actor_of(request)
    line = review.queue(actor, request.GET.get("which", ""))
    done = {"done": review.verdict_notice(request.GET.get("done", ""), actor.scope)}
    if not line["waiting"].items:
        return render(request, "console/desk_empty.html", line | done)
    return render(request, PAGE, review.context(actor, line) | done)


@require_safe
@never_cache
@audience("console")
@permitted("claims.review")
def queue_part(request: HttpRequest) -> HttpResponse:
    """The list alone, as it stands now: the page asks for it every twenty seconds."""
    line = review.queue(actor_of(request), request.GET.get("which", ""))
    return render(request, "console/_queue.html", line | {"open_id": request.GET.get("open", "")})


@require_safe
@never_cache
@audience("console")
@permitted("claims.review")
def shop_part(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """What the shop of a case adds up to: the page fetches it once the case stands."""
    facts = review.shop_facts(claim_id, actor_of(request).scope)
    return render(request, "console/_shop.html", {"shop_facts": facts})


@require_safe
@never_cache
@audience("console")
@permitted("claims.review")
def case(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    done = review.verdict_notice(request.GET.get("done", ""), actor.scope)
    line = review.queue(actor, request.GET.get("which", ""))
    return render(request, PAGE, review.context(actor, line, claim_id=claim_id) | {"done": done})


@require_POST
@audience("console")
@permitted("claims.review")
def verdict(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), VerdictForm(request.POST)
    line = review.queue(actor, request.POST.get("which", ""))
    if not form.is_valid():
        found = review.context(actor, line, claim_id=claim_id, typed=form)
        return render(request, PAGE, found | {"done": None}, status=422)
    typed = dict(form.cleaned_data)
    next_id, verdict = typed.pop("next_id"), ReviewVerdict(typed.pop("verdict"))
    try:
        reviewing.review_claim(actor=actor, claim_id=claim_id, verdict=verdict, **typed)
    except DomainError as refusal:
        found = review.context(actor, line, claim_id=claim_id, typed=form)
        return refused(request, PAGE, found | {"done": None}, refusal)
    onward = reverse("console:case", args=[next_id]) if next_id else reverse("console:desk")
    return redirect(f"{onward}?{_address(line['which'], claim_id)}")


def _address(which: QueueFilter, done: UUID) -> str:
    part = {} if which is QueueFilter.ALL else {"which": which.value}
    return urlencode(part | {"done": str(done)})


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
