"""The twin's arithmetic: reproducible streams, synthetic numbers with valid check digits. Pure."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import TypeVar
from uuid import UUID, uuid5

from stdnum import ean, luhn
from stdnum.cn import uscc

from huanxin.simulation.types import PatternScore

T = TypeVar("T")

NAMESPACE = UUID("952e0000-0000-5000-8000-000000000952")
DEMO_PREFIX = "952"  # GS1 keeps 952 for demonstrations
UNISSUED_PROVINCE = "99"  # no region code begins with 99, so no real document or firm does
UNALLOCATED_PHONES = "154"  # a mobile prefix that is not in service
TEST_TAC = "00999999"  # IMEI whose reporting body is 00 are test units

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def stream(seed: int, *names: object) -> random.Random:
    """A generator of its own for every purpose, so that one more draw here moves nothing there.

    >>> stream(1, "a").random() == stream(1, "a").random() != stream(1, "b").random()
    True
    """
    return random.Random("/".join(map(str, (seed, *names))))


def request_id(seed: int, *names: object) -> UUID:
    """The request id of an act: the same act on a resumed day asks with the same id.

    >>> request_id(1, "sell", "w1") == request_id(1, "sell", "w1")
    True
    """
    return uuid5(NAMESPACE, "/".join(map(str, (seed, *names))))


def fixed_id(at: datetime, seed: int, *names: object) -> UUID:
    """A UUIDv7 that depends on the moment and the name alone.

    >>> from datetime import UTC
    >>> fixed_id(datetime(2026, 6, 1, tzinfo=UTC), 1, "shop").version
    7
    """
    digest = int.from_bytes(request_id(seed, "id", *names).bytes, "big")
    ms = int(at.timestamp() * 1000)
    value = (ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (digest & 0xFFF) << 64
    return UUID(int=value | 0b10 << 62 | digest >> 64 & ((1 << 62) - 1))


def picks(rng: random.Random, chance_bps: int) -> bool:
    """Whether something with a chance in basis points happens."""
    return rng.randrange(10_000) < chance_bps


def choose(rng: random.Random, items: Sequence[T], weights: Iterable[int]) -> T:
    """One of the items by integer weight."""
    limits = list(accumulate(weights))
    at = rng.randrange(limits[-1])
    return items[next(i for i, limit in enumerate(limits) if at < limit)]


def arrivals(rng: random.Random, mean: float) -> int:
    """A Poisson count for a small mean (Knuth's product method).

    >>> sum(arrivals(stream(7, i), 0.5) for i in range(1000)) in range(420, 580)
    True
    """
    limit, product, count = pow(2.718281828459045, -mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def document_no(county: str, born_on: date, order: int) -> str:
    """A resident id (GB 11643) under an area code that was never issued.

    >>> document_no("371502", date(1968, 3, 7), 22)
    '99150219680307022X'
    """
    body = f"{UNISSUED_PROVINCE}{county[2:]}{born_on:%Y%m%d}{order:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def uscc_code(region_code: str, order: int) -> str:
    """A unified social credit code (GB 32100) of a firm in no real region.

    >>> uscc.is_valid(uscc_code("371502", 7))
    True
    """
    letters = ""
    for _ in range(5):
        order, place = divmod(order, 31)
        letters = _USCC_LETTERS[place] + letters
    body = f"91{UNISSUED_PROVINCE}{region_code[2:]}MA9X{letters}"
    return body + uscc.calc_check_digit(body)


def gtin_code(maker: int, item: int) -> str:
    """A GTIN-13 under the demo prefix.

    >>> gtin_code(1, 23), ean.is_valid(gtin_code(1, 23))
    ('9520001000232', True)
    """
    body = f"{DEMO_PREFIX}{maker:04d}{item:05d}"
    return body + ean.calc_check_digit(body)


def imei_code(order: int) -> str:
    """An IMEI of a test unit.

    >>> imei_code(42), luhn.is_valid(imei_code(42))
    ('009999990000428', True)
    """
    body = f"{TEST_TAC}{order:06d}"
    return body + luhn.calc_check_digit(body)


def phone_no(order: int) -> str:
    """A mobile number that cannot be dialled.

    >>> phone_no(12)
    '15400000012'
    """
    return f"{UNALLOCATED_PHONES}{order % 100_000_000:08d}"


def token(seed: int, *names: object) -> str:
    """A SHA-256 that stands for a picture or a file nobody has.

    >>> len(token(1, "photo", "w1"))
    64
    """
    return hashlib.sha256("/".join(map(str, (seed, *names))).encode()).hexdigest()


def score(
    pattern: str, committed: set[str], stopped: set[str], denied: set[str], flagged: set[str]
) -> PatternScore:
    """Recall over what was committed, precision over what this pattern's own check flagged.

    >>> score("x", {"a", "b"}, {"a"}, {"a"}, {"a", "c"})
    PatternScore(pattern='x', committed=2, stopped=1, denied=1, flagged=2, flagged_right=1)
    """
    return PatternScore(
        pattern=pattern,
        committed=len(committed),
        stopped=len(committed & stopped),
        denied=len(committed & denied),
        flagged=len(flagged),
        flagged_right=len(flagged & committed),
    )
