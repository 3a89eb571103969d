"""A wall is read once while the feed stands still, anew when it moves, and never too often."""

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest

from huanxin.identity import selectors as identity
from huanxin.indicators import selectors
from huanxin.indicators.types import Wall
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from tests import given, given_vouchers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty_memory() -> Iterator[None]:
    given.regions()
    selectors._walls.clear()
    with clock.standing_at(clock.moment(date(2026, 9, 1), 9)):
        yield
    selectors._walls.clear()


def read() -> Wall:
    region = identity.get_region("371500")
    return selectors.read_wall(
        Scope(region_path=region.path), region, selectors.window_named("year"),
        map_metric="new_units_sold",
    )  # fmt: skip


def rest(seconds: float) -> None:
    """Make the kept wall rest on, or end its rest."""
    for question, kept in selectors._walls.items():
        until = kept.until + seconds
        selectors._walls[question] = selectors._Kept(kept.wall, until)


def test_a_still_feed_is_read_once_and_a_moved_one_again() -> None:
    first = read()
    rest(-3600)
    assert read() is first

    given_vouchers.pool(quantity=2)
    given.settled_feed()
    second = read()

    assert second is not first
    assert (first.money.budget_fen, second.money.budget_fen) == (0, 2 * given_vouchers.CAP_FEN)


def test_a_wall_that_is_slow_to_read_rests_under_its_own_moment() -> None:
    first = read()
    rest(+3600)
    given_vouchers.pool(quantity=2)
    given.settled_feed()

    assert read() is first

    rest(-7200)
    assert read() is not first


def test_a_wall_of_one_scope_is_never_shown_to_another() -> None:
    read()
    rest(+3600)
    region = identity.get_region("370000")
    frames = [
        selectors.read_wall(
            Scope(region_path=path), region, selectors.window_named("year"),
            map_metric="new_units_sold",
        )
        for path in ("370000", "370000/371500")
    ]  # fmt: skip

    assert [frame.map.region_path for frame in frames] == ["370000", "370000/371500"]


def test_what_a_reading_kept_is_bounded() -> None:
    for _ in range(selectors._WALLS_KEPT + 5):
        selectors._walls[(uuid4(),)] = selectors._Kept(None, 0.0)  # type: ignore[arg-type]

    read()

    assert len(selectors._walls) == selectors._WALLS_KEPT
