"""Public ids (UUIDv7, RFC 9562) and the numbers people read aloud (单号)."""

import random
import secrets
from datetime import date
from uuid import UUID

from django.db import connection
from stdnum import luhn

from huanxin.kernel import clock

_source: list[random.Random] = [secrets.SystemRandom()]


def seed(value: int | None) -> None:
    """Make ids reproducible for a replay; None returns to the system's randomness."""
    _source[0] = secrets.SystemRandom() if value is None else random.Random(value)  # noqa: S311


def new_id() -> UUID:
    """A UUIDv7 at the platform's clock."""
    ms = int(clock.now().timestamp() * 1000)
    rand = _source[0].getrandbits(74)
    value = (ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (rand >> 62) << 64
    return UUID(int=value | 0b10 << 62 | rand & ((1 << 62) - 1))


def new_number(kind: str, *, on: date, region_code: str) -> str:
    """A number such as HS260901-1502-0000042-7: kind, date, region, serial, Luhn check digit."""
    return new_numbers(kind, 1, on=on, region_code=region_code)[0]


def new_numbers(kind: str, count: int, *, on: date, region_code: str) -> list[str]:
    """`count` numbers in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('kernel_number_serial') FROM generate_series(1, %s)", [count]
        )
        serials = [row[0] for row in cursor.fetchall()]
    return [format_number(kind, serial, on=on, region_code=region_code) for serial in serials]


def format_number(kind: str, serial: int, *, on: date, region_code: str) -> str:
    """Lay out a number and append its check digit.

    >>> format_number("HS", 42, on=date(2026, 9, 1), region_code="371502")
    'HS260901-1502-0000042-3'
    >>> is_number("HS260901-1502-0000042-3"), is_number("HS260901-1502-0000024-3")
    (True, False)
    """
    digits = f"{on:%y%m%d}{region_code[-4:]}{serial:07d}"
    check = luhn.calc_check_digit(digits)
    return f"{kind}{digits[:6]}-{digits[6:10]}-{digits[10:]}-{check}"


def is_number(text: str) -> bool:
    """Whether a typed number is whole: its check digit fits."""
    digits = "".join(c for c in text if c.isdigit())
    return len(digits) >= 18 and luhn.is_valid(digits)
