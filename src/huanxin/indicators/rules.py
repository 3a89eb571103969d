"""Arithmetic of numbers: periods, shares, ratios of series. Pure."""

from datetime import date, timedelta

from huanxin.indicators.errors import TargetInvalid, WindowInvalid
from huanxin.indicators.types import (
    WINDOW_TITLES,
    Aggregate,
    Goal,
    Metric,
    NewTarget,
    Point,
    Series,
    Target,
    Window,
)

BPS = 10_000
LONGEST_WINDOW_DAYS = 3 * 366
SHORTEST_DOCUMENT = 4
LEAST_PEOPLE = 10  # a cell of fewer could point at somebody
MARKET_STEP = 10  # tens hide what one neighbour more or less would tell
HOURS = [f"{hour:02d}" for hour in range(24)]


def window_of(key: str, today: date) -> Window:
    """A named period that ends today.

    >>> window_of("week", date(2026, 9, 1)).from_on
    datetime.date(2026, 8, 26)
    """
    starts = {
        "today": today,
        "week": today - timedelta(days=6),
        "month": today - timedelta(days=29),
        "year": date(today.year, 1, 1),
    }
    if key not in starts:
        raise WindowInvalid(reason=f"没有名为“{key}”的期间")
    return Window(starts[key], today, WINDOW_TITLES[key], key)


def check_window(from_on: date, to_on: date) -> None:
    """A period runs forward and is at most three years long."""
    if to_on < from_on:
        raise WindowInvalid(reason=f"截止日 {to_on} 早于起始日 {from_on}")
    if (to_on - from_on).days >= LONGEST_WINDOW_DAYS:
        raise WindowInvalid(reason="一次最多统计三年")


def ratio_bps(numerator: int | None, denominator: int | None) -> int | None:
    """A share in basis points, rounded down; nothing over nothing says nothing.

    >>> ratio_bps(2, 3), ratio_bps(5, 0), ratio_bps(0, 7)
    (6666, None, 0)
    """
    if numerator is None or not denominator:
        return None
    return numerator * BPS // denominator


def difference(left: int | None, right: int | None) -> int | None:
    """What is left of one after the other; of nothing, nothing is said.

    >>> difference(10, 4), difference(None, 4)
    (6, None)
    """
    return None if left is None or right is None else left - right


def combine(metric: Metric, left: Series, right: Series) -> Series:
    """The series of a ratio or difference from the series of its two metrics, group by group."""
    work = {Aggregate.RATIO: ratio_bps, Aggregate.DIFFERENCE: difference}[metric.aggregate]
    labels = {point.key: point.label for point in (*left.points, *right.points)}
    first = {point.key: point for point in left.points}
    second = {point.key: point for point in right.points}
    points = tuple(
        Point(
            key=key,
            label=label,
            value=work(_value(first.get(key)), _value(second.get(key))),
            row_count=second[key].row_count if key in second else 0,
        )
        for key, label in labels.items()
    )
    return Series(
        metric=metric, region_path=left.region_path, from_on=left.from_on, to_on=left.to_on,
        by=left.by, value=work(left.value, right.value), row_count=right.row_count,
        points=points, read_at=min(filter(None, (left.read_at, right.read_at)), default=None),
    )  # fmt: skip


def _value(point: Point | None) -> int:
    return point.value or 0 if point else 0


def market_count(unit_count: int, person_count: int) -> int | None:
    """What of a cell may be told: nothing of fewer than ten people, else whole tens.

    >>> market_count(40, 9), market_count(47, 10), market_count(10, 10)
    (None, 40, 10)
    """
    if person_count < LEAST_PEOPLE:
        return None
    return unit_count // MARKET_STEP * MARKET_STEP


def check_target(new: NewTarget, metric: Metric) -> None:
    """A goal is above nought, covers days that run forward, and names the document that set it."""
    faults = {
        f"“{metric.title}”由两项指标得出，请为其中一项设目标": metric.aggregate
        is Aggregate.DIFFERENCE,
        "目标值应大于零": new.value <= 0,
        f"截止日 {new.to_on} 早于起始日 {new.from_on}": new.to_on < new.from_on,
        "请写明发布该目标的文件": len(new.document.strip()) < SHORTEST_DOCUMENT,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise TargetInvalid(reason=reason)


def goal_fraction(target: Target, from_on: date, to_on: date) -> tuple[int, int]:
    """How many of a target's days a window covers, and how many it has.

    >>> year = (date(2026, 1, 1), date(2026, 12, 31))
    >>> a = Target("m", "", *year, 365, "…", "…", None)
    >>> goal_fraction(a, date(2026, 1, 1), date(2026, 1, 31))
    (31, 365)
    """
    first, last = max(target.from_on, from_on), min(target.to_on, to_on)
    return max(0, (last - first).days + 1), (target.to_on - target.from_on).days + 1


def goal(metric: Metric, target: Target, from_on: date, to_on: date) -> Goal | None:
    """What a target asks of a window: of sums the share of its days, rounded up; else itself."""
    covered, whole = goal_fraction(target, from_on, to_on)
    if covered == 0:
        return None
    if metric.aggregate is not Aggregate.SUM:
        return Goal(target.value, target, is_share=False)
    return Goal(-(-target.value * covered // whole), target, is_share=covered < whole)


def days_of_page(counts: list[tuple[date, int]], offset: int, size: int) -> tuple[date, date, int]:
    """The days that a page of rows, latest first, lies on, and how many rows of them to skip.

    >>> days = [(date(2026, 9, 1), 3), (date(2026, 9, 2), 0), (date(2026, 9, 3), 2)]
    >>> days_of_page(days, 0, 2)[2], str(days_of_page(days, 2, 2)[1])
    (0, '2026-09-01')
    >>> days_of_page(days, 1, 2)[2]
    1
    """
    passed, last, skip = 0, None, 0
    for day, count in reversed(counts):
        if last is None and passed + count > offset:
            last, skip = day, offset - passed
        passed += count
        if last is not None and passed >= offset + size:
            return day, last, skip
    return counts[0][0], last or counts[0][0], skip


def day_keys(from_on: date, to_on: date) -> list[str]:
    """Every day of a period, so that a day without rows shows as one.

    >>> day_keys(date(2026, 8, 31), date(2026, 9, 1))
    ['2026-08-31', '2026-09-01']
    """
    days = (to_on - from_on).days + 1
    return [(from_on + timedelta(days=i)).isoformat() for i in range(days)]


def expected(published: int, published_days: int, our_days: int, scale: int) -> int:
    """A published total brought to our scale and length: a pro-rata share, rounded down.

    >>> expected(533_800, 589, 92, 100)
    833
    """
    return published * our_days // (published_days * scale)
