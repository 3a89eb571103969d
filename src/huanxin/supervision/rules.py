"""When a value is out of bounds, and which bounds can be watched. Pure."""

from huanxin.supervision.errors import NoteMissing, ThresholdInvalid
from huanxin.supervision.types import NewThreshold

SHORTEST_NOTE = 4


def check_threshold(new: NewThreshold, periods: frozenset[str]) -> None:
    """A threshold names a period, has at least one bound, the lower below the upper, and a why."""
    faults = {
        f"没有名为“{new.period}”的期间": new.period not in periods,
        "请至少填写下限或上限": new.low is None and new.high is None,
        "下限应小于上限": new.low is not None and new.high is not None and new.low >= new.high,
        "请写明设线的理由，至少四个字": len(new.reason.strip()) < SHORTEST_NOTE,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise ThresholdInvalid(reason=reason)


def check_note(note: str) -> None:
    """Whoever acknowledges an alert says what they know or do about it."""
    if len(note.strip()) < SHORTEST_NOTE:
        raise NoteMissing


def broken_bound(value: int | None, low: int | None, high: int | None) -> str:
    """Which bound a value broke: 'low', 'high', or '' for neither; of nothing, nothing is said.

    >>> broken_bound(4, 5, None), broken_bound(5, 5, 9), broken_bound(10, 5, 9)
    ('low', '', 'high')
    >>> broken_bound(None, 5, 9)
    ''
    """
    if value is None:
        return ""
    if low is not None and value < low:
        return "low"
    return "high" if high is not None and value > high else ""
