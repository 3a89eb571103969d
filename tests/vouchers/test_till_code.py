from datetime import timedelta

import pytest

from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers.errors import TillCodeInvalid, VoucherNotTheirs, VoucherNotUsable
from huanxin.vouchers.services import till_codes
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder():
    who = given.person()
    return given.consumer(who), gv.right(gv.pool(), who)


def show(actor, *vouchers, at=gv.OPENS):
    with clock.standing_at(at):
        return till_codes.till_code(actor=actor, voucher_ids=[v.id for v in vouchers])


def take(code, at=gv.OPENS):
    with clock.standing_at(at):
        return till_codes.take_till_code(actor=given.staff(Role.CASHIER), code=code)


def test_a_till_takes_a_shown_code_once(holder):
    actor, voucher = holder
    shown = show(actor, voucher)
    assert (len(shown.code), shown.code.isdigit()) == (12, True)
    assert [card.id for card in take(shown.code)] == [voucher.id]
    with pytest.raises(TillCodeInvalid):
        take(shown.code)


def test_a_code_lives_for_sixty_seconds(holder):
    shown = show(*holder)
    assert shown.expires_at == gv.OPENS + timedelta(seconds=60)
    with pytest.raises(TillCodeInvalid):
        take(shown.code, at=gv.OPENS + timedelta(seconds=60))


def test_a_new_code_ends_the_one_before(holder):
    first, second = show(*holder), show(*holder)
    with pytest.raises(TillCodeInvalid):
        take(first.code)
    assert take(second.code)


def test_nobody_shows_anothers_voucher_or_a_used_one(holder):
    actor, voucher = holder
    with pytest.raises(NotAllowed):
        show(given.consumer(), voucher)
    with pytest.raises(VoucherNotTheirs):
        show(actor, voucher, gv.right())
    gv.spend(gv.redemption(voucher))
    with pytest.raises(VoucherNotUsable):
        show(actor, voucher)


def test_a_guessed_code_opens_nothing(holder):
    show(*holder)
    with pytest.raises(TillCodeInvalid):
        take("000000000000")


@pytest.mark.django_db(transaction=True)
def test_two_tills_racing_for_one_code_get_it_once(race):
    who = given.person()
    shown = show(given.consumer(who), gv.right(gv.pool(), who))
    outcomes = race(lambda _: take(shown.code), 4)
    assert sum(isinstance(x, list) for x in outcomes) == 1
    assert sum(isinstance(x, TillCodeInvalid) for x in outcomes) == 3
