"""Mechanics of complaints: sealed words, cards, audit lines."""

from collections.abc import Sequence
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, crypto
from huanxin.kernel.actor import Actor
from huanxin.kernel.audit import Entry
from huanxin.recycling import models
from huanxin.recycling.errors import ComplaintEmpty
from huanxin.recycling.types import ComplaintState
from huanxin.recycling.types.care import ComplaintCard, ComplaintStepLine


def checked(text: str) -> str:
    """A complaint's or an answer's words: not empty, not a novel."""
    text = text.strip()
    if not 5 <= len(text) <= 1000:
        raise ComplaintEmpty(length=len(text))
    return text


def say(actor: Actor, row: models.Complaint, text: str) -> None:
    """Add a word, sealed under the complaining person's key."""
    models.ComplaintStep.objects.create(
        complaint=row,
        state=row.state,
        by_role=actor.role[:30],
        text_sealed=crypto.seal(identity.person_key(row.person_id), text),
        said_at=clock.now(),
    )


def entry(row: models.Complaint, **facts: object) -> Entry:
    """The audit line: kind and state, never the words."""
    facts = {"number": row.number, "kind": row.kind, "state": row.state, **facts}
    return Entry("complaint", row.id, row.region_path, row.organisation_id, facts)


def cards(complaint_ids: Sequence[UUID]) -> list[ComplaintCard]:
    """Complaints in the order asked, their words unsealed."""
    rows = models.Complaint.objects.filter(pk__in=complaint_ids).select_related("order")
    found = {row.id: row for row in rows}
    keys = identity.person_keys({row.person_id for row in found.values()})
    steps: dict[UUID, list[ComplaintStepLine]] = {pk: [] for pk in complaint_ids}
    for step in models.ComplaintStep.objects.filter(complaint__in=complaint_ids).order_by("id"):
        key = keys.get(found[step.complaint_id].person_id)
        text = crypto.unseal(key, bytes(step.text_sealed)) if key else "（已按本人要求删除）"
        line = ComplaintStepLine(ComplaintState(step.state), step.by_role, text, step.said_at)
        steps[step.complaint_id].append(line)
    return [found[pk].as_card(tuple(steps[pk]), found[pk].order.number) for pk in complaint_ids]
