"""A clerk sells and claims for a resident without a phone: her word first, her name on it all."""

import pytest

from huanxin.identity import selectors as identity
from huanxin.identity.services import registering
from huanxin.identity.types import ConsentMeans
from huanxin.kernel import clock
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import models as recycling
from huanxin.vouchers import models as vouchers
from huanxin.vouchers import selectors as voucher_selectors
from tests import given, given_citizen, given_claims, given_vouchers, given_web
from tests.given_citizen import ANSWERS, NOW, VISIT

pytestmark = pytest.mark.django_db
AGREED = {"means": "spoken", "is_read": "on"}


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def counter(client):
    """A city, a clerk at the keys, a resident before her."""
    given_citizen.city()
    given_citizen.clerk(client)
    who, number = given_claims.person()
    return client, who, number


def agreed(client, who):
    return client.post(f"/station/people/{who.id}/consent", AGREED)


def test_stations_alone_enter(client):
    given_citizen.city()
    assert client.get("/station/")["Location"] == "/login?next=/station/"
    who = given_citizen.resident(client)
    for path in ("", "register", f"people/{who.id}/", f"people/{who.id}/consent"):
        assert client.get(f"/station/{path}").status_code == 403


def test_a_resident_is_found_by_her_document_and_asked_first(counter):
    client, who, number = counter
    found = client.post("/station/", {"document_no": number})
    assert found["Location"] == f"/station/people/{who.id}/"
    asked = client.get(found["Location"])
    assert asked["Location"] == f"/station/people/{who.id}/consent"
    page = client.get(asked["Location"]).content.decode()
    assert "本人同意由本社区服务站工作人员代为办理" in page
    assert who.document_masked in page
    assert number not in page


def test_a_number_mistyped_is_not_a_resident_who_is_unknown(counter):
    client = counter[0]
    for number in ("123", given.document_no()[:-1] + "?"):
        answer = client.post("/station/", {"document_no": number})
        assert answer.status_code == 422
        assert "请对照原件逐位核对" in answer.content.decode()
        assert "这个证件还没有登记" not in answer.content.decode()


def test_a_document_nobody_knows_leads_to_registration(counter):
    client, _, _ = counter
    answer = client.post("/station/", {"document_no": given.document_no()})
    assert answer.status_code == 404
    assert "这个证件还没有登记" in answer.content.decode()


def test_registering_verifies_at_once_and_a_mismatch_keeps_the_form(counter):
    client, _, _ = counter
    new = {"name": "李不符", "document_no": given.document_no(), "phone": "10055556666",
           "region": given.COUNTY}  # fmt: skip
    wrong = client.post("/station/register", new)
    assert wrong.status_code == 409
    assert 'data-code="identity.real_name_mismatch"' in wrong.content.decode()
    assert 'value="10055556666"' in wrong.content.decode()
    right = client.post("/station/register", new | {"name": "李测试"})
    person = identity.find_person_by_document(new["document_no"])
    assert right["Location"] == f"/station/people/{person.id}/consent"
    assert person.is_verified


@pytest.mark.parametrize("missing", ["means", "is_read"])
def test_a_word_that_was_not_given_is_not_recorded(counter, missing):
    client, who, _ = counter
    sent = {key: value for key, value in AGREED.items() if key != missing}
    assert client.post(f"/station/people/{who.id}/consent", sent).status_code == 422
    assert not AuditEntry.objects.filter(action="identity.consented").exists()
    assert client.get(f"/station/people/{who.id}/").status_code == 302


def test_her_word_is_recorded_with_how_and_by_whom(counter):
    client, who, _ = counter
    assert agreed(client, who)["Location"] == f"/station/people/{who.id}/"
    line = AuditEntry.objects.get(action="identity.consented")
    assert (line.subject_id, line.facts["means"]) == (str(who.id), "spoken")
    page = client.get(f"/station/people/{who.id}/").content.decode()
    assert "9月1日 12:00</time> 前有效" in page


def test_nothing_is_done_for_a_resident_who_gave_no_word(counter):
    client, who, _ = counter
    here = f"/station/people/{who.id}"
    for answer in (
        client.post(f"{here}/sell", ANSWERS),
        client.post(f"{here}/releases/{given_vouchers.pool()}/claim", {"token": "x"}),
    ):
        assert answer["Location"] == f"{here}/consent"
    assert not recycling.Quote.objects.exists()


def test_a_word_given_to_another_clerk_opens_nothing(counter):
    client, who, _ = counter
    agreed(client, who)
    given_citizen.clerk(client)
    assert client.get(f"/station/people/{who.id}/").status_code == 302


def test_a_pick_up_is_booked_for_her_by_the_clerk(counter):
    client, who, _ = counter
    agreed(client, who)
    offer = client.post(f"/station/people/{who.id}/sell", ANSWERS)["Location"]
    sent = given_citizen.hidden_fields(client.post(f"{offer}/visit", VISIT).content.decode())
    answer = client.post(f"{offer}/book", sent)
    order = recycling.Order.objects.get()
    assert answer["Location"] == f"/station/people/{who.id}/orders/{order.id}?booked=1"
    assert order.person_id == who.id
    line = AuditEntry.objects.get(action="recycling.booked")
    assert line.actor_role == "station_clerk"
    page = client.get(answer["Location"]).content.decode()
    assert "已预约，9月2日 周三 9–11 点 上门" in page
    for way in ("move", "cancel", "complain"):
        assert f"/station/people/{who.id}/orders/{order.id}/{way}" in page
    assert "/my/" not in page


def test_a_right_is_claimed_for_her_and_stands_in_her_name(counter):
    client, who, _ = counter
    agreed(client, who)
    pool_id = given_vouchers.pool()
    here = f"/station/people/{who.id}/releases/{pool_id}"
    page = client.get(here)
    assert "data-gateway" not in page.content.decode()
    ticket = page.context["offers"][0]["ticket"]
    assert voucher_selectors.get_claim_of_token(ticket, now=NOW).device_key == ""
    answer = client.post(f"{here}/claim", {"token": ticket})
    assert answer["Location"] == f"{here}/result/won"
    assert "领取成功" in client.get(answer["Location"]).content.decode()
    assert vouchers.Voucher.objects.get().person_id == who.id
    assert "待使用" in client.get(f"/station/people/{who.id}/").content.decode()


def test_every_page_of_the_counter_answers(counter):
    client, who, _ = counter
    registering.record_consent(
        actor=identity.actor_for(given_web.account_of(client)), person_id=who.id,
        means=ConsentMeans.SIGNED, statement="本人同意代办全部事项。",
    )  # fmt: skip
    for path in ("", "register", f"people/{who.id}/", f"people/{who.id}/sell",
                 f"people/{who.id}/releases"):  # fmt: skip
        assert client.get(f"/station/{path}").status_code == 200, path
