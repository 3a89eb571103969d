"""Her online orders: what keeps her right and until when, paying, giving up, late money."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.claims import selectors as claims
from huanxin.claims.services import ordering
from huanxin.claims.types import OnlineOrderCard, OrderState
from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherState
from huanxin.web import online_parts, pages, session
from huanxin.web.citizen import live, seats
from huanxin.web.citizen.seats import Seat
from huanxin.web.citizen.wallet import as_line
from huanxin.web.forms import RequestForm
from huanxin.web.parts import Empty, Fact

_RIGHT_NOW: dict[VoucherState, str] = {
    VoucherState.USABLE: "资格已恢复，仍在有效期内，可以重新下单或到店使用。",
    VoucherState.LAPSED: "资格已过有效期，不能再用；名额已归还，可以重新领取。",
    VoucherState.VOID: "资格已作废；需要时可以重新领取。",
    VoucherState.LOCKED: "资格正由另一笔订单保留。",
}


@session.audience("citizen")
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    seat = seats.own(request)
    found = claims.list_orders(seat.scope)
    empty = Empty(
        _("还没有线上订单"), _("在参与活动的线上门店下单时选择使用补贴资格，订单会出现在这里。"),
        reverse("citizen:buy"), _("看看怎么买"), "buy",
    )  # fmt: skip
    context = {
        "seat": seat, "tab": "buy", "back": reverse("citizen:buy"), "empty": empty,
        "lines": lines(found.items),
    }  # fmt: skip
    return live.answer(request, "citizen/online_orders.html", context, found.items)


@session.audience("citizen")
@require_safe
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    seat = seats.own(request)
    context = _context(seat, order_id)
    shown = [context["order"], context["payments"], context["line"]["card"]]
    part = "citizen/_online_order.html"
    return live.answer(request, "citizen/online_order.html", context, shown, part)


@session.audience("citizen")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The amount once more, then the simulated channel takes it; what became of it is the order."""
    return _confirmed(request, order_id, "citizen/online_pay.html", ordering.pay_order)


@session.audience("citizen")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Says that the right is free at once, then gives the order up."""
    return _confirmed(request, order_id, "citizen/online_cancel.html", ordering.cancel_order)


def waiting(seat: Seat) -> list[dict[str, Any]]:
    """The orders that wait for her money, newest first."""
    return lines(claims.list_orders(seat.scope, state=OrderState.OPEN, size=3).items)


def lines(orders: Any) -> list[dict[str, Any]]:
    """Orders in one line each, with what was ordered and where it stands."""
    goods, now = online_parts.goods_of(orders), clock.now()
    return [
        {"order": one, "goods": goods.get(one.gtin, one.gtin),
         "state": online_parts.state_of(one, now)}
        for one in orders
    ]  # fmt: skip


def _confirmed(request: HttpRequest, order_id: UUID, template: str, verb: Any) -> HttpResponse:
    seat, refusal, form = seats.own(request), None, RequestForm(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            verb(actor=seat.actor, order_id=order_id, request_id=form.cleaned_data["request_id"])
            return redirect("citizen:online_order", order_id=order_id)
        except DomainError as error:
            refusal = error
    back = reverse("citizen:online_order", args=[order_id])
    context = _context(seat, order_id) | {"refusal": refusal, "back": back}
    status = HTTP_STATUS[refusal.kind] if refusal else 200
    return pages.page(request, template, context, status=status)


def _context(seat: Seat, order_id: UUID) -> dict[str, Any]:
    card = claims.get_order(order_id, seat.scope)
    payments = claims.list_payments(order_id, seat.scope)
    [line] = lines([card])
    right = vouchers.get_voucher(card.qualification_id, seat.scope)
    return {
        "seat": seat, "tab": "buy", "back": reverse("citizen:online_orders"),
        **line, "payments": payments, "line": as_line(right),
        "steps": online_parts.story(card, payments, state=line["state"]),
        "facts": _facts(card, line["goods"]),
        "refund_fen": sum(one.refund_fen for one in payments),
        "is_simulated": any(one.is_simulated for one in payments),
        "right_now": "" if card.state in {OrderState.OPEN, OrderState.SOLD}
        else _RIGHT_NOW.get(right.state, ""),
        "claim": claims.get_claim_of_sale(card.sale_id, seat.scope) if card.sale_id else None,
    }  # fmt: skip


def _facts(card: OnlineOrderCard, goods: str) -> list[Fact]:
    return [
        Fact(_("门店"), identity.get_organisation(card.merchant_id).name),
        Fact(_("商品"), goods),
        Fact(_("门店订单号"), card.merchant_order_no, "number"),
        Fact(_("下单时间"), card.placed_at, "time"),
        Fact(_("付款时限"), card.pay_until, "time"),
        Fact(_("补贴后应付"), card.to_pay_fen, "money", is_sum=True),
    ]
