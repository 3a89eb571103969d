"""Test rows stand on both sides of every boundary, and say the truth."""

import pytest

from tests.given_rules import SHIPPED, edited, rows, text, tried

DIGITAL, ROWS = text("digital-2026"), rows("digital-2026")


def causes(source: str, test_rows: str) -> list[str]:
    return [problem.cause for problem in tried(source, test_rows).problems]


def without(test_rows: str, fragment: str) -> str:
    kept = [line for line in test_rows.splitlines() if fragment not in line]
    assert len(kept) < len(test_rows.splitlines()), f"no row has {fragment}"
    return "\n".join(kept)


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        (",600000,", "“单件不超过 6000 元”的成交价为¥6,000.00"),
        (",600001,", "“单件不超过 6000 元”的成交价为¥6,000.01"),
        (",333333,", "“单件不超过 6000 元”的上限起作用处，成交价 ¥3,333.33"),
        (",333334,", "“单件不超过 6000 元”的上限起作用处，成交价 ¥3,333.34"),
        ("2025-12-31,", "付款日期 2025-12-31"),
        ("2026-01-01,", "付款日期 2026-01-01"),
        ("2026-12-31,", "付款日期 2026-12-31"),
        ("2027-01-01,", "付款日期 2027-01-01"),
        ("smart_glasses", "品类“smart_glasses”获得补贴"),
        ("refrigerator", "不在补贴范围的品类"),
    ],
)
def test_a_boundary_without_a_row_is_reported(fragment, said):
    assert f"缺少测试行：{said}" in causes(DIGITAL, without(ROWS, fragment))


@pytest.mark.parametrize("policy_id", [p for p in SHIPPED if p.startswith("appliances")])
def test_every_grade_boundary_of_appliances_needs_its_row(policy_id):
    source, test_rows = text(policy_id), rows(policy_id)

    assert any("1 级" in c for c in causes(source, without(test_rows, ",1,")))
    assert any("2 级" in c for c in causes(source, without(test_rows, ",2,")))
    assert any("未提供" in c for c in causes(source, without(test_rows, "R202")))


def test_moving_a_threshold_breaks_a_row_or_leaves_its_boundary_bare():
    for old, new in (
        ("{max: 600000}", "{max: 600001}"),
        ("{max: 600000}", "{below: 600000}"),
        ("cap_fen: 50000", "cap_fen: 50001"),
        ("rate_bps: 1500", "rate_bps: 1501"),
        ("to: 2027-01-01", "to: 2026-12-31"),
    ):
        assert causes(edited(DIGITAL, (old, new)), ROWS), (old, new)


def test_a_row_with_a_wrong_figure_a_wrong_reason_or_a_wrong_line_fails():
    for old, new in (
        (",45000,,digital", ",45001,,digital"),
        (",0,R203,digital", ",0,R201,digital"),
        (",0,R203,digital", ",0,R203,other"),
        (",29985,,digital", ",0,R203,digital"),
    ):
        [problem] = tried(DIGITAL, edited(ROWS, (old, new))).problems
        assert "规则答" in problem.cause
        assert ROWS.splitlines()[problem.line - 1].count(old) == 1


def test_a_row_that_cannot_be_read_is_named_by_its_number():
    broken = edited(ROWS, ("2026-07-01,371502,phone,,333333", "七月一日,371502,phone,,333333"))

    named = [p for p in tried(DIGITAL, broken).problems if "无法读取" in p.cause]

    assert [(p.file, p.line) for p in named] == [("试.tests.csv", 6)]


def test_a_header_that_lacks_or_invents_a_column_is_refused():
    lacking = edited(ROWS, ("price_fen", "price"))
    inventing = edited(ROWS, ("line,why", "line,why,weather"))

    assert causes(DIGITAL, lacking)[0] == "表头缺少 price_fen"
    assert causes(DIGITAL, inventing)[0] == "表头有不认识的列 weather"
    assert causes(DIGITAL, "")[0].startswith("表头缺少 on")
