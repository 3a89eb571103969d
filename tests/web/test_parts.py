"""Each part says exactly what it is given, and escapes it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import HttpRequest, QueryDict
from django.template import engines
from django.test import RequestFactory

from huanxin.kernel import clock
from huanxin.web import parts, states, values
from huanxin.web.exports import table_file

NOON = clock.moment(date(2026, 9, 1), 12)


@pytest.fixture(autouse=True)
def _standing():
    with clock.standing_at(NOON):
        yield


def draw(source: str, query: str = "", **names: object) -> str:
    request: HttpRequest = RequestFactory().get("/list" + query)
    return engines["django"].from_string("{% load huanxin %}" + source).render(names, request)


def table(**changes: object) -> parts.Table:
    facts: dict[str, object] = {
        "id": "claims",
        "caption": "补贴申请",
        "columns": [
            parts.Column("number", "单号", "number"),
            parts.Column("state", "核验", "pill:verify"),
            parts.Column("subsidy_fen", "补贴", "money", is_sortable=True),
        ],
        "rows": [
            parts.Row({"number": "XS1", "state": "held", "subsidy_fen": 74085}, "/claims/1"),
            parts.Row({"number": "=1+1", "state": "passed", "subsidy_fen": None}),
        ],
        "totals": {"subsidy_fen": 74085},
    }
    return parts.Table(**facts | changes)


def test_money_carries_its_exact_fen():
    drawn = draw("{% money 74085 %}")
    assert drawn == '<data class="money " value="74085">¥740.85</data>'
    assert "<small>.85</small>" in draw('{% money 74085 "large" %}')


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (99_999_999, "100.00万元"),
        (9_999_999_999, "1.00亿元"),
        (999_999, "9,999.99元"),
        (-1_000_000, "-1.00万元"),
    ],
)
def test_large_amounts_round_into_the_right_unit(fen, words):
    assert values.wan_yuan(fen) == words


def test_times_say_the_year_only_when_it_is_another():
    assert values.day_time(clock.moment(date(2026, 11, 22), 14, 5)) == "11月22日 14:05"
    assert values.day_time(clock.moment(date(2025, 11, 22), 14, 5)) == "2025年11月22日 14:05"
    assert "2026-11-22 14:05:09" in values.time_html(datetime(2026, 11, 22, 6, 5, 9, tzinfo=UTC))


def test_a_deadline_is_told_in_words_before_and_after():
    assert values.remaining(NOON + timedelta(days=1, hours=3)) == "还剩 1 天 3 小时"
    assert values.remaining(NOON - timedelta(minutes=5)) == "已超时 5 分钟"


def test_a_state_has_a_word_an_icon_and_a_colour():
    drawn = draw('{% pill "voucher" "locked" %}')
    assert 'class="pill warn"' in drawn
    assert "icons.svg#lock" in drawn
    assert "已锁定" in drawn


def test_within_a_family_no_two_states_look_alike():
    for family, marks in states.FAMILIES.items():
        words = [str(mark.word) for mark in marks.values()]
        looks = [(mark.icon, mark.tone) for mark in marks.values()]
        assert len(set(words)) == len(words), family
        assert len(set(looks)) == len(looks), family


def test_an_unknown_state_is_an_error_and_not_a_grey_pill():
    with pytest.raises(KeyError):
        draw('{% pill "voucher" "no_such_state" %}')


def test_what_people_typed_is_escaped_in_every_part():
    evil = "<script>alert(1)</script>"
    fact = parts.Fact(evil, evil)
    step = parts.Step(evil, "now", by=evil, note=evil)
    drawn = draw(
        "{% facts facts %}{% timeline steps %}{% reason reason %}{% data_table table %}"
        "{% masked evil '/reveal' %}{% empty_state empty %}",
        facts=[fact], steps=[step], reason=parts.Reason(evil, evil, evil, title=evil),
        table=table(rows=[parts.Row({"number": evil, "state": "held", "subsidy_fen": 1})]),
        evil=evil, empty=parts.Empty(evil, evil, "/x", evil), csrf_token="t",
    )  # fmt: skip
    assert "<script" not in drawn
    assert drawn.count("&lt;script&gt;") >= 12


def test_a_timeline_marks_where_it_stands():
    steps = [
        parts.Step("已预约", "done", NOON),
        parts.Step("上门中", "now"),
        parts.Step("付款", "next"),
    ]
    drawn = draw("{% timeline steps %}", steps=steps)
    assert drawn.count('aria-current="step"') == 1
    assert drawn.index("已预约") < drawn.index('aria-current="step"') < drawn.index("付款")


def test_a_refusal_says_why_on_what_ground_and_what_to_do():
    refusal = parts.Reason(
        "仅一级能效可享受补贴。", "469号文", "可改选一级能效机型。", code="R201", tone="danger"
    )
    drawn = draw("{% reason reason %}", reason=refusal)
    for word in ("原因", "依据", "怎么办", "R201"):
        assert word in drawn


def test_a_table_sorts_by_its_address_and_keeps_the_filters():
    drawn = draw("{% data_table table %}", "?state=held&page=3", table=table(sort="-subsidy_fen"))
    assert 'href="?state=held&amp;sort=subsidy_fen"' in drawn
    assert 'aria-sort="descending"' in drawn
    assert 'href="/claims/1"' in drawn
    assert "合计" in drawn


def test_an_empty_table_teaches_the_first_step():
    nothing = parts.Empty("还没有申请", "卖出第一台后会出现在这里。", "/till", "去收银台")
    drawn = draw("{% data_table table %}", table=table(rows=[], empty=nothing))
    assert "<table" not in drawn
    assert 'href="/till"' in drawn


def test_a_table_as_a_file_has_fen_beside_yuan_and_runs_no_formula():
    lines = table_file(table(), "csv").content.decode("utf-8-sig").splitlines()
    assert lines == ["单号,核验,补贴（元）,补贴（分）", "XS1,待复核,740.85,74085", "'=1+1,已通过,,"]


def test_figures_grow_old_in_sight():
    assert "更新延迟" not in draw("{% as_of at %}", at=NOON - timedelta(seconds=5))
    assert "更新延迟" in draw("{% as_of at %}", at=NOON - timedelta(minutes=2))


def test_a_bar_shows_the_share_and_never_more_than_all():
    assert 'width="250"' in draw('{% meter 1 4 "余额" %}')
    assert 'width="1000"' in draw('{% meter 9 4 "余额" %}')
    assert 'width="0"' in draw('{% meter 0 0 "余额" %}')


def test_a_code_card_renews_itself_and_by_hand():
    card = parts.CodeCard("向收银员出示", "HX1:ABC", NOON + timedelta(seconds=60), "/code/next")
    drawn = draw("{% code_card card %}", card=card)
    assert 'hx-trigger="load delay:60s"' in drawn
    assert 'href="/code/next"' in drawn
    assert "<svg" in drawn
    assert "style=" not in drawn


def test_a_masked_value_is_opened_only_with_a_reason():
    assert "<form" not in draw('{% masked "王*英" %}')
    drawn = draw('{% masked "王*英" "/people/1/reveal" %}', csrf_token="t")
    assert 'name="reason" required minlength="4"' in drawn
    assert "审计" in drawn


def test_evidence_draws_each_reading_where_it_was_read():
    evidence = parts.Evidence(
        "铭牌", "/files/x.jpg", 800, 500,
        [parts.Reading("序列号", "BC9", (60, 280, 380, 48), 8720, is_checked=False, is_bad=True)],
    )  # fmt: skip
    drawn = draw("{% evidence_viewer evidence %}", evidence=evidence)
    assert '<rect x="60" y="280" width="380" height="48"/>' in drawn
    assert "校验位不符" in drawn
    assert "87.2%" in drawn


def test_a_filter_keeps_what_was_chosen_and_the_order():
    query = QueryDict("state=held&sort=-x").urlencode()
    chosen = parts.Filter("state", "状态", "held", options=[("", "全部"), ("held", "待复核")])
    drawn = draw('{% filter_bar filters "#claims" %}', "?" + query, filters=[chosen])
    assert '<option value="held" selected>待复核</option>' in drawn
    assert '<input type="hidden" name="sort" value="-x">' in drawn
    assert 'hx-target="#claims"' in drawn
