"""What both sides of an order may expect: deadlines, no-shows, the clock of a complaint. Pure."""

from datetime import datetime, timedelta

from huanxin.kernel import clock
from huanxin.recycling.errors import (
    BookingPaused,
    MoveRefused,
    TooEarlyToReport,
)
from huanxin.recycling.rules import Conduct
from huanxin.recycling.types import Choice, OrderState, Slot
from huanxin.recycling.types.orders import CancelTerms

REPORT_MINUTES = 30  # after its slot an uncollected order counts as missed by the recycler
_OPEN = frozenset({OrderState.BOOKED, OrderState.ASSIGNED, OrderState.REQUOTE_PENDING})


def cancel_terms(
    conduct: Conduct, *, state: OrderState, starts_at: datetime, now: datetime, is_cash: bool
) -> CancelTerms:
    """Cancelling is free until some hours before the slot; later it is noted, never charged."""
    free_until = starts_at - timedelta(hours=conduct.free_cancel_hours)
    is_late = now > free_until
    if state not in _OPEN:
        return CancelTerms(
            may_cancel=False, is_late=is_late, free_until=free_until,
            sentence="旧机已经取走，不能取消。",
        )  # fmt: skip
    voucher = "" if is_cash else "本单的焕新券同时作废。"
    late = f"距上门不足 {conduct.free_cancel_hours} 小时，会记一次临时取消。" if is_late else ""
    return CancelTerms(
        may_cancel=True, is_late=is_late, free_until=free_until,
        sentence=f"取消不收费。{voucher}{late}",
    )  # fmt: skip


def check_may_book(conduct: Conduct, *, missed_count: int) -> None:
    """Who was absent too often books at a station or a village day, not a door."""
    if missed_count >= conduct.missed_limit:
        raise BookingPaused(missed_count=missed_count, window_days=conduct.missed_window_days)


def check_move(
    conduct: Conduct, *, number: str, state: OrderState, move_count: int, terms: CancelTerms
) -> None:
    """An order is moved before its deadline, a few times, and not once a new price waits."""
    if state not in {OrderState.BOOKED, OrderState.ASSIGNED}:
        raise MoveRefused(number=number, reason=f"订单处于“{state.label}”")
    if move_count >= conduct.free_moves:
        raise MoveRefused(number=number, reason=f"已经改过 {move_count} 次")
    if terms.is_late:
        raise MoveRefused(number=number, reason="离上门时间太近，车辆已经安排")


def check_waited(conduct: Conduct, *, arrive_at: datetime, now: datetime) -> None:
    """A worker waits at the door before calling it a missed visit."""
    ready = arrive_at + timedelta(minutes=conduct.wait_minutes)
    if now < ready:
        raise TooEarlyToReport(at=f"{ready.astimezone(clock.SHANGHAI):%H:%M}")


def check_slot_over(*, ends_at: datetime, now: datetime) -> None:
    """An owner reports an absent worker when the slot has been over for a while."""
    ready = ends_at + timedelta(minutes=REPORT_MINUTES)
    if now < ready:
        raise TooEarlyToReport(at=f"{ready.astimezone(clock.SHANGHAI):%H:%M}")


def slot_bounds(slot_on_midnight: datetime, slot: Slot) -> tuple[datetime, datetime]:
    """A slot's first and last instant."""
    start, end = slot.hours
    return slot_on_midnight + timedelta(hours=start), slot_on_midnight + timedelta(hours=end)


def due_at(opened_at: datetime, *, hours: int, workday: tuple[int, int]) -> datetime:
    """When so many working hours have passed: Monday to Friday, within the working day.

    >>> from datetime import datetime
    >>> friday = datetime(2026, 6, 5, 17, tzinfo=clock.SHANGHAI)
    >>> due_at(friday, hours=4, workday=(9, 18)).strftime("%a %H:%M")
    'Mon 12:00'
    >>> due_at(datetime(2026, 6, 6, 23, tzinfo=clock.SHANGHAI), hours=8, workday=(9, 18)).day
    8
    """
    first, last = workday
    at, left = opened_at.astimezone(clock.SHANGHAI), timedelta(hours=hours)
    while True:
        opens = at.replace(hour=first, minute=0, second=0, microsecond=0)
        closes = at.replace(hour=last, minute=0, second=0, microsecond=0)
        start = max(at, opens)
        if at.weekday() < 5 and start < closes:
            if start + left <= closes:
                return start + left
            left -= closes - start
        at = opens + timedelta(days=1)


def is_cash(choice: str) -> bool:
    return choice == Choice.CASH
