"""A unit's life and its certificate, open to anyone: provable, and nobody is named."""

import pytest

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock, crypto, proofs
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from huanxin.recycling.selectors import floor_book
from huanxin.trace import selectors as trace
from huanxin.trace import services
from huanxin.trace.types import Capture, UnitState
from tests import given, given_citizen, given_desk, given_log, given_recycling, given_trace

pytestmark = pytest.mark.django_db


@pytest.fixture
def life():
    """A fridge from its door to its certificate."""
    here = given_citizen.city()
    with clock.standing_at(given_recycling.EVENING):
        order, codes = given_recycling.until_dismantler(here)
    with clock.standing_at(given_recycling.later(20)):
        certificate = given_recycling.dismantled(here, codes)
        yield order, codes[0], certificate


def test_a_units_life_is_open_to_whoever_holds_its_code(client, life):
    _, code, certificate = life
    page = client.get(f"/trace/{code}").content.decode()
    for words in ("上门取走旧机", "到货过磅验收", "发往拆解企业", "环保拆解", "62.7 公斤"):
        assert words in page
    assert f"/certificate/{certificate.number}" in page


def test_the_life_names_no_person(client, life):
    order, code, _ = life
    body = client.get(f"/trace/{code}").content.decode()
    card = identity.cards([order.person_id])[order.person_id]
    for secret in (card.name_masked, card.document_masked, str(order.person_id), order.number,
                   "测试小区"):  # fmt: skip
        assert secret not in body


