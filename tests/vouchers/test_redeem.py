from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound, RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.ledger.errors import FundExhausted
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import (
    AmountAboveWorth,
    AmountNotPositive,
    DeviceAlreadySold,
    DeviceUnreadable,
    RedeemedInFuture,
    ShopOutsideRegion,
    VoucherBoundElsewhere,
    VoucherExpired,
    VoucherNotTheirs,
    VoucherNotUsable,
    VoucherOnHold,
)
from huanxin.vouchers.services import redeeming
from huanxin.vouchers.types import Device, RightChannel, VoucherState
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

AMOUNT_FEN = 74_085


def assert_nothing_spent(pool_id, voucher, org_id):
    assert gv.card(voucher.id).state is VoucherState.USABLE
    assert gv.owed_fen(org_id) == 0
    assert models.Redemption.objects.count() == 0
    assert models.DeviceLock.objects.count() == 0
    assert gv.free_fen(pool_id) == 9 * gv.CAP_FEN  # the reserve still stands


def test_redemption_swaps_the_reserve_for_the_exact_amount():
    pool_id, shop = gv.pool(), given.organisation()
    voucher = gv.right(pool_id)
    spent = gv.redemption(voucher, org_id=shop, amount_fen=AMOUNT_FEN)
    gv.spend(spent)

    after = gv.card(voucher.id)
    assert (after.state, after.used_sale_id) == (VoucherState.USED, spent.sale_id)
    assert gv.free_fen(pool_id) == 10 * gv.CAP_FEN - AMOUNT_FEN
    assert gv.owed_fen(shop) == AMOUNT_FEN
    [held] = ledger.transfers_of("sale", spent.sale_id)
    assert (held.key.leg, held.state, held.amount_fen) == ("subsidy", "pending", AMOUNT_FEN)
    assert selectors.find_device_sale("海尔", spent.device.serial.lower()) == spent.sale_id


def test_a_cashier_redeems_in_her_own_shop_only():
    voucher, shop = gv.right(), given.organisation()
    spent = gv.redemption(voucher, org_id=shop)
    stranger = given.staff(Role.CASHIER, org_id=uuid4())
    with clock.standing_at(spent.at):
        with pytest.raises(NotAllowed):
            redeeming.redeem_vouchers(actor=stranger, redemptions=[spent])
        cashier = given.staff(Role.CASHIER, org_id=shop)
        [receipt] = redeeming.redeem_vouchers(actor=cashier, redemptions=[spent])
    assert (receipt.sale_id, receipt.amount_fen) == (spent.sale_id, AMOUNT_FEN)


def test_a_voucher_spent_twice_pays_once():
    voucher, shop = gv.right(), given.organisation()
    gv.spend(gv.redemption(voucher, org_id=shop))
    with pytest.raises(VoucherNotUsable) as refusal:
        gv.spend(gv.redemption(voucher, org_id=shop))
    assert refusal.value.facts["state"] == "已使用"
    assert gv.owed_fen(shop) == AMOUNT_FEN
    assert models.DeviceLock.objects.count() == 1


def test_a_retry_is_answered_and_changes_nothing():
    voucher, shop = gv.right(), given.organisation()
    spent = gv.redemption(voucher, org_id=shop)
    gv.spend(spent)
    gv.spend(spent)
    gv.spend(spent, at=gv.ENDS)
    assert gv.owed_fen(shop) == AMOUNT_FEN
    with pytest.raises(RequestReused):
        gv.spend(replace(spent, amount_fen=1))


def test_one_serial_number_is_sold_once_whatever_the_shop_and_the_spelling():
    pool_id = gv.pool()
    first, second, shop = gv.right(pool_id), gv.right(pool_id), given.organisation()
    gv.spend(gv.redemption(first, unit=Device("海尔", "AB-12 34x")))
    with pytest.raises(DeviceAlreadySold):
        gv.spend(gv.redemption(second, org_id=shop, unit=Device("海 尔", "ａb1234X")))
    assert gv.card(second.id).state is VoucherState.USABLE
    assert gv.owed_fen(shop) == 0
    gv.spend(gv.redemption(second, org_id=shop, unit=Device("海信", "AB1234X")))


def test_one_imei_is_sold_once_under_whatever_serial():
    pool_id = gv.pool()
    imei = "490154203237518"
    gv.spend(gv.redemption(gv.right(pool_id), unit=gv.device(imei)))
    with pytest.raises(DeviceAlreadySold):
        gv.spend(gv.redemption(gv.right(pool_id), unit=gv.device(imei)))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"amount_fen": gv.CAP_FEN + 1}, AmountAboveWorth),
        ({"amount_fen": 0}, AmountNotPositive),
        ({"person_id": uuid4()}, VoucherNotTheirs),
        ({"at": gv.OPENS + timedelta(hours=1, seconds=1)}, RedeemedInFuture),
        ({"channel": RightChannel.UNIONPAY}, VoucherBoundElsewhere),
        ({"voucher_id": uuid4()}, NotFound),
        ({"device": Device("海尔", "12")}, DeviceUnreadable),
        ({"device": Device("", "SN123456")}, DeviceUnreadable),
        ({"device": Device("海尔", "SN123456", "490154203237519")}, DeviceUnreadable),
    ],
)
def test_what_may_not_be_redeemed_spends_nothing(change, refusal):
    pool_id, shop = gv.pool(), given.organisation()
    voucher = gv.right(pool_id)
    with pytest.raises(refusal):
        gv.spend(replace(gv.redemption(voucher, org_id=shop), **change))
    assert_nothing_spent(pool_id, voucher, shop)


