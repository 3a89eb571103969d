from datetime import timedelta

import pytest

from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers.errors import (
    ShopOutsideRegion,
    TillCodeExpired,
    TillCodeInvalid,
    TillCodeUsed,
    VoucherExpired,
    VoucherNotTheirs,
    VoucherNotUsable,
)
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


def test_each_way_a_code_can_fail_says_what_it_was(holder):
    shown = show(*holder)
    with pytest.raises(TillCodeExpired, match="截图不能使用"):
        take(shown.code, at=gv.OPENS + timedelta(seconds=60))
    take(shown.code, at=gv.OPENS + timedelta(seconds=59))
    with pytest.raises(TillCodeUsed):
        take(shown.code, at=gv.OPENS + timedelta(seconds=59))


def test_a_shop_of_another_region_hears_so_and_does_not_use_the_code_up(holder):
    shown = show(*holder)
    elsewhere = given.staff(Role.CASHIER, org_id=given.organisation(region_code="371521"))
    with pytest.raises(ShopOutsideRegion), clock.standing_at(gv.OPENS):
        till_codes.take_till_code(actor=elsewhere, code=shown.code)
    assert take(shown.code)


def test_past_its_minute_a_voucher_is_neither_shown_nor_taken(holder):
    actor, voucher = holder
    ends = voucher.expires_at
    with pytest.raises(VoucherExpired):
        show(actor, voucher, at=ends)  # whether or not the lapse has been booked
    shown = show(actor, voucher, at=ends - timedelta(seconds=20))
    assert shown.expires_at == ends
    with pytest.raises(TillCodeExpired):
        take(shown.code, at=ends)


def test_a_code_of_a_voucher_spent_since_is_refused(holder):
    shown = show(*holder)
    gv.spend(gv.redemption(holder[1], at=gv.OPENS), at=gv.OPENS)
    with pytest.raises(VoucherNotUsable):
        take(shown.code, at=gv.OPENS + timedelta(seconds=5))
