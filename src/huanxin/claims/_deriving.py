"""Facts derived from facts, as SQL in derived/*.sql that every engine runs: rings, serial forms.

A ring is a connected component of buyers. It is found by label propagation: everybody takes the
lowest label around until nobody changes (derived/ring_step.sql). An engine is anything that can
lay a query's rows down as a table.
"""

from collections.abc import Sequence
from functools import cache
from typing import Protocol
from uuid import UUID

from django.db import connection

from huanxin.kernel.sqlfiles import read_sql

FOLDER = "huanxin.claims.derived"
DERIVED = ("mart_claims_ring", "mart_claims_serial_form", "mart_claims_serial_prefix")
ABOUT_DUE = ("claim_due_copy", "claim_due_name")  # of the claims that wait; several checks ask
_LOCK = 0x48580136  # one process at a time keeps rings
_MOST_ROUNDS = 64


class Engine(Protocol):
    """Runs statements in PostgreSQL's dialect over tables of its own."""

    def lay(self, name: str, query: str) -> None:
        """The query's rows as a table of that name, in place of an earlier one."""

    def number(self, query: str) -> int:
        """The one number a query gives."""


def derive(engine: Engine) -> None:
    """Lay every derived table from the facts there are: claims and their ties."""
    engine.lay("ring_tie", "SELECT * FROM mart_claims_tie")
    label(engine)
    for name in DERIVED:
        _lay(engine, name)


def derive_about_due(engine: Engine) -> None:
    """Lay what several checks ask of claim_due once for all of them."""
    for name in ABOUT_DUE:
        _lay(engine, name)


def label(engine: Engine) -> None:
    """From ring_tie to ring_label: everybody who is linked, with the ring's lowest pseudonym."""
    _lay(engine, "ring_link")
    engine.lay("ring_label", read_sql(FOLDER, "ring_start").text)
    for _ in range(_MOST_ROUNDS):
        engine.lay("ring_next", read_sql(FOLDER, "ring_step").text)
        moved = engine.number(read_sql(FOLDER, "ring_moved").text)
        engine.lay("ring_label", "SELECT * FROM ring_next")
        if not moved:
            return
    raise AssertionError("labels did not come to rest")


def _lay(engine: Engine, name: str) -> None:
    engine.lay(name, read_sql(FOLDER, name).text)


class Temporary:
    """Temporary tables of the live database; made once a connection, emptied at every commit."""

    def lay(self, name: str, query: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS {name} ON COMMIT DELETE ROWS AS {query}"
                " WITH NO DATA"
            )
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608  names are this module's own
            cursor.execute(f"INSERT INTO {name} {query}")
            cursor.execute(f"ANALYZE {name}")

    def number(self, query: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
        assert row, "a count gives a row"
        return int(row[0])


def keep_rings(sale_ids: Sequence[UUID]) -> int:
    """Take these sales' ties anew and recompute the rings they touch; returns how many people.

    Only what may have changed is looked at: the people behind the batch's things, old and new, and
    everybody in their rings. Others' links are as they were. One process at a time.
    """
    sales = {"sales": list(sale_ids)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for name in ("touched_before", "take_ties", "touched_rings"):
            for statement in _statements(name):
                cursor.execute(statement, sales if "%(sales)s" in statement else None)
    label(Temporary())
    with connection.cursor() as cursor:
        for statement in _statements("replace_rings"):
            cursor.execute(statement)
        people: int = cursor.rowcount
    return people


def untied(*, limit: int, window: int) -> list[UUID]:
    """Sales among the newest `window` whose ties were not taken yet, oldest first."""
    with connection.cursor() as cursor:
        query = read_sql("huanxin.claims.sql", "untied_sales").text
        cursor.execute(query, {"limit": limit, "window": window})
        return [row[0] for row in cursor.fetchall()]


def count_serial_forms() -> int:
    """Count the forms and beginnings of serial numbers anew; returns how many counts changed."""
    changed = 0
    with connection.cursor() as cursor:
        for name in ("keep_serial_forms", "keep_serial_prefixes"):
            cursor.execute(read_sql("huanxin.claims.sql", name).text)
            changed += cursor.rowcount
    return changed


@cache
def _statements(name: str) -> tuple[str, ...]:
    """The statements of a file, without their comment lines (they may hold semicolons)."""
    ties = read_sql("huanxin.claims.sql", "ties_of").text
    text = read_sql("huanxin.claims.sql", name).text.replace("{ties_of}", ties)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return tuple(part for part in "\n".join(lines).split(";") if part.strip())
