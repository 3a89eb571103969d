"""How the worker's steps fare: told by whoever runs them, read by health pages and metrics."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from huanxin.kernel.models import WorkerStep

_FIELDS = ("worker", "began_at", "is_running", "took_ms", "turn_count", "failure_count", "error",
           "next_at")  # fmt: skip
_LATE = timedelta(minutes=1)


class Standing(StrEnum):
    """How a step stands for who watches the house."""

    OK = "ok"
    LONG = "long"  # is at it for more than a minute
    LATE = "late"  # should have begun a minute ago: no worker runs, or its lane is taken
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class StepState:
    """A step's last turn: whose, since when, how long; how often in a row it failed and by what."""

    name: str
    worker: str
    began_at: datetime
    is_running: bool
    took_ms: int
    turn_count: int  # since that worker began
    failure_count: int
    error: str  # a refusal's code or the kind of fault, never its words: they may name a person
    next_at: datetime

    def standing(self, now: datetime) -> Standing:
        if self.failure_count:
            return Standing.FAILING
        if self.is_running:
            return Standing.LONG if now - self.began_at > _LATE else Standing.OK
        return Standing.LATE if now - self.next_at > _LATE else Standing.OK


def tell(states: Iterable[StepState]) -> None:
    """Keep each step's newest state, in one statement."""
    rows = [
        WorkerStep(name=one.name, **{field: getattr(one, field) for field in _FIELDS})
        for one in states
    ]
    WorkerStep.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["name"], update_fields=_FIELDS
    )


def list_states() -> list[StepState]:
    """Every step that a worker has told of, by name."""
    rows = WorkerStep.objects.order_by("name").values("name", *_FIELDS)
    return [StepState(**row) for row in rows]
