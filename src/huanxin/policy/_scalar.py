"""The executor of the till: a policy as closures, built once, deciding one case in microseconds.

`compile_amount` answers fen alone; `compile_policy` also says why (_answers). Both are made of the
same checks and the same amounts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from huanxin.policy import _words
from huanxin.policy._ast import (
    Admission,
    Fixed,
    Line,
    Op,
    Policy,
    Rate,
    Requirement,
    Rounding,
    Table,
    Tiers,
    Within,
    region_prefix,
)
from huanxin.policy._words import FactKind
from huanxin.policy.types import Case, Condition, Fact

Get = Callable[[Case], Fact | None]
Holds = Callable[[Case], bool]
Amount = Callable[[Case], int]
_OPERATORS: dict[Op, Callable[[object, object], bool]] = {
    Op.IS: lambda value, wanted: value == wanted,
    Op.ONE_OF: lambda value, wanted: value in wanted,  # type: ignore[operator]
    Op.MIN: lambda value, wanted: value >= wanted,  # type: ignore[operator]
    Op.MAX: lambda value, wanted: value <= wanted,  # type: ignore[operator]
    Op.ABOVE: lambda value, wanted: value > wanted,  # type: ignore[operator]
    Op.BELOW: lambda value, wanted: value < wanted,  # type: ignore[operator]
}
_FEW_VALUES = {FactKind.GRADE, FactKind.FLAG, FactKind.CHOICE, FactKind.COUNT}
_KEPT_DAYS = 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement of a line, ready to be asked and to be put into words."""

    requirement: Requirement
    label: str
    wanted: str
    get: Get
    holds: Holds
    condition: Callable[[Case], Condition]

    def unknown(self, case: Case) -> str | None:
        """The label of what the case does not say and the requirement needs."""
        if self.get(case) is None:
            return self.label
        wanted = self.requirement.wanted
        if isinstance(wanted, Table) and getter(wanted.by)(case) is None:
            return _words.facts()[wanted.by].label
        return None


@dataclass(frozen=True, slots=True)
class CompiledLine:
    line: Line
    checks: tuple[Check, ...]
    all_hold: Holds
    base: Amount  # before what is shared with other purchases
    amount: Amount


def compile_lines(policy: Policy) -> dict[str, tuple[CompiledLine, ...]]:
    """The lines of every category, in the order in which they are tried."""
    lines = {line.id: compile_line(line) for line in policy.lines}
    return {
        code: tuple(lines[line.id] for line in policy.lines_for(code)) for code in policy.categories
    }


def compile_amount(policy: Policy) -> Amount:
    """The policy as one function from a case to fen; 0 where it gives nothing."""
    prefix = region_prefix(policy.region_code)
    from_on, to_on = policy.from_on, policy.to_on
    lines = {
        code: tuple((line.all_hold, line.amount) for line in found)
        for code, found in compile_lines(policy).items()
    }

    def amount(case: Case) -> int:
        if not (from_on <= case.on < to_on and case.region_code.startswith(prefix)):
            return 0
        if not is_price(case.price_fen):
            return 0
        for holds, fen in lines.get(case.category_code, ()):
            if holds(case):
                return fen(case)
        return 0

    return amount


def is_price(value: object) -> bool:
    """Whether this is a price at all: whole fen, not negative."""
    return type(value) is int and value >= 0


def compile_line(line: Line) -> CompiledLine:
    checks = tuple(_compile_check(requirement) for requirement in line.when)
    base = _base(line)
    amount = _shared(base, line.within) if line.within else base
    return CompiledLine(line, checks, _all(tuple(c.holds for c in checks)), base, amount)


def _all(tests: tuple[Holds, ...]) -> Holds:
    if len(tests) == 1:
        return tests[0]

    def holds(case: Case) -> bool:
        for test in tests:  # noqa: SIM110  a generator costs more than the tests
            if not test(case):
                return False
        return True

    return holds


