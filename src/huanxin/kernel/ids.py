"""Public ids (UUIDv7, RFC 9562) and the numbers people read aloud (单号)."""

import random
import secrets
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import connection
from stdnum import luhn

from huanxin.kernel import clock, sets
from huanxin.kernel.sqlfiles import read_sql

# a doubled digit's own digit sum
_DOUBLED = str.maketrans("0123456789", "0246813579")
_source: list[random.Random] = [secrets.SystemRandom()]


def seed(value: int | None) -> None:
    """Make ids reproducible for a replay; None returns to the system's randomness."""
    _source[0] = secrets.SystemRandom() if value is None else random.Random(value)  # noqa: S311


def new_id() -> UUID:
    """A UUIDv7 at the platform's clock."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[UUID]:
    """`count` UUIDv7 of one moment."""
    ms = int(clock.now().timestamp() * 1000)
    fixed = (ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | 0b10 << 62
    drawn, low = _source[0].getrandbits, (1 << 62) - 1
    rands = [drawn(74) for _ in range(count)]
    return [UUID(int=fixed | (rand >> 62) << 64 | rand & low) for rand in rands]


def new_number(kind: str, *, on: date, region_code: str) -> str:
    """A number such as HS260901-1502-0000042-7: kind, date, region, serial, Luhn check digit."""
    return new_numbers(kind, 1, on=on, region_code=region_code)[0]


def new_numbers(kind: str, count: int, *, on: date, region_code: str) -> list[str]:
    """`count` numbers in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.kernel.sql", "take_serials").text, {"count": count})
        serials = [row[0] for row in cursor.fetchall()]
    return format_numbers(kind, serials, on=on, region_code=region_code)


def serials(count: int) -> sets.Question[list[int]]:
    """Asks for serials to lay numbers out with, in one round trip with other questions."""

    def read(rows: sets.Rows) -> list[int]:
        return [row[0] for row in rows]

    return sets.Question("huanxin.kernel.sql", "take_serials", {"count": count}, read)


def format_number(kind: str, serial: int, *, on: date, region_code: str) -> str:
    """Lay out a number and append its check digit.

    >>> format_number("HS", 42, on=date(2026, 9, 1), region_code="371502")
    'HS260901-1502-0000042-3'
    >>> is_number("HS260901-1502-0000042-3"), is_number("HS260901-1502-0000024-3")
    (True, False)
    """
    return format_numbers(kind, [serial], on=on, region_code=region_code)[0]


def format_numbers(kind: str, serials: Iterable[int], *, on: date, region_code: str) -> list[str]:
    """Lay out many numbers of one kind, day and region: what they share is worked out once."""
    day, place = f"{on:%y%m%d}", region_code[-4:]
    # Luhn doubles every other digit from the right: whether that meets the last digit of the
    # shared part depends on how many digits the serial has
    shared = {odd: _luhn_sum(day + place, from_last=not odd) for odd in (True, False)}
    numbers = []
    for serial in serials:
        digits = f"{serial:07d}"
        total = shared[len(digits) % 2 == 1] + _luhn_sum(digits, from_last=True)
        numbers.append(f"{kind}{day}-{place}-{digits}-{-total % 10}")
    return numbers


def _luhn_sum(digits: str, *, from_last: bool) -> int:
    """Digits added up, every other one doubled: the last, third last and so on, or the others."""
    last, other = digits[-1::-2], digits[-2::-2]
    doubled, plain = (last, other) if from_last else (other, last)
    return sum(map(int, doubled.translate(_DOUBLED) + plain))


def is_number(text: str) -> bool:
    """Whether a typed number is whole: its check digit fits."""
    digits = "".join(c for c in text if c.isdigit())
    return len(digits) >= 18 and luhn.is_valid(digits)
