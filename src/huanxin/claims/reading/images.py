"""Pictures: opened within bounds, turned upright, what the camera wrote, their fingerprint."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import cos, pi
from typing import Any

import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import IFDRational

from huanxin.claims.reading import limits, numbers
from huanxin.claims.reading.found import CannotRead

pi_heif.register_heif_opener()
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_ORIGINAL, _OFFSET, _TAKEN = 0x9003, 0x9011, 0x0132
_EXIF, _GPS = 0x8769, 0x8825
_GRID, _KEPT = 32, 8
_FLAT = 200.0  # of at most 130,000: a fifth of a grey step over the whole picture


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright picture without what the camera wrote, and what the camera wrote beside it."""

    image: Image.Image
    width: int
    height: int
    lat_e6: int | None
    lon_e6: int | None
    taken_at: datetime | None


def opened(content: bytes, *, side: int = limits.READ_SIDE) -> Picture:
    """The picture at most `side` pixels long; raises CannotRead with what to do.

    Its size is read from the header first: nothing large is ever unpacked. A large JPEG is unpacked
    at a half, a quarter or an eighth, which costs a fraction of the memory.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as raw:
            width, height = raw.size
            if width * height > limits.MOST_PIXELS:
                raise _too_large(width * height)
            exif = raw.getexif()
            raw.draft("RGB", (side, side))
            upright = ImageOps.exif_transpose(raw).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise _too_large(limits.MOST_PIXELS) from fault
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as fault:
        raise CannotRead("照片打不开，可能没有传完或已损坏", "请重新拍照后上传。") from fault
    if exif.get(0x0112, 1) >= 5:
        width, height = height, width
    upright.thumbnail((side, side), Image.Resampling.BILINEAR)
    lat, lon = _place(exif)
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    return Picture(bare, width, height, lat, lon, _taken(exif))


def shown_copy(picture: Image.Image) -> bytes:
    """A JPEG of the picture alone: at most 1,600 a side, no EXIF, no place, nothing carried."""
    copy = picture.copy()
    copy.thumbnail((limits.SHOWN_SIDE, limits.SHOWN_SIDE))
    out = io.BytesIO()
    copy.save(out, "JPEG", quality=82)
    return out.getvalue()


def fingerprint(picture: Image.Image) -> str:
    """A perceptual hash of 64 bits: low frequencies of a 32 x 32 grey copy against their median.

    Two takes of one picture, scaled or compressed anew, differ in a few bits; different pictures in
    about half of them; a picture that shows nothing has the fingerprint 0. Scaling
    down is a box average in the integers, so every machine agrees.
    """
    grey = picture.convert("L").resize((_GRID, _GRID), Image.Resampling.BOX)
    pixels = list(grey.tobytes())
    rows = [pixels[y * _GRID : (y + 1) * _GRID] for y in range(_GRID)]
    across = [_low(row) for row in rows]
    columns = [_low([row[u] for row in across]) for u in range(_KEPT)]
    low = [columns[u][v] for v in range(_KEPT) for u in range(_KEPT)]
    if max(map(abs, low[1:])) < _FLAT:  # black, white or covered: nothing to tell pictures by
        return "0" * 16
    middle = sorted(low[1:])[len(low) // 2 - 1]
    bits = sum(1 << (63 - i) for i, value in enumerate(low) if value > middle)
    return f"{bits:016x}"


def _too_large(pixels: int) -> CannotRead:
    most = limits.MOST_PIXELS // 10_000
    return CannotRead(
        f"照片有 {max(pixels // 10_000, most):,} 万像素，超过 {most:,} 万",
        "请在相机设置中改用普通分辨率后重新拍照，或上传截图。",
    )


@cache
def _waves() -> list[list[float]]:
    return [[cos(pi * k * (2 * n + 1) / (2 * _GRID)) for n in range(_GRID)] for k in range(_KEPT)]


def _low(values: list[Any]) -> list[float]:
    return [sum(w * v for w, v in zip(wave, values, strict=True)) for wave in _waves()]


def _place(exif: Image.Exif) -> tuple[int | None, int | None]:
    gps = exif.get_ifd(_GPS)
    lat, lon = _degrees(gps.get(2), gps.get(1)), _degrees(gps.get(4), gps.get(3))
    if lat is None or lon is None or (lat, lon) == (0, 0):
        return None, None  # phones without a fix write zeros
    inside = abs(lat) <= 90_000_000 and abs(lon) <= 180_000_000
    return (lat, lon) if inside else (None, None)


def _degrees(parts: Any, half: Any) -> int | None:
    if not isinstance(parts, tuple) or len(parts) != 3 or not isinstance(half, str):
        return None
    try:
        degrees, minutes, seconds = (IFDRational(part) for part in parts)
        e6 = round((degrees + minutes / 60 + seconds / 3600) * 1_000_000)
    except (ValueError, ZeroDivisionError, TypeError):
        return None
    return -int(e6) if half[:1] in {"S", "W"} else int(e6)


def _taken(exif: Image.Exif) -> datetime | None:
    inner = exif.get_ifd(_EXIF)
    text = inner.get(_ORIGINAL) or exif.get(_TAKEN)
    if not isinstance(text, str):
        return None
    zone = inner.get(_OFFSET)
    if isinstance(zone, str):
        try:
            stamp = datetime.strptime(f"{text.strip()} {zone.strip()}", "%Y:%m:%d %H:%M:%S %z")
        except ValueError:
            pass
        else:
            return stamp.astimezone(UTC)
    moment = numbers.moment(text.strip())
    return moment.astimezone(UTC) if moment else None
