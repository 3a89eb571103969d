"""One day's old units from the route to the certificate, in a real browser, as their people do it.

Pictures of each stop are left in screenshots/ for whoever wants to look.
"""

import struct
import zlib
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.selectors import order_book, route_book
from huanxin.recycling.types import OrderState, UnitState
from tests import given, given_desk, given_recycling
from tests.given_browser import MARKS, PICTURES, TOUCH

PHONE, DESK = (390, 844), (1440, 900)
STOPS = (0, 14_000, -22_000, 31_000)

pytestmark = MARKS


@pytest.fixture
def here(settings, tmp_path):
    """A recycler with one van and its driver, a dismantler, four doors booked for tomorrow."""
    settings.HUANXIN_FILE_FOLDER = tmp_path
    clock.set_clock(given_recycling.EVENING)
    here = given_recycling.city()
    collector = given_desk.account(Role.COLLECTOR, here.recycler_id, login="collector")
    given_desk.account(Role.RECYCLER_MANAGER, here.recycler_id, login="manager")
    given_desk.account(Role.DISMANTLER_CLERK, here.dismantler_id, login="clerk")
    models.Van.objects.update(collector_account_id=collector.account_id)
    for shift in STOPS:
        given_recycling.booked(shift_e6=shift)
    return here


def later(hours: int) -> None:
    clock.set_clock(given_recycling.EVENING + timedelta(hours=hours))


def picture() -> bytes:
    """A small plain PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    row = b"\x00" + bytes((120, 160, 150)) * 8
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 6, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(row * 6)) + chunk(b"IEND", b"")
    )


class Seat:
    """A person at a screen; what its console says is kept, and every stop is looked at."""

    def __init__(self, browser: Browser, address: str, login: str, size: tuple[int, int]) -> None:
        self.address, self.is_phone = address, size == PHONE
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, locale="zh-CN")
        context.add_cookies([given_desk.cookie(login, address)])
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.rest()

    def rest(self) -> None:
        """Until nothing is being fetched, swapped or settled any more."""
        self.page.wait_for_load_state()
        busy = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
        expect(self.page.locator(busy)).to_have_count(0)

    def look(self, stop: str) -> None:
        """Leave a picture; nothing sticks out, nothing is out of a thumb's reach."""
        PICTURES.mkdir(exist_ok=True)
        self.page.wait_for_timeout(150)
        self.page.screenshot(path=PICTURES / f"unit-{stop}.png", full_page=True)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0, stop
        if self.is_phone:
            assert self.page.evaluate(TOUCH) == [], stop
        self.said = [line for line in self.said if "(Conflict)" not in line]
        assert self.said == [], stop


