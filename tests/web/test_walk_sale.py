"""One fridge in a real browser: sold, proved, held, reviewed by keyboard, published, paid.

Pictures of each stop are left in screenshots/ for whoever wants to look.
"""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from huanxin.claims import selectors as claim_reads
from huanxin.claims.services import deciding
from huanxin.claims.types import AuditStatus
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.settlement import selectors as settlement
from huanxin.settlement.types import OrderState
from huanxin.vouchers.services import till_codes
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims, given_papers, given_settlement, given_vouchers
from tests.given_browser import MARKS, PICTURES
from tests.given_claims import SOLD_AT
from tests.given_settlement import OPENED_AT, PAID_AT
from tests.given_web import visitor

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}

pytestmark = MARKS


class Walk:
    """Browsers of several people on one live server, at the platform's own clock."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.said: list[str] = []

    def enter(self, role: Role, *, size=None, **account) -> Page:
        client, _ = visitor(role, **account)
        context = self.browser.new_context(viewport=size or DESK, locale="zh-CN")
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        context.add_cookies([{**cookie, "url": self.address}])
        page = context.new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def look(self, page: Page, name: str) -> None:
        """Nothing sticks out sideways; a picture is kept."""
        page.wait_for_timeout(150)
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=page.viewport_size == PHONE)
        assert wide <= 0, name


def scan(page: Page, text: str) -> None:
    page.get_by_placeholder("付款码、商品条码、序列号或 IMEI").fill(text)
    with page.expect_response("**/till/scan"):
        page.keyboard.press("Enter")
    page.wait_for_timeout(100)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_fridge_is_sold_and_its_papers_are_handed_in(
    browser, live_server, size, tmp_path, settings
):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    at = given_claims.till(trade_in_fen=6_000)
    clock.set_clock(SOLD_AT)
    walk = Walk(browser, live_server.url)
    name = "phone" if size == PHONE else "desk"
    page = walk.enter(Role.CASHIER, size=size, org_id=at.sale.merchant_id)
    page.goto(live_server.url + "/merchant/")
    walk.look(page, f"till-{name}-1-empty")
    shown = [at.sale.qualification_id, at.sale.trade_in_voucher_id]
    code = till_codes.till_code(actor=given.consumer(at.buyer), voucher_ids=shown).code
    for text in (code, at.sale.gtin, at.sale.serial):
        scan(page, text)
    with page.expect_response("**/till/edit"):
        page.get_by_label("标价（元）").fill("4999")
        page.keyboard.press("Tab")
    page.wait_for_selector("button:has-text('成交')")
    walk.look(page, f"till-{name}-2-quote")
    page.get_by_role("button", name="成交").click()
    page.wait_for_url("**/sales/*")
    figure = page.locator("data.money.till").first
    assert figure.text_content() == "¥4,198.15"
    assert figure.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 64
    walk.look(page, f"till-{name}-3-sold")
    photo = tmp_path / "label.jpg"
    photo.write_bytes(given_papers.picture())
    hand_in(page, at, photo)
    walk.look(page, f"till-{name}-4-papers")
    assert "已交齐" in page.content()
    assert given_papers.read() == 3  # nothing stands on the picture: what was typed stands
    assert deciding.decide_due(actor=given.system()) == 1
    assert walk.said == []


def test_a_till_without_a_network_sells_nothing_and_says_so(browser, live_server):
    at = given_claims.till()
    clock.set_clock(SOLD_AT)
    walk = Walk(browser, live_server.url)
    page = walk.enter(Role.CASHIER, size=PHONE, org_id=at.sale.merchant_id)
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

    page.context.set_offline(True)
    page.get_by_role("button", name="成交").click()
    page.wait_for_selector("text=网络不通：未核销、未扣券，请勿先放行优惠")
    walk.look(page, "till-phone-offline")
    assert given_vouchers.card(at.sale.qualification_id).state is VoucherState.USABLE
    assert given_vouchers.owed_fen(at.sale.merchant_id) == 0

    page.context.set_offline(False)  # nothing was pending: nothing happens by itself
    page.wait_for_timeout(500)
    assert given_claims.count_sales() == 0


def held_claims(count: int) -> list[str]:
    """Claims whose label shows another serial number, the first one without a place as well."""
    pool_id = given_vouchers.pool(quantity=count)
    numbers = []
    for n in range(count):
        till = given_claims.till(pool_id=pool_id)
        changes: dict[str, str | None] = {"label__serial_read": f"SNOTHER{n}"}
        if n == 0:
            changes["label__lat_e6"] = None
        numbers.append(given_claims.decided(till, **changes)[1].card.number)
    return numbers


def test_a_held_claim_is_reviewed_by_keyboard(browser, live_server):
    first, second = held_claims(2)
    clock.set_clock(SOLD_AT + timedelta(hours=9))
    walk = Walk(browser, live_server.url)
    page = walk.enter(Role.REVIEWER)
    page.goto(live_server.url + "/console/")
    here = page.locator(".queue a.queue-case[aria-current]")
    assert first in here.text_content()
    walk.look(page, "review-1-case")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    walk.look(page, "review-2-keys")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("j")
    assert second in here.text_content()
    with page.expect_navigation():
        page.keyboard.press("k")
    page.keyboard.press("r")
    page.keyboard.type("与门店核对，序列号确为另一台")
    walk.look(page, "review-3-refuse")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    assert page.locator("[data-verdict=A] textarea").input_value() == "材料核实无误"
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert first in page.locator("[role=status]").text_content()
    assert second in here.text_content()
    walk.look(page, "review-4-next")
    assert given_claims.claim_of(sale_of(first)).card.audit_status is AuditStatus.PASSED
    assert walk.said == []


def sale_of(number: str) -> UUID:
    found = claim_reads.find_claim_by_number(number, Scope())
    assert found is not None
    return found.card.sale_id


def test_a_batch_is_published_by_one_and_paid_by_another(browser, live_server):
    given_settlement.cleared(*given_settlement.shops(3, trade_in_fen=6_000))
    clock.set_clock(OPENED_AT)
    walk = Walk(browser, live_server.url)
    operator = walk.enter(Role.OPERATOR)
    operator.goto(live_server.url + "/console/batches")
    operator.get_by_text("建一个批次", exact=True).click()
    operator.locator("#id_programme").select_option("appliances-2026")
    operator.get_by_role("button", name="建批次").click()
    operator.get_by_role("button", name="开始公示").click()
    operator.wait_for_selector("[data-state=published]")
    walk.look(operator, "batch-1-published")
    batch = operator.url.rpartition("/")[2]
    clock.set_clock(PAID_AT)
    finance = walk.enter(Role.FINANCE_OFFICER)
    finance.goto(f"{live_server.url}/console/batches/{batch}")
    finance.get_by_role("link", name="去支付").click()
    assert finance.locator("data.money.large").get_attribute("value") == str(3 * (74_085 + 6_000))
    walk.look(finance, "batch-2-confirm")
    finance.get_by_role("button", name="确认支付").click()
    finance.get_by_text("登记银行回执").first.click()
    finance.get_by_label("回单号").first.fill("回单0001")
    walk.look(finance, "batch-3-payment")
    finance.get_by_role("button", name="登记").first.click()
    finance.get_by_role("link", name=re.compile(r"^对账 \d")).click()
    walk.look(finance, "batch-4-reconciliation")
    states = sorted(order.state for order in settlement.orders_of(UUID(batch)))
    assert states == [OrderState.ACCEPTED, OrderState.SENT, OrderState.SENT]
    assert walk.said == []


@pytest.mark.slow
def test_the_other_pages_fit_a_phone_and_a_desk(browser, live_server):
    till, _claim, _order = given_settlement.paid()
    clock.set_clock(PAID_AT + timedelta(hours=2))
    walk = Walk(browser, live_server.url)
    pages = {
        Role.MERCHANT_MANAGER: ("merchant/claims", "merchant/statement", "merchant/models",
                                "merchant/precheck"),
        Role.OPERATOR: ("console/pools", "console/pools/new", "console/budgets",
                        "console/budgets/new"),
        Role.POLICY_OFFICER: ("console/policies", "console/policies/appliances-2026",
                              "console/policies/try", "console/organisations"),
        Role.ADMIN: ("console/audit",),
        Role.FINANCE_OFFICER: ("console/claims", "console/reconciliation"),
    }  # fmt: skip
    for role, paths in pages.items():
        org_id = till.sale.merchant_id if role == Role.MERCHANT_MANAGER else None
        for size, name in ((DESK, "desk"), (PHONE, "phone")):
            page = walk.enter(role, size=size, org_id=org_id)
            for path in paths:
                page.goto(f"{live_server.url}/{path}")
                walk.look(page, f"{path.replace('/', '-')}-{name}")
            page.context.close()
    assert walk.said == []


def hand_in(page: Page, at: given_claims.Till, photo: Path, serial: str = "") -> None:
    """Every paper through its form, typed as a cashier types."""
    day = clock.today().isoformat()
    typed = {
        "invoice": {
            "发票号码": f"2637{abs(hash(at.sale.serial)) % 10**16:016d}", "价税合计": "4939.00",
            "开票日期": day, "购买人证件号": at.document_no,
        },
        "label": {
            "铭牌上的序列号": serial or at.sale.serial, "纬度": "36.45", "经度": "115.98",
        },
        "delivery": {
            "签收时间": f"{day}T10:00", "收货人证件号": at.document_no, "纬度": "36.45",
            "经度": "115.98",
        },
    }  # fmt: skip
    for kind, facts in typed.items():
        form = page.locator(f"form[action$='/papers/{kind}']")
        form.locator("input[type=file]").set_input_files(photo)
        form.locator("details.typed > summary").click()
        for label, value in facts.items():
            form.get_by_label(re.compile(label)).fill(value)
        with page.expect_navigation():
            form.get_by_role("button", name=re.compile("^交")).click()
