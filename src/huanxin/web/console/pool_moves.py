"""Adding to a pool and moving between pools of one budget: typed, confirmed, done once."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, budget_code, pool_code
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import releasing
from huanxin.vouchers.types import PoolCard, PoolFilter, ReleaseMode
from huanxin.web.console.release_forms import AddForm, MoveForm
from huanxin.web.forms import refused
from huanxin.web.parts import Confirmation, Fact
from huanxin.web.session import actor_of, audience, permitted

CHANGE = "console/pool_change.html"


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.open_pool")
def add(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """The form, then the page that says what moves, then the deed."""
    actor, card = actor_of(request), _card(actor_of(request), pool_id)
    form = AddForm(request.POST or None)
    context = {"card": card, "form": form, "title": _("追加名额与资金")}
    if not form.is_valid():
        return render(request, CHANGE, context, status=422 if form.is_bound else 200)
    if "confirmed" not in request.POST:
        page = {"confirmation": _adding(card, form), "title": context["title"]}
        return render(request, "console/confirm.html", page)
    try:
        releasing.add_to_pool(actor=actor, pool_id=pool_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, CHANGE, context, refusal)
    return redirect("console:pool", pool_id=pool_id)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.open_pool")
def move(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    actor, card = actor_of(request), _card(actor_of(request), pool_id)
    takers = _takers(actor, card)
    form = MoveForm(request.POST or None, pools=[(str(one.id), one.title) for one in takers])
    context = {"card": card, "form": form, "title": _("调剂到另一期"), "is_move": True}
    if not form.is_valid():
        return render(request, CHANGE, context, status=422 if form.is_bound else 200)
    typed = dict(form.cleaned_data)
    to_id = UUID(typed.pop("to_pool"))
    if "confirmed" not in request.POST:
        page = {"confirmation": _moving(card, form, takers), "title": context["title"]}
        return render(request, "console/confirm.html", page)
    try:
        releasing.move_places(actor=actor, from_pool_id=pool_id, to_pool_id=to_id, **typed)
    except DomainError as refusal:
        return refused(request, CHANGE, context, refusal)
    return redirect("console:pool", pool_id=pool_id)


def _card(actor: Actor, pool_id: UUID) -> PoolCard:
    card = vouchers.get_pool(pool_id)
    identity.require(actor, "vouchers.open_pool", region_path=card.region_path)
    return card


def _takers(actor: Actor, card: PoolCard) -> list[PoolCard]:
    """Pools of the same budget that can still give out what they get."""
    now = clock.now()
    wanted = PoolFilter(programme=card.programme, region_code=card.region_code)
    return [
        one
        for one in vouchers.list_pools(actor.scope, wanted=wanted)
        if one.id != card.id and one.closes_at > now and one.mode is not ReleaseMode.LOTTERY
    ]


def _raw(form: AddForm) -> dict[str, str]:
    raw = {name: form.data[name] for name in form.fields if name in form.data}
    return raw | {"confirmed": "1"}


def _adding(card: PoolCard, form: AddForm) -> Confirmation:
    typed: dict[str, Any] = form.cleaned_data
    budget = ledger.find_balance(budget_code(card.region_code, card.programme)) or Balance()
    return Confirmation(
        title=_("从预算划入本期"),
        amount_fen=typed["amount_fen"],
        sentence=_("名额增加 %s 份。") % f"{typed['places']:,}",
        facts=[
            Fact(_("本期"), card.title),
            Fact(_("名额将为"), card.quantity + typed["places"], "count"),
            Fact(_("该预算现可用"), budget.available_fen, "money"),
            Fact(_("划出后剩余"), budget.available_fen - typed["amount_fen"], "money"),
            Fact(_("原因"), typed["reason"]),
        ],
        action=reverse("console:pool_add", args=[card.id]),
        button=_("确认追加"),
        back=reverse("console:pool_add", args=[card.id]),
        fields=_raw(form),
    )


def _moving(card: PoolCard, form: MoveForm, takers: list[PoolCard]) -> Confirmation:
    typed: dict[str, Any] = form.cleaned_data
    taker = next(one for one in takers if str(one.id) == typed["to_pool"])
    free = ledger.get_balance(pool_code(card.id)).available_fen
    return Confirmation(
        title=_("调剂到“%s”") % taker.title,
        amount_fen=typed["amount_fen"],
        sentence=_("名额转出 %s 份。已经领走的不受影响。") % f"{typed['places']:,}",
        facts=[
            Fact(_("转出"), card.title),
            Fact(_("转出前可用资金"), free, "money"),
            Fact(_("转出后可用资金"), free - typed["amount_fen"], "money"),
            Fact(_("转出后名额"), card.quantity - typed["places"], "count"),
            Fact(_("转入后名额"), taker.quantity + typed["places"], "count"),
            Fact(_("原因"), typed["reason"]),
        ],
        action=reverse("console:pool_move", args=[card.id]),
        button=_("确认调剂"),
        back=reverse("console:pool_move", args=[card.id]),
        fields=_raw(form),
    )
