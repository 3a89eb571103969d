"""QR codes and barcodes in a picture."""

from functools import cache
from importlib.util import find_spec
from typing import Any

from PIL import Image

from huanxin.claims.reading.found import Code, Place


def is_installed() -> bool:
    """Whether the library that reads codes is there."""
    return find_spec("zxingcpp") is not None


def of_picture(image: Image.Image, *, qr_only: bool = False) -> list[Code]:
    """Every code that can be read, the larger first."""
    found = _read(image, qr_only=qr_only)
    if not found and max(image.size) < 1_400:
        # small pictures: a module of three pixels reads where one of one and a half does not
        twice = image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC)
        found = _read(twice, qr_only=qr_only)
    return sorted(found, key=lambda code: -(code.place[2] * code.place[3] if code.place else 0))


def _read(image: Image.Image, *, qr_only: bool) -> list[Code]:
    barcodes = _zxing().read_barcodes(image.convert("L"), _formats(qr_only=qr_only))
    return [_code(one, image) for one in barcodes if one.valid and one.text]


@cache
def _zxing() -> Any:
    import zxingcpp

    return zxingcpp


@cache
def _formats(*, qr_only: bool) -> Any:
    names = "QRCode" if qr_only else "QRCode,Code128,Code39,Code93,EAN13,EAN8,UPCA,ITF,DataMatrix"
    return _zxing().barcode_formats_from_str(names)


def _code(one: Any, image: Image.Image) -> Code:
    at = one.position
    corners = tuple(
        (p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    )
    is_qr = "QR" in str(one.format) or "DataMatrix" in str(one.format)
    return Code(one.text, is_qr, _place(corners, image), corners)


def _place(corners: tuple[tuple[int, int], ...], image: Image.Image) -> Place:
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    right, bottom = max(x for x, _ in corners), max(y for _, y in corners)
    return (
        max(left, 0) * 10_000 // image.width, max(top, 0) * 10_000 // image.height,
        max(right - left, 1) * 10_000 // image.width, max(bottom - top, 1) * 10_000 // image.height,
    )  # fmt: skip
