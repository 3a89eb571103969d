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


def split_part(amount_fen: int, remaining: FundSplit, share_bps: Mapping[str, int]) -> FundSplit:
    """A part of a subsidy by fund, never more of a fund than it still bears of the whole.

    Shares round, so a part's own split may ask one fund a fen too much; another gives it then.

    >>> split_part(3, FundSplit(2, 0, 1), {"central": 8500, "city": 1500})
    FundSplit(central_fen=2, province_fen=0, city_fen=1)
    """
    wanted = split(amount_fen, share_bps)
    left = [remaining.central_fen, remaining.province_fen, remaining.city_fen]
    parts = [
        min(part, room)
        for part, room in zip(
            (wanted.central_fen, wanted.province_fen, wanted.city_fen), left, strict=True
        )
    ]
    for index, room in enumerate(left):
        missing = amount_fen - sum(parts)
        parts[index] += min(missing, room - parts[index])
    assert sum(parts) == amount_fen, "more is demanded than was paid"
    return FundSplit(*parts)


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
