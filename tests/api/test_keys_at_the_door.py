from datetime import date, timedelta

import pytest

from huanxin.identity.services import keying
from huanxin.kernel import clock
from tests import given, given_accounts

pytestmark = pytest.mark.django_db
NINE = clock.moment(date(2026, 9, 1), 9)


@pytest.fixture(autouse=True)
def _nine_o_clock():
    with clock.standing_at(NINE):
        yield


def bearer(secret):
    return {"authorization": f"Bearer {secret}"}


def test_the_first_call_says_who_one_is(client):
    keeper = given_accounts.keeper()
    issued = given_accounts.key(keeper)
    answer = client.get("/api/v1/me", headers=bearer(issued.secret))
    assert answer.status_code == 200
    assert answer.json()["org_id"] == str(keeper.org_id)
    assert answer.json()["permissions"] == ["claims.read"]


def test_a_key_without_the_permission_is_refused_like_a_person(client):
    issued = given_accounts.key(given_accounts.keeper(), "claims.read")
    answer = client.get("/api/v1/lists/payments", headers=bearer(issued.secret))
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.not_allowed")


def test_outside_its_organisation_a_key_sees_nothing(client):
    keeper = given_accounts.keeper()
    given_accounts.account("till", org_id=keeper.org_id)
    other = given_accounts.key(given_accounts.keeper(), "claims.read")
    mine = given_accounts.key(keeper, "claims.read")
    for secret in (mine.secret, other.secret):
        assert client.get("/api/v1/claims", headers=bearer(secret)).json()["total"] == 0
    assert client.get("/api/v1/staff", headers=bearer(mine.secret)).status_code == 403


@pytest.mark.parametrize("spoil", [lambda s: s + "x", lambda s: s[:-1], lambda s: "hxk_00000000_x"])
def test_a_secret_that_is_nobodys_opens_nothing(client, spoil):
    issued = given_accounts.key(given_accounts.keeper())
    assert client.get("/api/v1/me", headers=bearer(spoil(issued.secret))).status_code == 401
    assert client.get("/api/v1/me", headers=bearer(issued.secret)).status_code == 200


def test_a_revoked_key_is_401_at_the_next_call(client):
    keeper = given_accounts.keeper()
    issued = given_accounts.key(keeper)
    assert client.get("/api/v1/me", headers=bearer(issued.secret)).status_code == 200
    keying.revoke_key(actor=keeper, key_id=issued.card.id, reason="已泄露")
    assert client.get("/api/v1/me", headers=bearer(issued.secret)).status_code == 401


def test_the_rate_is_told_kept_and_over_in_the_next_minute(client):
    issued = given_accounts.key(given_accounts.keeper(), per_minute=2)
    answers = [client.get("/api/v1/me", headers=bearer(issued.secret)) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"minute";q=2;w=60'
    assert [one["RateLimit"] for one in answers] == [
        '"minute";r=1;t=60', '"minute";r=0;t=60', '"minute";r=0;t=60',
    ]  # fmt: skip
    assert answers[2]["Retry-After"] == "60"
    assert answers[2].json()["code"] == "kernel.too_many"
    with clock.standing_at(NINE + timedelta(minutes=1)):
        assert client.get("/api/v1/me", headers=bearer(issued.secret)).status_code == 200


def test_one_callers_rate_is_not_anothers(client):
    slow = given_accounts.key(given_accounts.keeper(), per_minute=1)
    other = given_accounts.key(given_accounts.keeper(), per_minute=1)
    for _ in range(2):
        client.get("/api/v1/me", headers=bearer(slow.secret))
    assert client.get("/api/v1/me", headers=bearer(other.secret)).status_code == 200


def test_a_password_alone_is_not_enough_where_a_code_is_asked(client):
    import pyotp

    from huanxin.identity.services import proving

    clerk = given_accounts.account("till", org_id=given.organisation())
    factor = proving.begin_second_factor(actor=clerk, password=given_accounts.PASSWORD)
    totp = pyotp.TOTP(factor.secret)
    proving.confirm_second_factor(actor=clerk, code=totp.at(clock.now()))
    body = {"login": "till", "password": given_accounts.PASSWORD}
    with clock.standing_at(NINE + timedelta(minutes=1)):
        without = client.post("/api/v1/session", body, "application/json")
        assert (without.status_code, without.json()["code"]) == (
            403, "identity.second_factor_needed",
        )  # fmt: skip
        code = {**body, "code": totp.at(clock.now())}
        assert client.post("/api/v1/session", code, "application/json").status_code == 200
        replay = client.post("/api/v1/session", code, "application/json")
        assert replay.json()["code"] == "identity.second_factor_wrong"


def test_lists_are_read_by_cursor_to_the_end(client):
    issued = given_accounts.key(given_accounts.keeper(), "policy.read")
    for _ in range(4):
        given.organisation()
    seen, cursor = [], ""
    while cursor is not None:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/lists/shops", query, headers=bearer(issued.secret)).json()
        seen, cursor = seen + page["rows"], page["next_cursor"]
    assert len(seen) == len({row["uscc"] for row in seen}) == 5
    bad = client.get("/api/v1/lists/shops?cursor=x", headers=bearer(issued.secret))
    assert bad.json()["code"] == "kernel.token_invalid"


def test_the_same_import_over_the_api_answers_row_by_row(client):
    from uuid import uuid4

    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests import given_catalogue

    given_catalogue.reference()
    keeper = given_accounts.keeper()
    issued = given_accounts.key(keeper, "policy.read", "catalogue.file")
    text = "商品条码,品牌,型号,品类,能效等级\n4006381333931,海尔,B1,refrigerator,1\n1,海尔,X,tv,\n"
    headers = {**bearer(issued.secret), "idempotency-key": str(uuid4())}
    answer = client.post(
        "/api/v1/lists/models/import?is_trial=true",
        {"file": SimpleUploadedFile("m.csv", text.encode())}, headers=headers,
    )  # fmt: skip
    body = answer.json()
    assert (answer.status_code, body["created_count"], body["refused_count"]) == (200, 1, 1)
    assert body["rows"][1]["code"] == "catalogue.gtin_invalid"
