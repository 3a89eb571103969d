from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity import models, selectors
from huanxin.identity.errors import NotAllowed, TagInvalid
from huanxin.identity.services import registering
from huanxin.identity.types import NewPersonTag, Role, TagKind
from huanxin.kernel.errors import RequestReused
from tests import given

pytestmark = pytest.mark.django_db

FROM, TO = date(2026, 1, 1), date(2027, 1, 1)


def assessed(**changes):
    new = NewPersonTag(
        given.person().id, TagKind.ELDERLY_ASSESSED, "评估报告 2026-001", FROM, TO, level="severe"
    )
    return replace(new, **changes)


def record(new, *, actor=None, request_id=None):
    return registering.record_person_tag(
        actor=actor or given.staff(Role.OPERATOR), new=new, request_id=request_id or uuid4()
    )


def test_a_fact_is_good_from_its_first_day_until_before_its_last():
    new = assessed()
    record(new)

    def held(on):
        return [
            (t.tag, t.level)
            for t in selectors.person_tags([new.person_id], on).get(new.person_id, ())
        ]

    assert held(date(2025, 12, 31)) == []
    assert held(FROM) == [(TagKind.ELDERLY_ASSESSED, "severe")]
    assert held(date(2026, 12, 31)) == [(TagKind.ELDERLY_ASSESSED, "severe")]
    assert held(TO) == []


def test_a_newer_finding_ends_the_one_before():
    new = assessed()
    record(new)
    record(replace(new, level="complete", from_on=date(2026, 6, 1), source="复评报告 2026-077"))

    [before] = selectors.person_tags([new.person_id], date(2026, 5, 31))[new.person_id]
    [after] = selectors.person_tags([new.person_id], date(2026, 6, 1))[new.person_id]
    assert (before.level, after.level) == ("severe", "complete")
    assert before.to_on == date(2026, 6, 1)


def test_the_same_request_records_once_and_other_content_is_refused():
    new, request_id = assessed(), uuid4()
    first = record(new, request_id=request_id)
    assert record(new, request_id=request_id) == first
    with pytest.raises(RequestReused):
        record(replace(new, level="mild"), request_id=request_id)
    assert models.PersonTag.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"source": " x "}, "依据"),
        ({"to_on": FROM}, "结束日期"),
        ({"level": "very"}, "等级应为"),
        ({"level": ""}, "等级应为"),
        ({"tag": TagKind.NEW_CAR_BUYER}, "不分等级"),
    ],
)
def test_a_fact_without_proof_end_or_known_level_is_not_recorded(change, why):
    with pytest.raises(TagInvalid, match=why):
        record(assessed(**change))
    assert not models.PersonTag.objects.exists()


@pytest.mark.parametrize("role", [Role.CONSUMER, Role.CASHIER, Role.MERCHANT_MANAGER])
def test_only_those_with_the_permission_record_facts(role):
    with pytest.raises(NotAllowed):
        record(assessed(), actor=given.staff(role))
    assert not models.PersonTag.objects.exists()


def test_an_officer_of_another_county_may_not():
    with pytest.raises(NotAllowed):
        record(assessed(), actor=given.staff(Role.OPERATOR, region_path="370000/371500/371525"))
    assert not models.PersonTag.objects.exists()


def test_the_database_too_refuses_a_fact_without_proof():
    record(assessed())
    for name, wrong in (("proved", {"source": ""}), ("known", {"tag": "rich"})):
        with pytest.raises(IntegrityError, match=f"person_tag_{name}"), transaction.atomic():
            models.PersonTag.objects.update(**wrong)
