"""The pick-up page in a basement: the network is cut in a real browser, and nothing is lost."""

import os
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import preparing
from huanxin.recycling.types import OrderState
from huanxin.recycling.types.routes import NewVan
from tests import given, given_desk, given_recycling
from tests.given_browser import MARKS, PICTURES, TOUCH
from tests.web.test_walk_unit import picture

STOPS = (0, 14_000, -22_000)
FIELD = "/recycler/field"

pytestmark = MARKS


@pytest.fixture
def here(settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    clock.set_clock(given_recycling.EVENING)
    here = given_recycling.city()
    worker = given_desk.account(Role.COLLECTOR, here.recycler_id, login="collector")
    models.Van.objects.update(collector_account_id=worker.account_id)
    for shift in STOPS:
        given_recycling.booked(shift_e6=shift)
    given_recycling.planned(here)
    clock.set_clock(given_recycling.EVENING + timedelta(hours=14))
    return here


@pytest.fixture
def phone(browser, live_server, here) -> Iterator["Phone"]:
    opened = Phone(browser, live_server.url)
    yield opened
    opened.context.set_offline(False)
    expect(opened.page.locator("#net")).not_to_contain_text("正在发送")
    opened.context.close()


class Phone:
    """A worker's phone that has been on the page once with a network."""

    def __init__(self, browser: Browser, address: str, *, room: int = 0) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True,
            geolocation={"latitude": 36.4567, "longitude": 115.9899}, permissions=["geolocation"],
        )  # fmt: skip
        self.context.add_cookies([given_desk.cookie("collector", address)])
        self.said: list[str] = []
        if room:  # bytes that the browser lets the page keep
            asked = {"origin": address, "quotaSize": room}
            session = self.context.new_cdp_session(self.context.new_page())
            session.send("Storage.overrideQuotaForOrigin", asked)
        self.page = self.opened()

    def opened(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", lambda line: self.said.append(line.text))
        page.goto(self.address + FIELD)
        expect(page.locator("#view h1").first).to_be_attached()
        return page

    def prepared(self) -> None:
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.get_by_role("button", name="带上地址和标签").click()
        expect(self.page.get_by_role("button", name="带上地址和标签")).to_be_hidden()

    def cut(self) -> None:
        self.context.set_offline(True)
        expect(self.page.locator("#net")).to_contain_text("离线")

    def joined(self) -> None:
        self.context.set_offline(False)

    def bar(self, words: str) -> None:
        expect(self.page.locator("#net")).to_contain_text(words, timeout=20_000)

    def sent(self, count: int) -> None:
        """Wait until so many doors were paid: the bar speaks of a refusal before the rest went."""
        for _ in range(100):
            if payouts() >= count:
                return
            self.page.wait_for_timeout(200)

    def open_stop(self, number: int) -> None:
        self.page.goto(f"{self.address}{FIELD}#")
        self.page.locator(".stops a").nth(number).click()
        expect(self.page.locator("[data-step=code]")).to_be_visible()

    def recorded(self, number: int) -> None:
        """Steps two and three, and the unit as booked."""
        self.open_stop(number)
        page = self.page
        page.get_by_role("button", name="没有标签").click()
        expect(page.locator("h3 .mono")).to_contain_text("HX26")
        photo = {"name": "old.png", "mimeType": "image/png", "buffer": picture()}
        page.locator("input[type=file]").set_input_files(photo)
        expect(page.locator(".thumbs img")).to_be_visible()

    def collected(self, number: int) -> None:
        self.recorded(number)
        self.page.get_by_role("button", name="与预约相符").click()
        self.page.get_by_role("button", name="确认取走并付款").click()
        expect(self.page.locator(".result")).to_be_visible()

    def look(self, stop: str) -> None:
        PICTURES.mkdir(exist_ok=True)
        self.page.wait_for_timeout(150)
        self.page.screenshot(path=PICTURES / f"field-{stop}.png", full_page=True)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0, stop
        assert self.page.evaluate(TOUCH) == [], stop
        policy = [line for line in self.said if "Content Security Policy" in line]
        assert policy == [], stop


def payouts() -> int:
    return models.Payout.objects.count()


def test_three_doors_without_a_network_are_sent_in_order_and_once(phone):
    phone.look("1-list")
    phone.prepared()
    phone.cut()
    for number in range(3):
        phone.collected(number)
        if number == 0:
            phone.look("2-promise")
    phone.bar("离线，已保存 3 条")
    phone.look("3-saved")
    assert payouts() == 0

    phone.joined()
    phone.bar("在线")
    rows = list(models.Order.objects.order_by("collected_at"))
    assert [row.state for row in rows] == [OrderState.COLLECTED] * 3
    assert payouts() == 3
    assert [p.order_id for p in models.Payout.objects.order_by("paid_at")] == [r.id for r in rows]
    assert phone.said == [line for line in phone.said if "ERR_INTERNET_DISCONNECTED" in line]


def test_a_door_half_done_survives_reload_and_a_closed_tab_without_a_network(phone):
    phone.prepared()
    phone.cut()
    phone.recorded(0)
    code = phone.page.locator("h3 .mono").first.inner_text()
    phone.page.reload()
    expect(phone.page.locator("h3 .mono").first).to_have_text(code)
    expect(phone.page.locator(".place")).to_have_text("测试小区 1 号楼 101")
    expect(phone.page.locator(".thumbs img")).to_be_visible()
    phone.page.get_by_role("button", name="与预约相符").click()
    phone.look("4-door")
    phone.page.get_by_role("button", name="确认取走并付款").click()
    phone.bar("已保存 1 条")

    phone.page.close()
    phone.page = phone.opened()  # still without a network: the phone's own copy of the page
    phone.bar("已保存 1 条")
    phone.joined()
    phone.bar("在线")
    assert models.Unit.objects.get(unit_code=code).order.state == OrderState.COLLECTED
    assert payouts() == 1


def test_an_answer_lost_on_its_way_back_does_not_pay_twice(phone):
    phone.prepared()
    lost = []

    def lose(route):
        if not lost:
            lost.append(route.fetch().status)  # the platform did it, the phone never hears
            return route.abort("connectionreset")
        return route.continue_()

    phone.context.route("**/field/hand-in", lose)
    phone.collected(0)
    phone.bar("已保存 1 条")
    assert (lost, payouts()) == ([200], 1)
    phone.page.goto(f"{phone.address}{FIELD}#outbox")
    phone.page.get_by_role("button", name="现在发送").click()
    phone.bar("在线")
    assert payouts() == 1
    assert models.Order.objects.filter(state=OrderState.COLLECTED).count() == 1


def test_two_tabs_send_once(phone):
    phone.prepared()
    phone.cut()
    phone.collected(0)
    other = phone.opened()
    phone.joined()
    for page in (phone.page, other):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.bar("在线")
    assert payouts() == 1


def test_a_stop_given_away_meanwhile_is_shown_and_the_others_go_on(phone, here):
    phone.prepared()
    phone.cut()
    for number in range(2):
        phone.collected(number)
    first = models.RouteStop.objects.order_by("arrive_at")[0].order
    given_away(here, first)
    phone.joined()
    phone.bar("1 条没有被接受")
    phone.page.goto(f"{phone.address}{FIELD}#outbox")
    expect(phone.page.locator("#view")).to_contain_text("已经改派给“收 9”")
    phone.look("5-conflict")
    phone.sent(1)
    assert payouts() == 1
    assert models.Order.objects.get(pk=first.pk).state == OrderState.ASSIGNED

    models.Van.objects.filter(name="收 9").update(collector_account_id=None)  # settled by phone
    phone.page.get_by_role("button", name="再发一次").click()
    phone.bar("在线")
    assert payouts() == 2


def given_away(here, order):
    [van_id] = preparing.register_vans(
        actor=given.system(),
        vans=[NewVan(here.recycler_id, "收 9", given.COUNTY, collector_account_id=uuid4())],
    )
    route = models.Route.objects.create(
        id=uuid4(), van_id=van_id, organisation_id=here.recycler_id,
        route_on=given_recycling.DAY, distance_m=1, planned_at=clock.now(),
    )  # fmt: skip
    models.RouteStop.objects.filter(order=order).update(route=route)


def test_a_new_price_is_signed_for_without_a_network(phone):
    phone.prepared()
    phone.cut()
    phone.recorded(0)
    page = phone.page
    page.get_by_text("不符，按现场重新估价").click()
    for name, word in (("age_band", "3_to_8"), ("is_working", "no"), ("is_complete", "yes")):
        page.locator(f"[name={name}][value='{word}']").check(force=True)
    page.get_by_role("button", name="看新价").click()
    expect(page.locator(".price-change")).to_contain_text("¥27.00")
    page.get_by_role("button", name="签好了").click()
    expect(page.get_by_text("还没有签字")).to_be_visible()
    sign(page)
    phone.look("6-signature")
    page.get_by_role("button", name="签好了").click()
    expect(page.get_by_text("消费者已签字同意")).to_be_visible()
    page.get_by_role("button", name="确认取走并付款").click()
    phone.bar("已保存 1 条、2 张照片")
    phone.joined()
    phone.bar("在线")
    assert models.Payout.objects.get().amount_fen == 27_00
    assert models.Requote.objects.get().signature_sha256


def sign(page: Page) -> None:
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 30 + step * 20, box["y"] + 60 + (step % 3) * 20)
    page.mouse.up()


