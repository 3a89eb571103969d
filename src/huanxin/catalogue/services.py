"""The only writers of the catalogue."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from huanxin.catalogue import _reference, rules
from huanxin.catalogue import models as tables
from huanxin.catalogue.errors import (
    CategoryUnknown,
    ModelAlreadyFiled,
    ModelUnknown,
    PriceNotYours,
    PriceOverlaps,
)
from huanxin.catalogue.types import NewModel, NewPrice
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_rows

_SAID = {
    "brand": "品牌",
    "name": "名称",
    "category_id": "品类",
    "energy_grade": "能效等级",
    "maker_id": "生产企业",
}


@transaction.atomic
def load_reference(*, actor: Actor) -> int:
    """Lay the shipped categories, waste classes and material profiles; how many rows changed.

    Safe to repeat: an unchanged file changes nothing. Rows that a file no longer names stay, since
    models and units may refer to them.
    """
    identity.require(actor, "catalogue.load_reference")
    changed = _reference.lay()
    if changed:
        audit.record(actor, "catalogue.reference_loaded", "catalogue", "reference", rows=changed)
    return changed


@transaction.atomic
def file_models(*, actor: Actor, models: Sequence[NewModel]) -> list[UUID]:
    """File product models; the ids come in the order asked.

    Safe to repeat: a barcode filed before with the same content gives its id, with other content
    ModelAlreadyFiled. One bad row refuses the batch. A maker files its own models; a shop may file
    models without naming a maker.
    """
    for maker_id in {new.maker_id for new in models}:
        identity.require(actor, "catalogue.file", org_id=maker_id)
    wanted = [_model(new) for new in models]
    _check_categories({row.category_id for row in wanted})
    by_gtin: dict[str, tables.Model] = {}
    for row in wanted:
        by_gtin.setdefault(row.gtin, row)
    tables.Model.objects.bulk_create(by_gtin.values(), ignore_conflicts=True)
    filed = {row.gtin: row for row in tables.Model.objects.filter(gtin__in=list(by_gtin))}
    for row in wanted:
        _check_same(filed[row.gtin], row)
    fresh = [row for row in filed.values() if row.id == by_gtin[row.gtin].id]
    audit.record_many(actor, "catalogue.model_filed", [_model_entry(actor, x) for x in fresh])
    return [filed[row.gtin].id for row in wanted]


@transaction.atomic
def file_prices(*, actor: Actor, prices: Sequence[NewPrice]) -> int:
    """File prices in fen; how many were new.

    A filing without end is closed on the day the next one begins; nothing else of the past can be
    changed. Safe to repeat: the same filing again is not new. Refuses PriceOverlaps where periods
    cross, and the whole batch with it. A shop files for itself, a maker the guide price of its own
    models (备案价格库, 商办流通函〔2025〕469号).
    """
    identity.require(actor, "catalogue.file")
    for org_id in {price.org_id for price in prices}:
        identity.require(actor, "catalogue.file", org_id=org_id)
    for price in prices:
        rules.check_price(price)
    known = {row.pk: row for row in lock_rows(tables.Model, {p.model_id for p in prices})}
    for price in prices:
        _check_may_price(actor, known.get(price.model_id), price)
    added, closed = _place_prices(prices)
    tables.FiledPrice.objects.bulk_update(closed, ["to_on"])
    tables.FiledPrice.objects.bulk_create(added)
    audit.record_many(actor, "catalogue.price_filed", [_price_entry(row) for row in added])
    return len(added)


def _model(new: NewModel) -> tables.Model:
    rules.check_model(new)
    return tables.Model(
        id=ids.new_id(), gtin=rules.normal_gtin(new.gtin), brand=new.brand, maker_id=new.maker_id,
        name=new.name, category_id=new.category_code, energy_grade=new.energy_grade,
        efficiency_record_no=new.efficiency_record_no, efficiency_standard=new.efficiency_standard,
        filed_at=clock.now(),
    )  # fmt: skip


def _check_categories(codes: set[str]) -> None:
    known = set(tables.Category.objects.filter(pk__in=codes).values_list("pk", flat=True))
    for code in sorted(codes - known):
        raise CategoryUnknown(category_code=code)


def _check_same(filed: tables.Model, row: tables.Model) -> None:
    differs = [said for name, said in _SAID.items() if getattr(filed, name) != getattr(row, name)]
    if differs:
        raise ModelAlreadyFiled(gtin=row.gtin, differs="、".join(differs))


def _check_may_price(actor: Actor, model: tables.Model | None, price: NewPrice) -> None:
    if model is None:
        raise ModelUnknown(model_id=price.model_id)
    if price.org_id is None and actor.org_id is not None and actor.org_id != model.maker_id:
        raise PriceNotYours(model_id=price.model_id)


def _place_prices(
    prices: Sequence[NewPrice],
) -> tuple[list[tables.FiledPrice], list[tables.FiledPrice]]:
    """The rows to add and the filed open rows to close, or PriceOverlaps."""
    lines: dict[tuple[UUID, UUID | None], list[tables.FiledPrice]] = {}
    filed = tables.FiledPrice.objects.filter(model_id__in={p.model_id for p in prices})
    for row in filed.filter(Q(org=None) | Q(org_id__in={p.org_id for p in prices if p.org_id})):
        lines.setdefault((row.model_id, row.org_id), []).append(row)
    added, closed = [], []
    for price in sorted(prices, key=lambda p: p.from_on):
        line = lines.setdefault((price.model_id, price.org_id), [])
        if any(_is_same(row, price) for row in line):
            continue
        ended = [row for row in line if row.to_on is None and row.from_on < price.from_on]
        for row in ended:
            row.to_on = price.from_on
        closed += [row for row in ended if row not in added]
        added.append(_add_price(line, price))
    return added, closed


def _add_price(line: list[tables.FiledPrice], new: NewPrice) -> tables.FiledPrice:
    if any(_overlap(new, other) for other in line):
        raise PriceOverlaps(model_id=new.model_id, from_on=new.from_on)
    row = tables.FiledPrice(
        id=ids.new_id(), model_id=new.model_id, org_id=new.org_id, price_fen=new.price_fen,
        from_on=new.from_on, to_on=new.to_on, filed_at=clock.now(),
    )  # fmt: skip
    line.append(row)
    return row


def _is_same(row: tables.FiledPrice, price: NewPrice) -> bool:
    # A filing without end may have been closed by the next one since it was first sent.
    same_end = price.to_on is None or row.to_on == price.to_on
    return row.from_on == price.from_on and row.price_fen == price.price_fen and same_end


def _overlap(new: NewPrice, filed: tables.FiledPrice) -> bool:
    begins_before_its_end = filed.to_on is None or new.from_on < filed.to_on
    ends_after_its_begin = new.to_on is None or filed.from_on < new.to_on
    return begins_before_its_end and ends_after_its_begin


def _model_entry(actor: Actor, row: tables.Model) -> audit.Entry:
    facts = {"gtin": row.gtin, "energy_grade": row.energy_grade}
    return audit.Entry("model", row.id, org_id=actor.org_id, facts=facts)


def _price_entry(row: tables.FiledPrice) -> audit.Entry:
    facts = {"price_fen": row.price_fen, "from_on": row.from_on, "to_on": row.to_on}
    return audit.Entry("model", row.model_id, org_id=row.org_id, facts=facts)
