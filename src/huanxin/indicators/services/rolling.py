"""Rollups: the feed names the days whose facts changed, and their cells are counted anew."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from huanxin.identity import selectors as identity
from huanxin.indicators import _answers, _cells, _metrics, models
from huanxin.indicators.types import Aggregate, Metric
from huanxin.kernel import audit, clock, feed, sets
from huanxin.kernel.actor import Actor
from huanxin.kernel.sqlfiles import read_sql

PERMISSION = "indicators.roll_up"
_READER = "indicators"
_PULL, _LEDGER_PULL = 20_000, 50_000
_DAYS_AT_ONCE = 31
_EVER: dict[str, Any] = {
    "path": "",
    "depth": 1,
    "from_on": date(1990, 1, 1),
    "to_on": date(2200, 1, 1),
}
_UUID_KINDS = {
    "claim", "sale", "recycling_order", "lot", "run", "voucher", "batch", "payment_order",
}  # fmt: skip
_SUBJECTS = (*_UUID_KINDS, "unit")
_STATEFUL = ("claim", "sale")  # a later decision moves such a fact to another day
_MARK = """
INSERT INTO indicators_touchedday (room, fact_on)
SELECT * FROM unnest(%s::text[], %s::date[]) ON CONFLICT DO NOTHING
"""
_LEDGER = """
SELECT tx::text::bigint, row_id, made_on, held_on FROM mart_ledger_change
WHERE (tx, row_id) > (%s::text::xid8, %s) AND tx < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY tx, row_id LIMIT %s
"""
_LEDGER_END = """
SELECT tx::text::bigint, row_id FROM mart_ledger_change
WHERE tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx DESC, row_id DESC LIMIT 1
"""
_SPAN = "SELECT min(fact_on), max(fact_on) FROM facts"
_DIFFERENT = """
, kept AS (
    SELECT fact_on, sum(total) AS total, sum(row_count) AS row_count
    FROM indicators_cell
    WHERE metric_id = %(id)s AND region_path = '' AND category_code = '*' GROUP BY fact_on
), counted AS (
    SELECT fact_on, sum(value) AS total, count(*) AS row_count FROM facts GROUP BY fact_on
)
SELECT fact_on FROM kept FULL JOIN counted USING (fact_on)
WHERE fact_on IS NOT NULL AND (kept.total IS DISTINCT FROM counted.total
   OR kept.row_count IS DISTINCT FROM counted.row_count)
"""

Touched = set[tuple[str, date]]


@transaction.atomic
def roll_up(*, actor: Actor) -> int:
    """Follow the feed: count anew the days that its new rows touched, newest days first.

    The first call marks every day there is; the cells answer once all of them are counted.
    Returns how many days still wait: call again at once while it is not nought. Safe to repeat.
    """
    identity.require(actor, PERMISSION)
    _one_moment()
    now = clock.now()
    state = models.RollupState.objects.select_for_update().filter(pk=1).first()
    if state is None:
        state = _begin()
    else:
        rows = feed.pull(_READER, limit=_PULL)
        if rows:
            state.position = f"{rows[-1].tx}.{rows[-1].id}"
            if not models.TouchedDay.objects.exists():  # whole up to its first new line
                state.read_at = max(state.read_at, rows[0].at)
        _mark(_touched_by(rows) | _touched_by_ledger(state))
    _recount_some()
    left = models.TouchedDay.objects.count()
    if left == 0:
        state.is_ready, state.read_at = True, now
    state.save()
    return left


def refresh_answers(*, actor: Actor, milliseconds: int = 500) -> int:
    """Read anew what days do not add up to, the longest unread first, for about that long.

    Only what took long enough to be worth keeping, and only while the feed moves. Returns how many
    were read. Safe to repeat.
    """
    identity.require(actor, PERMISSION)
    done = _read_answers(until=time.monotonic() + milliseconds / 1000)
    if done:  # apart: a roll-up that commits meanwhile would undo all that was read
        models.RollupState.objects.filter(pk=1).update(round=F("round") + 1)
    return done


@transaction.atomic
def check_rollups(*, actor: Actor) -> list[str]:
    """Once a business day: every cell against its metric's own statement, over the whole history.

    Days that differ are marked to be counted anew and written to the audit trail. Returns them as
    'metric day'; nothing on later calls of the same day.
    """
    identity.require(actor, PERMISSION)
    state = models.RollupState.objects.select_for_update().filter(pk=1, is_ready=True).first()
    waiting = models.TouchedDay.objects.exists()
    if state is None or waiting or state.checked_on == clock.today():
        return []
    wrong = [(metric, day) for metric in _cells.kept_metrics() for day in _different_days(metric)]
    for metric, day in wrong:
        _mark({(room, day) for room in _cells.rooms_of(metric.id)})
    named = [f"{metric.id} {day}" for metric, day in wrong]
    if named:
        audit.record(actor, "indicators.rollup_differed", "rollup", "", days=named[:100])
    state.checked_on = clock.today()
    state.save(update_fields=["checked_on"])
    return named


@transaction.atomic
def _read_answers(until: float) -> int:
    _one_moment()
    state, done = _cells.find_state(), 0
    if state is None:
        return 0
    for question in _answers.due(state.position):
        _answers.read(question, state.position)
        done += 1
        if time.monotonic() > until:
            break
    return done


def _one_moment() -> None:
    """All of a tick is read from one snapshot, so that no two of its numbers disagree."""
    connection.ensure_connection()
    if len(connection.savepoint_ids) == 0 and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL work_mem = '64MB'")


def _begin() -> models.RollupState:
    """Start at the feed's present end, with every day that has facts waiting."""
    models.Cell.objects.all().delete()
    state = models.RollupState(pk=1, position=feed.skip_to_end(_READER), read_at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER_END)
        state.ledger_tx, state.ledger_id = cursor.fetchone() or (0, 0)
        for metric in _cells.kept_metrics():
            cursor.execute(_metrics.rows_of(metric) + _SPAN, _EVER)
            first, last = cursor.fetchone()
            days = _days_between(first, last) if first else []
            _mark({(room, day) for room in _cells.rooms_of(metric.id) for day in days})
    return state


