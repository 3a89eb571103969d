"""Consumption vouchers on the desks: opened by officers, shops and makers, watched, ended."""

from datetime import timedelta

import pytest

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.ledger.types import funder_code
from huanxin.vouchers import models
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import till_codes
from huanxin.vouchers.types import Audience, Circle, ConsumptionTerms, LimitPer, OnReturn, Tier
from tests import given, given_catalogue, given_desk, given_vouchers
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db
NOW = given_c.OPENS - timedelta(days=1)
TYPED = {
    "title": "青年兴聊消费券第一轮", "campaign": "youth-2026", "round": "1",
    "funder": given_c.CITY, "region_code": given.COUNTY, "quantity": "10",
    "opens_at": "2026-09-01T09:00",
    "closes_at": "2026-09-30T00:00", "lapse_hours": "240", "limit_per": "round",
    "limit_count": "2", "with_qualification": "on", "with_huanxin": "on", "lowers_base": "on",
    "others_max": "1", "order": "20", "on_return": "to_pool", "age_from": "18", "age_to": "35",
    "categories": ["refrigerator", "computer"], "threshold_1": "2000", "discount_1": "200",
    "threshold_2": "5,000", "discount_2": "600",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _day_before():
    with clock.standing_at(NOW):
        yield


def officer(client):
    given.regions()
    given_catalogue.reference()
    return given_desk.enter(client, Role.OPERATOR, given.organisation(OrgKind.AGENCY))


def manager(client, fen=1_000_000):
    given.regions()
    given_catalogue.reference()
    shop = given_c.shop()
    given_c.prefunded(funder_code(shop), fen)
    given_desk.enter(client, Role.MERCHANT_MANAGER, shop)
    return shop


def post_confirmed(client, base, **changes):
    """Type the form, read the page that says what moves, press the button."""
    form = client.get(f"{base}/new").content.decode()
    typed = {**TYPED, "request_id": given_desk.hidden(form)["request_id"], **changes}
    first = client.post(f"{base}/new", typed)
    if first.status_code != 200:
        return first
    confirm = first.content.decode()
    assert "确认开办" in confirm
    return client.post(f"{base}/open", given_desk.form(confirm, f"{base}/open"))


def test_an_officer_opens_a_campaign_through_the_form(client):
    given_c.prefunded()
    officer(client)
    answer = post_confirmed(client, "/console/campaigns")
    assert answer.status_code == 302, answer.content.decode()[:3000]

    [pool] = models.Pool.objects.all()
    assert answer["Location"] == f"/console/campaigns/{pool.id}"
    terms = vouchers.get_pool(pool.id).consumption
    assert terms == ConsumptionTerms(
        "youth-2026", given_c.CITY, (Tier(200_000, 20_000), Tier(500_000, 60_000)),
        limit_per=LimitPer.ROUND, limit_count=2, categories=("refrigerator", "computer"),
        audience=Audience(18, 35), others_max=1, order=20, on_return=OnReturn.TO_POOL,
    )  # fmt: skip
    page = client.get(answer["Location"]).content.decode()
    for words in ("满 2,000 元减 200 元", "18 至 35 岁", "适用：冰箱、", "退货只退现金部分"):
        assert words in page
    assert "青年兴聊消费券第一轮" in client.get("/console/campaigns").content.decode()
    assert client.get(f"/console/pools/{pool.id}")["Location"] == answer["Location"]
    assert client.get("/console/pools").status_code == 200


def test_a_percentage_and_a_place_are_read_from_the_form(client):
    given_c.prefunded()
    officer(client)
    changes = {"rate_1": "9", "rate_2": "8.5", "lat": "36.45", "lon": "115.98", "radius_m": "3000"}
    assert post_confirmed(client, "/console/campaigns", **changes).status_code == 302
    [pool] = models.Pool.objects.all()
    terms = vouchers.get_pool(pool.id).consumption
    assert [one.rate_bps for one in terms.tiers] == [1_000, 1_500]
    assert terms.circle == Circle(36_450_000, 115_980_000, 3_000)


def test_a_form_that_cannot_be_kept_says_why_and_keeps_what_was_typed(client):
    given_c.prefunded(amount_fen=100)
    officer(client)
    unread = post_confirmed(client, "/console/campaigns", lat="36.45")
    assert unread.status_code == 422
    assert "要么都填" in unread.content.decode()
    for changes, code in (
        ({}, "vouchers.funder_without_money"),
        ({"discount_2": "100"}, "vouchers.terms_invalid"),
        ({"discount_1": "3000"}, "vouchers.terms_invalid"),
        ({"campaign": "青年"}, "vouchers.terms_invalid"),
    ):
        answer = post_confirmed(client, "/console/campaigns", **changes)
        page = answer.content.decode()
        assert answer.status_code in {409, 422}, code
        assert f'data-code="{code}"' in page
        assert "青年兴聊消费券第一轮" in page
    assert not models.Pool.objects.exists()


def test_a_shop_opens_watches_and_ends_its_own(client):
    shop = manager(client)
    assert post_confirmed(client, "/merchant/campaigns").status_code == 302
    [pool] = models.Pool.objects.all()
    assert pool.funder_code == funder_code(shop)
    assert pool.terms.merchant_ids == [str(shop)]
    with clock.standing_at(given_c.OPENS):
        given_c.claims([
            given_c.claim(vouchers.get_pool(pool.id), given.person(), category_code="any")
        ])  # fmt: skip
    page = client.get(f"/merchant/campaigns/{pool.id}").content.decode()
    assert "只限指定门店" in page
    with clock.standing_at(given_c.OPENS + timedelta(hours=1)):
        close = f"/merchant/campaigns/{pool.id}/close"
        assert "退回出资方" in client.get(close).content.decode()
        assert client.post(close, {"reason": "无"}).status_code == 422
        assert client.post(close, {"reason": "活动提前结束"}).status_code == 302
    assert given_c.free_fen(funder_code(shop)) == 1_000_000


def test_a_desk_shows_its_own_campaigns_to_those_who_may(client):
    card = given_c.campaign()
    manager(client)
    assert client.get(f"/merchant/campaigns/{card.id}").status_code == 404
    assert "测试消费券" not in client.get("/merchant/campaigns").content.decode()
    given_desk.enter(client, Role.CASHIER, given_c.shop())
    for path in ("", "/new", f"/{card.id}", f"/{card.id}/close"):
        assert client.get(f"/merchant/campaigns{path}").status_code == 403, path
        assert client.get(f"/console/campaigns{path}").status_code == 403, path


def lay_on_till(client, *cards):
    """What a scanned code leaves in the cashier's session."""
    shown = till_codes.till_code(actor=given.system(), voucher_ids=[one.id for one in cards])
    answer = client.post("/merchant/till/scan", {"scan": shown.code})
    assert answer.status_code == 302, answer.content.decode()[:2000]


def test_a_till_settles_goods_without_a_subsidy_and_takes_them_back(client):
    voucher = given_c.voucher()
    shop = given_c.shop()
    given_desk.enter(client, Role.MERCHANT_MANAGER, shop)
    with clock.standing_at(given_c.OPENS + timedelta(hours=1)):
        lay_on_till(client, voucher)
        assert "只用消费券结算" in client.get("/merchant/").content.decode()
        page = client.get("/merchant/purchase").content.decode()
        assert "满 5,000 元减 600 元" in page
        typed = {
            "request_id": given_desk.hidden(page)["request_id"], "voucher_ids": [str(voucher.id)],
            "category_code": "refrigerator", "price_fen": "1999",
        }  # fmt: skip
        low = client.post("/merchant/purchase", typed)
        assert 'data-code="vouchers.threshold_not_reached"' in low.content.decode()
        typed["price_fen"] = "5,200"
        quoted = client.post("/merchant/purchase", typed).content.decode()
        assert "测试消费券：¥5,200.00 满减 ¥600.00" in quoted
        assert not models.Purchase.objects.exists()
        sold = client.post("/merchant/purchase", {**typed, "seen_to_pay_fen": "460000"})
        [bought] = models.Purchase.objects.all()
        assert sold["Location"] == f"/merchant/purchases/{bought.id}"
        assert given_vouchers.owed_fen(shop) == 60_000
        shown = client.get(sold["Location"]).content.decode()
        back = {"request_id": given_desk.hidden(shown)["request_id"], "returned_fen": "2,200",
                "reason": "退回一件"}  # fmt: skip
        assert client.post(sold["Location"], back).status_code == 302
        assert given_vouchers.owed_fen(shop) == 20_000
        again = client.post(sold["Location"], {**back, "returned_fen": "9,999",
                            "request_id": "00000000-0000-7000-8000-000000000001"})  # fmt: skip
        assert 'data-code="vouchers.purchase_returned"' in again.content.decode()
    given_desk.enter(client, Role.CASHIER, given_c.shop())
    assert client.get(sold["Location"]).status_code == 404


def test_an_officer_opens_a_drawn_campaign_with_another_public_funders_money(client):
    given_c.prefunded()
    given_c.prefunded("funder:campaign-wenlv-2026", 50_000_000)
    officer(client)
    page = client.get("/console/campaigns/new").content.decode()
    assert "funder:campaign-wenlv-2026" in page
    draw = {
        "funder": "funder:campaign-wenlv-2026", "registers_until": "2026-09-02T09:00",
        "draws_at": "2026-09-02T21:30", "entropy_source": "双色球第 2026101 期开奖号码",
    }  # fmt: skip
    half = post_confirmed(client, "/console/campaigns", **{**draw, "draws_at": ""})
    assert half.status_code == 422
    answer = post_confirmed(client, "/console/campaigns", **draw)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    [pool] = models.Pool.objects.all()
    assert (pool.mode, pool.funder_code) == ("lottery", "funder:campaign-wenlv-2026")
    assert models.Lottery.objects.get(pk=pool.id).entropy_source == draw["entropy_source"]


def test_an_officer_is_not_offered_an_enterprises_money(client):
    given_c.prefunded()
    shop = given_c.shop()
    given_c.prefunded(funder_code(shop))
    officer(client)
    assert (
        str(shop)
        not in client.get("/console/campaigns/new").content.decode().split("merchant_ids")[0]
    )
    typed = {"funder": funder_code(shop)}
    assert post_confirmed(client, "/console/campaigns", **typed).status_code == 422
    assert not models.Pool.objects.exists()


def test_a_campaign_in_stages_is_read_from_the_form(client):
    given_c.prefunded()
    officer(client)
    assert post_confirmed(client, "/console/campaigns", stages="0:50 10:50").status_code == 302
    [pool] = models.Pool.objects.all()
    assert pool.stages.count() == 1
