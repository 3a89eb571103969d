"""Recycling's tests stand on the evening before the day of collection."""

from collections.abc import Iterator

import pytest

from huanxin.kernel import clock
from tests import given_recycling


@pytest.fixture(autouse=True)
def _evening_before() -> Iterator[None]:
    with clock.standing_at(given_recycling.EVENING):
        yield
