"""Hundreds of random steps against a model in memory: every answer and every fen must agree.

The steps and the model are in story.py. After every step all of it is compared: each account,
place, voucher, locked unit and shop. A failure prints the seed that repeats it.
"""

import pytest
from django.db import IntegrityError

from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import pool_code
from huanxin.vouchers import selectors
from huanxin.vouchers.services import budgeting, lapsing, moving, redeeming
from huanxin.vouchers.types import VoucherState
from tests.vouchers.story import Story

pytestmark = pytest.mark.django_db


def play(seed, steps):
    story = Story(seed)
    try:
        story.run(steps)
    except (AssertionError, IntegrityError) as error:
        error.add_note(f"repeat it with seed {seed}")
        raise
    proof = ledger.sum_check()
    assert (proof.difference_fen, proof.differences, proof.faults) == (0, (), ())
    return story


def play_all(seeds, steps):
    for seed in seeds:
        play(seed=seed, steps=steps)


def test_three_hundred_random_steps_agree_with_the_model():
    story = play(seed=2026, steps=300)
    states = {sale.state for sale in story.world.sales.values()}
    assert {"paid", "cancelled"} <= states, "the story was too quiet to prove anything"
    assert {r.state for r in story.world.rights.values()} >= {
        VoucherState.LAPSED, VoucherState.USED, VoucherState.VOID,
    }  # fmt: skip
    assert {service.__name__ for service, _ in story.done} >= {
        "reclaim_budget", "allocate_budget", "move_places", "issue_trade_in_vouchers",
    }  # fmt: skip
    assert any(len(sale.spent) == 2 for sale in story.world.sales.values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_a_hundred_thousand_random_steps_agree_with_the_model(seed):
    """Two hundred stories of five hundred steps, all compared after each; the number is the seed.

    A story is a transaction that is rolled back, so that no step waits for a disk.
    """
    play(seed=seed, steps=500)


def test_control_a_lapse_that_kept_the_money_would_be_seen(monkeypatch):
    monkeypatch.setattr(lapsing.ledger, "void_held", lambda **_: [])
    with pytest.raises(AssertionError):
        play(seed=2026, steps=200)


@pytest.mark.parametrize(
    ("place", "name", "broken"),
    [
        (redeeming._redeem, "release_payables", lambda rows, reason: None),
        (redeeming._redeem, "shrink_payable", lambda row, voucher, change: True),
        (redeeming.rules, "check_in_time", lambda terms, now: None),
        (redeeming.rules, "check_bound", lambda terms, channel: None),
        (redeeming.rules, "standing", lambda terms, now: terms.state),
        (moving.ledger, "void_held", lambda **_: []),
        (redeeming._redeem, "done_before", lambda spendings: set()),
        (redeeming, "_told_before", lambda row, asked: None),
        (budgeting.kernel_requests, "first_answer", lambda *_: None),
    ],
    ids=["hold kept on return", "hold kept on reduction", "late is fine", "any channel",
         "locks for ever", "giving up keeps the money", "no replay", "reductions out of order",
         "requests taken twice"],
)  # fmt: skip
def test_control_each_protection_that_is_taken_out_is_seen(monkeypatch, place, name, broken):
    monkeypatch.setattr(place, name, broken)
    with pytest.raises((AssertionError, IntegrityError)):
        play_all((2026, 7, 8, 9), steps=250)


def test_places_shown_never_exceed_what_money_can_honour():
    story = play(seed=7, steps=60)
    for pool_id in story.world.places:
        card = selectors.get_pool(pool_id)
        cheapest = min(line.reserve_fen for line in card.lines)
        assert card.remaining * cheapest <= story.world.free[pool_code(pool_id)]
