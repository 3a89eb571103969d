"""The violation library: one officer keeps out for a week, two for longer; two let in again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity import models, selectors
from huanxin.identity.errors import (
    NotAllowed,
    RestrictionInvalid,
    RestrictionOver,
    RestrictionUnknown,
    SameOfficer,
)
from huanxin.identity.services import restricting
from huanxin.identity.types import (
    NewRestriction,
    Penalty,
    RestrictionKind,
    RestrictionState,
    Role,
)
from huanxin.kernel import clock
from huanxin.kernel.models import AuditEntry
from tests import given

pytestmark = pytest.mark.django_db
SHOP = RestrictionKind.ORGANISATION


def officer(role: Role = Role.OPERATOR, region_path: str = given.CITY_PATH):
    return given.staff(role, region_path=region_path)


def new(key, kind=SHOP, **changes):
    today = clock.today()
    facts = {
        "penalty": Penalty.SUSPENSION, "reason": "伪造送货单套取补贴",
        "document": "聊商务罚〔2026〕7号", "from_on": today,
        "until_on": today + timedelta(days=90),
    }  # fmt: skip
    days = {k: today + v for k, v in changes.items() if isinstance(v, timedelta)}
    return NewRestriction(kind, str(key), **facts | changes | days)


def impose(key, *, by=None, **changes):
    return restricting.impose(actor=by or officer(), new=new(key, **changes), request_id=uuid4())


def is_out(key, days=0, kind=SHOP):
    return bool(selectors.restricted_keys(kind, [str(key)], clock.today() + timedelta(days=days)))


def card(restriction_id):
    return selectors.get_restriction(restriction_id, officer())


def test_one_officers_word_keeps_out_at_once_and_for_seven_days():
    shop = given.organisation()
    made = card(impose(shop))

    assert (made.state, made.label, made.penalty) == (
        RestrictionState.PROVISIONAL, selectors.get_organisation(shop).name, Penalty.SUSPENSION,
    )  # fmt: skip
    assert made.number.startswith("XZ")
    assert [is_out(shop, days) for days in (0, 6, 7)] == [True, True, False]


def test_a_second_officer_makes_it_last():
    shop, by = given.organisation(), officer()
    restriction_id = impose(shop, by=by)

    with pytest.raises(SameOfficer):
        restricting.confirm(actor=by, restriction_id=restriction_id)
    assert not is_out(shop, 7)
    restricting.confirm(actor=officer(), restriction_id=restriction_id)

    assert card(restriction_id).state is RestrictionState.IN_FORCE
    assert [is_out(shop, days) for days in (7, 89, 90)] == [True, True, False]


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("restriction_confirmed_by_another", {"confirmed_by": "me"}),
        ("restriction_lifted_by_two", {"lift_asked_by": "me", "lifted_by": "me", "lifted_at": 1}),
    ],
)
def test_the_database_refuses_four_eyes_in_one_head(constraint, fields):
    """The control: past the service the constraints still want two officers."""
    restriction_id = impose(given.organisation())
    row = models.Restriction.objects.get(pk=restriction_id)
    for name, value in fields.items():
        setattr(row, name, row.by_account_id if value == "me" else clock.now())

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save()


def test_a_restriction_is_lifted_by_two_and_at_once():
    shop, one, two = given.organisation(), officer(), officer()
    restriction_id = impose(shop)

    with pytest.raises(RestrictionOver):
        restricting.lift(actor=two, restriction_id=restriction_id)
    restricting.ask_to_lift(actor=one, restriction_id=restriction_id, reason="处理决定已撤销")
    with pytest.raises(SameOfficer):
        restricting.lift(actor=one, restriction_id=restriction_id)
    assert is_out(shop)
    restricting.lift(actor=two, restriction_id=restriction_id)

    assert not is_out(shop)
    assert card(restriction_id).state is RestrictionState.LIFTED
    with pytest.raises(RestrictionOver):
        restricting.ask_to_lift(actor=one, restriction_id=restriction_id, reason="再次解除它")


def manager(shop):
    return given.staff(Role.MERCHANT_MANAGER, org_id=shop)


def test_the_party_reads_why_until_when_and_objects_once_at_a_time():
    shop = given.organisation()
    restriction_id = impose(shop)
    own = manager(shop)

    [mine] = selectors.list_own_restrictions(own)
    assert (mine.restriction_id, mine.reason, mine.may_be_appealed) == (
        restriction_id, "伪造送货单套取补贴", True,
    )  # fmt: skip
    request_id = uuid4()
    asked = {"restriction_id": restriction_id, "note": "送货单是物流补打的"}
    first = restricting.appeal(actor=own, request_id=request_id, **asked)
    assert restricting.appeal(actor=own, request_id=request_id, **asked) == first
    with pytest.raises(RestrictionOver):
        restricting.appeal(actor=own, request_id=uuid4(), **asked)
    assert is_out(shop)
    assert models.RestrictionAppeal.objects.count() == 1


def test_an_appeal_is_answered_by_an_officer_who_had_no_part():
    shop, imposer, confirmer = given.organisation(), officer(), officer()
    restriction_id = impose(shop, by=imposer)
    restricting.confirm(actor=confirmer, restriction_id=restriction_id)
    restricting.appeal(
        actor=manager(shop), restriction_id=restriction_id, note="送货单是物流补打的",
        request_id=uuid4(),
    )  # fmt: skip
    answer = {"restriction_id": restriction_id, "is_granted": True, "answer": "经查物流确有补打"}

    for part in (imposer, confirmer):
        with pytest.raises(SameOfficer):
            restricting.answer_appeal(actor=part, **answer)
    assert is_out(shop)
    restricting.answer_appeal(actor=officer(), **answer)

    after = card(restriction_id)
    assert (after.state, after.appeals[0].is_granted) == (RestrictionState.LIFTED, True)
    assert not is_out(shop)


def test_a_refused_appeal_leaves_the_restriction_and_another_may_follow():
    shop = given.organisation()
    restriction_id = impose(shop)
    own = manager(shop)
    for note in ("送货单是物流补打的", "另有新的证据"):
        restricting.appeal(actor=own, restriction_id=restriction_id, note=note, request_id=uuid4())
        restricting.answer_appeal(
            actor=officer(), restriction_id=restriction_id, is_granted=False, answer="证据不足"
        )

    assert is_out(shop)
    assert [one.answer for one in card(restriction_id).appeals] == ["证据不足", "证据不足"]


def test_nobody_reads_or_appeals_against_what_is_not_theirs():
    shop, person = given.organisation(), given.person()
    restriction_id = impose(shop)

    for stranger in (manager(given.organisation()), given.consumer(person)):
        with pytest.raises(RestrictionUnknown):
            selectors.get_restriction(restriction_id, stranger)
        with pytest.raises(RestrictionUnknown):
            restricting.appeal(
                actor=stranger, restriction_id=restriction_id, note="不是本店的", request_id=uuid4()
            )
    assert selectors.list_restrictions(manager(shop).scope).total == 0
    far = officer(region_path="370000/371500/371521")
    assert selectors.list_restrictions(far.scope).total == 0
    with pytest.raises(RestrictionUnknown):
        restricting.confirm(actor=far, restriction_id=restriction_id)
    with pytest.raises(NotAllowed):
        restricting.confirm(actor=officer(Role.REVIEWER), restriction_id=restriction_id)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reason": "坏"}, "原因"),
        ({"document": ""}, "文件"),
        ({"from_on": timedelta(days=-1)}, "早于今天"),
        ({"until_on": timedelta(0)}, "晚于开始"),
        ({"key": str(uuid4())}, "没有这家企业"),
    ],
)
def test_a_restriction_without_a_decision_or_a_subject_is_refused(changes, says):
    shop = given.organisation()

    with pytest.raises(RestrictionInvalid, match=says):
        impose(**{"key": shop} | changes)

    assert models.Restriction.objects.count() == 0


def test_the_library_is_searched_by_name_number_document_and_person():
    given.regions()
    shop, person = given.organisation(), given.person()
    of_shop = card(impose(shop))
    of_person = card(impose(person.id, kind=RestrictionKind.PERSON, document="聊商务决〔2026〕9号"))
    scope = officer().scope

    def found(words="", **where):
        page = selectors.list_restrictions(scope, words=words, **where)
        return [one.number for one in page.items]

    assert found(selectors.get_organisation(shop).name) == [of_shop.number]
    assert found(of_person.number) == [of_person.number]
    assert found("决〔2026〕9") == [of_person.number]
    assert found(kind=RestrictionKind.PERSON) == [of_person.number]
    assert found(is_live=False) == []
    assert of_person.label.startswith("王*试")
    assert str(AuditEntry.objects.filter(action="identity.restricted").count()) == "2"
