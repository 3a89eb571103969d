"""A consumption voucher is spent on goods without a subsidy: its terms are looked at once more."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity import models as identity_models
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound, RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import pool_code
from huanxin.vouchers import errors, models
from huanxin.vouchers.services import purchasing, redeeming
from huanxin.vouchers.types import (
    Audience,
    Circle,
    NewPurchase,
    OnReturn,
    Redemption,
    Tier,
    VoucherState,
)
from tests import given, given_vouchers
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db
LATER = given_c.OPENS + timedelta(hours=2)
SQUARE = Circle(36_450_000, 115_980_000, 3_000)


def basket(*vouchers, org_id=None, price_fen=520_000, category="refrigerator"):
    org_id = org_id or given_c.shop()
    return NewPurchase(org_id, "1号台", tuple(one.id for one in vouchers), category, price_fen)


def buy(new, *, actor=None, request_id=None, at=LATER):
    with clock.standing_at(at):
        return purchasing.buy(
            actor=actor or given.staff(Role.CASHIER, org_id=new.org_id), purchase=new,
            request_id=request_id or uuid4(),
        )  # fmt: skip


def give_back(card, fen, *, actor=None, request_id=None, reason="顾客不要了"):
    with clock.standing_at(LATER + timedelta(hours=1)):
        return purchasing.return_purchase(
            actor=actor or given.staff(Role.MERCHANT_MANAGER, org_id=card.org_id),
            purchase_id=card.id, returned_fen=fen, reason=reason, request_id=request_id or uuid4(),
        )  # fmt: skip


def held_nothing(voucher, org_id):
    """Nothing moved: the voucher waits with its face, the shop has nothing held."""
    return (
        given_vouchers.card(voucher.id).state is VoucherState.USABLE
        and given_c.free_fen(pool_code(voucher.pool_id)) == 9 * 60_000
        and given_vouchers.owed_fen(org_id) == 0
        and not models.Purchase.objects.exists()
        and not models.Redemption.objects.exists()
        and ledger.sum_check().difference_fen == 0
    )


def test_exactly_the_discount_is_held_for_the_shop_and_the_rest_is_the_pools():
    voucher = given_c.voucher()
    new = basket(voucher, price_fen=300_000)

    bought = buy(new)

    assert (bought.discount_fen, bought.to_pay_fen) == (20_000, 280_000)
    assert given_vouchers.owed_fen(new.org_id) == 20_000
    assert given_c.free_fen(pool_code(voucher.pool_id)) == 10 * 60_000 - 20_000
    spent = given_vouchers.card(voucher.id)
    assert (spent.state, spent.used_sale_id) == (VoucherState.USED, bought.id)
    assert ledger.sum_check().difference_fen == 0


def test_a_quote_says_the_same_and_holds_nothing():
    voucher = given_c.voucher()
    new = basket(voucher)
    with clock.standing_at(LATER):
        quote = purchasing.quote_purchase(
            actor=given.staff(Role.CASHIER, org_id=new.org_id), purchase=new
        )
    assert (quote.discount_fen, quote.to_pay_fen) == (60_000, 460_000)
    assert quote.sentences == ("测试消费券：¥5,200.00 满减 ¥600.00",)
    assert held_nothing(voucher, new.org_id)


def test_the_same_request_buys_once_and_other_content_is_refused():
    voucher = given_c.voucher()
    new, request_id = basket(voucher), uuid4()
    cashier = given.staff(Role.CASHIER, org_id=new.org_id)
    first = buy(new, actor=cashier, request_id=request_id)
    assert buy(new, actor=cashier, request_id=request_id) == first
    with pytest.raises(RequestReused):
        buy(replace(new, price_fen=1_000_000), actor=cashier, request_id=request_id)
    assert given_vouchers.owed_fen(new.org_id) == 60_000


def test_a_voucher_spent_twice_pays_once():
    voucher = given_c.voucher()
    shop = given_c.shop()
    buy(basket(voucher, org_id=shop))
    with pytest.raises(errors.VoucherNotUsable):
        buy(basket(voucher, org_id=shop))
    assert models.Purchase.objects.count() == 1
    assert given_vouchers.owed_fen(shop) == 60_000


REFUSED = {
    "below the threshold": ({}, {"price_fen": 199_999}, errors.ThresholdNotReached),
    "no price": ({}, {"price_fen": 0}, errors.PurchaseInvalid),
    "a negative price": ({}, {"price_fen": -5}, errors.PurchaseInvalid),
    "unknown goods": ({}, {"category": "spaceship"}, errors.PurchaseInvalid),
    "other goods": ({"categories": ("computer",)}, {}, errors.GoodsNotCovered),
    "no position of the shop": ({"circle": SQUARE}, {}, errors.ShopOutsideCircle),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_purchase_that_breaks_a_term_holds_nothing(case):
    terms, change, refusal = REFUSED[case]
    card = given_c.campaign(**terms)
    who = given.person()
    [answer] = given_c.claims([given_c.claim(card, who, is_near=True)])
    voucher = given_vouchers.card(answer.voucher_id)
    new = basket(voucher, **change)
    with pytest.raises(refusal):
        buy(new)
    assert held_nothing(voucher, new.org_id)


def test_a_shop_counts_by_its_registered_position():
    card = given_c.campaign(circle=SQUARE)
    [answer] = given_c.claims([given_c.claim(card, given.person(), is_near=True)])
    voucher = given_vouchers.card(answer.voucher_id)
    near = given_c.shop(lat_e6=36_460_000, lon_e6=115_980_000)
    far = given_c.shop(lat_e6=36_480_000, lon_e6=115_980_000)
    with pytest.raises(errors.ShopOutsideCircle, match="3336 米"):
        buy(basket(voucher, org_id=far))
    assert held_nothing(voucher, far)
    assert buy(basket(voucher, org_id=near)).discount_fen == 60_000


def test_only_named_shops_of_the_region_take_it():
    named, other = given_c.shop(), given_c.shop()
    voucher = given_c.voucher(given_c.campaign(merchant_ids=(named,)))
    with pytest.raises(errors.ShopNotCovered):
        buy(basket(voucher, org_id=other))
    with pytest.raises(errors.ShopNotCovered):
        buy(basket(voucher, org_id=given_c.shop(region="371525")))
    assert held_nothing(voucher, other)
    everywhere = given_c.voucher(given_c.campaign(prefund=False), given.person())
    with pytest.raises(errors.ShopOutsideRegion):
        buy(basket(everywhere, org_id=given_c.shop(region="371525")))
    assert buy(basket(voucher, org_id=named)).discount_fen == 60_000


def test_who_is_no_longer_meant_cannot_spend():
    """The audience is looked at again where money moves: here the holder has moved away."""
    voucher = given_c.voucher(given_c.campaign(audience=Audience(residence=(given.COUNTY,))))
    new = basket(voucher)
    identity_models.Person.objects.filter(pk=voucher.person_id).update(
        region_id="371525", region_path="370000/371500/371525"
    )
    with pytest.raises(errors.AudienceNotMet):
        buy(new)
    assert held_nothing(voucher, new.org_id)


def test_an_expired_voucher_buys_nothing():
    voucher = given_c.voucher()
    new = basket(voucher)
    with pytest.raises(errors.VoucherExpired):
        buy(new, at=voucher.expires_at)
    assert held_nothing(voucher, new.org_id)


def test_anothers_voucher_and_a_right_do_not_pay_together():
    voucher, right = given_c.voucher(), given_vouchers.right()
    other = given_c.voucher(given_c.campaign(prefund=False, others_max=1), given.person())
    shop = given_c.shop()
    with pytest.raises(errors.VoucherNotTheirs):
        buy(basket(voucher, other, org_id=shop))
    with pytest.raises(errors.PurchaseInvalid, match="只能用消费券"):
        buy(basket(right, org_id=shop))
    for twice in ((voucher.id, voucher.id), ()):
        with pytest.raises(errors.PurchaseInvalid):
            buy(replace(basket(voucher, org_id=shop), voucher_ids=twice))
    with pytest.raises(NotFound):
        buy(replace(basket(voucher, org_id=shop), voucher_ids=(uuid4(),)))
    assert held_nothing(voucher, shop)


def test_another_shops_cashier_and_a_shop_that_is_none_are_refused():
    voucher, maker = given_c.voucher(), given.organisation(OrgKind.MAKER)
    shop = given_c.shop()
    with pytest.raises(NotAllowed):
        buy(basket(voucher, org_id=shop), actor=given.staff(Role.CASHIER, org_id=given_c.shop()))
    with pytest.raises(errors.PurchaseInvalid, match="不能核销"):
        buy(basket(voucher, org_id=maker))
    identity_models.Organisation.objects.filter(pk=shop).update(status="suspended")
    with pytest.raises(errors.PurchaseInvalid, match="不能核销"):
        buy(basket(voucher, org_id=shop))
    assert held_nothing(voucher, shop)


def test_two_vouchers_are_taken_in_their_declared_order_each_from_what_is_left():
    who = given.person()
    first = given_c.voucher(given_c.campaign(others_max=1, order=10), who)
    second = given_c.voucher(
        given_c.campaign(prefund=False, others_max=1, order=20, tiers=(Tier(100_000, 9_000, 500),)),
        who,
    )
    bought = buy(basket(second, first, price_fen=210_000))
    rows = models.Redemption.objects.order_by("leg").values_list(
        "leg", "voucher_id", "price_fen", "amount_fen"
    )
    assert list(rows) == [
        ("discount1", first.id, 210_000, 20_000), ("discount2", second.id, 190_000, 9_000)
    ]  # fmt: skip
    assert bought.discount_fen == 29_000


@pytest.mark.parametrize("others_max", [(0, 0), (1, 0), (0, 1)])
def test_vouchers_that_stand_alone_are_not_combined(others_max):
    who = given.person()
    a = given_c.voucher(given_c.campaign(others_max=others_max[0]), who)
    b = given_c.voucher(given_c.campaign(prefund=False, others_max=others_max[1]), who)
    shop = given_c.shop()
    with pytest.raises(errors.StackingBroken, match="其他消费券"):
        buy(basket(a, b, org_id=shop))
    assert held_nothing(a, shop)


def test_redemption_itself_refuses_another_amount_and_a_broken_stack():
    """The control of the rule where money moves: called past the purchase's own checks."""
    voucher = given_c.voucher()
    shop = given_c.shop()
    spend = Redemption(
        uuid4(), voucher.id, voucher.person_id, shop, 60_000, None, LATER, price_fen=300_000,
        category_code="refrigerator",
    )  # fmt: skip
    wrong = [
        (spend, errors.DiscountDiffers),
        (replace(spend, price_fen=None), errors.DiscountDiffers),
        (replace(spend, price_fen=500_000, category_code=""), errors.GoodsNotCovered),
        (replace(spend, amount_fen=60_001, price_fen=500_000), errors.AmountAboveWorth),
    ]
    for one, refusal in wrong:
        with pytest.raises(refusal), clock.standing_at(LATER):
            redeeming.redeem_vouchers(actor=given.system(), redemptions=[one])
    assert held_nothing(voucher, shop)
    given_vouchers.spend(replace(spend, price_fen=500_000), at=LATER)

    late = given_c.voucher(given_c.campaign(prefund=False), given.person())
    beside = replace(
        spend, voucher_id=late.id, person_id=late.person_id, place=2, price_fen=440_000,
        amount_fen=20_000,
    )  # fmt: skip
    with pytest.raises(errors.StackingBroken), clock.standing_at(LATER):
        redeeming.redeem_vouchers(actor=given.system(), redemptions=[beside])
    assert given_vouchers.owed_fen(shop) == 60_000


