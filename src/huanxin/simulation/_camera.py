"""How a paper looks once photographed: askew, shaded, blurred, compressed, with what a phone adds.

Pure: the same stream gives the same bytes.
"""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from huanxin.kernel import clock

_DESKS = ("#6b5a48", "#9b9b93", "#c9c2b4", "#3d4247")


@dataclass(frozen=True, slots=True)
class Take:
    """One photograph: how far askew in 1/1,000, blur in 1/10 pixel, shade in %, size in %."""

    skew: int
    turn: int
    blur: int
    shade: int
    size: int
    quality: int
    grain: int


def take(rng: random.Random) -> Take:
    """Most photos are fair, some are bad: nine in ten mild, one in ten hurried."""
    if rng.randrange(10):
        return Take(rng.randrange(25), rng.randint(-25, 25), rng.randrange(12), rng.randrange(35),
                    rng.randint(65, 100), rng.randint(55, 92), rng.randrange(8))  # fmt: skip
    return Take(rng.randrange(25, 60), rng.randint(-70, 70), rng.randrange(10, 26),
                rng.randrange(30, 60), rng.randint(45, 70), rng.randint(30, 55),
                rng.randrange(8, 18))  # fmt: skip


def photographed(
    paper: Image.Image,
    rng: random.Random,
    *,
    how: Take | None = None,
    lat_e6: int | None = None,
    lon_e6: int | None = None,
    taken_at: datetime | None = None,
) -> bytes:
    """A JPEG of the paper on a desk, with the phone's own notes of place and time."""
    how = how or take(rng)
    photo = _askew(paper, rng, how)
    photo = _shaded(photo, rng, how.shade)
    if how.blur:
        photo = photo.filter(ImageFilter.GaussianBlur(how.blur / 10))
    wide, high = (side * how.size // 100 for side in photo.size)
    photo = photo.resize((wide, high), Image.Resampling.BICUBIC)
    if how.grain:
        photo = _grained(photo, rng, how.grain)
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=how.quality, exif=_exif(lat_e6, lon_e6, taken_at))
    return out.getvalue()


def screenshot(page: Image.Image) -> bytes:
    """The page itself as a PNG, as phones save screens."""
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def _askew(paper: Image.Image, rng: random.Random, how: Take) -> Image.Image:
    margin = max(paper.size) // 14
    wide, high = paper.width + 2 * margin, paper.height + 2 * margin
    desk = Image.new("RGB", (wide, high), rng.choice(_DESKS))
    desk.paste(paper, (margin, margin))
    fill = rng.choice(_DESKS)
    turned = desk.rotate(how.turn / 10, Image.Resampling.BICUBIC, fillcolor=fill)
    corners = [(0, 0), (wide, 0), (wide, high), (0, high)]
    most = max(how.skew, 1)
    seen = [
        (x + rng.randint(-most, most) * wide // 1_000, y + rng.randint(-most, most) * high // 1_000)
        for x, y in corners
    ]
    terms = _perspective(corners, seen)
    return turned.transform(
        (wide, high), Image.Transform.PERSPECTIVE, terms, Image.Resampling.BICUBIC, fillcolor=fill
    )


def _perspective(to: Sequence[tuple[int, int]], source: Sequence[tuple[int, int]]) -> list[float]:
    import numpy as np

    rows, values = [], []
    for (x, y), (u, v) in zip(to, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(term) for term in np.linalg.solve(np.array(rows), np.array(values))]


def _shaded(photo: Image.Image, rng: random.Random, shade: int) -> Image.Image:
    """A soft shadow over one side, as a hand or a lamp throws it."""
    dark = Image.new("L", (64, 64), 255)
    draw = ImageDraw.Draw(dark)
    edge, grey = rng.randrange(64), 255 - shade * 255 // 100
    draw.polygon([(edge, 0), (64, 0), (64, 64), (rng.randrange(64), 64)], fill=grey)
    soft = dark.filter(ImageFilter.GaussianBlur(9)).resize(photo.size, Image.Resampling.BICUBIC)
    return ImageChops.multiply(photo, Image.merge("RGB", (soft, soft, soft)))


def _grained(photo: Image.Image, rng: random.Random, grain: int) -> Image.Image:
    """Sensor noise from the stream itself: Pillow's own would differ from run to run."""
    tile = Image.frombytes("L", (256, 256), rng.randbytes(256 * 256))
    tile = tile.point([128 + (value - 128) * grain // 64 for value in range(256)])
    noise = Image.new("L", photo.size)
    for x in range(0, photo.width, 256):
        for y in range(0, photo.height, 256):
            noise.paste(tile, (x, y))
    return ImageChops.add(photo, Image.merge("RGB", (noise, noise, noise)), offset=-128)


def _exif(lat_e6: int | None, lon_e6: int | None, taken_at: datetime | None) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "测试"
    if lat_e6 is not None and lon_e6 is not None:
        exif[0x8825] = {1: "N", 2: _degrees(lat_e6), 3: "E", 4: _degrees(lon_e6)}
    if taken_at is not None:
        local = taken_at.astimezone(clock.SHANGHAI)
        exif[0x8769] = {0x9003: f"{local:%Y:%m:%d %H:%M:%S}", 0x9011: "+08:00"}
    return exif


def _degrees(e6: int) -> tuple[float, float, float]:
    minutes, rest = divmod(e6 % 1_000_000 * 60, 1_000_000)
    return (float(e6 // 1_000_000), float(minutes), rest * 60 / 1_000_000)
