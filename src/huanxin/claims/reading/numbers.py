"""Check digits and shapes of the numbers that stand on papers."""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone

from stdnum import ean, imei
from stdnum.cn import uscc

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT = re.compile(r"^\d{17}[\dX]$")
_FIRST_YEAR = 21  # numbers of twenty digits exist since December 2021
CHINA = timezone(timedelta(hours=8))
_DIGITS = {c: n for n, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
_PLACES = {"拾": 10, "佰": 100, "仟": 1_000}


def half_width(text: str) -> str:
    """Full-width letters, digits and punctuation as their usual forms."""
    return unicodedata.normalize("NFKC", text)


def is_imei(text: str) -> bool:
    """Fifteen digits with a Luhn check digit."""
    return len(text) == 15 and text.isascii() and text.isdigit() and bool(imei.is_valid(text))


def is_gtin(text: str) -> bool:
    """A barcode of goods: 8, 12, 13 or 14 digits with its check digit."""
    is_number = text.isascii() and text.isdigit() and len(text) in {8, 12, 13, 14}
    return is_number and bool(ean.is_valid(text))


def is_uscc(text: str) -> bool:
    """A unified social credit code (GB 32100) with its check character."""
    return len(text) == 18 and bool(uscc.is_valid(text))


def is_resident(text: str) -> bool:
    """A resident number (GB 11643) by its date and check digit; areas are not looked at.

    >>> is_resident("11010519491231002X"), is_resident("110105194912310021")
    (True, False)
    """
    if not _RESIDENT.match(text) or day(text[6:14]) is None:
        return False
    total = sum(w * int(c) for w, c in zip(_WEIGHTS, text[:17], strict=True))
    return "10X98765432"[total % 11] == text[17]


def invoice_agrees(number: str, invoiced_on: date | None) -> bool | None:
    """Whether a 20-digit invoice number can be right: it begins with the year of issue.

    It has no check digit, so without a date only an impossible year is told from a possible one.

    >>> invoice_agrees("26372000000012345678", date(2026, 7, 15))
    True
    >>> invoice_agrees("98372000000012345678", None)
    False
    """
    if len(number) != 20:
        return None
    year = int(number[:2])
    if invoiced_on is not None:
        return year == invoiced_on.year % 100
    return None if _FIRST_YEAR <= year <= _FIRST_YEAR + 40 else False


def fen(text: str) -> int | None:
    """Yuan with two decimals, with or without thousands; anything else is no amount.

    >>> fen("4,939.00"), fen("4.939,00"), fen("12.5")
    (493900, None, None)
    """
    plain = text.replace(",", "").replace(" ", "")
    return int(plain.replace(".", "")) if re.fullmatch(r"\d{1,10}\.\d{2}", plain) else None


def fen_in_words(words: str) -> int | None:
    """An amount in capital characters (大写), or None where it is not one.

    >>> fen_in_words("肆仟玖佰叁拾玖圆整"), fen_in_words("壹万零伍圆零叁分"), fen_in_words("圆")
    (493900, 1000503, None)
    """
    match = re.fullmatch(r"(.+)[圆元](?:整|(?:(.)角)?零?(?:(.)分)?整?)", words)
    if not match:
        return None
    yuan = _count(match[1])
    small = [_DIGITS.get(part or "零") for part in match.groups()[1:]]
    if yuan is None or None in small:
        return None
    return yuan * 100 + (small[0] or 0) * 10 + (small[1] or 0)


def _count(words: str) -> int | None:
    total, group, digit = 0, 0, 0
    for char in words:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _PLACES:
            group, digit = group + (digit or 1) * _PLACES[char], 0
        elif char == "万":
            total, group, digit = (total + group + digit) * 10_000, 0, 0
        else:
            return None
    return (total + group + digit) or None


def day(text: str) -> date | None:
    """A date written as 20260715, 2026-07-15 or 2026年7月15日."""
    match = re.match(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})", text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """A date and time as printed on slips, in China's time."""
    match = re.match(
        r"(\d{4})[-/.年:](\d{1,2})[-/.月:](\d{1,2})日?\D{0,2}?(\d{1,2}):(\d{2})(?::(\d{2}))?", text
    )
    if not match:
        return None
    try:
        return datetime(*(int(part or 0) for part in match.groups()), tzinfo=CHINA)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
