"""Product models on file and the prices promised for them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huanxin.catalogue import selectors, services
from huanxin.catalogue.errors import ModelUnknown
from huanxin.catalogue.types import Model, NewPrice
from huanxin.identity import selectors as identity
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.web.claim_lists import page_asked
from huanxin.web.forms import refused
from huanxin.web.merchant.forms import PriceForm
from huanxin.web.merchant.model_forms import ModelForm
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.session import actor_of, audience

PAGE = "merchant/models.html"
ROWS = 50


@require_safe
@audience("merchant")
def model_list(request: HttpRequest) -> HttpResponse:
    filed = request.GET.get("filed", "")
    form = PriceForm(initial={"from_on": clock.today(), "gtin": filed})
    return render(request, PAGE, _context(request, form) | {"filed": selectors.find_model(filed)})


@require_POST
@audience("merchant")
def file_model(request: HttpRequest) -> HttpResponse:
    """A new model; its price is asked for next. A maker's models are its own."""
    actor = actor_of(request)
    form = ModelForm(request.POST, categories=_categories())
    context = _context(request, PriceForm(initial={"from_on": clock.today()}))
    if not form.is_valid():
        return render(request, PAGE, context | {"model_form": form}, status=422)
    maker_id = actor.org_id if actor.role == Role.MAKER_CLERK else None
    try:
        services.file_models(actor=actor, models=[form.as_model(maker_id)])
    except DomainError as refusal:
        return refused(request, PAGE, context | {"model_form": form}, refusal)
    return redirect(f"{reverse('merchant:models')}?filed={form.cleaned_data['gtin']}")


@require_POST
@audience("merchant")
def file_price(request: HttpRequest) -> HttpResponse:
    actor, form = actor_of(request), PriceForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(request, form), status=422)
    try:
        services.file_prices(actor=actor, prices=[_price(actor, form)])
    except DomainError as refusal:
        return refused(request, PAGE, _context(request, form), refusal)
    return redirect("merchant:models")


def _price(actor: Actor, form: PriceForm) -> NewPrice:
    """A shop promises its own price; a maker gives the guide price."""
    typed = form.cleaned_data
    model = selectors.find_model(typed["gtin"])
    if model is None:
        raise ModelUnknown(model_id=typed["gtin"])
    org_id = None if actor.role == Role.MAKER_CLERK else actor.org_id
    return NewPrice(model.id, typed["price_fen"], typed["from_on"], org_id=org_id)


def _context(request: HttpRequest, form: PriceForm) -> dict[str, object]:
    category, number = request.GET.get("category", ""), page_asked(request.GET.get("page", "1"))
    options = _categories()
    known = category if category in dict(options) else None
    actor, words = actor_of(request), request.GET.get("q", "").strip()
    found = selectors.list_models(category_code=known)
    if words:
        found = [
            one for one in found if words.lower() in f"{one.gtin} {one.brand} {one.name}".lower()
        ]
    return {
        "form": form, "model_form": ModelForm(categories=options), "filed": None, "refusal": None,
        "filters": [
            Filter("q", _("条码、品牌或型号"), words, kind="search"),
            Filter("category", _("品类"), known or "", options=[("", _("全部品类")), *options]),
        ],
        "table": _table(actor, found, number),
        "may_file": identity.may(actor, "catalogue.file"),
    }  # fmt: skip


def _categories() -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in selectors.list_categories(takes_old_units=True)]


def _table(actor: Actor, models: list[Model], number: int) -> Table:
    names = {one.code: one.name for one in selectors.list_categories()}
    shown = models[(number - 1) * ROWS : number * ROWS]
    prices = selectors.filed_prices_fen(
        (one.id for one in shown), clock.today(), org_id=actor.org_id
    )
    columns = (
        Column("gtin", _("商品条码"), "number"),
        Column("category", _("品类")),
        Column("brand", _("品牌")),
        Column("name", _("型号")),
        Column("grade", _("能效")),
        Column("price_fen", _("今日备案价"), "money"),
    )
    rows = [
        Row(
            {
                "gtin": one.gtin, "category": names[one.category_code], "brand": one.brand,
                "name": one.name,
                "grade": _("%d 级") % one.energy_grade if one.energy_grade else "",
                "price_fen": prices.get(one.id),
            }
        )
        for one in shown
    ]  # fmt: skip
    return Table(
        "models", _("在册型号"), columns, rows,
        empty=Empty(_("这一类还没有备案型号"), _("型号由生产企业或门店备案后才能享受补贴。")),
        page=number, pages=max(1, -(-len(models) // ROWS)), total_count=len(models),
    )  # fmt: skip
