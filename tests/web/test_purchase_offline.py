"""The page for consumption vouchers alone says the same as the till when its network dies."""

import pytest
from playwright.sync_api import Route

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers.models import Purchase
from huanxin.vouchers.services import till_codes
from huanxin.vouchers.types import VoucherState
from tests import given, given_catalogue, given_vouchers
from tests import given_consumption as given_c
from tests.given_browser import MARKS
from tests.web.test_walk_sale import PHONE, Walk, scan

pytestmark = MARKS
NOTHING_SENT, NO_ANSWER = "#till-offline", "#till-unanswered"


@pytest.fixture
def at_till(browser, live_server):
    """A purchase worked out on the screen, one press away from being made."""
    given_catalogue.reference()
    who, shop = given.person(), given_c.shop()
    voucher = given_c.voucher(given_c.campaign(), who)
    clock.set_clock(given_c.OPENS)
    walk = Walk(browser, live_server.url)
    page = walk.enter(Role.CASHIER, size=PHONE, org_id=shop)
    page.goto(live_server.url + "/merchant/")
    scan(page, till_codes.till_code(actor=given.consumer(who), voucher_ids=[voucher.id]).code)
    page.goto(live_server.url + "/merchant/purchase")
    page.get_by_label("金额").fill("2500")
    page.get_by_label("品类").select_option("refrigerator")
    page.get_by_role("button", name="计算").click()
    page.wait_for_selector("button:has-text('成交')")
    return walk, page, voucher


def press(page):
    page.get_by_role("button", name="成交").click()


def assert_bought_once(page, voucher):
    page.wait_for_url("**/purchases/*")
    assert Purchase.objects.count() == 1
    assert given_vouchers.card(voucher.id).state is VoucherState.USED


def test_without_a_network_nothing_is_sent_and_what_was_typed_stays(at_till):
    walk, page, voucher = at_till
    page.context.set_offline(True)
    press(page)
    page.wait_for_selector(NOTHING_SENT)
    walk.look(page, "purchase-offline")
    assert page.get_by_label("金额").input_value() == "2500"
    assert not Purchase.objects.exists()
    page.context.set_offline(False)
    press(page)
    assert_bought_once(page, voucher)


@pytest.mark.parametrize("is_heard", [False, True], ids=["lost on the way", "answer lost"])
def test_without_an_answer_it_is_said_to_be_open_and_is_bought_once(at_till, is_heard):
    _walk, page, voucher = at_till

    def cut(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        if is_heard:
            route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route("**/merchant/purchase", cut)
    press(page)
    page.wait_for_selector(NO_ANSWER)
    assert page.locator(NOTHING_SENT).is_hidden()
    assert Purchase.objects.count() == int(is_heard)
    page.unroute("**/merchant/purchase")
    press(page)
    assert_bought_once(page, voucher)
