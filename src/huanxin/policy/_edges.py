"""Where a policy's answer can change: the values on both sides of every threshold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from huanxin.policy import _scalar, _words
from huanxin.policy._ast import Line, Op, Policy, Requirement
from huanxin.policy._words import FactKind
from huanxin.policy.types import Case, Fact

_LOWEST = {FactKind.GRADE: 1, FactKind.FEN: 1}
_GRADES = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Edge:
    """One value that a test row should stand on, and the line of a policy it belongs to."""

    line_id: str | None
    field: str
    value: Fact | None
    said: str

    def is_met(self, policy: Policy, case: Case, chosen: str | None) -> bool:
        """Whether a row with this case, decided for line `chosen`, stands on the edge."""
        if self.line_id is None:
            return case.on == self.value
        line = next(x for x in policy.lines if x.id == self.line_id)
        if case.category_code not in line.categories:
            return False
        if self.field == "cap":
            return chosen == line.id and case.price_fen == self.value
        others = [r for r in line.when if r.field != self.field]
        stands = _scalar.getter(self.field)(case) == self.value
        return stands and all(_scalar.holds(r, case) for r in others)


def cap_binds_from_fen(line: Line) -> int:
    """The lowest price at which the cap is reached.

    1,000,000 fen at 15 % of at most 150,000; 1,333,334 at 15 % of at most 200,000.
    """
    return -(-line.subsidy.cap_fen * 10_000 // line.subsidy.rate_bps)


def edges(policy: Policy) -> Iterator[Edge]:
    """Every value that the test rows of a policy must include."""
    for day in (policy.from_on - _DAY, policy.from_on, policy.to_on - _DAY, policy.to_on):
        yield Edge(None, "on", day, f"付款日期 {day}")
    for line in policy.lines:
        for field in dict.fromkeys(r.field for r in line.when):
            wanted = [r for r in line.when if r.field == field]
            label = _words.facts()[field].label
            for value in _values(wanted):
                said = f"“{line.title}”的{label}为{_words.value_words(field, value)}"
                yield Edge(line.id, field, value, said)
        yield from _cap_edges(line)


def _cap_edges(line: Line) -> Iterator[Edge]:
    price_fen = cap_binds_from_fen(line)
    for value in (price_fen - 1, price_fen):
        within = all(_holds_price(r, value) for r in line.when if r.field == "price_fen")
        if within:
            words = _words.value_words("price_fen", value)
            yield Edge(line.id, "cap", value, f"“{line.title}”的上限起作用处，成交价 {words}")


def _holds_price(requirement: Requirement, price_fen: int) -> bool:
    case = Case(date.min, "", "", None, price_fen)
    return _scalar.holds(requirement, case)


def _values(requirements: Sequence[Requirement]) -> list[Fact | None]:
    """Both sides of every threshold of one field, and the unknown where it can be unknown."""
    field = requirements[0].field
    kind = _words.facts()[field].kind
    found: list[Fact | None] = []
    for requirement in requirements:
        wanted = requirement.wanted
        for value in wanted if isinstance(wanted, tuple) else (wanted,):
            found += _sides(requirement.op, value, kind)
    unknown: list[Fact | None] = [] if field == "price_fen" else [None]
    return list(dict.fromkeys(found + unknown))


def _sides(op: Op, value: Fact, kind: FactKind) -> list[Fact | None]:
    if kind is FactKind.FLAG:
        return [True, False]
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


def unreachable(policy: Policy) -> list[tuple[Line, str]]:
    """Lines that never decide for one of their categories, because earlier ones always do or
    because their own conditions exclude each other.

    Conditions are boxes over fields, so trying every combination of edge values is exhaustive.
    """
    decide = _scalar.compile_policy(policy)
    missed = []
    for code in policy.categories:
        lines = policy.lines_for(code)
        chosen = {decide(case).line_id for case in _grid(policy, code, lines)}
        missed += [(line, code) for line in lines if line.id not in chosen]
    return missed


def _grid(policy: Policy, code: str, lines: Sequence[Line]) -> Iterator[Case]:
    fields: dict[str, list[Requirement]] = {"price_fen": []}
    for line in lines:
        for requirement in line.when:
            fields.setdefault(requirement.field, []).append(requirement)
    values = {name: _values(found) if found else [] for name, found in fields.items()}
    values["price_fen"] = values["price_fen"] or [1_000_000]
    for combination in product(*values.values()):
        facts = dict(zip(values, combination, strict=True))
        grade, price = facts.pop("energy_grade", None), facts.pop("price_fen")
        yield Case(
            on=policy.from_on,
            region_code=policy.region_code,
            category_code=code,
            energy_grade=None if grade is None else int(str(grade)),
            price_fen=int(str(price)),
            facts={name: value for name, value in facts.items() if value is not None},
        )
