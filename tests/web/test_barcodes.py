"""A lot's label carries a code that any hand scanner reads."""

import re

from huanxin.web import barcodes

SSCC = "095237150000001236"


def test_every_symbol_is_eleven_modules_and_told_apart():
    assert {sum(map(int, one)) for one in barcodes.WIDTHS[:-1]} == {11}
    assert sum(map(int, barcodes.WIDTHS[-1])) == 13
    assert len(set(barcodes.WIDTHS)) == 107


def test_the_check_symbol_changes_with_any_digit():
    whole = barcodes.symbols("00" + SSCC)
    assert whole[0] == barcodes.START_C
    assert whole[1] == barcodes.FNC1
    for place in range(18):
        other = SSCC[:place] + str((int(SSCC[place]) + 1) % 10) + SSCC[place + 1 :]
        assert barcodes.symbols("00" + other)[-2] != whole[-2]


def test_the_drawing_says_what_the_symbols_say():
    """The picture read back: bars and spaces as a scanner measures them."""
    svg = barcodes.sscc_svg(SSCC)
    bars = [(int(x), int(w)) for x, w in re.findall(r"M(\d+) 0h(\d+)", svg)]
    runs = []
    for (x, width), after in zip(bars, [*bars[1:], None], strict=True):
        runs.append(width)
        if after is not None:
            runs.append(after[0] - x - width)
    read = ["".join(map(str, runs[i : i + 6])) for i in range(0, len(runs) - 7, 6)]
    values = [barcodes.WIDTHS.index(one) for one in read]
    assert "".join(f"{one:02d}" for one in values[2:12]) == "00" + SSCC
    assert "".join(map(str, runs[-7:])) == barcodes.WIDTHS[-1]
