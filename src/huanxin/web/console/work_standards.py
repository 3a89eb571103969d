"""The grading and the floor standard's desk: versions by two people, as the valuation's."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.services import publishing
from huanxin.recycling.types import ProposalState, StandardKind
from huanxin.web import pages
from huanxin.web.console.valuation import ProposalForm
from huanxin.web.forms import refused
from huanxin.web.session import actor_of, audience, permitted

PAGE, PROPOSE = "console/work_standards.html", "console/work_standard_propose.html"


@require_safe
@audience("console")
@permitted("recycling.propose_standard")
def standards(request: HttpRequest, kind: str) -> HttpResponse:
    return pages.page(request, PAGE, _context(actor_of(request), _kind(kind)))


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("recycling.propose_standard")
def propose(request: HttpRequest, kind: str) -> HttpResponse:
    """Begin from the version in force; nothing changes until another officer approves."""
    of = _kind(kind)
    versions = quote_book.list_work_standards(of)
    current = next((one for one in versions if one.is_in_force), versions[0])
    first = {"text": quote_book.work_standard_text(current.version), "request_id": ids.new_id()}
    form = ProposalForm(request.POST or None, initial=first)
    context = {"form": form, "current": current, "kind": of, "refusal": None}
    if not form.is_valid():
        return pages.page(request, PROPOSE, context, status=422 if form.errors else 200)
    said = form.cleaned_data
    try:
        publishing.propose_standard(
            actor=actor_of(request), text=said["text"], reason=said["reason"],
            request_id=said["request_id"], kind=of,
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, PROPOSE, context, refusal)
    return redirect("console:work_standards", kind=of.value)


@require_POST
@audience("console")
def decide(request: HttpRequest, kind: str, proposal_id: UUID) -> HttpResponse:
    actor, of = actor_of(request), _kind(kind)
    try:
        publishing.decide_standard(
            actor=actor, proposal_id=proposal_id,
            is_approved=request.POST.get("answer") == "approve",
            note=request.POST.get("note", "")[:400],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, of), refusal)
    return redirect("console:work_standards", kind=of.value)


def _kind(text: str) -> StandardKind:
    if text not in {StandardKind.GRADING, StandardKind.FLOOR}:
        raise Http404
    return StandardKind(text)


def _context(actor: Actor, kind: StandardKind) -> dict[str, Any]:
    return {
        "kind": kind,
        "others": [one for one in StandardKind if one is not kind],
        "versions": [
            (one, quote_book.work_standard_text(one.version))
            for one in quote_book.list_work_standards(kind)
        ],
        "proposals": quote_book.list_standard_proposals(kind=kind),
        "waiting": ProposalState.WAITING,
        "me": actor.account_id,
        "may_propose": identity.may(actor, "recycling.propose_standard"),
        "may_approve": identity.may(actor, "recycling.approve_standard"),
        "refusal": None,
    }
