"""What every test in a real browser starts from: flags, marks, common measures."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page, Route

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


def answered_by(page: Page, client: Client) -> None:
    """Let the test client answer a browser's requests: so it sees what a test has not committed."""

    def answer(route: Route) -> None:
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
