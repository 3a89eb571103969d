"""The checks over whole years of claims in Parquet, on an engine of many rows: one definition.

What PostgreSQL runs every second over the waiting claims runs here over all of them. SQLGlot
translates; the marts are folders as services/exporting.py writes them, of one city or of many.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import sqlglot
from sqlglot import exp

from huanxin.claims import _checking, _deriving
from huanxin.claims.types.bulk import Hit
from huanxin.kernel.sqlfiles import SqlFile, read_sql

SCHEMAS = "_schema"  # an empty Parquet file a mart: its columns, were there no claims at all
_DUE = "SELECT * FROM mart_claims_claim WHERE NOT is_returned AND submitted_epoch IS NOT NULL"


class Engine(_deriving.Engine, Protocol):
    """An engine over a folder of marts."""

    def open(self, folder: Path, marts: tuple[str, ...]) -> None:
        """Make every mart of the folder known by its name."""

    def rows(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """A query's column names and rows."""

    def close(self) -> None:
        """Give everything back."""


@cache
def exported() -> tuple[str, ...]:
    """The marts that checks and derived facts read and that are not derived themselves."""
    read: set[str] = {"mart_claims_claim", "mart_claims_tie"}
    about_due = [read_sql(_deriving.FOLDER, name) for name in _deriving.ABOUT_DUE]
    for file in (*_checking.checks(), *about_due):
        read |= marts_of(file)
    return tuple(sorted(read - set(_deriving.DERIVED)))


def marts_of(file: SqlFile) -> set[str]:
    """The mart_* views a check, or what is derived for checks, reads."""
    tree = sqlglot.parse_one(file.text, read="postgres")
    return {t.name for t in tree.find_all(exp.Table) if t.name.startswith("mart_")}


@cache
def translated(query: str, dialect: str) -> str:
    """A statement of the portable subset in another engine's dialect; refuses what has none."""
    [text] = sqlglot.transpile(
        query, read="postgres", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    return text


def prepare(engine: Engine, folder: Path) -> None:
    """Open the marts, lay what waits (everything) and what is derived."""
    engine.open(folder, exported())
    engine.lay("claim_due", _DUE)
    _deriving.derive(engine)
    _deriving.derive_about_due(engine)


def run(engine: Engine) -> Iterator[tuple[SqlFile, list[Hit]]]:
    """Every check with what it finds, one after the other."""
    for check in _checking.checks():
        yield check, run_one(engine, check)


def run_one(engine: Engine, check: SqlFile) -> list[Hit]:
    """What one check finds, in the order of the claims' ids."""
    names, rows = engine.rows(check.text)
    assert names[0] == "claim_id", "a check's first column is the claim"
    hits = [Hit(str(row[0]), dict(zip(names[1:], row[1:], strict=True))) for row in rows]
    return sorted(hits, key=lambda hit: hit.claim_id)
