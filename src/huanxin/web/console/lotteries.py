"""摇号: the steps of a draw, each saying what it does, the number entered by two officers."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import drawing
from huanxin.web import pools
from huanxin.web.console.release_forms import NumberForm
from huanxin.web.forms import refused
from huanxin.web.parts import Fact
from huanxin.web.session import actor_of, audience, permitted

PAGE = "console/lottery.html"


@require_safe
@audience("console")
@permitted("vouchers.draw")
def lottery(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    return render(request, PAGE, _context(actor_of(request), pool_id))


@require_POST
@audience("console")
def publish_list(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        drawing.publish_list(actor=actor, pool_id=pool_id)
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, pool_id), refusal)
    return redirect("console:lottery", pool_id=pool_id)


@require_POST
@audience("console")
def enter_number(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), NumberForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(actor, pool_id) | {"form": form}, status=422)
    try:
        drawing.enter_public_number(actor=actor, pool_id=pool_id, value=form.cleaned_data["value"])
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, pool_id) | {"form": form}, refusal)
    return redirect("console:lottery", pool_id=pool_id)


@require_http_methods(["POST"])
@audience("console")
def draw(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), NumberForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(actor, pool_id) | {"form": form}, status=422)
    try:
        drawing.reveal_and_draw(actor=actor, pool_id=pool_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, pool_id) | {"form": form}, refusal)
    return redirect("console:lottery", pool_id=pool_id)


def _context(actor: Actor, pool_id: UUID) -> dict[str, Any]:
    card, now = vouchers.get_pool(pool_id), clock.now()
    identity.require(actor, "vouchers.draw", region_path=card.region_path)
    found = vouchers.find_lottery(pool_id)
    if found is None:
        raise Http404
    return {
        "card": card,
        "lottery": found,
        "state": pools.state_of(card, now, found),
        "is_over": now >= found.registers_until,
        "is_due": now >= found.draws_at,
        "is_mine": found.entropy_by == actor.account_id,
        "form": NumberForm(),
        "facts": [
            Fact(_("登记数"), found.registered_count, "count"),
            Fact(_("名额"), card.quantity, "count"),
            Fact(_("承诺值"), found.commitment),
            Fact(_("登记截止"), found.registers_until, "time"),
            Fact(_("公布名单"), found.listed_at or _("尚未公布"),
                 "time" if found.listed_at else "text"),
            Fact(_("名单的 SHA-256"), found.list_sha256 or _("尚未公布")),
            Fact(_("公开数来源"), found.entropy_source),
            Fact(_("开奖时间"), found.drawn_at or found.draws_at, "time"),
        ],
    }  # fmt: skip
