"""Batches as sets: columns travel as arrays, and statements that can travel together do.

For the hot paths alone. A process that does little else calls keep_plans() (docs/adr/090).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from django.db import connection, transaction

from huanxin.kernel.sqlfiles import read_sql

T = TypeVar("T")
Rows = list[tuple[Any, ...]]

_BETWEEN = "\x1f"  # stands between texts while they are quoted all at once


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """One of a room's SQL files, asked with these parameters, and how its rows are read."""

    package: str
    name: str
    parameters: dict[str, Any]
    read: Callable[[Rows], T]


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

    >>> print(texts(["a", 'b"c', "d\\e", "", "NULL", "f,g}"]), texts([]))
    {"a","b\"c","d\\e","","NULL","f,g}"} {}
    """
    joined = _BETWEEN.join(values)
    if joined.count(_BETWEEN) != len(values) - 1:  # nothing, or a text that holds the mark itself
        quoted = [_quoted(value) for value in values]
        return '{"' + '","'.join(quoted) + '"}' if values else "{}"
    return '{"' + _quoted(joined).replace(_BETWEEN, '","') + '"}'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def ask(*questions: Question[Any]) -> list[Any]:
    """Several reads in one round trip, each seeing what was committed when its turn came."""
    with connection.wrap_database_errors, _pipeline():
        cursors = [_execute(one.package, one.name, one.parameters) for one in questions]
        rows = [cursor.fetchall() for cursor in cursors]
    return [one.read(answer) for one, answer in zip(questions, rows, strict=True)]


def write(package: str, name: str, **parameters: Any) -> None:
    """Run a write that answers nothing; inside sent_together() without waiting for it."""
    with connection.wrap_database_errors:
        _execute(package, name, parameters)


@contextmanager
def sent_together() -> Iterator[None]:
    """A transaction whose writes and commit travel without waiting for each other's answer.

    All of it is done when the block has ended; what breaks one statement breaks those after it,
    and is raised by the next ask() or at the end. Inside another transaction it is a savepoint.
    """
    connection.close_if_health_check_failed()  # here, since in a pipeline it would go unanswered
    connection.ensure_connection()
    with connection.wrap_database_errors, ExitStack() as stack:
        if connection.in_atomic_block:
            stack.enter_context(transaction.atomic())
            stack.enter_context(_pipeline())
        else:
            stack.enter_context(_pipeline())
            stack.enter_context(transaction.atomic())
        yield


def keep_plans() -> None:
    """Let this connection plan each set's statement once, for as long as it lasts.

    A plan made while a table was empty is then kept while it grows to millions, so from here on no
    plan of this connection reads a whole table where there is an index: not for connections that
    serve anything else. Costs nothing when it was said before.
    """
    connection.ensure_connection()
    if connection.connection.prepare_threshold is None:  # as Django makes them
        with connection.cursor() as cursor:
            cursor.execute(read_sql("huanxin.kernel.sql", "keep_plans").text)
        connection.connection.prepare_threshold = 0


def _pipeline() -> "AbstractContextManager[psycopg.Pipeline]":
    raw: psycopg.Connection[Any] = connection.connection
    return raw.pipeline()


def _execute(
    package: str, name: str, parameters: dict[str, Any]
) -> "psycopg.Cursor[tuple[Any, ...]]":
    assert connection.in_atomic_block, "a set is read and written in its change's transaction"
    cursor = psycopg.Cursor(connection.connection)
    return cursor.execute(read_sql(package, name).text, parameters)
