"""Idempotency: the first answer to a request id is the only one (DESIGN.md 12.6)."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import RequestReused


def first_answer(
    actor: Actor, operation: str, request_id: UUID, content: object
) -> dict[str, Any] | None:
    """The stored answer of an earlier identical request, or None for a new one.

    A new request id is taken in this transaction: a concurrent twin waits here until it ends. The
    same id with other content raises RequestReused and changes nothing.
    """
    assert transaction.get_connection().in_atomic_block, "the answer is kept with what it did"
    digest = content_digest(content)
    key: list[Any] = [_org_key(actor), operation, request_id]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_request (org_key, operation, request_id, digest, at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [*key, digest, clock.now()],
        )
        if cursor.rowcount == 1:
            return None
        cursor.execute(
            "SELECT digest, answer FROM kernel_request"
            " WHERE org_key = %s AND operation = %s AND request_id = %s",
            key,
        )
        earlier, answer = cursor.fetchone()
    if bytes(earlier) != digest:
        raise RequestReused(operation=operation, request_id=request_id)
    loaded: dict[str, Any] = json.loads(answer) if isinstance(answer, str) else answer
    return loaded


def find_answer(actor: Actor, operation: str, request_id: UUID) -> dict[str, Any] | None:
    """The answer that a request id got before, for whoever asks again without its content."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT answer FROM kernel_request"
            " WHERE org_key = %s AND operation = %s AND request_id = %s AND answer IS NOT NULL",
            [_org_key(actor), operation, request_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    loaded: dict[str, Any] = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    return loaded


def remember(actor: Actor, operation: str, request_id: UUID, answer: dict[str, Any]) -> None:
    """Keep the answer of the request that first_answer() took in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_request SET answer = %s"
            " WHERE org_key = %s AND operation = %s AND request_id = %s AND answer IS NULL",
            [json.dumps(answer, default=str), _org_key(actor), operation, request_id],
        )
        assert cursor.rowcount == 1, "remember() without first_answer()"


def content_digest(content: object) -> bytes:
    """SHA-256 over the content's canonical JSON (keys sorted, unknown types as text)."""
    text = json.dumps(content, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def _org_key(actor: Actor) -> str:
    return str(actor.org_id or actor.person_id or actor.account_id)
