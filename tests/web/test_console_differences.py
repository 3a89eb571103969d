"""The office hears both sides of a difference, filters by address, and ends it with a reason."""

from uuid import uuid4

import pytest

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.services import clearing
from huanxin.recycling.types.depot import WeighIn
from tests import given, given_recycling
from tests.given_web import text_of, visitor
from tests.recycling.conftest import ticking  # noqa: F401 - a fixture
from tests.recycling.test_books import gate, on_floor, run
from tests.recycling.test_sorting import stocked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking")]


@pytest.fixture
def here():
    with clock.standing_at(given_recycling.EVENING):
        yield given_recycling.city()


@pytest.fixture
def missing(here):
    """A lot of two of which one never came."""
    first, _second = codes = stocked(here, 2)
    gate(here, codes, WeighIn(first, 62_700))
    return models.Case.objects.get()


def ending(said="双方说明一致，责任单位承担。", **other):
    return {"said": said, "outcome": "lost", "do": "resolve", "request_id": uuid4()} | other


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.POLICY_OFFICER, Role.ADMIN])
def test_officers_without_the_task_open_neither_list_nor_case(missing, role):
    client, _ = visitor(role)
    for place in ("/console/differences", f"/console/differences/{missing.id}"):
        assert client.get(place).status_code == 403
    assert client.post(f"/console/differences/{missing.id}", ending()).status_code == 403
    missing.refresh_from_db()
    assert missing.state == "open"


def test_an_office_of_another_region_does_not_find_the_case(missing):
    client, _ = visitor(Role.OPERATOR, region_path="national/11")
    assert missing.number not in text_of(client.get("/console/differences"))
    assert client.get(f"/console/differences/{missing.id}").status_code == 404


def test_the_list_is_filtered_by_its_address(missing):
    client, _ = visitor(Role.OPERATOR)
    for asked, is_there in (
        ("", True), ("?state=open&kind=missing", True), ("?state=resolved", False),
        ("?kind=stock", False), ("?due=over", False), ("?state=none&kind=none", True),
    ):  # fmt: skip
        page = text_of(client.get(f"/console/differences{asked}"))
        assert (missing.number in page) is is_there, asked


def test_the_office_reads_both_sides_and_ends_the_case_once_with_a_reason(here, missing):
    for actor, said in ((here.manager, "第二台没有装上车。"), (here.clerk, "验收时确实没有。")):
        clearing.speak_in_case(actor=actor, case_id=missing.id, said=said, request_id=uuid4())
    client, _ = visitor(Role.OPERATOR)
    place = f"/console/differences/{missing.id}"
    page = text_of(client.get(place))
    assert "第二台没有装上车。" in page
    assert "验收时确实没有。" in page
    assert client.post(place, ending(said="好")).status_code == 422
    missing.refresh_from_db()
    assert missing.state == "answered"
    sent = ending()
    for _again in range(2):
        assert client.post(place, sent)["Location"] == place
    missing.refresh_from_db()
    assert (missing.state, missing.outcome, missing.notes.count()) == ("resolved", "lost", 3)
    refused = client.post(place, ending(said="再办结一次。"))
    assert 'data-code="recycling.case_closed"' in text_of(refused)
    assert missing.notes.count() == 3
    assert "确认遗失" in text_of(client.get(place))


def test_what_a_plant_found_in_its_own_books_is_ended_by_the_office(here):
    codes = on_floor(here)
    run(here, codes, compressors=0)
    case = models.Case.objects.get()
    assert (case.kind, case.owner_id, case.finder_id) == (
        "parts", here.dismantler_id, here.dismantler_id,
    )  # fmt: skip
    client, _ = visitor(Role.OPERATOR, region_path=given.COUNTY_PATH)
    place = f"/console/differences/{case.id}"
    assert client.post(place, ending(outcome="explained")).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("resolved", "explained")
