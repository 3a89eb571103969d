"""Budgets, funders and statements over the API: the same services, the same refusals."""

import json
from datetime import date
from uuid import uuid4

import pytest

from huanxin.api import security
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.ledger.types import MOST_FEN, budget_code
from tests import given, given_claims
from tests import given_budgets as money
from tests.given_budgets import CITY, COUNTY
from tests.given_vouchers import PROGRAMME
from tests.given_web import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_force():
    given_claims.rules_in_force()
    with clock.standing_at(clock.moment(date(2026, 9, 1), 9)):
        yield


def bearer(role=Role.OPERATOR, region_path=given.CITY_PATH):
    token, _ = security.issue_token(visitor(role, region_path=region_path)[1].account_id)
    return {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}


def post(client, address, headers, **body):
    return client.post(f"/api/v1{address}", json.dumps(body), "application/json", headers=headers)


def test_money_goes_down_once_and_the_tree_shows_it(client):
    headers = bearer()
    given_away = {"programme": PROGRAMME, "region_code": CITY, "shares_fen": {"central": 1_000}}
    assert post(client, "/budgets", headers, **given_away).status_code == 204
    move = {"programme": PROGRAMME, "region_code": COUNTY, "amount_fen": 400}
    answers = [post(client, "/budgets/allocate", headers, **move) for _ in range(2)]
    assert [a.json() for a in answers] == [{"shares_fen": {"central": 400}}] * 2
    other = post(client, "/budgets/allocate", headers, **{**move, "amount_fen": 401})
    assert (other.status_code, other.json()["code"]) == (409, "kernel.request_reused")
    tree = client.get(f"/api/v1/budgets?programme={PROGRAMME}", headers=headers).json()
    assert [(n["region_code"], n["allocated_fen"], n["unused_fen"]) for n in tree] == [
        (CITY, 1_000, 600), (COUNTY, 400, 400),
    ]  # fmt: skip
    back = {**headers, "idempotency-key": str(uuid4())}
    assert post(client, "/budgets/reclaim", back, **move).status_code == 200
    assert money.free_fen(COUNTY) == 0


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount_fen": 0}, 422, "ledger.amount_not_positive"),
        ({"amount_fen": MOST_FEN + 1}, 422, "ledger.amount_too_large"),
        ({"amount_fen": 10_001}, 409, "vouchers.budget_short"),
        ({"region_code": "999999"}, 422, None),
        ({"programme": "nothing"}, 404, None),
        ({"fund": "county"}, 422, "vouchers.fund_unknown"),
    ],
)
def test_a_refusal_is_a_problem_document_and_moves_nothing(client, change, status, code):
    money.money(CITY)
    move = {"programme": PROGRAMME, "region_code": COUNTY, "amount_fen": 1, **change}
    answer = post(client, "/budgets/allocate", bearer(), **move)
    assert answer["content-type"] == "application/problem+json"
    assert answer.status_code == status
    assert code in {None, answer.json()["code"]}
    assert (money.free_fen(CITY), money.free_fen(COUNTY)) == (10_000, 0)


def test_a_top_up_and_its_statement(client):
    headers = bearer(Role.FINANCE_OFFICER)
    sent = {"amount_fen": 700, "reference": "回单"}
    assert post(client, "/funders/city/top-ups", headers, **sent).status_code == 204
    statement = client.get("/api/v1/accounts/funder:city/statement", headers=headers).json()
    assert statement["closing"]["credits_posted_fen"] == 700
    [entry] = statement["entries"]
    way = client.get(f"/api/v1/transfers/{entry['transfer_id']}/way", headers=headers).json()
    assert [one["debit"] for one in way["transfers"]] == ["treasury:city"]
    assert post(client, "/funders/city/top-ups", bearer(), **sent).status_code == 403


def test_another_citys_account_is_not_found(client):
    money.money(CITY)
    address = f"/api/v1/accounts/{budget_code(CITY, PROGRAMME)}/statement"
    assert client.get(address, headers=bearer()).status_code == 200
    assert client.get(address, headers=bearer(region_path="370000/370100")).status_code == 404
