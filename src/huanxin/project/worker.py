"""The platform's timers: a few threads, a connection each, take what is due next off one agenda.

A step is off the agenda while it is done and holds an advisory lock, so that it is never done
twice at once, here or in another worker. One that fails is tried later and later; the others do
not notice.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import Error, connection

from huanxin.kernel import clock, feed, timers
from huanxin.kernel.actor import system_actor
from huanxin.kernel.errors import DomainError

log = logging.getLogger("huanxin.worker")

_LOCK_SPACE = 0x48580001  # advisory locks are (space, number of the step)
_TAKE = "SELECT set_config('lock_timeout', '60s', false), pg_try_advisory_lock(%s, %s)"
_GIVE_BACK = "SELECT pg_advisory_unlock(%s, %s)"
_LONGEST_PAUSE_SECONDS, _DOUBLINGS = 60.0, 6
_QUIET_SECONDS = 30.0  # a follower looks this often though the feed stands still
_LOOK_SECONDS, _TELL_SECONDS, _STOP_SECONDS = 0.2, 2.0, 1.0


class Lane(StrEnum):
    """Who may keep whom waiting: what answers at once, what waits for others, what takes long."""

    QUICK = "quick"
    OUTSIDE = "outside"
    LONG = "long"


THREADS: Mapping[Lane, int] = {Lane.QUICK: 3, Lane.OUTSIDE: 1, Lane.LONG: 1}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done over and over. `run` returns how much; at `full` there may be more."""

    number: int  # never reused: it is the advisory lock
    name: str
    every_seconds: float
    run: Callable[..., int]  # is called with the actor
    full: int = 1_000_000_000
    lane: Lane = Lane.QUICK
    is_follower: bool = False  # rests while the feed stands still


@dataclass(slots=True, eq=False)
class Turn:
    """A step's place on the agenda, and how it fares."""

    step: Step
    due: float = 0.0
    has_news: bool = True
    is_told: bool = True
    running: Any = None  # the database connection of the thread that is at it
    began_at: datetime | None = None
    took: float = 0.0
    count: int = 0
    failures: int = 0
    error: str = ""

    @property
    def ready(self) -> float:
        rests = self.step.is_follower and not self.has_news
        return self.due + _QUIET_SECONDS if rests else self.due


class Worker:
    """The agenda, the threads that work it off, and the look that wakes followers."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.turns = [Turn(step) for step in steps]
        self._waiting = list(self.turns)
        self._change = threading.Condition()
        self._is_over = False
        self._threads = [
            threading.Thread(target=self._work, args=[lane], name=f"worker-{lane}", daemon=True)
            for lane, count in THREADS.items()
            for _ in range(count)
        ]
        self._name = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self._position, self._told = "", 0.0

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def look(self) -> None:
        """Wake the followers if the feed moved; every two seconds tell how the steps fare."""
        try:
            if (position := feed.position()) != self._position:
                self._position = position
                with self._change:
                    for turn in self.turns:
                        turn.has_news = True
                    self._change.notify_all()
            if time.monotonic() - self._told > _TELL_SECONDS:
                self._told = time.monotonic()
                timers.tell([self._state(turn) for turn in self.turns if not turn.is_told])
        except Error:
            log.warning("the database does not answer the worker's look")
            connection.close()

    def finish(self) -> bool:
        """Let running steps end, cancel those that will not; whether all threads are gone."""
        with self._change:
            self._is_over = True
            self._change.notify_all()
        until = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        for turn in self.turns:
            if (database := turn.running) is not None:
                log.warning("%s was still busy and is rolled back", turn.step.name)
                try:
                    database.cancel_safe(timeout=0.5)
                except (Error, OSError):
                    log.warning("%s could not be cancelled", turn.step.name)
        for thread in self._threads:
            thread.join(0.2)
        return not any(thread.is_alive() for thread in self._threads)

    def do(self, turn: Turn) -> float:
        """Do a step once, unless another worker is at it. Returns the pause before its next."""
        began, every = time.monotonic(), turn.step.every_seconds
        try:
            done = self._under_lock(turn)
            turn.failures, turn.error = 0, ""
            pause = 0.0 if done >= turn.step.full else every
        except Exception as fault:  # one failing step must not end the others, whatever it is
            connection.close()  # gives the lock back, and the next try a fresh connection
            turn.failures += 1
            turn.error = fault.code if isinstance(fault, DomainError) else type(fault).__name__
            pause = min(every * (1 << min(turn.failures, _DOUBLINGS)), _LONGEST_PAUSE_SECONDS)
            if not self._is_over:
                said = "%s failed %d times, again in %.0f s"
                log.exception(said, turn.step.name, turn.failures, pause)
        turn.running, turn.took, turn.is_told = None, time.monotonic() - began, False
        return pause

    def _under_lock(self, turn: Turn) -> int:
        key = [_LOCK_SPACE, turn.step.number]
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, key)
            if not cursor.fetchone()[1]:
                return 0
        turn.running, turn.began_at = connection.connection, clock.now()
        turn.count, turn.is_told = turn.count + 1, False
        done = turn.step.run(actor=system_actor(f"后台进程·{turn.step.name}"))
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, key)
        return done

    def _state(self, turn: Turn) -> timers.StepState:
        now, turn.is_told = clock.now(), turn.running is None
        return timers.StepState(
            turn.step.name, self._name, turn.began_at or now, turn.running is not None,
            round(turn.took * 1000), turn.count, turn.failures, turn.error,
            now + timedelta(seconds=max(0.0, turn.ready - time.monotonic())),
        )  # fmt: skip

    def _work(self, lane: Lane) -> None:
        try:
            while turn := self._next(lane):
                pause = self.do(turn)
                with self._change:
                    turn.due = time.monotonic() + pause
                    turn.has_news |= not pause or turn.failures > 0  # what is left, or failed
                    self._waiting.append(turn)
                    self._change.notify_all()
        finally:
            connection.close()

    def _next(self, lane: Lane) -> Turn | None:
        """What has been due longest in a lane, as soon as something is; None when all is over."""
        with self._change:
            while not self._is_over:
                mine = [turn for turn in self._waiting if turn.step.lane is lane]
                turn = min(mine, key=lambda one: one.ready, default=None)
                if turn and turn.ready <= time.monotonic():
                    self._waiting.remove(turn)
                    turn.has_news = False
                    return turn
                self._change.wait(max(0.0, turn.ready - time.monotonic()) if turn else None)
        return None


def run(steps: Sequence[Step]) -> None:
    """Do every step until SIGTERM or SIGINT; return within two seconds of it."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda which, _frame: asked.append(which))
    worker = Worker(steps)
    worker.start()
    while not asked:
        worker.look()
        time.sleep(_LOOK_SECONDS)
    if not worker.finish():
        logging.shutdown()
        os._exit(0)  # their connections break, their transactions never happened
