"""An e-bike's door without a network: its battery is weighed on the phone as on the page."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.types import OrderState
from tests import given_desk, given_recycling
from tests.given_browser import MARKS
from tests.web.test_field_in_browser import Phone, payouts

pytestmark = MARKS


@pytest.fixture
def phone(browser, live_server, settings, tmp_path) -> Iterator[Phone]:
    settings.HUANXIN_FILE_FOLDER = tmp_path
    clock.set_clock(given_recycling.EVENING)
    here = given_recycling.city()
    worker = given_desk.account(Role.COLLECTOR, here.recycler_id, login="collector")
    models.Van.objects.update(collector_account_id=worker.account_id)
    given_recycling.booked(units=(given_recycling.answers("e_bike"),))
    given_recycling.planned(here)
    clock.set_clock(given_recycling.EVENING + timedelta(hours=14))
    opened = Phone(browser, live_server.url)
    yield opened
    opened.context.set_offline(False)
    opened.context.close()


def weigh(phone: Phone, kilograms: str) -> None:
    page = phone.page
    page.locator("[data-form=battery] .choice", has_text="铅酸电池").click()
    page.get_by_label("电池重量（公斤）").fill(kilograms)
    page.locator("[data-form=battery] button").click()


def test_a_bike_is_taken_without_a_network_once_its_battery_is_weighed(phone):
    phone.prepared()
    phone.cut()
    phone.recorded(0)
    page = phone.page
    page.get_by_role("button", name="与预约相符").click()
    expect(page.locator("[data-step=pay]")).to_contain_text("还差：电池称重")
    expect(page.get_by_role("button", name="确认取走并付款")).to_be_hidden()
    phone.look("battery-1-asked")

    weigh(phone, "1.2")
    expect(page.locator("[data-form=battery] [role=alert]")).to_contain_text("公斤之间")
    weigh(phone, "16.2")
    expect(page.locator("[data-step=check]")).to_contain_text("铅酸电池 16.2 kg")
    page.reload()
    expect(page.locator("[data-step=check]")).to_contain_text("铅酸电池 16.2 kg")
    phone.look("battery-2-weighed")
    page.get_by_role("button", name="确认取走并付款").click()
    expect(page.locator(".result")).to_be_visible()
    assert not models.Battery.objects.exists()

    phone.joined()
    phone.sent(1)
    [battery] = models.Battery.objects.all()
    assert (battery.kind, battery.mass_g, battery.is_hazardous) == ("lead_acid", 16_200, True)
    assert payouts() == 1
    assert models.Order.objects.get().state == OrderState.COLLECTED


def test_a_bike_found_without_its_battery_asks_for_no_weight(phone):
    phone.prepared()
    phone.cut()
    phone.recorded(0)
    page = phone.page
    page.get_by_text("不符，按现场重新估价").click()
    form = page.locator("[data-form=found]")
    form.locator(".choice").first.click()
    form.locator("fieldset").nth(1).locator(".choice").first.click()
    form.locator(".choice", has_text="不全").click()
    form.get_by_role("button", name="看新价").click()
    expect(page.locator("[data-form=battery]")).to_have_count(0)
    expect(page.locator("[data-step=pay]")).not_to_contain_text("电池称重")
