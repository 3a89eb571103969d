"""What crosses trace's door: EPCIS 2.0 events, passports, lines of a unit's story. No Django."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Asia/Shanghai")


class EventType(StrEnum):
    OBJECT = "ObjectEvent"
    AGGREGATION = "AggregationEvent"
    TRANSACTION = "TransactionEvent"
    TRANSFORMATION = "TransformationEvent"
    ASSOCIATION = "AssociationEvent"


class Action(StrEnum):
    ADD = "ADD"
    OBSERVE = "OBSERVE"
    DELETE = "DELETE"


class UnitState(StrEnum):
    """Where an old unit stands in its last journey. Terminal: dismantled, refurbished."""

    COLLECTED = "collected"
    IN_DEPOT = "in_depot"
    IN_LOT = "in_lot"
    SHIPPED = "shipped"
    AT_DISMANTLER = "at_dismantler"
    DISMANTLED = "dismantled"
    REFURBISHED = "refurbished"


class DiscrepancyKind(StrEnum):
    """What a party's own event says that the chain of custody does not."""

    ELSEWHERE = "elsewhere"  # reported by a party that no longer, or not yet, holds the unit
    AFTER_END = "after_end"  # reported after its passport was closed
    BEFORE_BIRTH = "before_birth"  # dated before it was taken over


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of a class of things; without `uom` it is a count."""

    epc_class: str
    quantity: Decimal
    uom: str | None = "KGM"

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"epcClass": self.epc_class, "quantity": _number(self.quantity)}
        return body | ({"uom": self.uom} if self.uom else {})


@dataclass(frozen=True, slots=True)
class Event:
    """One EPCIS 2.0 event. Field names are the standard's; CBV words are bare (`shipping`)."""

    type: EventType
    at: datetime
    biz_step: str
    disposition: str | None = None
    action: Action | None = None
    epc_list: tuple[str, ...] = ()
    parent_id: str | None = None
    child_epcs: tuple[str, ...] = ()
    input_epcs: tuple[str, ...] = ()
    output_epcs: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    output_quantities: tuple[Quantity, ...] = ()
    transformation_id: str | None = None
    read_point: str | None = None
    biz_location: str | None = None
    biz_transactions: tuple[tuple[str, str], ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    destinations: tuple[tuple[str, str], ...] = ()
    persistent_set: tuple[str, ...] = ()
    mass_g: int | None = None
    ilmd: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The event's JSON form without `eventID`; absent fields are left out."""
        local = self.at.astimezone(_ZONE)
        body: dict[str, Any] = {
            "type": self.type.value,
            "eventTime": local.isoformat(timespec="milliseconds"),
            "eventTimeZoneOffset": _offset(local.utcoffset() or timedelta(0)),
        }
        for name, field_name, written in _FIELDS:
            if value := getattr(self, field_name):
                body[name] = written(value)
        if self.mass_g is not None:
            body["sensorElementList"] = _mass(self.mass_g)
        return body | dict(self.extensions) if self.extensions else body


def _pairs(inner: str) -> Callable[[tuple[tuple[str, str], ...]], list[dict[str, str]]]:
    return lambda pairs: [{"type": kind, inner: one} for kind, one in pairs]


def _amounts(quantities: tuple[Quantity, ...]) -> list[dict[str, Any]]:
    return [one.as_json() for one in quantities]


def _place(link: str) -> dict[str, str]:
    return {"id": link}


_FIELDS: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("epcList", "epc_list", list), ("parentID", "parent_id", str),
    ("childEPCs", "child_epcs", list), ("inputEPCList", "input_epcs", list),
    ("outputEPCList", "output_epcs", list), ("quantityList", "quantities", _amounts),
    ("outputQuantityList", "output_quantities", _amounts), ("action", "action", str),
    ("transformationID", "transformation_id", str), ("bizStep", "biz_step", str),
    ("disposition", "disposition", str),
    ("persistentDisposition", "persistent_set", lambda words: {"set": list(words)}),
    ("readPoint", "read_point", _place), ("bizLocation", "biz_location", _place),
    ("bizTransactionList", "biz_transactions", _pairs("bizTransaction")),
    ("sourceList", "sources", _pairs("source")),
    ("destinationList", "destinations", _pairs("destination")), ("ilmd", "ilmd", dict),
)  # fmt: skip


