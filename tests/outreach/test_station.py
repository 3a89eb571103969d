"""A station's events are never overfull, its register is struck, never changed; notices end."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.errors import ConsentMissing, NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.outreach import models, selectors
from huanxin.outreach.errors import (
    EventFull,
    EventInvalid,
    EventOver,
    EventUnknown,
    NoticeInvalid,
    NoticeUnknown,
    WorkInvalid,
    WorkUnknown,
)
from huanxin.outreach.services import inviting, publishing, registering
from huanxin.outreach.types import EventKind, NewEvent, NewNotice, NewWork, WorkKind
from tests import given, given_catalogue, given_outreach, given_vouchers

pytestmark = pytest.mark.django_db
NOW = given_vouchers.OPENS


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        given.regions()
        yield


def notice(**changes):
    facts = {
        "title": "国庆停办安排",
        "text": "10 月 1 日至 3 日暂停上门。",
        "issuer": "聊城市商务局",
        "region_code": given.COUNTY,
        "until_on": clock.today() + timedelta(days=30),
    }
    return NewNotice(**(facts | changes))


def publish(actor=None, **changes):
    return publishing.publish_notice(
        actor=actor or given.staff(Role.OPERATOR), notice=notice(**changes), request_id=uuid4()
    )


def work(**changes):
    facts = {"kind": WorkKind.REPAIR, "category_code": "refrigerator", "on": clock.today(),
             "worker": "李师傅", "what": "更换温控器", "price_fen": 8_000}  # fmt: skip
    return NewWork(**(facts | changes))


def test_an_event_gives_each_place_once_and_takes_it_back():
    event = given_outreach.event(places=1)
    one, two = given.person(), given.person()
    for _ in range(2):
        inviting.sign_up(actor=given.consumer(one), event_id=event.id, person_id=one.id)
    assert selectors.get_event(event.id).left_count == 0
    with pytest.raises(EventFull):
        inviting.sign_up(actor=given.consumer(two), event_id=event.id, person_id=two.id)
    assert models.Seat.objects.count() == 1
    for _ in range(2):
        inviting.give_up_place(actor=given.consumer(one), event_id=event.id, person_id=one.id)
    inviting.sign_up(actor=given.consumer(two), event_id=event.id, person_id=two.id)
    assert selectors.get_event(event.id).taken_count == 1
    assert selectors.events_of_person(two.id, given.consumer(two).scope) == {event.id}
    assert selectors.events_of_person(two.id, given.consumer(one).scope) == set()


def test_the_database_lets_no_event_be_overfull():
    event = given_outreach.event(places=1)
    with pytest.raises(IntegrityError, match="event_never_overfull"), transaction.atomic():
        models.Event.objects.filter(pk=event.id).update(taken_count=2)


def test_a_clerk_signs_up_only_on_the_recorded_word():
    clerk, who = given_outreach.clerk(), given.person()
    event = given_outreach.event(clerk)
    with pytest.raises(ConsentMissing):
        inviting.sign_up(actor=clerk, event_id=event.id, person_id=who.id)
    assert not models.Seat.objects.exists()
    given_outreach.agreed(clerk, who.id)
    inviting.sign_up(actor=clerk, event_id=event.id, person_id=who.id)
    assert selectors.list_coming(event.id, clerk.scope) == [who.name_masked]
    with pytest.raises(EventUnknown):
        selectors.list_coming(event.id, given_outreach.clerk().scope)
    with pytest.raises(NotAllowed):
        inviting.sign_up(actor=given.consumer(), event_id=event.id, person_id=who.id)


def test_a_cancelled_event_tells_whoever_was_coming_and_is_listed_no_more():
    clerk, who, gone = given_outreach.clerk(), given.person(), given.person()
    event = given_outreach.event(clerk)
    for one in (who, gone):
        inviting.sign_up(actor=given.consumer(one), event_id=event.id, person_id=one.id)
    inviting.give_up_place(actor=given.consumer(gone), event_id=event.id, person_id=gone.id)
    with pytest.raises(EventUnknown):
        inviting.cancel_event(actor=given_outreach.clerk(), event_id=event.id, why="当天停电检修")
    for _ in range(2):
        inviting.cancel_event(actor=clerk, event_id=event.id, why="当天停电检修")
    [message] = models.Message.objects.all()
    assert message.person_id == who.id
    assert "当天停电检修" in message.as_message().text
    assert selectors.list_events() == []
    with pytest.raises(EventOver):
        inviting.sign_up(actor=given.consumer(gone), event_id=event.id, person_id=gone.id)


def test_an_event_that_has_begun_takes_nobody():
    event, who = given_outreach.event(), given.person()
    with clock.standing_at(event.starts_at), pytest.raises(EventOver):
        inviting.sign_up(actor=given.consumer(who), event_id=event.id, person_id=who.id)


@pytest.mark.parametrize(
    "wrong", [{"places_count": 0}, {"title": "短"}, {"place": ""}, {"starts_at": NOW}]
)
def test_an_event_without_place_time_or_seats_is_refused(wrong):
    starts = NOW + timedelta(days=1)
    facts = {
        "kind": EventKind.LECTURE,
        "title": "用电安全讲座",
        "place": "二楼",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=1),
        "places_count": 30,
    }
    with pytest.raises(EventInvalid):
        inviting.publish_event(
            actor=given_outreach.clerk(), event=NewEvent(**(facts | wrong)), request_id=uuid4()
        )
    assert not models.Event.objects.exists()


def test_a_notice_stands_until_its_day_and_can_be_taken_down_with_a_reason():
    one = publish()
    assert [n.id for n in selectors.list_notices()] == [one.id]
    with clock.standing_at(NOW + timedelta(days=30)):
        assert [n.id for n in selectors.list_notices()] == [one.id]
    with clock.standing_at(NOW + timedelta(days=31)):
        assert selectors.list_notices() == []
        assert not selectors.get_notice(one.id).is_in_force
    elsewhere = given.staff(Role.OPERATOR, region_path="370000/371500/371521")
    with pytest.raises(NoticeUnknown):
        publishing.withdraw_notice(actor=elsewhere, notice_id=one.id, why="安排有变")
    publishing.withdraw_notice(actor=given.staff(Role.OPERATOR), notice_id=one.id, why="安排有变")
    assert selectors.list_notices() == []
    assert selectors.get_notice(one.id).withdrawn_why == "安排有变"


@pytest.mark.parametrize("wrong", [{"issuer": ""}, {"text": "短"}, {"until_on": NOW.date()}])
def test_a_notice_without_issuer_words_or_end_is_refused(wrong):
    with pytest.raises(NoticeInvalid):
        publish(**wrong)
    assert not models.Notice.objects.exists()


def test_officers_alone_publish_in_their_own_region():
    for actor in (given.consumer(), given.staff(Role.OPERATOR, region_path="370000/371500/371521")):
        with pytest.raises(NotAllowed):
            publish(actor)
    assert not models.Notice.objects.exists()


def test_the_register_counts_what_was_not_struck():
    given_catalogue.reference()
    clerk = given_outreach.clerk()
    request_id = uuid4()
    first = [
        registering.record_work(actor=clerk, work=work(), request_id=request_id) for _ in range(2)
    ]
    assert first[0] == first[1]
    wrong = registering.record_work(actor=clerk, work=work(price_fen=1), request_id=uuid4())
    registering.record_work(
        actor=clerk, work=work(kind=WorkKind.CLEANING, price_fen=0), request_id=uuid4()
    )
    with pytest.raises(WorkUnknown):
        registering.strike_work(actor=given_outreach.clerk(), work_id=wrong.id, why="金额登记错误")
    registering.strike_work(actor=clerk, work_id=wrong.id, why="金额登记错误")
    totals = selectors.count_work(clerk.scope, month=clock.today())
    assert [(one.kind, one.count, one.price_fen) for one in totals] == [
        (WorkKind.CLEANING, 1, 0), (WorkKind.REPAIR, 1, 8_000),
    ]  # fmt: skip
    assert selectors.list_work(clerk.scope).total == 3
    assert selectors.list_work(given_outreach.clerk().scope).total == 0
    assert selectors.list_work(Scope(region_path=given.COUNTY_PATH)).total == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"category_code": "castle"},
        {"price_fen": -1},
        {"worker": ""},
        {"on": NOW.date() + timedelta(2)},
    ],
)
def test_a_job_of_no_category_worker_or_past_day_is_refused(wrong):
    given_catalogue.reference()
    with pytest.raises(WorkInvalid):
        registering.record_work(
            actor=given_outreach.clerk(), work=work(**wrong), request_id=uuid4()
        )
    assert not models.Work.objects.exists()
