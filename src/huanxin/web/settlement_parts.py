"""Tables of settlement that officers and shops both read."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from huanxin.settlement.types import ClawBackCard
from huanxin.web.parts import Column, Empty, Row, Table


def claw_backs_table(
    found: Sequence[ClawBackCard], number: int, pages: int, total: int, *, may_receive: bool = False
) -> Table:
    """What is owed or came back; a line leads to booking it where that is allowed."""
    columns = (
        Column("number", _("销售单号"), "number"),
        Column("org", _("商户")),
        Column("why", _("原因")),
        Column("amount_fen", _("应退"), "money"),
        Column("started_on", _("起算日"), "day"),
        Column("how", _("怎么退")),
        Column("received_on", _("收到日"), "day"),
    )
    rows = [
        Row(
            {
                "number": one.sale_number, "org": one.org_name,
                "why": _("降价、部分退款") if one.is_part else _("退货"),
                "amount_fen": one.amount_fen, "started_on": one.started_on, "how": _how(one),
                "received_on": one.received_on,
            },
            href=reverse("console:receive", args=[one.sale_id])
            if may_receive and not one.offset_number else "",
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(
        _("没有要追缴的款项"), _("已付款的销售退货或降价后，会自动列在这里。"), icon="check"
    )
    return Table(
        "claw_backs", _("追缴"), columns, rows, empty,
        totals={"amount_fen": sum(one.amount_fen for one in found)}, page=number, pages=pages,
        total_count=total, can_export=True,
    )  # fmt: skip


def _how(one: ClawBackCard) -> str:
    if one.received_on is not None:
        return one.bank_reference
    if one.offset_number:
        return _("在 %s 中抵扣") % one.offset_number
    return _("等下次付款抵扣，或由商户汇回")
