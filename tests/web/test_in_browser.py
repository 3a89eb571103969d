"""The pages in a real browser: nothing is blocked, nothing sticks out, all is in reach."""

import pytest
from playwright.sync_api import Browser, Page

from tests import given
from tests.given_browser import MARKS, TOUCH

PAGES = ["/", "/login", "/gallery/phone", "/gallery/console", "/no/such/page"]

pytestmark = MARKS


def visit(browser: Browser, address: str, width: int, height: int = 844) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.wait_for_timeout(200)
    return page, [line for line in said if "404 (Not Found)" not in line]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_breaks_no_policy(browser, live_server, path, width):
    given.regions()
    page, said = visit(browser, live_server.url + path, width)
    assert said == []
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0


@pytest.mark.parametrize("path", PAGES)
def test_whatever_is_pressed_is_large_enough_for_a_finger(browser, live_server, path):
    page, _ = visit(browser, live_server.url + path, 390)
    assert page.evaluate(TOUCH) == []
    small = "{minHeight: 0, padding: 0, alignSelf: 'start'}"
    page.evaluate(f"Object.assign(document.querySelector('.button').style, {small})")
    assert len(page.evaluate(TOUCH)) == 1  # the measure sees a small one


def test_the_policy_blocks_what_is_inline(browser, live_server):
    page, _ = visit(browser, live_server.url + "/login", 390)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    page.wait_for_timeout(100)
    assert any("Content Security Policy" in line for line in said)


def test_the_wall_is_one_sheet(browser, live_server):
    page, said = visit(browser, live_server.url + "/gallery/wall", 1920, 1080)
    assert said == []
    assert page.evaluate("[document.documentElement.scrollWidth, document.body.scrollHeight]") == [
        1920,
        1080,
    ]


def test_larger_type_comes_with_one_press_and_stays(browser, live_server):
    page, _ = visit(browser, live_server.url + "/login", 390)
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    before = page.evaluate(size)
    page.get_by_role("button", name="大字版").click()
    page.wait_for_selector("html[data-elder]")
    assert page.evaluate(size) == pytest.approx(before * 1.35)
    page.goto(live_server.url + "/gallery/phone")
    assert page.evaluate(size) == pytest.approx(before * 1.35)


def test_picture_and_table_are_two_faces_of_one_panel(browser, live_server):
    page, _ = visit(browser, live_server.url + "/gallery/console", 1440, 900)
    picture, table = page.locator("#by-county-picture"), page.locator("#by-county-table")
    assert (picture.is_visible(), table.is_visible()) == (True, False)
    page.get_by_role("tab", name="表").click()
    assert (picture.is_visible(), table.is_visible()) == (False, True)


def test_without_script_the_table_is_simply_there(browser, live_server):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + "/gallery/console")
    assert page.locator("#by-county-table").is_visible()
    assert page.locator("#by-county-picture").is_visible()
