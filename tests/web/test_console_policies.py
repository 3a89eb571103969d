"""Policies at the desk: side by side, a what-if, and two people before anything counts."""

from datetime import date
from uuid import uuid4

import pytest

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.policy import selectors
from huanxin.web.console.policy_desk import folded, side_by_side
from tests import given, given_policy
from tests.given_web import visitor
from tests.policy.test_publishing import lowered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _published_in_september():
    with clock.standing_at(clock.moment(date(2026, 9, 1), 9)):
        given_policy.policies()
        yield


def officer():
    return visitor(Role.POLICY_OFFICER, region_path=given.CITY_PATH)[0]


def numbers() -> list[int]:
    return [version.number for version in selectors.list_versions("digital-2026")]


def test_two_texts_stand_side_by_side_with_their_differences():
    assert side_by_side("a\nb\nc", "a\nx\ny\nc") == [
        {"left": "a", "right": "a", "tone": ""},
        {"left": "b", "right": "x", "tone": "warn"},
        {"left": "", "right": "y", "tone": "warn"},
        {"left": "c", "right": "c", "tone": ""},
    ]


def test_lines_far_from_a_difference_are_folded_and_counted():
    left = "\n".join("abcdefghij")
    rows = folded(side_by_side(left, left.replace("i", "x")))
    assert rows[0] == {"skipped": 5}
    assert [row["right"] for row in rows[1:]] == ["f", "g", "h", "x", "j"]
    assert folded(side_by_side("a\nb", "a\nb")) == [{"skipped": 2}]


def test_policies_are_listed_by_where_today_stands():
    def shown(**asked):
        rows = officer().get("/console/policies", asked).context["table"].rows
        return {row.values["state"] for row in rows}

    assert shown(state="in_force") == {"in_force"}
    assert shown(state="over") == {"over"}
    assert shown() >= {"in_force", "over"}


def test_a_policy_page_leads_to_a_change_and_names_what_is_assumed_in_words():
    page = officer().get("/console/policies/digital-2026").content.decode()
    assert "/console/policies/propose?policy=digital-2026" in page
    assert "/console/policies/simulate?policy=digital-2026" in page
    assert "资金分担" in page
    reader = visitor(Role.FINANCE_OFFICER)[0].get("/console/policies/digital-2026")
    assert "/console/policies/propose" not in reader.content.decode()


def test_versions_are_compared_on_a_page():
    left, right = (
        selectors.list_versions(key)[0].version_hash for key in ("digital-2025", "digital-2026")
    )

    page = officer().get("/console/policies/compare", {"left": left, "right": right})

    assert page.status_code == 200
    assert "smart_glasses" in page.content.decode()


def test_a_change_is_simulated_on_a_page_and_an_unreadable_one_refused():
    client = officer()
    asked = {"from_on": "2026-06-01", "last_on": "2026-08-31", "text": lowered()["text"]}

    page = client.post("/console/policies/simulate", asked)
    broken = client.post("/console/policies/simulate", {**asked, "text": "id: [x"})

    assert page.status_code == 200
    assert "digital-2026" in page.content.decode()
    assert broken.status_code == 422
    assert numbers() == [1]


def test_one_officer_proposes_and_only_another_publishes():
    author, second = officer(), officer()
    content = {**lowered(), "reason": "调低单件上限", "request_id": str(uuid4())}

    sent = author.post("/console/policies/propose", content)
    [card] = selectors.list_proposals()
    address = f"/console/policies/proposals/{card.id}"
    own = author.post(f"{address}/approve", {"request_id": str(uuid4())})
    assert (sent.status_code, own.status_code) == (302, 403)
    assert numbers() == [1]

    shown = second.get(address)
    assert "批准并发布" in shown.content.decode()
    assert shown.context["changed"] == 1
    assert {fact.name: fact.value for fact in shown.context["facts"]}[
        "施行日"
    ] == "批准后最早的一天"
    assert "全部通过" in shown.content.decode()
    assert "批准并发布" not in author.get(address).content.decode()
    approved = second.post(f"{address}/approve", {"request_id": str(uuid4())})

    assert approved.status_code == 302
    assert numbers() == [1, 2]
    assert selectors.list_proposals() == []


def test_a_proposal_is_declined_with_a_reason_and_stays_in_the_list_of_all():
    author, second = officer(), officer()
    content = {**lowered(), "reason": "调低单件上限", "request_id": str(uuid4())}
    author.post("/console/policies/propose", content)
    [card] = selectors.list_proposals()
    decline = f"/console/policies/proposals/{card.id}/decline"
    bare = second.post(decline, {"request_id": str(uuid4()), "reason": ""})
    assert (bare.status_code, len(selectors.list_proposals())) == (422, 1)
    said = second.post(decline, {"request_id": str(uuid4()), "reason": "缺少省级文件"})
    assert (said.status_code, selectors.list_proposals()) == (302, [])
    rows = second.get("/console/policies/proposals", {"state": "all"}).context["table"].rows
    assert [row.values["state"] for row in rows] == ["declined"]


def test_a_text_that_was_tried_is_taken_over_into_a_draft():
    page = officer().post("/console/policies/propose?from=simulate", {"text": lowered()["text"]})
    form = page.context["form"]
    assert page.status_code == 200
    assert form["text"].value() == lowered()["text"]
    assert form["test_rows"].value() == selectors.list_versions("digital-2026")[-1].test_rows
    assert selectors.list_proposals() == []


def test_an_unsound_text_comes_back_with_every_problem():
    content = {**lowered(), "reason": "调低单件上限", "request_id": str(uuid4())}
    content["text"] = content["text"].replace("share_bps: 8500", "share_bps: 8400")

    page = officer().post("/console/policies/propose", content)

    assert page.status_code == 422
    assert "合计为万分之 9900" in page.content.decode()
    assert selectors.list_proposals() == []


def test_a_dry_run_asks_for_what_the_rule_asks_beyond_grade_and_price():
    client = officer()
    case = {
        "on": "2025-06-01", "region_code": given.COUNTY, "category_code": "e_bike",
        "energy_grade": "", "price_fen": "3000",
    }  # fmt: skip
    facts = "交售旧机=是\nold_battery=lithium\nnew_battery=lead_acid\n合格产品=是\nis_individual=是"
    paid = client.get("/console/policies/try", {**case, "facts": facts}).context["decision"]
    bare = client.get("/console/policies/try", case).context["decision"]
    bad = client.get("/console/policies/try", {**case, "facts": "交售旧机=也许"})
    assert (paid.is_eligible, paid.amount_fen) == (True, 60_000)
    assert not bare.is_eligible
    assert bad.status_code == 422
    assert "读不出" in bad.content.decode()