def at_the_door(phone: Seat, *, is_as_said: bool) -> None:
    """Steps one to four; the unit is as booked or not."""
    page = phone.page
    phone.press("查看门牌地址")
    expect(page.locator(".place")).to_contain_text("测试小区 1 号楼 101")
    phone.press("没有标签，取走时由系统发码")
    expect(page.locator("h3 .good")).to_have_text("取走时发码")
    phone.rest()
    photo = {"name": "old.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.locator(".thumbs img")).to_be_visible()
    phone.rest()
    expect(page.locator(".place")).to_be_visible()  # the address stays while one works
    if is_as_said:
        phone.press("与预约相符")
        expect(page.get_by_role("button", name="确认取走并付款")).to_be_visible()


def collect_one(phone: Seat) -> str:
    """The next stop as booked; answers the unit's code."""
    phone.go("/recycler/")
    phone.look("2-jobs")
    phone.page.locator(".next-stop").click()
    at_the_door(phone, is_as_said=True)
    phone.look("3-door")
    phone.press("确认取走并付款")
    expect(phone.page.locator(".result")).to_contain_text("模拟支付")
    phone.look("4-receipt")
    return phone.page.locator(".unit-code").inner_text()


def collect_another_way(phone: Seat) -> str:
    """The stop after it: the unit is broken, and its owner reads her code aloud."""
    phone.go("/recycler/")
    phone.page.locator(".next-stop").click()
    at_the_door(phone, is_as_said=False)
    page = phone.page
    page.get_by_text("不符，按现场重新估价").click()
    for name, word in (("age", "3_to_8"), ("working", "no"), ("complete", "yes")):
        page.locator(f"[name={name}][value='{word}']").check(force=True)
    phone.press("看新价")
    expect(page.locator(".price-change")).to_contain_text("27.00")
    phone.press("请消费者确认新价")
    expect(page.get_by_text("等消费者确认新价")).to_be_visible()
    phone.look("5-requote")
    requote = models.Requote.objects.get()
    page.locator("[name=consent_code]").fill(order_book.consent_code(requote.id))
    phone.press("用确认码确认")
    phone.press("确认取走并付款")
    expect(page.locator(".result")).to_contain_text("27")
    return page.locator(".unit-code").inner_text()


def pack_and_ship(desk: Seat, codes: list[str]) -> None:
    page = desk.page
    desk.go("/recycler/weigh")
    for code, kilograms in zip(codes, ("62.7", "60.3"), strict=True):
        page.locator("[name=scan]").fill(f"https://id.gs1.org/8004/9523715{code}")
        page.locator("[name=scan]").press("Enter")  # a scanner's last key leads on to the scale
        page.keyboard.type(kilograms)
        page.keyboard.press("Enter")
        expect(page.locator(".weighed")).to_contain_text(f"{kilograms} 公斤")
    desk.look("6-weigh")
    desk.go("/recycler/grading")
    for place in range(2):
        for name, answer in given_recycling.WORN.items():
            page.locator(f"[name={name}][value='{answer}']").check(force=True)
        if place == 0:
            desk.look("7-grading")
        desk.press("按标准分级")
        expect(page.locator(".note")).to_contain_text("C 级")
    desk.go("/recycler/stock")
    desk.look("8-stock")
    desk.go("/recycler/pack")
    page.get_by_label("全选").check()
    expect(page.locator("[data-tick-words]")).to_have_text("已勾选 2")
    desk.look("9-pack")
    desk.press("封签成批")
    desk.look("10-lot")
    for name, typed in (("plate_no", "鲁P12345"), ("driver_name", "李师傅"), ("seal_no", "FQ1")):
        page.locator(f"[name={name}]").fill(typed)
    desk.press("确认发运")
    expect(page.locator(".pill").first).to_have_text("运输途中")


def receive(desk: Seat, codes: list[str]) -> None:
    page = desk.page
    desk.go("/dismantler/")
    desk.look("11-lots")
    page.locator("#lots tbody a").first.click()
    for code, kilograms, said in ((codes[0], "62.7", "相符"), (codes[1], "55", "重量不符")):
        page.locator("[name=scan]").fill(code)
        page.locator("[name=mass_g]").fill(kilograms)
        desk.press("记下这一台")
        row = page.locator("tr", has_text=code)
        expect(row.locator(".pill")).to_have_text(said)
    desk.look("12-gate")
    page.get_by_role("link", name="核对并完成验收").click()
    desk.look("13-receive")
    desk.press("确认验收")
    expect(page.get_by_text("发现 1 处差异")).to_be_visible()


def dismantle(desk: Seat) -> str:
    page = desk.page
    page.get_by_role("link", name="去拆解").click()
    desk.look("14-floor")
    page.locator("#floor tbody a").first.click()
    desk.look("15-choose")
    desk.press("下一步：过磅产出")
    expect(page.locator("#balance")).to_contain_text("可以申报")
    page.locator("[name=iron]").fill("30")
    expect(page.locator("#balance")).to_contain_text("不能申报")  # as one types, without a press
    desk.look("16-out-of-balance")
    page.locator("[name=iron]").fill("48.5")
    expect(page.locator("#balance")).to_contain_text("可以申报")
    desk.look("17-balance")
    desk.press("去确认申报")
    desk.look("18-confirm")
    desk.press("申报并出具证明")
    expect(page.locator(".document h1")).to_have_text("废弃电器电子产品拆解证明")
    desk.look("19-certificate")
    return page.url.rpartition("/")[2]


def test_a_unit_goes_from_the_route_to_its_certificate(browser, live_server, here):
    manager = Seat(browser, live_server.url, "manager", DESK)
    manager.go("/recycler/")
    manager.press("规划明天的路线")
    expect(manager.page.locator(".strip")).to_be_visible()
    manager.look("1-routes")

    later(13)
    phone = Seat(browser, live_server.url, "collector", PHONE)
    codes = [collect_one(phone), collect_another_way(phone)]
    assert sorted(p.amount_fen for p in models.Payout.objects.all()) == [27_00, 45_00]

    later(16)
    pack_and_ship(manager, codes)
    later(20)
    clerk = Seat(browser, live_server.url, "clerk", DESK)
    receive(clerk, codes)
    later(22)
    number = dismantle(clerk)

    clerk.go("/dismantler/months")
    clerk.look("20-months")
    clerk.go(f"/certificate/{number}")
    expect(clerk.page.locator("main")).to_contain_text(number)
    clerk.go(f"/trace/{codes[0]}")
    expect(clerk.page.locator("main")).to_contain_text("环保拆解")
    done = models.Unit.objects.filter(unit_code__in=codes)
    assert {unit.state for unit in done} == {UnitState.DISMANTLED}
    assert models.Order.objects.filter(state=OrderState.COMPLETED).count() == 2


@pytest.mark.parametrize("size", [PHONE, DESK])
@pytest.mark.slow
def test_every_desk_page_fits_a_phone_and_a_desk(browser, live_server, here, size):
    given_recycling.planned(here)
    for login, paths in (
        ("manager", ("routes", "waiting", "weigh", "grading", "stock", "pack", "lots")),
        ("clerk", ("lots", "floor", "certificates", "months")),
    ):
        seat = Seat(browser, live_server.url, login, size)
        for path in paths:
            seat.go(f"/{'recycler' if login == 'manager' else 'dismantler'}/{path}")
            seat.look(f"page-{login}-{path}-{size[0]}")


def test_the_door_works_without_script(browser, live_server, here):
    given_recycling.planned(here)
    later(13)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([given_desk.cookie("collector", live_server.url)])
    page = context.new_page()
    page.goto(live_server.url + "/recycler/")
    page.locator(".next-stop").click()
    page.get_by_role("button", name="查看门牌地址").click()
    expect(page.locator(".place")).to_contain_text("测试小区")
    page.get_by_role("button", name="没有标签，取走时由系统发码").click()
    photo = {"name": "old.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="保存照片").click()
    page.get_by_role("button", name="与预约相符").click()
    page.get_by_role("button", name="确认取走并付款").click()
    expect(page.locator(".result")).to_contain_text("¥45")
    assert models.Payout.objects.count() == 1


def test_the_county_of_the_walk_is_drawn(browser, live_server, here):
    given_recycling.planned(here)
    manager = Seat(browser, live_server.url, "manager", DESK)
    manager.go("/recycler/routes?on=2026-06-02")
    pins = manager.page.locator(".strip circle")
    assert pins.count() == len(STOPS) + 1  # and the depot once
    assert given.COUNTY in {job.region_code for job in route_book.list_jobs(
        here.manager.scope, on=given_recycling.DAY)}  # fmt: skip
