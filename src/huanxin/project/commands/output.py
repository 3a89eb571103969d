"""How commands speak: sentences and tables for people, one JSON document for machines."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

json_option = click.option(
    "--json", "as_json", is_flag=True, help="输出 JSON，供程序读取（金额单位为分）。"
)


def console() -> Console:
    """Where people read."""
    return Console(highlight=False)


def say(sentence: str) -> None:
    """One sentence for people."""
    console().print(sentence, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """The whole answer for machines; dates and ids as text."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str, indent=2))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for people; long cells go on in the next line."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")  # a reason cut short is no reason
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console().print(table)
