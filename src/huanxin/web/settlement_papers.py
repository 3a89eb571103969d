"""Printed papers of settlement: a shop's month and a batch, as PDF."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, money, pdf
from huanxin.settlement.types import BatchCard, OrderState, PaymentOrderCard, Statement
from huanxin.web.states import FAMILIES

PAPERS = Path(__file__).parent / "papers"
_SHOWN_MONTHS = 6


def month_before(on: date) -> date:
    """The first day of the month before.

    >>> month_before(date(2026, 1, 31))
    datetime.date(2025, 12, 1)
    """
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)


def months(today: date) -> list[str]:
    """This month and those before it, as YYYY-MM."""
    found, on = [], today.replace(day=1)
    for _step in range(_SHOWN_MONTHS):
        found.append(f"{on:%Y-%m}")
        on = month_before(on)
    return found


def month_after(on: date) -> date:
    """The first day of the month after.

    >>> month_after(date(2026, 12, 31))
    datetime.date(2027, 1, 1)
    """
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_asked(text: str, today: date) -> date:
    """The month an address asks for; this one if it names none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def statement_pdf(org_id: UUID, found: Statement, month_on: date) -> bytes:
    """A shop's orders of one month with what was taken off, and where it stands now."""
    orders = [
        one for one in found.orders
        if clock.business_day(one.made_at).replace(day=1) == month_on
        and one.state is not OrderState.REPLACED
    ]  # fmt: skip
    org = identity.get_organisation(org_id)
    lines = [
        ("商户", org.name), ("账期", f"{month_on:%Y年%m月}"),
        ("待结算", money.yuan(found.held_fen)), ("应付未到账", money.yuan(found.due_fen)),
        ("应退", money.yuan(found.receivable_fen)), ("预付未抵扣", money.yuan(found.prepaid_fen)),
    ]  # fmt: skip
    return _paper("补贴结算对账单", f"{month_on:%Y-%m}", lines, orders, with_shop=False)


def batch_pdf(card: BatchCard, orders: Sequence[PaymentOrderCard]) -> bytes:
    """A batch for the signature of who opened and who paid it."""
    lines = [
        ("批次", card.number), ("地区", identity.get_region(card.region_code).name),
        ("政策", card.programme),
        ("公示", f"{card.published_on or '—'} 至 {card.objections_until or '—'}"),
        ("中央资金", money.yuan(card.split.central_fen)),
        ("省级资金", money.yuan(card.split.province_fen)),
        ("市级资金", money.yuan(card.split.city_fen)), ("笔数", str(card.claim_count)),
    ]  # fmt: skip
    return _paper("补贴结算批次表", card.number, lines, orders, with_shop=True)


def _paper(
    title: str,
    number: str,
    lines: list[tuple[str, str]],
    orders: Sequence[PaymentOrderCard],
    *,
    with_shop: bool,
) -> bytes:
    now = clock.now()
    rows = [_row(one, with_shop=with_shop) for one in orders]
    facts: dict[str, Any] = {
        "title": title,
        "number": number,
        "printed": f"{now.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        "lines": lines,
        "heads": [
            "付款指令",
            "收款单位" if with_shop else "批次",
            "状态",
            "补贴",
            "券",
            "抵扣",
            "付款",
        ],
        "rows": rows,
        "totals": [
            money.yuan(sum(one.split.total_fen for one in orders)),
            money.yuan(sum(one.trade_in_fen + one.consumption_fen for one in orders)),
            money.yuan(sum(one.prepaid_fen + one.clawed_fen for one in orders)),
            money.yuan(sum(one.cash_fen for one in orders)),
        ],
        "signs": ["制表", "复核", "收款单位" if not with_shop else "审批"],
    }
    return pdf.render(PAPERS / "settlement.typ", facts, at=now)


def _row(one: PaymentOrderCard, *, with_shop: bool) -> list[str]:
    return [
        one.number, one.org_name if with_shop else one.batch_number,
        str(FAMILIES["payment"][one.state].word), money.yuan(one.split.total_fen),
        money.yuan(one.trade_in_fen + one.consumption_fen),
        money.yuan(one.prepaid_fen + one.clawed_fen), money.yuan(one.cash_fen),
    ]  # fmt: skip
