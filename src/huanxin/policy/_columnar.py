"""The executor of the archive: policies as one expression over columns, for any engine.

The same lines that the till's closures are made of become a tree of CASE, written by SQLGlot for
PostgreSQL, DuckDB or Spark. A column that is NULL is an unknown fact; a comparison with it is not
true in any of the engines, as a requirement on an unknown fact does not hold at the till.

Columns: paid_on date, region_code, category_code text, energy_grade integer, price_fen bigint, and
one for every further fact that the policies ask about.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from huanxin.policy import _words
from huanxin.policy._ast import (
    Fixed,
    Line,
    Op,
    Policy,
    Rate,
    Requirement,
    Rounding,
    Table,
    Tiers,
    region_prefix,
)
from huanxin.policy._words import FactKind
from huanxin.policy.types import Engine, Fact

FIXED = ("paid_on", "region_code", "category_code", "energy_grade", "price_fen")
_TYPES = {
    FactKind.GRADE: "integer", FactKind.FEN: "bigint", FactKind.COUNT: "bigint",
    FactKind.FLAG: "boolean", FactKind.DATE: "date", FactKind.CHOICE: "varchar",
}  # fmt: skip
_COMPARISONS: dict[Op, type[exp.Binary]] = {
    Op.IS: exp.EQ, Op.MIN: exp.GTE, Op.MAX: exp.LTE, Op.ABOVE: exp.GT, Op.BELOW: exp.LT,
}  # fmt: skip
Leaf = Callable[[Policy, Line], exp.Expr]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A policy in one version, and the day before which that version decides (None: no end)."""

    policy: Policy
    from_on: date
    until_on: date | None = None


def columns(policies: Iterable[Policy]) -> dict[str, str]:
    """Every column that these policies read, with its SQL type."""
    asked = {r.field for policy in policies for line in policy.lines for r in line.when}
    asked |= {
        r.wanted.by
        for policy in policies
        for line in policy.lines
        for r in line.when
        if isinstance(r.wanted, Table)
    }
    facts = {name: _TYPES[_words.facts()[name].kind] for name in sorted(asked - set(FIXED))}
    fixed = zip(FIXED, ("date", "varchar", "varchar", "integer", "bigint"), strict=True)
    return {**dict(fixed), **facts}


def select(rulings: Sequence[Ruling], *, relation: str, engine: Engine) -> str:
    """A query that answers every row of `relation` with `amount_fen` and `decided_by`.

    `decided_by` is "policy/line" of the line that pays, NULL where nothing is paid.
    """
    paying = [ruling for ruling in rulings if not ruling.policy.is_admission]
    query = (
        exp.select("cases.*")
        .select(exp.alias_(exp.cast(_tree(paying, _amount, exp.Literal.number(0)), "bigint"),
                           "amount_fen"))
        .select(exp.alias_(_tree(paying, _name, exp.null()), "decided_by"))
        .from_(exp.alias_(exp.to_table(relation), "cases"))
    )  # fmt: skip
    return query.sql(dialect=engine.value)


def amount_expression(rulings: Sequence[Ruling], *, engine: Engine) -> str:
    """The subsidy in fen as one expression over the columns."""
    paying = [ruling for ruling in rulings if not ruling.policy.is_admission]
    tree = exp.cast(_tree(paying, _amount, exp.Literal.number(0)), "bigint")
    return tree.sql(dialect=engine.value)


def _tree(rulings: Sequence[Ruling], leaf: Leaf, nothing: exp.Expr) -> exp.Expr:
    whole = exp.Case(ifs=[], default=nothing.copy())
    for ruling in rulings:
        inner = exp.Case(ifs=[], default=nothing.copy())
        for line in ruling.policy.lines:
            own = [r for r in line.when if r not in ruling.policy.requires]
            asked = exp.and_(_among("category_code", line.categories), *map(_condition, own))
            inner.append("ifs", exp.If(this=asked, true=_at_least_a_fen(line, leaf, ruling.policy)))
        whole.append("ifs", exp.If(this=_rules(ruling), true=inner))
    return whole if rulings else nothing


