"""What a worker has recorded of a pick-up so far: kept in the session until the unit is taken."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from huanxin.kernel.actor import Scope
from huanxin.recycling.errors import OrderNotFound
from huanxin.recycling.selectors import order_book, quote_book, route_book
from huanxin.recycling.types import RequoteState
from huanxin.recycling.types.door import CollectedUnit, Pickup, RequoteCard
from huanxin.recycling.types.orders import OrderCard, UnitCard
from huanxin.web import drafts, unit_parts


@dataclass(frozen=True, slots=True)
class Record:
    """One unit's draft. `requote_id` is the new price that was asked for, if any."""

    code: str = ""
    is_issued: bool = False
    photos: tuple[str, ...] = ()
    is_as_said: bool = False
    requote_id: str = ""

    @property
    def has_code(self) -> bool:
        return bool(self.code) or self.is_issued


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of the order with its record, as the page shows it."""

    unit: UnitCard
    name: str
    said: str
    record: Record
    is_checked: bool


def records(request: HttpRequest, order: OrderCard) -> dict[UUID, Record]:
    """The record of every unit of the order."""
    kept = drafts.load(request, _name(order.id))
    return {unit.id: _record(kept.get(str(unit.id), {})) for unit in order.units}


def change(request: HttpRequest, order: OrderCard, unit_id: UUID, **changes: Any) -> None:
    """Keep what was recorded of one unit; a unit of another order is not found."""
    if unit_id not in {unit.id for unit in order.units}:
        raise OrderNotFound(order_id=order.id)
    kept = records(request, order)
    kept[unit_id] = replace(kept[unit_id], **changes)
    drafts.keep(request, _name(order.id), {str(key): asdict(one) for key, one in kept.items()})


def booked_place(order: OrderCard, scope: Scope) -> tuple[int, int]:
    """Without the phone's own place, the booked door stands for it."""
    jobs = route_book.list_jobs(scope, on=order.slot_on)
    found = ((job.lat_e6, job.lon_e6) for job in jobs if job.order_id == order.id)
    return next(found, (0, 0))


def done(request: HttpRequest, order: OrderCard) -> None:
    """The units were taken: nothing is left to record."""
    drafts.drop(request, _name(order.id))


def lines(order: OrderCard, kept: Mapping[UUID, Record], scope: Scope) -> list[Line]:
    """The order's units with what was said of them and what is recorded."""
    names = unit_parts.category_names()
    return [
        Line(
            unit=unit,
            name=names[unit.category_code],
            said=unit_parts.answers_words(quote_book.get_quote(unit.quote_id, scope).answers),
            record=kept[unit.id],
            is_checked=kept[unit.id].is_as_said or _is_agreed(kept[unit.id], scope),
        )
        for unit in order.units
    ]


def as_pickup(order: OrderCard, kept: Mapping[UUID, Record], place: tuple[int, int]) -> Pickup:
    """What the domain takes over."""
    units = tuple(
        CollectedUnit(unit.id, kept[unit.id].photos, unit_code=kept[unit.id].code or None)
        for unit in order.units
    )
    return Pickup(order.id, units, *place)


def is_agreed(requote: RequoteCard) -> bool:
    return requote.state is RequoteState.CONSENTED


def _is_agreed(record: Record, scope: Scope) -> bool:
    if not record.requote_id:
        return False
    return is_agreed(order_book.get_requote(UUID(record.requote_id), scope))


def _record(kept: Mapping[str, Any]) -> Record:
    return Record(**{**kept, "photos": tuple(kept.get("photos", ()))})


def _name(order_id: UUID) -> str:
    return f"pickup:{order_id}"
