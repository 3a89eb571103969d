"""我的券: moved, unbound and given up with a confirmation; live, with its history."""

from datetime import timedelta

import pytest

from huanxin.kernel import clock
from huanxin.vouchers.services import redeeming
from huanxin.vouchers.types import RightChannel, VoucherState
from tests import given, given_citizen
from tests import given_vouchers as gv
from tests.given_citizen import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def right(client):
    given_citizen.city()
    return gv.right(who=given_citizen.resident(client), at=NOW)


def test_she_moves_a_right_and_the_page_says_where_it_may_be_used(client, right):
    page = f"/my/vouchers/{right.id}"
    assert "同一时间只能绑定一个渠道" in client.get(f"{page}/move").content.decode()
    assert client.post(f"{page}/move", {"channel": "unionpay"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "在云闪付（省级平台）使用" in shown
    assert "出示付款码</button>" not in shown
    assert "改绑渠道" in shown
    client.post(f"{page}/move", {"channel": ""})
    assert gv.card(right.id).channel is RightChannel.NONE
    client.post(f"{page}/move", {"channel": "app"})
    assert "出示付款码</button>" in client.get(page).content.decode()


def test_she_gives_a_right_up_only_after_she_was_told_what_is_lost(client, right):
    page = f"/my/vouchers/{right.id}/give-up"
    assert "名额和资金归还给本期发放" in client.get(page).content.decode()
    assert gv.card(right.id).state is VoucherState.USABLE
    assert client.post(page).status_code == 302
    assert gv.card(right.id).state is VoucherState.VOID
    assert "本人放弃，作废" in client.get(f"/my/vouchers/{right.id}").content.decode()


def test_what_an_order_keeps_is_neither_moved_nor_shown(client, right):
    redeeming.lock_voucher(
        actor=given.system(), voucher_id=right.id, sale_id=right.id, org_id=right.id
    )
    for path in ("move", "give-up"):
        answer = client.post(f"/my/vouchers/{right.id}/{path}", {"channel": "unionpay"})
        assert answer.status_code == 409
        assert 'data-code="vouchers.on_hold"' in answer.content.decode()
        shown = client.get(f"/my/vouchers/{right.id}/{path}").content.decode()
        assert "只有待使用的资格可以" in shown
        assert "确认换渠道" not in shown
    assert "完成线上订单的付款" in client.get(f"/my/vouchers/{right.id}").content.decode()


def test_nobody_moves_or_gives_up_anothers_right(client):
    given_citizen.city()
    given_citizen.resident(client)
    other = gv.right(at=NOW)
    for path in ("move", "give-up"):
        assert client.post(f"/my/vouchers/{other.id}/{path}", {"channel": ""}).status_code == 404
    assert gv.card(other.id).state is VoucherState.USABLE


def test_an_unchanged_wallet_is_answered_without_a_body_and_a_change_is_seen(client, right):
    first = client.get("/my/vouchers")
    tag = {"If-None-Match": first["ETag"]}
    assert client.get("/my/vouchers", headers=tag).status_code == 304
    with clock.standing_at(NOW + timedelta(minutes=1)):  # countdowns move on
        assert client.get("/my/vouchers", headers=tag).status_code == 200
    redeeming.lock_voucher(
        actor=given.system(), voucher_id=right.id, sale_id=right.id, org_id=right.id
    )
    changed = client.get("/my/vouchers", headers=tag)
    assert changed.status_code == 200
    assert "已锁定" in changed.content.decode()
