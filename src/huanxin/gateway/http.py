"""The little of ASGI and HTTP that the gateway speaks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from huanxin.gateway.errors import BodyTooLarge, BodyTooSlow
from huanxin.kernel.errors import HTTP_STATUS, DomainError, Kind

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

BODY_LIMIT = 4096
BODY_SECONDS = 5.0
_JSON: Headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_PROBLEM: Headers = [
    (b"content-type", b"application/problem+json"),
    (b"cache-control", b"no-store"),
]


class Bodies:
    """The bodies that are being read. One look every so often finds those that do not come: a
    timer for each costs more than the rest of the reading."""

    def __init__(self) -> None:
        self._since: dict[asyncio.Task[Any], float] = {}
        self._overdue: set[asyncio.Task[Any]] = set()

    async def read(self, receive: Receive, now: float) -> bytes:
        """The whole body; more than a claim can need is refused without reading on, and so is a
        body that does not come."""
        task = asyncio.current_task()
        assert task is not None, "a request is a task"
        self._since[task] = now
        try:
            return await _read(receive)
        except asyncio.CancelledError:
            if task not in self._overdue:
                raise
            task.uncancel()
            raise BodyTooSlow from None
        finally:
            del self._since[task]
            self._overdue.discard(task)

    def give_up_slow(self, now: float) -> None:
        """Refuse the bodies that should have come by now."""
        for task, since in self._since.items():  # oldest first
            if since > now - BODY_SECONDS:
                break
            self._overdue.add(task)
            task.cancel()


async def _read(receive: Receive) -> bytes:
    message = await receive()
    body = bytes(message.get("body", b""))
    while message.get("more_body") and len(body) <= BODY_LIMIT:
        message = await receive()
        body += bytes(message.get("body", b""))
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge
    return body


def headers_of(scope: Message) -> dict[bytes, bytes]:
    """The request's headers by name; of one that comes twice, the last."""
    return dict(scope["headers"])


async def send_json(send: Send, status: int, value: object, headers: Headers) -> None:
    """Answer a value as JSON."""
    await _send(send, status, msgspec.json.encode(value), [*_JSON, *headers])


async def send_text(send: Send, text: str) -> None:
    """Answer plain text."""
    await _send(send, 200, text.encode(), [(b"content-type", b"text/plain; version=0.0.4")])


async def send_empty(send: Send, headers: Headers) -> None:
    """Answer nothing, well."""
    await _send(send, 204, b"", headers)


async def send_problem(send: Send, error: DomainError, headers: Headers) -> None:
    """Answer a refusal as RFC 9457 problem details; those to be retried say when."""
    status = HTTP_STATUS[error.kind]
    problem = {
        "type": f"urn:huanxin:{error.code}",
        "code": error.code,
        "status": status,
        "title": error.what,
        "detail": error.next_step,
        "sentence": error.message,
    }
    seconds = str(error.facts.get("seconds", 2)).encode()
    again = [(b"retry-after", seconds)] if error.kind in {Kind.UNAVAILABLE, Kind.TOO_MANY} else []
    await _send(send, status, msgspec.json.encode(problem), [*_PROBLEM, *again, *headers])


async def _send(
    send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


def cross_origin(headers: Mapping[bytes, bytes]) -> Headers:
    """Let pages of the same host call us from their own port; nobody else.

    No cookie is read here: a claim's only authority is the token in its body.
    """
    origin = headers.get(b"origin")
    if not origin:
        return []
    host = headers.get(b"host", b"").decode("latin-1")
    if urlsplit(origin.decode("latin-1")).hostname != urlsplit(f"//{host}").hostname:
        return []
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"content-type"),
        (b"access-control-expose-headers", b"retry-after"),
        (b"access-control-max-age", b"600"),
        (b"vary", b"origin"),
    ]
