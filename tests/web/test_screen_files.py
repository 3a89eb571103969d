"""Every panel of a wall, its files, the metric's page and the API say one number, to the fen."""

import io
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from huanxin.api import security
from huanxin.identity import selectors as identity
from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.indicators import selectors
from huanxin.indicators.services import targeting
from huanxin.indicators.types import By, NewTarget, Wall
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Scope
from huanxin.web.screen import papers
from tests import given, given_catalogue
from tests.given_indicators import CITY, EAST, WEST, facts, order, sale, unit
from tests.given_web import enter

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _city():
    given.regions()
    given_catalogue.reference()
    with clock.standing_at(clock.moment(TODAY, 9)):
        taken = [order(TODAY), order(date(2026, 7, 2), region_path=WEST), order(TODAY)]
        facts("mart_recycling_order", taken)
        facts("mart_recycling_unit", [unit(one) for one in taken])
        facts("mart_claims_claim", [
            sale(TODAY, price_fen=123_457, subsidy_fen=18_518, person_id=taken[0]["person_id"]),
            sale(date(2026, 8, 20), price_fen=777_701, subsidy_fen=116_655, region_path=WEST),
            sale(TODAY, price_fen=400_001, subsidy_fen=60_000, verify_status="held"),
        ])  # fmt: skip
        yield


def account_of(role: Role = Role.OBSERVER, path: str = CITY):
    card = staffing.open_account(
        actor=given.system(), login=f"{role}-{path}", display_name="值班员", role=role,
        password="correct horse battery", region_path=path,
    )  # fmt: skip
    return get_user_model().objects.get(pk=card.id)


def browser(account) -> Client:
    client = Client()
    enter(client, account.id)
    return client


def the_wall(map_metric: str = "sales_driven_fen") -> Wall:
    return selectors.read_wall(
        Scope(region_path=CITY), identity.get_region("371500"), selectors.window_named("year"),
        map_metric=map_metric,
    )  # fmt: skip


def api(client: Client, account, metric_id: str, **query: str) -> dict:
    token, _ = security.issue_token(account.id)
    answer = client.get(
        f"/api/v1/metrics/{metric_id}", {"region_code": "371500", **query},
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    return answer.json()


def sheet(client: Client, panel: str) -> dict[str, object]:
    """The integer column of a panel's Excel file by the name of each row."""
    address = reverse("screen:panel", args=["371500", panel, "xlsx"])
    book = load_workbook(io.BytesIO(client.get(address + "?map=sales_driven_fen").content))
    _, *rows = book.worksheets[0].values
    return {row[0]: row[2] for row in rows}


def test_panels_files_pages_and_api_say_one_number() -> None:
    account = account_of()
    client, wall = browser(account), the_wall()
    shown = {
        "keys": {one.series.metric.id: one.series.value for one in wall.keys},
        "service": {one.series.metric.id: one.series.value for one in wall.tiles},
        "field": {one.series.metric.id: one.series.value for one in wall.field},
    }
    assert shown["keys"]["sales_driven_fen"] == 1_301_159

    for panel, numbers in shown.items():
        file = sheet(client, panel)
        for metric_id, value in numbers.items():
            title = selectors.get_metric(metric_id).title
            assert file[title] == ("" if value is None else value) or file[title] is value
            assert api(client, account, metric_id)["value"] == value


def test_the_groups_of_panels_are_those_of_files_and_api() -> None:
    account = account_of()
    client = browser(account)
    pairs = {
        "map": api(client, account, "sales_driven_fen", by=By.REGION)["groups"],
        "groups": api(client, account, "old_units_collected", by=By.CATEGORY)["groups"],
    }

    for panel, groups in pairs.items():
        assert sheet(client, panel) == {one["label"]: one["value"] for one in groups}
    assert sheet(client, "flow")["交旧预约 → 上门回收"] == 3


def test_the_money_panel_is_the_metrics_of_the_year() -> None:
    account = account_of()
    client = browser(account)
    names = {
        "budget_fen": "预算", "budget_claimed_fen": "已领", "subsidy_redeemed_fen": "已核销",
        "subsidy_paid_fen": "已支付", "budget_left_fen": "预算余额",
    }  # fmt: skip

    file = sheet(client, "money")

    assert file == {name: api(client, account, key)["value"] for key, name in names.items()}
    assert file["已核销"] == 195_173


@pytest.mark.parametrize("panel", papers.PANELS)
def test_every_panel_is_a_picture_an_excel_sheet_and_a_pdf(panel: str) -> None:
    client = browser(account_of())
    heads = {"png": b"\x89PNG", "pdf": b"%PDF", "xlsx": b"PK"}

    for kind, head in heads.items():
        answer = client.get(reverse("screen:panel", args=["371500", panel, kind]))
        assert answer.status_code == 200
        assert answer.content.startswith(head)
    assert client.get(f"/screen/371500/panel/{panel}.exe").status_code == 404
    assert client.get("/screen/371500/panel/secrets.pdf").status_code == 404


@pytest.mark.parametrize("kind", ["png", "pdf", "xlsx"])
def test_a_metrics_groups_are_files_too(kind: str) -> None:
    client = browser(account_of())
    address = reverse("screen:metric", args=["371500", "sales_driven_fen"])

    assert client.get(f"{address}?by=region&export={kind}").status_code == 200
    assert client.get(f"{address}?export=exe").status_code == 404


def test_a_countys_reader_takes_no_panel_of_the_city() -> None:
    account = account_of(path=EAST)
    client = browser(account)
    token, _ = security.issue_token(account.id)

    assert client.get(reverse("screen:panel", args=["371500", "keys", "xlsx"])).status_code == 403
    for address in ("sales_driven_fen", "sales_driven_fen/rows"):
        refused = client.get(
            f"/api/v1/metrics/{address}?region_code=371500",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert refused.status_code == 403


def test_a_published_target_stands_on_wall_page_and_api_with_its_name() -> None:
    account = account_of()
    client = browser(account)
    targeting.publish_target(
        actor=given.staff(Role.POLICY_OFFICER, region_path=CITY),
        target=NewTarget(
            "sales_driven_fen", "371500", date(2026, 1, 1), date(2026, 12, 31), 36_500_000,
            "聊商务字〔2026〕1号",
        ),
        request_id=ids.new_id(),
    )  # fmt: skip

    page = client.get(reverse("screen:metric", args=["371500", "sales_driven_fen"]))
    wall = client.get(reverse("screen:wall", args=["371500"])).content.decode()

    days = (TODAY - date(2026, 1, 1)).days + 1
    assert api(client, account, "sales_driven_fen")["goal"] == 100_000 * days
    assert "聊商务字〔2026〕1号（测试policy_officer发布，按天折算）" in page.content.decode()
    assert "目标的 5.3%" in wall
