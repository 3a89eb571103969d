"""The till: one input for every scan, a live quote, and one button that sells."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.catalogue.types import Family, Model
from huanxin.claims.services import selling
from huanxin.claims.types import SaleQuote
from huanxin.identity import selectors as identity
from huanxin.identity.types import PersonCard
from huanxin.kernel import clock, money
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.vouchers.services import till_codes
from huanxin.vouchers.types import VoucherKind
from huanxin.web import claim_parts, sides
from huanxin.web.merchant import basket as baskets
from huanxin.web.merchant import purchases
from huanxin.web.merchant.basket import Basket
from huanxin.web.merchant.forms import BasketForm, ScanForm, SellForm
from huanxin.web.pages import page
from huanxin.web.parts import Fact, Reason
from huanxin.web.problems import is_fragment
from huanxin.web.session import actor_of, audience

PAGE, PART = "merchant/till.html", "merchant/_till.html"


@require_safe
@never_cache
@audience("merchant")
def home(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not identity.may(actor, "claims.sell"):
        return redirect(sides.first_page(actor, "merchant"))
    return _show(request, baskets.load(request))


@require_POST
@audience("merchant")
def scan(request: HttpRequest) -> HttpResponse:
    actor, basket, form = actor_of(request), baskets.load(request), ScanForm(request.POST)
    if not form.is_valid():
        return _show(request, basket, status=422)
    try:
        found: dict[str, Any] = {**baskets.read_scan(form.cleaned_data["scan"])}
        if code := found.pop("code", None):
            basket = baskets.show(basket, till_codes.take_till_code(actor=actor, code=code))
    except DomainError as refusal:
        return _show(request, basket, refusal=refusal)
    if "gtin" in found:
        found["list_price_fen"] = _filed_price_fen(actor, found["gtin"])
    return _changed(request, baskets.keep(request, replace(basket, **found)))


@require_POST
@audience("merchant")
def edit(request: HttpRequest) -> HttpResponse:
    basket = baskets.load(request)
    form = _form(basket, request.POST)
    if not form.is_valid():
        answer = _show(request, basket, form=form, status=422)
        answer.headers["HX-Retarget"] = answer.headers["HX-Reselect"] = (
            "#till"  # errors stand there
        )
        return answer
    return _changed(request, baskets.keep(request, replace(basket, **form.as_changes())))


@require_POST
@audience("merchant")
def clear(request: HttpRequest) -> HttpResponse:
    baskets.clear(request)
    return redirect("merchant:home")


@require_POST
@audience("merchant")
def sell(request: HttpRequest) -> HttpResponse:
    """Sells what the page showed; where a price has moved since, the page is shown again."""
    seen, basket = SellForm(request.POST), baskets.load(request)
    seen.is_valid()
    request_id = seen.cleaned_data.get("request_id")
    if request_id and (sale_id := baskets.sold_before(request, request_id)):
        return redirect("merchant:sold", sale_id=sale_id)
    form = _form(basket, request.POST)
    if not form.is_valid() or not form.cleaned_data["serial"]:
        form.add_error("serial", _("请扫描机身序列号。"))
        return _show(request, basket, form=form, status=422)
    typed = replace(basket, **form.as_changes())
    if not _is_as_seen(actor_of(request), typed, seen.cleaned_data):
        return _show(request, baskets.keep(request, typed), is_new_price=True, status=409)
    sale = typed.as_sale(actor_of(request), _category_code(typed))
    assert sale is not None, "what was seen had a price"
    try:
        receipt = selling.sell(
            actor=actor_of(request), sale=sale, request_id=UUID(typed.request_id)
        )
    except DomainError as refusal:
        return _show(request, typed, refusal=refusal)
    baskets.clear(request, sale_id=receipt.sale_id)
    return redirect("merchant:sold", sale_id=receipt.sale_id)


def _changed(request: HttpRequest, basket: Basket) -> HttpResponse:
    """The new state: as a part for htmx, as a page of its own address otherwise."""
    return _show(request, basket) if is_fragment(request) else redirect("merchant:home")


def _show(
    request: HttpRequest,
    basket: Basket,
    *,
    form: BasketForm | None = None,
    refusal: DomainError | None = None,
    is_new_price: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The till as it stands. htmx gets a refusal with the state around it, in its own place."""
    told = {"refusal": refusal, "is_new_price": is_new_price}
    context = _context(actor_of(request), basket, form or _form(basket)) | told
    status = HTTP_STATUS[refusal.kind] if refusal else status
    return page(request, PAGE, context, part=PART, status=status)


def _context(actor: Actor, basket: Basket, form: BasketForm) -> dict[str, Any]:
    quote, why = _quote(actor, basket)
    model = catalogue.find_model(basket.gtin) if basket.gtin else None
    return {
        "basket": basket,
        "person": _person(basket),
        "model": model,
        "held": _held(basket),
        "scan": ScanForm(),
        "form": form,
        "quote": quote,
        "why": why,
        "lines": _lines(quote, basket) if quote else [],
        "alone": bool(basket.consumptions) and not basket.qualifications,
        "working": claim_parts.working(quote.decision) if quote else None,
        "next_scan": _next_scan(basket, model),
    }


