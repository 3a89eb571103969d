"""Queries over stored events as SQL: conditions, visibility, order, pages."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg import errors as pg_errors

from huanxin.kernel import clock, crypto, requests
from huanxin.kernel.actor import Scope
from huanxin.kernel.crypto import TokenInvalid
from huanxin.kernel.paging import PAGE_SIZE
from huanxin.trace import _shape, _terms
from huanxin.trace._query import Column, Condition, Named, Search, Term, Within
from huanxin.trace.errors import PageTokenInvalid, QueryTooComplex, QueryTooLarge

SECONDS = 5
TOKEN_HOURS = 24
_UNIT = "https://id.gs1.org/8004/"
_FIELDS = "e.id, e.event_id, e.body, e.recorded_at, e.at, e.context_id, e.tx::text::bigint"

_OF_ORG = f"""(e.organisation_id = %s
  OR EXISTS (SELECT FROM trace_custody c JOIN trace_custody h
    ON h.unit_id = c.unit_id AND h.to_holder_id = %s WHERE c.event_id = e.id)
  OR EXISTS (SELECT FROM trace_eventepc x JOIN trace_unit u
    ON u.giai = substr(x.epc, {len(_UNIT) + 1})
    JOIN trace_custody h ON h.unit_id = u.unit_code AND h.to_holder_id = %s
    WHERE x.event_id = e.id AND x.epc LIKE '{_UNIT}%%'))"""  # noqa: S608
_BELOW = """e.{column} = ANY(ARRAY(WITH RECURSIVE below(uri) AS (
  SELECT unnest(%s::text[]) UNION
  SELECT child FROM below b JOIN trace_masterelement m ON m.uri = b.uri{mine},
    jsonb_array_elements_text(m.children) child
) SELECT uri FROM below))"""

Sql = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """A stored event as the repository answers it."""

    id: int
    event_id: str
    body: dict[str, Any]
    recorded_at: datetime
    at: datetime
    context_id: int | None
    tx: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of events and the token of the next, if there is one."""

    rows: Sequence[Row]
    next_token: str | None = None
    token_until: datetime | None = None


def run(search: Search, scope: Scope) -> Answer:
    """One page of what matches within the scope."""
    parts, params = _where(search.conditions, scope)
    with _bounded() as cursor:
        if search.most is not None:
            _refuse_more(cursor, parts, params, search.most)
        token = _opened(search, scope)
        size = min(search.per_page, token.get("left", search.limit) or search.per_page)
        order, after, place = _ordered(search, token)
        cursor.execute(
            f"SELECT {_FIELDS} FROM trace_event e WHERE {' AND '.join([*parts, *after])}"  # noqa: S608
            f" ORDER BY {order} LIMIT %s OFFSET %s",
            [*params, *place, size + 1, token.get("skip", 0)],
        )
        rows = [_row(one) for one in cursor.fetchall()]
    return _page(search, scope, token, rows, size)


def since(
    search: Search, scope: Scope, *, tx: int, row_id: int, initial_at: datetime, limit: int
) -> list[Row]:
    """What matches and became visible after a cursor of the feed, in its order."""
    parts, params = _where(search.conditions, scope)
    parts += [
        "(e.tx, e.id) > ((%s::text)::xid8, %s)",
        "e.tx < pg_snapshot_xmin(pg_current_snapshot())",
        "e.recorded_at >= %s",
    ]
    with _bounded() as cursor:
        cursor.execute(
            f"SELECT {_FIELDS} FROM trace_event e WHERE {' AND '.join(parts)}"  # noqa: S608
            " ORDER BY e.tx, e.id LIMIT %s",
            [*params, str(tx), row_id, initial_at, limit],
        )
        return [_row(one) for one in cursor.fetchall()]


