"""The walls: one answer whole or in part, asked again at no cost, the same number everywhere."""

import csv
import io
import re
import time
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from huanxin.dashboards.figures import figure, words
from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.indicators import selectors
from huanxin.indicators.services import rolling
from huanxin.indicators.types import By, Unit
from huanxin.kernel import audit, clock, feed, ids, money
from huanxin.kernel.actor import Scope
from huanxin.project import wording
from huanxin.web import spoken
from tests import given, given_catalogue, given_web
from tests.given_indicators import CITY, EAST, WEST, facts, order, sale, unit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _nine_o_clock():
    given.regions()
    with clock.standing_at(clock.moment(TODAY, 9)):
        yield


def signed_in(role: Role = Role.OBSERVER, path: str = CITY, **more) -> Client:
    card = staffing.open_account(
        actor=given.system(), login=f"{role}-{path}", display_name="值班员", role=role,
        password="correct horse", region_path=path, **more,
    )  # fmt: skip
    client = Client()
    given_web.enter(client, card.id)
    return client


def sales() -> None:
    facts(
        "mart_claims_claim",
        [
            sale(TODAY, price_fen=123_456, subsidy_fen=18_518, hour=8),
            sale(date(2026, 8, 20), price_fen=777_701, subsidy_fen=116_655, region_path=WEST),
            sale(date(2026, 3, 1), price_fen=1, subsidy_fen=1, category_code="television"),
        ],
    )


def wall(client: Client, code: str = "371500", query: str = "", **headers):
    return client.get(reverse("screen:wall", args=[code]) + query, headers=headers)


@pytest.mark.parametrize("code", ["370000", "371500", "371502", "371571"])
def test_an_empty_city_has_a_screen_at_every_level(code: str) -> None:
    page = wall(signed_in(), code)

    assert page.status_code == 200
    text = page.content.decode()
    assert "本期还没有居民预约交旧" in text
    assert "本年尚未下达预算" in text
    assert "审图号：由部署单位提供" in text


def test_what_htmx_gets_is_what_the_whole_page_holds() -> None:
    sales()
    client = signed_in()

    whole = wall(client).content.decode()
    part = wall(client, **HTMX).content.decode()

    assert "<html" not in part
    assert part.strip() in whole


def test_asking_again_while_the_feed_stands_still_costs_no_reading(
    django_assert_max_num_queries,
) -> None:
    client = signed_in()
    tag = wall(client, **HTMX).headers["ETag"]

    with django_assert_max_num_queries(9):  # session, account, region, feed
        again = wall(client, **HTMX, **{"If-None-Match": tag})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["X-As-Of"] == "09:00:00"


def test_another_address_or_another_day_is_another_answer() -> None:
    client = signed_in()
    tags = {
        wall(client, query=q).headers["ETag"] for q in ("", "?period=week", "?map=new_units_sold")
    }
    with clock.standing_at(clock.moment(date(2026, 9, 2), 0)):
        tags.add(wall(client).headers["ETag"])

    assert len(tags) == 4


