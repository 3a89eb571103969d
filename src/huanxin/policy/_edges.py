"""Where a policy's answer can change: the values on both sides of every threshold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from huanxin.policy import _scalar, _words
from huanxin.policy._ast import Line, Op, Policy, Rate, Requirement, Rounding, Table, Tiers
from huanxin.policy._words import FactKind
from huanxin.policy.types import Case, Fact

_LOWEST = {FactKind.GRADE: 1, FactKind.FEN: 1, FactKind.COUNT: 0}
_GRADES = 5
_DAY = timedelta(days=1)
_PRICE, _CAP = "price_fen", "cap"
_PLAIN_PRICE_FEN = 1_000_000


@dataclass(frozen=True, slots=True)
class Edge:
    """Values of which a test row should stand on one, in any of the lines that share the threshold.

    `beside` is what else the row must say, for a threshold that depends on another field.
    """

    line_ids: tuple[str, ...]
    field: str
    values: tuple[Fact | None, ...]
    said: str
    beside: tuple[tuple[str, Fact], ...] = ()

    def is_met(self, policy: Policy, case: Case, chosen: str | None) -> bool:
        """Whether a row with this case, decided for line `chosen`, stands on the edge."""
        if not self.line_ids:
            return case.on in self.values
        return any(
            self._is_met_in(line, case, chosen)
            for line in policy.lines
            if line.id in self.line_ids and case.category_code in line.categories
        )

    def _is_met_in(self, line: Line, case: Case, chosen: str | None) -> bool:
        if self.field == _CAP:
            return chosen == line.id and case.price_fen in self.values
        said = all(_scalar.getter(name)(case) == value for name, value in self.beside)
        return (
            said
            and _scalar.getter(self.field)(case) in self.values
            and all(_scalar.holds(r, case) for r in line.when if not _asks(r, self.field))
        )


def _asks(requirement: Requirement, name: str) -> bool:
    wanted = requirement.wanted
    return requirement.field == name or (isinstance(wanted, Table) and wanted.by == name)


def edges(policy: Policy) -> Iterator[Edge]:
    """Every value that the test rows of a policy must include."""
    for day in (policy.from_on - _DAY, policy.from_on, policy.to_on - _DAY, policy.to_on):
        yield Edge((), "on", (day,), f"付款日期 {day}")
    sharing: dict[tuple[Requirement, ...], list[Line]] = {}
    for line in policy.lines:
        for name in dict.fromkeys(r.field for r in line.when):
            wanted = tuple(r for r in line.when if r.field == name)
            sharing.setdefault(wanted, []).append(line)
    for wanted, lines in sharing.items():
        yield from _field_edges(wanted, lines)
    for line in policy.lines:
        for value in price_edges(line):
            words = _words.value_words(_PRICE, value)
            said = f"“{line.title}”的上限起作用处，成交价 {words}"
            if isinstance(line.subsidy, Tiers):
                said = f"“{line.title}”的价格档次，成交价 {words}"
            yield Edge((line.id,), _CAP, (value,), said)


def _field_edges(wanted: tuple[Requirement, ...], lines: Sequence[Line]) -> Iterator[Edge]:
    name, ids = wanted[0].field, tuple(line.id for line in lines)
    label = _words.facts()[name].label
    opening = f"“{lines[0].title}”的{label}为"
    for values in _groups(wanted):
        yield Edge(ids, name, values, opening + _words.value_words(name, values[0]))
    for requirement in wanted:
        table = requirement.wanted
        if not isinstance(table, Table):
            continue
        for key, value in table.values.items():
            beside, when = ((table.by, key),), _words.value_words(table.by, key)
            for side in _sides(requirement.op, value, name):
                said = f"{opening}{_words.value_words(name, side)}（{when}）"
                yield Edge(ids, name, (side,), said, beside)


def price_edges(line: Line) -> list[int]:
    """Prices at which the amount changes its course, as far as the line allows them."""
    subsidy, found = line.subsidy, []
    if isinstance(subsidy, Tiers):
        bounds = [step.up_to_fen for step in subsidy.steps if step.up_to_fen]
        found = [fen for bound in bounds for fen in (bound, bound + 1)]
    if isinstance(subsidy, Rate):
        found = [cap_binds_from_fen(line) - 1, cap_binds_from_fen(line)]
    asked = [r for r in line.when if r.field == _PRICE]
    return [fen for fen in found if all(_scalar.holds(r, _priced(fen)) for r in asked)]


def cap_binds_from_fen(line: Line) -> int:
    """The lowest price at which the cap is reached.

    1,000,000 fen at 15 % of at most 150,000; 1,333,334 at 15 % of at most 200,000; where the
    amount is rounded up to the yuan, one fen above what gives the last whole yuan below the cap.
    """
    assert isinstance(line.subsidy, Rate)
    rate_bps, cap_fen = line.subsidy.rate_bps, line.subsidy.cap_fen
    if line.subsidy.rounding is Rounding.YUAN_UP:
        return (cap_fen - 100) * 10_000 // rate_bps + 1
    return -(-cap_fen * 10_000 // rate_bps)


def _priced(price_fen: int) -> Case:
    return Case(date.min, "", "", None, price_fen)


def _groups(requirements: Sequence[Requirement]) -> list[tuple[Fact | None, ...]]:
    """Both sides of every threshold of one field, and the unknown where it can be unknown.

    A group holds values that are as good as each other: any option that is not asked for.
    """
    name = requirements[0].field
    fact = _words.facts()[name]
    found: list[tuple[Fact | None, ...]] = []
    plain = [r for r in requirements if not isinstance(r.wanted, Table)]
    for requirement in plain:
        for value in requirement.wanted_values():
            found += [(side,) for side in _sides(requirement.op, value, name)]
    if fact.kind is FactKind.CHOICE and plain:
        wanted = {value for r in plain for value in r.wanted_values()}
        others = tuple(option for option in fact.options if option not in wanted)
        found += [others] if others else []
    unknown: list[tuple[Fact | None, ...]] = [] if name == _PRICE else [(None,)]
    return list(dict.fromkeys(found + unknown))


def _sides(op: Op, value: Fact, name: str) -> list[Fact | None]:
    kind = _words.facts()[name].kind
    if kind is FactKind.FLAG:
        return [True, False]
    if kind is FactKind.CHOICE:
        return [value]
    if isinstance(value, date):
        around: list[Fact] = [value - _DAY, value, value + _DAY]
    else:
        number = int(value)
        around = [n for n in (number - 1, number, number + 1) if _is_possible(n, kind)]
    if op in {Op.MAX, Op.ABOVE}:
        return [v for v in around if v >= value]  # type: ignore[operator]
    if op in {Op.MIN, Op.BELOW}:
        return [v for v in around if v <= value]  # type: ignore[operator]
    return list(around)


def _is_possible(number: int, kind: FactKind) -> bool:
    return number >= _LOWEST[kind] and (kind is not FactKind.GRADE or number <= _GRADES)


def edge_values(lines: Sequence[Line]) -> dict[str, list[Fact | None]]:
    """Per field, the values at which some of these lines may answer differently."""
    found: dict[str, list[Fact | None]] = {}
    for requirement in (r for line in lines for r in line.when):
        name, wanted = requirement.field, requirement.wanted
        values = [value for group in _groups([requirement]) for value in group]
        for asked in requirement.wanted_values():
            values += _sides(requirement.op, asked, name)
        found.setdefault(name, []).extend(values)
        if isinstance(wanted, Table):
            found.setdefault(wanted.by, []).extend([*_words.facts()[wanted.by].options, None])
    return {name: list(dict.fromkeys(values)) for name, values in found.items()}


def unreachable(policy: Policy) -> list[tuple[Line, str]]:
    """Lines that never decide for one of their categories, because earlier ones always do or
    because their own conditions exclude each other.

    Conditions are boxes over fields, so trying every combination of edge values is exhaustive;
    values that the line itself refuses need not be tried.
    """
    missed = []
    for code in policy.categories:
        lines = policy.lines_for(code)
        for index, line in enumerate(lines):
            if not _is_reachable(line, lines[:index]):
                missed.append((line, code))
    return missed


def _is_reachable(line: Line, earlier: Sequence[Line]) -> bool:
    own = _scalar.compile_line(line).all_hold
    others = [_scalar.compile_line(each).all_hold for each in earlier]
    values = edge_values([line, *earlier])
    for requirement in line.when:
        if not isinstance(requirement.wanted, Table):
            kept = values[requirement.field]
            values[requirement.field] = [
                v for v in kept if _scalar.holds(requirement, case_of({requirement.field: v}))
            ]
    for combination in product(*values.values()):
        case = case_of(dict(zip(values, combination, strict=True)))
        if own(case) and not any(other(case) for other in others):
            return True
    return False


def case_of(said: dict[str, Fact | None]) -> Case:
    """A case that says these values and nothing else."""
    grade, price = said.get("energy_grade"), said.get(_PRICE, _PLAIN_PRICE_FEN)
    assert isinstance(price, int)
    facts = {
        name: value
        for name, value in said.items()
        if value is not None and name not in {"energy_grade", _PRICE}
    }
    return Case(date.min, "", "", None if grade is None else int(str(grade)), price, facts)