def numbered(conditions: Sequence[Condition], scope: Scope, *, page: int) -> tuple[list[Row], int]:
    """A numbered page of matches, newest first, and how many there are: for pages of the web."""
    parts, params = _where(conditions, scope)
    where = " AND ".join(parts)
    with _bounded() as cursor:
        cursor.execute(f"SELECT count(*) FROM trace_event e WHERE {where}", params)  # noqa: S608
        total = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT {_FIELDS} FROM trace_event e WHERE {where}"  # noqa: S608
            " ORDER BY e.at DESC, e.id DESC LIMIT %s OFFSET %s",
            [*params, PAGE_SIZE, (page - 1) * PAGE_SIZE],
        )
        return [_row(one) for one in cursor.fetchall()], total


def by_id(row_id: int) -> Row:
    """One stored event by its row number."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_FIELDS} FROM trace_event e WHERE e.id = %s", [row_id])  # noqa: S608
        return _row(cursor.fetchone())


def feed_end() -> tuple[int, int]:
    """Where the feed of events stands: a subscription begun now starts behind it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)")
        row = cursor.fetchone()
        return int(row[0]), 9_223_372_036_854_775_807


def visible(scope: Scope) -> Sql:
    """What of the events (as `e`) a scope may read.

    An organisation reads what it captured, what moved units that ever passed through its hands,
    and what others reported on those; an office reads its region; a person opens her own units
    through their orders.
    """
    if scope.person_id is not None:
        return "false", []
    if scope.org_id is not None:
        return _OF_ORG, [scope.org_id] * 3
    if scope.region_path:
        return (
            "(e.region_path = %s OR e.region_path LIKE %s)",
            [scope.region_path, f"{scope.region_path}/%"],
        )
    return "true", []


