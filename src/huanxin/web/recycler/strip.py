"""The map strip: a day's stops in driving order, and where in the city that is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from huanxin.web import maps
from huanxin.web.parts import Shape

FILE = "counties-371500.geojson"
_LEAST = 240  # picture units: about eight kilometres, so that one stop has a neighbourhood
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
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def as_view(self) -> str:
        return f"{self.x} {self.y} {self.width} {self.height}"

    def holds(self, x: int, y: int) -> bool:
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


@dataclass(frozen=True, slots=True)
class Strip:
    """What the template draws; lengths follow the crop, so pins look alike at every zoom."""

    crop: Box
    city: Box
    inset: Box
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
    crop, city = _crop(points), Box(0, 0, maps.WIDTH, flat.height)
    radius = crop.width // 40
    pins = {
        (x, y, place.label): Pin(x, y, y + radius * 2 // 5, place)
        for one in drawn
        for place, x, y in reversed(one)
    }
    return Strip(
        crop=crop,
        city=city,
        inset=_inset(crop, city, points),
        shapes=maps.outlines(FILE)[2],
        lines=tuple(" ".join(f"{x},{y}" for _, x, y in one) for one in drawn if len(one) > 1),
        pins=tuple(pins.values()),
        radius=radius,
        letter=radius * 6 // 5,
    )


def _crop(points: Sequence[tuple[int, int]]) -> Box:
    """A rectangle of the strip's shape around all points, with room for the pins."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    width = max(_LEAST, (max(xs) - min(xs)) * 4 // 3, (max(ys) - min(ys)) * 4 // 3 * _SHAPE)
    height = width // _SHAPE
    left, top = (min(xs) + max(xs) - width) // 2, (min(ys) + max(ys) - height) // 2
    return Box(left, top, width, height)


def _inset(crop: Box, city: Box, points: Sequence[tuple[int, int]]) -> Box:
    """The small map of the city, in the corner where it covers the fewest stops."""
    height = crop.height * 2 // 5
    width = height * city.width // city.height
    gap = crop.height // 30
    right, bottom = crop.x + crop.width - width - gap, crop.y + crop.height - height - gap
    corners = [
        Box(x, y, width, height) for x in (right, crop.x + gap) for y in (crop.y + gap, bottom)
    ]
    return min(corners, key=lambda box: sum(box.holds(x, y) for x, y in points))
