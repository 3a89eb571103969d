"""Writes: notices of an authority to everyone."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.outreach import models, rules
from huanxin.outreach.errors import NoticeInvalid, NoticeUnknown
from huanxin.outreach.types import NewNotice, Notice


@transaction.atomic
def publish_notice(*, actor: Actor, notice: NewNotice, request_id: UUID) -> Notice:
    """Tell everyone something until a day; it stands on the public page at once.

    Safe to retry. Refuses regions of others and a notice without issuer, words or end.
    """
    region = identity.get_region(notice.region_code)
    identity.require(actor, "outreach.publish_notice", region_path=region.path)
    earlier = requests.first_answer(actor, "outreach.publish_notice", request_id, notice)
    if earlier is not None:
        return models.Notice.objects.get(pk=earlier["notice_id"]).as_notice()
    rules.check_notice(notice, clock.today())
    row = models.Notice.objects.create(
        id=ids.new_id(), region_path=region.path, title=notice.title.strip(),
        text=notice.text.strip(), issuer=notice.issuer.strip(), published_at=clock.now(),
        until_on=notice.until_on, by_account_id=actor.account_id,
    )  # fmt: skip
    audit.record(
        actor, "outreach.notice_published", "notice", row.id, region_path=region.path,
        title=row.title, issuer=row.issuer, until_on=row.until_on,
    )  # fmt: skip
    requests.remember(actor, "outreach.publish_notice", request_id, {"notice_id": str(row.id)})
    return row.as_notice()


@transaction.atomic
def withdraw_notice(*, actor: Actor, notice_id: UUID, why: str) -> Notice:
    """Take a notice down, with a reason that stays. Safe to repeat. Refuses other regions."""
    row = models.Notice.objects.select_for_update().filter(pk=notice_id).first()
    if row is None or not actor.scope.covers(row.region_path):
        raise NoticeUnknown(notice_id=notice_id)
    identity.require(actor, "outreach.publish_notice", region_path=row.region_path)
    if row.withdrawn_at is None:
        row.withdrawn_why = rules.check_why(why, NoticeInvalid)
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at", "withdrawn_why"])
        audit.record(
            actor, "outreach.notice_withdrawn", "notice", row.id, region_path=row.region_path,
            why=row.withdrawn_why,
        )  # fmt: skip
    return row.as_notice()