def test_a_whole_return_gives_the_voucher_back_with_its_money():
    voucher = given_c.voucher()
    bought = buy(basket(voucher))
    receipt = give_back(bought, 520_000)

    assert (receipt.refund_fen, receipt.discount_back_fen) == (460_000, 60_000)
    assert given_vouchers.card(voucher.id).state is VoucherState.USABLE
    assert given_vouchers.owed_fen(bought.org_id) == 0
    assert given_c.free_fen(pool_code(voucher.pool_id)) == 9 * 60_000
    assert buy(basket(voucher, org_id=bought.org_id)).discount_fen == 60_000
    assert ledger.sum_check().difference_fen == 0


def test_sishui_2023_only_the_cash_part_is_refunded_and_the_value_goes_back_to_the_pool():
    voucher = given_c.voucher(given_c.campaign(quantity=1, on_return=OnReturn.TO_POOL))
    bought = buy(basket(voucher))
    receipt = give_back(bought, 520_000)

    assert receipt.refund_fen == 460_000
    assert given_vouchers.card(voucher.id).state is VoucherState.VOID
    assert given_c.free_fen(pool_code(voucher.pool_id)) == 60_000
    [pool] = models.Pool.objects.all()
    assert pool.remaining == 1
    with pytest.raises(errors.VoucherNotUsable):
        buy(basket(voucher, org_id=bought.org_id))
    assert ledger.sum_check().difference_fen == 0


