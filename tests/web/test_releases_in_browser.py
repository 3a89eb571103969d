"""Release pages in a real browser, on a phone and on a desk: nothing sticks out or is blocked.

The waiting page turns by itself when its stage opens.
"""

from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from huanxin.identity.types import Role
from huanxin.kernel import clock
from tests import given, given_citizen, given_claims, given_release
from tests import given_vouchers as gv
from tests.given_browser import MARKS
from tests.given_release import DRAWS, OPENS
from tests.given_web import visitor

pytestmark = MARKS


def seen(browser: Browser, client: Client, url: str, width: int) -> tuple[Page, list[str]]:
    """A page in a window of that width, as the client's visitor sees it; what the browser said."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url)
    page.wait_for_timeout(200)
    return page, said


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.slow
def test_the_pages_fit(browser, live_server, client, width):
    given_claims.rules_in_force()
    given_citizen.resident(client)
    drawn, _ = given_release.listed(5)
    given_release.draw(drawn)
    pool_id = given_release.staged(10)
    given_release.open_plan(given_release.new_plan(region_codes=(given.COUNTY, "371581")))
    officer, _ = visitor(Role.OPERATOR)
    clock.set_clock(DRAWS + timedelta(minutes=1))
    paths = [(client, f"/my/releases/{drawn}"), (client, f"/my/releases/{pool_id}"),
             (client, "/releases"), (client, f"/releases/{drawn}/draw")]  # fmt: skip
    paths += [
        (officer, f"/console/{part}")
        for part in ("pools", "pools/calendar?month=2026-09", "plans/new", f"pools/{pool_id}",
                     f"pools/{drawn}/lottery", f"pools/{pool_id}/add", "pools/new")
    ]  # fmt: skip
    for who, path in paths:
        page, said = seen(browser, who, live_server.url + path, width)
        assert said == [], path
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{path} sticks out by {wide} px at {width}"
        page.context.close()


def test_who_waits_is_offered_the_next_stage_without_pressing_anything(
    browser, live_server, client
):
    given_claims.rules_in_force()
    given_citizen.resident(client)
    pool_id = given_release.staged(10)
    gv.claims(*(gv.claim(pool_id, given.person()) for _ in range(4)))
    clock.set_clock(OPENS + timedelta(seconds=294))
    page, _ = seen(browser, client, f"{live_server.url}/my/releases/{pool_id}", 390)
    assert "本批已领完" in page.inner_text("main")
    assert not page.get_by_role("button", name="立即领取").is_visible()
    page.get_by_role("button", name="立即领取").wait_for(timeout=15_000)
    page.context.close()
