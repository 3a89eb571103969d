"""What crosses the catalogue's door: categories, models, filed prices, waste classes."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Family(StrEnum):
    """The families that code asks for by name; all of them are rows of data/families.csv."""

    APPLIANCE = "appliance"
    DIGITAL = "digital"


@dataclass(frozen=True, slots=True)
class FamilyCard:
    """A group of categories. `takes_old_units`: the platform values and collects old ones."""

    code: str
    name: str
    takes_old_units: bool


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of goods. `aliases` are the sub-types and other names the city's rules count in."""

    code: str
    name: str
    aliases: tuple[str, ...]
    family: str
    waste_class_code: str | None
    source: str


@dataclass(frozen=True, slots=True)
class NewModel:
    """A product model as its maker or seller files it. Grade 1 is best; None where none applies."""

    gtin: str
    brand: str
    name: str
    category_code: str
    energy_grade: int | None = None
    maker_id: UUID | None = None
    efficiency_record_no: str = ""
    efficiency_standard: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    id: UUID
    gtin: str
    brand: str
    maker_id: UUID | None
    name: str
    category_code: str
    energy_grade: int | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A price filed for a model, valid on [from_on, to_on); no `to_on` means until the next one.

    `org_id` is the shop that promises it; None is the maker's guide price.
    """

    model_id: UUID
    price_fen: int
    from_on: date
    org_id: UUID | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class FiledPrice:
    model_id: UUID
    org_id: UUID | None
    price_fen: int
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class WasteClass:
    """A class of the regulated list (2014 edition). `mass_g` is a planning weight per unit.

    `is_assumed`: at least one of the figures is the platform's own assumption; `source` says which.
    """

    code: str
    regulated_number: int
    name: str
    mass_g: int
    fund_fen: int | None
    is_assumed: bool
    source: str


@dataclass(frozen=True, slots=True)
class MaterialShare:
    """One material of a waste class by mass; the shares of a class add up to 10000."""

    material_code: str
    name: str
    share_bps: int
    is_hazardous: bool
    source: str
