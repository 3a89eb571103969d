"""Complaints: opened with a promise, answered, escalated when late, rated."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row
from huanxin.recycling import _complaints, _conduct, _orders, _standard, models
from huanxin.recycling.errors import ComplaintOpen, ComplaintStateRefuses
from huanxin.recycling.types import ComplaintKind, ComplaintState
from huanxin.recycling.types.care import ComplaintCard

_ANSWERABLE = (ComplaintState.OPEN, ComplaintState.ESCALATED)


@transaction.atomic
def open_complaint(
    *, actor: Actor, order_id: UUID, kind: ComplaintKind, text: str, request_id: UUID
) -> ComplaintCard:
    """Complain about an order; an answer is promised within working hours of the kind.

    Safe to retry. One running complaint of a kind an order (ComplaintOpen). A clerk
    complains on the person's recorded word. The text is sealed.
    """
    order = _orders.lock_order(order_id)
    identity.require(actor, "recycling.complain", person_id=order.person_id)
    content = [order_id, kind, text]
    if earlier := kernel_requests.first_answer(actor, "recycling.complain", request_id, content):
        return _complaints.cards([UUID(earlier["complaint_id"])])[0]
    _orders.assisting(actor, {order.person_id})
    text = _complaints.checked(text)
    running = models.Complaint.objects.filter(order=order, kind=kind)
    if twin := running.exclude(state=ComplaintState.CLOSED).first():
        raise ComplaintOpen(number=twin.number)
    now = clock.now()
    on = clock.business_day(now)
    conduct = _orders.conduct()
    hours = conduct.complaint_hours.get(kind.value, 16)
    row = models.Complaint(
        id=ids.new_id(),
        number=_standard.numbers("TS", [order.region_code], on)[0],
        order=order,
        person_id=order.person_id,
        organisation_id=order.organisation_id,
        region_path=order.region_path,
        kind=kind,
        state=ComplaintState.OPEN,
        opened_at=now,
        opened_on=on,
        due_at=_conduct.due_at(now, hours=hours, workday=conduct.workday),
    )
    row.save(force_insert=True)
    _complaints.say(actor, row, text)
    audit.record_many(actor, "recycling.complained", [_complaints.entry(row)])
    kernel_requests.remember(actor, "recycling.complain", request_id, {"complaint_id": row.id})
    return _complaints.cards([row.id])[0]


@transaction.atomic
def answer_complaint(*, actor: Actor, complaint_id: UUID, text: str) -> ComplaintCard:
    """Answer: the recycler while its time runs, the city's officer at any time.

    What is answered or closed is not answered again (ComplaintStateRefuses).
    """
    row = _locked(complaint_id)
    mine = row.organisation_id if actor.org_id is not None else None
    identity.require(actor, "recycling.answer_complaint", org_id=mine, region_path=row.region_path)
    if row.state not in _ANSWERABLE:
        _refuse(row, "答复")
    if row.state == ComplaintState.ESCALATED and actor.org_id is not None:
        _refuse(row, "由回收企业答复，已转城市运营方")
    row.state, row.answered_at = ComplaintState.ANSWERED, clock.now()
    row.save()
    _complaints.say(actor, row, _complaints.checked(text))
    audit.record_many(actor, "recycling.complaint_answered", [_complaints.entry(row)])
    return _complaints.cards([row.id])[0]


@transaction.atomic
def rate_answer(
    *, actor: Actor, complaint_id: UUID, satisfaction: int, text: str = ""
) -> ComplaintCard:
    """Her word on the answer: three to five closes it, one or two takes it to the city's officer.

    Once escalated, the officer's answer ends it whatever she thinks of it; her word is kept.
    """
    row = _locked(complaint_id)
    identity.require(actor, "recycling.complain", person_id=row.person_id)
    if row.state != ComplaintState.ANSWERED or not 1 <= satisfaction <= 5:
        _refuse(row, "评价")
    now = clock.now()
    if satisfaction < 3 and row.escalated_at is None:
        row.state, row.escalated_at, row.answered_at = ComplaintState.ESCALATED, now, None
        conduct = _orders.conduct()
        row.due_at = _conduct.due_at(now, hours=8, workday=conduct.workday)
    else:
        row.state, row.closed_at = ComplaintState.CLOSED, now
    row.satisfaction = satisfaction
    row.save()
    _complaints.say(actor, row, text.strip()[:1000] or f"评价 {satisfaction} 分")
    audit.record_many(
        actor, "recycling.complaint_rated", [_complaints.entry(row, satisfaction=satisfaction)]
    )
    return _complaints.cards([row.id])[0]


@transaction.atomic
def escalate_late(*, actor: Actor, limit: int = 200) -> int:
    """Complaints whose promise has passed go to the city's officer; returns how many.

    Safe to repeat; run by the worker. It counts against the recycler.
    """
    identity.require(actor, "recycling.escalate")
    now = clock.now()
    rows = models.Complaint.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    late = list(
        rows.filter(state=ComplaintState.OPEN, due_at__lte=now).order_by("due_at", "pk")[:limit]
    )
    for row in late:
        row.state, row.escalated_at = ComplaintState.ESCALATED, now
        row.save()
        _complaints.say(actor, row, "超过承诺时间未答复，已转城市运营方处理。")
    audit.record_many(actor, "recycling.complaint_escalated", [_complaints.entry(r) for r in late])
    return len(late)


def _locked(complaint_id: UUID) -> models.Complaint:
    if not models.Complaint.objects.filter(pk=complaint_id).exists():
        raise NotFound(model="Complaint", id=complaint_id)
    return lock_row(models.Complaint, complaint_id)


def _refuse(row: models.Complaint, wanted: str) -> None:
    raise ComplaintStateRefuses(
        number=row.number, state=ComplaintState(row.state).label, wanted=wanted
    )
