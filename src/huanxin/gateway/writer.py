"""One writer, natural batching: while a commit runs, the next batch fills by itself (DESIGN.md 7).

Whatever waits is decided in one transaction. Every request gets its own answer, after the commit.
A request that breaks its batch is found by halving it and answered alone; if the database is away,
those who wait are told to come back, and the next batch tries again. Whoever would wait longer
than a page waits is turned away at once and told for how long (docs/adr/0091).
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil

from django.db import InterfaceError, OperationalError

from huanxin.gateway.errors import Busy, ClaimFailed, DatabaseAway
from huanxin.kernel.metrics import SECONDS, SIZES, Histogram
from huanxin.vouchers.types import Claim, ClaimAnswer

BATCH_LIMIT = 500
QUEUE_LIMIT = 20_000  # however fast it goes: what may wait must fit in memory
WAIT_SECONDS = 8.0  # whoever would wait longer is told to come back
ANSWER_SECONDS = 15.0
_TRIES = 3  # of a batch that lost a deadlock, or its connection
_LOST = frozenset({"40P01", "40001"})  # deadlock_detected, serialization_failure
_MEMORY = 0.3  # how much the newest batch counts in what a batch takes
_SWEEP_SECONDS = 0.5

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """A claim and whoever waits for its answer since when."""

    claim: Claim
    answer: asyncio.Future[ClaimAnswer]
    since: float


@dataclass(slots=True)
class Figures:
    """What the writer has done so far, for whoever watches."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wait: Histogram = field(
        default_factory=lambda: Histogram(
            "huanxin_gateway_wait_seconds", "From arrival to the committed answer.", SECONDS
        )
    )
    commit: Histogram = field(
        default_factory=lambda: Histogram(
            "huanxin_gateway_commit_seconds", "One batch, from its first read to commit.", SECONDS
        )
    )
    batch: Histogram = field(
        default_factory=lambda: Histogram(
            "huanxin_gateway_batch_claims", "Claims decided in one transaction.", SIZES
        )
    )


