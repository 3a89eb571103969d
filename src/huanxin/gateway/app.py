"""The flash claim over HTTP: a small ASGI process of its own, so that a rush harms nobody else.

POST /claim {"token": …}  one claim, answered after its commit
GET  /pools/<id>          places left, at most a second old, and how long who comes now will wait
GET  /health              whether the database answers, and how fast
GET  /metrics             counters and histograms in Prometheus' text format

Run by `huanxin gateway`, or: granian --interface asgi --workers 1 huanxin.gateway.app:app
"""

import asyncio
import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from typing import Any, TypeVar
from uuid import UUID

import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huanxin.project.settings")
django.setup()

from django.conf import settings  # noqa: E402  needs the settings
from django.db import InterfaceError, OperationalError  # noqa: E402

from huanxin.gateway import desk, http, limits  # noqa: E402
from huanxin.gateway.errors import (  # noqa: E402
    BodyUnreadable,
    Busy,
    DatabaseAway,
    PathUnknown,
    TooOften,
)
from huanxin.gateway.http import Message, Receive, Send  # noqa: E402
from huanxin.gateway.writer import Writer  # noqa: E402
from huanxin.kernel import addresses, clock, metrics  # noqa: E402
from huanxin.kernel.errors import DomainError  # noqa: E402
from huanxin.vouchers import selectors as vouchers  # noqa: E402

_FRESH_SECONDS = 1.0
_READ_SECONDS = 5.0
_CLOCK_SECONDS = 5.0
_SWEEP_SECONDS = 1.0
_POOLS_KEPT = 1_000
# The writer's thread waits for the database a few times a batch and needs the interpreter back
# each time; Python's own 5 ms would be longer than a whole batch takes.
_SWITCH_SECONDS = 0.0005

T = TypeVar("T")


class ClaimBody(msgspec.Struct):
    """What a browser posts."""

    token: str


_decoder = msgspec.json.Decoder(ClaimBody)


