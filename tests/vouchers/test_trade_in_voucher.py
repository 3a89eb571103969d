from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity import selectors as identity
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import (
    FunderUnknown,
    TradeInVoucherUnknown,
    TransitionImpossible,
    VoucherNotUsable,
)
from huanxin.vouchers.services import redeeming, trading_in
from huanxin.vouchers.types import NewTradeInVoucher, VoucherState
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

FUNDER = "funder:city"


@pytest.fixture
def ordered():
    """A 焕新券 of 60.00 for an order: the old unit is worth 45.00, the city adds 15.00."""
    who = given.person()
    new = NewTradeInVoucher(who.id, uuid4(), 4_500, 1_500, FUNDER, uuid4())
    issue(new)
    return new


def issue(*new):
    with clock.standing_at(gv.OPENS):
        return trading_in.issue_trade_in_vouchers(actor=given.system(), vouchers=new)


def activate(order_id, recycler=None):
    with clock.standing_at(gv.OPENS):
        return trading_in.activate_trade_in_voucher(
            actor=given.system(), order_id=order_id, recycler_org_id=recycler
        )


def void(order_id):
    with clock.standing_at(gv.OPENS):
        return trading_in.void_trade_in_voucher(
            actor=given.system(), order_id=order_id, reason="订单取消"
        )


def held_fen():
    return ledger.get_balance(FUNDER).debits_pending_fen


def test_it_waits_inactive_with_its_worth_held_of_the_funder(ordered):
    voucher = selectors.find_trade_in_voucher(ordered.order_id)
    assert (voucher.state, voucher.value_fen, voucher.cap_fen) == (
        VoucherState.INACTIVE, 6_000, None,
    )  # fmt: skip
    assert voucher.state.label == "待激活"
    assert voucher.region_path == given.CITY_PATH
    assert held_fen() == 6_000
    with pytest.raises(VoucherNotUsable):
        gv.spend(gv.redemption(voucher, amount_fen=6_000))


def test_handing_over_the_unit_activates_it_once(ordered):
    recycler = given.organisation(OrgKind.RECYCLER)
    assert activate(ordered.order_id, recycler).state is VoucherState.USABLE
    activate(ordered.order_id, recycler)
    owed = ledger.get_balance(f"receivable:{recycler}")
    assert owed.debits_posted_fen == 4_500  # the recycler kept the unit and paid no cash
    assert ledger.get_balance(FUNDER).credits_posted_fen == 4_500


def test_it_pays_beside_the_subsidy_in_one_sale(ordered):
    pool_id, shop, sale_id = gv.pool(), given.organisation(), uuid4()
    voucher = activate(ordered.order_id)
    with clock.standing_at(gv.OPENS):
        who = identity.get_person(ordered.person_id, given.system().scope)
    right, unit = gv.right(pool_id, who), gv.device()
    gv.spend(
        gv.redemption(right, org_id=shop, sale_id=sale_id, unit=unit),
        gv.redemption(voucher, org_id=shop, sale_id=sale_id, unit=unit, amount_fen=6_000),
    )
    legs = {t.key.leg: (t.debit, t.amount_fen) for t in ledger.transfers_of("sale", sale_id)}
    assert legs == {"subsidy": (f"pool:{pool_id}", 74_085), "trade_in": (FUNDER, 6_000)}
    assert gv.owed_fen(shop) == 80_085
    assert held_fen() == 6_000
    with clock.standing_at(gv.OPENS):
        redeeming.cancel_redemption(actor=given.system(), sale_id=sale_id, reason="退货")
    assert gv.card(voucher.id).state is gv.card(right.id).state is VoucherState.USABLE
    assert gv.owed_fen(shop) == 0
    assert held_fen() == 6_000
    assert ledger.sum_check().difference_fen == 0


def test_a_cancelled_order_voids_it_and_frees_the_funder(ordered):
    assert void(ordered.order_id).state is VoucherState.VOID
    assert void(ordered.order_id).state is VoucherState.VOID
    assert held_fen() == 0
    with pytest.raises(TransitionImpossible):
        activate(ordered.order_id)
    assert selectors.find_trade_in_voucher(ordered.order_id).state is VoucherState.VOID


def test_a_new_price_at_the_door_voids_one_and_issues_another(ordered):
    void(ordered.order_id)
    [second] = issue(replace(ordered, value_fen=3_000, request_id=uuid4()))
    assert activate(ordered.order_id).id == second
    voucher = selectors.find_trade_in_voucher(ordered.order_id)
    assert (voucher.id, voucher.value_fen) == (second, 4_500)
    assert held_fen() == 4_500


def test_a_used_one_cannot_be_voided(ordered):
    voucher = activate(ordered.order_id)
    gv.spend(gv.redemption(voucher, amount_fen=6_000))
    with pytest.raises(TransitionImpossible):
        void(ordered.order_id)
    assert held_fen() == 6_000


def test_a_retry_issues_nothing_new_and_other_content_is_refused(ordered):
    [first] = models.Voucher.objects.values_list("id", flat=True)
    assert issue(ordered) == [first]
    with pytest.raises(RequestReused):
        issue(replace(ordered, value_fen=9_000))
    with pytest.raises(IntegrityError, match="voucher_order_once"), transaction.atomic():
        issue(replace(ordered, request_id=uuid4()))
    assert held_fen() == 6_000


def test_somebody_must_pay_and_somebody_must_have_ordered(ordered):
    with pytest.raises(FunderUnknown):
        issue(replace(ordered, order_id=uuid4(), request_id=uuid4(), funder_code="pool:x"))
    with pytest.raises(TradeInVoucherUnknown):
        activate(uuid4())


def test_only_the_platform_issues_activates_and_voids(ordered):
    """Recycling decides who may book, collect and cancel (docs/adr/047)."""
    consumer, collector = given.consumer(), given.staff(Role.COLLECTOR)
    with pytest.raises(NotAllowed):
        trading_in.issue_trade_in_vouchers(actor=consumer, vouchers=[ordered])
    with pytest.raises(NotAllowed):
        trading_in.activate_trade_in_voucher(actor=collector, order_id=ordered.order_id)
    with pytest.raises(NotAllowed):
        trading_in.void_trade_in_voucher(actor=consumer, order_id=ordered.order_id, reason="试")
    assert selectors.find_trade_in_voucher(ordered.order_id).state is VoucherState.INACTIVE


def test_a_batch_is_issued_at_once():
    people = [given.person() for _ in range(3)]
    new = [NewTradeInVoucher(p.id, uuid4(), 4_500, 1_500, FUNDER, uuid4()) for p in people]
    assert len(set(issue(*new))) == 3
    assert held_fen() == 18_000
