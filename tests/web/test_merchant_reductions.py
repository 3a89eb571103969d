"""A price lowered after the sale, at the shop's desk: typed, looked at, confirmed, told."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.types import Role
from huanxin.kernel import clock
from tests import given, given_citizen, given_claims, given_settlement
from tests.given_citizen import hidden_fields
from tests.given_claims import SOLD_AT, claim_of
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
LATER = SOLD_AT + timedelta(hours=8)
TYPED = {"off_fen": "100.00", "reason": "七天保价退差"}


@pytest.fixture(autouse=True)
def _later():
    with clock.standing_at(LATER):
        yield


@pytest.fixture
def sold():
    till = given_claims.till(trade_in_fen=6_000)
    receipt = till.sell()
    client, _ = visitor(Role.MERCHANT_MANAGER, org_id=till.sale.merchant_id)
    return client, till, receipt, f"/merchant/sales/{receipt.sale_id}/reduce"


def last_look(client, address, **typed):
    asked = hidden_fields(text_of(client.get(address)))
    return client.post(address, {**asked, **TYPED, **typed})


def test_she_sees_what_goes_where_and_why_before_she_confirms(sold):
    client, _, receipt, address = sold
    page = text_of(last_look(client, address))
    for figure in (8_500, 1_500, 72_585, 483_900):
        assert f'value="{figure}"' in page
    assert "退回资金池" in page
    assert "为什么是这个数" in page
    assert "依据" in page
    assert claim_of(receipt.sale_id).card.price_fen == 493_900  # nothing is written yet
    assert "off_fen=100.00" in page  # 返回修改 keeps what was typed
    again = text_of(client.get(f"{address}?off_fen=100.00&reason=七天保价退差"))
    assert 'value="100.00"' in again


def test_confirmed_twice_it_is_lowered_once_and_the_page_and_her_phone_tell_it(sold, client):
    desk, till, receipt, address = sold
    fields = hidden_fields(text_of(last_look(desk, address)))
    answers = [desk.post(f"{address}/now", fields) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    card = claim_of(receipt.sale_id).card
    assert (card.price_fen, card.subsidy_fen, card.to_pay_fen) == (483_900, 72_585, 411_315)
    page = text_of(desk.get(answers[0].url))
    assert "现价 ¥4,839.00，补贴按新价为 ¥725.85" in page
    assert "七天保价退差" in page
    given_citizen.resident(client, till.buyer)
    hers = text_of(client.get(f"/my/buy/{card.claim_id}"))
    assert "门店降价 ¥100.00，退给您 ¥85.00" in hers


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"off_fen": "0"}, "claims.part_not_positive"),
        ({"off_fen": "4939"}, "claims.part_too_large"),
        ({"off_fen": "a hundred"}, ""),
        ({"reason": "短"}, ""),
    ],
)
def test_a_refusal_keeps_what_was_typed_and_writes_nothing(sold, change, code):
    client, _, receipt, address = sold
    answer = last_look(client, address, **change)
    page = text_of(answer)
    assert answer.status_code == 422
    typed = {**TYPED, **change}
    assert f'value="{typed["off_fen"]}"' in page
    assert typed["reason"] in page
    assert f'data-code="{code}"' in page or not code
    assert claim_of(receipt.sale_id).card.price_fen == 493_900


def test_lowered_by_another_meanwhile_she_looks_again(sold):
    client, _, receipt, address = sold
    mine = hidden_fields(text_of(last_look(client, address)))
    theirs = hidden_fields(text_of(last_look(client, address, off_fen="50")))
    assert client.post(f"{address}/now", theirs).status_code == 302
    answer = client.post(f"{address}/now", mine)
    assert answer.status_code == 409
    assert 'data-code="claims.price_moved"' in text_of(answer)
    assert claim_of(receipt.sale_id).card.price_fen == 488_900


def test_after_settlement_she_is_told_that_the_difference_is_owed():
    till, claim, _ = given_settlement.paid()
    client, _ = visitor(Role.MERCHANT_MANAGER, org_id=till.sale.merchant_id)
    address = f"/merchant/sales/{claim.card.sale_id}/reduce"
    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=1)):
        look = text_of(last_look(client, address))
        assert "减少的部分列为您的应退款，由财政追回" in look
        done = client.post(f"{address}/now", hidden_fields(look))
        assert "补贴减少，由财政追回" in text_of(client.get(done.url))


def test_the_way_there_is_on_the_claim_and_only_a_manager_of_the_shop_goes_it(sold):
    client, till, receipt, address = sold
    claim = f"/merchant/claims/{claim_of(receipt.sale_id).card.claim_id}"
    assert f'href="{address}"' in text_of(client.get(claim))
    assert f'href="{address}"' in text_of(client.get(f"/merchant/sales/{receipt.sale_id}"))
    assert client.get(address).status_code == 200
    cashier, _ = visitor(Role.CASHIER, org_id=till.sale.merchant_id)
    assert f'href="{address}"' not in text_of(cashier.get(claim))
    other, _ = visitor(Role.MERCHANT_MANAGER, org_id=given.organisation())
    officer, _ = visitor(Role.FINANCE_OFFICER)
    assert [who.get(address).status_code for who in (cashier, other, officer)] == [403, 404, 403]
    body = {**TYPED, "request_id": str(uuid4())}
    assert cashier.post(f"{address}/now", body).status_code == 403
