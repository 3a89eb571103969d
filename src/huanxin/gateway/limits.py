"""How often one person, one device or one address may ask: token buckets. Time is handed in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` on average, `burst` at once."""

    per_second: float
    burst: int

    @property
    def full_after_seconds(self) -> float:
        return self.burst / self.per_second


PERSON = Rate(per_second=2, burst=10)
DEVICE = Rate(per_second=4, burst=20)  # a station's or a family's device asks for several people
ADDRESS = Rate(per_second=200, burst=2_000)  # a carrier's one address may stand for a district


class Buckets:
    """One bucket a key. Two generations: whoever was not seen for long enough has a full one.

    >>> buckets = Buckets(Rate(per_second=1, burst=2))
    >>> [buckets.take("a", 0.0) for _ in range(3)], buckets.take("b", 0.0), buckets.take("a", 1.0)
    ([True, True, False], True, True)
    """

    def __init__(self, rate: Rate) -> None:
        self._per_second, self._burst = rate.per_second, rate.burst
        self._turns_every = rate.full_after_seconds
        self._turned_at = 0.0
        self._levels: dict[object, tuple[float, float]] = {}
        self._before: dict[object, tuple[float, float]] = {}

    def take(self, key: object, now: float) -> bool:
        """Whether the key may ask now; if so, it has."""
        if now - self._turned_at >= self._turns_every:
            self._turn(now)
        known = self._levels.get(key) or self._before.get(key)
        if known is None:
            self._levels[key] = (self._burst - 1, now)
            return True
        level, at = known
        level = min(self._burst, level + (now - at) * self._per_second)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        return allowed

    def wait_seconds(self, key: object) -> float:
        """How long a key that was refused has to wait until it may ask again."""
        level, _ = self._levels[key]
        return max(0.0, 1 - level) / self._per_second

    def __len__(self) -> int:
        return len(self._levels) + len(self._before)

    def _turn(self, now: float) -> None:
        """Forget the older generation: its buckets have filled up again since."""
        is_stale = now - self._turned_at >= 2 * self._turns_every
        self._before = {} if is_stale else self._levels
        self._levels, self._turned_at = {}, now