class Gateway:
    """The application: starts with its process, answers whoever waits before it ends."""

    def __init__(self, decide: Callable[..., Any] = desk.decide) -> None:
        self._decide = decide
        self._writer: Writer | None = None
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="pool-reader")
        self._pools: dict[UUID, tuple[float, dict[str, Any]]] = {}
        self._proxies = addresses.Proxies(addresses.networks(settings.HUANXIN_TRUSTED_PROXIES))
        self._bodies = http.Bodies()
        self._people = limits.Buckets(limits.PERSON)
        self._devices = limits.Buckets(limits.DEVICE)
        self._addresses = limits.Buckets(limits.ADDRESS)
        self._refusals: Counter[str] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            asked = http.headers_of(scope)
            headers = http.cross_origin(asked)
            try:
                if scope["path"] == "/claim" and scope["method"] == "POST":
                    answer = await self._claim(scope, asked, receive)
                    await http.send_json(send, 200, answer, headers)
                else:
                    await self._route(scope, send, headers)
            except DomainError as refusal:
                self._refusals[refusal.code] += 1
                await http.send_problem(send, refusal, headers)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._ticking:
            task.cancel()
        await self._started().close()
        self._reader.submit(desk.hang_up)
        self._reader.shutdown()
        await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        sys.setswitchinterval(_SWITCH_SECONDS)
        gc.freeze()  # what is loaded by now stays: no collection in the rush need look at it
        self._writer = Writer(self._decide, hang_up=desk.hang_up)
        loop = asyncio.get_running_loop()
        self._ticking = [loop.create_task(self._tick()), loop.create_task(self._sweep())]

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self._bodies.give_up_slow(asyncio.get_running_loop().time())

    async def _tick(self) -> None:
        """Keep the platform's clock near, so that the event loop need not ask the database."""
        while True:
            try:
                await self._read(desk.ping)
            except DatabaseAway:
                self._refusals["gateway.clock_unread"] += 1
            await asyncio.sleep(_CLOCK_SECONDS)

    def _started(self) -> Writer:
        if self._writer is None:
            raise Busy(waiting=0, seconds=1)
        return self._writer

    async def _route(self, scope: Message, send: Send, headers: http.Headers) -> None:
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS":
            await http.send_empty(send, headers)
        elif method == "GET" and path.startswith("/pools/"):
            await http.send_json(send, 200, await self._pool(path), headers)
        elif (method, path) == ("GET", "/health"):
            await http.send_json(send, 200, await self._health(), headers)
        elif (method, path) == ("GET", "/metrics"):
            await http.send_text(send, "\n".join(self._metrics()) + "\n")
        else:
            raise PathUnknown

    async def _claim(
        self, scope: Message, headers: dict[bytes, bytes], receive: Receive
    ) -> dict[str, Any]:
        """One claim's answer. Signature and time of the token are checked here, everything else by
        vouchers."""
        now = asyncio.get_running_loop().time()
        peer = (scope.get("client") or ("", 0))[0]
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        address = self._proxies.origin(peer, forwarded)
        _take(self._addresses, addresses.address_key(address), now)
        try:
            body = _decoder.decode(await self._bodies.read(receive, now))
        except msgspec.DecodeError as error:
            raise BodyUnreadable from error
        claim = vouchers.get_claim_of_token(body.token, now=clock.glance())
        _take(self._people, claim.person_id.int, now)  # which hashes faster than the id
        if claim.device_key:
            _take(self._devices, claim.device_key, now)
        answer = await self._started().claim(claim)
        return {
            "outcome": answer.outcome,
            "voucher_id": answer.voucher_id,
            "is_repeat": answer.is_repeat,
            "sentence": answer.sentence,
        }

    async def _pool(self, path: str) -> dict[str, Any]:
        try:
            pool_id = UUID(path.removeprefix("/pools/"))
        except ValueError:
            raise PathUnknown from None
        now = asyncio.get_running_loop().time()
        read_at, card = self._pools.get(pool_id, (0.0, {}))
        if not card or now - read_at > _FRESH_SECONDS:
            card = await self._read(desk.pool, pool_id)
            if len(self._pools) >= _POOLS_KEPT:
                self._pools.clear()
            self._pools[pool_id] = (asyncio.get_running_loop().time(), card)
        return card | self._queue()

    def _queue(self) -> dict[str, Any]:
        """How many wait now, and how long who comes now will; null before anyone was served."""
        writer = self._started()
        return {"waiting": writer.waiting, "wait_seconds": writer.wait_seconds}

    async def _health(self) -> dict[str, Any]:
        seconds = await self._read(desk.ping)
        said = {"status": "ok", "database_ms": round(seconds * 1000, 1), "now": clock.glance()}
        return said | self._queue()

    async def _read(self, call: Callable[..., T], *arguments: object) -> T:
        """Read in the reader's thread; a database that is away or slow is said to be away."""
        work = asyncio.get_running_loop().run_in_executor(self._reader, call, *arguments)
        try:
            async with asyncio.timeout(_READ_SECONDS):
                return await work
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise DatabaseAway from error

    def _metrics(self) -> Iterator[str]:
        writer = self._started()
        figures = writer.figures
        name = "huanxin_gateway_claims_total"
        yield from metrics.counter(name, "Claims by outcome.", "outcome", figures.outcomes)
        name = "huanxin_gateway_refusals_total"
        yield from metrics.counter(name, "Requests refused, by code.", "code", self._refusals)
        name = "huanxin_gateway_waiting"
        yield from metrics.gauge(name, "Claims queued or being decided.", writer.waiting)
        for histogram in (figures.wait, figures.commit, figures.batch):
            yield from histogram.lines()


def _take(buckets: limits.Buckets, key: object, now: float) -> None:
    if not buckets.take(key, now):
        raise TooOften(seconds=max(1, ceil(buckets.wait_seconds(key))))


app = Gateway()
