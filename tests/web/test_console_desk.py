"""Government's desk: who may open what, policies in words, organisations, the sealed trail."""

import json
from datetime import date, timedelta

import pytest
from django.urls import reverse

from huanxin.identity import selectors
from huanxin.identity.types import Licence, Role
from huanxin.kernel import clock, merkle, proofs
from huanxin.kernel.errors import ProofRefused
from huanxin.kernel.models import AuditEntry
from huanxin.policy import selectors as policy
from huanxin.web import sides
from huanxin.web.console.organisations import licence_state
from tests import given, given_claims, given_vouchers
from tests.given_web import text_of, visitor

OFFICERS = (
    Role.REVIEWER, Role.FINANCE_OFFICER, Role.OPERATOR, Role.POLICY_OFFICER, Role.ADMIN,
)  # fmt: skip
PAGES = [
    way.page for _title, ways in sides.SIDES["console"] for way in ways
    if way.page.startswith("console:")
]  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", OFFICERS)
def test_the_side_list_names_exactly_what_the_role_may_open(role):
    given_claims.rules_in_force()
    client, actor = visitor(role)
    allowed = {way.page for _t, ways in sides.side_of(actor, "console") for way in ways}
    home = client.get("/console/", follow=True)
    assert home.status_code == 200
    for page in PAGES:
        address = reverse(page)
        assert client.get(address).status_code == (200 if page in allowed else 403), page
        assert (f'href="{address}"' in text_of(home)) == (page in allowed), page


def test_nobody_else_comes_in():
    client, _ = visitor(Role.CASHIER, org_id=given.organisation())
    assert {client.get(reverse(page)).status_code for page in PAGES} == {403}


def test_a_policy_is_read_in_words_with_its_sources():
    given_claims.rules_in_force()
    client, _ = visitor(Role.POLICY_OFFICER)
    with clock.standing_at(given_vouchers.OPENS):
        card = policy.get_policy("appliances-2026")
        page = text_of(client.get(reverse("console:policy", args=[card.policy_id])))
        missing = client.get(reverse("console:policy", args=["nothing"]))
    assert card.version_hash in page
    assert all(source.document in page for source in card.sources)
    assert all(one.key in page for one in card.assumptions)
    assert "每人每类" in page
    assert "price_basis" in page  # the text as published
    assert missing.status_code == 404


def test_a_case_is_tried_by_its_address_and_writes_nothing():
    given_claims.rules_in_force()
    client, _ = visitor(Role.OPERATOR)
    before = AuditEntry.objects.count()
    asked = {
        "on": "2026-09-01", "region_code": given.COUNTY, "category_code": "refrigerator",
        "energy_grade": "1", "price_fen": "4939",
    }  # fmt: skip
    paid = client.get(reverse("console:try_case"), asked)
    unpaid = client.get(reverse("console:try_case"), asked | {"energy_grade": "2"})
    wrong = client.get(reverse("console:try_case"), asked | {"price_fen": "much"})
    assert paid.context["decision"].amount_fen == 74_085
    assert "<tbody>" in text_of(paid)
    assert unpaid.context["decision"].amount_fen == 0
    assert f'data-code="{unpaid.context["decision"].reason_code}"' in text_of(unpaid)
    assert wrong.status_code == 422
    assert AuditEntry.objects.count() == before


def test_organisations_are_found_by_name_and_kind_within_reach():
    org_id = given.organisation()
    far = given.organisation(region_code="371521")
    name, far_name = (selectors.get_organisation(one).name for one in (org_id, far))
    client, _ = visitor(Role.ADMIN)
    page = text_of(client.get(reverse("console:organisations")))
    assert name in page
    assert far_name not in page
    none = client.get(reverse("console:organisations"), {"kind": "dismantler"})
    assert name not in text_of(none)
    assert name in text_of(client.get(reverse("console:organisations"), {"q": name}))


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "expired"), (0, "expired"), (1, "expiring"), (30, "expiring"),
                        (31, "valid")],
)  # fmt: skip
def test_a_licence_warns_thirty_days_before_it_ends(days, state):
    today = date(2026, 9, 1)
    licence = Licence("回收备案", "A1", today - timedelta(days=400), today + timedelta(days=days))
    assert licence_state(licence, today) == state


@pytest.mark.django_db(transaction=True)
def test_a_sealed_line_is_proved_by_the_file_alone():
    given.regions()
    client, _ = visitor(Role.ADMIN)
    given.settled_feed()
    assert merkle.seal() > 0
    page = client.get(reverse("console:audit"))
    [account] = AuditEntry.objects.filter(action="identity.account_opened")
    address = reverse("console:proof", args=[account.id])
    assert address in text_of(page)
    proof = json.loads(client.get(address).content)
    assert "account_opened" in proof["text"]
    [holds] = proofs.check_file(json.dumps(proof))
    assert (holds.kind, holds.row_id) == ("audit", account.id)
    proof["text"] = proof["text"].replace("account_opened", "account_closed")
    with pytest.raises(ProofRefused):
        proofs.check_file(json.dumps(proof))


def test_a_line_not_yet_sealed_says_so_and_has_no_proof():
    client, _ = visitor(Role.ADMIN)
    entry = AuditEntry.objects.latest("id")
    assert 'data-state="waiting"' in text_of(client.get(reverse("console:audit")))
    assert client.get(reverse("console:proof", args=[entry.id])).status_code == 404


def test_the_trail_ends_at_the_region():
    given.organisation(region_code="371521")
    client, _ = visitor(Role.ADMIN)
    far = AuditEntry.objects.filter(action="identity.organisation_opened").latest("id")
    page = text_of(client.get(reverse("console:audit"), {"room": "identity"}))
    assert far.subject_id[:18] not in page
    assert client.get(reverse("console:proof", args=[far.id])).status_code == 404
