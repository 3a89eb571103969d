"""Objections to what was published."""

from uuid import UUID

from django.db import transaction

from huanxin.claims.services import reviewing
from huanxin.identity import selectors as identity
from huanxin.kernel import requests
from huanxin.kernel.actor import Actor
from huanxin.settlement import _rows
from huanxin.settlement.errors import (
    NotInPublicity,
)
from huanxin.settlement.models import Item
from huanxin.settlement.types import (
    BatchState,
    ItemState,
)


@transaction.atomic
def object_to_claim(*, actor: Actor, claim_id: UUID, note: str, request_id: UUID) -> None:
    """Record an objection: the claim leaves its batch and goes to a person, its money stays held.

    Safe to retry. Refuses a claim that is not in an unpaid batch.
    """
    identity.require(actor, "settlement.object")
    item = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .filter(claim_id=claim_id, state=ItemState.TAKEN, batch__state=BatchState.PUBLISHED)
        .select_related("batch")
        .first()
    )
    if item is not None:
        identity.require(actor, "settlement.object", region_path=item.batch.region_path)
    content = [claim_id, note]
    if requests.first_answer(actor, "settlement.object", request_id, content) is not None:
        return
    if item is None:
        raise NotInPublicity(claim_id=claim_id)
    reviewing.reopen_claim(actor=actor, claim_id=claim_id, note=note)
    Item.objects.filter(pk=item.pk).update(state=ItemState.OBJECTED, note=note)
    requests.remember(actor, "settlement.object", request_id, {})
    _rows.record(actor, "settlement.objected", item.batch, claim_id=claim_id)
