"""Claims as officers read them: the list with its totals, and one claim whole."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.claims import selectors
from huanxin.claims.services import reviewing
from huanxin.identity import selectors as identity
from huanxin.web import claim_files, claim_lists, claim_parts
from huanxin.web.console import choices
from huanxin.web.parts import Empty
from huanxin.web.session import actor_of, audience, permitted


@require_safe
@audience("console")
@permitted("claims.read")
def claim_list(request: HttpRequest) -> HttpResponse:
    empty = Empty(_("没有符合条件的申报"), _("换一个状态或日期再查；门店成交后申报会自动出现。"))
    return claim_lists.answer(
        request, actor_of(request).scope, "console/claims.html", detail="console:claim", empty=empty
    )


@require_safe
@audience("console")
@permitted("claims.read")
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    detail = selectors.get_claim(claim_id, actor.scope)
    findings = selectors.list_findings(claim_id, actor.scope)
    names = choices.names(choices.categories())
    context = {
        "detail": detail,
        "card": detail.card,
        "category": names.get(detail.card.category_code, detail.card.category_code),
        "may_review": identity.may(actor, "claims.review"),
        "why": claim_parts.decision_reason(detail.decision),
        "working": claim_parts.working(detail.decision),
        "findings": claim_parts.finding_reasons(findings),
        "papers": claim_parts.papers(detail, findings),
        "story": claim_parts.story(detail),
    }
    return render(request, "console/claim.html", context)


@require_safe
@audience("console")
@permitted("claims.review")
def file(request: HttpRequest, claim_id: UUID, sha256: str) -> HttpResponse:
    """Papers show names and numbers: a reviewer's look at one is on record before it is shown."""
    actor = actor_of(request)
    content = reviewing.open_paper(actor=actor, claim_id=claim_id, sha256=sha256)
    return claim_files.shown(content, sha256)
