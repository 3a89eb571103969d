"""A thing's journey read from events alone: its own, and its containers' while it was inside.

Inside is half-open in time: from the packing on, up to and without the moment of unpacking. An
event that was declared wrong moves nothing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.trace import _names, _search
from huanxin.trace.types import Sighting

_EVER = datetime.min.replace(tzinfo=UTC)
_DEPTH = 5  # unit, lot, pallet, container, ship
_NAMED = """
SELECT e.id, e.event_id, e.at, e.type, e.action, e.biz_step, e.organisation_id, e.body,
       array_agg(x.epc || ' ' || x.role),
       EXISTS (SELECT FROM trace_event d WHERE d.event_id = e.event_id AND d.declares_error)
FROM trace_eventepc x JOIN trace_event e ON e.id = x.event_id
WHERE x.epc = ANY(%s) AND x.role = ANY(%s) AND NOT e.declares_error AND {visible}
GROUP BY e.id ORDER BY e.at, e.id
"""
_ROLES = ["epc", "child", "parent", "input", "output"]


@dataclass(frozen=True, slots=True)
class Stay:
    """Inside a container from one moment up to another; None: still."""

    container: str
    from_at: datetime
    until_at: datetime | None

    def covers(self, at: datetime) -> bool:
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True, slots=True)
class _Event:
    sighting: Sighting
    roles: frozenset[tuple[str, str]]  # (identifier, role)


def journey(epc: str, sql: _search.Sql, outside: Sequence[datetime] = ()) -> list[Sighting]:
    """Every event of a thing and of what it was inside of, oldest first, within `sql`.

    `outside` are moments at which the thing is known to have been in nothing, whatever was packed.
    """
    own = _events([epc], sql)
    found = {one.sighting.row_id: one.sighting for one in own}
    level = [(epc, Stay(epc, _EVER, None), own)]
    for _ in range(_DEPTH):
        stays = [
            stay for thing, limit, events in level for stay in _stays(thing, events, sql, limit)
        ]
        if not stays:
            break
        events = _events({stay.container for stay in stays}, sql)
        level = []
        for stay in stays:
            mine = [one for one in events if _is_about(one, stay.container)]
            level.append((stay.container, stay, mine))
            for one in mine:
                if stay.covers(one.sighting.at):
                    inside = replace(one.sighting, inside=stay.container)
                    found.setdefault(one.sighting.row_id, inside)
    return sorted(found.values(), key=lambda one: (one.at, one.row_id))


def stays(epc: str, sql: _search.Sql) -> list[Stay]:
    """What a thing was inside of, and when."""
    limit = Stay(epc, _EVER, None)
    return _stays(epc, _events([epc], sql), sql, limit)


def contents(container: str, sql: _search.Sql) -> list[str]:
    """What was ever packed into a container, in the order packed."""
    packed: dict[str, None] = {}
    for one in _events([container], sql):
        if _moves(one, container) and one.sighting.action == "ADD":
            packed |= dict.fromkeys(one.sighting.body.get("childEPCs") or ())
    return list(packed)


def _stays(thing: str, events: Sequence[_Event], sql: _search.Sql, limit: Stay) -> list[Stay]:
    """A thing's stays, cut to the time that matters."""
    opened: dict[str, datetime] = {}
    closed: list[Stay] = []
    for one in events:
        if (thing, "child") not in one.roles or one.sighting.is_declared_wrong:
            continue
        parent = _parent(one.sighting)
        if one.sighting.action == "ADD":
            opened.setdefault(parent, one.sighting.at)
        elif one.sighting.action == "DELETE" and parent in opened:
            closed.append(Stay(parent, opened.pop(parent), one.sighting.at))
    for parent, at in opened.items():
        closed.append(Stay(parent, at, _dissolved(parent, at, sql)))
    return [cut for stay in closed if (cut := _cut(stay, limit)) is not None]


def _ended(stay: Stay, outside: Sequence[datetime]) -> Stay:
    later = [at for at in outside if at > stay.from_at]
    return _cut(stay, Stay(stay.container, stay.from_at, min(later, default=None))) or stay


def _cut(stay: Stay, limit: Stay) -> Stay | None:
    from_at = max(stay.from_at, limit.from_at)
    ends = [at for at in (stay.until_at, limit.until_at) if at is not None]
    until_at = min(ends) if ends else None
    if until_at is not None and until_at <= from_at:
        return None
    return Stay(stay.container, from_at, until_at)


def _dissolved(container: str, after: datetime, sql: _search.Sql) -> datetime | None:
    """When a DELETE without children ended the whole aggregation."""
    for one in _events([container], sql):
        sighting = one.sighting
        whole = not (sighting.body.get("childEPCs") or sighting.body.get("childQuantityList"))
        if _moves(one, container) and sighting.action == "DELETE" and whole and sighting.at > after:
            return sighting.at
    return None


def _moves(one: _Event, container: str) -> bool:
    return (container, "parent") in one.roles and not one.sighting.is_declared_wrong


def _is_about(one: _Event, thing: str) -> bool:
    return any(epc == thing for epc, _ in one.roles)


def _parent(sighting: Sighting) -> str:
    return _names.identifier(sighting.body.get("parentID") or "")


def _events(epcs: Iterable[str], sql: _search.Sql) -> list[_Event]:
    visible, params = sql
    with connection.cursor() as cursor:
        cursor.execute(_NAMED.format(visible=visible), [list(epcs), _ROLES, *params])
        return [_event(row) for row in cursor.fetchall()]


def _event(row: Sequence[Any]) -> _Event:
    body = json.loads(row[7]) if isinstance(row[7], str) else row[7]
    org_id: UUID = row[6]
    sighting = Sighting(row[0], row[1], row[2], row[3], row[4], row[5], org_id, body, None, row[9])
    return _Event(sighting, frozenset(tuple(pair.rsplit(" ", 1)) for pair in row[8]))
