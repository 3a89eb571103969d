"""One picture, one moment: numbers read together agree although the city goes on."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date

import pytest
from django.db import connection, connections
from django.db.utils import InternalError

from huanxin.indicators import selectors
from huanxin.kernel.actor import Scope
from tests import given, given_vouchers

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = (date(2026, 9, 1), date(2026, 9, 30))


def budget_fen() -> int | None:
    scope = Scope(region_path=given.CITY_PATH)
    return selectors.read_metric("budget_fen", scope, date(2026, 8, 1), DAYS[1]).value


def give_money_elsewhere() -> None:
    """Another connection funds a pool and commits."""

    def work() -> None:
        try:
            given_vouchers.pool(quantity=1)
        finally:
            connections.close_all()

    other = threading.Thread(target=work)
    other.start()
    other.join(timeout=30)


@pytest.mark.parametrize(("inside", "moves"), [(selectors.snapshot, False), (nullcontext, True)])
def test_a_snapshot_does_not_move_under_its_reader(
    *, inside: Callable[[], AbstractContextManager[None]], moves: bool
) -> None:
    given.regions()

    with inside():
        before = budget_fen()
        give_money_elsewhere()
        after = budget_fen()

    assert before == 0
    assert (after != before) is moves
    assert budget_fen() != 0


def test_a_snapshot_can_write_nothing() -> None:
    with pytest.raises(InternalError, match="read-only"), selectors.snapshot():
        connection.cursor().execute("CREATE TABLE not_here (id int)")
