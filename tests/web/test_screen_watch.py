"""Alerts, thresholds and targets on their page: set, seen by whose region it is, answered once."""

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.indicators import models as indicators
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.supervision import selectors, services
from tests import given
from tests.given_indicators import CITY, EAST, WEST, facts, sale
from tests.given_web import enter

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)
PAGE = "/screen/watch/"


@pytest.fixture(autouse=True)
def _nine_o_clock():
    given.regions()
    with clock.standing_at(clock.moment(TODAY, 9)):
        yield


def browser(role: Role, path: str = CITY, **more) -> Client:
    card = staffing.open_account(
        actor=given.system(), login=f"{role}-{path}", display_name=f"{role}员", role=role,
        password="correct horse battery", region_path=path, **more,
    )  # fmt: skip
    client = Client()
    enter(client, card.id)
    return client


def threshold(client: Client, **changed: str):
    said = {
        "request_id": str(uuid4()), "metric_id": "sales_driven_fen", "region_code": "371502",
        "period": "today", "low": "", "high": "1,000.00", "reason": "单日异常放量需核查",
    }  # fmt: skip
    return client.post(reverse("screen:set_threshold"), said | changed)


def broken() -> None:
    """A threshold of the eastern county, and sales beyond it."""
    threshold(browser(Role.OPERATOR))
    facts("mart_claims_claim", [sale(TODAY, price_fen=123_457)])
    services.watch_thresholds(actor=given.system())


def test_a_threshold_in_yuan_is_watched_in_fen_and_a_repeat_is_one():
    client, request_id = browser(Role.OPERATOR), str(uuid4())

    assert threshold(client, request_id=request_id).status_code == 302
    assert threshold(client, request_id=request_id).status_code == 302

    (line,) = selectors.list_thresholds(Scope())
    assert (line.high, line.low, line.set_by) == (100_000, None, "operator员")
    assert "今日拉动消费" in client.get(PAGE).content.decode()


def test_an_alert_is_on_the_wall_and_the_page_of_whose_region_it_is_and_of_no_one_else():
    broken()
    city, east, west = (browser(Role.OBSERVER, path) for path in (CITY, EAST, WEST))

    for client, code in ((city, "371500"), (east, "371502")):
        assert "预警 1 条待确认" in client.get(f"/screen/{code}/").content.decode()
        text = client.get(PAGE).content.decode()
        assert "东昌府区 · 今日拉动消费高于上限" in text
        assert "达到 1,234.57元，预警线 1,000.00元" in text
    for address in (PAGE, "/screen/371503/"):
        assert "拉动消费高于上限" not in west.get(address).content.decode()
    assert "条待确认" not in west.get("/screen/371503/").content.decode()


def test_an_alert_is_answered_by_name_once_and_what_was_refused_says_why():
    broken()
    (alert,) = selectors.list_alerts(Scope()).items
    reviewer = browser(Role.REVIEWER)
    address = reverse("screen:acknowledge", args=[alert.id])

    short = reviewer.post(address, {"note": "好"})
    done = reviewer.post(address, {"note": "已联系门店核查"})
    late = browser(Role.FINANCE_OFFICER).post(address, {"note": "我来处理此事"})

    assert (short.status_code, done.status_code, late.status_code) == (422, 302, 409)
    assert 'data-code="supervision.note_missing"' in short.content.decode()
    assert 'data-code="supervision.alert_answered"' in late.content.decode()
    assert selectors.get_alert(alert.id, Scope()).acknowledged_by == "reviewer员"
    assert "reviewer员于" in reviewer.get(PAGE).content.decode()


def test_strangers_see_and_change_nothing():
    broken()
    (alert,) = selectors.list_alerts(Scope()).items
    observer, west = browser(Role.OBSERVER), browser(Role.REVIEWER, WEST)
    cashier = browser(Role.CASHIER, EAST, org_id=given.organisation())
    address = reverse("screen:acknowledge", args=[alert.id])

    assert observer.post(address, {"note": "已联系门店核查"}).status_code == 403
    assert west.post(address, {"note": "已联系门店核查"}).status_code == 404
    assert threshold(observer).status_code in {403, 422}
    assert cashier.get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302
    assert selectors.count_open_alerts(Scope()) == 1


@pytest.mark.parametrize(
    "changed", [{"low": "", "high": ""}, {"high": "许多"}, {"reason": "无"}, {"period": "century"}]
)
def test_bounds_that_cannot_be_watched_come_back_with_what_was_typed(changed):
    page = threshold(browser(Role.OPERATOR), **changed)

    assert page.status_code == 422
    assert changed.get("reason", "单日异常放量需核查") in page.content.decode()
    assert selectors.list_thresholds(Scope()) == []


def test_a_threshold_is_withdrawn_by_the_page():
    client = browser(Role.OPERATOR)
    threshold(client)
    (line,) = selectors.list_thresholds(Scope())

    assert client.post(reverse("screen:withdraw", args=[line.id])).status_code == 302
    assert selectors.list_thresholds(Scope()) == []


def test_a_target_is_published_with_a_document_and_a_name():
    client = browser(Role.POLICY_OFFICER)
    said = {
        "request_id": str(uuid4()), "metric_id": "sales_driven_fen", "region_code": "371500",
        "from_on": "2026-01-01", "to_on": "2026-12-31", "value": "8000000000",
        "document": "聊商务字〔2026〕1号",
    }  # fmt: skip

    refused = client.post(reverse("screen:publish_target"), said | {"to_on": "2025-01-01"})
    assert refused.status_code == 422
    assert not indicators.Target.objects.exists()
    assert client.post(reverse("screen:publish_target"), said).status_code == 302
    client.post(reverse("screen:publish_target"), said)

    row = indicators.Target.objects.get()
    assert (row.value, row.published_by) == (800_000_000_000, "policy_officer员")
    assert "聊商务字〔2026〕1号" in client.get(PAGE).content.decode()