def _days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _touched_by(rows: Sequence[feed.FeedRow]) -> Touched:
    """The day each line was written, and every day that its subject's facts are dated."""
    touched: Touched = set()
    subjects: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        room = row.action.partition(".")[0]
        if room in _cells.ROOMS:
            touched.add((room, clock.business_day(row.at)))
            subjects[row.subject_kind].add(row.subject_id)
    for kind in _STATEFUL:
        touched |= {("claims", day) for day in feed.days_of(kind, subjects[kind])}
    if any(subjects[kind] for kind in _SUBJECTS):
        touched |= _dated(subjects)
    return touched


def _dated(subjects: dict[str, set[str]]) -> Touched:
    arrays = {kind: sets.texts(sorted(subjects[kind])) for kind in _SUBJECTS}
    text = read_sql("huanxin.indicators.sql", "touched").text
    with connection.cursor() as cursor:
        cursor.execute(text, arrays)
        return {(room, day) for room, day in cursor.fetchall() if day is not None}


def _touched_by_ledger(state: models.RollupState) -> Touched:
    """Transfers have no line each in the audit trail: the ledger's own order is followed."""
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, [str(state.ledger_tx), state.ledger_id, _LEDGER_PULL])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    if rows:
        state.ledger_tx, state.ledger_id = rows[-1][:2]
    return {("ledger", day) for row in rows for day in row[2:] if day is not None}


def _mark(touched: Iterable[tuple[str, date]]) -> None:
    pairs = sorted(touched)
    if pairs:
        with connection.cursor() as cursor:
            cursor.execute(_MARK, [[room for room, _ in pairs], [day for _, day in pairs]])


def _recount_some() -> None:
    days = models.TouchedDay.objects.values_list("fact_on", flat=True).distinct()
    newest = list(days.order_by("-fact_on")[:_DAYS_AT_ONCE])
    waiting = models.TouchedDay.objects.filter(fact_on__in=newest)
    by_room: dict[str, set[date]] = defaultdict(set)
    for room, day in waiting.values_list("room", "fact_on"):
        by_room[room].add(day)
    for metric in _cells.kept_metrics():
        wanted = set().union(*(by_room[room] for room in _cells.rooms_of(metric.id)))
        for first, last in _runs(sorted(wanted)):
            _cells.recount(metric, first, last)
    waiting.delete()


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Days as stretches without a gap."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _different_days(metric: Metric) -> list[date]:
    assert metric.aggregate in {Aggregate.SUM, Aggregate.LOWER_MEDIAN}
    with connection.cursor() as cursor:
        cursor.execute(_metrics.rows_of(metric) + _DIFFERENT, {**_EVER, "id": metric.id})
        return [row[0] for row in cursor.fetchall()]
