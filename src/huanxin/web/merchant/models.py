"""Product models on file and the prices promised for them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.session import actor_of, audience

PAGE = "merchant/models.html"
ROWS = 50


@require_safe
@audience("merchant")
def model_list(request: HttpRequest) -> HttpResponse:
    form = PriceForm(initial={"from_on": clock.today()})
    return render(request, PAGE, _context(request, form))


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
    categories = selectors.list_categories(takes_old_units=True)
    known = category if category in {one.code for one in categories} else None
    options = [("", _("全部品类")), *((one.code, one.name) for one in categories)]
    actor = actor_of(request)
    return {
        "form": form,
        "filters": [Filter("category", _("品类"), known or "", options=options)],
        "table": _table(actor, selectors.list_models(category_code=known), number),
        "may_file": identity.may(actor, "catalogue.file"),
    }


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
