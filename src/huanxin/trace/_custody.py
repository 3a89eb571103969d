"""Mechanics of custody: each move extends a unit's chain by a link, and its passport follows."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from huanxin.kernel.copying import copy_rows
from huanxin.trace import models, rules
from huanxin.trace.errors import UnitUnknown
from huanxin.trace.types import Capture, Move, UnitState

_LINKS = """trace_custody (unit_id, seq, event_id, prev_seq, from_holder_id, from_state, prev_at,
  to_holder_id, to_state, at, mass_g)"""
_ADVANCE = """
UPDATE trace_unit u SET seq = n.seq, state = n.state, holder_id = n.holder_id, moved_at = n.at,
  mass_g = coalesce(n.mass_g, u.mass_g), closed_at = n.closed_at, container = n.container,
  certificate_no = coalesce(n.certificate_no, u.certificate_no),
  next_life = coalesce(n.next_life, u.next_life)
FROM unnest(%s::text[], %s::int[], %s::text[], %s::uuid[], %s::timestamptz[], %s::int[],
  %s::timestamptz[], %s::text[], %s::text[], %s::text[])
  AS n(unit_code, seq, state, holder_id, at, mass_g, closed_at, certificate_no, container,
       next_life)
WHERE u.unit_code = n.unit_code
"""


def move(captures: Sequence[Capture], row_ids: Sequence[int]) -> None:
    """Extend the chains of every unit that the captures move; locks them, each once, by code."""
    codes = sorted({move.unit_code for capture in captures for move in capture.moves})
    if not codes:
        return
    locked = models.Unit.objects.select_for_update(of=("self",), no_key=True)
    units = {unit.unit_code: unit for unit in locked.filter(pk__in=codes).order_by("pk")}
    write_links(links(units, captures, row_ids))
    _write_heads(list(units.values()))


def links(
    units: Mapping[str, models.Unit], captures: Sequence[Capture], row_ids: Sequence[int]
) -> list[tuple[Any, ...]]:
    """The chain's new links in the order captured; the units' heads move along in memory."""
    found = []
    for capture, row_id in zip(captures, row_ids, strict=True):
        for step in capture.moves:
            unit = units.get(step.unit_code)
            if unit is None:
                raise UnitUnknown(unit_code=step.unit_code)
            head = _head(unit)
            link = rules.next_link(head, step, capture.event.at)
            container = rules.next_container(unit.container, capture.event, step)
            found.append(_row(head, link, step, row_id))
            _apply(unit, link, step, container)
    return found


def write_links(rows: Sequence[tuple[Any, ...]]) -> None:
    """Store links; the database holds each against the one before."""
    copy_rows(_LINKS, rows)


def _head(unit: models.Unit) -> rules.Link:
    if unit.seq == 0:
        return rules.Link(0, None, None, None)
    return rules.Link(unit.seq, unit.holder_id, UnitState(unit.state), unit.moved_at)


def _row(head: rules.Link, link: rules.Link, step: Move, row_id: int) -> tuple[Any, ...]:
    from_holder = step.from_org_id if head.seq else None
    return (
        step.unit_code, link.seq, row_id, head.seq or None, from_holder, head.state, head.at,
        step.to_org_id, step.to_state, link.at, step.mass_g,
    )  # fmt: skip


def _apply(unit: models.Unit, link: rules.Link, step: Move, container: str | None) -> None:
    assert link.holder_id is not None
    assert link.state is not None
    at: datetime | None = link.at
    assert at is not None
    unit.seq, unit.state, unit.holder_id, unit.moved_at = link.seq, link.state, link.holder_id, at
    unit.mass_g = step.mass_g if step.mass_g is not None else unit.mass_g
    unit.certificate_no = step.certificate_no or unit.certificate_no
    unit.next_life = step.next_life or unit.next_life
    unit.closed_at = at if link.state in rules.TERMINAL else None
    unit.container = container


def _write_heads(units: Sequence[models.Unit]) -> None:
    columns: list[list[Any]] = [
        [unit.unit_code for unit in units],
        [unit.seq for unit in units],
        [unit.state for unit in units],
        [unit.holder_id for unit in units],
        [unit.moved_at for unit in units],
        [unit.mass_g for unit in units],
        [unit.closed_at for unit in units],
        [unit.certificate_no for unit in units],
        [unit.container for unit in units],
        [unit.next_life for unit in units],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, columns)
        assert cursor.rowcount == len(units), json.dumps([u.unit_code for u in units])
