"""Options are what the series say, in a form that the browser takes without script of ours."""

import json
import re
from pathlib import Path

from huanxin.dashboards import charts, palette
from huanxin.dashboards.forecast import outlook
from huanxin.indicators.types import By, Unit
from tests.dashboards import build

TOKENS = Path("src/huanxin/web/static/huanxin/tokens.css")


def test_the_flow_keeps_every_unit_from_stage_to_stage() -> None:
    flow = build.flow(
        ("dismantled", True, 50), ("dismantled", False, 20), ("reused", True, 5),
        ("in_hand", False, 25), waiting=7, cancelled=3,
    )  # fmt: skip

    links = charts.flow_links(flow)

    def into(node: str) -> int:
        return sum(count for _, target, count in links if target == node)

    def out_of(node: str) -> int:
        return sum(count for source, _, count in links if source == node)

    assert out_of("交旧预约") == 110
    assert into("上门回收") == out_of("上门回收") == 100
    assert into("规范拆解") == out_of("规范拆解") == 70
    assert (into("已换新"), into("暂未换新")) == (55, 45)


def test_the_flow_leaves_out_what_is_nought_and_draws_what_is_left() -> None:
    option = charts.sankey(build.flow(("in_hand", False, 4)))

    names = [node["name"] for node in option["series"][0]["data"]]
    assert names == ["交旧预约", "上门回收", "在途在库", "暂未换新"]
    labels = {node["name"]: node["label"]["formatter"] for node in option["series"][0]["data"]}
    assert labels["交旧预约"] == "交旧预约\n4台"


def test_a_day_below_nought_is_drawn_and_others_start_at_nought() -> None:
    net = charts.trend(build.series({"a": 5, "b": -3}, unit=Unit.FEN, by=By.DAY))
    gross = charts.trend(build.series({"a": 5, "b": 0}, unit=Unit.FEN, by=By.DAY))
    assert "min" not in net["yAxis"]
    assert gross["yAxis"]["min"] == 0


def test_the_balance_falls_by_what_is_claimed_and_ends_at_what_is_left() -> None:
    money = build.money(100_000_00, {"2026-08-31": 30_000_00, "2026-09-01": 20_000_00})

    option = charts.burn_down(money, outlook(money))

    assert [point[:2] for point in option["series"][0]["data"]] == [
        ["2026-08-31", 70_000],
        ["2026-09-01", 50_000],
    ]
    assert option["series"][0]["data"][-1][2] == "¥50,000.00"


def test_the_dashed_line_meets_the_day_the_money_ends() -> None:
    money = build.money(100_000_00, {"2026-08-31": 30_000_00, "2026-09-01": 20_000_00})

    ahead = charts.burn_down(money, outlook(money))["series"][1]["data"]

    assert [point[:2] for point in ahead] == [["2026-09-01", 50_000], ["2026-09-03", 0]]


def test_a_day_without_an_answer_is_a_gap_and_not_a_nought() -> None:
    option = charts.trend(build.series({"a": 5, "b": None}, unit=Unit.SECONDS, by=By.DAY))

    assert option["series"][0]["data"] == [
        ["名a", 5, "5秒"],
        ["名b", None, "本期没有可计算的记录"],
    ]


def test_bars_stand_by_size_and_carry_exact_money() -> None:
    option = charts.bars(build.series({"a": 100, "b": 1_234_567_89, "c": 0}, unit=Unit.FEN))

    assert option["yAxis"]["data"] == ["名c", "名a", "名b"]
    assert option["series"][0]["data"][-1]["tooltip"]["formatter"] == "名b ¥1,234,567.89"
    assert option["series"][0]["data"][-1]["label"]["formatter"] == "123.46万元"


def test_options_are_plain_json_without_markup_or_functions() -> None:
    money = build.money(0, {})
    for option in (
        charts.sankey(build.flow()),
        charts.burn_down(money, outlook(money)),
        charts.trend(build.series({}, by=By.DAY)),
        charts.bars(build.series({})),
    ):
        text = json.dumps(option, allow_nan=False)
        assert option["tooltip"]["renderMode"] == "richText"
        assert not re.search(r"<|function", text)


def test_the_palette_is_the_stylesheets_dark_theme() -> None:
    dark = TOKENS.read_text().split('[data-theme="dark"]')[1].split("}")[0]
    tokens = dict(re.findall(r"--([a-z]+): (#[0-9A-F]{6});", dark))

    for name in ("ground", "surface", "line", "text", "quiet", "flow", "money", "alarm", "second"):
        assert getattr(palette, name.upper()) == tokens[name], name
