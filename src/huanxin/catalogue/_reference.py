"""Lays data/*.csv into the tables: what is new is added, what differs is updated."""

import csv
from collections.abc import Sequence
from importlib import resources
from typing import TypeVar

from django.db import models

from huanxin.catalogue.models import Category, Family, MaterialShare, WasteClass

_Row = TypeVar("_Row", bound=models.Model)


def lay() -> int:
    """How many rows were added or changed. Call it inside a transaction."""
    changed = _lay([_waste_class(row) for row in _read("waste_classes")], ("code",))
    changed += _lay([_family(row) for row in _read("families")], ("code",))
    changed += _lay(shipped_categories(), ("code",))
    shares = [_share(row) for row in _read("materials")]
    return changed + _lay(shares, ("waste_class_id", "material_code"))


def shipped_categories() -> list[Category]:
    """The rows of data/categories.csv, unsaved."""
    return [_category(row) for row in _read("categories")]


def _lay(rows: Sequence[_Row], key: tuple[str, ...]) -> int:
    model = type(rows[0])
    kept = {_values(row, key): row for row in model._default_manager.all()}
    columns = [f.attname for f in model._meta.concrete_fields if not f.primary_key]
    added, changed = [], []
    for row in rows:
        before = kept.get(_values(row, key))
        if before is None:
            added.append(row)
        elif _values(before, columns) != _values(row, columns):
            row.pk = before.pk
            changed.append(row)
    model._default_manager.bulk_create(added)
    if changed:
        model._default_manager.bulk_update(changed, columns)
    return len(added) + len(changed)


def _values(row: models.Model, names: Sequence[str]) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in names)


def _read(name: str) -> list[dict[str, str]]:
    path = resources.files("huanxin.catalogue").joinpath("data").joinpath(f"{name}.csv")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _waste_class(row: dict[str, str]) -> WasteClass:
    return WasteClass(
        code=row["code"],
        regulated_number=int(row["regulated_number"]),
        name=row["name"],
        mass_g=int(row["mass_g"]),
        fund_fen=int(row["fund_fen"]) if row["fund_fen"] else None,
        is_assumed=row["is_assumed"] == "yes",
        source=row["source"],
    )


def _family(row: dict[str, str]) -> Family:
    return Family(
        code=row["code"],
        position=int(row["position"]),
        name=row["name"],
        takes_old_units=row["takes_old_units"] == "yes",
        source=row["source"],
    )


def _category(row: dict[str, str]) -> Category:
    return Category(
        code=row["code"],
        position=int(row["position"]),
        name=row["name"],
        aliases=row["aliases"].split("|") if row["aliases"] else [],
        family_id=row["family"],
        waste_class_id=row["waste_class_code"] or None,
        source=row["source"],
    )


def _share(row: dict[str, str]) -> MaterialShare:
    return MaterialShare(
        waste_class_id=row["waste_class_code"],
        position=int(row["position"]),
        material_code=row["material_code"],
        name=row["name"],
        share_bps=int(row["share_bps"]),
        is_hazardous=row["is_hazardous"] == "yes",
        source=row["source"],
    )
