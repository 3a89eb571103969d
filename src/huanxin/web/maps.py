"""Outlines of a map as SVG paths, from boundary files in degrees. Pure but for reading the file."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from huanxin.web.parts import Shape

WIDTH = 4200  # ten units a pixel of a phone, so whole numbers are fine enough
MARGIN = 60


@dataclass(frozen=True, slots=True)
class Projection:
    """A map laid flat at its middle latitude: degrees in, picture units out."""

    west: float
    north: float
    across: float  # picture units a degree of longitude, and a degree of latitude
    down: float
    height: int

    def place(self, point: Sequence[float]) -> tuple[int, int]:
        """Longitude and latitude in degrees as x and y."""
        x = MARGIN + (point[0] - self.west) * self.across
        return round(x), round(MARGIN + (self.north - point[1]) * self.down)


@cache
def projection(file: str) -> Projection:
    """How a file of static/maps/ is drawn, so that places can be drawn onto it."""
    points = [point for feature in _features(file) for ring in _rings(feature) for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * squeeze)
    height = round((north - south) * scale) + 2 * MARGIN
    return Projection(west, north, squeeze * scale, scale, height)


@cache
def outlines(file: str) -> tuple[int, int, tuple[Shape, ...]]:
    """Width, height and shapes of a file of static/maps/, projected flat at its middle latitude."""
    flat = projection(file)
    shapes = tuple(_shape(feature, flat.place) for feature in _features(file))
    return WIDTH, flat.height, shapes


@cache
def centres_e6(file: str) -> dict[str, tuple[int, int]]:
    """The middle of every outline as latitude and longitude in millionths of a degree, by code."""
    found = {}
    for feature in _features(file):
        rings = [[(round(x * 1e6), round(y * 1e6)) for x, y, *_ in r] for r in _rings(feature)]
        x, y = _middle(max(rings, key=len))
        found[feature["properties"]["code"]] = (y, x)
    return found


def _features(file: str) -> list[dict[str, Any]]:
    text = resources.files("huanxin.web").joinpath(f"static/maps/{file}").read_text("utf-8")
    features: list[dict[str, Any]] = json.loads(text)["features"]
    return features


def _shape(feature: dict[str, Any], place: Any) -> Shape:
    rings = [[place(point) for point in ring] for ring in _rings(feature)]
    outline = "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "z" for ring in rings)
    x, y = _middle(max(rings, key=len))
    facts = feature["properties"]
    return Shape(code=facts["code"], name=facts["name"], outline=outline, label_x=x, label_y=y)


def _rings(feature: dict[str, Any]) -> list[list[list[float]]]:
    geometry = feature["geometry"]
    if geometry["type"] == "Polygon":
        return list(geometry["coordinates"])
    return [ring for polygon in geometry["coordinates"] for ring in polygon]


def _middle(ring: list[tuple[int, int]]) -> tuple[int, int]:
    """The centre of area, where a label reads best."""
    doubled = cx = cy = 0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        doubled, cx, cy = doubled + cross, cx + (x1 + x2) * cross, cy + (y1 + y2) * cross
    return (cx // (3 * doubled), cy // (3 * doubled)) if doubled else ring[0]
