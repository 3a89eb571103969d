from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import HoldTooLong, VoucherNotUsable, VoucherOnHold
from huanxin.vouchers.services import lapsing, redeeming
from huanxin.vouchers.types import ClaimOutcome, VoucherState
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

ENDS = gv.OPENS + timedelta(hours=48)


def lapse(at, limit=1000):
    with clock.standing_at(at):
        return lapsing.lapse_due(actor=given.system(), limit=limit)


def test_a_voucher_lapses_at_the_minute_and_gives_money_and_place_back():
    pool_id = gv.pool(quantity=1)
    voucher = gv.right(pool_id)
    assert lapse(ENDS - timedelta(seconds=1)) == 0
    assert gv.free_fen(pool_id) == 0
    assert lapse(ENDS) == 1

    assert gv.card(voucher.id).state is VoucherState.LAPSED
    assert gv.free_fen(pool_id) == gv.CAP_FEN
    assert selectors.get_pool(pool_id).remaining == 1
    assert ledger.sum_check().difference_fen == 0
    assert lapse(ENDS) == 0


def test_a_lapsed_voucher_is_worth_nothing():
    voucher = gv.right()
    lapse(ENDS)
    with pytest.raises(VoucherNotUsable) as refusal:
        gv.spend(gv.redemption(voucher))
    assert refusal.value.facts["state"] == "已失效"


def test_whoever_let_it_lapse_may_claim_again_and_so_may_others():
    pool_id, who = gv.pool(quantity=1), given.person()
    gv.right(pool_id, who)
    other = gv.claim(pool_id, given.person())
    assert gv.claims(other)[0].outcome is ClaimOutcome.SOLD_OUT
    lapse(ENDS)
    answers = gv.claims(gv.claim(pool_id, who), other, at=ENDS)
    assert [a.outcome for a in answers] == [ClaimOutcome.WON, ClaimOutcome.SOLD_OUT]


def test_used_and_locked_vouchers_do_not_lapse():
    pool_id = gv.pool()
    used, locked = gv.right(pool_id), gv.right(pool_id)
    gv.spend(gv.redemption(used))
    with clock.standing_at(gv.OPENS):
        redeeming.lock_voucher(
            actor=given.system(), voucher_id=locked.id, sale_id=locked.id, org_id=locked.id
        )
    assert lapse(ENDS) == 0
    assert gv.card(used.id).state is VoucherState.USED
    assert gv.card(locked.id).state is VoucherState.LOCKED


def test_many_lapse_in_bounded_steps():
    pool_id = gv.pool(quantity=5)
    for _ in range(5):
        gv.right(pool_id)
    assert [lapse(ENDS, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert gv.free_fen(pool_id) == 5 * gv.CAP_FEN


@pytest.mark.django_db(transaction=True)
def test_lapse_and_redemption_race_for_one_voucher_and_one_of_them_wins(race):
    pool_id, shop = gv.pool(quantity=1), given.organisation()
    voucher = gv.right(pool_id)
    last = ENDS - timedelta(minutes=1)
    spent = gv.redemption(voucher, org_id=shop, at=last)

    def act(number):
        if number:
            return lapse(ENDS)
        return gv.spend(spent, at=last)

    outcomes = race(act, 2)
    if gv.card(voucher.id).state is VoucherState.USED:
        assert outcomes == [None, 0]
        assert gv.free_fen(pool_id) == gv.CAP_FEN - spent.amount_fen
    else:
        assert isinstance(outcomes[0], VoucherNotUsable)
        assert outcomes[1] == 1
        assert gv.free_fen(pool_id) == gv.CAP_FEN
    assert ledger.sum_check().difference_fen == 0


@pytest.mark.django_db(transaction=True)
def test_lapse_and_the_holders_new_claim_do_not_deadlock(race):
    pool_id, who = gv.pool(quantity=2), given.person()
    gv.right(pool_id, who)
    asked = gv.claim(pool_id, who)
    outcomes = race(lambda n: lapse(ENDS) if n else gv.claims(asked, at=ENDS)[0].outcome, 2)
    assert outcomes[1] == 1
    assert outcomes[0] in {ClaimOutcome.WON, ClaimOutcome.ALREADY_YOURS}
    assert ledger.sum_check().difference_fen == 0


def test_a_lock_past_its_deadline_is_none_even_before_the_timer_comes():
    pool_id, order_id = gv.pool(), uuid4()
    voucher = gv.right(pool_id)
    until = gv.OPENS + timedelta(minutes=30)
    with clock.standing_at(gv.OPENS):
        redeeming.lock_voucher(
            actor=given.system(), voucher_id=voucher.id, sale_id=order_id, org_id=order_id
        )
    with pytest.raises(VoucherOnHold):
        gv.spend(gv.redemption(voucher, at=gv.OPENS), at=until - timedelta(seconds=1))
    gv.spend(gv.redemption(voucher, at=until), at=until)
    assert gv.card(voucher.id).state is VoucherState.USED


def test_locks_are_freed_at_their_deadline_and_lapse_right_after_their_own_end():
    pool_id = gv.pool(quantity=1)
    voucher = gv.right(pool_id)
    last = ENDS - timedelta(minutes=1)
    with clock.standing_at(last):
        redeeming.lock_voucher(
            actor=given.system(), voucher_id=voucher.id, sale_id=voucher.id, org_id=voucher.id
        )
    due = last + timedelta(minutes=30)
    assert lapse(ENDS) == 0  # the order keeps it beyond its own end
    with clock.standing_at(due - timedelta(seconds=1)):
        assert redeeming.free_due_locks(actor=given.system()) == 0
    with clock.standing_at(due):
        assert [redeeming.free_due_locks(actor=given.system()) for _ in range(2)] == [1, 0]
    assert lapse(due) == 1
    assert gv.free_fen(pool_id) == gv.CAP_FEN


@pytest.mark.parametrize("minutes", [0, -1, 31])
def test_an_order_keeps_a_right_for_half_an_hour_at_most(minutes):
    voucher = gv.right()
    with pytest.raises(HoldTooLong), clock.standing_at(gv.OPENS):
        redeeming.lock_voucher(
            actor=given.system(), voucher_id=voucher.id, sale_id=voucher.id, org_id=voucher.id,
            until=gv.OPENS + timedelta(minutes=minutes),
        )  # fmt: skip
    assert gv.card(voucher.id).state is VoucherState.USABLE


def test_a_clock_that_jumps_lapses_each_once():
    pool_id = gv.pool(quantity=2)
    gv.right(pool_id)
    gv.right(pool_id, at=gv.OPENS + timedelta(hours=1))
    months, back = gv.OPENS + timedelta(days=90), gv.OPENS + timedelta(hours=2)
    assert [lapse(at) for at in (months, back, months)] == [2, 0, 0]
    assert gv.free_fen(pool_id) == 2 * gv.CAP_FEN
    assert models.Pool.objects.get(pk=pool_id).remaining == 2
