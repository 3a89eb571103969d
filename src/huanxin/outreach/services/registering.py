"""Writes: the register of repairs and cleaning."""

from uuid import UUID

from django.db import transaction

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.outreach import models, rules
from huanxin.outreach.errors import WorkInvalid, WorkUnknown
from huanxin.outreach.types import NewWork, Work


@transaction.atomic
def record_work(*, actor: Actor, work: NewWork, request_id: UUID) -> Work:
    """Enter a repair or cleaning done at the actor's own station; it gets a number.

    Safe to retry. Refuses unknown categories, days to come and prices below nothing.
    """
    if actor.org_id is None:
        raise WorkUnknown
    identity.require(actor, "outreach.keep_register", org_id=actor.org_id)
    earlier = requests.first_answer(actor, "outreach.record_work", request_id, work)
    if earlier is not None:
        return models.Work.objects.get(pk=earlier["work_id"]).as_work()
    categories = frozenset(one.code for one in catalogue.list_categories())
    rules.check_work(work, categories, clock.today())
    org = identity.get_organisation(actor.org_id)
    row = models.Work.objects.create(
        id=ids.new_id(), organisation_id=org.id, region_path=org.region_path, kind=work.kind,
        number=ids.new_number("BM", on=clock.today(), region_code=org.region_code),
        category_code=work.category_code, on=work.on, worker=work.worker.strip(),
        what=work.what.strip(), price_fen=work.price_fen, by_account_id=actor.account_id,
        recorded_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, "outreach.work_recorded", "work", row.id, region_path=org.region_path,
        org_id=org.id, number=row.number, kind=row.kind, price_fen=row.price_fen,
    )  # fmt: skip
    requests.remember(actor, "outreach.record_work", request_id, {"work_id": str(row.id)})
    return row.as_work()


@transaction.atomic
def strike_work(*, actor: Actor, work_id: UUID, why: str) -> Work:
    """Strike a wrong entry out, with the reason; it stays to be read and counts no more.

    Safe to repeat. Refuses another station's entry as unknown.
    """
    identity.require(actor, "outreach.keep_register", org_id=actor.org_id)
    row = models.Work.objects.select_for_update().filter(pk=work_id).first()
    if row is None or row.organisation_id != actor.org_id:
        raise WorkUnknown(work_id=work_id)
    if row.struck_at is None:
        row.struck_why = rules.check_why(why, WorkInvalid)
        row.struck_at = clock.now()
        row.save(update_fields=["struck_at", "struck_why"])
        audit.record(
            actor, "outreach.work_struck", "work", row.id, region_path=row.region_path,
            org_id=row.organisation_id, number=row.number, why=row.struck_why,
        )  # fmt: skip
    return row.as_work()
