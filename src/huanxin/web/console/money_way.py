"""The whole way of one claim's money, from the treasury to the bank and back, on one page."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huanxin.claims import selectors as claims
from huanxin.web import money_way_parts
from huanxin.web.session import actor_of, audience, permitted


@require_safe
@audience("console")
@permitted("claims.read")
def money_way(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    detail = claims.get_claim(claim_id, actor.scope)
    return render(request, "console/money_way.html", money_way_parts.context(actor, detail))
