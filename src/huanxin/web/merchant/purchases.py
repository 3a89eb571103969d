"""Goods without a subsidy, paid in part with consumption vouchers; and what comes back of them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel import money
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import purchasing
from huanxin.vouchers.types import NewPurchase, PurchaseCard, PurchaseQuote
from huanxin.web import campaign_parts, claim_parts
from huanxin.web.forms import RequestForm, refused
from huanxin.web.merchant import basket as baskets
from huanxin.web.merchant.basket import Basket
from huanxin.web.merchant.forms import GiveBackForm, PurchaseForm
from huanxin.web.parts import Fact, Reason
from huanxin.web.session import actor_of, audience, permitted

PAGE, BOUGHT = "merchant/purchase.html", "merchant/bought.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@audience("merchant")
@permitted("vouchers.redeem")
def purchase(request: HttpRequest) -> HttpResponse:
    """First press: what it comes to; second, at the price that was seen: sold."""
    actor, basket = actor_of(request), baskets.load(request)
    if not basket.consumptions:
        return _sold_before(request, actor)
    form = _form(basket, request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, PAGE, _context(basket, form), status=status)
    quote, why = _quote(actor, form)
    context = _context(basket, form) | {"quote": quote, "why": why}
    if quote is None or form.cleaned_data["seen_to_pay_fen"] != quote.to_pay_fen:
        return render(request, PAGE, context, status=200 if quote else 422)
    try:
        card = _buy(actor, form)
    except DomainError as refusal:
        return refused(request, PAGE, context, refusal)
    baskets.clear(request)
    return redirect("merchant:bought", purchase_id=card.id)


def _sold_before(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same press again after an answer that was lost shows what was sold; else the till."""
    form = RequestForm(request.POST)
    asked_id = form.cleaned_data["request_id"] if form.is_valid() else None
    sold_id = purchasing.find_bought(actor=actor, request_id=asked_id) if asked_id else None
    if sold_id is None:
        return redirect("merchant:home")
    return redirect("merchant:bought", purchase_id=sold_id)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("merchant")
@permitted("vouchers.redeem")
def bought(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """What was bought; the manager takes goods back here."""
    actor = actor_of(request)
    card = vouchers.get_purchase(purchase_id, actor.scope)
    form = GiveBackForm(request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, BOUGHT, _bought(actor, card, form), status=status)
    typed = form.cleaned_data
    try:
        purchasing.return_purchase(
            actor=actor, purchase_id=card.id, returned_fen=typed["returned_fen"],
            reason=typed["reason"], request_id=typed["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, BOUGHT, _bought(actor, card, form), refusal)
    return redirect("merchant:bought", purchase_id=card.id)


def titles(basket: Basket) -> dict[str, str]:
    """The names of the consumption vouchers a customer showed."""
    shown = {one.id: _pool_of(one.id) for one in basket.consumptions}
    return {voucher_id: pool[0] for voucher_id, pool in shown.items() if pool}


def options(basket: Basket) -> list[tuple[str, str]]:
    """The same as choices, each with what it promises first."""
    found = ((one.id, _pool_of(one.id)) for one in basket.consumptions)
    return [(voucher_id, f"{pool[0]} · {pool[1]}") for voucher_id, pool in found if pool]


def _pool_of(voucher_id: str) -> tuple[str, str] | None:
    card = vouchers.find_pool_of(UUID(voucher_id))
    box = campaign_parts.terms(card) if card else None
    return (card.title, box.first) if card and box else None


def _form(basket: Basket, typed: Any) -> PurchaseForm:
    categories = [(one.code, one.name) for one in catalogue.list_categories()]
    known = {"voucher_ids": [one.id for one in basket.consumptions]}
    return PurchaseForm(typed, initial=known, categories=categories, vouchers=options(basket))


def _context(basket: Basket, form: PurchaseForm) -> dict[str, Any]:
    person = identity.cards([UUID(basket.person_id)]).get(UUID(basket.person_id))
    return {"form": form, "person": person, "basket": basket}


def _new(actor: Actor, form: PurchaseForm) -> NewPurchase:
    assert actor.org_id is not None, "a cashier has a shop"
    typed = form.cleaned_data
    ids = tuple(UUID(one) for one in typed["voucher_ids"])
    return NewPurchase(
        actor.org_id, actor.name[:40], ids, typed["category_code"], typed["price_fen"] or 0
    )


def _quote(actor: Actor, form: PurchaseForm) -> tuple[PurchaseQuote | None, Reason | None]:
    try:
        return purchasing.quote_purchase(actor=actor, purchase=_new(actor, form)), None
    except DomainError as refusal:
        return None, claim_parts.refusal_reason(refusal)


def _buy(actor: Actor, form: PurchaseForm) -> PurchaseCard:
    return purchasing.buy(
        actor=actor, purchase=_new(actor, form), request_id=form.cleaned_data["request_id"]
    )


def _bought(actor: Actor, card: PurchaseCard, form: GiveBackForm) -> dict[str, Any]:
    names = {one.code: one.name for one in catalogue.list_categories()}
    left_fen = card.price_fen - card.returned_fen
    rows = [
        Fact(_("单号"), card.number, "number"),
        Fact(_("商品品类"), names.get(card.category_code, card.category_code)),
        Fact(_("商品金额"), card.price_fen, "money"),
        Fact(_("消费券抵扣"), -card.discount_fen, "money"),
        Fact(_("时间"), card.bought_at, "time"),
    ]
    if card.returned_fen:
        rows.append(Fact(_("已退回商品"), card.returned_fen, "money"))
        rows.append(Fact(_("消费券现抵"), card.kept_discount_fen, "money"))
    may = left_fen > 0 and identity.may(actor, "vouchers.cancel_redemption", org_id=card.org_id)
    hint = _("还可退 %s") % money.yuan(left_fen)
    return {"card": card, "facts": rows, "form": form, "may_return": may, "hint": hint}
