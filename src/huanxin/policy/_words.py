"""Names of facts and reasons (data/*.csv), and values as people read them."""

import csv
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from huanxin.kernel import money
from huanxin.policy._ast import Op, Requirement, Table
from huanxin.policy.types import Fact


class FactKind(StrEnum):
    GRADE = "grade"
    FEN = "fen"
    FLAG = "flag"
    DATE = "date"
    CHOICE = "choice"
    COUNT = "count"


# The type of a fact's values, and a value to go on with after a wrong one was noted.
TYPES: dict[FactKind, tuple[type[Fact], Fact]] = {
    FactKind.GRADE: (int, 1),
    FactKind.FEN: (int, 1),
    FactKind.FLAG: (bool, True),
    FactKind.DATE: (date, date.min),
    FactKind.CHOICE: (str, "-"),
    FactKind.COUNT: (int, 1),
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
    unit: str = ""
    options: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # value -> what people call it
    meaning: str = ""


@cache
def facts() -> dict[str, FactName]:
    """Every field a condition may ask about."""
    return {row["field"]: _fact_name(row) for row in _read("facts")}


def _fact_name(row: dict[str, str]) -> FactName:
    pairs = (option.partition("=") for option in row["options"].split("|") if option)
    options = {value: words for value, _, words in pairs}
    kind = FactKind(row["kind"])
    return FactName(row["field"], row["label"], kind, row["unit"], options, row["meaning"])


@cache
def parties() -> dict[str, str]:
    """Who an admission policy may be about, by code: takes the place of a category there."""
    return {row["code"]: row["name"] for row in _read("parties")}


@cache
def voucher_states() -> dict[str, str]:
    """The states a voucher can be in, by code."""
    return {row["code"]: row["name"] for row in _read("voucher_states")}


@cache
def reasons() -> dict[str, str]:
    """The sentence template of every reason code that policy gives."""
    return {row["code"]: row["say"] for row in _read("reasons")}


def value_words(name: str, value: Fact | None) -> str:
    """A value as it reads in a sentence.

    >>> value_words("energy_grade", 1), value_words("price_fen", 600000)
    ('1 级', '¥6,000.00')
    >>> value_words("old_unit_handed_in", False), value_words("energy_grade", None)
    ('否', '未提供')
    """
    if value is None:
        return "未提供"
    fact = facts()[name]
    write = _WRITERS.get(fact.kind)
    return write(fact, value) if write else str(value)


_WRITERS: dict[FactKind, Callable[[FactName, Fact], str]] = {
    FactKind.FEN: lambda _, value: money.yuan(int(str(value))),
    FactKind.GRADE: lambda _, value: f"{value} 级",
    FactKind.FLAG: lambda _, value: "是" if value else "否",
    FactKind.CHOICE: lambda name, value: name.options.get(str(value), str(value)),
    FactKind.COUNT: lambda name, value: f"{value} {name.unit}".strip(),
}


def wanted_words(requirement: Requirement) -> str:
    """What a requirement asks for.

    >>> wanted_words(Requirement("price_fen", Op.MAX, 600000))
    '不超过¥6,000.00'
    >>> wanted_words(Requirement("energy_grade", Op.ONE_OF, (1, 2)))
    '1 级、2 级之一'
    """
    wanted = requirement.wanted
    is_date = facts()[requirement.field].kind is FactKind.DATE
    template = (_DATE_WORDS if is_date else _OP_WORDS).get(requirement.op)
    template = template or _OP_WORDS[requirement.op]
    if isinstance(wanted, Table):
        rows = (
            value_words(wanted.by, key) + template.format(value_words(requirement.field, value))
            for key, value in wanted.values.items()
        )
        return "，".join(rows)
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    words = "、".join(value_words(requirement.field, value) for value in values)
    return template.format(words)


def _read(name: str) -> list[dict[str, str]]:
    path = resources.files("huanxin.policy").joinpath("data").joinpath(f"{name}.csv")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
