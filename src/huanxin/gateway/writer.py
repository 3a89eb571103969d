"""One writer, natural batching: while a commit runs, the next batch fills by itself (DESIGN.md 7).

Whatever waits is decided in one transaction. Every request gets its own answer, after the commit.
A request that breaks its batch is found by halving it and answered alone; if the database is away,
those who wait are told to come back, and the next batch tries again.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

from huanxin.gateway.errors import Busy, ClaimFailed, DatabaseAway
from huanxin.vouchers.types import Claim, ClaimAnswer

BATCH_LIMIT = 500
QUEUE_LIMIT = 5_000
ANSWER_SECONDS = 15.0
_TRIES = 3  # of a batch that lost a deadlock
_TRY_AGAIN = frozenset({"40P01", "40001"})  # deadlock_detected, serialization_failure

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """A claim and whoever waits for its answer."""

    claim: Claim
    answer: asyncio.Future[ClaimAnswer]


class Writer:
    """The queue in front of the one thread that writes."""

    def __init__(
        self,
        decide: Callable[[Sequence[Claim]], list[ClaimAnswer]],
        *,
        hang_up: Callable[[], None] = lambda: None,
        batch_limit: int = BATCH_LIMIT,
        queue_limit: int = QUEUE_LIMIT,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._decide = decide
        self._hang_up = hang_up
        self._batch_limit = batch_limit
        self._queue_limit = queue_limit
        self._answer_seconds = answer_seconds
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._is_closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="claim-writer")
        self._task = asyncio.get_running_loop().create_task(self._run(), name="claim-writer")
        self.counts: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many claims are queued."""
        return len(self._queue)

    async def claim(self, claim: Claim) -> ClaimAnswer:
        """Queue a claim and wait for its answer, which is committed when it comes.

        Raises Busy when the queue is full, closing or too slow, DatabaseAway, ClaimFailed. After
        either of the first two the same token may be sent again: a claim is never given twice.
        """
        if self._is_closing or len(self._queue) >= self._queue_limit:
            self.counts["turned_away"] += 1
            raise Busy
        waiting = _Waiting(claim, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._filled.set()
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await waiting.answer
        except TimeoutError:
            raise Busy from None

    async def close(self) -> None:
        """Answer everybody who waits, then end. New claims are turned away meanwhile."""
        self._is_closing = True
        self._filled.set()
        await self._task
        self._thread.submit(self._hang_up)
        self._thread.shutdown()

    async def _run(self) -> None:
        while not (self._is_closing and not self._queue):
            await self._filled.wait()
            self._filled.clear()
            while self._queue:
                size = min(len(self._queue), self._batch_limit)
                await self._settle([self._queue.popleft() for _ in range(size)])

    async def _settle(self, batch: list[_Waiting]) -> None:
        """Decide a batch; if it breaks, halve it until the request that breaks it is alone."""
        answers = await self._try(batch)
        if isinstance(answers, list):
            for waiting, answer in zip(batch, answers, strict=True):
                self.counts[answer.outcome] += 1
                _set(waiting.answer, answer)
        elif isinstance(answers, OperationalError | InterfaceError):
            logger.error("%d claims wait for the database: %s", len(batch), answers)
            self.counts["database_away"] += len(batch)
            for waiting in batch:
                _fail(waiting.answer, DatabaseAway())
        elif len(batch) == 1:
            logger.error("claim %s failed", batch[0].claim.request_id, exc_info=answers)
            self.counts["failed"] += 1
            _fail(batch[0].answer, ClaimFailed())
        else:
            middle = len(batch) // 2
            await self._settle(batch[:middle])
            await self._settle(batch[middle:])

    async def _try(self, batch: Sequence[_Waiting]) -> list[ClaimAnswer] | BaseException:
        """The batch's answers, or what broke it; a lost deadlock is tried again."""
        claims = [waiting.claim for waiting in batch]
        loop = asyncio.get_running_loop()
        error: BaseException | None = None
        for _ in range(_TRIES):
            work = loop.run_in_executor(self._thread, self._checked, claims)
            await asyncio.wait([work])
            self.counts["batches"] += 1
            error = work.exception()
            if error is None:
                return work.result()
            if _state_of(error) not in _TRY_AGAIN:
                return error
        assert error is not None, "no try was made"
        return error

    def _checked(self, claims: Sequence[Claim]) -> list[ClaimAnswer]:
        answers = self._decide(claims)
        assert len(answers) == len(claims), "every request gets its own answer"
        return answers


def _state_of(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _set(future: asyncio.Future[ClaimAnswer], answer: ClaimAnswer) -> None:
    if not future.done():  # whoever waited may have gone
        future.set_result(answer)


def _fail(future: asyncio.Future[ClaimAnswer], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
