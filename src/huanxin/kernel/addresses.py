"""Network addresses: whose request came through our proxies, and which are private."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


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