def test_a_part_comes_back_and_the_discount_is_taken_anew_from_what_is_kept():
    voucher = given_c.voucher()
    bought = buy(basket(voucher, price_fen=500_000))
    receipt = give_back(bought, 200_000)  # keeps 3,000: 200 off instead of 600

    assert (receipt.kept_discount_fen, receipt.discount_back_fen) == (20_000, 40_000)
    assert receipt.refund_fen == 160_000
    assert given_vouchers.owed_fen(bought.org_id) == 20_000
    assert given_c.free_fen(pool_code(voucher.pool_id)) == 10 * 60_000 - 20_000
    assert given_vouchers.card(voucher.id).state is VoucherState.USED

    last = give_back(bought, 300_000)
    assert (last.refund_fen, last.kept_discount_fen) == (280_000, 0)
    assert given_vouchers.owed_fen(bought.org_id) == 0
    assert given_vouchers.card(voucher.id).state is VoucherState.USABLE
    assert ledger.sum_check().difference_fen == 0


def test_nobody_pays_for_returning_goods():
    voucher = given_c.voucher()
    bought = buy(basket(voucher, price_fen=200_000))
    receipt = give_back(bought, 100)  # 1,999 left: below the threshold
    assert (receipt.refund_fen, receipt.discount_back_fen) == (0, 100)
    assert receipt.kept_discount_fen == 19_900
    assert given_vouchers.owed_fen(bought.org_id) == 19_900


def test_a_return_is_replayed_by_its_request_and_never_exceeds_what_was_bought():
    voucher = given_c.voucher()
    bought, request_id = buy(basket(voucher, price_fen=500_000)), uuid4()
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=bought.org_id)
    first = give_back(bought, 200_000, actor=manager, request_id=request_id)
    assert give_back(bought, 200_000, actor=manager, request_id=request_id) == first
    for fen in (300_001, 0, -1):
        with pytest.raises(errors.PurchaseReturned):
            give_back(bought, fen)
    with pytest.raises(errors.PurchaseInvalid):
        give_back(bought, 100_000, reason="无")
    with pytest.raises(NotAllowed):
        give_back(bought, 100_000, actor=given.staff(Role.CASHIER, org_id=bought.org_id))
    with pytest.raises(errors.PurchaseUnknown):
        give_back(replace(bought, id=uuid4()), 1)
    assert models.PurchaseReturn.objects.count() == 1
    assert given_vouchers.owed_fen(bought.org_id) == 20_000
