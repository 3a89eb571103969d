"""Answers that days do not add up to: different people, and the flow, for the named periods.

Where they are quick to read they are read; where a city is large the worker reads them in turn,
and what is shown says of which moment it is (docs/adr/168).
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huanxin.identity import selectors as identity
from huanxin.indicators import _metrics, models, rules
from huanxin.indicators.types import WINDOW_TITLES, Aggregate, By
from huanxin.kernel import clock
from huanxin.kernel.sqlfiles import read_sql

FLOW = "unit_flow"
WORTH_KEEPING_MS = 30
_KEPT_DAYS = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A metric (or the flow) over a region and days, by groups ('' for the whole alone)."""

    name: str
    region_path: str
    from_on: date
    to_on: date
    grouping: str = ""

    def key(self) -> dict[str, Any]:
        return {
            "question": self.name, "region_path": self.region_path, "from_on": self.from_on,
            "to_on": self.to_on, "grouping": self.grouping,
        }  # fmt: skip


def find(question: Question) -> tuple[list[tuple[Any, ...]], datetime] | None:
    """The kept rows and their moment; None where reading is quick, or nothing is kept."""
    row = models.Answer.objects.filter(**question.key(), cost_ms__gte=WORTH_KEEPING_MS).first()
    return None if row is None else ([tuple(line) for line in row.rows], row.read_at)


def due(position: str) -> Iterator[Question]:
    """What is not known of today's periods, then what is slow and older than the feed."""
    models.Answer.objects.filter(to_on__lt=clock.today(), read_at__lt=_old()).delete()
    wanted = set(_wanted())
    known = {
        Question(row.question, row.region_path, row.from_on, row.to_on, row.grouping): row
        for row in models.Answer.objects.filter(to_on__gte=min(q.to_on for q in wanted))
    } if wanted else {}  # fmt: skip
    yield from sorted(wanted - known.keys(), key=_order)
    slow = [(row.read_at, q) for q, row in known.items() if q in wanted and _is_due(row, position)]
    yield from (question for _, question in sorted(slow, key=lambda pair: pair[0]))


def read(question: Question, position: str) -> None:
    """Read the answer from the facts and keep it with what it cost."""
    began = time.perf_counter()
    rows = reading(question)()
    cost = int((time.perf_counter() - began) * 1000)
    values = {"rows": json.loads(json.dumps(rows)), "cost_ms": cost, "position": position}
    models.Answer.objects.update_or_create(
        **question.key(), defaults={**values, "read_at": clock.now()}
    )


def reading(question: Question) -> Callable[[], list[tuple[Any, ...]]]:
    """How the facts answer it."""
    path = question.region_path
    bounds = {
        "path": path, "depth": path.count("/") + 2 if path else 1,
        "from_on": question.from_on, "to_on": question.to_on,
    }  # fmt: skip
    if question.name == FLOW:
        file = read_sql("huanxin.indicators.sql", FLOW)
        return lambda: _metrics.windowed(file, bounds)
    metric = _metrics.get_metric(question.name)
    by = By(question.grouping) if question.grouping else None
    return lambda: _metrics.grouped(metric, by, bounds)


def _wanted() -> Iterator[Question]:
    """What the walls of a cell ask about people and the flow, for every region and named period."""
    people = [m.id for m in _metrics.catalogue().values() if m.aggregate is Aggregate.DISTINCT]
    regions = identity.list_regions()
    counties = [region for region in regions if region.level in {"county", "zone"}]
    paths = {region.path.rpartition("/")[0] for region in counties} | {r.path for r in counties}
    for path in sorted(paths):
        for key in WINDOW_TITLES:
            window = rules.window_of(key, clock.today())
            by = By.HOUR if window.days == 1 else By.DAY
            before = window.before()
            yield Question(FLOW, path, window.from_on, window.to_on)
            for name in people:
                yield Question(name, path, window.from_on, window.to_on)
                yield Question(name, path, window.from_on, window.to_on, by.value)
                yield Question(name, path, before.from_on, before.to_on)


def _is_due(row: models.Answer, position: str) -> bool:
    return row.cost_ms >= WORTH_KEEPING_MS and row.position != position


def _order(question: Question) -> tuple[int, str, date, str, str]:
    """Cities first, long periods first: these are the slow ones."""
    depth = question.region_path.count("/")
    return depth, question.region_path, question.from_on, question.name, question.grouping


def _old() -> datetime:
    return clock.moment(date.fromordinal(clock.today().toordinal() - _KEPT_DAYS))
