"""Who is in the violation library sells nothing, buys nothing on subsidy and is not paid."""

from datetime import timedelta

import pytest

from huanxin.claims import models
from huanxin.claims.errors import MerchantNotAdmitted, PartyRestricted
from huanxin.claims.services import releasing, selling
from huanxin.claims.types import ClaimStage
from huanxin.identity.services import restricting
from huanxin.identity.types import RestrictionKind, Role
from huanxin.kernel import clock
from tests import given, given_claims

pytestmark = pytest.mark.django_db
IMEI = "490154203237518"


def bar(kind, key, *, to_on=None):
    on = clock.business_day(given_claims.SOLD_AT)
    restricting.restrict(
        actor=given.system(), kind=kind, key=str(key), reason="倒卖补贴资格",
        from_on=on - timedelta(days=1), to_on=to_on,
    )  # fmt: skip


def refused(till, refusal, **changes):
    with clock.standing_at(given_claims.SOLD_AT), pytest.raises(refusal) as quoted:
        selling.quote_sale(actor=till.cashier, sale=till.sale)
    with pytest.raises(refusal):
        till.sell(**changes)
    assert models.Sale.objects.count() == 0
    return quoted.value


def test_a_restricted_buyer_is_refused_and_the_till_is_not_told_why():
    till = given_claims.till()
    bar(RestrictionKind.PERSON, till.buyer.id)

    refusal = refused(till, PartyRestricted)

    assert "购买人" in refusal.message
    assert "另行通知" in refusal.message
    assert "倒卖" not in refusal.message


@pytest.mark.parametrize("by", ["serial", "imei"])
def test_a_restricted_unit_is_refused_however_it_is_typed(by):
    till = given_claims.till(serial="sn-9999 01", imei=IMEI)
    key = f"{given_claims.BRAND}|SN999901" if by == "serial" else f"imei:{IMEI}"
    bar(RestrictionKind.DEVICE, key)

    assert "该台商品" in refused(till, PartyRestricted).message


def test_a_suspended_shop_sells_nothing():
    till = given_claims.till()
    bar(RestrictionKind.ORGANISATION, till.sale.merchant_id)

    refused(till, MerchantNotAdmitted)


def test_a_restriction_that_ended_yesterday_refuses_nobody():
    till = given_claims.till()
    bar(RestrictionKind.PERSON, till.buyer.id, to_on=clock.business_day(given_claims.SOLD_AT))

    assert till.sell().subsidy_fen > 0


def test_a_suspended_shops_claims_are_not_paid_until_it_is_let_in_again():
    till, claim = given_claims.decided()
    assert claim.card.stage is ClaimStage.PASSED
    restriction_id = restricting.restrict(
        actor=given.system(), kind=RestrictionKind.ORGANISATION, key=str(till.sale.merchant_id),
        reason="伪造送货单", from_on=clock.business_day(given_claims.SOLD_AT),
    )  # fmt: skip

    def release():
        with clock.standing_at(given_claims.SOLD_AT + timedelta(days=1)):
            return releasing.release_claims(actor=given.system(), claim_ids=[claim.card.claim_id])

    assert release() == []
    restricting.ask_to_lift(
        actor=given.system(), restriction_id=restriction_id, reason="处理决定已撤销"
    )
    restricting.lift(
        actor=given.staff(Role.OPERATOR, region_path=given.CITY_PATH),
        restriction_id=restriction_id,
    )
    assert len(release()) == 1
