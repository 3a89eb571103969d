"""The grading and floor standards change by two people through the pages, as the valuation does."""

from datetime import date
from uuid import uuid4

import pytest
import yaml
from django.db import IntegrityError, transaction
from django.urls import reverse

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling import _work, models
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.types import StandardKind
from tests import given, given_recycling
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _published():
    with clock.standing_at(given_recycling.EVENING):
        given_recycling.city()
        yield


def officer(role=Role.POLICY_OFFICER):
    return visitor(role, region_path=given.CITY_PATH)[0]


def draft(kind, **changes):
    [current] = [one for one in quote_book.list_work_standards(kind) if one.is_in_force]
    body = yaml.safe_load(quote_book.work_standard_text(current.version))
    return yaml.safe_dump({**body, **changes}, allow_unicode=True, sort_keys=False)


def hand_in(client, kind, text):
    url = reverse("console:propose_work_standard", args=[kind])
    return client.post(url, {"text": text, "reason": "部件允许误差收紧", "request_id": uuid4()})


def decide(client, kind, answer="approve"):
    row = models.StandardProposal.objects.get(state="waiting")
    url = reverse("console:decide_work_standard", args=[kind, row.id])
    return client.post(url, {"answer": answer, "note": "已核对"})


@pytest.mark.parametrize(
    ("kind", "version"), [(StandardKind.GRADING, "G2027.1"), (StandardKind.FLOOR, "F2027.1")]
)
def test_a_new_version_takes_two_officers_and_begins_on_its_day(kind, version):
    one, other = officer(), officer()
    new = draft(kind, version=version, **{"from": "2027-01-01"})
    assert one.get(reverse("console:propose_work_standard", args=[kind])).status_code == 200
    assert hand_in(one, kind, new).status_code == 302
    page = reverse("console:work_standards", args=[kind])
    assert "须由另一位同事批准" in text_of(one.get(page))
    assert decide(one, kind).status_code == 403
    assert not models.WorkStandard.objects.filter(version=version).exists()

    assert decide(other, kind).status_code == 302
    row = models.WorkStandard.objects.get(version=version)
    assert (row.kind, row.proposed_by_id != row.approved_by_id) == (kind, True)
    assert version in text_of(other.get(page))
    read = _work.grading if kind is StandardKind.GRADING else _work.floor
    assert read(date(2026, 12, 31)).version != version
    assert read(date(2027, 1, 1)).version == version


def test_what_is_no_such_standard_or_reaches_back_is_refused_and_kept_typed():
    client = officer()
    floor, grading = StandardKind.FLOOR, StandardKind.GRADING
    for kind, text in (
        (floor, "版本：没有"),
        (floor, draft(grading, version="G9", **{"from": "2027-01-01"})),
        (grading, draft(grading, version="G9", rules=[], **{"from": "2027-01-01"})),
        (floor, draft(floor, version="F9")),  # the day of the one in force
        (floor, draft(floor, **{"from": "2027-01-01"})),  # a version that exists
    ):
        answer = hand_in(client, kind, text)
        assert answer.status_code in {409, 422}, text[:80]
        assert "data-code=" in answer.content.decode()
    assert not models.StandardProposal.objects.exists()


def test_what_is_sent_back_publishes_nothing():
    hand_in(officer(), "floor", draft(StandardKind.FLOOR, version="F9", **{"from": "2027-01-01"}))
    assert decide(officer(), "floor", "refuse").status_code == 302
    assert not models.WorkStandard.objects.filter(version="F9").exists()


def test_pages_are_for_policy_officers_and_known_kinds():
    client = officer()
    assert client.get(reverse("console:work_standards", args=["valuation"])).status_code == 404
    assert (
        officer(Role.REVIEWER).get(reverse("console:work_standards", args=["floor"])).status_code
        == 403
    )
    assert "分级标准" in text_of(client.get(reverse("console:valuation")))


def test_control_one_person_alone_is_refused_by_the_database():
    row = models.WorkStandard.objects.first()
    me = uuid4()
    with (
        pytest.raises(IntegrityError, match="work_standard_needs_two_people"),
        transaction.atomic(),
    ):
        models.WorkStandard.objects.create(
            version="X1", kind="floor", digest="d" * 64, from_on="2028-01-01", body=row.body,
            published_at=row.published_at, proposed_by_id=me, approved_by_id=me,
        )  # fmt: skip
