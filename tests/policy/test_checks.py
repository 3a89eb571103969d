"""A policy file with a fault is refused with its line, the cause and what to do."""

import pytest

from huanxin.policy import rules
from tests import given_rules
from tests.given_rules import SHIPPED, edited, policy, problems, rows, text, tried

DIGITAL, APPLIANCES = text("digital-2026"), text("appliances-2025")
LINE = "  - id: digital\n"


@pytest.mark.parametrize("policy_id", SHIPPED)
def test_a_shipped_policy_is_sound_and_every_row_of_it_holds(policy_id):
    outcome = tried(text(policy_id), rows(policy_id))

    assert [str(problem) for problem in outcome.problems] == []
    assert [row.why for row in outcome.rows if not row.holds] == []
    assert len(outcome.rows) >= 10


def line_of(source: str, fragment: str) -> int:
    return next(i for i, line in enumerate(source.splitlines(), 1) if fragment in line)


@pytest.mark.parametrize(
    ("old", "new", "at", "cause", "fix"),
    [
        ("rate_bps:", "rate_bp:", "subsidy:", "不认识的键“rate_bp”", "是否想写“rate_bps”"),
        ("price_fen: {max", "prize_fen: {max", "when:", "不认识的键“prize_fen”", "price_fen"),
        ("{max: 600000}", "{most: 600000}", "when:", "不认识的键“most”", "max"),
        ("cap_fen: 50000", "cap_fen: 500.00", "subsidy:", "不支持“500.00”", "金额用分"),
        ("cap_fen: 50000", "cap_fen: 050000", "subsidy:", "不支持“050000”", "整数"),
        ("cap_fen: 50000", "cap_fen: 0", "subsidy:", "应在 1 至", "分"),
        ("rate_bps: 1500", "rate_bps: 150000", "subsidy:", "应在 1 至 10000", "万分之一"),
        ("rate_bps: 1500", "rate_bps: 十五", "subsidy:", "不是整数", "整数"),
        ("fen_down", "fen_up", "subsidy:", "不是可用的选项", "fen_down"),
        ("per: person_and_category", "per: planet", "limit:", "不是可用的选项", "person_and"),
        ("activation]", "telepathy]", "evidence:", "不是可用的选项", "activation"),
        ("from: 2026-01-01", "from: 2026-02-30", "from:", "不是有效的日期", "2026-01-01"),
        ("from: 2026-01-01", "from: 明年", "from:", "不是日期", "日期"),
        ("from: 2026-01-01", "from: 2027-01-01", "to:", "不晚于起始日", "截止日"),
        ('region: "371500"', "region: 371500", "region:", "不是文字", "文字"),
        ('region: "371500"', 'region: "聊城"', "region:", "不是六位数字", "区划代码"),
        ("smart_glasses]", "hovercraft]", "categories:", "不认识的品类“hovercraft”", "phone"),
        ("smart_glasses]", "phone]", "categories:", "品类“phone”写了两次", "删去"),
        ("share_bps: 8500", "share_bps: 8400", "funds:", "合计为万分之 9900", "10000"),
        ("fund: city", "fund: province", "funds:", "“province”写了两次", "合并"),
        ("reason: R203", "reason: R999", "fallback:", "不认识的原因代码“R999”", "R203"),
        ("  price_fen: {reason", "  energy_grade: {reason", "fallback:", "没有不符合时", "补上"),
        ("title: 2026年", "title: ''\nid: x #", "id:", "写了两次", "删去"),
        ("- key: funds", "- key: fund", "key: fund", "假定所指的键“fund”不在", "第一层"),
        (LINE, LINE + "    when: {}\n", "when:", "键“when”写了两次", "删去"),
        ("follows: digital-2025\n", "gap: 说明\n", "gap:", "写了 gap 却没有 follows", "follows"),
        ("lines:\n", "lines: [\n", "", "不是有效的 YAML", "缩进"),
        ("funds:\n", "funds: &a\n", "", "", ""),
    ],
)
def test_a_fault_is_named_with_its_line_its_cause_and_the_remedy(old, new, at, cause, fix):
    source = edited(DIGITAL, (old, new))

    found = problems(source)

    if not cause:  # an anchor that nothing refers to is harmless
        assert found == []
        return
    matching = [p for p in found if cause in p.cause and fix in p.fix]
    assert matching, [str(problem) for problem in found]
    if at:
        near = line_of(source, at)
        assert any(near <= p.line <= near + 3 for p in matching), [str(p) for p in matching]


def test_the_same_text_without_the_fault_has_no_problem():
    assert problems(DIGITAL) == []


def test_a_reference_to_an_anchor_is_refused():
    source = edited(
        DIGITAL,
        ("document: 商办流通函〔2025〕469号\n", "document: &d 商办流通函〔2025〕469号\n"),
        ("document: 发改环资〔2025〕1745号\n", "document: *d\n"),
    )

    [problem] = problems(source)

    assert "锚点" in problem.cause


def test_an_empty_file_and_a_file_of_another_shape_are_refused():
    assert "空的" in problems("")[0].cause
    assert "键: 值" in problems("- 一\n- 二\n")[0].cause


