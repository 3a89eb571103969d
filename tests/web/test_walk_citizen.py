"""A resident on her phone, step by step: signs in, books a pick-up, claims, shows her code.

Pictures of each stop are left in screenshots/ for whoever wants to look.
"""

import pytest
from playwright.sync_api import Browser, Page, expect

from huanxin.identity.services import registering
from huanxin.identity.types import NewPerson
from huanxin.kernel import clock
from huanxin.recycling import models as recycling
from huanxin.vouchers import models as vouchers
from huanxin.web import headers
from tests import given, given_citizen, given_vouchers
from tests.gateway.given_gateway import running
from tests.given_browser import MARKS, PICTURES, TOUCH

PHONE = {"width": 390, "height": 844}
NUMBER = "10012348888"
NOBODY = "http://localhost:9"  # the discard port: no gateway answers there

pytestmark = MARKS


@pytest.fixture
def pool_id():
    """A working city with a release that opened an hour ago, and a resident with a phone."""
    given_citizen.city()
    clock.set_clock(given_citizen.NOW)
    registering.verify_real_name(
        actor=given.system(),
        person_ids=registering.register_people(
            actor=given.system(),
            people=[NewPerson("王秀英", given.document_no(), NUMBER, given.COUNTY)],
        ),
    )
    return given_vouchers.pool(
        lines={"refrigerator": (150_000, 1), "television": (150_000, 1)}, quantity=500
    )


def gateway_at(url: str, monkeypatch, settings) -> None:
    """The pages, and the policy that lets them call, name this gateway."""
    policy = headers.CONTENT_SECURITY_POLICY.replace(settings.HUANXIN_GATEWAY_URL, url)
    monkeypatch.setattr(headers, "CONTENT_SECURITY_POLICY", policy)
    settings.HUANXIN_GATEWAY_URL = url


class Phone:
    """One phone-sized browser; what its console says is kept, and every stop is looked at."""

    def __init__(self, browser: Browser, address: str, *, has_script: bool = True) -> None:
        self.address = address
        context = browser.new_context(
            viewport=PHONE, locale="zh-CN", java_script_enabled=has_script, has_touch=True
        )
        self.has_script = has_script
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def tap(self, words: str) -> None:
        """Touch a choice by what it says."""
        self.page.locator("label.choice", has_text=words).first.click()

    def see(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def look(self, name: str) -> None:
        """Nothing sticks out, everything is large enough; a picture is kept."""
        self.page.wait_for_timeout(150)
        PICTURES.mkdir(exist_ok=True)
        self.page.screenshot(path=PICTURES / f"citizen-{name}.png", full_page=True)
        if not self.has_script:
            return
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0, name
        small = [one for one in self.page.evaluate(TOUCH) if 'type="radio"' not in one[0]]
        assert small == [], name

    def sign_in(self) -> None:
        self.go("/login?next=/my/")
        self.page.get_by_label("手机号").fill(NUMBER)
        self.press("获取验证码")
        code = self.page.locator("strong.mono").inner_text()
        self.page.get_by_label("短信验证码").fill(code)
        self.press("登录")


def test_a_pick_up_is_booked_in_a_few_taps(browser, live_server, pool_id):
    phone = Phone(browser, live_server.url)
    phone.sign_in()
    phone.see("王*英")
    phone.look("1-home")
    phone.page.get_by_role("link", name="卖旧", exact=False).first.click()
    phone.tap("冰箱")
    phone.see("还差：用了多久、能不能用、部件全不全")
    phone.look("2-sell")
    phone.tap("满 3 年不满 8 年")
    phone.tap("能用")
    phone.tap("齐全")
    phone.see("¥60.00")
    assert not recycling.Quote.objects.exists()
    phone.look("3-price")
    phone.press("按这个报价往下走")
    phone.see("比现金多 ¥15.00")
    phone.look("4-offer")
    phone.press("下一步：选上门时间")
    phone.page.get_by_label("详细地址").fill("测试小区 3 号楼 2 单元 501")
    phone.page.locator("summary", has_text="9月2日 周三").click()
    phone.page.locator('label.choice:has(input[value="2026-09-02|14-16"])').click()
    phone.look("5-visit")
    phone.press("下一步：核对")
    phone.see("9月2日 周三 14–16 点")
    phone.look("6-confirm")
    assert not recycling.Order.objects.exists()
    phone.press("确认预约")
    phone.see("已预约，9月2日 周三 14–16 点 上门。")
    phone.look("7-order")
    assert recycling.Order.objects.get().quoted_fen == 60_00
    assert phone.said == []


def test_a_right_is_claimed_through_the_gateway_and_shown_at_the_till(
    browser, live_server, pool_id, monkeypatch, settings
):
    with running() as gateway:
        gateway_at(f"http://localhost:{gateway.port}", monkeypatch, settings)
        phone = Phone(browser, live_server.url)
        phone.sign_in()
        phone.page.locator("a", has_text="测试发放").click()
        phone.see("500")
        phone.look("8-pool")
        phone.tap("冰箱")
        with phone.page.expect_response(f"http://localhost:{gateway.port}/claim") as answered:
            phone.press("立即领取")
        assert answered.value.ok
        phone.see("领取成功")
        phone.look("9-won")
        assert 'outcome="won"} 1' in gateway.get("/metrics")[1]
    phone.page.get_by_role("link", name="看这张券怎么用").click()
    phone.look("10-voucher")
    phone.press("出示付款码")
    expect(phone.page.locator("svg.qr")).to_be_visible()
    phone.look("11-code")
    assert vouchers.Voucher.objects.count() == 1
    assert phone.said == []


def test_a_gateway_that_is_away_does_not_cost_the_claim(
    browser, live_server, pool_id, monkeypatch, settings
):
    gateway_at(NOBODY, monkeypatch, settings)
    phone = Phone(browser, live_server.url)
    phone.sign_in()
    phone.go(f"/my/releases/{pool_id}")
    phone.tap("电视")
    phone.press("立即领取")
    phone.see("领取成功")
    assert vouchers.Voucher.objects.get().category_code == "television"


def test_all_of_it_works_without_script(browser, live_server, pool_id):
    phone = Phone(browser, live_server.url, has_script=False)
    phone.sign_in()
    phone.go("/my/sell")
    for words in ("冰箱", "不满 3 年", "不能用", "缺部件"):
        phone.tap(words)
    phone.press("看价格")
    phone.press("按这个报价往下走")
    phone.page.locator("label.choice:has(input[value=cash])").click()
    phone.press("下一步：选上门时间")
    phone.page.get_by_label("详细地址").fill("测试村 18 号")
    phone.page.locator('label.choice:has(input[value="2026-09-01|14-16"])').click()
    phone.press("下一步：核对")
    phone.press("确认预约")
    phone.see("已预约，9月1日 周二 14–16 点 上门。")
    phone.go(f"/my/releases/{pool_id}")
    phone.tap("冰箱")
    phone.press("立即领取")
    phone.see("领取成功")
    phone.look("12-no-script")
    assert recycling.Order.objects.get().choice == "cash"
    assert vouchers.Voucher.objects.count() == 1
