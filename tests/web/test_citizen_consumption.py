"""领券 and 我的券 show consumption vouchers in plain words, and why one is not for her."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers import models
from huanxin.vouchers.services import purchasing, till_codes
from huanxin.vouchers.types import Audience, Circle, NewPurchase, VoucherState
from tests import given, given_citizen, given_vouchers
from tests import given_consumption as given_c
from tests.given_citizen import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


def page_of(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def resident(client):
    given_citizen.city()
    return given_citizen.resident(client)


def test_a_release_says_its_terms_in_plain_words(client):
    resident(client)
    card = given_c.campaign(
        audience=Audience(age_from=60), categories=("refrigerator",), is_synthetic=True
    )
    assert "测试消费券" in page_of(client, "/my/releases")
    page = page_of(client, f"/my/releases/{card.id}")
    for words in (
        "满 2,000 元减 200 元；满 5,000 元减 600 元", "60 岁以上", "东昌府区内可用", "适用：冰箱",
        "可与补贴、焕新券叠加", "每人本期限领 1 张", "出资方：市级活动资金", "模拟规则", "立即领取",
    ):  # fmt: skip
        assert words in page, words


def test_she_claims_it_and_finds_it_in_her_wallet(client):
    who = resident(client)
    card = given_c.campaign()
    page = page_of(client, f"/my/releases/{card.id}")
    token = re.search(r'name="token"[^>]*value="([^"]+)"', page).group(1)
    answer = client.post(f"/my/releases/{card.id}/claim", {"token": token}, follow=True)
    assert "领取成功" in answer.content.decode()
    assert "最高抵扣" in answer.content.decode()

    [voucher] = models.Voucher.objects.filter(person_id=who.id)
    assert "测试消费券" in page_of(client, "/my/vouchers")
    shown = page_of(client, f"/my/vouchers/{voucher.id}")
    assert "满 5,000 元减 600 元" in shown
    assert "最高抵扣" in shown
    assert "已领取" in page_of(client, f"/my/releases/{card.id}")


def test_one_it_is_not_for_reads_why_and_what_to_do(client):
    resident(client)
    card = given_c.campaign(audience=Audience(age_to=35))
    page = page_of(client, f"/my/releases/{card.id}")
    assert 'data-code="vouchers.audience_not_met"' in page
    assert "35 岁以下" in page
    assert "社区服务站" in page
    assert "立即领取" not in page


def test_a_voucher_of_a_place_asks_for_the_position_and_forgets_it(client):
    resident(client)
    card = given_c.campaign(circle=Circle(36_450_000, 115_980_000, 3_000))
    path = f"/my/releases/{card.id}"
    page = page_of(client, path)
    assert 'data-code="vouchers.position_missing"' in page
    assert "同意本次定位" in page
    far = client.post(path, {"lat": "36.55", "lon": "115.98"}).content.decode()
    assert 'data-code="vouchers.outside_circle"' in far
    for nonsense in (
        {"lat": "x", "lon": "1"},
        {"lat": "nan", "lon": "1"},
        {"lat": "99", "lon": "9"},
    ):
        answer = client.post(path, nonsense).content.decode()
        assert 'data-code="vouchers.position_missing"' in answer
    near = client.post(path, {"lat": "36.451", "lon": "115.98"}).content.decode()
    token = re.search(r'name="token"[^>]*value="([^"]+)"', near).group(1)
    answer = client.post(f"{path}/claim", {"token": token}, follow=True)
    assert "领取成功" in answer.content.decode()
    assert "36.45" not in str(list(models.Voucher.objects.values()))


def test_she_shows_right_and_vouchers_in_one_code(client):
    who = resident(client)
    right = given_vouchers.right(who=who, at=NOW)
    [answer] = given_c.claims([given_c.claim(given_c.campaign(), who)], at=NOW)
    voucher = given_vouchers.card(answer.voucher_id)
    assert str(voucher.id) in page_of(client, f"/my/vouchers/{right.id}")
    page = page_of(client, f"/my/vouchers/code?v={right.id}&v={voucher.id}")
    digits = re.search(r"\b(\d{4} \d{4} \d{4})\b", page).group(1).replace(" ", "")
    taken = till_codes.take_till_code(
        actor=given.staff(Role.CASHIER, org_id=given.organisation()), code=digits
    )
    assert {one.id for one in taken} == {right.id, voucher.id}


def test_a_used_voucher_without_a_subsidy_still_opens(client):
    who = resident(client)
    [answer] = given_c.claims([given_c.claim(given_c.campaign(), who)], at=NOW)
    shop = given_c.shop()
    with clock.standing_at(NOW + timedelta(minutes=5)):
        purchasing.buy(
            actor=given.staff(Role.CASHIER, org_id=shop),
            purchase=NewPurchase(shop, "1", (answer.voucher_id,), "refrigerator", 300_000),
            request_id=uuid4(),
        )
    assert given_vouchers.card(answer.voucher_id).state is VoucherState.USED
    assert "已使用" in page_of(client, f"/my/vouchers/{answer.voucher_id}")
    assert "用过和失效的" in page_of(client, "/my/vouchers")
