"""The wall in a real browser: one sheet at two sizes, a column on a phone, alive and honest."""

import pytest
from playwright.sync_api import Browser, Page

from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.indicators import selectors
from tests import given, given_settlement, given_vouchers
from tests.given_browser import MARKS
from tests.given_indicators import CITY

PASSWORD = "correct horse"
SHEETS = [(1920, 1080), (3840, 2160)]
STICKS_OUT = """() => [...document.querySelectorAll('.wall > *, .wall-live > *, .wall .surface *')]
  .filter(e => !e.closest('.chart-words') && !e.closest('svg') && e.getBoundingClientRect().width)
  .filter(e => { const box = e.getBoundingClientRect();
    const room = e.parentElement.closest('.surface, .wall').getBoundingClientRect();
    return box.right > room.right + 1 || box.bottom > room.bottom + 1; })
  .map(e => e.outerHTML.slice(0, 80))"""

pytestmark = MARKS


@pytest.fixture(autouse=True)
def _city():
    """One sale of four rights, paid; an observer of the city."""
    selectors._walls.clear()
    given.regions()
    *_, paid = given_settlement.shops(4)
    given_settlement.cleared(paid)
    staffing.open_account(
        actor=given.system(), login="observer", display_name="值班员", role=Role.OBSERVER,
        password=PASSWORD, region_path=CITY,
    )  # fmt: skip


def open_wall(
    browser: Browser, live_server, *, width: int, height: int, path: str = "/screen/371500/"
) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{live_server.url}/login?next={path}")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.fill("input[name=login]", "observer")
    page.fill("input[name=password]", PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    page.wait_for_url(f"**{path}")
    page.wait_for_timeout(400)
    said.clear()
    return page, said


@pytest.mark.parametrize(("width", "height"), SHEETS)
@pytest.mark.parametrize("code", ["370000", "371500", "371571"])
def test_the_wall_is_one_sheet_from_which_nothing_sticks_out(
    browser, live_server, code, width, height
) -> None:
    path = f"/screen/{code}/"
    page, said = open_wall(browser, live_server, width=width, height=height, path=path)

    sheet = page.evaluate("[document.documentElement.scrollWidth, document.body.scrollHeight]")
    assert sheet == [width, height]
    assert page.evaluate(STICKS_OUT) == []
    assert said == []
    page.evaluate("document.querySelector('.key strong').textContent = '9'.repeat(80)")
    assert page.evaluate(STICKS_OUT) != []  # the measure sees what does


def test_letters_grow_with_the_sheet(browser, live_server) -> None:
    sizes = []
    for width, height in SHEETS:
        page, _ = open_wall(browser, live_server, width=width, height=height)
        sizes.append(
            page.evaluate("parseFloat(getComputedStyle(document.querySelector('.wall')).fontSize)")
        )

    assert sizes == [20, 40]


def test_a_phone_gets_one_column_that_fits(browser, live_server) -> None:
    page, said = open_wall(browser, live_server, width=390, height=844)

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator("#money canvas").is_visible()
    assert said == []


def test_the_wall_moves_by_itself_and_keeps_its_picture(browser, live_server) -> None:
    page, said = open_wall(browser, live_server, width=1920, height=1080)
    page.evaluate("document.querySelector('#money canvas').dataset.kept = 'yes'")
    budget = page.locator(".stages dd").first
    before = budget.inner_text()

    given_vouchers.pool(quantity=10)
    given.settled_feed()

    page.wait_for_function(
        "text => document.querySelector('.stages dd').innerText !== text", arg=before, timeout=9000
    )
    assert page.evaluate("document.querySelector('#money canvas').dataset.kept") == "yes"
    assert said == []


def test_while_nothing_happens_the_answer_is_empty_and_the_stamp_fresh(
    browser, live_server
) -> None:
    page, _ = open_wall(browser, live_server, width=1920, height=1080)
    stamp = page.locator("#as-of time").inner_text()

    with page.expect_response(lambda answer: answer.status == 304, timeout=9000):
        pass
    page.wait_for_function(
        "text => document.querySelector('#as-of time').innerText !== text", arg=stamp, timeout=9000
    )

    assert page.locator("#live").inner_text() != ""


def test_a_wall_that_hears_nothing_says_so(browser, live_server) -> None:
    page, _ = open_wall(browser, live_server, width=1920, height=1080)
    assert page.locator("#as-of").evaluate("e => e.classList.contains('stale')") is False

    page.route("**/screen/**", lambda route: route.abort())

    page.wait_for_selector("#as-of.stale", timeout=20_000)
    assert page.get_by_text("更新中断").is_visible()
    assert page.locator("#live").inner_text() != ""


def test_without_script_the_numbers_the_map_and_the_flow_are_there(browser, live_server) -> None:
    page, _ = open_wall(browser, live_server, width=1920, height=1080)
    quiet = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    ).new_page()
    quiet.goto(f"{live_server.url}/screen/371500/")

    assert quiet.locator(".stages dd.money").count() == 4
    assert quiet.locator(".map path").count() == 8
    quiet.locator(".map a[href*='/371502/']").focus()
    quiet.keyboard.press("Enter")
    quiet.wait_for_url("**/screen/371502/**")


def test_a_metrics_page_draws_its_series(browser, live_server) -> None:
    path = "/screen/371500/budget_fen/"
    page, said = open_wall(browser, live_server, width=1440, height=900, path=path)

    assert page.locator("#groups-chart-picture canvas").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    assert said == []