def _mass(mass_g: int) -> list[dict[str, Any]]:
    kilograms = mass_g / 1000 if mass_g % 1000 else mass_g // 1000
    return [{"sensorReport": [{"type": "Mass", "value": kilograms, "uom": "KGM"}]}]


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


@cache
def _offset(offset: timedelta) -> str:
    minutes = abs(int(offset.total_seconds())) // 60
    sign = "+" if offset >= timedelta(0) else "-"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class Move:
    """What an event means for one unit's custody: who hands over, who holds it now, its state."""

    unit_code: str
    from_org_id: UUID
    to_org_id: UUID
    to_state: UnitState
    mass_g: int | None = None
    certificate_no: str | None = None
    next_life: str | None = None  # the unit code under which a re-used unit goes on


@dataclass(frozen=True, slots=True)
class Capture:
    """An event to keep, the organisation that reports it, and the custody it moves."""

    event: Event
    org_id: UUID
    region_path: str
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class NewUnit:
    """An old unit that receives its identity at the door."""

    unit_code: str
    class_code: str
    order_id: UUID
    order_number: str
    org_id: UUID
    region_code: str
    region_path: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Passport:
    """A unit's identity and where its custody chain stands."""

    unit_code: str
    giai: str
    link: str
    state: UnitState
    class_code: str
    order_id: UUID
    holder_id: UUID
    mass_g: int | None
    born_at: datetime
    closed_at: datetime | None
    certificate_no: str | None
    next_life: str | None
    custody_seq: int
    container: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """One line of a unit's story: a link of its custody.

    `row_id` is the event's, what kernel.merkle proves, once `is_sealed`.
    """

    seq: int
    at: datetime
    biz_step: str
    title: str
    state: UnitState
    org_id: UUID
    org_name: str
    mass_g: int | None
    event_id: str
    event: dict[str, Any]
    row_id: int
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event of a thing's journey, read from events alone.

    `inside` is the container it speaks of, if it speaks of that and not of the thing itself.
    """

    row_id: int
    event_id: str
    at: datetime
    type: str
    action: str
    biz_step: str
    org_id: UUID
    body: dict[str, Any]
    inside: str | None
    is_declared_wrong: bool
    title: str = ""
    org_name: str = ""
    is_sealed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A unit that went into a material, and the order by which its owner handed it over."""

    unit_code: str
    class_code: str
    order_id: UUID
    mass_g: int | None
    event_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it was captured, with its own id."""

    event_id: str
    at: datetime
    body: dict[str, Any]
    org_id: UUID
    region_path: str


@dataclass(frozen=True, slots=True)
class CaptureJob:
    """What became of a document handed in. `errors` name the event, the code, and what to do."""

    id: UUID
    behaviour: str
    success: bool
    event_count: int
    errors: tuple[dict[str, Any], ...]
    created_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of a query as an EPCIS query document, and the way to the next."""

    document: dict[str, Any]
    next_token: str | None
    token_until: datetime | None


@dataclass(frozen=True, slots=True)
class ValuePage:
    """Values that stored events use, in their order, and the way to the next page."""

    values: tuple[str, ...]
    next_token: str | None
    token_until: datetime | None


@dataclass(frozen=True, slots=True)
class NamedQuery:
    name: str
    query: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """Where to send what a query finds anew; exactly one of stream and schedule."""

    dest: str
    signature_token: str | None
    stream: bool
    schedule: dict[str, str] | None
    report_if_empty: bool
    initial_record_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook as its owner may see it; never the token."""

    id: UUID
    query_name: str
    dest: str
    stream: bool
    schedule: dict[str, str] | None
    report_if_empty: bool
    initial_record_at: datetime
    min_record_at: datetime
    created_at: datetime
    last_notified_at: datetime | None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A captured event that the chain of custody contradicts."""

    kind: DiscrepancyKind
    unit_code: str
    event_id: str
    reported_by_id: UUID
    holder_id: UUID
    region_path: str
    found_at: datetime
