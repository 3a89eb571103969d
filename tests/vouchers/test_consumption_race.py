"""Promise 1 for a funder's money: campaigns, claims and tills race, and no fen is spent twice."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest
from django.db import connection

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, pool_code
from huanxin.vouchers import _campaigns, models
from huanxin.vouchers.errors import FunderWithoutMoney, VoucherNotUsable
from huanxin.vouchers.services import campaigning, purchasing
from huanxin.vouchers.types import ClaimOutcome, NewPurchase
from tests import given, given_vouchers
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db(transaction=True)
LATER = given_c.OPENS + timedelta(hours=2)


def opened_at_once(_number):
    with clock.standing_at(given_c.OPENS - timedelta(days=1)):
        return campaigning.open_campaign(
            actor=given.system(), pool=given_c.new_pool(), request_id=uuid4()
        )


def test_two_campaigns_race_for_money_that_reaches_for_one(race):
    given_c.prefunded(amount_fen=10 * 60_000 + 59_999)
    given.regions()
    outcomes = race(opened_at_once, 4)

    assert sum(isinstance(one, FunderWithoutMoney) for one in outcomes) == 3
    assert given_c.free_fen() == 59_999
    assert models.Pool.objects.count() == models.PoolTerms.objects.count() == 1
    assert ledger.sum_check().difference_fen == 0


@contextmanager
def stale_reads(count):
    """The control: the funder's balance is looked at without being locked, by all at once."""
    barrier = threading.Barrier(count)

    def unlocked(*, codes):
        found = ledger.balances(codes)
        barrier.wait(timeout=20)
        return {code: found.get(code, Balance()) for code in codes}

    with mock.patch.object(_campaigns.ledger, "lock_accounts", unlocked):
        yield


def funder_guard(switch):
    """Whether the database too keeps a funder above zero, and lifting it for a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = 'balance_never_overspent'"
        )
        [definition] = cursor.fetchone()
        cursor.execute(switch(definition))
    return definition


def test_control_without_lock_and_guard_the_funder_is_overspent(race):
    given_c.prefunded(amount_fen=10 * 60_000)
    given.regions()
    drop = "ALTER TABLE ledger_balance DROP CONSTRAINT balance_never_overspent"
    definition = funder_guard(lambda _: drop)
    try:
        no_rule = mock.patch("huanxin.ledger.rules.GUARDED", frozenset())
        with stale_reads(2), no_rule:
            outcomes = race(opened_at_once, 2)
        assert not any(isinstance(one, Exception) for one in outcomes), outcomes
        assert given_c.free_fen() == -10 * 60_000
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE ledger_balance CASCADE")
            cursor.execute(
                f"ALTER TABLE ledger_balance ADD CONSTRAINT balance_never_overspent {definition}"
            )


def test_thirty_claims_on_ten_vouchers_issue_ten(race):
    card = given_c.campaign(quantity=10)
    people = [given.person() for _ in range(30)]
    outcomes = race(lambda n: given_c.claims([given_c.claim(card, people[n])])[0].outcome, 30)

    assert outcomes.count(ClaimOutcome.WON) == 10
    assert outcomes.count(ClaimOutcome.SOLD_OUT) == 20
    assert models.Voucher.objects.count() == 10
    assert given_c.free_fen(pool_code(card.id)) == 0
    assert ledger.sum_check().difference_fen == 0


def test_one_person_on_six_channels_gets_one_of_a_round(race):
    limit = {"limit_per": "round"}
    cards = [given_c.campaign(prefund=n == 0, **limit) for n in range(2)]
    who = given.person()
    outcomes = race(lambda n: given_c.claims([given_c.claim(cards[n % 2], who)])[0].outcome, 6)

    assert outcomes.count(ClaimOutcome.WON) == 1
    assert outcomes.count(ClaimOutcome.ALREADY_YOURS) == 5
    assert models.Voucher.objects.count() == 1


def test_two_tills_race_for_one_voucher(race):
    voucher, shop = given_c.voucher(), given_c.shop()
    new = NewPurchase(shop, "1号台", (voucher.id,), "refrigerator", 520_000)
    cashier = given.staff(Role.CASHIER, org_id=shop)

    def buy(_number):
        with clock.standing_at(LATER):
            return purchasing.buy(actor=cashier, purchase=new, request_id=uuid4())

    outcomes = race(buy, 4)
    assert sum(isinstance(one, VoucherNotUsable) for one in outcomes) == 3
    assert models.Purchase.objects.count() == 1
    assert given_vouchers.owed_fen(shop) == 60_000
    assert ledger.sum_check().difference_fen == 0


def test_returns_and_claims_race_without_waiting_for_each_other_in_a_ring(race):
    """A return to the pool locks the pool first, as a claim does."""
    card = given_c.campaign(quantity=4, on_return="to_pool")
    shop, people = given_c.shop(), [given.person() for _ in range(4)]
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=shop)
    bought = []
    for who in people[:2]:
        voucher = given_c.voucher(card, who)
        new = NewPurchase(shop, "1号台", (voucher.id,), "refrigerator", 520_000)
        with clock.standing_at(LATER):
            bought.append(purchasing.buy(actor=manager, purchase=new, request_id=uuid4()))

    def step(number):
        with clock.standing_at(LATER):
            if number < 2:
                return purchasing.return_purchase(
                    actor=manager, purchase_id=bought[number].id, returned_fen=520_000,
                    reason="顾客退货", request_id=uuid4(),
                ).refund_fen  # fmt: skip
            return given_c.claims([given_c.claim(card, people[number])], at=LATER)[0].outcome

    assert race(step, 4) == [460_000, 460_000, ClaimOutcome.WON, ClaimOutcome.WON]
    assert models.Pool.objects.get().remaining == 2
    assert given_c.free_fen(pool_code(card.id)) == 2 * 60_000
    assert ledger.sum_check().difference_fen == 0
