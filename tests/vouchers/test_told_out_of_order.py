"""Steps of a sale told late, twice or by another shop: no fen moves and nothing waits in a ring."""

from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from huanxin.identity.services import registering
from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as ledger_services
from huanxin.ledger.types import AccountKind, Leg, NewAccount
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import AmountNotPositive, SaleUndone
from huanxin.vouchers.services import redeeming, trading_in
from huanxin.vouchers.types import HolderKind, NewTradeInVoucher, Reduction, VoucherState
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

LATER = gv.OPENS.replace(hour=10)
FUNDER = "funder:campaign-order"


def household_sale(amount_fen=90_000, total_fen=200_000):
    """A right whose amounts a household shares, spent on a sale."""
    pool_id = gv.pool(holder=HolderKind.HOUSEHOLD, total_fen=total_fen)
    who = given.person()
    registering.record_household(actor=given.system(), person_id=who.id, household_no="371502001")
    voucher = gv.right(pool_id, who)
    spent = gv.redemption(voucher, amount_fen=amount_fen)
    gv.spend(spent, at=LATER)
    return spent


def used_fen():
    return models.HolderTotal.objects.get().used_fen


def reduce(sale_id, step, amount_fen):
    with clock.standing_at(LATER):
        return redeeming.reduce_redemption(
            actor=given.system(), reduction=Reduction(sale_id, step, amount_fen, "保价差额")
        )


def cancel(sale_id):
    with clock.standing_at(LATER):
        redeeming.cancel_redemption(actor=given.system(), sale_id=sale_id, reason="退货")


def trade_in(who, worth_fen=6_000):
    """An active 焕新券 whose funder has exactly its worth."""
    ledger_services.open_accounts(
        accounts=[NewAccount(FUNDER, AccountKind.FUNDER), NewAccount("bank:test", AccountKind.BANK)]
    )
    ledger_services.post_transfers(
        legs=[Leg("test", uuid4(), "in", "bank:test", FUNDER, worth_fen)]
    )
    new = NewTradeInVoucher(who.id, uuid4(), worth_fen, 0, FUNDER, uuid4())
    with clock.standing_at(gv.OPENS):
        [voucher_id] = trading_in.issue_trade_in_vouchers(actor=given.system(), vouchers=[new])
        trading_in.activate_trade_in_voucher(actor=given.system(), order_id=new.order_id)
    return gv.card(voucher_id)


def test_a_reduction_told_after_a_later_one_changes_nothing():
    spent = household_sale()
    assert reduce(spent.sale_id, 2, 50_000) is True
    assert reduce(spent.sale_id, 1, 80_000) is True
    assert (gv.owed_fen(spent.org_id), used_fen()) == (50_000, 50_000)
    assert models.Reduction.objects.count() == 1
    cancel(spent.sale_id)
    assert (gv.owed_fen(spent.org_id), used_fen()) == (0, 0)


def test_a_step_told_again_with_another_amount_is_refused():
    spent = household_sale()
    reduce(spent.sale_id, 1, 50_000)
    reduce(spent.sale_id, 1, 50_000)
    with pytest.raises(RequestReused):
        reduce(spent.sale_id, 1, 40_000)
    with pytest.raises(AmountNotPositive):
        reduce(spent.sale_id, 2, -1)
    assert gv.owed_fen(spent.org_id) == 50_000


def test_a_sale_reduced_to_nothing_was_not_posted_and_may_be_owed_again():
    spent = household_sale()
    assert reduce(spent.sale_id, 1, 0) is True
    assert gv.owed_fen(spent.org_id) == 0
    assert reduce(spent.sale_id, 2, 10_000) is True
    assert (gv.owed_fen(spent.org_id), used_fen()) == (10_000, 10_000)


def test_what_comes_back_counts_even_where_the_limit_is_lower_by_now():
    spent = household_sale(amount_fen=90_000)
    models.HolderTotal.objects.update(used_fen=290_000, limit_fen=300_000)  # by another line's
    reduce(spent.sale_id, 1, 60_000)
    row = models.HolderTotal.objects.get()
    assert (row.used_fen, row.limit_fen) == (260_000, 300_000)


