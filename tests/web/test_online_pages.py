"""Online orders on the phone and at the shop: kept, paid, given up, paid late; and its doors."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from huanxin.claims.services import ordering
from huanxin.claims.types import Channel, NewOrder
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers.services import lapsing
from huanxin.vouchers.types import VoucherState
from tests import given, given_citizen, given_claims
from tests import given_vouchers as gv
from tests.given_citizen import hidden_fields
from tests.given_claims import SOLD_AT as AT
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
SOON = AT + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _now():
    with clock.standing_at(SOON):
        yield


def placed(client, minutes=30, at=AT):
    """An order of the signed-in resident; her till and its address on the phone."""
    till = given_claims.till()
    given_citizen.resident(client, till.buyer)
    sale = replace(
        till.sale, channel=Channel.ONLINE, sold_at=at, merchant_order_no=f"D{uuid4().hex[:8]}"
    )
    with clock.standing_at(at):
        card = ordering.place_order(
            actor=till.cashier, order=NewOrder(sale, at + timedelta(minutes=minutes)),
            request_id=uuid4(),
        )  # fmt: skip
    return till, card, f"/my/online/{card.order_id}"


def state_of(till):
    return gv.card(till.sale.qualification_id).state


def test_an_order_that_waits_is_seen_everywhere_with_its_countdown(client):
    till, card, address = placed(client)
    for page in ("/my/", "/my/buy", "/my/online", address):
        shown = text_of(client.get(page))
        assert "还剩 25 分钟" in shown
        assert "待付款" in shown
    assert "由这笔订单保留，别处不能用" in text_of(client.get(address))
    right = text_of(client.get(f"/my/vouchers/{till.sale.qualification_id}"))
    assert f'href="{address}"' in right
    assert card.merchant_order_no in text_of(client.get(address))


def test_she_pays_once_however_often_she_presses(client):
    till, _, address = placed(client)
    page = text_of(client.get(f"{address}/pay"))
    assert "模拟支付" in page
    fields = hidden_fields(page)
    for _ in range(2):
        assert client.post(f"{address}/pay", fields).status_code == 302
    assert given_claims.count_sales() == 1
    assert state_of(till) is VoucherState.USED
    shown = text_of(client.get(address))
    assert "补贴已抵减" in shown
    assert "看这笔购买和补贴" in shown
    again = client.post(f"{address}/pay", {"request_id": str(uuid4())})
    assert again.status_code == 409
    assert 'data-code="claims.order_not_payable"' in text_of(again)


def test_she_gives_it_up_and_the_right_is_free_at_once(client):
    till, _, address = placed(client)
    fields = hidden_fields(text_of(client.get(f"{address}/cancel")))
    for _ in range(2):
        assert client.post(f"{address}/cancel", fields).status_code == 302
    assert state_of(till) is VoucherState.USABLE
    shown = text_of(client.get(address))
    assert "订单已取消" in shown
    assert "仍在有效期内" in shown


@pytest.mark.parametrize("is_lapsed", [False, True])
def test_money_that_came_late_goes_back_whole_and_says_what_is_with_the_right(client, is_lapsed):
    till, _, address = placed(client)
    ends = gv.card(till.sale.qualification_id).expires_at
    fields = hidden_fields(text_of(client.get(f"{address}/pay")))
    late = ends + timedelta(hours=1) if is_lapsed else AT + timedelta(minutes=40)
    with clock.standing_at(late):
        if is_lapsed:
            ordering.expire_orders(actor=given.system())
            lapsing.lapse_due(actor=given.system())
        else:
            till.sell(sold_at=late - timedelta(minutes=5), serial="SN-SHOP")
        page = text_of(client.get(address))
        assert "去付款" not in page
        assert client.post(f"{address}/pay", fields).status_code == 302
        shown = text_of(client.get(address))
        assert "这笔付款没有成交，全部原路退回" in shown
        assert "全额原路退回 ¥4,249.15" in shown
        assert ("已过有效期" in shown) is is_lapsed
    assert given_claims.count_sales() == (0 if is_lapsed else 1)


def test_late_but_free_it_is_still_sold(client):
    till, _, address = placed(client)
    fields = hidden_fields(text_of(client.get(f"{address}/pay")))
    with clock.standing_at(AT + timedelta(minutes=40)):
        assert "已超过付款时限" in text_of(client.get(address))
        client.post(f"{address}/pay", fields)
        assert state_of(till) is VoucherState.USED


def test_the_list_teaches_when_empty_and_anothers_order_is_not_found(client):
    _, _, address = placed(client)
    stranger = Client()
    given_citizen.resident(stranger)
    assert "还没有线上订单" in text_of(stranger.get("/my/online"))
    for page in (address, f"{address}/pay", f"{address}/cancel"):
        assert stranger.get(page).status_code == 404
    for verb in ("pay", "cancel"):
        answer = stranger.post(f"{address}/{verb}", {"request_id": str(uuid4())})
        assert answer.status_code in {403, 404}


def test_the_shop_sees_its_orders_and_gives_one_up(client):
    till, card, _ = placed(client)
    manager, _ = visitor(Role.MERCHANT_MANAGER, org_id=till.sale.merchant_id)
    address = f"/merchant/online/{card.order_id}"
    listed = text_of(manager.get("/merchant/online"))
    assert card.merchant_order_no in listed
    assert "没有这样的线上订单" in text_of(manager.get("/merchant/online?state=sold"))
    assert manager.get("/merchant/online?state=odd&page=x").status_code == 200
    page = text_of(manager.get(address))
    assert "还剩 25 分钟" in page
    fields = hidden_fields(page)
    for _ in range(2):
        assert manager.post(f"{address}/cancel", fields).status_code == 302
    assert state_of(till) is VoucherState.USABLE
    assert manager.post(f"{address}/cancel").status_code == 422
    other, _ = visitor(Role.MERCHANT_MANAGER, org_id=given.organisation())
    assert other.get(address).status_code == 404


def test_the_pages_open_for_their_roles_alone(client):
    till, card, address = placed(client)
    cashier, _ = visitor(Role.CASHIER, org_id=till.sale.merchant_id)
    officer, _ = visitor(Role.FINANCE_OFFICER)
    shop = ["/merchant/online", f"/merchant/online/{card.order_id}"]
    hers = ["/my/online", address, f"{address}/pay", f"{address}/cancel"]
    assert [cashier.get(page).status_code for page in shop] == [200, 200]
    assert {who.get(page).status_code for who in (client, officer) for page in shop} == {403}
    assert [client.get(page).status_code for page in hers] == [200] * 4
    assert {who.get(page).status_code for who in (cashier, officer) for page in hers} == {403}
