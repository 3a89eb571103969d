"""Which values stored events use: read value by value along an index, whatever the table's size."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection

from huanxin.kernel import clock, crypto
from huanxin.kernel.actor import Scope
from huanxin.kernel.crypto import TokenInvalid
from huanxin.trace import _names, _search, _shape
from huanxin.trace._query import Column, Condition, Named, Search
from huanxin.trace.errors import PageTokenInvalid, ResourceUnknown
from huanxin.trace.types import ValuePage

COLUMNS = {
    "eventTypes": "type", "bizSteps": "biz_step", "dispositions": "disposition",
    "readPoints": "read_point", "bizLocations": "biz_location",
}  # fmt: skip
_NEXT = """
SELECT e.{column} FROM trace_event e
WHERE e.{column} > %s AND e.{column} <> '' AND {visible} ORDER BY e.{column} LIMIT 1
"""
_NEXT_EPC = """
SELECT x.epc FROM trace_eventepc x JOIN trace_event e ON e.id = x.event_id
WHERE x.epc ~>~ %s AND x.role IN ('epc', 'child', 'parent', 'input', 'output') AND {visible}
ORDER BY x.epc USING ~<~ LIMIT 1
"""


def page(kind: str, scope: Scope, *, size: int, token: str | None) -> ValuePage:
    """`size` values behind the token."""
    if kind != "epcs" and kind not in COLUMNS:
        raise ResourceUnknown(name=kind)
    found: list[str] = []
    values = _after(kind, scope, _opened(kind, token))
    for value in values:
        if len(found) == size:
            until = clock.now() + timedelta(hours=_search.TOKEN_HOURS)
            facts = {"use": f"epcis-{kind}", "after": found[-1], "until": int(until.timestamp())}
            return ValuePage(tuple(found), crypto.sign_token(facts), until)
        found.append(value)
    return ValuePage(tuple(found), None, None)


def is_used(kind: str, value: str, names: Mapping[str, str], scope: Scope) -> bool:
    """Whether a value stands in any event within the scope."""
    if kind == "eventTypes" and value in _shape.STANDARD_TYPES:
        return True
    one: Condition
    if kind == "epcs":
        roles = ("epc", "child", "parent", "input", "output")
        one = Named(roles, (_names.identifier(value),))
    elif kind in {"readPoints", "bizLocations"}:
        one = Column(COLUMNS[kind], "=", (_names.identifier(value),))
    else:
        word = {"bizSteps": "bizStep", "dispositions": "disposition"}.get(kind, "")
        one = Column(COLUMNS[kind], "=", (_names.word(word, value, names),))
    return bool(_search.run(Search((one,), per_page=1), scope).rows)


def _opened(kind: str, token: str | None) -> str:
    if token is None:
        return ""
    try:
        facts = crypto.read_token(token)
    except TokenInvalid as error:
        raise PageTokenInvalid from error
    if facts.get("use") != f"epcis-{kind}" or facts["until"] < clock.now().timestamp():
        raise PageTokenInvalid
    return str(facts["after"])


def _after(kind: str, scope: Scope, last: str) -> Iterator[str]:
    if kind == "eventTypes":
        extras = _walk(_NEXT, "type", scope, "")
        known = sorted({*_shape.STANDARD_TYPES, *extras})
        yield from (value for value in known if value > last)
    elif kind == "epcs":
        yield from _walk(_NEXT_EPC, "", scope, last)
    else:
        yield from _walk(_NEXT, COLUMNS[kind], scope, last)


def _walk(statement: str, column: str, scope: Scope, last: str) -> Iterator[str]:
    visible, params = _search.visible(scope)
    text = statement.format(column=column, visible=visible)
    while True:
        with connection.cursor() as cursor:
            given: list[Any] = [last, *params]
            cursor.execute(text, given)
            row = cursor.fetchone()
        if row is None:
            return
        last = row[0]
        yield last
