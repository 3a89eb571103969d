"""The flash claim over HTTP: a small ASGI process of its own, so that a rush harms nobody else.

POST /claim {"token": …}  one claim, answered after its commit
GET  /pools/<id>          places left, at most a second old
GET  /health              whether the database answers
GET  /metrics             counters in Prometheus' text format

Run by `huanxin gateway`, or: granian --interface asgi --workers 1 huanxin.gateway.app:app
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huanxin.project.settings")
django.setup()

from django.db import InterfaceError, OperationalError  # noqa: E402  needs the settings

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
from huanxin.kernel.errors import DomainError  # noqa: E402
from huanxin.vouchers import selectors as vouchers  # noqa: E402

_FRESH_SECONDS = 1.0
_READ_SECONDS = 5.0
_POOLS_KEPT = 1_000

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
        self._people = limits.Buckets(limits.PERSON)
        self._addresses = limits.Buckets(limits.ADDRESS)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            headers = http.cross_origin(scope)
            try:
                await self._route(scope, receive, send, headers)
            except DomainError as refusal:
                await http.send_problem(send, refusal, headers)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._started().close()
        self._reader.submit(desk.hang_up)
        self._reader.shutdown()
        await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        self._writer = Writer(self._decide, hang_up=desk.hang_up)

    def _started(self) -> Writer:
        if self._writer is None:
            raise Busy
        return self._writer

    async def _route(
        self, scope: Message, receive: Receive, send: Send, headers: http.Headers
    ) -> None:
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS":
            await http.send_empty(send, headers)
        elif (method, path) == ("POST", "/claim"):
            answer = await self._claim(scope, receive)
            await http.send_json(send, 200, answer, headers)
        elif method == "GET" and path.startswith("/pools/"):
            await http.send_json(send, 200, await self._pool(path), headers)
        elif (method, path) == ("GET", "/health"):
            await self._read(desk.ping)
            await http.send_json(send, 200, {"status": "ok"}, headers)
        elif (method, path) == ("GET", "/metrics"):
            await http.send_text(send, self._metrics())
        else:
            raise PathUnknown

    async def _claim(self, scope: Message, receive: Receive) -> dict[str, Any]:
        """One claim's answer. The signature is checked here, everything else by vouchers."""
        now = asyncio.get_running_loop().time()
        address = (scope.get("client") or ("", 0))[0]
        if not self._addresses.take(address, now):
            raise TooOften
        try:
            body = _decoder.decode(await http.read_body(receive))
        except msgspec.DecodeError as error:
            raise BodyUnreadable from error
        claim, _ = vouchers.read_claim_token(body.token)
        if not self._people.take(str(claim.person_id), now):
            raise TooOften
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
        return card

    async def _read(self, call: Callable[..., T], *arguments: object) -> T:
        """Read in the reader's thread; a database that is away or slow is said to be away."""
        work = asyncio.get_running_loop().run_in_executor(self._reader, call, *arguments)
        try:
            async with asyncio.timeout(_READ_SECONDS):
                return await work
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise DatabaseAway from error

    def _metrics(self) -> str:
        writer = self._started()
        lines = ["# TYPE huanxin_gateway_claims_total counter"]
        lines += [
            f'huanxin_gateway_claims_total{{outcome="{name}"}} {count}'
            for name, count in sorted(writer.counts.items())
            if name != "batches"
        ]
        lines += [
            "# TYPE huanxin_gateway_batches_total counter",
            f"huanxin_gateway_batches_total {writer.counts['batches']}",
            "# TYPE huanxin_gateway_waiting gauge",
            f"huanxin_gateway_waiting {writer.waiting}",
        ]
        return "\n".join(lines) + "\n"


app = Gateway()
