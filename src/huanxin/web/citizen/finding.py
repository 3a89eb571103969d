"""我卖的旧家电: all of her orders, found by number, category and the day of the visit."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.recycling.selectors import order_book
from huanxin.recycling.types.orders import OrderFilter
from huanxin.web import pages, session
from huanxin.web.citizen import orders, seats
from huanxin.web.claim_lists import day_asked, page_asked
from huanxin.web.parts import Empty, Filter, Table

_WORTH_SEARCHING = 5  # fewer are seen at a glance


@session.audience("citizen")
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    seat, where = seats.own(request), asked(request)
    found = order_book.list_orders(seat.scope, where, page=page_asked(request.GET.get("page", "")))
    context = {
        "seat": seat, "tab": "sell", "lines": [orders.as_line(card) for card in found.items],
        "is_searched": bool(where), "total": found.total,
        "filters": filters(where) if where or found.total > _WORTH_SEARCHING else [],
        "table": Table("orders", "", (), (), page=found.number, pages=found.pages),
        "empty": _empty(is_searched=bool(where)),
    }  # fmt: skip
    return pages.page(request, "citizen/orders.html", context, part="citizen/_orders.html")


def asked(request: HttpRequest) -> OrderFilter:
    """The search that the address names; what cannot be read is left out."""
    said = request.GET
    codes = {one.code for one in catalogue.list_categories()}
    return OrderFilter(
        number=said.get("number", "").strip()[:40],
        category_code=code if (code := said.get("category", "")) in codes else "",
        from_on=day_asked(said.get("from", "")), to_on=day_asked(said.get("to", "")),
    )  # fmt: skip


def filters(where: OrderFilter) -> list[Filter]:
    """The controls as they stand."""
    kinds = [("", _("全部品类")), *((c.code, c.name) for c in catalogue.list_categories())]
    return [
        Filter("number", _("单号"), where.number, "search"),
        Filter("category", _("品类"), where.category_code, "choice", kinds),
        Filter("from", _("上门自"), where.from_on.isoformat() if where.from_on else "", "day"),
        Filter("to", _("上门至"), where.to_on.isoformat() if where.to_on else "", "day"),
    ]


def _empty(*, is_searched: bool) -> Empty:
    if is_searched:
        return Empty(
            _("没有符合的订单"), _("单号可以只填几位；日期是上门那天，不是下单那天。"),
            reverse("citizen:orders"), _("看全部订单"), "search",
        )  # fmt: skip
    return Empty(_("还没有旧家电订单"), _("三步得到报价：选品类、说年限、答两问。"),
                 reverse("citizen:sell"), _("卖旧家电"), "sell")  # fmt: skip
