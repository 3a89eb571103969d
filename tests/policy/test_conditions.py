"""The rule language itself: every operator on both sides, facts beyond grade and price."""

from datetime import date

import pytest

from huanxin.policy import rules
from huanxin.policy.types import Case
from tests.given_rules import edited, policy, rows, text, tried

DIGITAL = text("digital-2026")
REFUSALS = "  old_unit_handed_in: {reason: R207, say: 须交回旧机}\n"
DAY = date(2026, 7, 1)


def amounts(when: str, cases: list[Case], fallback: str = "") -> list[int]:
    source = edited(DIGITAL, ("{price_fen: {max: 600000}}", when))
    source += fallback
    decide = rules.compile_policy(policy(source))
    return [decide(case).amount_fen for case in cases]


def priced(*prices_fen: int) -> list[Case]:
    return [Case(DAY, "371502", "phone", None, price_fen) for price_fen in prices_fen]


@pytest.mark.parametrize(
    ("when", "paid"),
    [
        ("{price_fen: 2000}", [False, True, False]),
        ("{price_fen: [1999, 2001]}", [True, False, True]),
        ("{price_fen: {min: 2000}}", [False, True, True]),
        ("{price_fen: {max: 2000}}", [True, True, False]),
        ("{price_fen: {above: 2000}}", [False, False, True]),
        ("{price_fen: {below: 2000}}", [True, False, False]),
        ("{price_fen: {min: 2000, below: 2001}}", [False, True, False]),
    ],
)
def test_every_operator_decides_on_both_sides_of_its_value(when, paid):
    assert [fen > 0 for fen in amounts(when, priced(1999, 2000, 2001))] == paid


def with_fact(name: str, *values: object) -> list[Case]:
    facts = [{} if value is None else {name: value} for value in values]
    return [Case(DAY, "371502", "phone", None, 2000, found) for found in facts]


def test_an_old_unit_may_be_required():
    cases = with_fact("old_unit_handed_in", True, False, None)
    when = "{price_fen: {max: 600000}, old_unit_handed_in: true}"

    assert amounts(when, cases, REFUSALS) == [300, 0, 0]


def test_a_date_may_be_a_threshold():
    cases = with_fact("completed_on", date(2020, 1, 26), date(2020, 1, 27), None)
    when = "{completed_on: {max: 2020-01-26}}"

    said = "  completed_on: {reason: R207, say: 仅限旧房}\n"
    assert amounts(when, cases, said) == [300, 0, 0]


def test_an_unmet_fact_is_explained_in_its_own_words():
    when = "{price_fen: {max: 600000}, old_unit_handed_in: true}"
    source = edited(DIGITAL, ("{price_fen: {max: 600000}}", when)) + REFUSALS
    decide = rules.compile_policy(policy(source))
    refused, unknown = (decide(case) for case in with_fact("old_unit_handed_in", False, None))

    assert (refused.reason_code, unknown.reason_code) == ("R207", "R202")
    assert refused.sentence == "须交回旧机：交售旧机应为“是”，实际为“否”。"
    assert unknown.sentence == "缺少“交售旧机”，无法判断能否补贴。"


def test_the_nearest_line_is_the_one_that_lacks_least():
    decide = rules.compile_policy(policy(text("appliances-2025")))

    third = decide(Case(date(2025, 6, 1), "371502", "computer", 3, 500_000))

    assert third.nearest_line == "grade-2"
    assert third.sentence.endswith("应为“2 级”，实际为“3 级”。")


def test_rows_for_facts_beyond_the_usual_columns_are_asked_for_and_read():
    when = "{price_fen: {max: 600000}, old_unit_handed_in: true}"
    source = edited(DIGITAL, ("{price_fen: {max: 600000}}", when)) + REFUSALS
    header, *lines = rows("digital-2026").splitlines()
    table = "\n".join([header + ",old_unit_handed_in", *(line + ",是" for line in lines)])

    bare = [p.cause for p in tried(source, table).problems]
    more = "\n2026-07-01,371502,phone,,300000,0,{},digital,旧机,{}"
    whole = table + more.format("R207", "否") + more.format("R202", "")

    assert bare == [
        "缺少测试行：“单件不超过 6000 元”的交售旧机为否",
        "缺少测试行：“单件不超过 6000 元”的交售旧机为未提供",
    ]
    assert tried(source, whole).is_sound


def test_a_policy_of_the_city_covers_its_counties_and_zones_only():
    decide = rules.compile_policy(policy(DIGITAL))
    codes = ("371500", "371502", "371571", "371581", "371400", "370000", "")

    paid = [decide(Case(DAY, code, "phone", None, 2000)).is_eligible for code in codes]

    assert paid == [True, True, True, True, False, False, False]
