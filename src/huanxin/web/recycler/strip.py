"""The map strip: a day's stops in driving order over the outlines of the counties. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from huanxin.web import maps
from huanxin.web.parts import Shape

FILE = "counties-371500.geojson"
_LEAST = 220  # picture units: about eight kilometres, so that one stop still has a neighbourhood
_SHAPE = 2  # twice as wide as high


@dataclass(frozen=True, slots=True)
class Place:
    """A point to draw; `label` stands in the pin."""

    lat_e6: int
    lon_e6: int
    label: str
    tone: Literal["done", "now", "next", "depot"]
    title: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    x: int
    y: int
    label_y: int
    place: Place


@dataclass(frozen=True, slots=True)
class Strip:
    """What the template draws; lengths follow the crop, so pins look alike at every zoom."""

    view_box: str
    shapes: tuple[Shape, ...]
    lines: tuple[str, ...]
    pins: tuple[Pin, ...]
    radius: int
    letter: int


def draw(rounds: Sequence[Sequence[Place]]) -> Strip | None:
    """Each round is a line through its places in order; nothing to draw is None."""
    flat = maps.projection(FILE)
    drawn = [
        [(place, *flat.place((place.lon_e6 / 1e6, place.lat_e6 / 1e6))) for place in one]
        for one in rounds
    ]
    points = [(x, y) for one in drawn for _, x, y in one]
    if not points:
        return None
    left, top, width, height = _crop(points)
    radius = width // 40
    pins = {
        (x, y, place.label): Pin(x, y, y + radius * 2 // 5, place)
        for one in drawn
        for place, x, y in reversed(one)
    }
    return Strip(
        view_box=f"{left} {top} {width} {height}",
        shapes=maps.outlines(FILE)[2],
        lines=tuple(" ".join(f"{x},{y}" for _, x, y in one) for one in drawn if len(one) > 1),
        pins=tuple(pins.values()),
        radius=radius,
        letter=radius * 6 // 5,
    )


def _crop(points: Sequence[tuple[int, int]]) -> tuple[int, int, int, int]:
    """A rectangle of the strip's shape around all points, with room for the pins."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    width = max(_LEAST, (max(xs) - min(xs)) * 5 // 4, (max(ys) - min(ys)) * 5 // 4 * _SHAPE)
    height = width // _SHAPE
    return (min(xs) + max(xs) - width) // 2, (min(ys) + max(ys) - height) // 2, width, height
