"""How long the money lasts at the pace of the last days: the plainest forecast that can be said."""

from dataclasses import dataclass
from datetime import date, timedelta

from huanxin.indicators.types import Money
from huanxin.kernel.speech import day_said, said

PACE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Outlook:
    """The pace, and the day on which nothing is left; None if not before the year ends."""

    pace_fen: int
    empty_on: date | None
    sentence: str


def outlook(money: Money) -> Outlook:
    """Carry the mean of the last 14 days on in a straight line to the end of the year."""
    recent = [point.value or 0 for point in money.claimed.points[-PACE_DAYS:]]
    pace_fen = sum(recent) // len(recent) if recent else 0
    if money.budget_fen == 0:
        return Outlook(0, None, said("本年尚未下达预算"))
    if money.left_fen <= 0:
        return Outlook(pace_fen, money.window.to_on, said("本年预算已全部领完"))
    if pace_fen <= 0:
        return Outlook(0, None, said("近{n}日没有新增领取，暂不预测", n=PACE_DAYS))
    empty_on = money.window.to_on + timedelta(days=-(-money.left_fen // pace_fen))
    year_end = date(money.window.to_on.year, 12, 31)
    if empty_on > year_end:
        return Outlook(pace_fen, None, said("按近{n}日速度，年底前不会用完", n=PACE_DAYS))
    sentence = said("按近{n}日速度，预计{day}用完", n=PACE_DAYS, day=day_said(empty_on))
    return Outlook(pace_fen, empty_on, sentence)
