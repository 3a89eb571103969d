"""A day of the twin: acts at moments, played in the order of the clock."""

import heapq
from collections.abc import Callable
from datetime import date, datetime

from huanxin.kernel import clock

Play = Callable[[], None]


class Agenda:
    """What is still to happen today. An act may add later ones."""

    def __init__(self, on: date) -> None:
        self.on = on
        self._acts: list[tuple[datetime, str, Play]] = []

    def add(self, at: datetime, label: str, play: Play) -> None:
        """Put an act on today's list; the label names it for ever and must be its own."""
        heapq.heappush(self._acts, (at, label, play))

    def at(self, hour: int, minute: int, label: str, play: Play) -> None:
        """Put an act at a time of the day."""
        self.add(clock.moment(self.on, hour, minute), label, play)

    def play(self, seed_act: Callable[[date, str], None]) -> int:
        """Play every act at its moment, earliest first; returns how many there were.

        The clock stands at each act's moment and its ids come from a stream of its own, so that
        the same act draws the same ids however the day was reached.
        """
        played = 0
        now = clock.moment(self.on)
        while self._acts:
            at, label, play = heapq.heappop(self._acts)
            now = max(now, at)
            with clock.standing_at(now):
                seed_act(self.on, label)
                play()
            played += 1
        return played
