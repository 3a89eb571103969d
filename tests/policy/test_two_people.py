"""A policy takes effect by two people: one proposes, another approves."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.policy import models, selectors, services
from huanxin.policy.errors import PolicyNotSound, ProposalDecided, SecondPersonNeeded
from tests import given, given_policy
from tests.policy.test_publishing import lowered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _published_in_september():
    with clock.standing_at(clock.moment(date(2026, 9, 1), 9)):
        given_policy.policies()
        yield


def officer(region_path: str = given.CITY_PATH):
    return given.staff(Role.POLICY_OFFICER, region_path=region_path)


def propose(actor, **content):
    content = content or lowered()
    return services.propose_policy(actor=actor, reason="调低上限", request_id=uuid4(), **content)


def approve(actor, proposal_id, request_id=None):
    return services.approve_policy(
        actor=actor, proposal_id=proposal_id, request_id=request_id or uuid4()
    )


def numbers() -> list[int]:
    return [version.number for version in selectors.list_versions("digital-2026")]


def test_a_proposal_takes_effect_only_when_another_person_approves_it():
    author, second = officer(), officer()
    proposal_id = propose(author)

    assert numbers() == [1]
    assert [card.id for card in selectors.list_proposals()] == [proposal_id]
    card = approve(second, proposal_id)

    assert (card.policy_id, card.effective_on) == ("digital-2026", date(2026, 9, 2))
    assert numbers() == [1, 2]
    assert selectors.list_proposals() == []
    row = models.PolicyVersion.objects.get(policy_id="digital-2026", number=2)
    assert (row.proposed_by, row.published_by) == (author.account_id, second.account_id)


def test_the_author_cannot_approve_and_the_database_agrees():
    author = officer()
    proposal_id = propose(author)

    with pytest.raises(SecondPersonNeeded):
        approve(author, proposal_id)
    assert numbers() == [1]

    row = models.PolicyProposal.objects.filter(pk=proposal_id)
    with pytest.raises(IntegrityError, match="policy_proposal_by_two_people"), transaction.atomic():
        row.update(is_approved=True, decided_by=author.account_id, decided_at=clock.now())
    version = models.PolicyVersion.objects.get(policy_id="digital-2026")
    version.id, version.number, version.effective_on = uuid4(), 2, date(2026, 10, 1)
    version.proposed_by = version.published_by
    with pytest.raises(IntegrityError, match="policy_version_by_two_people"), transaction.atomic():
        version.save(force_insert=True)


def test_a_proposal_is_decided_once_and_a_repeated_approval_is_answered_alike():
    proposal_id, second, request_id = propose(officer()), officer(), uuid4()

    first = approve(second, proposal_id, request_id)

    assert approve(second, proposal_id, request_id) == first
    with pytest.raises(ProposalDecided):
        approve(officer(), proposal_id)
    assert numbers() == [1, 2]


def test_a_declined_proposal_is_never_published():
    author = officer()
    proposal_id = propose(author)

    services.decline_policy(
        actor=author, proposal_id=proposal_id, reason="再核对", request_id=uuid4()
    )

    with pytest.raises(ProposalDecided):
        approve(officer(), proposal_id)
    assert numbers() == [1]


def test_only_policy_officers_of_the_city_propose_and_approve_and_nobody_publishes_alone():
    proposal_id = propose(officer())

    for stranger in (
        officer("370000/370100"),
        officer(given.COUNTY_PATH),
        given.staff(Role.OPERATOR, region_path=given.CITY_PATH),
    ):
        with pytest.raises(NotAllowed):
            propose(stranger)
        with pytest.raises(NotAllowed):
            approve(stranger, proposal_id)
    with pytest.raises(NotAllowed):
        services.publish_policy(actor=officer(), reason="一个人", request_id=uuid4(), **lowered())
    assert numbers() == [1]


def test_an_unsound_text_is_not_even_proposed():
    content = lowered()
    content["test_rows"] = content["test_rows"].replace(",300000,45000,", ",300000,45001,")

    with pytest.raises(PolicyNotSound):
        propose(officer(), **content)
    assert selectors.list_proposals() == []