class Writer:
    """The queue in front of the one thread that writes."""

    def __init__(
        self,
        decide: Callable[[Sequence[Claim]], list[ClaimAnswer]],
        *,
        hang_up: Callable[[], None] = lambda: None,
        batch_limit: int = BATCH_LIMIT,
        queue_limit: int = QUEUE_LIMIT,
        wait_seconds: float = WAIT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._decide = decide
        self._hang_up = hang_up
        self._batch_limit = batch_limit
        self._queue_limit = queue_limit
        self._wait_seconds = wait_seconds
        self._answer_seconds = answer_seconds
        self._queue: deque[_Waiting] = deque()
        self._deciding: Sequence[_Waiting] = ()
        self._batch_seconds = 0.0
        self._filled = asyncio.Event()
        self._is_closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="claim-writer")
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(), name="claim-writer")
        self._sweeper = self._loop.create_task(self._sweep(), name="claim-sweeper")
        self.figures = Figures()

    @property
    def waiting(self) -> int:
        """How many claims are queued or being decided."""
        return len(self._queue) + len(self._deciding)

    @property
    def wait_seconds(self) -> float | None:
        """How long who comes now will wait; None while nobody has been served yet.

        By batches, not by claims: ten who wait are served as soon as one who waits.
        """
        if not self._batch_seconds:
            return None
        batches = bool(self._deciding) + len(self._queue) // self._batch_limit + 1
        return batches * self._batch_seconds

    async def claim(self, claim: Claim) -> ClaimAnswer:
        """Queue a claim and wait for its answer, which is committed when it comes.

        Raises Busy when it would take too long, DatabaseAway, ClaimFailed. After either of the
        first two the same token may be sent again: a claim is never given twice.
        """
        if self._is_closing or self._is_full():
            self.figures.outcomes["turned_away"] += 1
            raise self._busy()
        waiting = _Waiting(claim, self._loop.create_future(), self._loop.time())
        self._queue.append(waiting)
        self._filled.set()
        return await waiting.answer

    async def close(self) -> None:
        """Answer everybody who waits, then end. New claims are turned away meanwhile."""
        self._is_closing = True
        self._filled.set()
        await self._task
        self._sweeper.cancel()
        self._thread.submit(self._hang_up)
        self._thread.shutdown()

    def _is_full(self) -> bool:
        wait = self.wait_seconds
        return len(self._queue) >= self._queue_limit or (
            wait is not None and wait > self._wait_seconds
        )

    def _busy(self) -> Busy:
        """What is said to whoever is not let in: when those before them will be served."""
        return Busy(waiting=self.waiting, seconds=max(1, ceil(self.wait_seconds or 1)))

    async def _run(self) -> None:
        while not (self._is_closing and not self._queue):
            await self._filled.wait()
            self._filled.clear()
            while self._queue:
                size = min(len(self._queue), self._batch_limit)
                self._deciding = [self._queue.popleft() for _ in range(size)]
                started = self._loop.time()
                await self._settle(self._deciding)
                self._measure(self._loop.time() - started)
                self._deciding = ()

    def _measure(self, seconds: float) -> None:
        known = self._batch_seconds or seconds
        self._batch_seconds = known + _MEMORY * (seconds - known)

    async def _sweep(self) -> None:
        """Tell whoever has waited too long, so that nobody waits for ever; their claim stays."""
        while True:
            await asyncio.sleep(min(_SWEEP_SECONDS, self._answer_seconds / 4))
            oldest = self._loop.time() - self._answer_seconds
            for waiting in (*self._deciding, *self._queue):
                if waiting.since > oldest:
                    break
                self.figures.outcomes["too_slow"] += not waiting.answer.done()
                _fail(waiting.answer, self._busy())

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        """Decide a batch; if it breaks, halve it until the request that breaks it is alone."""
        answers = await self._try(batch)
        if isinstance(answers, list):
            self._answer(batch, answers)
        elif isinstance(answers, OperationalError | InterfaceError):
            logger.error("%d claims wait for the database: %s", len(batch), answers)
            self.figures.outcomes["database_away"] += len(batch)
            for waiting in batch:
                _fail(waiting.answer, DatabaseAway())
        elif len(batch) == 1:
            logger.error("claim %s failed", batch[0].claim.request_id, exc_info=answers)
            self.figures.outcomes["failed"] += 1
            _fail(batch[0].answer, ClaimFailed())
        else:
            middle = len(batch) // 2
            await self._settle(batch[:middle])
            await self._settle(batch[middle:])

    def _answer(self, batch: Sequence[_Waiting], answers: Sequence[ClaimAnswer]) -> None:
        now, figures = self._loop.time(), self.figures
        for waiting, answer in zip(batch, answers, strict=True):
            figures.outcomes[answer.outcome] += 1
            figures.wait.observe(now - waiting.since)
            if not waiting.answer.done():  # whoever waited may have gone
                waiting.answer.set_result(answer)

    async def _try(self, batch: Sequence[_Waiting]) -> list[ClaimAnswer] | BaseException:
        """The batch's answers, or what broke it. A lost deadlock is tried again, and so is a lost
        connection: if the commit went through, the same requests get their first answers."""
        claims = [waiting.claim for waiting in batch]
        error: BaseException | None = None
        for _ in range(_TRIES):
            started = self._loop.time()
            work = self._loop.run_in_executor(self._thread, self._checked, claims)
            await asyncio.wait([work])
            self.figures.commit.observe(self._loop.time() - started)
            self.figures.batch.observe(len(batch))
            error = work.exception()
            if error is None:
                return work.result()
            if not _may_try_again(error):
                return error
        assert error is not None, "no try was made"
        return error

    def _checked(self, claims: Sequence[Claim]) -> list[ClaimAnswer]:
        answers = self._decide(claims)
        assert len(answers) == len(claims), "every request gets its own answer"
        return answers


def _may_try_again(error: BaseException) -> bool:
    """A lost deadlock, or a connection that broke; not a database that refuses connections."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _LOST:
        return True
    is_lost = isinstance(error, OperationalError | InterfaceError)
    return is_lost and "connection failed" not in str(error)


def _fail(future: asyncio.Future[ClaimAnswer], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
