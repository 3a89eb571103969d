"""A policy's decision with its reasons, in Chinese sentences: what the till shows and stores."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache

from huanxin.kernel import money
from huanxin.policy import _scalar, _words
from huanxin.policy._ast import (
    Admission,
    Fixed,
    Policy,
    Rate,
    Refusal,
    Rounding,
    Subsidy,
    region_prefix,
)
from huanxin.policy._scalar import CompiledLine
from huanxin.policy.types import Case, Citation, Condition, Decision, PriceBasis

Decide = Callable[[Case], Decision]
_PRICES = {
    PriceBasis.AFTER_ALL_DISCOUNTS: "成交价",
    PriceBasis.INVOICE_TOTAL: "发票价税合计",
    PriceBasis.GOODS_WITHOUT_LABOUR: "不含人工费的价款",
    PriceBasis.OWN_SHARE_OF_FEE: "个人应付的服务费",
    PriceBasis.NONE: "",
}
_ASSUMED = "本条含有待核实的假定参数。"
_KEPT = 4096


def compile_policy(policy: Policy) -> Decide:
    """The policy as one function of a case. It knows no clock, no database and no other policy."""
    prefix = region_prefix(policy.region_code)
    lines = _scalar.compile_lines(policy)
    answer = _Answers(policy)

    def decide(case: Case) -> Decision:
        if not case.region_code.startswith(prefix):
            return answer.outside(case, "R206")
        if not policy.from_on <= case.on < policy.to_on:
            return answer.outside(case, "R205")
        candidates = lines.get(case.category_code)
        if candidates is None:
            return answer.outside(case, "R204")
        if not _scalar.is_price(case.price_fen):
            return answer.priceless(case)
        for line in candidates:
            if line.all_hold(case):
                return answer.paid(case, line)
        return answer.refused(case, _scalar.nearest(case, candidates))

    return decide


class _Answers:
    """Puts decisions of one policy into words."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._id, self._hash, self._funds = policy.id, policy.version_hash, policy.funds
        self.price_word = _PRICES[policy.price_basis]
        self._price_basis = policy.price_basis.value
        self._base = lru_cache(_KEPT)(self._base_conditions)
        self._assumed = {line.id: policy.is_assumed(line) for line in policy.lines}
        self._openings = {line.id: f"符合《{policy.title}》“{line.title}”" for line in policy.lines}

    def paid(self, case: Case, line: CompiledLine) -> Decision:
        amount_fen, subsidy = line.amount(case), line.line.subsidy
        opening = self._openings[line.line.id]
        if isinstance(subsidy, Admission):
            return self._decision(case, line.line.source, f"{opening}。", line)
        if amount_fen < 1:
            return self._refusal(case, line.line.source, "R208", {}, line)
        said = f"{opening}：{self._how(case, line, amount_fen)}。"
        if self._assumed[line.line.id]:
            said += _ASSUMED
        return self._decision(
            case, line.line.source, said, line, amount_fen=amount_fen, cap_fen=line.line.cap_fen
        )

    def _how(self, case: Case, line: CompiledLine, amount_fen: int) -> str:
        subsidy, within = line.line.subsidy, line.line.within
        if within and amount_fen < line.base(case):
            total, left = money.yuan(within.total_fen), money.yuan(amount_fen)
            return f"累计最高 {total}，扣除已补贴的部分后补贴 {left}"
        if isinstance(subsidy, Fixed):
            return f"定额补贴 {money.yuan(amount_fen)}"
        price = f"{self.price_word} {money.yuan(case.price_fen)}"
        if not isinstance(subsidy, Rate):
            return f"按{price} 所在的档次补贴 {money.yuan(amount_fen)}"
        way = f"按{price} 的 {percent(subsidy.rate_bps)} 计算，"
        if amount_fen == subsidy.cap_fen and case.price_fen * subsidy.rate_bps > (
            subsidy.cap_fen * 10_000
        ):
            return f"{way}超过单件上限，按上限 {money.yuan(subsidy.cap_fen)} 补贴"
        up = "不足一元的进为一元，" if subsidy.rounding is Rounding.YUAN_UP else ""
        return f"{way}{up}补贴 {money.yuan(amount_fen)}，单件最高 {_cap_words(subsidy.cap_fen)}"

    def refused(self, case: Case, line: CompiledLine) -> Decision:
        failed = next(check for check in line.checks if not check.holds(case))
        condition = failed.condition(case)
        if unknown := failed.unknown(case):
            return self._refusal(case, line.line.source, "R202", {"label": unknown}, line)
        refusal = self.policy.fallback[failed.requirement.field]
        return self._said(case, line.line.source, refusal, condition, line)

    def outside(self, case: Case, reason_code: str) -> Decision:
        return self._refusal(case, self.policy.sources[0], reason_code, {}, None)

    def priceless(self, case: Case) -> Decision:
        wanted = Condition(
            self.price_word, str(case.price_fen), "大于或等于零的整数分", holds=False
        )
        decision = self.outside(case, "R209")
        return replace(decision, conditions=(*decision.conditions, wanted))

    def _said(
        self, case: Case, source: Citation, refusal: Refusal, failed: Condition, line: CompiledLine
    ) -> Decision:
        said = f"{refusal.say}：{failed.name}应为“{failed.wanted}”，实际为“{failed.value}”。"
        return self._decision(case, source, said, line, reason_code=refusal.reason_code)

    def _refusal(
        self,
        case: Case,
        source: Citation,
        code: str,
        named: dict[str, str],
        line: CompiledLine | None,
    ) -> Decision:
        said = _words.reasons()[code].format(title=self.policy.title, **named) + "。"
        return self._decision(case, source, said, line, reason_code=code)

    def _decision(
        self,
        case: Case,
        source: Citation,
        sentence: str,
        line: CompiledLine | None,
        *,
        reason_code: str | None = None,
        amount_fen: int = 0,
        cap_fen: int = 0,
    ) -> Decision:
        is_eligible = reason_code is None
        line_id = line.line.id if line else None
        conditions = self._base(case.on, case.region_code, case.category_code)
        if line:
            conditions = (*conditions, *[check.condition(case) for check in line.checks])
        return Decision(  # in the order of its fields: names cost a tenth of a decision
            is_eligible, amount_fen, self._id, self._hash, line_id if is_eligible else None,
            source.clause, source.document, reason_code, sentence, conditions, cap_fen,
            self._funds, None if is_eligible else line_id, self._price_basis,
            line_id is not None and self._assumed[line_id],
        )  # fmt: skip

    def _base_conditions(self, on: date, region: str, category: str) -> tuple[Condition, ...]:
        policy, prefix = self.policy, region_prefix(self.policy.region_code)
        days = f"{policy.from_on} 至 {policy.to_on}（不含）"
        in_time = policy.from_on <= on < policy.to_on
        covered = category in policy.categories
        return (
            Condition("付款日期", on.isoformat(), days, in_time),
            Condition("地区", region, policy.region_code, region.startswith(prefix)),
            Condition("品类", category, "在补贴范围内", covered),
        )


def subsidy_in_words(subsidy: Subsidy) -> str:
    """A subsidy as a policy officer reads it in a list of lines."""
    if isinstance(subsidy, Rate):
        up = "，进为整元" if subsidy.rounding is Rounding.YUAN_UP else ""
        return f"{percent(subsidy.rate_bps)}，最高 {money.yuan(subsidy.cap_fen)}{up}"
    if isinstance(subsidy, Fixed):
        return f"定额 {money.yuan(subsidy.amount_fen)}"
    if isinstance(subsidy, Admission):
        return "准入"
    words, above = [], 0
    for step in subsidy.steps:
        upper = f"不超过 {money.yuan(step.up_to_fen)}" if step.up_to_fen else ""
        lower = f"超过 {money.yuan(above)}" if above and not upper else ""
        words.append(f"{upper or lower or '任何价格'}：{money.yuan(step.amount_fen)}")
        above = step.up_to_fen or above
    return "；".join(words)


@cache
def _cap_words(cap_fen: int) -> str:
    return money.yuan(cap_fen)


@cache
def percent(rate_bps: int) -> str:
    """A rate as people write it.

    >>> percent(1500), percent(1250)
    ('15%', '12.5%')
    """
    whole, rest = divmod(rate_bps, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"
