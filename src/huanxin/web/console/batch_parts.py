"""What the page of a batch shows at each of its three stages: 公示 · 支付 · 对账."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, money
from huanxin.kernel.actor import Actor
from huanxin.settlement import selectors
from huanxin.settlement.types import (
    BatchCard,
    BatchState,
    ItemCard,
    ItemState,
    OrderState,
    PaymentOrderCard,
)
from huanxin.web import values
from huanxin.web.claim_lists import page_asked
from huanxin.web.console import choices
from huanxin.web.console.forms import AnswerForm, ObjectionForm, PublishForm
from huanxin.web.parts import Column, Fact, Reason, Row, Table, Tone

STAGES = ("publicity", "payment", "reconciliation")
_OPEN = {OrderState.SENT, OrderState.UNKNOWN}
_TROUBLE = {
    OrderState.REFUSED: (gettext_lazy("银行退回"), gettext_lazy("核对收款账户后重付。")),
    OrderState.UNKNOWN: (
        gettext_lazy("结果不明"),
        gettext_lazy("向银行查询后登记结果，查明前不会重付。"),
    ),
}
_TONES: dict[str, Tone] = {
    OrderState.REFUSED: "danger", OrderState.UNKNOWN: "warn", ItemState.OBJECTED: "warn",
}  # fmt: skip


def context(
    actor: Actor,
    batch_id: UUID,
    asked: Mapping[str, str],
    *,
    publish: PublishForm | None = None,
    objection: ObjectionForm | None = None,
    answer: AnswerForm | None = None,
) -> dict[str, Any]:
    """The batch with the stage that the address asks for, else the one it has reached."""
    card = selectors.get_batch(batch_id, actor.scope)
    orders = selectors.orders_of(batch_id)
    stage = asked.get("stage", "")
    shown = stage if stage in STAGES else _reached(card)
    items = selectors.list_items(batch_id, actor.scope, page=page_asked(asked.get("page", "1")))
    return {
        "card": card,
        "stage": shown,
        "stages": _stages(card, orders, items.total),
        "facts": _facts(card),
        "table": _items(card, items.items, items.number, items.pages, items.total)
        if shown == "publicity"
        else _orders(orders),
        "orders": orders,
        "to_answer": [(one, _answer(one, answer)) for one in orders if one.state in _OPEN],
        "refused_orders": [one for one in orders if one.state is OrderState.REFUSED],
        "files": selectors.list_bank_files(batch_id, actor.scope),
        "is_simulated_bank": selectors.is_bank_simulated(),
        "lines": _reconciliation(card, orders),
        "publish": publish or PublishForm(),
        "objection": objection or ObjectionForm(),
        **_may(actor, card),
    }


def _reached(card: BatchCard) -> str:
    return "payment" if card.state is BatchState.PAID else "publicity"


def _stages(
    card: BatchCard, orders: Sequence[PaymentOrderCard], items: int
) -> list[tuple[str, str, int]]:
    """Tabs with counts: lines published, orders made, orders not yet settled."""
    unsettled = sum(1 for one in orders if one.state is not OrderState.ACCEPTED)
    return [
        ("publicity", _("公示"), items),
        ("payment", _("支付"), len(orders)),
        ("reconciliation", _("对账"), unsettled),
    ]


def _may(actor: Actor, card: BatchCard) -> dict[str, Any]:
    """Which buttons stand on the page; the service asks again."""
    paying = identity.may(actor, "settlement.pay", region_path=card.region_path)
    is_over = card.objections_until is not None and clock.today() > card.objections_until
    return {
        "may_publish": card.state is BatchState.OPEN and identity.may(actor, "settlement.publish"),
        "may_object": card.state is BatchState.PUBLISHED
        and identity.may(actor, "settlement.object"),
        "may_pay": paying and card.state is BatchState.PUBLISHED and is_over,
        "may_answer": paying and card.state is BatchState.PAID,
        "waits": _waits(card) if not is_over else "",
    }


def _waits(card: BatchCard) -> str:
    if card.objections_until is None:
        return _("先公示，公示期满的次日起由财政人员支付。")
    return _("公示至 %s，次日起由财政人员支付。") % values.day(card.objections_until)


def _facts(card: BatchCard) -> list[Fact]:
    return [
        Fact(_("政策"), choices.names(choices.programmes()).get(card.programme, card.programme)),
        Fact(_("地区"), identity.get_region(card.region_code).name),
        Fact(_("中央资金"), card.split.central_fen, "money"),
        Fact(_("省级资金"), card.split.province_fen, "money"),
        Fact(_("市级资金"), card.split.city_fen, "money"),
        Fact(_("补贴合计"), card.amount_fen, "money", is_sum=True),
        Fact(_("焕新券（出资方支付）"), card.trade_in_fen, "money"),
    ]


def _items(
    card: BatchCard, items: Sequence[ItemCard], number: int, pages: int, total: int
) -> Table:
    names = choices.names(choices.categories())
    columns = (
        Column("number", _("单号"), "number"),
        Column("state", _("状态"), "pill:item"),
        Column("merchant", _("商户")),
        Column("category", _("品类")),
        Column("price_fen", _("成交价"), "money"),
        Column("subsidy_fen", _("补贴"), "money"),
        Column("central_fen", _("中央"), "money"),
        Column("province_fen", _("省级"), "money"),
        Column("city_fen", _("市级"), "money"),
        Column("trade_in_fen", _("焕新券"), "money"),
    )
    rows = [
        Row(
            {
                "number": one.sale_number, "state": one.state, "merchant": one.merchant_name,
                "category": names[one.category_code], "price_fen": one.price_fen,
                "subsidy_fen": one.subsidy_fen, "central_fen": one.split.central_fen,
                "province_fen": one.split.province_fen, "city_fen": one.split.city_fen,
                "trade_in_fen": one.trade_in_fen,
            },
            href=reverse("console:claim", args=[one.claim_id]) if one.claim_id else "",
            tone=_TONES.get(one.state, ""),
        )
        for one in items
    ]  # fmt: skip
    return Table(
        "items", _("公示清单"), columns, rows,
        totals={
            "subsidy_fen": card.amount_fen, "central_fen": card.split.central_fen,
            "province_fen": card.split.province_fen, "city_fen": card.split.city_fen,
            "trade_in_fen": card.trade_in_fen,
        },
        page=number, pages=pages, total_count=total, can_export=True,
    )  # fmt: skip


def _orders(orders: Sequence[PaymentOrderCard]) -> Table:
    columns = (
        Column("number", _("付款单"), "number"),
        Column("state", _("状态"), "pill:payment"),
        Column("org", _("收款单位")),
        Column("claims", _("笔数"), "count"),
        Column("subsidy_fen", _("补贴"), "money"),
        Column("trade_in_fen", _("焕新券"), "money"),
        Column("amount_fen", _("应付"), "money"),
        Column("reference", _("回单号"), "number"),
        Column("answered_at", _("银行回执"), "time"),
    )
    ranked = sorted(orders, key=lambda one: (one.state is OrderState.ACCEPTED, one.number))
    rows = [
        Row(
            {
                "number": one.number, "state": one.state, "org": one.org_name,
                "claims": one.claim_count, "subsidy_fen": one.split.total_fen,
                "trade_in_fen": one.trade_in_fen, "amount_fen": one.amount_fen,
                "reference": one.bank_reference, "answered_at": one.answered_at,
            },
            tone=_TONES.get(one.state, ""),
        )
        for one in ranked
    ]  # fmt: skip
    sums = ("claims", "subsidy_fen", "trade_in_fen", "amount_fen")
    return Table(
        "orders", _("付款指令"), columns, rows,
        totals={key: sum(int(str(row.values[key])) for row in rows) for key in sums},
        total_count=len(rows), can_export=True,
    )  # fmt: skip


def _reconciliation(card: BatchCard, orders: Sequence[PaymentOrderCard]) -> dict[str, Any]:
    """The batch against its orders, and the orders against the bank; differences first."""
    due_fen = card.amount_fen + card.trade_in_fen
    by_state = {state: [one for one in orders if one.state is state] for state in OrderState}
    ordered_fen = sum(one.amount_fen for one in orders)
    causes = [_cause(one) for state in _TROUBLE for one in by_state[state]]
    return {
        "causes": causes,
        "difference_fen": due_fen - ordered_fen if orders else 0,
        "facts": [
            Fact(_("批次应付"), due_fen, "money", _("补贴加焕新券")),
            Fact(_("付款指令合计"), ordered_fen, "money"),
            Fact(_("银行已到账"), _sum(by_state[OrderState.ACCEPTED]), "money"),
            Fact(_("待银行回执"), _sum(by_state[OrderState.SENT]), "money"),
            Fact(_("结果不明"), _sum(by_state[OrderState.UNKNOWN]), "money"),
            Fact(_("银行退回"), _sum(by_state[OrderState.REFUSED]), "money"),
            Fact(_("未到账合计"), ordered_fen - _sum(by_state[OrderState.ACCEPTED]), "money",
                 is_sum=True),
        ],
    }  # fmt: skip


def _cause(order: PaymentOrderCard) -> Reason:
    """Why an order's money has not arrived, and what to do about it."""
    what, todo = _TROUBLE[order.state]
    return Reason(
        title=f"{order.number} {money.yuan(order.amount_fen)}",
        what=f"{order.org_name}：{what}",
        todo=str(todo),
        tone="danger",
    )


def _sum(orders: Sequence[PaymentOrderCard]) -> int:
    return sum(one.amount_fen for one in orders)


def _answer(order: PaymentOrderCard, typed: AnswerForm | None) -> AnswerForm:
    """The order's form; the one that was refused keeps what was typed."""
    if typed is not None and typed.data.get("order_number") == order.number:
        return typed
    return AnswerForm(initial={"order_number": order.number}, auto_id=f"{order.number}-%s")