def test_an_unsealed_stop_says_that_it_waits(client):
    here = given_citizen.city()
    with clock.standing_at(given_recycling.EVENING):
        _, codes = given_recycling.until_dismantler(here)
    page = client.get(f"/trace/{codes[0]}").content.decode()
    assert "等待存证" in page
    assert "下载证明" not in page
    row_id = trace.story(codes[0], Scope())[0].row_id
    assert client.get(f"/trace/{codes[0]}/proof/{row_id}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_downloaded_proof_holds_without_the_platform(client, life):
    _, code, _ = life
    given_log.seal_all()
    page = client.get(f"/trace/{code}").content.decode()
    stops = trace.story(code, Scope())
    assert page.count("已存证，下载证明") == len(stops)
    answer = client.get(f"/trace/{code}/proof/{stops[0].row_id}").content.decode()
    public = crypto.checkpoint_key().public_key().public_bytes_raw().hex()
    [holds] = proofs.check_file(answer, public_key=public)
    assert (holds.kind, holds.row_id) == ("event", stops[0].row_id)
    with pytest.raises(proofs.ProofRefused):
        proofs.check_file(answer.replace(code, code[::-1], 1))


def test_a_code_nobody_gave_out_is_a_plain_not_found(client, life):
    assert client.get("/trace/NOSUCHUNIT000000").status_code == 404
    assert client.get("/certificate/ZM000000-0000-0000000-0").status_code == 404


def test_a_certificate_shows_what_went_in_and_what_came_out(client, life):
    _, code, certificate = life
    page = client.get(f"/certificate/{certificate.number}").content.decode()
    assert "62.7 公斤" in page
    assert certificate.dismantler_name in page
    for output in certificate.outputs:
        assert output.name in page
    assert f"/trace/{code}" in page
    assert "签章有效" not in page


def test_the_seal_in_the_code_is_checked(client, life):
    _, _, certificate = life
    here = f"/certificate/{certificate.number}"
    good = client.get(here, {"seal": certificate.token}).content.decode()
    assert "签章有效，与本证明一致" in good
    for seal in (certificate.token[:-3] + "abc", "nonsense",
                 crypto.sign_token({"certificate": "ZM000000-0000-0000000-0"})):  # fmt: skip
        bad = client.get(here, {"seal": seal}).content.decode()
        assert "签章有效" not in bad
        assert "不是本平台签发" in bad
    assert floor_book.verify_certificate(certificate.token) == certificate


def test_one_input_takes_whatever_was_scanned(client, life):
    _, code, certificate = life
    link = trace.digital_link(code)
    assert client.get("/trace", {"code": link})["Location"] == f"/trace/{code}"
    assert client.get("/trace", {"code": code.lower()})["Location"] == f"/trace/{code}"
    found = client.get("/trace", {"code": certificate.number})
    assert found["Location"] == f"/certificate/{certificate.number}"
    lost = client.get("/trace", {"code": "什么也不是"})
    assert lost.status_code == 422
    assert 'value="什么也不是"' in lost.content.decode()
    assert client.get("/trace").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_one_file_proves_every_stop(client, life):
    _, code, _ = life
    given_log.seal_all()
    answer = client.get(f"/trace/{code}/proof").content.decode()
    held = proofs.check_file(answer)
    assert [one.row_id for one in held] == [stop.row_id for stop in trace.story(code, Scope())]


def test_a_digital_link_leads_people_to_the_page_and_machines_to_the_linkset(client, life):
    _, code, certificate = life
    link = f"/8004/9523715{code}"
    page = client.get(link)
    assert (page.status_code, page["Location"]) == (307, f"http://testserver/trace/{code}")
    linkset = client.get(link, headers={"accept": "application/linkset+json"})
    assert linkset["Content-Type"] == "application/linkset+json"
    [found] = linkset.json()["linkset"]
    assert found["anchor"] == f"https://id.gs1.org{link}"
    assert found["https://gs1.org/voc/epcis"][0]["href"].endswith("/events")
    certified = client.get(link, {"linkType": "gs1:certificationInfo"})
    assert certified["Location"].endswith(f"/certificate/{certificate.number}")
    assert client.get(link, {"linkType": "gs1:recipe"}).status_code == 404
    assert client.get("/8004/9523715HX2615020000042X").status_code in (404, 422)
    assert "8004" in client.get("/.well-known/gs1resolver").json()["supportedPrimaryKeys"]


def test_an_orders_number_opens_its_unit_for_its_owner_alone(client, life):
    order, code, _ = life
    visitor = client.get("/trace", {"code": order.number})
    assert (visitor.status_code, visitor["Location"][:6]) == (302, "/login")
    given_citizen.resident(client, identity.cards([order.person_id])[order.person_id])
    assert client.get("/trace", {"code": order.number})["Location"] == f"/trace/{code}"
    given_citizen.resident(client)
    assert client.get("/trace", {"code": order.number}).status_code == 422


def test_what_others_reported_stands_between_the_stops(client, life):
    _, code, _ = life
    recycler = trace.story(code, Scope())[0].org_id
    sighting = given_trace.moved(
        code, UnitState.IN_DEPOT, giver=recycler, at=trace.story(code, Scope())[0].at
    )
    plain = Capture(sighting.event, recycler, given.COUNTY_PATH)
    services.capture_events(events=[plain])
    page = client.get(f"/trace/{code}").content.decode()
    assert "该单位上报，不改变交接" in page


def test_a_material_leads_back_to_its_units_for_an_office_with_a_reason(client, life):
    order, code, _ = life
    event = trace.story(code, Scope())[-1].event
    asked = {"material": event["outputQuantityList"][0]["epcClass"], "reason": "专项检查"}
    given_desk.enter(client, Role.OPERATOR, given.organisation(OrgKind.AGENCY))
    page = client.post("/console/trace-back", asked).content.decode()
    assert code in page
    assert order.number in page
    assert AuditEntry.objects.get(action="trace.traced_back").facts["units"] == 1
    run = client.post("/console/trace-back", asked | {"material": event["transformationID"]})
    assert code in run.content.decode()
    number = event["transformationID"].rpartition(":")[2]
    spoken = [event["ilmd"]["hx:certificate"], number.lower()]
    for said in spoken:  # numbers as people say them
        assert (
            code in client.post("/console/trace-back", asked | {"material": said}).content.decode()
        )
    name = client.get("/console/trace-back").context["names"][0]
    assert code in client.post("/console/trace-back", asked | {"material": name}).content.decode()
    silent = client.post("/console/trace-back", asked | {"reason": " "})
    assert (silent.status_code, code in silent.content.decode()) == (422, False)
    given_desk.enter(client, Role.FINANCE_OFFICER, given.organisation(OrgKind.AGENCY))
    assert client.get("/console/trace-back").status_code == 403
