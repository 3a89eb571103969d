"""What the gateway asks of the platform, in threads of its own: Django's connections are theirs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import close_old_connections, connection

from huanxin.kernel.actor import system_actor
from huanxin.vouchers import selectors
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import Claim, ClaimAnswer

ACTOR = system_actor("抢券网关")


def decide(claims: Sequence[Claim]) -> list[ClaimAnswer]:
    """One batch in one transaction; what returns is committed. A dead connection is replaced."""
    close_old_connections()
    return claiming.claim_vouchers(actor=ACTOR, claims=claims)


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


def ping() -> None:
    """Raises if the database does not answer."""
    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def hang_up() -> None:
    """Close this thread's connection."""
    connection.close()
