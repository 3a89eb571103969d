"""Messages, notices, events and a station's register."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.identity import selectors as identity
from huanxin.identity.services import opening
from huanxin.identity.types import DayHours, Opening
from huanxin.kernel import clock
from huanxin.kernel.paging import Page
from huanxin.outreach import selectors
from huanxin.outreach.services import inviting, publishing, registering, telling
from huanxin.outreach.types import (
    Event,
    Message,
    NewEvent,
    NewNotice,
    NewWork,
    Notice,
    Work,
    WorkTotal,
)

router = Router(tags=["outreach"])


class Why(Schema):
    why: str


class Week(Schema):
    week: list[DayHours]


class Wanted(Schema):
    wanted: bool


class Marked(Schema):
    marked_count: int


class Read(Schema):
    message_ids: list[UUID] | None = None  # none: all of them


@router.get("/messages", response=Page[Message], summary="本人或本单位的消息")
def list_messages(
    request: HttpRequest,
    is_unread: bool = False,  # noqa: FBT001, FBT002  a query parameter
    page: PageNumber = 1,
) -> Page[Message]:
    actor = actor_of(request)
    identity.require(actor, "outreach.read")
    return selectors.list_messages(actor, is_unread=is_unread, page=page)


@router.post("/messages/read", response=Marked, summary="标为已读，不列编号即全部")
def mark_read(request: HttpRequest, body: Read) -> Marked:
    count = telling.mark_read(actor=actor_of(request), message_ids=body.message_ids)
    return Marked(marked_count=count)


@router.post("/messages/texts", response=Wanted, summary="本人开关短信提醒")
def set_texts(request: HttpRequest, body: Wanted) -> Wanted:
    telling.set_texts(actor=actor_of(request), wanted=body.wanted)
    return body


@router.get("/notices", response=list[Notice], auth=None, summary="有效的公告，任何人可读")
def list_notices(request: HttpRequest, region_code: str = "") -> list[Notice]:
    del request
    path = identity.get_region(region_code).path if region_code else ""
    return selectors.list_notices(region_path=path)


@router.post("/notices", response={201: Notice}, summary="发布公告")
def publish_notice(
    request: HttpRequest, key: IdempotencyKey, notice: Body[NewNotice]
) -> Status[Notice]:
    made = publishing.publish_notice(actor=actor_of(request), notice=notice, request_id=key)
    return Status(201, made)


@router.post("/notices/{notice_id}/withdraw", response=Notice, summary="撤回公告")
def withdraw_notice(request: HttpRequest, notice_id: UUID, body: Why) -> Notice:
    return publishing.withdraw_notice(actor=actor_of(request), notice_id=notice_id, why=body.why)


@router.get("/events", response=list[Event], auth=None, summary="将要举办的活动，任何人可读")
def list_events(request: HttpRequest, region_code: str = "") -> list[Event]:
    del request
    path = identity.get_region(region_code).path if region_code else ""
    return selectors.list_events(region_path=path)


@router.post("/events", response={201: Event}, summary="本站发布活动")
def publish_event(
    request: HttpRequest, key: IdempotencyKey, event: Body[NewEvent]
) -> Status[Event]:
    made = inviting.publish_event(actor=actor_of(request), event=event, request_id=key)
    return Status(201, made)


@router.post("/events/{event_id}/cancel", response=Event, summary="取消活动并告知报名的人")
def cancel_event(request: HttpRequest, event_id: UUID, body: Why) -> Event:
    return inviting.cancel_event(actor=actor_of(request), event_id=event_id, why=body.why)


@router.post("/events/{event_id}/places/{person_id}", response=Event, summary="报名，可重复")
def sign_up(request: HttpRequest, event_id: UUID, person_id: UUID) -> Event:
    return inviting.sign_up(actor=actor_of(request), event_id=event_id, person_id=person_id)


@router.delete("/events/{event_id}/places/{person_id}", response=Event, summary="退出名额")
def give_up_place(request: HttpRequest, event_id: UUID, person_id: UUID) -> Event:
    return inviting.give_up_place(actor=actor_of(request), event_id=event_id, person_id=person_id)


@router.get("/neighbour-work", response=Page[Work], summary="维修与清洗登记册")
def list_work(request: HttpRequest, page: PageNumber = 1) -> Page[Work]:
    actor = actor_of(request)
    identity.require(actor, "outreach.keep_register", org_id=actor.org_id)
    return selectors.list_work(actor.scope, page=page)


@router.get("/neighbour-work/totals", response=list[WorkTotal], summary="一个月的次数与收费")
def count_work(request: HttpRequest, month: date | None = None) -> list[WorkTotal]:
    actor = actor_of(request)
    identity.require(actor, "outreach.keep_register", org_id=actor.org_id)
    return selectors.count_work(actor.scope, month=month or clock.today())


@router.post("/neighbour-work", response={201: Work}, summary="登记一次维修或清洗")
def record_work(request: HttpRequest, key: IdempotencyKey, work: Body[NewWork]) -> Status[Work]:
    made = registering.record_work(actor=actor_of(request), work=work, request_id=key)
    return Status(201, made)


@router.post("/neighbour-work/{work_id}/strike", response=Work, summary="划去一条登记")
def strike_work(request: HttpRequest, work_id: UUID, body: Why) -> Work:
    return registering.strike_work(actor=actor_of(request), work_id=work_id, why=body.why)


@router.get(
    "/parties/{org_id}/opening", response=Opening, auth=None, summary="开放时间，任何人可读"
)
def get_opening(request: HttpRequest, org_id: UUID) -> Opening:
    del request
    return identity.get_opening(identity.get_organisation(org_id).id)


@router.put("/parties/{org_id}/opening", response=Opening, summary="公布本单位一周的开放时间")
def set_hours(request: HttpRequest, org_id: UUID, body: Week) -> Opening:
    return opening.set_hours(actor=actor_of(request), org_id=org_id, week=body.week)


@router.put("/parties/{org_id}/closed/{on}", response=Opening, summary="安排一天临时休息")
def close_on(request: HttpRequest, org_id: UUID, on: date, body: Why) -> Opening:
    return opening.close_on(actor=actor_of(request), org_id=org_id, on=on, why=body.why)


@router.delete("/parties/{org_id}/closed/{on}", response=Opening, summary="这一天照常开放")
def reopen_on(request: HttpRequest, org_id: UUID, on: date) -> Opening:
    return opening.reopen_on(actor=actor_of(request), org_id=org_id, on=on)
