"""An online order in the pages' parts, for its buyer and its shop: state, story, what it is for."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from huanxin.catalogue import selectors as catalogue
from huanxin.claims.types import OnlineOrderCard, OrderPaymentCard, OrderState
from huanxin.kernel.money import yuan
from huanxin.web import values
from huanxin.web.parts import Step

_OVER: dict[OrderState, str] = {
    OrderState.EXPIRED: "超过时限未付款，订单已关闭",
    OrderState.CANCELLED: "订单已取消",
    OrderState.REFUNDED: "未成交，订单已关闭",
}


_TO_SHOP: dict[str, str] = {
    "open": "顾客的资格由这笔订单保留，付款后核销并锁定序列号。",
    "late": "已过付款时限，正在关闭；资格不再保留。",
    "sold": "已成交：资格已核销，请尽快发货并交齐材料。",
    "expired": "顾客没有在时限内付款，资格已恢复，请勿发货。",
    "cancelled": "订单已取消，资格已恢复，请勿发货。",
    "refunded": "付款没有成交，由支付渠道全额退回，请勿发货。",
}


def words_for_shop(state: str) -> str:
    """What an order's state means to the shop."""
    return _(_TO_SHOP[state])


def state_of(order: OnlineOrderCard, now: datetime) -> str:
    """Its state's mark; an order past its deadline that the timer has not closed is late."""
    is_late = order.state is OrderState.OPEN and order.pay_until <= now
    return "late" if is_late else order.state.value


def goods_of(orders: Sequence[OnlineOrderCard]) -> dict[str, str]:
    """What was ordered, by barcode: brand and model."""
    models = catalogue.find_models({one.gtin for one in orders})
    return {gtin: f"{model.brand} {model.name}" for gtin, model in models.items()}


def story(
    order: OnlineOrderCard, payments: Sequence[OrderPaymentCard], *, state: str
) -> list[Step]:
    """From the lock to the sale, or to the last fen that went back."""
    steps = [Step(_("已下单，资格已锁定"), "done", order.placed_at, order.merchant_order_no)]
    steps += _over(order, before_payments=True)
    steps += [step for one in payments for step in _payment(one)]
    steps += _over(order, before_payments=False)
    if state == "open":
        note = _("%s 前付款；到时未付自动关闭，资格恢复") % values.day_time(order.pay_until)
        return [*steps, Step(_("等待付款"), "now", note=note), Step(_("门店发货"), "next")]
    if state == "late":
        note = _("刚刚付过款的，以支付通知为准：能成交即成交，不能成交的全额退回")
        return [*steps, Step(_("超过付款时限，正在关闭"), "now", note=note)]
    if order.state is OrderState.SOLD:
        return [*steps, Step(_("门店发货、送货签收"), "next", note=_("发票和签收由门店报送"))]
    return steps


def _over(order: OnlineOrderCard, *, before_payments: bool) -> list[Step]:
    """The line that closes an order; a refunded one closes because of its payment."""
    if order.state not in _OVER or (order.state is OrderState.REFUNDED) is before_payments:
        return []
    return [Step(_(_OVER[order.state]), "stopped", order.closed_at)]


def _payment(one: OrderPaymentCard) -> list[Step]:
    channel = _("模拟支付") if one.is_simulated else _("支付渠道")
    if not one.refund_fen:
        what = _("已付款 %s，补贴已抵减") % yuan(one.paid_fen)
        return [Step(what, "done", one.paid_at, f"{channel} {one.reference}")]
    return [
        Step(_("收到付款 %s") % yuan(one.paid_fen), "done", one.paid_at,
             f"{channel} {one.reference}"),
        Step(_("全额原路退回 %s") % yuan(one.refund_fen), "done", one.told_at, note=one.sentence),
    ]  # fmt: skip
