"""A list as a file: the same columns and figures as on pages and in JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from huanxin.exchange.types import Column
from huanxin.kernel import money, tables


def lines(columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Heads, then rows: an amount in yuan with the integer fen beside it."""
    heads: list[str] = []
    for column in columns:
        is_money = column.kind == "money"
        heads += [f"{column.title}（元）", f"{column.title}（分）"] if is_money else [column.title]
    yield heads
    for row in rows:
        line: list[Any] = []
        for column in columns:
            value = row[column.key]
            if column.kind == "money":
                line += ["", ""] if value is None else [_yuan(value), value]
            else:
                line.append(_cell(value))
        yield line


def _yuan(value: int) -> str:
    return money.yuan(value).replace("¥", "").replace(",", "")


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, int) else tables.harmless(str(value))
