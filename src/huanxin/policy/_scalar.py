"""The executor of the till: a policy as closures, built once, deciding one case in microseconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from huanxin.kernel import money
from huanxin.policy import _words
from huanxin.policy._ast import Line, Op, Policy, Rate, Refusal, Requirement, region_prefix
from huanxin.policy.types import Case, Citation, Condition, Decision, Fact

Decide = Callable[[Case], Decision]
_Get = Callable[[Case], Fact | None]
_Holds = Callable[[Fact | None], bool]
_OPERATORS: dict[Op, Callable[[object], _Holds]] = {
    Op.IS: lambda wanted: lambda value: value is not None and value == wanted,
    Op.ONE_OF: lambda wanted: lambda value: value is not None and value in wanted,  # type: ignore[operator]
    Op.MIN: lambda wanted: lambda value: value is not None and value >= wanted,  # type: ignore[operator]
    Op.MAX: lambda wanted: lambda value: value is not None and value <= wanted,  # type: ignore[operator]
    Op.ABOVE: lambda wanted: lambda value: value is not None and value > wanted,  # type: ignore[operator]
    Op.BELOW: lambda wanted: lambda value: value is not None and value < wanted,  # type: ignore[operator]
}


def compile_policy(policy: Policy) -> Decide:
    """The policy as one function of a case. It knows no clock, no database and no other policy."""
    prefix = region_prefix(policy.region_code)
    lines = {
        code: tuple(_compile_line(line) for line in policy.lines_for(code))
        for code in policy.categories
    }
    answer = _Answers(policy)

    def decide(case: Case) -> Decision:
        if not case.region_code.startswith(prefix):
            return answer.outside(case, "R206")
        if not policy.from_on <= case.on < policy.to_on:
            return answer.outside(case, "R205")
        candidates = lines.get(case.category_code)
        if candidates is None:
            return answer.outside(case, "R204")
        for line in candidates:
            if all(check.holds(check.get(case)) for check in line.checks):
                return answer.paid(case, line)
        return answer.refused(case, _nearest(case, candidates))

    return decide


@dataclass(frozen=True, slots=True)
class _Check:
    requirement: Requirement
    label: str
    wanted: str
    get: _Get
    holds: _Holds

    def condition(self, case: Case) -> Condition:
        value = self.get(case)
        words = _words.value_words(self.requirement.field, value)
        return Condition(self.label, words, self.wanted, self.holds(value))


@dataclass(frozen=True, slots=True)
class _Line:
    line: Line
    checks: tuple[_Check, ...]
    amount: Callable[[int], int]


def _compile_line(line: Line) -> _Line:
    return _Line(line, tuple(_compile_check(r) for r in line.when), _compile_rate(line.subsidy))


def _compile_check(requirement: Requirement) -> _Check:
    return _Check(
        requirement=requirement,
        label=_words.facts()[requirement.field].label,
        wanted=_words.wanted_words(requirement),
        get=getter(requirement.field),
        holds=_OPERATORS[requirement.op](requirement.wanted),
    )


def holds(requirement: Requirement, case: Case) -> bool:
    """Whether one requirement holds for a case."""
    return _OPERATORS[requirement.op](requirement.wanted)(getter(requirement.field)(case))


def conditions_in_words(line: Line) -> tuple[str, ...]:
    """A line's conditions as people read them."""
    checks = map(_compile_check, line.when)
    return tuple(f"{check.label}{check.wanted}" for check in checks)


def getter(field: str) -> _Get:
    """How to take a field out of a case."""
    if field == "energy_grade":
        return lambda case: case.energy_grade
    if field == "price_fen":
        return lambda case: case.price_fen
    return lambda case: case.facts.get(field)


