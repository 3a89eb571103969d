"""The outlook carries the pace of fourteen days on, and says nothing where nothing can be said."""

from datetime import date, timedelta

from huanxin.dashboards.forecast import outlook
from tests.dashboards import build


def _days(*amounts_fen: int) -> dict[str, int]:
    last = build.TO
    return {
        (last - timedelta(days=len(amounts_fen) - 1 - i)).isoformat(): fen
        for i, fen in enumerate(amounts_fen)
    }


def test_the_money_ends_on_the_day_the_pace_says() -> None:
    money = build.money(30_000, _days(*[1_000] * 20))

    ahead = outlook(money)

    assert ahead.pace_fen == 1_000
    assert ahead.empty_on == date(2026, 9, 11)
    assert ahead.sentence == "按近14日速度，预计9月11日用完"


def test_only_the_last_fourteen_days_set_the_pace() -> None:
    money = build.money(100_000, _days(50_000, *[1_000] * 14))

    assert outlook(money).pace_fen == 1_000


def test_a_slow_pace_does_not_end_the_money_this_year() -> None:
    ahead = outlook(build.money(1_000_000, _days(*[100] * 14)))

    assert ahead.empty_on is None
    assert ahead.sentence == "按近14日速度，年底前不会用完"


def test_no_budget_no_claims_and_no_money_left_each_say_so() -> None:
    assert outlook(build.money(0, {})).sentence == "本年尚未下达预算"
    assert outlook(build.money(500, _days(0, 0))).sentence == "近14日没有新增领取，暂不预测"
    assert outlook(build.money(500, _days(500))).sentence == "本年预算已全部领完"