def test_a_whole_page_is_never_answered_with_nothing() -> None:
    client = signed_in()
    tag = wall(client).headers["ETag"]

    assert wall(client, **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("metric_id", [metric.id for metric in selectors.list_metrics()])
def test_every_number_has_a_page_and_an_export_even_in_an_empty_city(metric_id: str) -> None:
    client = signed_in()
    address = reverse("screen:metric", args=["371500", metric_id])

    for query in ("", "&by=region", "&by=category", "&by=hour", "&export=csv"):
        assert client.get(f"{address}?period=week{query}").status_code == 200


def test_tile_table_rows_and_both_exports_are_one_number() -> None:
    sales()
    client = signed_in()
    scope = Scope(region_path=CITY)
    series = selectors.read_metric("sales_driven_fen", scope, date(2026, 1, 1), TODAY, By.REGION)
    assert series.value == 901_158
    address = reverse("screen:metric", args=["371500", "sales_driven_fen"])

    tile = wall(client).content.decode()
    table = client.get(address + "?by=region").content.decode()
    groups = _csv(client.get(address + "?by=region&export=csv").content)
    rows = _csv(b"".join(client.get(address + "rows.csv").streaming_content))

    exact = figure(series.value, series.metric.unit).exact
    assert f'title="{exact}"' in tile
    assert exact in table
    heads = ["拉动消费（分）", "拉动消费（元）"]
    assert [groups[-1][head] for head in heads] == ["901158", "9011.58"]
    assert sum(int(row[heads[0]]) for row in groups[:-1]) == series.value
    assert sum(int(row[heads[0]]) for row in rows) == series.value
    assert [money.parse_yuan(row[heads[1]]) for row in rows] == [123_456, 777_701, 1]
    assert re.search(r"共 3 条", table)


def test_a_ratio_leads_to_its_parts() -> None:
    client = signed_in()

    page = client.get(reverse("screen:metric", args=["371500", "leverage"])).content.decode()

    assert reverse("screen:metric", args=["371500", "sales_driven_fen"]) in page
    assert reverse("screen:metric", args=["371500", "subsidy_redeemed_fen"]) in page


def test_the_map_leads_down_and_the_breadcrumb_up_with_the_state_kept() -> None:
    sales()

    text = wall(signed_in(), query="?period=month&map=new_units_sold").content.decode()

    for code in ("371502", "371571"):
        assert f"/screen/{code}/?period=month&amp;map=new_units_sold" in text
    assert "/screen/370000/?period=month&amp;map=new_units_sold" in text
    assert "<tspan" in text


def test_a_county_observer_cannot_open_the_citys_screen_and_is_told_where_to_go() -> None:
    client = signed_in(path=EAST)

    for address in (
        reverse("screen:wall", args=["371500"]),
        reverse("screen:metric", args=["371500", "sales_driven_fen"]),
        reverse("screen:rows", args=["371503", "sales_driven_fen"]),
    ):
        refused = client.get(address)
        assert refused.status_code == 403
        assert "您可以查看东昌府区的大屏" in refused.content.decode()
    assert client.get(reverse("screen:home")).url == "/screen/371502/"


def test_a_county_counts_its_own_and_shows_no_neighbours_number() -> None:
    given_catalogue.reference()
    sales()

    text = wall(signed_in(path=EAST), "371502", "?map=sales_driven_fen").content.decode()

    assert "¥1,234.57" in text  # 123,456 and 1 fen; the western county's 7,777.01 is not in it
    assert "7,777.01" not in text
    assert "冰箱" in text


def test_visitors_sign_in_first_and_cashiers_have_no_screen() -> None:
    assert Client().get("/screen/371500/").url.startswith("/login")
    cashier = signed_in(Role.CASHIER, EAST, org_id=given.organisation())
    assert cashier.get("/screen/371502/").status_code == 403


def test_the_province_shows_its_own_city_and_names_the_others_as_not_connected() -> None:
    sales()

    text = wall(signed_in(), "370000").content.decode()

    assert text.count("未接入</title>") == 15
    assert "其余城市未接入" in text
    assert "/screen/371500/" in text


def test_nonsense_in_the_address_is_refused_in_words() -> None:
    client = signed_in()

    assert wall(client, query="?period=century").status_code == 422
    assert wall(client, query="?map=happiness").status_code == 404
    assert wall(client, query="?from=2026-09-01&to=2026-08-01").status_code == 422
    assert client.get(reverse("screen:metric", args=["371500", "happiness"])).status_code == 404
    assert wall(client, "999999").status_code == 422


def test_the_flow_is_in_the_page_in_words_too() -> None:
    taken = order(TODAY)
    facts("mart_recycling_order", [taken])
    facts("mart_recycling_unit", [unit(taken)])

    text = wall(signed_in()).content.decode()

    assert "交旧预约 → 上门回收</th><td>1 台" in text


def _csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def counted_city() -> Client:
    """A city whose rollups stand at the feed's end, and someone who watches."""
    watcher = signed_in()
    until = time.monotonic() + 60
    while int(feed.position().split(".")[1]) < newest_line():  # older work of the server ends
        assert time.monotonic() < until
        time.sleep(0.05)
    while rolling.roll_up(actor=given.system()):
        pass
    return watcher


def newest_line() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM kernel_auditentry")
        return cursor.fetchone()[0]


def line(at) -> None:
    """A line of the feed, which readers see once older work of the server has ended."""
    before = feed.position()
    with clock.standing_at(at), transaction.atomic():
        audit.record(given.system(), "claims.measured", "sale", ids.new_id(), region_path=CITY)
    until = time.monotonic() + 60
    while feed.position() == before:
        assert time.monotonic() < until
        time.sleep(0.05)


def is_behind(answer) -> bool:
    page = answer.content.decode()
    assert ("<strong data-behind hidden>" not in page) is (answer["X-Behind"] == "1")
    return answer["X-Behind"] == "1"


@pytest.mark.django_db(transaction=True)
def test_a_wall_whose_worker_died_says_that_counting_has_stopped() -> None:
    watcher, now = counted_city(), clock.now()
    line(now)
    with clock.standing_at(now + timedelta(seconds=31)):
        answer = wall(watcher)
        assert is_behind(answer)
        assert answer["X-As-Of"] == "09:00:00"
        again = wall(watcher, **HTMX, **{"If-None-Match": answer["ETag"]})
        assert (again.status_code in {200, 304}, again["X-Behind"]) == (True, "1")


@pytest.mark.django_db(transaction=True)
def test_control_a_worker_that_counts_takes_the_mark_away() -> None:
    watcher, now = counted_city(), clock.now()
    line(now)
    with clock.standing_at(now + timedelta(seconds=31)):
        while rolling.roll_up(actor=given.system()):
            pass
        answer = wall(watcher)
        assert (is_behind(answer), answer["X-As-Of"]) == (False, "09:00:31")


@pytest.mark.django_db(transaction=True)
def test_a_quiet_city_is_not_stale() -> None:
    watcher, now = counted_city(), clock.now()
    with clock.standing_at(now + timedelta(hours=5)):
        answer = wall(watcher)
        assert (is_behind(answer), answer["X-As-Of"]) == (False, "14:00:00")


def test_a_wall_in_english_keeps_no_chinese_word_but_counts_in_thousands() -> None:
    wording.compile_all()
    translation.trans_real._translations.clear()
    spoken.templates.cache_clear(), spoken._said.cache_clear()
    sales()
    watcher = signed_in()
    watcher.cookies["language"] = "en"
    for address in (
        reverse("screen:wall", args=["371500"]), reverse("screen:wall", args=["370000"]),
        reverse("screen:wall", args=["371502"]), reverse("screen:watch"),
        reverse("screen:metric", args=["371500", "sales_driven_fen"]),
    ):  # fmt: skip
        page = watcher.get(address).content.decode()
        texts = {text.strip() for text in re.split(r"<[^>]+>", page)}
        assert {text for text in texts if re.search(r"[\u4e00-\u9fff]", text)} <= {
            "中文",
            "值班员",
        }, address
    with translation.override("en"):
        assert figure(304_000_000_000, Unit.FEN).text == "3.04"
        assert words(304_000_000_000, Unit.FEN) == "3.04 bn yuan"
        assert words(125, Unit.SECONDS) == "2 min 5 s"
