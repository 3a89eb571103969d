"""A load generator: many connections kept alive, each asking again as soon as it is answered.

    python -m benchmarks.load PORT CONNECTIONS SECONDS [TOKENS] [ANSWERS]

With a file of tokens (one a line) each is posted once as a claim, from an address of its own;
without, GET / is asked. Prints one JSON line: how many, how fast, which statuses, how long.
With ANSWERS the bodies are written there, one a line. Ends when the time or the tokens are up.
"""

import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path


class Tally:
    """What came back."""

    def __init__(self, *, keeps_bodies: bool) -> None:
        self.statuses: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.bodies: list[bytes] | None = [] if keeps_bodies else None

    def add(self, status: bytes, body: bytes, seconds: float) -> None:
        self.statuses[status.decode()] += 1
        self.seconds.append(seconds)
        if self.bodies is not None:
            self.bodies.append(body)


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, ends_at: float) -> None:
        self._requests, self._tally, self._ends_at = requests, tally, ends_at
        self._buffer, self._asked_at = b"", 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, ended, rest = self._buffer.partition(b"\r\n\r\n")
        if not ended:
            return
        _, found, tail = head.lower().partition(b"content-length:")
        length = int(tail.split(b"\r\n", 1)[0]) if found else 0
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        self._tally.add(head[9:12], rest[:length], time.perf_counter() - self._asked_at)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        request = next(self._requests, None) if self._asked_at < self._ends_at else None
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)


def requests_of(tokens: list[str]) -> Iterator[bytes]:
    """The requests, laid out as they are taken."""
    if not tokens:
        yield from itertools.repeat(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    for n, token in enumerate(tokens):
        body = f'{{"token":"{token}"}}'
        yield (
            "POST /claim HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"X-Forwarded-For: 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


async def rush(
    port: int, connections: int, seconds: float, tokens: list[str], *, keeps_bodies: bool = False
) -> tuple[Tally, float]:
    """Ask from so many connections; what came back and how long it took."""
    requests, tally = requests_of(tokens), Tally(keeps_bodies=keeps_bodies)
    started = time.perf_counter()
    loop, ends_at = asyncio.get_running_loop(), started + seconds
    lines = []
    for _ in range(connections):
        _, line = await loop.create_connection(
            lambda: Line(requests, tally, ends_at), "127.0.0.1", port
        )
        lines.append(line.done)
    await asyncio.wait([*lines])
    return tally, time.perf_counter() - started


def main(port: str, connections: str, seconds: str, tokens: str = "", answers: str = "") -> None:
    """Run it and say what came of it."""
    asked = Path(tokens).read_text().split() if tokens else []
    tally, took = asyncio.run(
        rush(int(port), int(connections), float(seconds), asked, keeps_bodies=bool(answers))
    )
    if answers and tally.bodies is not None:
        Path(answers).write_bytes(b"\n".join(tally.bodies))
    waits = sorted(tally.seconds) or [0.0]
    print(
        json.dumps(
            {
                "count": len(waits),
                "per_second": len(waits) / took,
                "statuses": tally.statuses,
                "p50_ms": waits[len(waits) // 2] * 1000,
                "p99_ms": waits[len(waits) * 99 // 100] * 1000,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