def _compile_rate(subsidy: Rate) -> Callable[[int], int]:
    rate_bps, cap_fen = subsidy.rate_bps, subsidy.cap_fen
    return lambda price_fen: min(price_fen * rate_bps // 10_000, cap_fen)


def _nearest(case: Case, candidates: Sequence[_Line]) -> _Line:
    """The line that fails on the fewest conditions; of several the last, which asks for least."""

    def failures(line: _Line) -> int:
        return sum(not check.holds(check.get(case)) for check in line.checks)

    return min(reversed(candidates), key=failures)


class _Answers:
    """Puts decisions of one policy into words."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._prefix = region_prefix(policy.region_code)
        self._categories = frozenset(policy.categories)
        days = f"{policy.from_on} 至 {policy.to_on}（不含）"
        self._base = (("付款日期", days), ("地区", policy.region_code), ("品类", "在补贴范围内"))

    def paid(self, case: Case, line: _Line) -> Decision:
        amount_fen = line.amount(case.price_fen)
        if amount_fen < 1:
            return self._refusal(case, line.line.source, "R208", {}, line)
        subsidy, price = line.line.subsidy, money.yuan(case.price_fen)
        rate, cap = _percent(subsidy.rate_bps), money.yuan(subsidy.cap_fen)
        capped = case.price_fen * subsidy.rate_bps // 10_000 > subsidy.cap_fen
        how = (
            f"超过单件上限，按上限 {cap} 补贴"
            if capped
            else f"补贴 {money.yuan(amount_fen)}，单件最高 {cap}"
        )
        which = f"符合《{self.policy.title}》“{line.line.title}”"
        said = f"{which}：按成交价 {price} 的 {rate} 计算，{how}。"
        return self._decision(
            case, line.line.source, said, line, amount_fen=amount_fen, cap_fen=subsidy.cap_fen
        )

    def refused(self, case: Case, line: _Line) -> Decision:
        failed = next(check for check in line.checks if not check.holds(check.get(case)))
        condition = failed.condition(case)
        if failed.get(case) is None:
            return self._refusal(case, line.line.source, "R202", {"label": failed.label}, line)
        refusal = self.policy.fallback[failed.requirement.field]
        return self._said(case, line.line.source, refusal, condition, line)

    def outside(self, case: Case, reason_code: str) -> Decision:
        return self._refusal(case, self.policy.sources[0], reason_code, {}, None)

    def _said(
        self, case: Case, source: Citation, refusal: Refusal, failed: Condition, line: _Line
    ) -> Decision:
        said = f"{refusal.say}：{failed.name}应为“{failed.wanted}”，实际为“{failed.value}”。"
        return self._decision(case, source, said, line, reason_code=refusal.reason_code)

    def _refusal(
        self, case: Case, source: Citation, code: str, named: dict[str, str], line: _Line | None
    ) -> Decision:
        said = _words.reasons()[code].format(title=self.policy.title, **named) + "。"
        return self._decision(case, source, said, line, reason_code=code)

    def _decision(
        self,
        case: Case,
        source: Citation,
        sentence: str,
        line: _Line | None,
        *,
        reason_code: str | None = None,
        amount_fen: int = 0,
        cap_fen: int = 0,
    ) -> Decision:
        is_eligible = reason_code is None
        line_id = line.line.id if line else None
        checks = line.checks if line else ()
        return Decision(
            is_eligible=is_eligible,
            amount_fen=amount_fen,
            policy_id=self.policy.id,
            version_hash=self.policy.version_hash,
            line_id=line_id if is_eligible else None,
            clause=source.clause,
            document=source.document,
            reason_code=reason_code,
            sentence=sentence,
            conditions=self._base_conditions(case) + tuple(c.condition(case) for c in checks),
            cap_fen=cap_fen,
            shares=self.policy.funds,
            nearest_line=None if is_eligible else line_id,
            price_basis=self.policy.price_basis.value,
        )

    def _base_conditions(self, case: Case) -> tuple[Condition, ...]:
        policy = self.policy
        held = (
            policy.from_on <= case.on < policy.to_on,
            case.region_code.startswith(self._prefix),
            case.category_code in self._categories,
        )
        values = (case.on.isoformat(), case.region_code, case.category_code)
        return tuple(
            Condition(name, value, wanted, holds)
            for (name, wanted), value, holds in zip(self._base, values, held, strict=True)
        )


def _percent(rate_bps: int) -> str:
    """A rate as people write it.

    >>> _percent(1500), _percent(1250)
    ('15%', '12.5%')
    """
    whole, rest = divmod(rate_bps, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"
