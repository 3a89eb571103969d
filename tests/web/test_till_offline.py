"""A till whose network dies: it says what is true, keeps what was typed, sells once afterwards."""

import pytest
from playwright.sync_api import Page, Route, expect

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers.services import till_codes
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims, given_vouchers
from tests.given_browser import MARKS
from tests.given_claims import SOLD_AT
from tests.web.test_walk_sale import DESK, PHONE, Walk, scan

pytestmark = MARKS
NOTHING_SENT, NO_ANSWER = "#till-offline", "#till-unanswered"


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def at_till(request, browser, live_server):
    """A quote on the screen, one press away from the sale."""
    at = given_claims.till()
    clock.set_clock(SOLD_AT)
    walk = Walk(browser, live_server.url)
    page = walk.enter(Role.CASHIER, size=request.param, org_id=at.sale.merchant_id)
    page.goto(live_server.url + "/merchant/")
    code = till_codes.till_code(
        actor=given.consumer(at.buyer), voucher_ids=[at.sale.qualification_id]
    ).code
    for text in (code, at.sale.gtin, at.sale.serial):
        scan(page, text)
    with page.expect_response("**/till/edit"):
        page.get_by_label("标价（元）").fill("4999")
        page.keyboard.press("Tab")
    page.wait_for_selector("button:has-text('成交')")
    return walk, page, at


def press(page: Page) -> None:
    page.get_by_role("button", name="成交").click()


def typed(page: Page) -> str:
    return page.get_by_label("标价（元）").input_value()


def assert_unsold(at) -> None:
    assert given_claims.count_sales() == 0
    assert given_vouchers.card(at.sale.qualification_id).state is VoucherState.USABLE
    assert given_vouchers.owed_fen(at.sale.merchant_id) == 0


def assert_sold_once(page: Page, at) -> None:
    page.wait_for_url("**/sales/*")
    assert given_claims.count_sales() == 1
    assert given_vouchers.card(at.sale.qualification_id).state is VoucherState.USED
    assert given_vouchers.owed_fen(at.sale.merchant_id) == 74_985


def name_of(page: Page) -> str:
    return "phone" if page.viewport_size == PHONE else "desk"


def test_a_browser_that_knows_it_is_offline_sends_nothing(at_till):
    _walk, page, at = at_till
    page.context.set_offline(True)
    press(page)
    page.wait_for_selector(NOTHING_SENT)
    assert typed(page) == "4999"
    assert_unsold(at)
    page.context.set_offline(False)
    page.wait_for_timeout(500)  # nothing was pending: nothing happens by itself
    assert_unsold(at)
    press(page)
    assert_sold_once(page, at)


def test_a_dead_network_that_the_browser_does_not_notice_sends_nothing(at_till):
    walk, page, at = at_till
    page.route("**/*", lambda route: route.abort("connectionrefused"))
    assert page.evaluate("navigator.onLine")
    press(page)
    page.wait_for_selector(NOTHING_SENT)
    walk.look(page, f"till-{name_of(page)}-network-dead")
    assert page.url.endswith("/merchant/")
    assert typed(page) == "4999"
    assert_unsold(at)
    page.unroute("**/*")
    page.wait_for_timeout(500)
    assert_unsold(at)
    press(page)
    assert_sold_once(page, at)


@pytest.mark.parametrize("is_heard", [False, True], ids=["lost on the way", "answer lost"])
def test_a_sale_without_an_answer_is_said_to_be_open_and_sells_once(at_till, is_heard):
    """The page cannot know whether the platform heard it, and does not claim to."""
    walk, page, at = at_till

    def cut(route: Route) -> None:
        if is_heard:
            route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route("**/till/sell", cut)
    press(page)
    page.wait_for_selector(NO_ANSWER)
    walk.look(page, f"till-{name_of(page)}-no-answer")
    assert page.locator(NOTHING_SENT).is_hidden()
    assert typed(page) == "4999"
    assert given_claims.count_sales() == int(is_heard)
    page.unroute("**/till/sell")
    press(page)
    assert_sold_once(page, at)


def test_pressed_twice_it_sells_once(at_till):
    _walk, page, at = at_till
    page.get_by_role("button", name="成交").dblclick()
    assert_sold_once(page, at)


def test_a_refusal_stands_in_the_page_with_what_was_typed(at_till):
    _walk, page, at = at_till
    page.get_by_label("序列号").fill("")
    press(page)
    page.wait_for_selector("text=请扫描机身序列号")
    assert typed(page) == "4999"
    assert_unsold(at)
    assert page.locator(NO_ANSWER).is_hidden()


def test_a_price_mistyped_is_put_right_and_nothing_else_is_lost(at_till):
    _walk, page, _at = at_till
    for text, is_wrong in (("49,99x", True), ("4999", False)):
        with page.expect_response("**/till/edit"):
            page.get_by_label("标价（元）").fill(text)
            page.keyboard.press("Tab")
        expect(page.get_by_text("不是金额")).to_have_count(1 if is_wrong else 0)
        expect(page.get_by_role("heading", name="商品")).to_be_visible()
        expect(page.locator("#till-next")).to_be_visible()
        expect(page.get_by_role("button", name="成交")).to_have_count(0 if is_wrong else 1)
