"""A shop's claims: the list with its totals, one claim with every reason, and objecting once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huanxin.claims import selectors
from huanxin.claims.services import reviewing
from huanxin.kernel.errors import DomainError
from huanxin.web import claim_files, claim_lists, money_way_parts
from huanxin.web.forms import refused
from huanxin.web.merchant.forms import NoteForm
from huanxin.web.merchant.sales import sale_context
from huanxin.web.parts import Empty
from huanxin.web.session import actor_of, audience, permitted

PAGE = "merchant/claim.html"


@require_safe
@audience("merchant")
@permitted("claims.read")
def claim_list(request: HttpRequest) -> HttpResponse:
    empty = Empty(
        _("没有符合条件的申报"),
        _("在收银台成交一笔，申报会自动出现在这里。"),
        reverse("merchant:home"),
        _("去收银台"),
    )
    return claim_lists.answer(
        request,
        actor_of(request).scope,
        "merchant/claims.html",
        detail="merchant:claim",
        empty=empty,
    )


@require_safe
@audience("merchant")
@permitted("claims.read")
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    detail = selectors.get_claim(claim_id, actor.scope)
    return render(request, PAGE, sale_context(actor, detail) | {"form": NoteForm()})


@require_POST
@audience("merchant")
def appeal(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), NoteForm(request.POST)
    detail = selectors.get_claim(claim_id, actor.scope)
    context = sale_context(actor, detail) | {"form": form}
    if not form.is_valid():
        return render(request, PAGE, context, status=422)
    try:
        reviewing.appeal_claim(actor=actor, claim_id=claim_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, PAGE, context, refusal)
    return redirect("merchant:claim", claim_id=claim_id)


@require_safe
@audience("merchant")
@permitted("claims.read")
def file(request: HttpRequest, claim_id: UUID, sha256: str) -> HttpResponse:
    return claim_files.answer(actor_of(request), claim_id, sha256)


@require_safe
@audience("merchant")
@permitted("settlement.read")
def money_way(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Where this claim's money is now and every step it took, as far as the shop may see."""
    actor = actor_of(request)
    detail = selectors.get_claim(claim_id, actor.scope)
    return render(request, "merchant/money_way.html", money_way_parts.context(actor, detail))
