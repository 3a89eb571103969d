"""What a shop is owed and has been paid."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.kernel.errors import NotAllowed
from huanxin.settlement import selectors as settlement
from huanxin.settlement.types import OrderState, PaymentOrderCard, Statement
from huanxin.web.exports import table_file
from huanxin.web.parts import Column, Empty, Row, Table, Tile
from huanxin.web.session import actor_of, audience, permitted


@require_safe
@audience("merchant")
@permitted("settlement.read")
def statement(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if actor.org_id is None:
        raise NotAllowed(permission="settlement.read", role=actor.role)
    found = settlement.statement(actor.org_id, actor.scope)
    table = _table(found)
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    return render(request, "merchant/statement.html", {"tiles": _tiles(found), "table": table})


def _tiles(found: Statement) -> list[Tile]:
    return [
        Tile(_("待结算（已冻结给您）"), found.held_fen, "money", target=_("核验通过并公示后支付")),
        Tile(_("应付（等银行到账）"), found.due_fen, "money", target=_("付款指令已发出")),
        Tile(_("已到账"), found.paid_fen, "money"),
        Tile(_("应退（退货后追回）"), found.receivable_fen, "money"),
    ]


def _table(found: Statement) -> Table:
    columns = (
        Column("number", _("付款单"), "number"),
        Column("batch", _("结算批次"), "number"),
        Column("state", _("状态"), "pill:payment"),
        Column("made_at", _("开出时间"), "time"),
        Column("claims", _("笔数"), "count"),
        Column("subsidy_fen", _("补贴"), "money"),
        Column("trade_in_fen", _("焕新券"), "money"),
        Column("amount_fen", _("合计"), "money"),
        Column("reference", _("银行回单"), "number"),
    )
    live = [one for one in found.orders if one.state is not OrderState.REPLACED]
    return Table(
        "orders", _("付款明细"), columns, [_row(order) for order in found.orders],
        empty=Empty(
            _("还没有付款记录"), _("申报通过后进入结算批次，公示期满即付款。"),
            reverse("merchant:claims"), _("看申报进度"),
        ),
        totals={
            "claims": sum(one.claim_count for one in live),
            "subsidy_fen": sum(one.split.total_fen for one in live),
            "trade_in_fen": sum(one.trade_in_fen for one in live),
            "amount_fen": sum(one.amount_fen for one in live),
        },
        total_count=len(found.orders), can_export=True,
    )  # fmt: skip


def _row(order: PaymentOrderCard) -> Row:
    return Row(
        {
            "number": order.number,
            "batch": order.batch_number,
            "state": order.state,
            "made_at": order.made_at,
            "claims": order.claim_count,
            "subsidy_fen": order.split.total_fen,
            "trade_in_fen": order.trade_in_fen,
            "amount_fen": order.amount_fen,
            "reference": order.bank_reference,
        },
        tone="danger" if order.state is OrderState.REFUSED else "",
    )
