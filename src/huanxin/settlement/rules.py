"""Splitting money among funds and laying out what the bank and the public read. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from huanxin.kernel.money import split_fen
from huanxin.settlement.errors import ObjectionPoor, PublicityDaysInvalid, TermsInvalid
from huanxin.settlement.types import (
    FUNDS,
    BankAnswer,
    FundSplit,
    LineOutcome,
    NewTerms,
    OrderState,
    PaymentOrderCard,
    PrepaymentBasis,
    PrepaymentCard,
)

ANSWERS = {
    BankAnswer.ACCEPTED: OrderState.ACCEPTED,
    BankAnswer.REFUSED: OrderState.REFUSED,
    BankAnswer.UNKNOWN: OrderState.UNKNOWN,
}
STATE_WORDS = {
    "open": "待公示", "published": "公示中", "paid": "已付款", "sent": "已发送",
    "accepted": "已到账", "refused": "银行退回", "unknown": "结果不明", "replaced": "已重付",
    "proposed": "待付款", "withdrawn": "已撤回",
}  # fmt: skip
MIN_WORDS = 4
MOST_OBJECTIONS = 5  # unanswered, against one line or from one contact
SILENT_DAYS = 2  # how long a bank may take before somebody asks
MOST_SHARE_BPS = 8000
_HEADINGS = (
    "指令编号", "收款单位", "统一社会信用代码", "金额", "其中中央资金", "其中省级资金",
    "其中市级资金", "其中焕新券", "其中消费券", "抵扣预付款", "抵扣追缴", "用途",
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


def month_after(on: date) -> date:
    """The first day of the month after the one that holds a day.

    >>> month_after(date(2026, 12, 31))
    datetime.date(2027, 1, 1)
    """
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def check_objection(words: str, contact: str) -> None:
    """Refuse an objection that says nothing or that nobody could be answered on."""
    if not 10 <= len(words.strip()) <= 400:
        raise ObjectionPoor(reason="请用 10 至 400 个字说明情况")
    if not 5 <= len(contact.strip()) <= 60:
        raise ObjectionPoor(reason="请留下手机号或邮箱，以便答复")


def check_terms(terms: NewTerms) -> None:
    """Refuse a share, a line or a maximum that cannot be agreed."""
    faults = {
        f"比例应在 0.01% 至 {MOST_SHARE_BPS // 100}% 之间": not 1
        <= terms.share_bps
        <= MOST_SHARE_BPS,
        "最高预付额必须大于零": terms.most_fen <= 0,
        "按额度预付须填写约定额度": terms.basis is PrepaymentBasis.LINE and terms.line_fen <= 0,
        "按已通过申报预付不填约定额度": terms.basis is PrepaymentBasis.CLAIMS
        and terms.line_fen != 0,
        "须写明协议名称或文号，至少四个字": len(terms.title.strip()) < MIN_WORDS,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise TermsInvalid(reason=reason)


def may_answer(state: OrderState) -> bool:
    """Whether the bank's answer is still awaited."""
    return state in {OrderState.SENT, OrderState.UNKNOWN}


def judge_answer(
    *, state: OrderState, cash_fen: int, said: BankAnswer, amount_fen: int | None
) -> LineOutcome:
    """What becomes of the bank's word about an order that is known.

    >>> judge_answer(
    ...     state=OrderState.SENT, cash_fen=100, said=BankAnswer.ACCEPTED, amount_fen=99
    ... ).value
    'wrong_amount'
    >>> judge_answer(
    ...     state=OrderState.REPLACED, cash_fen=100, said=BankAnswer.ACCEPTED, amount_fen=100
    ... ).value
    'replaced'
    """
    if amount_fen != cash_fen:
        return LineOutcome.WRONG_AMOUNT
    if ANSWERS[said] == state:
        return LineOutcome.REPEATED
    if state is OrderState.REPLACED:
        return LineOutcome.REPLACED if said is BankAnswer.ACCEPTED else LineOutcome.REPEATED
    if may_answer(state):
        return LineOutcome.BOOKED
    # it does not know what it once knew: the final answer stands and nothing contradicts it
    return LineOutcome.REPEATED if said is BankAnswer.UNKNOWN else LineOutcome.CONTRADICTS


def bank_file(orders: Iterable[PaymentOrderCard], usccs: Mapping[UUID, str]) -> str:
    """The payment file in CSV: one line an order, amounts in yuan with two decimals.

    金额 is what the bank moves: the parts by fund less what is offset (docs/bank-files.md). Account
    numbers are the bank's own record, found by the merchant's credit code.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    for one in orders:
        amounts = (
            one.cash_fen, one.split.central_fen, one.split.province_fen, one.split.city_fen,
            one.trade_in_fen, one.consumption_fen, one.prepaid_fen, one.clawed_fen,
        )  # fmt: skip
        writer.writerow([
            one.number, one.org_name, usccs.get(one.org_id, ""), *map(_decimal, amounts),
            f"以旧换新补贴 {one.batch_number}",
        ])  # fmt: skip
    return out.getvalue()


def advance_file(one: PrepaymentCard, uscc: str) -> str:
    """The payment file of one payment ahead, under the same headings; no fund bears it yet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    parts = [_decimal(0)] * 7
    writer.writerow([one.number, one.org_name, uscc, _decimal(one.amount_fen), *parts, "补贴预付"])
    return out.getvalue()


def _decimal(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def total(splits: Sequence[FundSplit]) -> FundSplit:
    """The sum of several splits."""
    return sum(splits, FundSplit())
