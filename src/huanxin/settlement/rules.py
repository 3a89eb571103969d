"""Splitting money among funds and laying out what the bank and the public read. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from huanxin.kernel.money import split_fen
from huanxin.settlement.errors import PublicityDaysInvalid
from huanxin.settlement.types import FUNDS, BankAnswer, FundSplit, OrderState, PaymentOrderCard

ANSWERS = {
    BankAnswer.ACCEPTED: OrderState.ACCEPTED,
    BankAnswer.REFUSED: OrderState.REFUSED,
    BankAnswer.UNKNOWN: OrderState.UNKNOWN,
}
STATE_WORDS = {
    "open": "待公示", "published": "公示中", "paid": "已付款", "sent": "已发送",
    "accepted": "已到账", "refused": "银行退回", "unknown": "结果不明", "replaced": "已重付",
}  # fmt: skip
_HEADINGS = (
    "指令编号", "收款单位", "统一社会信用代码", "金额", "其中中央资金", "其中省级资金",
    "其中市级资金", "其中焕新券", "其中消费券", "用途",
)  # fmt: skip


def split(subsidy_fen: int, share_bps: Mapping[str, int]) -> FundSplit:
    """One claim's subsidy by fund, adding up to the fen; funds not named bear nothing.

    >>> split(74_085, {"central": 8500, "city": 1500})
    FundSplit(central_fen=62972, province_fen=0, city_fen=11113)
    """
    unknown = share_bps.keys() - set(FUNDS)
    assert not unknown, f"no account for {unknown}"
    return FundSplit(*split_fen(subsidy_fen, [share_bps.get(fund, 0) for fund in FUNDS]))


def objections_until(published_on: date, days: int) -> date:
    """The last day on which an objection is taken: payment is possible from the next day.

    >>> objections_until(date(2026, 9, 1), 5)
    datetime.date(2026, 9, 5)
    """
    if not 1 <= days <= 30:
        raise PublicityDaysInvalid(days=days)
    return published_on + timedelta(days=days - 1)


def may_answer(state: OrderState) -> bool:
    """Whether the bank's answer is still awaited."""
    return state in {OrderState.SENT, OrderState.UNKNOWN}


def bank_file(orders: Iterable[PaymentOrderCard], usccs: Mapping[UUID, str]) -> str:
    """The payment file in CSV: one line an order, amounts in yuan with two decimals.

    Account numbers are the bank's own record, found by the merchant's credit code.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    for one in orders:
        amounts = (
            one.amount_fen, one.split.central_fen, one.split.province_fen, one.split.city_fen,
            one.trade_in_fen, one.consumption_fen,
        )  # fmt: skip
        writer.writerow([
            one.number, one.org_name, usccs.get(one.org_id, ""), *map(_decimal, amounts),
            f"以旧换新补贴 {one.batch_number}",
        ])  # fmt: skip
    return out.getvalue()


def _decimal(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def total(splits: Sequence[FundSplit]) -> FundSplit:
    """The sum of several splits."""
    return sum(splits, FundSplit())
