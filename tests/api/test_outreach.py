"""Messages, notices, events and the register over the API say what the pages say."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.api import security
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.outreach import models
from tests import given, given_citizen, given_web
from tests.given_citizen import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        given_citizen.city()
        yield


def call(client, method, path, actor=None, **body):
    headers = {"Idempotency-Key": str(uuid4())}
    if actor is not None:
        headers["Authorization"] = f"Bearer {security.issue_token(actor.account_id)[0]}"
    return getattr(client, method)(
        f"/api/v1{path}", body, content_type="application/json", headers=headers
    )


def test_a_station_s_event_is_public_and_its_register_its_own(client):
    station = given.organisation(OrgKind.STATION)
    _, clerk = given_web.visitor(Role.STATION_CLERK, org_id=station)
    starts = NOW + timedelta(days=2)
    event = {"kind": "trial", "title": "洗碗机试用", "place": "一楼大厅",
             "starts_at": starts.isoformat(),
             "ends_at": (starts + timedelta(hours=1)).isoformat(), "places_count": 5}  # fmt: skip
    made = call(client, "post", "/events", clerk, **event)
    assert made.status_code == 201, made.content
    [seen] = client.get("/api/v1/events").json()
    assert (seen["title"], seen["taken_count"]) == ("洗碗机试用", 0)
    work = {"kind": "cleaning", "category_code": "refrigerator", "on": "2026-09-01",
            "worker": "李师傅", "what": "清洗冷凝器", "price_fen": 3000}  # fmt: skip
    assert call(client, "post", "/neighbour-work", clerk, **work).status_code == 201
    refused = call(client, "post", "/neighbour-work", clerk, **(work | {"price_fen": -1}))
    assert (refused.status_code, refused.json()["code"]) == (422, "outreach.work_invalid")
    assert models.Work.objects.count() == 1
    shop = given.organisation(OrgKind.RETAILER)
    _, cashier = given_web.visitor(Role.CASHIER, org_id=shop)
    assert call(client, "get", "/neighbour-work", cashier).status_code == 403


def test_messages_need_a_reader_and_officers_have_none(client):
    assert client.get("/api/v1/messages").status_code == 401
    _, officer = given_web.visitor(Role.OPERATOR)
    assert call(client, "get", "/messages", officer).status_code == 403
    notice = {"title": "国庆停办安排", "text": "暂停上门三天。", "issuer": "聊城市商务局",
              "region_code": given.COUNTY, "until_on": "2026-09-30"}  # fmt: skip
    assert call(client, "post", "/notices", officer, **notice).status_code == 201
    assert [one["issuer"] for one in client.get("/api/v1/notices").json()] == ["聊城市商务局"]
