import json

import pytest

from huanxin.identity.services import staffing
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from tests import given

pytestmark = pytest.mark.django_db


def _sign_in(client, role=Role.CASHIER):
    org_id = given.organisation(OrgKind.RETAILER)
    staffing.open_account(
        actor=given.system(), login="till", display_name="收银", role=role, password="pass phrase",
        org_id=org_id,
    )  # fmt: skip
    answer = client.post(
        "/api/v1/session", {"login": "till", "password": "pass phrase"}, "application/json"
    )
    assert answer.status_code == 200
    return {"authorization": f"Bearer {answer.json()['token']}"}


def test_the_description_is_openapi_3_1_and_every_verb_has_a_chinese_summary(client):
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    verbs = [verb for path in described["paths"].values() for verb in path.values()]
    assert len(verbs) > 35
    assert not [verb["operationId"] for verb in verbs if verb["summary"].isascii()]


def test_without_a_token_the_answer_is_a_problem_document(client):
    answer = client.get("/api/v1/claims")
    assert answer.status_code == 401
    assert answer["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "api.unauthenticated"


def test_a_token_opens_the_accounts_own_scope_and_ends_after_twelve_hours(client):
    with clock.standing_at(clock.moment(clock.today(), 8)):
        headers = _sign_in(client)
        assert client.get("/api/v1/claims", headers=headers).json()["total"] == 0
        refused = client.get("/api/v1/reconciliations/2026-09-01", headers=headers)
        assert refused.status_code == 405
    with clock.standing_at(clock.moment(clock.today(), 20, 1)):
        assert client.get("/api/v1/claims", headers=headers).status_code == 401


def test_a_refusal_says_what_and_what_to_do_with_its_code(client):
    headers = _sign_in(client)
    answer = client.post("/api/v1/reconciliations/2026-09-01", headers=headers)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (403, "identity.not_allowed")
    assert body["detail"].endswith("。")


def test_a_malformed_body_names_its_fields(client):
    headers = _sign_in(client)
    answer = client.post(
        "/api/v1/sales", json.dumps({"till_id": "1"}), "application/json", headers=headers
    )
    fields = {fault["field"] for fault in answer.json()["fields"]}
    assert answer.status_code == 422
    assert any(field.endswith("serial") for field in fields)
    assert any("dempotency" in field for field in fields)


def test_a_token_of_another_use_is_no_bearer_token(client):
    from huanxin.kernel import crypto

    token = crypto.sign_token({"use": "claim", "until": 9_999_999_999})
    answer = client.get("/api/v1/claims", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
