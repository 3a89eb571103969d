"""A station's register and events, an officer's notices, refunds, and the phone's own copy."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.outreach import models
from tests import given, given_citizen, given_outreach, given_web
from tests.given_citizen import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        given_citizen.city()
        yield


def work(**changes):
    facts = {"request_id": uuid4(), "kind": "repair", "category": "refrigerator",
             "on": clock.today().isoformat(), "worker": "李师傅", "what": "更换温控器",
             "price": "80"}  # fmt: skip
    return facts | changes


def event(**changes):
    facts = {"request_id": uuid4(), "kind": "lecture", "title": "用电安全讲座", "place": "二楼",
             "starts_at": "2026-09-05T09:00", "ends_at": "2026-09-05T10:00",
             "places": "30"}  # fmt: skip
    return facts | changes


def test_work_is_registered_once_and_struck_with_a_reason(client):
    given_citizen.clerk(client)
    sent = work()
    for _ in range(2):
        assert client.post("/station/work", sent).status_code == 302
    [one] = models.Work.objects.all()
    page = client.get("/station/work").content.decode()
    assert one.number in page
    assert "更换温控器" in page
    assert client.post("/station/work", work(price="八十")).status_code == 422
    strike = reverse("station:strike_work", args=[one.id])
    refused = client.post(strike, {"why": ""})
    assert "outreach.work_invalid" in refused.content.decode()
    client.post(strike, {"why": "登记重复了"})
    assert "已划去：登记重复了" in client.get("/station/work").content.decode()


def test_an_event_is_published_seen_in_public_and_called_off(client):
    given_citizen.clerk(client)
    assert client.post("/station/events", event()).status_code == 302
    assert "用电安全讲座" in client.get("/events").content.decode()
    assert client.post("/station/events", event(starts_at="2026-08-01T09:00")).status_code == 422
    [one] = models.Event.objects.all()
    client.post(f"/station/events/{one.id}/cancel", {"why": "当天停电检修"})
    assert "用电安全讲座" not in client.get("/events").content.decode()
    assert "当天停电检修" in client.get("/station/events").content.decode()


def test_a_clerk_takes_a_place_for_a_resident_who_gave_her_word(client):
    clerk, who = given_citizen.clerk(client), given.person()
    one = given_outreach.event(clerk)
    address = f"/station/people/{who.id}/events"
    assert client.get(address)["Location"].endswith("/consent")
    client.post(f"{address}/{one.id}/place")
    assert not models.Seat.objects.exists()
    given_outreach.agreed(clerk, who.id)
    client.post(f"{address}/{one.id}/place")
    assert models.Seat.objects.get().person_id == who.id
    assert "已报名" in client.get(address).content.decode()
    client.post(f"{address}/{one.id}/place", {"give_up": "1"})
    assert models.Seat.objects.get().given_up_at == NOW


def test_an_officer_publishes_a_notice_and_takes_it_down(client):
    officer, _ = given_web.visitor(Role.OPERATOR)
    until = (clock.today() + timedelta(days=9)).isoformat()
    sent = {"request_id": uuid4(), "title": "国庆停办安排", "text": "10 月 1 日至 3 日暂停上门。",
            "issuer": "聊城市商务局", "region": given.COUNTY, "until_on": until}  # fmt: skip
    for _ in range(2):
        assert officer.post("/console/notices", sent).status_code == 302
    [one] = models.Notice.objects.all()
    assert "国庆停办安排" in officer.get("/console/notices").content.decode()
    missing = officer.post("/console/notices", sent | {"issuer": "", "request_id": uuid4()})
    assert missing.status_code == 422
    officer.post(f"/console/notices/{one.id}/withdraw", {"why": "安排有变"})
    assert "安排有变" in client.get(f"/notices/{one.id}").content.decode()
    reviewer, _ = given_web.visitor(Role.REVIEWER)
    assert reviewer.get("/console/notices").status_code == 403


def test_other_parties_do_not_enter(client):
    shop = given.organisation(OrgKind.RETAILER)
    desk, _ = given_web.visitor(Role.MERCHANT_MANAGER, org_id=shop)
    for path in ("/station/work", "/station/events", "/console/notices", "/my/refunds"):
        assert desk.get(path).status_code == 403


def test_nothing_to_refund_says_where_to_go(client):
    given_citizen.resident(client)
    page = client.get("/my/refunds").content.decode()
    assert "没有退货或退款" in page


def test_a_phone_can_keep_the_app_and_nobody_s_data(client):
    facts = json.loads(client.get("/my/app.webmanifest").content)
    assert (facts["scope"], facts["start_url"], facts["display"]) == ("/my/", "/my/", "standalone")
    assert {one["sizes"] for one in facts["icons"]} == {"any", "192x192", "512x512"}
    worker = client.get("/my/worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    text = worker.content.decode()
    kept = json.loads(text.split("const FILES = ")[1].split(";")[0])
    assert all(name.startswith("/static/huanxin/") for name in kept)
    given_citizen.resident(client)
    assert 'rel="manifest"' in client.get("/my/").content.decode()
    anyone = client.get("/my/offline").content.decode()
    client.logout()
    assert client.get("/my/offline").content.decode() == anyone