def _form(basket: Basket, typed: Mapping[str, Any] | None = None) -> BasketForm:
    options = [(one.id, f"{money.yuan(one.worth_fen)}  {one.number}") for one in basket.trade_ins]
    model = catalogue.find_model(basket.gtin) if basket.gtin else None
    family = catalogue.get_category(model.category_code).family if model else Family.DIGITAL
    known = {
        "gtin": basket.gtin,
        "serial": basket.serial,
        "imei": basket.imei,
        "trade_in_id": basket.trade_in_id,
        "consumption_ids": list(basket.consumption_ids),
        "list_price_fen": _typed_yuan(basket.list_price_fen),
        "discount_fen": _typed_yuan(basket.discount_fen or None),
    }
    has_imei = family is Family.DIGITAL or bool(basket.imei)
    return BasketForm(
        typed, initial=known, trade_ins=options, consumptions=purchases.options(basket),
        has_imei=has_imei,
    )  # fmt: skip


def _typed_yuan(amount_fen: int | None) -> str:
    return "" if amount_fen is None else money.yuan(amount_fen).removeprefix("¥")


def _quote(actor: Actor, basket: Basket) -> tuple[SaleQuote | None, Reason | None]:
    """The quote with the reason for its amount, or the reason why there is none."""
    sale = basket.as_sale(actor, _category_code(basket))
    if sale is None:
        return None, None
    try:
        quote = selling.quote_sale(actor=actor, sale=sale)
    except DomainError as refusal:
        return None, claim_parts.refusal_reason(refusal)
    return quote, claim_parts.decision_reason(quote.decision)


def _is_as_seen(actor: Actor, basket: Basket, seen: Mapping[str, Any]) -> bool:
    """Whether the page showed this very sale at this very price, a short while ago."""
    quote, _why = _quote(actor, basket)
    return (
        quote is not None
        and quote.is_eligible
        and basket.is_fresh
        and str(seen.get("request_id")) == basket.request_id
        and seen.get("seen_to_pay_fen") == quote.amounts.to_pay_fen
    )


def _lines(quote: SaleQuote, basket: Basket) -> list[Fact]:
    """The amounts in the order they are taken: discount, vouchers, subsidy, vouchers after it."""
    amounts = quote.amounts
    titles = dict(purchases.options(basket))
    taken = [
        (titles.get(str(one.voucher_id), _("消费券")), one.amount_fen, one.lowers_base)
        for one in quote.deductions
    ]
    minus = [
        (_("商家优惠"), amounts.discount_fen),
        (_("焕新券"), amounts.trade_in_fen),
        *((title, fen) for title, fen, is_before in taken if is_before),
        (_("政府补贴"), amounts.subsidy_fen),
        *((title, fen) for title, fen, is_before in taken if not is_before),
    ]
    note = ""
    if quote.filed_price_fen is not None:
        note = _("备案价 %s") % money.yuan(quote.filed_price_fen)
    return [
        Fact(_("标价"), amounts.list_price_fen, "money", note),
        *(Fact(name, -fen, "money") for name, fen in minus if fen),
    ]


def _category_code(basket: Basket) -> str | None:
    model = catalogue.find_model(basket.gtin) if basket.gtin else None
    return model.category_code if model else None


def _filed_price_fen(actor: Actor, gtin: str) -> int | None:
    """The price filed for today, as a first value; the cashier may type another."""
    model = catalogue.find_model(gtin)
    if model is None:
        return None
    return catalogue.filed_price_fen(model.id, clock.today(), org_id=actor.org_id)


def _held(basket: Basket) -> list[tuple[str, baskets.Held]]:
    """The shown vouchers with what each is a right to."""
    names = {c.code: c.name for c in catalogue.list_categories()}
    titles = purchases.titles(basket)
    return [(titles.get(one.id) or _title(one, names), one) for one in basket.vouchers]


def _title(held: baskets.Held, names: Mapping[str, str]) -> str:
    if held.kind == VoucherKind.QUALIFICATION:
        return _("%s补贴资格") % names[held.category_code]
    return _("焕新券")


def _person(basket: Basket) -> PersonCard | None:
    if not basket.person_id:
        return None
    return identity.cards([UUID(basket.person_id)]).get(UUID(basket.person_id))


def _next_scan(basket: Basket, model: Model | None) -> str:
    """What the till waits for."""
    wanted = {
        _("请顾客出示付款码"): not basket.vouchers,
        _("请扫商品条码（69 码）"): not basket.gtin,
        _("条码没有备案，请核对"): bool(basket.gtin) and model is None,
        _("请扫机身序列号"): not basket.serial,
        _("请填标价"): basket.list_price_fen is None,
    }
    return next((words for words, is_so in wanted.items() if is_so), "")
