"""Names of facts and reasons (data/*.csv), and values as people read them."""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from huanxin.kernel import money
from huanxin.policy._ast import Op, Requirement
from huanxin.policy.types import Fact


class FactKind(StrEnum):
    GRADE = "grade"
    FEN = "fen"
    FLAG = "flag"
    DATE = "date"


# The type of a fact's values, and a value to go on with after a wrong one was noted.
TYPES: dict[FactKind, tuple[type[Fact], Fact]] = {
    FactKind.GRADE: (int, 1),
    FactKind.FEN: (int, 1),
    FactKind.FLAG: (bool, True),
    FactKind.DATE: (date, date.min),
}
_OP_WORDS = {
    Op.IS: "{}",
    Op.ONE_OF: "{}之一",
    Op.MIN: "不少于{}",
    Op.MAX: "不超过{}",
    Op.ABOVE: "超过{}",
    Op.BELOW: "低于{}",
}
_DATE_WORDS = {Op.MIN: "{}及以后", Op.MAX: "{}及以前", Op.ABOVE: "{}之后", Op.BELOW: "{}之前"}


@dataclass(frozen=True, slots=True)
class FactName:
    field: str
    label: str
    kind: FactKind


@cache
def facts() -> dict[str, FactName]:
    """Every field a condition may ask about."""
    rows = _read("facts")
    return {r["field"]: FactName(r["field"], r["label"], FactKind(r["kind"])) for r in rows}


@cache
def reasons() -> dict[str, str]:
    """The sentence template of every reason code that policy gives."""
    return {row["code"]: row["say"] for row in _read("reasons")}


def value_words(field: str, value: Fact | None) -> str:
    """A value as it reads in a sentence.

    >>> value_words("energy_grade", 1), value_words("price_fen", 600000)
    ('1 级', '¥6,000.00')
    >>> value_words("old_unit_handed_in", False), value_words("energy_grade", None)
    ('否', '未提供')
    """
    if value is None:
        return "未提供"
    kind = facts()[field].kind
    if kind is FactKind.FEN:
        return money.yuan(int(str(value)))
    if kind is FactKind.GRADE:
        return f"{value} 级"
    if kind is FactKind.FLAG:
        return "是" if value else "否"
    return str(value)


def wanted_words(requirement: Requirement) -> str:
    """What a requirement asks for.

    >>> wanted_words(Requirement("price_fen", Op.MAX, 600000))
    '不超过¥6,000.00'
    >>> wanted_words(Requirement("energy_grade", Op.ONE_OF, (1, 2)))
    '1 级、2 级之一'
    """
    wanted = requirement.wanted
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    words = "、".join(value_words(requirement.field, value) for value in values)
    is_date = facts()[requirement.field].kind is FactKind.DATE
    template = _DATE_WORDS.get(requirement.op) if is_date else None
    return (template or _OP_WORDS[requirement.op]).format(words)


def _read(name: str) -> list[dict[str, str]]:
    path = resources.files("huanxin.policy").joinpath("data").joinpath(f"{name}.csv")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
