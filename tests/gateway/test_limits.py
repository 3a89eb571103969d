"""How often may be asked, and by whom: people, devices, addresses, proxies."""

from huanxin.gateway.limits import ADDRESS, Buckets, Rate
from huanxin.kernel.addresses import Proxies, address_key, networks

OURS = Proxies(networks("10.0.0.0/8, fd00::/8"))


def test_a_bucket_fills_again_and_never_above_its_burst():
    buckets = Buckets(Rate(per_second=2, burst=3))
    assert [buckets.take("a", 100.0) for _ in range(4)] == [True, True, True, False]
    assert buckets.take("a", 100.5)
    assert not buckets.take("a", 100.5)
    assert [buckets.take("a", 900.0) for _ in range(4)] == [True, True, True, False]


def test_whoever_is_refused_is_told_how_long_to_wait():
    buckets = Buckets(Rate(per_second=0.5, burst=1))
    assert buckets.take("a", 10.0)
    assert not buckets.take("a", 11.0)
    assert buckets.wait_seconds("a") == 1.0
    assert buckets.take("a", 12.0)


def test_a_flood_of_names_is_forgotten_and_a_busy_one_is_not():
    buckets = Buckets(Rate(per_second=1, burst=2))  # full again after two seconds
    most = 0
    for second in range(20):
        for n in range(500):
            assert buckets.take(f"{second}-{n}", float(second))
        refused = [not buckets.take("busy", float(second)) for _ in range(3)]
        assert refused[-1], "the busy one is remembered across generations"
        most = max(most, len(buckets))
    assert most <= 4 * 501


def test_only_our_proxies_may_say_who_asks():
    assert OURS.origin("203.0.113.9", "6.6.6.6") == "203.0.113.9"
    assert OURS.origin("10.1.1.1", "203.0.113.9") == "203.0.113.9"
    assert OURS.origin("10.1.1.1", "6.6.6.6, 203.0.113.9, 10.2.2.2") == "203.0.113.9"
    assert OURS.origin("10.1.1.1", "") == "10.1.1.1"
    assert OURS.origin("10.1.1.1", "rubbish") == "rubbish"  # a name of its own, no exception
    assert Proxies(()).origin("10.1.1.1", "203.0.113.9") == "10.1.1.1"


def test_an_ipv6_subscriber_is_one_address():
    mine = {address_key(f"2001:db8:1:2::{n:x}") for n in range(100)}
    assert mine == {"2001:db8:1:2::/64"}
    assert address_key("2001:db8:1:3::1") not in mine
    assert address_key("fe80::1%eth0") == "fe80::/64"
    assert address_key("not:an:address") == "not:an:address"


def test_one_address_cannot_flood_and_others_are_served():
    buckets = Buckets(ADDRESS)
    taken = sum(buckets.take("203.0.113.9", 50.0) for _ in range(ADDRESS.burst + 500))
    assert taken == ADDRESS.burst
    assert buckets.take("203.0.113.10", 50.0)
