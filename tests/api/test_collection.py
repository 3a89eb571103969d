"""The front of the chain over the API: the same verbs, refusals and repeats as on the pages."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.api import security
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.services import dispatching
from tests import given, given_citizen, given_desk, given_recycling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _evening():
    with clock.standing_at(given_recycling.EVENING):
        yield


@pytest.fixture
def here():
    return given_recycling.city()


def call(client, account_id, path, body=None, key=None):
    """A GET, or a POST with a key, as an account."""
    token, _until = security.issue_token(account_id)
    headers = {"authorization": f"Bearer {token}"}
    if body is None:
        return client.get(f"/api/v1{path}", headers=headers)
    sent = headers | {"Idempotency-Key": str(key or uuid4())}
    return client.post(f"/api/v1{path}", body, "application/json", headers=sent)


def owner(client):
    who = given_citizen.resident(client)
    return who, given_citizen.identity.find_account_of_person(who.id).id


def test_anyone_reads_the_standard_and_tries_a_price(client, here):
    versions = client.get("/api/v1/standards").json()
    said = {"category_code": "phone", "age_band": "3_to_8", "is_working": True,
            "is_complete": True, "details": [["screen", "cracked"]]}  # fmt: skip
    value = client.post("/api/v1/indications", said, "application/json").json()
    wrong = client.post("/api/v1/indications", said | {"details": [["x", "y"]]}, "application/json")

    assert [one["version"] for one in versions] == ["2026.2", "2026.1"]
    assert (value["cash_fen"], value["voucher_fen"]) == (4_800, 6_400)
    assert wrong.json()["code"] == "recycling.answer_unknown"
    assert not models.Quote.objects.exists()


def test_an_order_is_moved_once_whatever_the_repeats(client, here):
    who, account_id = owner(client)
    order = given_recycling.booked(who)
    key, path = uuid4(), f"/orders/{order.id}/move"
    move = {"slot_on": str(given_recycling.DAY + timedelta(days=1)), "slot": "14-16"}

    first = call(client, account_id, path, move, key)
    again = call(client, account_id, path, move, key)
    other = call(client, account_id, path, move | {"slot": "16-18"}, key)

    assert first.status_code == 200, first.content
    assert (first.json(), first.json()["move_count"]) == (again.json(), 1)
    assert other.status_code == 409


def test_a_complaint_and_an_offer_are_answered(client, here):
    who, account_id = owner(client)
    order = given_recycling.booked(who)
    dispatching.dispatch_waiting(actor=given.system())
    manager = given_desk.account(Role.RECYCLER_MANAGER, here.recycler_id).account_id

    made = call(client, account_id, f"/orders/{order.id}/complaints",
                {"kind": "price", "text": "价格没有说清楚"})  # fmt: skip
    assert made.status_code == 201, made.content.decode()
    answered = call(client, manager, f"/complaints/{made.json()['id']}/answer",
                    {"note": "已电话说明每一项依据。"})  # fmt: skip
    offers = call(client, manager, "/offers").json()
    given_back = call(client, manager, f"/orders/{order.id}/return", {"note": "车坏了"})

    assert (made.status_code, answered.json()["state"]) == (201, "answered")
    assert [one["state"] for one in offers] == ["accepted"]
    assert given_back.json()["recycler_org_id"] is None
