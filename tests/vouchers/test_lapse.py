from datetime import timedelta

import pytest

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import selectors
from huanxin.vouchers.errors import VoucherNotUsable
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
        redeeming.lock_voucher(actor=given.system(), voucher_id=locked.id, sale_id=locked.id)
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
    spent = gv.redemption(voucher, org_id=shop, at=ENDS - timedelta(minutes=1))

    def act(number):
        if number:
            return lapse(ENDS)
        return gv.spend(spent, at=ENDS)

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
