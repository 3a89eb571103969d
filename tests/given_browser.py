"""What every test in a real browser starts from: flags, marks, common measures."""

from pathlib import Path

import pytest

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
