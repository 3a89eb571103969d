"""The platform's timers: each a thread with a connection of its own, under an advisory lock.

A step that fails is logged and tried again later and later; the other steps do not notice.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper

from huanxin.kernel.actor import Actor, system_actor

log = logging.getLogger("huanxin.worker")

_LOCK_SPACE = 0x48580001  # advisory locks are (space, number of the step)
_LONGEST_PAUSE_SECONDS = 60.0
_DOUBLINGS = 6
_STOP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done over and over. `run` returns how much; at `full` there may be more."""

    number: int  # never reused: it is the advisory lock
    name: str
    every_seconds: float
    run: Callable[[Actor], int]
    full: int = 1_000_000_000


class Loop(threading.Thread):
    """Repeats one step until told to stop."""

    def __init__(self, step: Step, stop: threading.Event) -> None:
        super().__init__(name=f"worker-{step.name}", daemon=True)
        self.step = step
        self.failures = 0
        self._stop_asked = stop
        self._actor = system_actor(f"后台进程·{step.name}")
        self._database: object = None

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                self._stop_asked.wait(self.once())
        finally:
            connection.close()

    def once(self) -> float:
        """Do the step once, unless another worker is at it. Returns the pause before the next."""
        try:
            done = self._under_lock()
        except Exception:  # one failing step must not end the others, whatever it is
            if self._stop_asked.is_set():
                return 0
            self.failures += 1
            doubled = self.step.every_seconds * (1 << min(self.failures, _DOUBLINGS))
            pause = min(doubled, _LONGEST_PAUSE_SECONDS)
            log.exception(
                "%s failed %d times, again in %.0f s", self.step.name, self.failures, pause
            )
            connection.close()  # gives the lock back, and the next try a fresh connection
            return pause
        self.failures = 0
        return 0 if done >= self.step.full else self.step.every_seconds

    def cancel(self) -> None:
        """From another thread: abort the statement that is running; its transaction rolls back."""
        if self._database is not None:
            self._database.cancel_safe(timeout=0.5)  # type: ignore[attr-defined]

    def _under_lock(self) -> int:
        key = [_LOCK_SPACE, self.step.number]
        with connection.cursor() as cursor:
            self._database = connection.connection
            if not _ask(cursor, "SELECT pg_try_advisory_lock(%s, %s)", key):
                return 0
        done = self.step.run(self._actor)
        with connection.cursor() as cursor:
            _ask(cursor, "SELECT pg_advisory_unlock(%s, %s)", key)
        return done


def run(steps: Sequence[Step]) -> None:
    """Run every step until SIGTERM or SIGINT; return within two seconds of it."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    loops = [Loop(step, stop) for step in steps]
    for loop in loops:
        loop.start()
    while not stop.wait(0.5):
        pass
    finish(loops)


def finish(loops: Sequence[Loop]) -> None:
    """Let running steps end; cancel the statements of those that will not."""
    until = time.monotonic() + _STOP_SECONDS
    for loop in loops:
        loop.join(max(0.0, until - time.monotonic()))
    for loop in loops:
        if loop.is_alive():
            log.warning("%s was still busy and has been rolled back", loop.step.name)
            _cancel(loop)
    if any(loop.is_alive() for loop in loops):
        logging.shutdown()
        os._exit(0)  # their connections break, their transactions never happened


def _cancel(loop: Loop) -> None:
    try:
        loop.cancel()
    except (DatabaseError, OSError):
        log.warning("%s could not be cancelled", loop.step.name)
    loop.join(0.2)


def _ask(cursor: CursorWrapper, statement: str, values: list[int]) -> bool:
    cursor.execute(statement, values)
    row = cursor.fetchone()
    return bool(row and row[0])
