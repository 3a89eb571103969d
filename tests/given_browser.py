"""What every test in a real browser starts from: flags, marks, common measures."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.chromium import find_chromium

CHROMIUM = find_chromium()
PICTURES = Path(__file__).parents[1] / "screenshots"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
MARKS = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: run python -m tests.chromium"),
]
TOUCH = """() => {
  const pressed = 'a.button, button, select, input:not([type=hidden]):not(.sr)';
  return [...document.querySelectorAll(pressed)]
    .filter(e => e.offsetParent && !e.closest('.tabs'))
    .map(e => [e.outerHTML.slice(0, 90), e.closest('label.check') || e])
    .map(([html, e]) => [html, e.getBoundingClientRect().height])
    .filter(([, height]) => height < 47.5);
}"""  # what a finger presses that is too small for it


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Chromium; while it is open an event loop runs in this thread."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def answered_by(page: Page, client: Client, connection: BaseDatabaseWrapper) -> None:
    """Let the test client answer a browser's requests: so it sees what a test has not committed.

    Django keeps a connection for each context of a running loop, and a route's answer has one of
    its own: it is told which connection holds the data.
    """

    def answer(route: Route) -> None:
        connections["default"] = connection
        asked = urlsplit(route.request.url)
        path = asked.path + (f"?{asked.query}" if asked.query else "")
        asked_by = {name: said for name, said in route.request.headers.items() if name[:3] == "hx-"}
        found = client.get(path, follow=True, headers=asked_by)
        body = b"".join(found.streaming_content) if found.streaming else found.content
        route.fulfill(
            status=found.status_code, body=body,
            headers={name: value for name, value in found.headers.items() if name != "ETag"},
        )  # fmt: skip

    page.unroute_all()
    page.route("**/*", answer)
