"""What a shop is owed and has been paid."""

from dataclasses import replace
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed
from huanxin.settlement import selectors as settlement
from huanxin.settlement.selectors import money_book
from huanxin.settlement.types import CalendarDay, OrderState, PaymentOrderCard, Statement
from huanxin.web import settlement_papers, settlement_words
from huanxin.web.exports import attachment, table_file
from huanxin.web.parts import Column, Empty, Row, Table, Tile, Tone
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.settlement_parts import claw_backs_table

_CALENDAR_TONES: dict[str, Tone] = {
    "refused": "danger", "owed_back": "warn", "arrived": "good", "ahead": "good",
}  # fmt: skip


@require_safe
@audience("merchant")
@permitted("settlement.read")
def statement(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if actor.org_id is None:
        raise NotAllowed(permission="settlement.read", role=actor.role)
    found = settlement.statement(actor.org_id, actor.scope)
    table = _table(found)
    owed = money_book.list_claw_backs(actor.scope).items
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    context = {
        "tiles": _tiles(found), "table": _of_use(table),
        "months": settlement_papers.months(clock.today()),
        "owed": claw_backs_table(owed, 1, 1, len(owed)) if owed else None,
    }  # fmt: skip
    return render(request, "merchant/statement.html", context)


@require_safe
@audience("merchant")
@permitted("settlement.read")
def statement_pdf(request: HttpRequest) -> HttpResponse:
    """The statement of one month as a paper to print and sign."""
    actor = actor_of(request)
    if actor.org_id is None:
        raise NotAllowed(permission="settlement.read", role=actor.role)
    month_on = settlement_papers.month_asked(request.GET.get("month", ""), clock.today())
    found = settlement.statement(actor.org_id, actor.scope)
    body = settlement_papers.statement_pdf(actor.org_id, found, month_on)
    return attachment(body, "application/pdf", f"对账单{month_on:%Y-%m}.pdf")


@require_safe
@audience("merchant")
@permitted("settlement.read")
def calendar(request: HttpRequest) -> HttpResponse:
    """What comes when: days ahead first, then what has no day yet, then what has been."""
    actor = actor_of(request)
    if actor.org_id is None:
        raise NotAllowed(permission="settlement.read", role=actor.role)
    today = clock.today()
    days = money_book.calendar(actor.org_id, since=today - timedelta(days=60))
    ahead, past = calendar_tables(days, today)
    return render(request, "merchant/calendar.html", {"ahead": ahead, "past": past})


def calendar_tables(days: list[CalendarDay], today: date) -> tuple[Table, Table]:
    """(what is still to come, soonest first and undated last; what has been, newest first)."""
    to_come = {"passed", "batched", "published", "ordered", "refused", "owed_back"}
    ahead = [_day(one) for one in days if one.kind in to_come or (one.on or today) > today]
    past = [_day(one) for one in days if one.kind not in to_come and one.on and one.on <= today]
    columns = (
        Column("on", _("日期"), "day"),
        Column("what", _("进度")),
        Column("number", _("编号"), "number"),
        Column("count", _("笔数"), "count"),
        Column("amount_fen", _("金额"), "money"),
    )
    empty = Empty(_("没有在途的补贴"), _("新的申报核验通过后，会出现在这里。"), icon="check")
    return (
        Table("ahead", _("接下来"), columns, ahead, empty),
        Table("past", _("近两个月"), columns, past[::-1]),
    )


def _day(one: CalendarDay) -> Row:
    return Row(
        {
            "on": one.on, "what": settlement_words.CALENDAR[one.kind], "number": one.number or "—",
            "count": one.count, "amount_fen": one.amount_fen,
        },
        tone=_CALENDAR_TONES.get(one.kind, ""),
    )  # fmt: skip


def _tiles(found: Statement) -> list[Tile]:
    return [
        Tile(_("待结算（已冻结给您）"), found.held_fen, "money", target=_("核验通过并公示后支付")),
        Tile(_("应付（等银行到账）"), found.due_fen, "money", target=_("付款指令已发出")),
        Tile(_("已到账"), found.paid_fen, "money"),
        Tile(_("应退（退货后追回）"), found.receivable_fen, "money"),
        *([Tile(_("已预付未抵扣"), found.prepaid_fen, "money")] if found.prepaid_fen else []),
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
        Column("offset_fen", _("抵扣"), "money"),
        Column("cash_fen", _("到账金额"), "money"),
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
            "offset_fen": sum(one.amount_fen - one.cash_fen for one in live),
            "cash_fen": sum(one.cash_fen for one in live),
        },
        total_count=len(found.orders), can_export=True,
    )  # fmt: skip


def _of_use(table: Table) -> Table:
    """The table as a page shows it: without the columns of vouchers and offsets nobody had.

    The file has them all, whatever stands in them.
    """
    empty = {
        key
        for key in ("trade_in_fen", "offset_fen")
        if not any(row.values[key] for row in table.rows)
    } | ({"amount_fen"} if not any(row.values["trade_in_fen"] for row in table.rows) else set())
    columns = tuple(one for one in table.columns if one.key not in empty)
    return replace(table, columns=columns)


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
            "offset_fen": order.amount_fen - order.cash_fen,
            "cash_fen": order.cash_fen,
            "reference": order.bank_reference,
        },
        tone="danger" if order.state is OrderState.REFUSED else "",
    )
