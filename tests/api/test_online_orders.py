"""Online orders and payment notices over HTTP: repeated, reordered, late, of others."""

import json
from dataclasses import asdict, replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.api import security
from huanxin.claims import models
from huanxin.claims.types import Channel
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.vouchers.types import VoucherState
from tests import given_claims
from tests import given_vouchers as gv
from tests.given_claims import SOLD_AT as AT
from tests.given_web import visitor

pytestmark = pytest.mark.django_db
TO_PAY = 424_915


@pytest.fixture(autouse=True)
def _now():
    with clock.standing_at(AT):
        yield


def cashier(till):
    """An account of the till's shop; keys are the shop's, whoever stands at the till."""
    return visitor(Role.CASHIER, org_id=till.sale.merchant_id)[1]


def bearer(actor):
    return {"authorization": f"Bearer {security.issue_token(actor.account_id)[0]}"}


def post(client, address, actor, body, key=None):
    headers = bearer(actor) | {"idempotency-key": str(key or uuid4())}
    return client.post(
        f"/api/v1/online-orders{address}", json.dumps(body, default=str), "application/json",
        headers=headers,
    )  # fmt: skip


def body_of(till, number="D1", minutes=30):
    sale = replace(till.sale, channel=Channel.ONLINE, sold_at=AT, merchant_order_no=number)
    return {"sale": asdict(sale), "pay_until": AT + timedelta(minutes=minutes)}


def place(client, till, number="D1", minutes=30, key=None):
    return post(client, "", cashier(till), body_of(till, number, minutes), key)


def notice(reference, minutes=1, paid_fen=TO_PAY):
    return {
        "reference": reference,
        "paid_fen": paid_fen,
        "paid_at": AT + timedelta(minutes=minutes),
    }


def tell(client, till, order_id, at_minute, **what):
    with clock.standing_at(AT + timedelta(minutes=at_minute)):
        return post(client, f"/{order_id}/payments", cashier(till), notice(**what))


def test_an_order_repeated_is_one_order_and_other_content_is_refused(client):
    till, key = given_claims.till(), uuid4()
    first, again = (place(client, till, key=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.json()["state"], first.json()["to_pay_fen"]) == ("open", TO_PAY)
    other = place(client, till, number="D2", key=key)
    assert (other.status_code, other.json()["code"]) == (409, "kernel.request_reused")
    assert models.OnlineOrder.objects.count() == 1
    assert gv.card(till.sale.qualification_id).state is VoucherState.LOCKED


def test_notices_doubled_and_out_of_order_sell_once_and_give_the_other_back(client):
    till = given_claims.till()
    order_id = place(client, till).json()["order_id"]
    sold = [tell(client, till, order_id, 5, reference="B", minutes=3) for _ in range(2)]
    assert [one.status_code for one in sold] == [200, 200]
    assert sold[0].json() == sold[1].json()
    assert (sold[0].json()["state"], sold[0].json()["sale_id"]) == ("sold", order_id)
    older = [tell(client, till, order_id, 6, reference="A", minutes=1) for _ in range(2)]
    assert older[0].json() == older[1].json()
    assert (older[0].json()["refund_fen"], older[0].json()["reason_code"]) == (
        TO_PAY, "claims.already_paid",
    )  # fmt: skip
    twisted = tell(client, till, order_id, 7, reference="B", minutes=3, paid_fen=1)
    assert (twisted.status_code, twisted.json()["code"]) == (409, "kernel.request_reused")
    with clock.standing_at(AT + timedelta(minutes=8)):
        told = client.get(
            f"/api/v1/online-orders/{order_id}/payments", headers=bearer(cashier(till))
        ).json()
    assert [(one["reference"], one["refund_fen"]) for one in told] == [("B", 0), ("A", TO_PAY)]
    assert given_claims.count_sales() == 1
    assert ledger.sum_check().difference_fen == 0


def test_paid_late_and_spent_in_a_shop_meanwhile_all_goes_back(client):
    till = given_claims.till()
    order_id = place(client, till, minutes=10).json()["order_id"]
    till.sell(sold_at=AT + timedelta(minutes=11), serial="SN-IN-THE-SHOP")
    answer = tell(client, till, order_id, 12, reference="L", minutes=12)
    body = answer.json()
    assert (answer.status_code, body["state"], body["refund_fen"]) == (200, "refunded", TO_PAY)
    assert body["sentence"].endswith("款项将全额原路退回。")
    assert given_claims.count_sales() == 1


def test_a_cancelled_order_frees_its_right_and_later_money_goes_back(client):
    till, key = given_claims.till(), uuid4()
    order_id = place(client, till).json()["order_id"]
    states = [
        post(client, f"/{order_id}/cancel", cashier(till), {}, key).json()["state"]
        for _ in range(2)
    ]
    assert states == ["cancelled", "cancelled"]
    assert gv.card(till.sale.qualification_id).state is VoucherState.USABLE
    assert tell(client, till, order_id, 2, reference="C").json()["refund_fen"] == TO_PAY


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"paid_fen": 0}, 422, "claims.paid_in_future"),
        ({"minutes": 30}, 422, "claims.paid_in_future"),
        ({"paid_fen": "many"}, 422, "api.malformed"),
    ],
)
def test_a_bad_notice_is_a_problem_document_and_changes_nothing(client, change, status, code):
    till = given_claims.till()
    order_id = place(client, till).json()["order_id"]
    answer = tell(client, till, order_id, 2, **{"reference": "X", **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert models.OrderPayment.objects.count() == 0
    assert gv.card(till.sale.qualification_id).state is VoucherState.LOCKED


def test_unknown_orders_other_shops_and_long_locks_are_refused(client):
    till, stranger = given_claims.till(), given_claims.till()
    order_id = place(client, till).json()["order_id"]
    assert tell(client, till, uuid4(), 1, reference="X").json()["code"] == "claims.order_unknown"
    assert tell(client, stranger, order_id, 1, reference="X").status_code == 403
    assert post(client, f"/{order_id}/cancel", cashier(stranger), {}).status_code == 403
    address = f"/api/v1/online-orders/{order_id}"
    assert client.get(address, headers=bearer(cashier(stranger))).status_code == 404
    assert client.get(address, headers=bearer(cashier(till))).json()["state"] == "open"
    mine = client.get("/api/v1/online-orders?state=open", headers=bearer(cashier(till))).json()
    assert [one["order_id"] for one in mine["items"]] == [order_id]
    others = client.get("/api/v1/online-orders", headers=bearer(cashier(stranger))).json()
    assert others["total"] == 0
    long = place(client, stranger, number="D9", minutes=31)
    assert (long.status_code, long.json()["code"]) == (422, "vouchers.hold_too_long")
    assert place(client, stranger, number="").status_code in {201, 409}
