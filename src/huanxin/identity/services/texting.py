"""Short texts to registered people, without their number leaving this room."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import models, ports, selectors
from huanxin.kernel import audit, crypto
from huanxin.kernel.actor import Actor


@transaction.atomic
def send_text(*, actor: Actor, person_id: UUID, text: str) -> bool | None:
    """Hand a text to the SMS port: whether that is a simulated one; None for an erased person.

    The line on record says that she was texted, not what. Not safe to repeat: a second call sends
    again. What the sender raises passes through and nothing is on record.
    """
    selectors.require(actor, "identity.text")
    row = models.Person.objects.filter(pk=person_id, wrapped_key__isnull=False).first()
    if row is None or row.wrapped_key is None:
        return None
    phone = crypto.unseal(bytes(row.wrapped_key), bytes(row.phone_sealed))
    sender = ports.sms_sender()
    sender.send(phone=phone, text=text)
    audit.record(actor, "identity.texted", "person", person_id, region_path=row.region_path)
    return sender.is_simulated