def test_a_voucher_is_not_added_to_a_sale_that_was_undone():
    who = given.person()
    first, beside = gv.right(who=who), trade_in(who)
    spent = gv.redemption(first)
    gv.spend(spent, at=LATER)
    cancel(spent.sale_id)
    late = gv.redemption(
        beside, org_id=spent.org_id, amount_fen=6_000, unit=spent.device, sale_id=spent.sale_id
    )
    with pytest.raises(SaleUndone):
        gv.spend(late, at=LATER)
    assert gv.card(beside.id).state is VoucherState.USABLE
    assert gv.owed_fen(spent.org_id) == 0
    gv.spend(spent, at=LATER)  # the first request told again is answered and changes nothing
    assert gv.card(first.id).state is VoucherState.USABLE


def test_another_shop_cannot_add_a_voucher_to_a_sale():
    who = given.person()
    first, beside = gv.right(who=who), trade_in(who)
    spent = gv.redemption(first)
    gv.spend(spent, at=LATER)
    theirs = gv.redemption(beside, amount_fen=6_000, unit=spent.device, sale_id=spent.sale_id)
    assert theirs.org_id != spent.org_id
    with pytest.raises(RequestReused):
        gv.spend(theirs, at=LATER)
    assert gv.card(beside.id).state is VoucherState.USABLE
    assert gv.owed_fen(theirs.org_id) == 0


def test_a_return_is_not_refused_when_the_funder_has_nothing_left():
    """Paid out meanwhile: the 焕新券 is hers again and holds what there is."""
    who = given.person()
    voucher = trade_in(who)
    spent = gv.redemption(voucher, amount_fen=6_000)
    gv.spend(spent, at=LATER)
    keys = ledger.list_pending("sale", [spent.sale_id])
    ledger_services.post_held(posts=[(key, None) for key in keys])
    cancel(spent.sale_id)
    row = models.Voucher.objects.get(pk=voucher.id)
    assert (row.state, row.reserve_fen, row.used_sale_id) == (VoucherState.USABLE, 0, None)
    assert ledger.get_balance(FUNDER).available_fen == 0
    assert ledger.sum_check().difference_fen == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["cancel", "reduce", "redeem"])
def test_a_households_total_is_taken_before_any_account(step, race):
    """One order for all, or two sales of one household could wait for each other in a ring."""
    spent = household_sale()
    again = household_right() if step == "redeem" else None
    steps = {
        "cancel": lambda: cancel(spent.sale_id),
        "reduce": lambda: reduce(spent.sale_id, 1, 10_000),
        "redeem": lambda: gv.spend(gv.redemption(again, amount_fen=1_000), at=LATER),
    }
    settings = connection.get_connection_params()
    kept = {name: settings[name] for name in ("dbname", "user", "password", "host", "port")}
    with psycopg.connect(**kept) as other:
        other.execute("SELECT 1 FROM vouchers_holdertotal FOR UPDATE")

        def watch_or_step(number):
            if number:
                return steps[step]()
            wait_for_a_waiter(other)
            rows = other.execute("SELECT 1 FROM ledger_balance FOR UPDATE NOWAIT").fetchall()
            other.rollback()
            return len(rows)

        seen, _ = race(watch_or_step, 2)
    assert isinstance(seen, int), seen
    assert seen > 0  # every balance could be had: the step holds none of them


def household_right():
    pool_id = gv.pool(
        holder=HolderKind.HOUSEHOLD, total_fen=200_000, lines={"television": (gv.CAP_FEN, 1)}
    )
    who = given.person()
    registering.record_household(actor=given.system(), person_id=who.id, household_no="371502001")
    asked = gv.claim(pool_id, who, "television")
    [answer] = gv.claims(asked)
    return gv.card(answer.voucher_id)


def wait_for_a_waiter(other):
    for _ in range(2_000):
        [waiting] = other.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() ="
            " ANY(pg_blocking_pids(pid))"
        ).fetchone()
        if waiting:
            return
        other.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("nobody waits for the household's total")


def test_control_the_state_is_seen_by_the_room():
    spent = household_sale()
    assert selectors.used_of_holder_fen(gv.PROGRAMME, holder_key()) == used_fen() == 90_000
    assert gv.owed_fen(spent.org_id) == 90_000


def holder_key():
    return models.HolderTotal.objects.get().holder_key