def test_every_missing_key_is_named_at_once():
    found = problems("id: x\ntitle: y\n")

    named = [problem.cause for problem in found]
    assert "缺少“from”" in named
    assert "缺少“lines”" in named
    assert len(named) == 7  # funds are asked for only where money is paid


def test_a_source_that_is_not_listed_is_refused():
    source = edited(
        DIGITAL, ("source: {document: 商办流通函〔2025〕469号", "source: {document: 无号")
    )

    [problem] = problems(source)

    assert "“无号”不在 sources 中" in problem.cause
    assert problem.line == line_of(source, "无号")


def test_an_assumed_share_must_be_explained():
    start, end = DIGITAL.index("  - key: funds"), DIGITAL.index("lines:")
    source = DIGITAL[:start] + DIGITAL[end:]

    assert [p.cause for p in problems(source)] == ["有资金份额标了 assumed，却没有说明"]


def test_a_line_that_an_earlier_one_always_beats_is_refused():
    line = DIGITAL[DIGITAL.index(LINE) : DIGITAL.index("fallback:")]
    narrower = edited(line, ("id: digital", "id: cheap"), ("600000", "300000"))
    source = edited(DIGITAL, ("fallback:", narrower + "fallback:"))

    found = problems(source)

    assert [p.cause for p in found] == [
        f"条目“cheap”对品类“{code}”永远不会生效"
        for code in ("phone", "tablet", "smart_watch", "smart_glasses")
    ]
    assert {p.line for p in found} == {line_of(source, "id: cheap")}
    # the other way round both can decide
    reversed_ = edited(DIGITAL, (LINE, narrower + LINE))
    assert [p for p in problems(reversed_) if "永远" in p.cause] == []


def test_a_line_whose_conditions_exclude_each_other_is_refused():
    source = edited(DIGITAL, ("{max: 600000}", "{max: 600000, above: 600000}"))

    assert "永远不会生效" in problems(source)[0].cause


def test_two_lines_may_not_set_different_limits_for_one_category():
    last = APPLIANCES.rindex("count_by_category: {air_conditioner: 3}, ")
    source = APPLIANCES[:last] + APPLIANCES[last:].replace(
        "count_by_category: {air_conditioner: 3}, ", "", 1
    )

    found = tried(source, rows("appliances-2025")).problems

    assert [p.cause for p in found] == ["品类“air_conditioner”在“grade-1”与“grade-2”中的限购不同"]


def library(*sources: str) -> list[str]:
    return [problem.cause for problem in rules.check_library([policy(s) for s in sources])]


EARLIER = text("digital-2025")


def test_the_shipped_policies_lie_side_by_side_without_overlap_or_gap():
    assert library(*(text(policy_id) for policy_id in SHIPPED)) == []


def test_an_overlap_of_one_day_is_refused():
    late = edited(EARLIER, ("to: 2026-01-01", "to: 2026-01-02"))

    assert library(late, DIGITAL) == [
        "与“digital-2025”（2025-01-20 至 2026-01-02）在品类 phone、tablet、smart_watch 上日期重叠"
    ]


def test_an_overlap_matters_only_where_regions_and_categories_meet():
    same_days = edited(
        EARLIER, ("from: 2025-01-20", "from: 2026-01-01"), ("to: 2026-01-01", "to: 2027-01-01")
    )
    county = edited(same_days, ('"371500"', '"371581"'))
    elsewhere = edited(same_days, ('"371500"', '"370100"'))
    current = edited(DIGITAL, ("follows: digital-2025\n", ""))

    assert any("日期重叠" in cause for cause in library(county, current))
    assert library(elsewhere, current) == []
    assert library(text("appliances-2026"), current, text("appliances-2025")) == [
        "没有政策“appliances-2024”"
    ]


def test_a_gap_is_refused_unless_it_is_declared():
    late = edited(DIGITAL, ("from: 2026-01-01", "from: 2026-01-09"))
    declared = edited(late, ("follows: digital-2025\n", "follows: digital-2025\ngap: 等待细则\n"))
    needless = edited(DIGITAL, ("follows: digital-2025\n", "follows: digital-2025\ngap: 无\n"))

    assert library(EARLIER, late) == [
        "与“digital-2025”之间有空档：2026-01-01 至 2026-01-09（不含）无政策"
    ]
    assert library(EARLIER, declared) == []
    assert library(EARLIER, needless) == ["写了 gap，但与“digital-2025”之间没有空档"]


def test_a_succession_must_be_declared_and_true():
    silent = edited(DIGITAL, ("follows: digital-2025\n", ""))

    assert library(EARLIER, silent) == ["之前已有同类政策“digital-2025”，却没有写明接续"]
    assert library(DIGITAL) == ["没有政策“digital-2025”"]


def test_the_hash_is_of_the_content_not_of_its_layout():
    changed = edited(DIGITAL, ("cap_fen: 50000", "cap_fen: 50001"))
    dressed = "# 注释\n" + edited(DIGITAL, ("{max: 600000}", "{ max:  600000 }"))

    assert policy(dressed).version_hash == policy(DIGITAL).version_hash
    assert policy(changed).version_hash != policy(DIGITAL).version_hash
    assert given_rules.policy(DIGITAL).at("lines", 0, "when", "price_fen") == line_of(
        DIGITAL, "when:"
    )
