"""huanxin policy check, explain and simulate, as an officer calls them."""

import json

import duckdb
import pytest
from click.testing import CliRunner

from huanxin.project.cli import main
from tests import given_policy
from tests.given_rules import edited, rows, text


def huanxin(*arguments):
    return CliRunner().invoke(main, ["policy", *arguments])


def test_every_shipped_file_passes_the_check_without_a_database():
    checked = huanxin("check")

    assert checked.exit_code == 0, checked.output
    assert "car-scrappage-2026：通过" in checked.output


def test_a_faulty_file_is_named_with_its_line(tmp_path):
    path = tmp_path / "digital-2026.yaml"
    path.write_text(edited(text("digital-2026"), ("rate_bps", "rate_bp")), encoding="utf-8")
    (tmp_path / "digital-2026.tests.csv").write_text(rows("digital-2026"), encoding="utf-8")

    checked = huanxin("check", str(path))

    assert checked.exit_code == 1
    assert "digital-2026.yaml 第 32 行：不认识的键“rate_bp”" in checked.output


def test_an_amount_is_explained_without_a_database_by_a_shipped_or_a_given_file(tmp_path):
    asked = ("--category", "手机", "--price", "4000.00", "--on", "2026-07-01", "--json")
    path = tmp_path / "mine.yaml"
    path.write_text(edited(text("digital-2026"), ("cap_fen: 50000", "cap_fen: 45000")))

    shipped = json.loads(huanxin("explain", *asked).output)
    mine = json.loads(huanxin("explain", *asked, "--file", str(path)).output)

    assert (shipped["amount_fen"], mine["amount_fen"]) == (50_000, 45_000)
    assert shipped["version_hash"] != mine["version_hash"]


def test_a_car_is_explained_by_its_facts():
    facts = {
        "is_individual": "是", "old_car_route": "sold", "transferred_by_sale": "是",
        "same_owner": "是", "invoiced_in_province": "是", "registered_in_province": "是",
        "new_car_kind": "nev", "in_nev_catalogue": "是",
    }  # fmt: skip
    said = [part for name, value in facts.items() for part in ("--fact", f"{name}={value}")]
    asked = ("--category", "乘用车", "--price", "100000.01", "--on", "2026-07-01", "--json")

    decision = json.loads(huanxin("explain", *asked, *said).output)
    lacking = json.loads(huanxin("explain", *asked, *said[:-2]).output)

    assert (decision["amount_fen"], decision["policy_id"]) == (800_100, "car-replacement-2026")
    assert lacking["sentence"] == "缺少“列入减免车辆购置税目录”，无法判断能否补贴。"


@pytest.mark.django_db
def test_a_change_is_simulated_over_a_file_and_over_no_sales_at_all(tmp_path):
    given_policy.policies()
    cases, change = tmp_path / "cases.parquet", tmp_path / "change.yaml"
    with duckdb.connect() as engine:
        engine.execute(
            "COPY (SELECT * FROM (VALUES"
            " (DATE '2026-07-01', '370000/371500/371502', 'phone', NULL::int, 400000::bigint),"
            " (DATE '2026-07-01', '370000/371500/371503', 'phone', NULL::int, 200000::bigint)"
            ") t(sold_on, region_path, category_code, energy_grade, price_fen))"
            f" TO '{cases}' (FORMAT parquet)"
        )
    change.write_text(edited(text("digital-2026"), ("cap_fen: 50000", "cap_fen: 45000")))

    over_file = huanxin("simulate", "--change", str(change), "--over", str(cases), "--json")
    found = json.loads(over_file.output)
    live = huanxin("simulate", "--change", str(change), "--over", "2026-06-01..2026-08-31")

    assert (found["effect_fen"], found["whole"]["cases"]) == (-5_000, 2)
    assert [(s["key"], s["losers"]) for s in found["by_county"]] == [("371502", 1), ("371503", 0)]
    assert live.exit_code == 0, live.output
    assert "共 0 笔" in live.output


@pytest.mark.django_db
def test_a_file_that_lacks_columns_or_is_no_parquet_is_refused(tmp_path):
    given_policy.policies()
    cases, change = tmp_path / "cases.parquet", tmp_path / "change.yaml"
    change.write_text(text("digital-2026"))
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT 1 AS n) TO '{cases}' (FORMAT parquet)")

    lacking = huanxin("simulate", "--change", str(change), "--over", str(cases))
    absent = huanxin("simulate", "--change", str(change), "--over", str(tmp_path / "no.parquet"))

    assert "缺少列“paid_on、region_code、category_code、energy_grade、price_fen”" in lacking.stderr
    assert "无法读取数据“no.parquet”" in absent.stderr
