"""Whose messages are whose."""

from django.db.models import QuerySet

from huanxin.kernel.actor import Actor
from huanxin.outreach import models


def of_reader(actor: Actor) -> QuerySet[models.Message]:
    """Rows the actor may read: a person's own, else those of the organisation she works for."""
    if actor.person_id is not None:
        return models.Message.objects.filter(person_id=actor.person_id)
    if actor.org_id is not None:
        return models.Message.objects.filter(organisation_id=actor.org_id)
    return models.Message.objects.none()
