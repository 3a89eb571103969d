"""The QR code of an invoice: comma-separated fields that begin with 01 (domain fact H4)."""

from dataclasses import dataclass
from datetime import date

from huanxin.claims.reading import numbers

_WITH_TAX = {"31", "32"}  # fully digital, special and ordinary: the amount is the total
_OLDER = {"01", "04", "10", "11", "14"}  # the amount is without tax


@dataclass(frozen=True, slots=True)
class InvoiceCode:
    """What the code says. `total_fen` is None where the code carries the amount without tax."""

    type_code: str
    code: str
    number: str
    total_fen: int | None
    net_fen: int | None
    invoiced_on: date
    check_code: str


def parsed(text: str) -> InvoiceCode | None:
    """The fields of an invoice's QR code, or None where the text is not one.

    >>> parsed("01,32,,26372000000012345678,4939.00,20260715,,8A2F").total_fen
    493900
    >>> parsed("01,04,3700201130,12345678,4370.80,20200715,66302829809915100140,").total_fen
    >>> parsed("01,32,,26372000000012345678,4939,20260715,,8A2F")
    >>> parsed("https://example.cn/?q=01,32")
    """
    parts = [part.strip() for part in numbers.half_width(text).split(",")]
    if len(parts) < 6 or parts[0] != "01":
        return None
    type_code, code, number, amount, day = parts[1:6]
    cents, on = numbers.fen(amount), numbers.day(day) if len(day) == 8 else None
    if cents is None or on is None or not _fits(type_code, code, number):
        return None
    is_total = type_code in _WITH_TAX
    return InvoiceCode(
        type_code, code, number, cents if is_total else None, None if is_total else cents, on,
        parts[6] if len(parts) > 6 else "",
    )  # fmt: skip


def _fits(type_code: str, code: str, number: str) -> bool:
    if not all(text.isascii() and text.isdigit() for text in (number, code or "0")):
        return False
    if type_code in _WITH_TAX:
        return len(number) == 20 and not code
    return type_code in _OLDER and len(number) == 8 and len(code) in {10, 12}