def test_with_a_network_she_answers_on_her_own_phone(phone):
    phone.prepared()
    phone.recorded(0)
    page = phone.page
    page.get_by_text("不符，按现场重新估价").click()
    for name, word in (("age_band", "3_to_8"), ("is_working", "no"), ("is_complete", "yes")):
        page.locator(f"[name={name}][value='{word}']").check(force=True)
    page.get_by_role("button", name="看新价").click()
    page.get_by_role("button", name="请她在自己手机上确认").click()
    expect(page.get_by_text("已请她在自己手机上确认")).to_be_visible()
    phone.look("7-waiting")
    requote = models.Requote.objects.get()
    page.locator("[name=consent_code]").fill(order_book.consent_code(requote.id))
    page.get_by_role("button", name="确认", exact=True).click()
    page.get_by_role("button", name="确认取走并付款").click()
    expect(page.locator(".result")).to_contain_text("¥27.00")
    phone.bar("在线")
    phone.look("8-receipt")
    assert models.Payout.objects.get().amount_fen == 27_00


def test_a_full_phone_says_so_and_keeps_what_was_there(browser, live_server, here):
    phone = Phone(browser, live_server.url, room=2_000_000)
    phone.prepared()
    phone.cut()
    phone.recorded(0)
    page = phone.page
    photo = {"name": "new.png", "mimeType": "image/png", "buffer": os.urandom(4_000_000)}
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.locator("#trouble")).to_contain_text("手机存储已满")
    phone.look("9-full")
    expect(page.locator(".thumbs img")).to_have_count(1)
    phone.context.close()


