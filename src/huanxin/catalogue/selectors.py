"""Reads of the catalogue. All of it is public knowledge, so no scope is asked for."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from huanxin.catalogue import _reference, models, rules
from huanxin.catalogue.errors import CategoryUnknown, GtinInvalid, WasteClassUnknown
from huanxin.catalogue.types import (
    Category,
    FamilyCard,
    FiledPrice,
    MaterialShare,
    Model,
    WasteClass,
)


def list_families() -> list[FamilyCard]:
    """The groups of categories in the order of the lists."""
    return [row.as_family() for row in models.Family.objects.order_by("position")]


def list_categories(
    *, family: str | None = None, takes_old_units: bool | None = None
) -> list[Category]:
    """The categories in the order of the national lists, of one family if named.

    `takes_old_units=True`: only those whose old units the platform values and collects.
    """
    rows = models.Category.objects.order_by("position")
    if family is not None:
        rows = rows.filter(family=family)
    if takes_old_units is not None:
        rows = rows.filter(family__takes_old_units=takes_old_units)
    return [row.as_category() for row in rows]


def shipped_categories() -> list[Category]:
    """The categories as the repository ships them: for tools that run without a database."""
    return [row.as_category() for row in _reference.shipped_categories()]


def get_category(code: str) -> Category:
    """One category; an unknown code raises CategoryUnknown."""
    row = models.Category.objects.filter(pk=code).first()
    if row is None:
        raise CategoryUnknown(category_code=code)
    return row.as_category()


def find_category(word: str) -> Category | None:
    """The category that goes by this code, name or alias: for files that merchants type."""
    word = word.strip()
    row = models.Category.objects.filter(
        Q(pk=word) | Q(name=word) | Q(aliases__contains=[word])
    ).first()
    return row.as_category() if row else None


def find_model(gtin: str) -> Model | None:
    """The model under a barcode in any of its forms; a misread barcode finds nothing."""
    try:
        normal = rules.normal_gtin(gtin)
    except GtinInvalid:
        return None
    row = models.Model.objects.filter(gtin=normal).first()
    return row.as_model() if row else None


def find_models(gtins: Iterable[str]) -> dict[str, Model]:
    """The models under several barcodes in their stored form, by barcode; one query."""
    rows = models.Model.objects.filter(gtin__in=list(gtins))
    return {row.gtin: row.as_model() for row in rows}


def get_models(model_ids: Iterable[UUID]) -> dict[UUID, Model]:
    """Several models by id, for rooms that already hold their ids."""
    rows = models.Model.objects.filter(pk__in=list(model_ids))
    return {row.id: row.as_model() for row in rows}


def list_models(*, category_code: str | None = None, limit: int = 5000) -> list[Model]:
    """The active models by category, brand and name; bounded."""
    rows = models.Model.objects.filter(is_active=True)
    if category_code is not None:
        rows = rows.filter(category_id=category_code)
    ordered = rows.order_by("category__position", "brand", "name", "gtin")[:limit]
    return [row.as_model() for row in ordered]


def filed_price_fen(model_id: UUID, on: date, *, org_id: UUID | None = None) -> int | None:
    """The price promised for a model on a day: the shop's own filing, else the maker's, else None.

    In fen, before any discount; the final price must not be above it (商办流通函〔2025〕469号).
    """
    rows = _valid_prices(on).filter(model_id=model_id)
    by_org = {row.org_id: row.price_fen for row in rows.filter(Q(org=None) | Q(org_id=org_id))}
    own = by_org.get(org_id)
    return own if own is not None else by_org.get(None)


def filed_prices_fen(
    model_ids: Iterable[UUID], on: date, *, org_id: UUID | None = None
) -> dict[UUID, int]:
    """The same for several models in one query; models without a price are left out."""
    rows = _valid_prices(on).filter(model_id__in=list(model_ids))
    filed = rows.filter(Q(org=None) | Q(org_id=org_id)).values_list(
        "model_id", "org_id", "price_fen"
    )
    own_last = sorted(filed, key=lambda row: row[1] is not None)
    return {model_id: price_fen for model_id, _, price_fen in own_last}


def list_prices(model_id: UUID, *, org_id: UUID | None = None) -> list[FiledPrice]:
    """Every filing of one filer for a model, oldest first."""
    rows = models.FiledPrice.objects.filter(model_id=model_id, org_id=org_id)
    return [row.as_price() for row in rows.order_by("from_on")]


def get_waste_class(code: str) -> WasteClass:
    """One class of the regulated list; an unknown code raises WasteClassUnknown."""
    row = models.WasteClass.objects.filter(pk=code).first()
    if row is None:
        raise WasteClassUnknown(waste_class_code=code)
    return row.as_waste_class()


def list_waste_classes() -> list[WasteClass]:
    """The regulated list of 2014 with the sub-classes that had fund rates of their own."""
    rows = models.WasteClass.objects.order_by("regulated_number", "code")
    return [row.as_waste_class() for row in rows]


def material_profile(waste_class_code: str) -> tuple[MaterialShare, ...]:
    """What a unit of the class yields; shares add up to 10000. Empty where no figure is known."""
    rows = models.MaterialShare.objects.filter(waste_class_id=waste_class_code)
    return tuple(row.as_share() for row in rows.order_by("position"))


def _valid_prices(on: date) -> QuerySet[models.FiledPrice]:
    return models.FiledPrice.objects.filter(from_on__lte=on).filter(
        Q(to_on__isnull=True) | Q(to_on__gt=on)
    )
