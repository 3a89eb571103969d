"""Batches as sets: columns travel as arrays, and statements that can travel together do.

For the hot paths alone. Statements go to the server with their parameters apart from the text, so
that a write is planned once a connection; a read is planned anew each time, because a plan made
for an empty table would be kept while the table grows to millions (docs/adr/0090).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from huanxin.kernel.sqlfiles import read_sql


@dataclass(frozen=True, slots=True)
class Question:
    """One of a room's SQL files, asked with these parameters."""

    package: str
    name: str
    parameters: dict[str, Any]


def uuids(values: Iterable[UUID | None]) -> str:
    """A column of ids for `%(x)s::uuid[]`.

    >>> uuids([UUID(int=1), None])
    '{00000000000000000000000000000001,NULL}'
    """
    return "{" + ",".join([value.hex if value else "NULL" for value in values]) + "}"


def integers(values: Iterable[int]) -> str:
    """A column of whole numbers for `%(x)s::bigint[]`.

    >>> integers([1, -2])
    '{1,-2}'
    """
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Sequence[str]) -> str:
    r"""A column of texts for `%(x)s::text[]`, whatever they hold.

    >>> print(texts(["a", 'b"c', "d\\e", "", "NULL", "f,g}"]))
    {"a","b\"c","d\\e","","NULL","f,g}"}
    """
    quoted = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return '{"' + quoted + '"}' if values else "{}"


def ask(*questions: Question) -> list[list[tuple[Any, ...]]]:
    """The answers to several reads, each seeing what was committed when its turn came."""
    with together():
        cursors = [_execute(one, prepare=False) for one in questions]
        return [cursor.fetchall() for cursor in cursors]


def write(package: str, name: str, **parameters: Any) -> None:
    """Run a write that answers nothing; inside together() without waiting for it."""
    with connection.wrap_database_errors:
        _execute(Question(package, name, parameters), prepare=True)


@contextmanager
def together() -> Iterator[None]:
    """Send what the block writes without waiting for each statement; it is done when it ends.

    What breaks one statement breaks all after it, and is raised at the end of the block.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def _execute(one: Question, *, prepare: bool) -> "psycopg.Cursor[tuple[Any, ...]]":
    assert connection.in_atomic_block, "a set is read and written in its change's transaction"
    cursor = psycopg.Cursor(connection.connection)
    return cursor.execute(read_sql(one.package, one.name).text, one.parameters, prepare=prepare)
