"""GS1 identifiers: check digits, keys under our prefix, and canonical Digital Links. Pure.

Canonical form is the one the CBV event hash asks for (CBV 2.0, 8.9.2): https://id.gs1.org, only
the finest key level, GTIN-14, check digits computed, reserved characters percent-encoded.
"""

import re
from collections.abc import Callable

DOMAIN = "https://id.gs1.org"

_ENCODE = str.maketrans({c: f"%{ord(c):02X}" for c in "!()*+,:"})
# Already in canonical form: most of what is ever asked about.
_CANONICAL = re.compile(
    r"^https://id\.gs1\.org/(?:(?:00|253|255|401|402|417|8003|8004|8017|8018)/[\w.~%-]+"
    r"|414/\d+(?:/254/(?!0$)[\w.~%-]+)?|01/\d{14}(?:/(?:21|10)/[\w.~%-]+)?)$",
    re.ASCII,
)
_URN = re.compile(r"^urn:epc:(id|class|idpat):([a-z]+):(.+)$")
_LINK = re.compile(
    r"^https?://[^/?#]+(?:/[^?#]*?)??"
    r"/(00|01|253|255|401|402|414|417|8003|8004|8006|8010|8017|8018)/([^/?#]+)([^?#]*)"
)
# Which qualifier is the finest level under a primary key, finest first.
_QUALIFIERS = {
    "01": ("21", "10", "235"), "414": ("254",), "8006": ("21", "10"), "8010": ("8011",),
}  # fmt: skip


def check_digit(digits: str) -> str:
    """The GS1 check digit over a key's other digits.

    >>> check_digit("952123400701617") , check_digit("0614141007349")
    ('2', '0')
    """
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def with_check_digit(digits: str) -> str:
    """The digits followed by their check digit."""
    return digits + check_digit(digits)


def is_checked(digits: str) -> bool:
    """Whether an all-digit key ends in its own check digit.

    >>> is_checked("095212340007016178"), is_checked("095212340007016187")
    (True, False)
    """
    return digits.isdigit() and len(digits) > 1 and check_digit(digits[:-1]) == digits[-1]


def gln(prefix: str, reference: int) -> str:
    """A 13-digit location or party number under a company prefix."""
    width = 12 - len(prefix)
    assert reference < 10**width, "the company prefix has no more location numbers"
    return with_check_digit(f"{prefix}{reference:0{width}d}")


def gtin(prefix: str, item: int) -> str:
    """A GTIN-14 of a single item (indicator 0) under a company prefix."""
    width = 12 - len(prefix)
    assert item < 10**width, "the company prefix has no more item numbers"
    return with_check_digit(f"0{prefix}{item:0{width}d}")


def sscc(prefix: str, serial: int, *, extension: int = 0) -> str:
    """An 18-digit serial shipping container code.

    >>> sscc("9521234", 701617)
    '095212340007016178'
    """
    width = 16 - len(prefix)
    assert serial < 10**width, "the company prefix has no more container numbers"
    return with_check_digit(f"{extension}{prefix}{serial:0{width}d}")


def link(*pairs: tuple[str, str]) -> str:
    """A Digital Link from application identifiers and values.

    >>> link(("8004", "9521234TI1"))
    'https://id.gs1.org/8004/9521234TI1'
    """
    return DOMAIN + "".join(f"/{ai}/{_encode(value)}" for ai, value in pairs)


def canonical(text: str) -> str:
    """An EPC URN or any domain's Digital Link in canonical form; other text unchanged.

    >>> canonical("urn:epc:id:giai:9521234.TI1")
    'https://id.gs1.org/8004/9521234TI1'
    >>> canonical("https://shop.example/x/414/9521234200024/254/0?17=261231")
    'https://id.gs1.org/414/9521234200024'
    """
    if _CANONICAL.match(text):
        return text
    if match := _URN.match(text):
        convert = _URNS.get(match[2])
        try:
            pairs = convert(match[3].split(".")) if convert else None
        except (ValueError, IndexError):  # shaped like an EPC, and is none: kept as it was sent
            pairs = None
        return link(*pairs) if pairs else text
    if match := _LINK.match(text):
        return _canonical_link(match[1], match[2], match[3])
    return text


def _canonical_link(key: str, value: str, rest: str) -> str:
    segments = rest.strip("/").split("/")
    levels = dict(zip(segments[::2], segments[1::2], strict=False))
    if key == "01":
        value = value.zfill(14)
    for qualifier in _QUALIFIERS.get(key, ()):
        found = levels.get(qualifier)
        if found and not (qualifier == "254" and found == "0"):
            return DOMAIN + f"/{key}/{value}/{qualifier}/" + _encode(found)
    return f"{DOMAIN}/{key}/{_encode(value)}"


def _encode(value: str) -> str:
    return value.translate(_ENCODE)


Pairs = list[tuple[str, str]]


def _gtin14(company: str, item: str) -> str:
    return with_check_digit(f"{item[0]}{company}{item[1:]}")


def _serial(ai: str, parts: list[str]) -> Pairs:
    return [] if not parts or parts[0] == "*" else [(ai, ".".join(parts))]


def _under_gtin(ai: str) -> Callable[[list[str]], Pairs]:
    return lambda p: [("01", _gtin14(p[0], p[1])), *_serial(ai, p[2:])]


def _plain(ai: str) -> Callable[[list[str]], Pairs]:
    return lambda p: [(ai, p[0] + ".".join(p[1:]))]


def _checked(ai: str, lead: str = "") -> Callable[[list[str]], Pairs]:
    """company + reference + check digit, then the serial glued on."""

    def convert(p: list[str]) -> Pairs:
        serial = "" if p[2:] in ([], ["*"]) else ".".join(p[2:])
        return [(ai, lead + with_check_digit(p[0] + p[1])[:] + serial)]

    return convert


def _sscc(p: list[str]) -> Pairs:
    return [("00", with_check_digit(f"{p[1][0]}{p[0]}{p[1][1:]}"))]


def _sgln(p: list[str]) -> Pairs:
    extension = _serial("254", p[2:])
    return [("414", with_check_digit(p[0] + p[1])), *([] if p[2:] == ["0"] else extension)]


def _grai(p: list[str]) -> Pairs:
    serial = "" if p[2:] in ([], ["*"]) else ".".join(p[2:])
    return [("8003", "0" + with_check_digit(p[0] + p[1]) + serial)]


def _cpi(p: list[str]) -> Pairs:
    return [("8010", p[0] + p[1]), *_serial("8011", p[2:])]


def _itip(p: list[str]) -> Pairs:
    return [("8006", _gtin14(p[0], p[1]) + p[2] + p[3]), *_serial("21", p[4:])]


_URNS: dict[str, Callable[[list[str]], Pairs]] = {
    "sgtin": _under_gtin("21"),
    "lgtin": _under_gtin("10"),
    "upui": _under_gtin("235"),
    "sscc": _sscc,
    "sgln": _sgln,
    "pgln": _checked("417"),
    "grai": _grai,
    "giai": _plain("8004"),
    "ginc": _plain("401"),
    "gsrn": _checked("8018"),
    "gsrnp": _checked("8017"),
    "gdti": _checked("253"),
    "sgcn": _checked("255"),
    "gsin": _checked("402"),
    "cpi": _cpi,
    "itip": _itip,
}
