"""Recycling's tests stand on the evening before the day of collection."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from huanxin.kernel import clock
from tests import given_recycling


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is a second later: two events of one unit are never the same one."""
    seconds, stands = count(), clock.now
    monkeypatch.setattr(clock, "now", lambda: stands() + timedelta(seconds=next(seconds)))


@pytest.fixture(autouse=True)
def _evening_before() -> Iterator[None]:
    with clock.standing_at(given_recycling.EVENING):
        yield
