"""A shop's online orders: which keep a right, until when, and what became of the money."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huanxin.claims import selectors as claims
from huanxin.claims.services import ordering
from huanxin.claims.types import OnlineOrderCard, OrderState
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.kernel.paging import Page
from huanxin.web import claim_lists, online_parts
from huanxin.web.forms import RequestForm, refused
from huanxin.web.pages import page
from huanxin.web.parts import Column, Empty, Fact, Filter, Row, Table
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.states import FAMILIES

PAGE = "merchant/online_order.html"
_COLUMNS = (
    ("number", "订单号", "number"),
    ("state", "状态", "pill:online"),
    ("goods", "商品", "text"),
    ("placed_at", "下单时间", "time"),
    ("pay_until", "付款时限", "time"),
    ("to_pay_fen", "应付", "money"),
)


@require_safe
@audience("merchant")
@permitted("claims.sell")
def order_list(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = OrderState(asked) if asked in set(OrderState) else None
    number = claim_lists.page_asked(request.GET.get("page", "1"))
    found = claims.list_orders(actor_of(request).scope, state=state, page=number)
    words = [(one.value, str(FAMILIES["online"][one].word)) for one in OrderState]
    choice = Filter("state", _("状态"), state or "", "choice", [("", _("全部状态")), *words])
    context = {"table": _table(found), "filters": [choice]}
    return page(request, "merchant/online_orders.html", context, part="components/table_part.html")


@require_safe
@audience("merchant")
@permitted("claims.sell")
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return render(request, PAGE, _context(actor_of(request), order_id))


@require_POST
@audience("merchant")
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The shop gives an unpaid order up; the buyer's right is free at once."""
    actor, form = actor_of(request), RequestForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(actor, order_id), status=422)
    try:
        ordering.cancel_order(actor=actor, order_id=order_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, PAGE, _context(actor, order_id), refusal)
    return redirect("merchant:online_order", order_id=order_id)


def _table(found: Page[OnlineOrderCard]) -> Table:
    empty = Empty(
        _("没有这样的线上订单"), _("您的网店通过接口下单后，订单和付款结果会出现在这里。")
    )
    return Table(
        "online", _("线上订单"), [Column(key, _(word), kind) for key, word, kind in _COLUMNS],
        _rows(found.items, clock.now()), empty=empty, page=found.number, pages=found.pages,
        total_count=found.total,
    )  # fmt: skip


def _rows(orders: Sequence[OnlineOrderCard], now: datetime) -> list[Row]:
    goods = online_parts.goods_of(orders)
    return [
        Row(
            {
                "number": one.merchant_order_no,
                "state": online_parts.state_of(one, now),
                "goods": goods.get(one.gtin, one.gtin),
                "placed_at": one.placed_at,
                "pay_until": one.pay_until,
                "to_pay_fen": one.to_pay_fen,
            },
            reverse("merchant:online_order", args=[one.order_id]),
        )
        for one in orders
    ]


def _context(actor: Actor, order_id: UUID) -> dict[str, object]:
    card = claims.get_order(order_id, actor.scope)
    payments = claims.list_payments(order_id, actor.scope)
    state = online_parts.state_of(card, clock.now())
    claim = claims.get_claim_of_sale(card.sale_id, actor.scope) if card.sale_id else None
    return {
        "order": card, "state": state, "claim": claim,
        "words": online_parts.words_for_shop(state),
        "steps": online_parts.story(card, payments, state=state),
        "refund_fen": sum(one.refund_fen for one in payments),
        "facts": [
            Fact(_("商品"), online_parts.goods_of([card]).get(card.gtin, card.gtin)),
            Fact(_("商品条码"), card.gtin, "number"),
            Fact(_("下单时间"), card.placed_at, "time"),
            Fact(_("付款时限"), card.pay_until, "time"),
            Fact(_("应付"), card.to_pay_fen, "money", is_sum=True),
        ],
    }  # fmt: skip
