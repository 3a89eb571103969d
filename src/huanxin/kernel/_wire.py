"""Statements sent one behind the other over one connection, answers read when they are wanted.

libpq's pipeline mode, spoken through psycopg's own wrapper of it. A psycopg pipeline looks at the
socket for every statement; a batch of claims has ten, and each look gives the interpreter away to
whichever thread wants it. Here a batch looks as often as it waits (docs/adr/165).
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors, generators, pq
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq.abc import PGresult

Rows = list[tuple[Any, ...]]
_Plan: TypeAlias = tuple[str, tuple[int, ...]]  # a statement and the types of its parameters

_NUMBERS = itertools.count()  # a name that failed is not used again
_PLACEHOLDER = re.compile(r"%(?:%|\((\w+)\)s)")
_NAMES: "WeakKeyDictionary[psycopg.Connection[Any], dict[_Plan, bytes]]" = WeakKeyDictionary()


class Wire:
    """One connection while a batch travels over it. Not for two threads."""

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self._raw, self._pg = raw, raw.pgconn
        self._values = Transformer(raw)
        self._names = _NAMES.setdefault(raw, {})
        self._sent: list[_Plan | None] = []  # what a PREPARE was for

    @property
    def is_open(self) -> bool:
        """Whether statements travel, so that nobody else may use the connection."""
        return self._pg.pipeline_status != pq.PipelineStatus.OFF

    def say(self, statement: bytes) -> None:
        """Send a statement that has no parameters and answers nothing."""
        self._open()
        self._pg.send_query_params(statement, None)
        self._sent.append(None)

    def send(self, text: str, parameters: Mapping[str, Any]) -> None:
        """Send a statement with %(name)s placeholders; its rows are among the next collected.

        Where the connection keeps its plans (prepare_threshold 0) it is prepared once.
        """
        self._open()
        statement, names = _compiled(text)
        values = [parameters[name] for name in names]
        dumped = self._values.dump_sequence(values, [PyFormat.AUTO] * len(values))
        types, formats = tuple(self._values.types or ()), self._values.formats
        if self._raw.prepare_threshold is None:
            self._pg.send_query_params(statement, dumped, types, formats)
        else:
            self._pg.send_query_prepared(self._prepared(text, statement, types), dumped, formats)
        self._sent.append(None)
        self._pg.flush()  # so that the server works while the next one is put together

    def collect(self) -> list[Rows]:
        """The rows of everything sent since the last time, in order; the first error is raised."""
        if not self._sent:
            return []
        self._pg.pipeline_sync()
        results = self._raw.wait(self._results())
        sent, self._sent = self._sent, []
        for result in results:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                self._forget(sent, results)
                raise errors.error_from_result(result, encoding=self._raw.info.encoding)
        return [
            self._rows(result)
            for result, prepared in zip(results, sent, strict=True)
            if prepared is None
        ]

    def close(self) -> None:
        """Let go of the connection: what was sent is awaited, its rows and errors are lost."""
        if self._pg.status == pq.ConnStatus.BAD or not self.is_open:
            return
        if self._sent:
            self._pg.pipeline_sync()
            self._forget(self._sent, self._raw.wait(self._results()))
            self._sent = []
        self._pg.exit_pipeline_mode()

    def _open(self) -> None:
        if not self.is_open:
            self._pg.enter_pipeline_mode()

    def _prepared(self, text: str, statement: bytes, types: tuple[int, ...]) -> bytes:
        """The name under which this connection has planned the statement."""
        what = text, types
        if what not in self._names:
            self._names[what] = b"hx_%d" % next(_NUMBERS)
            self._pg.send_prepare(self._names[what], statement, types)
            self._sent.append(what)
        return self._names[what]

    def _forget(self, sent: Sequence[_Plan | None], results: Sequence[PGresult]) -> None:
        """What was not prepared after all, because something before it broke, has no name."""
        for what, result in zip(sent, results, strict=True):
            if what is not None and result.status != pq.ExecStatus.COMMAND_OK:
                del self._names[what]

    def _results(self) -> "PQGen[list[PGresult]]":
        """Everything up to the sync, one result a statement; waits only where there is nothing."""
        yield from generators.send(self._pg)
        results: list[PGresult] = []
        while True:
            found = yield from generators.fetch_many(self._pg)
            if found[-1].status == pq.ExecStatus.PIPELINE_SYNC:
                return results
            results.append(found[-1])

    def _rows(self, result: "PGresult") -> Rows:
        if not result.nfields:
            return []
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple)


@lru_cache(1024)
def _compiled(text: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement as the server reads it, $1 for the first name, and the names in order.

    >>> _compiled("SELECT %(a)s, %(b)s, %(a)s, 5 %% 2")
    (b'SELECT $1, $2, $1, 5 % 2', ('a', 'b'))
    """
    names: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        name = found.group(1)
        return f"${names.setdefault(name, len(names) + 1)}" if name else "%"

    return _PLACEHOLDER.sub(place, text).encode(), tuple(names)
