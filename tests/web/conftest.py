"""One browser a module of tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from huanxin.identity import rules
from huanxin.web.public import releases
from tests.given_browser import opened_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _a_crowd_of_its_own() -> None:
    """What a page keeps for a crowd is of one test's database."""
    releases._KEPT.clear()


@pytest.fixture(autouse=True)
def _signed_in_for_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that moves the clock by days does not sign in anew: when sessions end is held by
    tests/identity/test_keeping_accounts.py."""
    monkeypatch.setattr(rules, "is_session_over", lambda *_, **__: False)
