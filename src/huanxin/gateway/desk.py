"""What the gateway asks of the platform, in threads of its own: Django's connections are theirs."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from huanxin.kernel import clock, sets
from huanxin.kernel.actor import system_actor
from huanxin.vouchers import selectors
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import Claim, ClaimAnswer

ACTOR = system_actor("抢券网关")
_IDLE_SECONDS = 1.0
_decided: dict[str, float] = {"at": float("-inf")}


def decide(claims: Sequence[Claim]) -> list[ClaimAnswer]:
    """One batch in one transaction; what returns is committed.

    A connection that lay idle is looked at first; one that breaks in the rush is dropped, and the
    next call makes a new one.
    """
    if time.monotonic() - _decided["at"] > _IDLE_SECONDS:
        close_old_connections()
    try:
        sets.keep_plans()
        answers = claiming.claim_vouchers(actor=ACTOR, claims=claims)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
    _decided["at"] = time.monotonic()
    return answers


def pool(pool_id: UUID) -> dict[str, Any]:
    """What a release page shows of a pool while people wait."""
    close_old_connections()
    card = selectors.get_pool(pool_id)
    return {
        "id": card.id,
        "title": card.title,
        "quantity": card.quantity,
        "remaining": card.remaining,
        "opens_at": card.opens_at,
        "closes_at": card.closes_at,
    }


def ping() -> float:
    """How long the database takes to answer, in seconds; raises if it does not.

    Reads the platform's clock as well, so that the event loop can glance at it.
    """
    close_old_connections()
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    clock.refresh()
    return time.perf_counter() - started


def hang_up() -> None:
    """Close this thread's connection."""
    connection.close()