@contextmanager
def _bounded() -> Iterator[Any]:
    """A cursor whose statements end after a few seconds, whoever asked for what."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
            yield cursor
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, pg_errors.QueryCanceled):
            raise QueryTooComplex(seconds=SECONDS) from error
        raise


def _where(conditions: Sequence[Condition], scope: Scope) -> tuple[list[str], list[Any]]:
    sqls = [visible(scope), *(_condition(one, scope) for one in conditions)]
    return [sql for sql, _ in sqls], [param for _, params in sqls for param in params]


def _condition(one: Condition, scope: Scope) -> Sql:
    if isinstance(one, Column):
        return _column(one)
    if isinstance(one, Named):
        return _named(one)
    if isinstance(one, Term):
        return _term(one)
    return _within(one, scope)


def _column(one: Column) -> Sql:
    values = list(one.values)
    if one.name == "event_id":  # two partial indexes, one for each kind of row
        sql = (
            "((e.event_id = ANY(%s) AND NOT e.declares_error)"
            " OR (e.event_id = ANY(%s) AND e.declares_error))"
        )
        return sql, [values, values]
    if one.operator == "=":
        return f"e.{one.name} = ANY(%s)", [values]
    return f"e.{one.name} {one.operator} %s", values


def _named(one: Named) -> Sql:
    """Few events name a thing: they are looked up first, whatever the planner would guess."""
    sql = "SELECT x.event_id FROM trace_eventepc x WHERE x.role = ANY(%s) AND x.epc"
    found = f"e.id = ANY(ARRAY({sql} = ANY(%s)))"
    params: list[Any] = [list(one.roles), list(one.exact)]
    if one.patterns:
        found = f"({found} OR e.id IN ({sql} LIKE ANY(%s)))"
        params += [list(one.roles), list(one.patterns)]
    return found, params


def _term(one: Term) -> Sql:
    if one.operator == "exists":
        return "e.terms ? %s", [one.key]
    if one.key.endswith(("|n", "|t")):
        return _numeric(one.key, one.operator, one.values)
    parts, params = ["e.terms -> %s ?| %s"], [one.key, list(one.values)]
    for suffix, read in (("|n", _number), ("|t", _epoch)):
        numbers = [n for value in one.values if (n := read(value)) is not None]
        if numbers and ":" in one.key[:4]:  # extension fields have typed values
            sql, more = _numeric(one.key + suffix, "=", numbers)
            parts.append(sql)
            params += more
    return f"({' OR '.join(parts)})", params


def _numeric(key: str, operator: str, values: Sequence[float]) -> Sql:
    compared = "==" if operator == "=" else operator
    sql = (
        f"jsonb_path_exists(e.terms -> %s, '$[*] ? (@ {compared} $v)',"
        " jsonb_build_object('v', %s::float8))"
    )
    params = [param for value in values for param in (key, value)]
    return f"({' OR '.join([sql] * len(values))})", params


def _number(value: Any) -> float | None:
    return _terms.number_of(value)


def _epoch(value: Any) -> float | None:
    at = _shape.instant(value)
    return at.timestamp() if at else None


def _within(one: Within, scope: Scope) -> Sql:
    owner: list[Any] = [] if scope.org_id is None else [scope.org_id]
    mine = " AND m.organisation_id = %s" if owner else ""
    if one.attribute is not None:
        has = "m.attributes -> %s ?| %s" if one.values else "m.attributes ? %s"
        given = [one.attribute, list(one.values)] if one.values else [one.attribute]
        sql = f"e.{one.column} IN (SELECT m.uri FROM trace_masterelement m WHERE {has}{mine})"  # noqa: S608
        return sql, [*given, *owner]
    return _BELOW.format(column=one.column, mine=mine), [list(one.places), *owner]


def _refuse_more(cursor: Any, parts: list[str], params: list[Any], most: int) -> None:
    cursor.execute(
        f"SELECT count(*) FROM (SELECT FROM trace_event e WHERE {' AND '.join(parts)}"  # noqa: S608
        " LIMIT %s) found",
        [*params, most + 1],
    )
    if cursor.fetchone()[0] > most:
        raise QueryTooLarge(most=most)


def _ordered(search: Search, token: dict[str, Any]) -> tuple[str, list[str], list[Any]]:
    """ORDER BY, and behind a token the condition that begins after the last row seen."""
    way, beyond = ("DESC", "<") if search.descending else ("ASC", ">")
    if search.order_by and ":" in search.order_by:
        quoted = search.order_by.replace("'", "''").replace("%", "%%")
        key = f"coalesce(e.terms -> '{quoted}|t', e.terms -> '{quoted}|n', e.terms -> '{quoted}')"
        return f"{key} {way} NULLS LAST, e.id", [], []
    column = f"e.{search.order_by or 'at'}"
    order = f"{column} {way}, e.id {way}"
    if "after" not in token:
        return order, [], []
    at, row_id = token["after"]
    return order, [f"({column}, e.id) {beyond} (%s, %s)"], [_shape.instant(at), row_id]


def _opened(search: Search, scope: Scope) -> dict[str, Any]:
    if search.page_token is None:
        return {}
    try:
        facts = crypto.read_token(search.page_token)
    except TokenInvalid as error:
        raise PageTokenInvalid from error
    fits = facts.get("use") == "epcis-page" and facts.get("q") == _digest(search, scope)
    if not fits or facts["until"] < clock.now().timestamp():
        raise PageTokenInvalid
    return facts


def _page(
    search: Search, scope: Scope, token: dict[str, Any], rows: list[Row], size: int
) -> Answer:
    shown = rows[:size]
    left = token.get("left", search.limit)
    left = left - len(shown) if left is not None else None
    if len(rows) <= size or left == 0:
        return Answer(shown)
    until = clock.now() + timedelta(hours=TOKEN_HOURS)
    facts: dict[str, Any] = {
        "use": "epcis-page", "q": _digest(search, scope), "until": int(until.timestamp()),
    }  # fmt: skip
    if left is not None:
        facts["left"] = left
    if search.order_by and ":" in search.order_by:
        facts["skip"] = token.get("skip", 0) + len(shown)
    else:
        last = shown[-1]
        at = last.recorded_at if search.order_by == "recorded_at" else last.at
        facts["after"] = [at.isoformat(), last.id]
    return Answer(shown, crypto.sign_token(facts), until)


def _digest(search: Search, scope: Scope) -> str:
    return requests.content_digest([search.source, str(scope)]).hex()[:16]


def _row(one: Sequence[Any]) -> Row:
    body = json.loads(one[2]) if isinstance(one[2], str) else one[2]
    return Row(one[0], one[1], body, one[3], one[4], one[5], one[6])
