"""A batch's row as every step takes it: locked, written to the trail."""

from typing import Any
from uuid import UUID

from huanxin.kernel import audit, crypto
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row
from huanxin.settlement.errors import (
    BatchNotFound,
)
from huanxin.settlement.models import Batch


def lock_batch(batch_id: UUID) -> Batch:
    if not Batch.objects.filter(pk=batch_id).exists():
        raise BatchNotFound(batch_id=batch_id)
    return lock_row(Batch, batch_id)


def record(actor: Actor, action: str, batch: Batch, **facts: Any) -> None:
    audit.record(actor, action, "batch", batch.pk, region_path=batch.region_path, **facts)


def contact_key(contact: str) -> str:
    """What two objections of one contact have in common; it cannot be read back."""
    return crypto.blind_index("contact", "".join(contact.split()).lower())
