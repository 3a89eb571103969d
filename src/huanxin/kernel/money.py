"""Fen arithmetic: exact, integer, and conserving. Floats never touch money."""

import re
from collections.abc import Sequence

from huanxin.kernel.errors import Invalid

_YUAN = re.compile(r"^[¥￥]?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?\s*元?$")


def split_fen(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by integer weights so that the parts add up to it to the fen.

    Each part gets its floor; the fen left over go to the largest remainders, earlier parts first
    (Hamilton's method). Amounts must not be negative; weights must not be negative nor all zero.

    >>> split_fen(74085, [8500, 0, 1500])
    [62972, 0, 11113]
    >>> sum(split_fen(100, [1, 1, 1])), split_fen(100, [1, 1, 1])
    (100, [34, 33, 33])
    """
    assert amount_fen >= 0, "split the absolute amount and keep the sign outside"
    total = sum(weights)
    assert total > 0, "weights must add up to something"
    assert all(weight >= 0 for weight in weights), "a share cannot be negative"
    parts = [amount_fen * weight // total for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(amount_fen * weights[i] % total), i)
    )
    for i in by_remainder[: amount_fen - sum(parts)]:
        parts[i] += 1
    return parts


def yuan(amount_fen: int) -> str:
    """Fen as people read them on pages.

    >>> yuan(74085), yuan(499900), yuan(-5)
    ('¥740.85', '¥4,999.00', '-¥0.05')
    """
    sign, fen = ("-", -amount_fen) if amount_fen < 0 else ("", amount_fen)
    return f"{sign}¥{fen // 100:,}.{fen % 100:02d}"


def parse_yuan(text: str) -> int:
    """Yuan as people type them, in fen. Refuses more than two decimals rather than rounding.

    >>> parse_yuan("4,999"), parse_yuan("¥ 740.85"), parse_yuan("60.5元")
    (499900, 74085, 6050)
    """
    match = _YUAN.match(text.strip())
    if match is None:
        raise Invalid(reason=f"“{text}”不是金额，应为元，最多两位小数，例如 4999.00")
    whole, decimals = match.group(1).replace(",", ""), (match.group(2) or "").ljust(2, "0")
    return int(whole) * 100 + int(decimals)
