"""The violation library and the watched desk over the API."""

from uuid import uuid4

import pytest

from huanxin.identity import models
from huanxin.identity.types import Role
from huanxin.kernel import clock
from tests import given, given_desk_terms
from tests.api.test_campaigns import headers, post

pytestmark = pytest.mark.django_db


def fresh(head):
    return head | {"Idempotency-Key": str(uuid4())}


def officer(client):
    return headers(client, Role.OPERATOR, org_id=given.organisation())


def new(shop):
    return {
        "kind": "organisation", "key": str(shop), "penalty": "suspension",
        "reason": "伪造送货单", "document": "聊商务罚〔2026〕7号",
        "from_on": clock.today().isoformat(),
    }  # fmt: skip


def test_a_restriction_is_imposed_read_by_its_party_appealed_and_answered(client):
    shop = given.organisation()
    one, two = officer(client), officer(client)
    manager = headers(client, Role.MERCHANT_MANAGER, org_id=shop)

    made = post(client, "/restrictions", new(shop), one)
    assert (made.status_code, post(client, "/restrictions", new(shop), one).json()) == (
        201, made.json(),
    )  # fmt: skip
    path = f"/restrictions/{made.json()['restriction_id']}"
    assert post(client, f"{path}/confirm", {}, fresh(one)).json()["code"] == "identity.same_officer"
    assert post(client, f"{path}/confirm", {}, fresh(two)).json()["state"] == "in_force"
    [mine] = client.get("/api/v1/restrictions/mine", headers=manager).json()
    assert mine["reason"] == "伪造送货单"
    assert client.get("/api/v1/restrictions", headers=manager).status_code == 403
    appealed = post(client, f"{path}/appeal", {"words": "物流补打的单子"}, fresh(manager))
    assert appealed.status_code == 201
    answer = {"is_granted": True, "answer": "物流记录属实"}
    assert post(client, f"{path}/answer", answer, fresh(two)).status_code == 403
    lifted = post(client, f"{path}/answer", answer, fresh(officer(client))).json()
    assert lifted["state"] == "lifted"
    found = client.get("/api/v1/restrictions?is_live=false", headers=one).json()
    assert [item["number"] for item in found["items"]] == [lifted["number"]]
    assert models.Restriction.objects.count() == 1


def test_the_desks_numbers_are_proposed_and_approved_by_two(client):
    one, two = officer(client), officer(client)
    body = {"content": given_desk_terms.content(), "reason": "调整抽查率"}

    made = post(client, "/desk/terms", body, one)
    path = f"/desk/terms/{made.json()['terms_id']}/approve"

    assert post(client, path, {}, fresh(one)).status_code == 403
    assert post(client, path, {}, fresh(two)).json()[0]["approved_at"] is not None
    for path in ("stops", "checks", "waivers", "terms", f"samples/{clock.today()}"):
        assert client.get(f"/api/v1/desk/{path}", headers=one).status_code == 200, path
        manager = headers(client, Role.MERCHANT_MANAGER, org_id=given.organisation())
        assert client.get(f"/api/v1/desk/{path}", headers=manager).status_code == 403, path