def _rules(ruling: Ruling) -> exp.Expr:
    policy = ruling.policy
    until_on = min(filter(None, (policy.to_on, ruling.until_on)))
    return exp.and_(
        exp.GTE(this=_column("paid_on"), expression=_literal(max(policy.from_on, ruling.from_on))),
        exp.LT(this=_column("paid_on"), expression=_literal(until_on)),
        _among("category_code", policy.categories),
        exp.Like(
            this=_column("region_code"),
            expression=_literal(region_prefix(policy.region_code) + "%"),
        ),
        exp.GTE(this=_column("price_fen"), expression=_literal(1)),
        *map(_condition, policy.requires),
    )


def _at_least_a_fen(line: Line, leaf: Leaf, policy: Policy) -> exp.Expr:
    """A rate of a few fen can come to nothing: then no line pays, and the next is not asked."""
    found = leaf(policy, line)
    if leaf is _amount or not isinstance(line.subsidy, Rate):
        return found
    pays = exp.GTE(this=_amount(policy, line), expression=_literal(1))
    return exp.Case(ifs=[exp.If(this=pays, true=found)], default=exp.null())


def _name(policy: Policy, line: Line) -> exp.Expr:
    return _literal(f"{policy.id}/{line.id}")


def _amount(_: Policy, line: Line) -> exp.Expr:
    base = _base(line)
    if line.within is None:
        return base
    left = exp.Sub(this=_literal(line.within.total_fen), expression=_column(line.within.used))
    return _least(base, left)


def _base(line: Line) -> exp.Expr:
    subsidy = line.subsidy
    if isinstance(subsidy, Rate):
        return _least(_rate(subsidy), _literal(subsidy.cap_fen))
    if isinstance(subsidy, Fixed):
        return _literal(subsidy.amount_fen)
    assert isinstance(subsidy, Tiers)
    *bounded, last = subsidy.steps
    case = exp.Case(ifs=[], default=_literal(last.amount_fen))
    for step in bounded:
        within = exp.LTE(this=_column("price_fen"), expression=_literal(step.up_to_fen or 0))
        case.append("ifs", exp.If(this=within, true=_literal(step.amount_fen)))
    return case


def _rate(subsidy: Rate) -> exp.Expr:
    """Whole fen by integer division; a price is never negative here, so towards zero is down."""
    part = exp.Mul(this=_column("price_fen"), expression=_literal(subsidy.rate_bps))
    if subsidy.rounding is Rounding.FEN_DOWN:
        return _divided(part, 10_000)
    up = exp.Add(this=part, expression=_literal(999_999))
    return exp.Mul(this=_divided(up, 1_000_000), expression=_literal(100))


def _divided(value: exp.Expr, by: int) -> exp.Expr:
    return exp.IntDiv(this=exp.paren(value), expression=_literal(by))


def _least(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    smaller = exp.LT(this=one, expression=other)
    return exp.Case(ifs=[exp.If(this=smaller, true=one.copy())], default=other.copy())


def _condition(requirement: Requirement) -> exp.Expr:
    name, wanted = _column(requirement.field), requirement.wanted
    if isinstance(wanted, tuple):
        return _among(requirement.field, wanted)
    if isinstance(wanted, Table):
        table = exp.Case(this=_column(wanted.by), ifs=[])
        for key, value in wanted.values.items():
            table.append("ifs", exp.If(this=_literal(key), true=_literal(value)))
        return _COMPARISONS[requirement.op](this=name, expression=table)
    return _COMPARISONS[requirement.op](this=name, expression=_literal(wanted))


def _among(name: str, values: Iterable[Fact]) -> exp.Expr:
    return exp.In(this=_column(name), expressions=[_literal(value) for value in values])


def _column(name: str) -> exp.Column:
    return exp.column(name)


def _literal(value: Fact) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    if isinstance(value, int):
        return exp.Literal.number(value)
    return exp.Literal.string(value)
