"""GS1-128 barcodes as SVG: what a hand scanner reads of a lot's label. Pure.

ISO/IEC 15417, code set C: pairs of digits, FNC1 first, which makes it GS1-128.
"""

START_C, FNC1, STOP = 105, 102, 106
_MODULES_QUIET = 10
# Bar and space widths of the 107 symbol characters, six (the stop seven) modules runs each.
_DRAWN = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232"
    " 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122"
    " 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311"
    " 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113"
    " 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422"
    " 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111"
    " 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121"
    " 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412"
    " 211214 211232 2331112"
)
WIDTHS = _DRAWN.split(" ")


def symbols(digits: str) -> list[int]:
    """The symbol characters of a GS1-128 code over an even number of digits, check included.

    >>> symbols("00095212340007016178")[-2:]
    [76, 106]
    """
    assert digits.isdigit(), "code set C holds digits"
    assert len(digits) % 2 == 0, "code set C holds pairs of digits"
    body = [FNC1, *(int(digits[i : i + 2]) for i in range(0, len(digits), 2))]
    check = (START_C + sum(place * value for place, value in enumerate(body, start=1))) % 103
    return [START_C, *body, check, STOP]


def sscc_svg(sscc: str, *, height: int = 60) -> str:
    """The barcode of AI 00 and an 18-digit SSCC, one unit a module, quiet zones included."""
    x, bars = _MODULES_QUIET, []
    for symbol in symbols("00" + sscc):
        for place, width in enumerate(map(int, WIDTHS[symbol])):
            if place % 2 == 0:
                bars.append(f"M{x} 0h{width}v{height}h-{width}z")
            x += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x + _MODULES_QUIET} {height}"'
        f' width="{x + _MODULES_QUIET}" height="{height}"><path d="{"".join(bars)}"/></svg>'
    )