def test_whoever_signs_in_next_does_not_send_what_another_recorded(phone, here):
    phone.prepared()
    phone.cut()
    phone.collected(0)
    given_desk.account(Role.COLLECTOR, here.recycler_id, login="second")
    phone.context.add_cookies([given_desk.cookie("second", phone.address)])
    phone.joined()
    mine, phone.page = phone.page, phone.opened()
    phone.bar("在线")
    mine.evaluate("window.dispatchEvent(new Event('online'))")  # the first one's tab is still open
    phone.page.wait_for_timeout(500)
    assert payouts() == 0
    phone.context.add_cookies([given_desk.cookie("collector", phone.address)])
    phone.page.reload()
    phone.bar("在线")
    expect(phone.page.locator(".stops .over")).to_have_count(1)
    assert payouts() == 1


def test_a_session_that_ended_keeps_everything_until_one_signs_in_again(phone):
    phone.prepared()
    phone.cut()
    phone.collected(0)
    phone.context.clear_cookies()
    phone.joined()
    phone.bar("登录已过期")
    assert payouts() == 0
    phone.context.add_cookies([given_desk.cookie("collector", phone.address)])
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.bar("在线")
    assert payouts() == 1


def test_pressed_twice_it_is_one_message(phone):
    phone.prepared()
    phone.cut()
    phone.recorded(0)
    phone.page.get_by_role("button", name="与预约相符").click()
    go = phone.page.get_by_role("button", name="确认取走并付款")
    expect(go).to_be_visible()
    go.evaluate("(button) => { button.click(); button.disabled = false; button.click(); }")
    phone.bar("已保存 1 条")
