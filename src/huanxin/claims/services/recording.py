"""The canonical claim record: what public platforms exchange about one claim."""

from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.claims import selectors
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.kernel.sqlfiles import read_sql


def read_record(*, actor: Actor, claim_id: UUID) -> dict[str, Any]:
    """One claim field by field as docs/claim-record.md lists them; SaleNotFound outside the scope.

    Money in fen, people by pseudonym alone.
    """
    identity.require(actor, "claims.read")
    selectors.get_claim(claim_id, actor.scope)
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.claims.sql", "claim_record").text, {"id": claim_id})
        names = [column.name for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchone(), strict=True))
