"""The market page of a shop: honest without the forecasting extra, and nobody's numbers in it."""

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.indicators import _forecasting, models
from huanxin.kernel import clock
from tests import given, given_catalogue
from tests.given_indicators import EAST, facts, sale
from tests.given_web import enter

pytestmark = pytest.mark.django_db
PAGE = "/merchant/market"
TODAY = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _nine_o_clock():
    given.regions()
    given_catalogue.reference()
    with clock.standing_at(clock.moment(TODAY, 9)):
        yield


def browser(role: Role = Role.MERCHANT_MANAGER) -> Client:
    card = staffing.open_account(
        actor=given.system(), login=f"shop-{role}", display_name="店长", role=role,
        password="correct horse battery", org_id=given.organisation(), region_path=EAST,
    )  # fmt: skip
    client = Client()
    enter(client, card.id)
    return client


def test_without_the_extra_the_page_says_so_and_how(monkeypatch):
    monkeypatch.setattr(_forecasting, "is_installed", lambda: False)

    text = browser().get(PAGE).content.decode()

    assert "未安装" in text
    assert "requirements/forecast.txt" in text
    assert "近30日还没有售出记录" in text


def test_a_forecast_stands_beside_the_naive_one(monkeypatch):
    monkeypatch.setattr(_forecasting, "is_installed", lambda: True)
    models.Forecast.objects.create(
        id=uuid4(), region_path=EAST, category_code="refrigerator", made_on=TODAY,
        method="AutoETS", history=[["2026-08-24", 4]], ahead=[["2026-08-31", 5, 3, 8]],
        error_bps=1250, naive_error_bps=2500, backtest_weeks=8, within_count=7,
    )  # fmt: skip

    text = browser().get(PAGE).content.decode()

    assert "3 – 8" in text
    assert "平均误差 12.5%，照搬上周的误差 25.0%；7 周落在区间内" in text
    assert "未安装" not in text


def test_few_people_are_not_shown_on_the_page_nor_in_its_file():
    facts("mart_claims_claim", [sale(TODAY) for _ in range(9)])
    client = browser()

    assert "不足10人，不显示" in client.get(PAGE).content.decode()
    file = client.get(f"{PAGE}?table=demand&export=csv").content.decode("utf-8-sig")
    assert "不足10人，不显示" in file
    assert ",9" not in file


def test_a_cashier_has_no_market():
    assert browser(Role.CASHIER).get(PAGE).status_code == 403
