"""How often one person, one device or one address may ask: token buckets. Time is handed in."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


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


def networks(text: str) -> tuple[Network, ...]:
    """A list of networks such as '10.0.0.0/8, ::1', as the settings write it.

    >>> networks("10.0.0.0/8, ::1")
    (IPv4Network('10.0.0.0/8'), IPv6Network('::1/128'))
    """
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


class Proxies:
    """The proxies that are ours, and whose request it is that came through them.

    The header counts only if the connection itself comes from one of ours: anyone can write it.

    >>> ours = Proxies(networks("10.0.0.0/8"))
    >>> ours.origin("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.7")
    '203.0.113.9'
    >>> ours.origin("203.0.113.9", "6.6.6.6")
    '203.0.113.9'
    """

    def __init__(self, trusted: tuple[Network, ...]) -> None:
        self._trusted = trusted
        self._is_ours = lru_cache(4096)(self._lies_inside)  # the same few ask all day

    def origin(self, peer: str, forwarded: str) -> str:
        """The last address of X-Forwarded-For that is no proxy of ours."""
        found = peer
        for hop in reversed(forwarded.split(",") if forwarded else []):
            if not self._is_ours(found):
                break
            found = hop.strip()
        return found

    def _lies_inside(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in one for one in self._trusted if one.version == parsed.version)


def address_key(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber has.

    >>> address_key("2001:db8:1:2:3::4"), address_key("203.0.113.9"), address_key("::ffff:10.0.0.1")
    ('2001:db8:1:2::/64', '203.0.113.9', '10.0.0.1')
    """
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False))
