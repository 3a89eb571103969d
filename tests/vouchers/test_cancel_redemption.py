from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as ledger_services
from huanxin.ledger.types import HoldKey
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import SaleUnknown
from huanxin.vouchers.services import redeeming
from huanxin.vouchers.types import VoucherState
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

LATER = gv.OPENS + timedelta(hours=10)


def cancel(sale_id, *, at=LATER, actor=None):
    with clock.standing_at(at):
        redeeming.cancel_redemption(
            actor=actor or given.system(), sale_id=sale_id, reason="七天退货"
        )


def test_a_return_frees_the_right_the_unit_and_the_money():
    pool_id, shop = gv.pool(), given.organisation()
    voucher = gv.right(pool_id)
    spent = gv.redemption(voucher, org_id=shop)
    gv.spend(spent)
    cancel(spent.sale_id)

    after = gv.card(voucher.id)
    assert (after.state, after.used_sale_id) == (VoucherState.USABLE, None)
    assert gv.owed_fen(shop) == 0
    assert gv.free_fen(pool_id) == 9 * gv.CAP_FEN  # held for the right again
    assert selectors.find_device_sale("海尔", spent.device.serial) is None
    assert ledger.sum_check().difference_fen == 0


def test_a_restored_right_buys_the_same_unit_again_and_may_be_returned_again():
    pool_id = gv.pool()
    voucher, unit = gv.right(pool_id), gv.device()
    for hour in (1, 2, 3):
        at = gv.OPENS + timedelta(hours=hour)
        spent = gv.redemption(voucher, unit=unit, at=at)
        gv.spend(spent, at=at)
        cancel(spent.sale_id)
    assert gv.card(voucher.id).state is VoucherState.USABLE
    assert gv.free_fen(pool_id) == 9 * gv.CAP_FEN
    assert models.Redemption.objects.count() == 3


def test_cancelling_twice_changes_nothing():
    voucher = gv.right()
    spent = gv.redemption(voucher)
    gv.spend(spent)
    cancel(spent.sale_id)
    again = gv.redemption(voucher, at=gv.OPENS + timedelta(hours=11))
    gv.spend(again, at=gv.OPENS + timedelta(hours=11))
    cancel(spent.sale_id)
    assert gv.card(voucher.id).used_sale_id == again.sale_id


def test_a_late_return_gives_the_right_a_full_new_validity():
    voucher = gv.right()
    spent = gv.redemption(voucher)
    gv.spend(spent)
    back = gv.OPENS + timedelta(days=5)
    cancel(spent.sale_id, at=back)
    assert gv.card(voucher.id).expires_at == back + timedelta(hours=48)


def test_an_early_return_leaves_the_remaining_time():
    voucher = gv.right()
    spent = gv.redemption(voucher)
    gv.spend(spent)
    cancel(spent.sale_id, at=gv.OPENS)
    assert gv.card(voucher.id).expires_at == gv.OPENS + timedelta(hours=48)


def test_money_already_paid_out_stays_with_settlement():
    pool_id, shop = gv.pool(), given.organisation()
    voucher = gv.right(pool_id)
    spent = gv.redemption(voucher, org_id=shop, amount_fen=1_000)
    gv.spend(spent)
    ledger_services.post_held(posts=[(HoldKey("sale", spent.sale_id, "subsidy"), None)])
    cancel(spent.sale_id)

    assert gv.card(voucher.id).state is VoucherState.USABLE
    [paid] = ledger.transfers_of("sale", spent.sale_id)
    assert paid.state == "posted"
    assert gv.free_fen(pool_id) == 9 * gv.CAP_FEN - 1_000
    assert ledger.sum_check().difference_fen == 0


def test_a_right_restored_to_an_empty_pool_holds_what_is_left():
    pool_id = gv.pool(quantity=2, budget_fen=gv.CAP_FEN)
    voucher = gv.right(pool_id)
    spent = gv.redemption(voucher, amount_fen=100_000)
    gv.spend(spent)
    ledger_services.post_held(posts=[(HoldKey("sale", spent.sale_id, "subsidy"), None)])
    cancel(spent.sale_id)

    assert models.Voucher.objects.get().reserve_fen == 50_000
    assert gv.free_fen(pool_id) == 0


def test_an_unknown_sale_and_another_shop_are_refused():
    shop = given.organisation()
    spent = gv.redemption(gv.right(), org_id=shop)
    gv.spend(spent)
    with pytest.raises(SaleUnknown):
        cancel(uuid4())
    with pytest.raises(NotAllowed):
        cancel(spent.sale_id, actor=given.staff(Role.MERCHANT_MANAGER, org_id=uuid4()))
    assert gv.owed_fen(shop) == spent.amount_fen
    cancel(spent.sale_id, actor=given.staff(Role.MERCHANT_MANAGER, org_id=shop))
    assert gv.owed_fen(shop) == 0
