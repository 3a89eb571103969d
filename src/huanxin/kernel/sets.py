"""Batches as sets: columns travel as arrays, and statements that can travel together do.

For the hot paths alone. A process that does little else calls keep_plans() (docs/adr/090).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection, transaction

from huanxin.kernel._wire import Wire
from huanxin.kernel.sqlfiles import read_sql

T = TypeVar("T")
Rows = list[tuple[Any, ...]]

_WIRES: "WeakKeyDictionary[psycopg.Connection[Any], Wire]" = WeakKeyDictionary()
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
    texts_asked = [read_sql(one.package, one.name).text for one in questions]
    with connection.wrap_database_errors:
        if wire := _wire():
            wire.collect()  # of what was written before, only errors are of interest
            for one, text in zip(questions, texts_asked, strict=True):
                wire.send(text, one.parameters)
            rows = wire.collect()
        else:
            with connection.connection.pipeline():
                cursors = [
                    _execute(text, one.parameters)
                    for one, text in zip(questions, texts_asked, strict=True)
                ]
                rows = [cursor.fetchall() for cursor in cursors]
    return [one.read(answer) for one, answer in zip(questions, rows, strict=True)]


def write(package: str, name: str, **parameters: Any) -> None:
    """Run a write that answers nothing; inside sent_together() without waiting for it."""
    text = read_sql(package, name).text
    with connection.wrap_database_errors:
        if wire := _wire():
            wire.send(text, parameters)
        else:
            _execute(text, parameters)


@contextmanager
def sent_together() -> Iterator[None]:
    """A transaction whose writes and commit travel without waiting for each other's answer.

    All of it is done when the block has ended; what breaks one statement breaks those after it,
    and is raised by the next ask() or at the end. Inside another transaction it is a savepoint.
    Other queries inside the block are asked when everything before them is done.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    is_outermost = not connection.in_atomic_block
    with connection.wrap_database_errors, transaction.atomic():
        raw: psycopg.Connection[Any] = connection.connection
        around, wire = _WIRES.get(raw), Wire(raw)
        _WIRES[raw] = wire
        try:
            with connection.execute_wrapper(_Between(wire)):
                if is_outermost:
                    wire.say(b"BEGIN")
                yield
            if is_outermost and not connection.needs_rollback:
                wire.say(b"COMMIT")
            wire.collect()
        finally:
            wire.close()
            del _WIRES[raw]
            if around is not None:
                _WIRES[raw] = around


class _Between:
    """Lets a query of Django's through once everything sent before it is done."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        self._wire.collect()
        self._wire.close()
        return execute(*query)


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


def _wire() -> Wire | None:
    """The wire of the block we are in, if we are in one."""
    assert connection.in_atomic_block, "a set is read and written in its change's transaction"
    return _WIRES.get(connection.connection)


def _execute(text: str, parameters: dict[str, Any]) -> "psycopg.Cursor[tuple[Any, ...]]":
    return psycopg.Cursor(connection.connection).execute(text, parameters)
