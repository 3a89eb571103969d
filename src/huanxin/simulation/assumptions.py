"""The twin's assumptions, read from data files in which every number names its source."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Demand:
    """How many of a category the households own, how long it lives, how the season pulls."""

    category_code: str
    owner: str
    per_100_households: float
    life_years: float
    by_month: Mapping[int, float]
    first_buy_bps: int
    pickup_bps: int
    works_bps: int


@dataclass(frozen=True, slots=True)
class Range:
    """A kind of product within a category: grade, price band, share of choice."""

    category_code: str
    kind: str
    grade: int | None
    low_yuan: int
    high_yuan: int
    weight: int


@dataclass(frozen=True, slots=True)
class Brand:
    """An invented brand."""

    brand: str
    family: str
    tier: str
    category_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class County:
    """Where a county's people live around."""

    region_code: str
    lat_e6: int
    lon_e6: int
    office: str


@cache
def numbers() -> Mapping[str, int]:
    """Single assumptions by name."""
    return {row["name"]: int(row["value"]) for row in _rows("assumptions")}


@cache
def trade() -> Mapping[str, int]:
    """Single assumptions of the measured city by name."""
    return {row["name"]: int(row["value"]) for row in _rows("trade")}


@cache
def demands() -> tuple[Demand, ...]:
    """One line a category."""
    return tuple(
        Demand(
            category_code=row["category_code"],
            owner=row["owner"],
            per_100_households=float(row["per_100_households"]),
            life_years=float(row["life_years"]),
            by_month={6: float(row["june"]), 7: float(row["july"]), 8: float(row["august"])},
            first_buy_bps=int(row["first_buy_bps"]),
            pickup_bps=int(row["pickup_bps"]),
            works_bps=int(row["works_bps"]),
        )
        for row in _rows("ownership")
    )


@cache
def ranges() -> tuple[Range, ...]:
    """Kinds of product."""
    return tuple(
        Range(
            row["category_code"],
            row["kind"],
            int(row["grade"]) if row["grade"] else None,
            int(row["low_yuan"]),
            int(row["high_yuan"]),
            int(row["weight"]),
        )
        for row in _rows("ranges")
    )


@cache
def brands() -> tuple[Brand, ...]:
    """Invented brands, each with its categories."""
    return tuple(
        Brand(row["brand"], row["family"], row["tier"], tuple(row["category_codes"].split()))
        for row in _rows("brands")
    )


@cache
def counties() -> Mapping[str, County]:
    """County seats by region code."""
    return {
        row["region_code"]: County(
            row["region_code"], int(row["seat_lat_e6"]), int(row["seat_lon_e6"]), row["office"]
        )
        for row in _rows("counties")
    }


@cache
def surnames() -> tuple[tuple[str, int], ...]:
    """Common surnames with weights."""
    return tuple((row["surname"], int(row["weight"])) for row in _rows("surnames"))


@cache
def other_materials() -> tuple[tuple[str, int], ...]:
    """What units of a class without a material profile yield."""
    return tuple((row["material_code"], int(row["share_bps"])) for row in _rows("materials"))


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("huanxin.simulation").joinpath(f"data/{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
