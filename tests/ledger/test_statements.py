"""Any account at any time: opening, every entry with the totals after it, closing; to the fen."""

import contextlib
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.ledger import selectors, services
from huanxin.ledger.errors import FundExhausted, HoldClosed, HoldExpired
from huanxin.ledger.types import Balance
from tests import given
from tests import given_ledger as ledger_given

pytestmark = pytest.mark.django_db
ALL = Scope()
BEGINS = clock.moment(date(2026, 9, 1), 9)
MINUTE = timedelta(minutes=1)
ACCOUNTS = ("budget:371502:test", "budget:371521:test", "payable:a", "payable:b")


def history(seed, steps=60):
    """A random life of four accounts; what each balance row showed after every minute."""
    rand, held, shown = random.Random(seed), [], []
    with clock.standing_at(BEGINS - MINUTE):
        for code in ACCOUNTS[:2]:
            ledger_given.budget(50_000, code)
    for step in range(steps):
        at = BEGINS + step * MINUTE
        with clock.standing_at(at):
            with contextlib.suppress(FundExhausted, HoldClosed, HoldExpired):
                _act(rand, held, at)
            shown.append((at, selectors.balances(ACCOUNTS)))
    return shown


def _act(rand, held, at):
    debit, credit = rand.sample(ACCOUNTS, 2)
    leg = ledger_given.leg(debit, credit, rand.randint(1, 20_000))
    verb = rand.choice(["post", "hold", "hold", "end", "take", "take", "void", "expire"])
    if verb == "post":
        services.post_transfers(legs=[leg])
    elif verb == "hold":
        ends = at + rand.randint(1, 30) * MINUTE if rand.random() < 0.5 else None
        services.hold_transfers(legs=[replace(leg, expires_at=ends)])
        held.append(leg)
    elif verb == "expire":
        services.expire_held()
    elif held:
        one = held.pop(rand.randrange(len(held)))
        if verb == "void":
            services.void_held(keys=[one.key], reason="试")
        else:
            part = rand.randint(1, one.amount_fen) if verb == "take" else None
            services.post_held(posts=[(one.key, part)])


@pytest.mark.parametrize("seed", range(8))
def test_every_instant_is_what_the_balance_row_showed_then(seed):
    shown = history(seed)
    for at, balances in shown[::7]:
        for code, balance in balances.items():
            assert selectors.get_balance_at(code, at, ALL) == balance, f"seed {seed}"
    assert selectors.sum_check().difference_fen == 0
    assert selectors.list_overspendings() == []


@pytest.mark.parametrize("seed", range(4))
def test_opening_and_entries_add_up_to_the_closing(seed):
    shown = dict(history(seed))
    from_at, until_at = BEGINS + 13 * MINUTE, BEGINS + 44 * MINUTE
    for code in ACCOUNTS:
        whole = selectors.get_statement(code, ALL, from_at=from_at, until_at=until_at, size=500)
        assert whole.opening == shown[from_at - MINUTE][code], f"seed {seed}"
        assert whole.closing == shown[until_at - MINUTE][code], f"seed {seed}"
        last = whole.entries[-1].after if whole.entries else whole.opening
        assert last == whole.closing
        assert len(whole.entries) == whole.total
        for entry in whole.entries:
            assert from_at <= entry.made_at < until_at
        assert _paged(code, from_at, until_at) == whole.entries


def _paged(code, from_at, until_at):
    lines, page = [], 1
    while True:
        part = selectors.get_statement(
            code, ALL, from_at=from_at, until_at=until_at, page=page, size=3
        )
        lines += part.entries
        if page == part.pages:
            return tuple(lines)
        page += 1


def test_the_closing_of_a_statement_up_to_now_is_the_balance():
    history(99)
    for code in ACCOUNTS:
        statement = selectors.get_statement(code, ALL)
        assert statement.opening == Balance()
        assert statement.closing == selectors.get_balance(code)


def test_control_a_balance_changed_by_hand_is_no_longer_the_statements_closing():
    history(7)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_balance SET credits_posted_fen = credits_posted_fen + 1"
            " FROM ledger_account a WHERE a.id = account_id AND a.code = 'payable:a'"
        )
    statement = selectors.get_statement("payable:a", ALL)
    assert selectors.get_balance("payable:a").available_fen == statement.closing.available_fen + 1


def test_an_entry_names_its_cause_its_other_side_and_how_a_hold_ended():
    with clock.standing_at(BEGINS):
        budget = ledger_given.budget(100_000)
        leg = ledger_given.leg(budget, "payable:a", 30_000)
        services.hold_transfers(legs=[leg])
        services.post_held(posts=[(leg.key, 20_000)])
    entries = selectors.get_statement(budget, ALL).entries
    assert [(e.kind, e.is_debit, e.amount_fen, e.counter_code) for e in entries] == [
        ("posted", False, 100_000, ledger_given.TREASURY),
        ("pending", True, 30_000, "payable:a"),
        ("post_pending", True, 20_000, "payable:a"),
    ]
    assert [entry.after.available_fen for entry in entries] == [100_000, 70_000, 80_000]
    assert entries[1].key == leg.key


def test_a_statement_is_for_those_who_may_see_the_account():
    budget = ledger_given.budget(1)
    here, elsewhere = Scope(region_path=given.CITY_PATH), Scope(region_path="370000/370100")
    assert selectors.get_statement(budget, here).total == 1
    refused = [
        (budget, elsewhere),
        (ledger_given.TREASURY, here),
        ("payable:a", Scope(region_path=given.COUNTY_PATH)),
        ("payable:nobody", ALL),
    ]
    for code, scope in refused:
        with pytest.raises(NotFound):
            selectors.get_statement(code, scope)
    assert selectors.get_statement("payable:a", here).total == 0


def test_the_way_of_a_payment_leads_to_the_treasury():
    budget = ledger_given.budget(100_000)
    leg = ledger_given.leg(budget, "payable:a", 30_000, cause="sale")
    services.post_transfers(legs=[leg])
    later = ledger_given.leg(ledger_given.TREASURY, budget, 7)
    with clock.standing_at(clock.now() + timedelta(hours=1)):
        services.post_transfers(legs=[later])

    way = selectors.way_of("sale", leg.cause_id, ALL)

    assert [(one.debit, one.amount_fen) for one in way.transfers] == [(budget, 30_000)]
    assert [(step.account.code, step.level, step.fed_fen) for step in way.upward] == [
        (budget, 0, 100_000),  # what came afterwards did not pay for it
        (ledger_given.TREASURY, 1, 0),
    ]
    county = selectors.way_of("sale", leg.cause_id, Scope(region_path=given.COUNTY_PATH))
    assert [(step.is_visible, step.fed_fen) for step in county.upward] == [
        (True, 100_000), (False, 0),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        selectors.way_of("sale", leg.cause_id, Scope(region_path="370000/370100"))
