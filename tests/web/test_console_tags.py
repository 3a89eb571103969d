"""What an authority established about a person is recorded with its proof, by page."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from huanxin.identity import selectors as identity
from huanxin.identity.types import Role, TagKind
from huanxin.kernel import clock
from tests import given
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
SOURCE = "东昌府区民政局〔2026〕评估第 118 号"


def officer(role=Role.OPERATOR, region_path=given.CITY_PATH):
    return visitor(role, region_path=region_path)[0]


def somebody():
    """A resident, and the document number that nobody else sees whole."""
    number = given.document_no()
    return given.person(document=number).id, number


def typed(**changes):
    today = clock.today()
    sent = {
        "tag": "elderly_assessed/moderate", "source": SOURCE, "from_on": str(today),
        "to_on": str(today + timedelta(365)), "request_id": str(uuid4()),
    }  # fmt: skip
    return {**sent, **changes}


def test_a_person_is_found_by_document_and_never_named_in_the_address():
    person, number = somebody()
    found = officer().post(reverse("console:tags"), {"document_no": f" {number} "})
    assert found.status_code == 302
    assert found["Location"] == reverse("console:person_tags", args=[person])
    page = officer().get(found["Location"])
    assert number not in page.content.decode()


def test_a_finding_is_recorded_once_and_shown_with_its_proof():
    person, _ = somebody()
    client, form = officer(), typed()
    for _ in range(2):  # the button pressed twice
        answer = client.post(reverse("console:tag_person", args=[person]), form)
        assert answer.status_code == 302
    [tag] = identity.person_tags([person], clock.today())[person]
    assert (tag.tag, tag.level, tag.source) == (TagKind.ELDERLY_ASSESSED, "moderate", SOURCE)
    assert SOURCE in text_of(client.get(reverse("console:person_tags", args=[person])))


def test_without_proof_nothing_is_recorded_and_what_was_typed_stays():
    person, _ = somebody()
    answer = officer().post(reverse("console:tag_person", args=[person]), typed(source="无"))
    assert answer.status_code == 422
    assert 'data-code="identity.tag_invalid"' in answer.content.decode()
    assert identity.person_tags([person], clock.today()) == {}


def test_somebody_elsewhere_is_as_unknown_as_nobody():
    person, number = somebody()
    stranger = officer(region_path="370000/371500/371581")
    assert stranger.post(reverse("console:tags"), {"document_no": number}).status_code == 404
    assert stranger.get(reverse("console:person_tags", args=[person])).status_code == 404
    assert stranger.post(reverse("console:tags"), {"document_no": "x"}).status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.FINANCE_OFFICER, Role.CASHIER])
def test_other_roles_are_refused(role):
    assert officer(role).get(reverse("console:tags")).status_code == 403