def _compile_check(requirement: Requirement) -> Check:
    get, wanted = getter(requirement.field), _words.wanted_words(requirement)
    label, kind = _words.facts()[requirement.field].label, _words.facts()[requirement.field].kind
    test = compile_requirement(requirement)
    kept: dict[tuple[object, bool], Condition] = {}

    def condition(case: Case) -> Condition:
        value, holds = get(case), test(case)
        found = kept.get((value, holds))
        if found is None:
            words = _words.value_words(requirement.field, value)
            found = Condition(label, words, wanted, holds)
            if kind in _FEW_VALUES and len(kept) < _KEPT_DAYS:
                kept[value, holds] = found
        return found

    return Check(requirement, label, wanted, get, test, condition)


def compile_requirement(requirement: Requirement) -> Holds:
    """Whether a requirement holds; an unknown value holds against none."""
    get, compare, wanted = getter(requirement.field), _OPERATORS[requirement.op], requirement.wanted
    if isinstance(wanted, Table):
        by, values = getter(wanted.by), wanted.values

        def holds_by_table(case: Case) -> bool:
            value, asked = get(case), values.get(by(case))  # type: ignore[arg-type]
            return value is not None and asked is not None and compare(value, asked)

        return holds_by_table
    if requirement.field == "energy_grade" and requirement.op is Op.IS:
        return lambda case: case.energy_grade == wanted  # None is no grade
    if requirement.field == "price_fen":
        return lambda case: compare(case.price_fen, wanted)

    def holds(case: Case) -> bool:
        value = get(case)
        return value is not None and compare(value, wanted)

    return holds


def holds(requirement: Requirement, case: Case) -> bool:
    """Whether one requirement holds for a case."""
    return compile_requirement(requirement)(case)


def getter(field: str) -> Get:
    """How to take a field out of a case. A fact of another type than declared is unknown."""
    if field == "energy_grade":
        return lambda case: case.energy_grade
    if field == "price_fen":
        return lambda case: case.price_fen
    kind: type[Fact] = _words.TYPES[_words.facts()[field].kind][0]

    def get(case: Case) -> Fact | None:
        value = case.facts.get(field)
        return value if type(value) is kind else None

    return get


def _shared(base: Amount, within: Within) -> Amount:
    used, total_fen = getter(within.used), within.total_fen
    return lambda case: min(base(case), total_fen - int(str(used(case))))


def _base(line: Line) -> Amount:
    subsidy = line.subsidy
    if isinstance(subsidy, Rate):
        return _rate(subsidy)
    if isinstance(subsidy, Fixed):
        amount_fen = subsidy.amount_fen
        return lambda case: amount_fen if case.price_fen > 0 else 0
    if isinstance(subsidy, Tiers):
        return _tiers(subsidy)
    assert isinstance(subsidy, Admission)
    return lambda case: 0


def _rate(subsidy: Rate) -> Amount:
    rate_bps, cap_fen = subsidy.rate_bps, subsidy.cap_fen
    if subsidy.rounding is Rounding.YUAN_UP:
        return lambda case: min(-(-case.price_fen * rate_bps // 1_000_000) * 100, cap_fen)

    def amount(case: Case) -> int:
        fen = case.price_fen * rate_bps // 10_000
        return fen if fen < cap_fen else cap_fen

    return amount


def _tiers(subsidy: Tiers) -> Amount:
    *bounded, last = subsidy.steps
    bounds = [(step.up_to_fen or 0, step.amount_fen) for step in bounded]

    def amount(case: Case) -> int:
        if case.price_fen < 1:
            return 0
        for up_to_fen, amount_fen in bounds:
            if case.price_fen <= up_to_fen:
                return amount_fen
        return last.amount_fen

    return amount


def conditions_in_words(line: Line) -> tuple[str, ...]:
    """A line's conditions as people read them."""
    labels = (_words.facts()[requirement.field].label for requirement in line.when)
    wanted = map(_words.wanted_words, line.when)
    return tuple(f"{label}{words}" for label, words in zip(labels, wanted, strict=True))


def nearest(case: Case, candidates: Sequence[CompiledLine]) -> CompiledLine:
    """The line that fails on the fewest conditions; of several the one that fails last in its own
    order, and of these the last line, which asks for least."""

    def distance(line: CompiledLine) -> tuple[int, int]:
        failed = [i for i, check in enumerate(line.checks) if not check.holds(case)]
        return len(failed), -failed[0]

    return candidates[0] if len(candidates) == 1 else min(reversed(candidates), key=distance)
