"""A campaign is opened with its funder's money, and what is unused goes back to it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import funder_code, pool_code
from huanxin.vouchers import models
from huanxin.vouchers.errors import (
    FunderNotYours,
    FunderUnknown,
    FunderWithoutMoney,
    PoolInvalid,
    TermsInvalid,
)
from huanxin.vouchers.services import campaigning
from huanxin.vouchers.types import Audience, Circle, LimitPer, Tier, VoucherKind
from tests import given, given_catalogue
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db


def nothing_opened(funder=given_c.CITY, fen=100_000_000):
    return not models.Pool.objects.exists() and given_c.free_fen(funder) == fen


def test_the_whole_worth_leaves_the_funder_when_the_pool_opens():
    card = given_c.campaign(quantity=10)

    assert given_c.free_fen(pool_code(card.id)) == 10 * 60_000
    assert given_c.free_fen() == 100_000_000 - 10 * 60_000
    assert (card.kind, card.quantity, card.remaining) == (VoucherKind.CONSUMPTION, 10, 10)
    assert card.consumption == given_c.terms()
    assert ledger.sum_check().difference_fen == 0


def test_terms_come_back_as_they_went_in():
    shop = given_c.shop()
    whole = {
        "tiers": (Tier(10_000, 5_000, 1_500), Tier(30_000, 6_000, 2_000)),
        "round": 3, "limit_per": LimitPer.ROUND, "limit_count": 2, "order": 7, "others_max": 2,
        "categories": ("refrigerator", "computer"), "merchant_ids": (shop,),
        "audience": Audience(18, 35, (given.COUNTY,), ("veteran",)),
        "circle": Circle(36_450_000, 115_980_000, 3_000), "with_qualification": False,
        "with_huanxin": False, "lowers_base": False, "is_synthetic": True,
    }  # fmt: skip
    card = given_c.campaign(**whole)
    assert card.consumption == given_c.terms(**whole)


def test_the_same_request_opens_one_campaign_and_other_content_is_refused():
    given_c.prefunded()
    request_id = uuid4()
    first = given_c.opened(request_id=request_id)
    assert given_c.opened(request_id=request_id) == first
    with pytest.raises(RequestReused):
        given_c.opened(given_c.new_pool(title="另一个"), request_id=request_id)
    assert models.Pool.objects.count() == 1


def test_unclaimed_money_goes_back_to_the_funder_when_the_campaign_ends():
    card = given_c.campaign(quantity=10)
    given_c.voucher(card)
    with clock.standing_at(given_c.OPENS + timedelta(hours=1)):
        back = campaigning.close_campaign(actor=given.system(), pool_id=card.id, reason="提前结束")
        again = campaigning.close_campaign(actor=given.system(), pool_id=card.id, reason="再次结束")

    assert (back, again) == (9 * 60_000, 0)
    assert given_c.free_fen() == 100_000_000 - 60_000
    assert ledger.sum_check().difference_fen == 0


@pytest.mark.parametrize(
    ("tiers", "why"),
    [
        ((), "至少一档"),
        ((Tier(0, 1),), "门槛必须大于零"),
        ((Tier(-5, -9),), "门槛必须大于零"),
        ((Tier(10_000, 0),), "减额必须大于零"),
        ((Tier(10_000, 10_001),), "不能超过门槛"),
        ((Tier(20_000, 500), Tier(10_000, 600)), "门槛必须逐档提高"),
        ((Tier(10_000, 500), Tier(20_000, 500)), "减额必须逐档提高"),
        ((Tier(10_000, 500, 10_001),), "折扣比例"),
        (tuple(Tier(n * 10_000, n) for n in range(1, 12)), "最多十档"),
    ],
)
def test_a_ladder_that_is_none_opens_nothing(tiers, why):
    given_c.prefunded()
    with pytest.raises(TermsInvalid, match=why):
        given_c.opened(given_c.new_pool(given_c.terms(tiers=tiers)))
    assert nothing_opened()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"categories": ("spaceship",)}, "没有这样的品类"),
        ({"categories": ("refrigerator", "refrigerator")}, "不能重复"),
        ({"audience": Audience(residence=("999999",))}, "没有这样的居住地区"),
        ({"audience": Audience(tags=("rich",))}, "没有这样的人群标签"),
        ({"audience": Audience(tags=("elderly_assessed/very",))}, "没有这样的人群标签"),
        ({"audience": Audience(age_from=60, age_to=18)}, "年龄下限"),
        ({"audience": Audience(age_from=-1)}, "年龄应在"),
        ({"merchant_ids": (uuid4(),)}, "门店不存在"),
        ({"circle": Circle(36_450_000, 115_980_000, 0)}, "围栏半径"),
        ({"circle": Circle(91_000_000, 0, 100)}, "围栏半径"),
        ({"campaign": "青年"}, "活动代号"),
        ({"others_max": 5}, "最多 4 张"),
        ({"limit_count": 0}, "每人限领"),
        ({"round": 0}, "轮次"),
    ],
)
def test_terms_that_name_what_does_not_exist_open_nothing(change, why):
    given_c.prefunded()
    with pytest.raises(TermsInvalid, match=why):
        given_c.opened(given_c.new_pool(given_c.terms(**change)))
    assert nothing_opened()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quantity": 0}, "名额"),
        ({"quantity": -3}, "名额"),
        ({"budget_fen": 1}, "面值乘以份数"),
        ({"opens_at": given_c.ENDS}, "结束时间"),
        ({"lapse_hours": 0}, "一小时"),
        ({"reserve_bps": 5_000}, "足额预留"),
        ({"categories": ("refrigerator",)}, "不另选品类"),
        ({"consumption": None}, "规则和出资方"),
        ({"title": " "}, "名称"),
    ],
)
def test_a_frame_that_cannot_be_kept_opens_nothing(change, why):
    given_c.prefunded()
    with pytest.raises(PoolInvalid, match=why):
        given_c.opened(given_c.new_pool(**change))
    assert nothing_opened()


def test_a_funder_without_money_opens_nothing():
    given_c.prefunded(amount_fen=599_999)
    with pytest.raises(FunderWithoutMoney) as refusal:
        given_c.opened()
    assert refusal.value.facts == {"available": "¥5,999.99", "wanted": "¥6,000.00"}
    assert nothing_opened(fen=599_999)
    with pytest.raises(FunderUnknown):
        given_c.opened(given_c.new_pool(given_c.terms(funder_code="funder:nobody")))


def own(org_id, **changes):
    return given_c.new_pool(
        given_c.terms(funder_code=funder_code(org_id), merchant_ids=(org_id,), **changes)
    )


def test_a_shop_opens_a_campaign_of_its_own_with_its_own_money():
    shop = given_c.shop()
    given_c.prefunded(funder_code(shop), 1_000_000)
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=shop)

    given_c.opened(own(shop), actor=manager)
    assert given_c.free_fen(funder_code(shop)) == 1_000_000 - 600_000

    [row] = models.Pool.objects.all()
    with clock.standing_at(given_c.OPENS):
        campaigning.close_campaign(actor=manager, pool_id=row.id, reason="结束本店活动")
    assert given_c.free_fen(funder_code(shop)) == 1_000_000


def test_a_shop_neither_spends_anothers_money_nor_opens_for_other_shops():
    shop, other = given_c.shop(), given_c.shop()
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=shop)
    for code in (funder_code(shop), funder_code(other), given_c.CITY):
        given_c.prefunded(code, 1_000_000)
    tried = [
        own(other),
        given_c.new_pool(given_c.terms(merchant_ids=(shop,))),
        given_c.new_pool(given_c.terms(funder_code=funder_code(shop))),
        given_c.new_pool(given_c.terms(funder_code=funder_code(shop), merchant_ids=(other,))),
        replace(own(shop), region_code="371525"),
    ]
    for new in tried:
        with pytest.raises((FunderNotYours, TermsInvalid)):
            given_c.opened(new, actor=manager)
    assert not models.Pool.objects.exists()
    assert {given_c.free_fen(funder_code(one)) for one in (shop, other)} == {1_000_000}


def test_a_maker_names_the_shops_of_its_campaign():
    maker, shop = given.organisation(OrgKind.MAKER), given_c.shop()
    given_c.prefunded(funder_code(maker), 1_000_000)
    clerk = given.staff(Role.MAKER_CLERK, org_id=maker)
    with pytest.raises(FunderNotYours, match="指明"):
        given_c.opened(given_c.new_pool(given_c.terms(funder_code=funder_code(maker))), actor=clerk)
    of = given_c.terms(funder_code=funder_code(maker), merchant_ids=(shop,))
    given_c.opened(given_c.new_pool(of), actor=clerk)
    assert given_c.free_fen(funder_code(maker)) == 400_000


def test_an_officer_spends_public_money_in_her_region_only():
    shop = given_c.shop()
    for code in (given_c.CITY, funder_code(shop)):
        given_c.prefunded(code, 1_000_000)
    here = given.staff(Role.OPERATOR)
    elsewhere = given.staff(Role.OPERATOR, region_path="370000/371500/371525")
    with pytest.raises(FunderNotYours):
        given_c.opened(own(shop), actor=here)
    for actor in (elsewhere, given.staff(Role.CASHIER, org_id=shop), given.consumer()):
        with pytest.raises(NotAllowed):
            given_c.opened(actor=actor)
    given_c.opened(actor=here)
    assert models.Pool.objects.count() == 1
    assert given_c.free_fen(funder_code(shop)) == 1_000_000


def test_the_database_keeps_ladders_funders_and_terms():
    card = given_c.campaign()
    given_catalogue.reference()
    tier = "INSERT INTO vouchers_pooltier (pool_id, threshold_fen, discount_fen, rate_bps) VALUES"
    wrong = [
        ("pool_funder_named", "UPDATE vouchers_pool SET funder_code = ''"),
        ("pool_tier_below_threshold", f"{tier} ('{card.id}', 5, 6, 0)"),
        ("pool_tier_rises", f"{tier} ('{card.id}', 900000, 60000, 0)"),
    ]
    for name, statement in wrong:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            connection.cursor().execute(statement)
    for table in ("poolterms", "pooltier"):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            connection.cursor().execute(f"DELETE FROM vouchers_{table}")
