"""Opening hours in words: the week, today, and whether the door is open now."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from huanxin.identity.types import DayHours, Opening
from huanxin.web import values


@dataclass(frozen=True, slots=True)
class OpeningWords:
    """What a neighbour wants to know before she sets out."""

    state: str  # of the family "opening"
    today: str
    week: tuple[tuple[str, str], ...]
    closed: tuple[tuple[str, str], ...]


def words_of(opening: Opening | None, local: datetime) -> OpeningWords | None:
    """The words at a moment of Shanghai's clock; None when nothing was published."""
    if opening is None or not opening.week:
        return None
    today = opening.of_day(local.date())
    by_day = {one.weekday: one for one in opening.week}
    return OpeningWords(
        "open" if opening.is_open(local) else "closed",
        _("今天 %s") % span(today) if today else _("今天休息"),
        tuple((weekday(n), span(by_day[n]) if n in by_day else _("休息")) for n in range(1, 8)),
        tuple((values.day(one.on), one.why) for one in opening.closed),
    )


def span(hours: DayHours) -> str:
    """09:00–17:30."""
    return f"{hours.opens:%H:%M}–{hours.closes:%H:%M}"


def weekday(number: int) -> str:
    """Monday is 1."""
    return str(WEEKDAYS[number - 1])


def day_of(on: date) -> str:
    """8月3日 星期一."""
    return f"{values.day(on)} {weekday(on.isoweekday())}"
