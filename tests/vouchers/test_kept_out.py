"""A shop in the violation library opens no campaign, takes no voucher and is not paid meanwhile."""

from datetime import timedelta

import pytest

from huanxin.identity.services import restricting
from huanxin.identity.types import RestrictionKind, Role
from huanxin.kernel import clock
from huanxin.ledger.types import funder_code
from huanxin.vouchers import models
from huanxin.vouchers.errors import PurchaseInvalid, ShopKeptOut
from huanxin.vouchers.services import purchasing
from tests import given
from tests import given_consumption as given_c
from tests.vouchers.test_consumption_purchase import LATER, basket, buy

pytestmark = pytest.mark.django_db


def bar(shop, at):
    with clock.standing_at(at):
        restricting.restrict(
            actor=given.system(), kind=RestrictionKind.ORGANISATION, key=str(shop),
            reason="倒卖消费券", from_on=clock.business_day(at),
        )  # fmt: skip


def test_a_kept_out_shop_opens_no_campaign():
    shop = given_c.shop()
    given_c.prefunded(funder_code(shop))
    of = given_c.terms(funder_code=funder_code(shop), merchant_ids=(shop,))
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=shop)
    bar(shop, given_c.OPENS - timedelta(days=1))

    with pytest.raises(ShopKeptOut):
        given_c.opened(given_c.new_pool(of), actor=manager)

    assert models.Pool.objects.count() == 0


def test_a_kept_out_shop_takes_no_voucher():
    new = basket(given_c.voucher())
    bar(new.org_id, LATER)

    with pytest.raises(PurchaseInvalid):
        buy(new)

    assert models.Purchase.objects.count() == 0


def test_what_a_kept_out_shop_took_before_is_not_paid_until_it_is_let_in():
    card = buy(basket(given_c.voucher()))
    bar(card.org_id, LATER + timedelta(days=1))

    def release(at):
        with clock.standing_at(at):
            return purchasing.release_purchases(actor=given.system(), purchase_ids=[card.id])

    assert release(LATER + timedelta(days=1)) == []
    assert len(release(LATER)) == 1  # the control: the day before, nothing kept it back
