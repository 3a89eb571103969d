"""Rights made with their redemption, and limits by household, dwelling and vehicle."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.errors import HouseholdInvalid, NotAllowed
from huanxin.identity.services import registering
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import (
    HolderTotalReached,
    HolderUnknown,
    NotEligible,
    PoolExhausted,
    RightTaken,
)
from huanxin.vouchers.services import making, redeeming
from huanxin.vouchers.types import ClaimOutcome, HolderKind, NewRight
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

LATE = gv.ENDS + timedelta(days=3)  # the release is over; a back-filled claim comes later


def make(pool_id, who, *, holder_key="", request_id=None, category="refrigerator", at=LATE):
    new = NewRight(who.id, pool_id, category, request_id or uuid4(), holder_key)
    with clock.standing_at(at):
        return making.make_right(actor=given.system(), right=new)


def holder_pool(kind, *, total_fen=None, codes=("refrigerator",)):
    lines = dict.fromkeys(codes, (gv.CAP_FEN, 1))
    return gv.pool(lines=lines, holder=kind, total_fen=total_fen)


def test_a_made_right_takes_a_place_and_money_and_is_spent_like_any_other():
    pool_id, who = gv.pool(quantity=2), given.person()
    request_id = uuid4()
    voucher_id = make(pool_id, who, request_id=request_id)
    assert make(pool_id, who, request_id=request_id) == voucher_id
    assert gv.free_fen(pool_id) == gv.CAP_FEN
    assert selectors.get_pool(pool_id).remaining == 1
    with pytest.raises(RequestReused):
        make(pool_id, given.person(), request_id=request_id)
    gv.spend(gv.redemption(gv.card(voucher_id), at=LATE), at=LATE)
    assert ledger.sum_check().difference_fen == 0


def test_a_right_that_was_claimed_or_used_is_not_made_again():
    pool_id, who = gv.pool(), given.person()
    voucher = gv.right(pool_id, who)
    with pytest.raises(RightTaken):
        make(pool_id, who, at=gv.OPENS)
    gv.spend(gv.redemption(voucher))
    with pytest.raises(RightTaken):
        make(pool_id, who)
    made = make(pool_id, given.person(), at=gv.OPENS)
    [answer] = gv.claims(gv.claim(pool_id, gv.card(made).person_id), at=gv.OPENS)
    assert answer.outcome is ClaimOutcome.ALREADY_YOURS


def test_without_place_money_or_real_name_nothing_is_made():
    empty, poor = gv.pool(quantity=1), gv.pool(quantity=5, budget_fen=gv.CAP_FEN)
    make(empty, given.person())
    make(poor, given.person())
    for pool_id in (empty, poor):
        with pytest.raises(PoolExhausted):
            make(pool_id, given.person())
    with pytest.raises(NotEligible):
        make(gv.pool(), given.person(is_verified=False))
    with pytest.raises(NotAllowed):
        making.make_right(
            actor=given.staff(Role.CASHIER, org_id=given.organisation()),
            right=NewRight(given.person().id, empty, "refrigerator", uuid4()),
        )
    assert models.Voucher.objects.count() == 2


def test_two_of_one_household_share_one_right():
    pool_id = holder_pool(HolderKind.HOUSEHOLD)
    one, other, stranger = (given.person() for _ in range(3))
    for who in (one, other):
        registering.record_household(
            actor=given.system(), person_id=who.id, household_no="3715 0200-1234"
        )
    make(pool_id, one)
    with pytest.raises(RightTaken) as refusal:
        make(pool_id, other)
    assert refusal.value.facts["holder"] == "家庭"
    with pytest.raises(HolderUnknown):
        make(pool_id, stranger)  # nobody knows her household
    with pytest.raises(HouseholdInvalid):
        registering.record_household(actor=given.system(), person_id=one.id, household_no="12")
    assert models.Voucher.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "mine", "wrong"),
    [
        (HolderKind.VEHICLE, "vehicle:LSVAA2180E2123456", "dwelling:1"),
        (HolderKind.DWELLING, "dwelling:371502-8-2-301", ""),
    ],
)
def test_a_vehicle_or_dwelling_counts_once_whoever_owns_it(kind, mine, wrong):
    pool_id = holder_pool(kind)
    make(pool_id, given.person(), holder_key=mine)
    with pytest.raises(RightTaken):
        make(pool_id, given.person(), holder_key=mine)
    with pytest.raises(HolderUnknown):
        make(pool_id, given.person(), holder_key=wrong)
    make(pool_id, given.person(), holder_key=mine + "2")
    assert models.Voucher.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_control_one_household_raced_by_two_people_gets_one_right(race):
    pool_id, people = holder_pool(HolderKind.HOUSEHOLD), [given.person() for _ in range(4)]
    for who in people:
        registering.record_household(
            actor=given.system(), person_id=who.id, household_no="371502001"
        )
    outcomes = race(lambda n: make(pool_id, people[n]), 4)
    assert sum(isinstance(one, RightTaken) for one in outcomes) == 3
    assert models.Voucher.objects.count() == 1
    row = models.Voucher.objects.get()
    row.id, row.number, row.request_id = uuid4(), "BT-2", uuid4()
    row.person_id, row.reserve_cause_id = people[1].id, row.id
    with pytest.raises(IntegrityError, match="voucher_right_once"):
        row.save(force_insert=True)


def spend_of(household, pool_id, category, amount_fen):
    who = given.person()
    registering.record_household(actor=given.system(), person_id=who.id, household_no=household)
    voucher = gv.card(make(pool_id, who, category=category))
    return gv.redemption(voucher, amount_fen=amount_fen, at=LATE)


def test_a_households_total_is_kept_and_a_return_gives_it_back():
    codes = ("refrigerator", "washer", "tv")
    pool_id = holder_pool(HolderKind.HOUSEHOLD, total_fen=200_000, codes=codes)
    spent = [spend_of("371502001", pool_id, code, 90_000) for code in codes]
    gv.spend(spent[0], at=LATE)
    gv.spend(spent[1], at=LATE)
    with pytest.raises(HolderTotalReached) as refusal:
        gv.spend(spent[2], at=LATE)
    assert refusal.value.facts["limit"] == "¥2,000.00"
    key = models.Voucher.objects.get(pk=spent[0].voucher_id).holder_key
    assert selectors.used_of_holder_fen(gv.PROGRAMME, key) == 180_000
    with clock.standing_at(LATE):
        redeeming.cancel_redemption(actor=given.system(), sale_id=spent[0].sale_id, reason="退货")
    gv.spend(spent[2], at=LATE)
    assert selectors.used_of_holder_fen(gv.PROGRAMME, key) == 180_000


@pytest.mark.django_db(transaction=True)
def test_a_households_total_holds_when_its_members_buy_at_once(race):
    codes = ("refrigerator", "washer", "tv", "phone")
    pool_id = holder_pool(HolderKind.HOUSEHOLD, total_fen=200_000, codes=codes)
    spent = [spend_of("371502001", pool_id, code, 90_000) for code in codes]
    outcomes = race(lambda n: gv.spend(spent[n], at=LATE), 4)
    assert sum(one is None for one in outcomes) == 2
    assert sum(isinstance(one, HolderTotalReached) for one in outcomes) == 2
    assert models.HolderTotal.objects.get().used_fen == 180_000


def test_control_without_the_condition_the_constraint_still_keeps_the_total():
    models.HolderTotal.objects.create(
        programme="p", holder_key="household:x", limit_fen=200_000, used_fen=180_000
    )
    with pytest.raises(IntegrityError, match="holder_total_kept"), transaction.atomic():
        models.HolderTotal.objects.update(used_fen=270_000)
