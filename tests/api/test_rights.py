"""A right's life over HTTP: history, channel, giving up, back-filled; and a price lowered."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.api import security
from huanxin.api.v1 import api
from huanxin.identity import selectors as identity
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers import selectors as pools
from huanxin.vouchers.types import VoucherState
from tests import given, given_citizen, given_claims
from tests import given_vouchers as gv
from tests.given_citizen import NOW
from tests.given_web import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    given_claims.rules_in_force()
    with clock.standing_at(NOW):
        yield


def bearer(account_id, key=None):
    token, _ = security.issue_token(account_id)
    return {"authorization": f"Bearer {token}", "idempotency-key": str(key or uuid4())}


def account(role, org_id=None):
    return visitor(role, org_id=org_id)[1].account_id


def post(client, address, headers, **body):
    return client.post(f"/api/v1{address}", json.dumps(body), "application/json", headers=headers)


@pytest.fixture
def hers(client):
    given_citizen.city()
    person = given_citizen.resident(client)
    account = identity.find_account_of_person(person.id)
    return gv.right(who=person, at=NOW), bearer(account.id)


def test_she_moves_unbinds_and_gives_up_and_the_history_tells_it(client, hers):
    right, headers = hers
    page = f"/vouchers/{right.id}"
    for channel in ("unionpay", "unionpay", "", "app"):
        answer = post(client, f"{page}/channel", headers, channel=channel)
        assert (answer.status_code, answer.json()["channel"]) == (200, channel)
    assert post(client, f"{page}/channel", headers, channel="radio").status_code == 422
    gone = [post(client, f"{page}/give-up", headers, reason="不买了") for _ in range(2)]
    assert [(one.status_code, one.json()["state"]) for one in gone] == [(200, "void")] * 2
    told = client.get(f"/api/v1{page}/history", headers=headers).json()
    assert [one["title"] for one in told][-1].startswith("本人放弃")
    assert len(told) == 5  # claimed, three moves, given up
    after = post(client, f"{page}/channel", headers, channel="unionpay")
    assert (after.status_code, after.json()["code"]) == (409, "vouchers.not_usable")


def test_what_is_anothers_is_neither_seen_nor_moved(client, hers):
    _, headers = hers
    other = gv.right(at=NOW)
    assert client.get(f"/api/v1/vouchers/{other.id}/history", headers=headers).status_code == 404
    for verb, body in (("channel", {"channel": ""}), ("give-up", {})):
        answer = post(client, f"/vouchers/{other.id}/{verb}", headers, **body)
        assert answer.status_code in {403, 404}
    assert gv.card(other.id).state is VoucherState.USABLE


def test_an_operator_back_fills_a_right_once_and_nobody_else_may(client):
    pool_id = gv.pool(quantity=2)
    person = given.person()
    operator = account(Role.OPERATOR)
    key = uuid4()
    body = {
        "person_id": str(person.id), "pool_id": str(pool_id), "category_code": "refrigerator",
    }  # fmt: skip
    made = [post(client, "/rights", bearer(operator, key), **body) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json()["id"] == made[1].json()["id"]
    assert made[0].json()["state"] == "usable"
    again = post(client, "/rights", bearer(operator), **body)
    assert (again.status_code, again.json()["code"]) == (409, "vouchers.right_taken")
    cashier = account(Role.CASHIER, given.organisation())
    assert post(client, "/rights", bearer(cashier), **body).status_code == 403
    assert pools.get_pool(pool_id).remaining == 1


def test_a_price_is_lowered_once_a_key_and_refusals_change_nothing(client):
    till = given_claims.till()
    receipt = till.sell()
    shop = till.sale.merchant_id
    manager, key = account(Role.MERCHANT_MANAGER, shop), uuid4()
    address = f"/sales/{receipt.sale_id}/part-return"
    with clock.standing_at(till.sale.sold_at + timedelta(hours=1)):
        body = {"off_fen": 10_000, "reason": "保价退差"}
        done = [post(client, address, bearer(manager, key), **body) for _ in range(2)]
        assert [one.status_code for one in done] == [200, 200]
        assert done[0].json() == done[1].json()
        assert (done[0].json()["refund_fen"], done[0].json()["less_fen"]) == (8_500, 1_500)
        for change, status, code in (
            ({"off_fen": 0}, 422, "claims.part_not_positive"),
            ({"off_fen": 489_900}, 422, "claims.part_too_large"),
            ({"reason": "短"}, 422, "claims.reason_missing"),
        ):
            answer = post(client, address, bearer(manager), **{**body, **change})
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        other = account(Role.MERCHANT_MANAGER, given.organisation())
        assert post(client, address, bearer(other), **body).status_code == 403
        cashier = account(Role.CASHIER, shop)
        assert post(client, address, bearer(cashier), **body).status_code == 403
    assert given_claims.claim_of(receipt.sale_id).card.price_fen == 489_900


def test_no_route_answers_with_a_tuple():
    hints = [
        (operation.view_func.__name__, operation.view_func.__annotations__["return"])
        for _, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    ]
    assert len(hints) > 80
    assert [name for name, hint in hints if str(hint).startswith("tuple")] == []
