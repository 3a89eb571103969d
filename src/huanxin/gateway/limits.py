"""How often one person, or one address, may ask: token buckets. The time is handed in."""

from dataclasses import dataclass

_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` on average, `burst` at once. An address may stand for a whole district."""

    per_second: float
    burst: int


PERSON = Rate(per_second=2, burst=10)
ADDRESS = Rate(per_second=2_000, burst=10_000)


class Buckets:
    """One bucket a key; full ones are forgotten when there are many.

    >>> buckets = Buckets(Rate(per_second=1, burst=2))
    >>> [buckets.take("a", 0.0) for _ in range(3)], buckets.take("b", 0.0), buckets.take("a", 1.0)
    ([True, True, False], True, True)
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, key: str, now: float) -> bool:
        """Whether the key may ask now; if so, it has."""
        if len(self._levels) >= _KEYS:
            self._forget(now)
        level, at = self._levels.get(key, (float(self._rate.burst), now))
        level = min(self._rate.burst, level + (now - at) * self._rate.per_second)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        return allowed

    def _forget(self, now: float) -> None:
        full_after = self._rate.burst / self._rate.per_second
        self._levels = {
            key: (level, at) for key, (level, at) in self._levels.items() if now - at < full_after
        }
