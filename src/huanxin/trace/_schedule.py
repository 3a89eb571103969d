"""When a scheduled subscription runs: EPCIS query schedules, in the city's clock time. Pure.

A field below the finest one given counts as its first value: `{"hour": "1"}` is once a day at one
o'clock, not 3,600 times.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from huanxin.trace.errors import SubscriptionControlsInvalid

_FIELDS = {
    "second": (0, 59), "minute": (0, 59), "hour": (0, 23), "dayOfMonth": (1, 31),
    "month": (1, 12), "dayOfWeek": (1, 7),
}  # fmt: skip
_FINE = ("second", "minute", "hour")
_PART = re.compile(r"^(?:(\d+)|\[(\d+)-(\d+)\])$")
_DAYS = 366 * 5
_ZONE = ZoneInfo("Asia/Shanghai")


def read(schedule: object) -> dict[str, list[int]]:
    """Each field's values; refuses unknown fields and values outside their range.

    >>> read({"hour": "1,[8-10]"})["hour"], read({"hour": "1"})["minute"]
    ([1, 8, 9, 10], [0])
    """
    if not isinstance(schedule, Mapping) or not schedule:
        raise SubscriptionControlsInvalid(reason="schedule 应为对象，至少一项")
    found = {str(name): _values(str(name), value) for name, value in schedule.items()}
    coarser = any(name in found for name in ("dayOfMonth", "month", "dayOfWeek"))
    for i, name in reversed(list(enumerate(_FINE))):
        low, high = _FIELDS[name]
        if name not in found:
            given = coarser or any(above in found for above in _FINE[i + 1 :])
            found[name] = [low] if given else list(range(low, high + 1))
        coarser = coarser or name in (schedule or {})
    return found


def next_after(schedule: object, after: datetime) -> datetime:
    """The first moment of the schedule later than `after`."""
    fields = read(schedule)
    local = after.astimezone(_ZONE)
    for ahead in range(_DAYS):
        day = (local + timedelta(days=ahead)).date()
        if not _fits(fields, day.month, day.day, day.isoweekday()):
            continue
        for hour in fields["hour"]:
            for minute in fields["minute"]:
                for second in fields["second"]:
                    at = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_ZONE)
                    if at > local:
                        return at
    raise SubscriptionControlsInvalid(reason="该日程永远不会到来")


def _fits(fields: Mapping[str, list[int]], month: int, day: int, weekday: int) -> bool:
    asked = (("month", month), ("dayOfMonth", day), ("dayOfWeek", weekday))
    return all(name not in fields or value in fields[name] for name, value in asked)


def _values(name: str, value: object) -> list[int]:
    if name not in _FIELDS:
        raise SubscriptionControlsInvalid(reason=f"不认识的日程字段 {name}")
    low, high = _FIELDS[name]
    found: set[int] = set()
    for part in str(value).split(","):
        match = _PART.match(part.strip())
        if match is None:
            raise SubscriptionControlsInvalid(reason=f"{name} 的值“{value}”无法识别")
        first = int(match[1] or match[2])
        last = int(match[1] or match[3])
        if not low <= first <= last <= high:
            raise SubscriptionControlsInvalid(reason=f"{name} 应在 {low} 与 {high} 之间")
        found |= set(range(first, last + 1))
    return sorted(found)