def test_past_its_minute_it_is_refused_whatever_time_the_till_writes():
    pool_id, shop = gv.pool(), given.organisation()
    voucher = gv.right(pool_id)
    ends = gv.OPENS + timedelta(hours=48)
    with pytest.raises(VoucherExpired):
        gv.spend(gv.redemption(voucher, org_id=shop), at=ends)  # the loop has not booked it yet
    assert_nothing_spent(pool_id, voucher, shop)
    last = ends - timedelta(microseconds=1)
    gv.spend(gv.redemption(voucher, org_id=shop, at=last), at=last)


def test_the_shop_must_lie_in_the_region_that_pays():
    pool_id, elsewhere = gv.pool(), given.organisation(region_code="371521")
    voucher = gv.right(pool_id)
    with pytest.raises(ShopOutsideRegion):
        gv.spend(gv.redemption(voucher, org_id=elsewhere))
    assert_nothing_spent(pool_id, voucher, elsewhere)
    city_wide = gv.right(gv.pool(region_code="371500", programme="appliances-2025"))
    gv.spend(gv.redemption(city_wide, org_id=elsewhere))


def test_one_bad_sale_in_a_batch_spends_none_of_it():
    pool_id, shop = gv.pool(), given.organisation()
    good, bad = gv.right(pool_id), gv.right(pool_id)
    with pytest.raises(AmountAboveWorth):
        gv.spend(
            gv.redemption(good, org_id=shop),
            gv.redemption(bad, org_id=shop, amount_fen=gv.CAP_FEN + 1),
        )
    assert gv.owed_fen(shop) == 0
    assert gv.card(good.id).state is VoucherState.USABLE


def test_one_voucher_twice_in_a_batch_is_refused():
    voucher = gv.right()
    with pytest.raises(VoucherNotUsable):
        gv.spend(gv.redemption(voucher), gv.redemption(voucher))
    assert models.Redemption.objects.count() == 0


def test_a_batch_of_sales_is_spent_at_once():
    pool_id, shop = gv.pool(), given.organisation()
    spent = [gv.redemption(gv.right(pool_id), org_id=shop, amount_fen=1_000) for _ in range(5)]
    gv.spend(*spent)
    assert gv.owed_fen(shop) == 5_000
    assert gv.free_fen(pool_id) == 10 * gv.CAP_FEN - 5_000
    assert ledger.sum_check().difference_fen == 0


def test_a_pool_that_reserved_too_little_says_so_at_the_till():
    pool_id = gv.pool(quantity=2, budget_fen=gv.CAP_FEN, reserve_bps=5_000)
    first, second, shop = gv.right(pool_id), gv.right(pool_id), given.organisation()
    with pytest.raises(FundExhausted):
        gv.spend(gv.redemption(first, org_id=shop, amount_fen=75_001))
    gv.spend(gv.redemption(first, org_id=shop, amount_fen=50_000))
    gv.spend(gv.redemption(second, org_id=shop, amount_fen=100_000))
    assert gv.free_fen(pool_id) == 0


def test_a_voucher_locked_for_an_online_order_is_spent_by_that_order_only():
    voucher, sale_id = gv.right(), uuid4()
    system = given.system()
    with clock.standing_at(gv.OPENS):
        redeeming.lock_voucher(actor=system, voucher_id=voucher.id, sale_id=sale_id, org_id=sale_id)
        redeeming.lock_voucher(actor=system, voucher_id=voucher.id, sale_id=sale_id, org_id=sale_id)
        with pytest.raises(VoucherOnHold):
            redeeming.lock_voucher(
                actor=system, voucher_id=voucher.id, sale_id=uuid4(), org_id=uuid4()
            )
        with pytest.raises(VoucherNotUsable):
            redeeming.unlock_voucher(
                actor=system, voucher_id=voucher.id, sale_id=uuid4(), org_id=uuid4()
            )
    later = gv.OPENS + timedelta(minutes=29)
    with pytest.raises(VoucherOnHold):
        gv.spend(gv.redemption(voucher, at=later), at=later)
    gv.spend(gv.redemption(voucher, sale_id=sale_id, at=later), at=later)
    assert gv.card(voucher.id).state is VoucherState.USED


def test_a_dead_online_order_frees_the_voucher():
    voucher, sale_id = gv.right(), uuid4()
    with clock.standing_at(gv.OPENS):
        redeeming.lock_voucher(
            actor=given.system(), voucher_id=voucher.id, sale_id=sale_id, org_id=sale_id
        )
        redeeming.unlock_voucher(
            actor=given.system(), voucher_id=voucher.id, sale_id=sale_id, org_id=sale_id
        )
    assert gv.card(voucher.id).state is VoucherState.USABLE


def test_a_till_keeps_vouchers_for_its_own_shop_alone():
    voucher, org_id = gv.right(), given.organisation()
    till = given.staff(Role.CASHIER, org_id=org_id)
    asked = {"voucher_id": voucher.id, "sale_id": uuid4()}
    with clock.standing_at(gv.OPENS):
        with pytest.raises(NotAllowed):
            redeeming.lock_voucher(actor=till, org_id=given.organisation(), **asked)
        assert gv.card(voucher.id).state is VoucherState.USABLE
        redeeming.lock_voucher(actor=till, org_id=org_id, **asked)
        with pytest.raises(NotAllowed):
            redeeming.unlock_voucher(actor=till, org_id=given.organisation(), **asked)
        with pytest.raises(NotAllowed):
            redeeming.free_locks_of(
                actor=till, sale_id=asked["sale_id"], voucher_ids=[voucher.id],
                org_id=given.organisation(),
            )  # fmt: skip
    assert gv.card(voucher.id).state is VoucherState.LOCKED
