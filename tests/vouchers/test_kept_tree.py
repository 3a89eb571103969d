"""The tree's sums are kept while no budget moves, and never a transfer longer."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import _tree, selectors
from tests import given_budgets as money
from tests import given_claims, given_vouchers
from tests.given_budgets import CITY, COUNTY
from tests.given_vouchers import PROGRAMME

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_outside_a_transaction(monkeypatch):
    monkeypatch.setattr(_tree, "_is_settled", lambda: True)
    monkeypatch.setattr(_tree, "_KEPT", {})
    given_claims.rules_in_force()
    with clock.standing_at(clock.moment(date(2026, 9, 1), 8)):
        yield


def tree():
    return selectors.list_budgets(Scope(), programme=PROGRAMME)


def anew(monkeypatch):
    """The same from the transfers alone."""
    with monkeypatch.context() as patched:
        patched.setattr(_tree, "_is_settled", lambda: False)
        return tree()


def flows_read(question) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        question()
    return sum("Posted money into and out of" in one["sql"] for one in asked.captured_queries)


def test_the_tree_is_added_up_once_while_no_budget_moves(monkeypatch):
    money.money(CITY)
    assert flows_read(tree) == 1
    assert flows_read(tree) == 0
    assert tree() == anew(monkeypatch)


def test_every_kind_of_move_is_seen_at_once(monkeypatch):
    money.money(CITY)
    moves = [
        lambda: money.allocate(money.city(), COUNTY, 4_000),
        lambda: money.reclaim(money.city(), COUNTY, 1_000),
        lambda: given_vouchers.pool(quantity=10),
    ]
    for move in moves:
        before = tree()
        move()
        assert tree() == anew(monkeypatch) != before


def test_what_a_pool_holds_is_never_kept(monkeypatch):
    pool_id = given_vouchers.pool(quantity=10)
    before = tree()
    given_vouchers.right(pool_id)
    assert flows_read(tree) == 0
    assert tree() == anew(monkeypatch) != before


def test_control_without_the_accounts_position_the_tree_would_stand_still(monkeypatch):
    money.money(CITY)
    before = tree()
    still = ledger.position_of(_codes(before))
    monkeypatch.setattr(ledger, "position_of", lambda codes: still)
    _tree._KEPT.clear()
    assert tree() == before
    money.money(CITY)
    assert tree() == before != anew(monkeypatch)


def _codes(nodes):
    return [node.code for node in nodes]
