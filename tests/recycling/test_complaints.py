"""A complaint has a clock: answered in time, or taken to the city, and ended by her word."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed, NotFound
from huanxin.recycling import models
from huanxin.recycling.errors import ComplaintEmpty, ComplaintOpen, ComplaintStateRefuses
from huanxin.recycling.selectors import care_book
from huanxin.recycling.services import complaining
from huanxin.recycling.types import ComplaintKind, ComplaintState
from huanxin.recycling.types.care import ComplaintCard
from huanxin.recycling.types.orders import OrderCard
from tests import given, given_recycling

pytestmark = pytest.mark.django_db
TEXT = "约好九点，十一点也没有来"
TUESDAY = clock.moment(given_recycling.DAY, 15)


class Case:
    """A complaint about a planned order, opened on Tuesday at three."""

    def __init__(self) -> None:
        self.here = given_recycling.city()
        self.who = given.person()
        self.order: OrderCard = given_recycling.booked(self.who)
        given_recycling.planned(self.here)
        self.officer = given.staff(Role.OPERATOR)
        self.request_id = uuid4()
        self.card = self.opened()

    def opened(self, kind: ComplaintKind = ComplaintKind.MISSED) -> ComplaintCard:
        with clock.standing_at(TUESDAY):
            return complaining.open_complaint(
                actor=given.consumer(self.who), order_id=self.order.id, kind=kind, text=TEXT,
                request_id=self.request_id,
            )  # fmt: skip

    def rated(self, satisfaction: int) -> ComplaintCard:
        return complaining.rate_answer(
            actor=given.consumer(self.who), complaint_id=self.card.id, satisfaction=satisfaction
        )

    def escalated(self, hours: int) -> int:
        with clock.standing_at(TUESDAY + timedelta(hours=hours)):
            return complaining.escalate_late(actor=given.system())


def test_a_complaint_promises_an_answer_in_working_hours_and_its_words_are_sealed() -> None:
    case = Case()

    assert case.card.due_at == clock.moment(given_recycling.DAY + timedelta(days=1), 10)
    assert (case.card.state, case.card.org_id) == (ComplaintState.OPEN, case.here.recycler_id)
    assert case.opened() == case.card
    assert TEXT.encode() not in bytes(models.ComplaintStep.objects.get().text_sealed)
    case.request_id = uuid4()
    with pytest.raises(ComplaintOpen):
        case.opened()
    assert case.opened(ComplaintKind.CONDUCT).kind == ComplaintKind.CONDUCT


def test_the_recycler_answers_in_time_and_she_closes_it() -> None:
    case = Case()
    with pytest.raises(ComplaintEmpty):
        complaining.answer_complaint(
            actor=case.here.manager, complaint_id=case.card.id, text="好的"
        )

    answered = complaining.answer_complaint(
        actor=case.here.manager, complaint_id=case.card.id, text="车辆故障，已改派，致歉。"
    )
    assert answered.state == ComplaintState.ANSWERED
    assert case.escalated(48) == 0
    assert case.rated(4).state == ComplaintState.CLOSED
    with pytest.raises(ComplaintStateRefuses):
        case.rated(5)
    seen = care_book.get_complaint(case.card.id, given.consumer(case.who).scope)
    assert [step.text for step in seen.steps] == [
        TEXT, "车辆故障，已改派，致歉。", "评价 4 分",
    ]  # fmt: skip


def test_a_late_answer_is_the_citys_and_no_longer_the_recyclers() -> None:
    case = Case()

    assert case.escalated(18) == 0  # nine on Wednesday: an hour is left
    assert case.escalated(19) == 1
    assert case.escalated(19) == 0
    with pytest.raises(ComplaintStateRefuses):
        complaining.answer_complaint(
            actor=case.here.manager, complaint_id=case.card.id, text="现在答复可以吗"
        )
    answered = complaining.answer_complaint(
        actor=case.officer, complaint_id=case.card.id, text="已责成企业道歉并改派。"
    )
    assert answered.state == ComplaintState.ANSWERED
    assert case.rated(1).state == ComplaintState.CLOSED  # the officer's answer ends it


def test_a_poor_answer_goes_to_the_city() -> None:
    case = Case()
    complaining.answer_complaint(
        actor=case.here.manager, complaint_id=case.card.id, text="我们没有问题。"
    )

    card = case.rated(2)

    assert (card.state, card.satisfaction, card.answered_at) == (ComplaintState.ESCALATED, 2, None)


def test_nobody_else_reads_or_answers_it() -> None:
    case = Case()
    stranger = given.staff(Role.RECYCLER_MANAGER, org_id=uuid4())

    with pytest.raises(NotAllowed):
        complaining.answer_complaint(actor=stranger, complaint_id=case.card.id, text="不是我们的")
    for scope in (stranger.scope, given.consumer().scope):
        with pytest.raises(NotFound):
            care_book.get_complaint(case.card.id, scope)
        assert care_book.list_complaints(scope).items == []
    assert len(care_book.list_complaints(case.officer.scope).items) == 1


def test_a_word_once_said_stays_said() -> None:
    Case()
    with pytest.raises(Exception, match="append"), connection.cursor() as cursor:
        cursor.execute("UPDATE recycling_complaintstep SET by_role = 'x'")
