"""What crosses trace's door: EPCIS 2.0 events, passports, lines of a unit's story. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
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
        offset = local.utcoffset() or timedelta(0)
        zone = f"{'+' if offset >= timedelta(0) else '-'}{_hours(offset)}"
        body: dict[str, Any] = {
            "type": self.type.value,
            "eventTime": f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{zone}",
            "eventTimeZoneOffset": zone,
            "epcList": list(self.epc_list),
            "parentID": self.parent_id,
            "childEPCs": list(self.child_epcs),
            "inputEPCList": list(self.input_epcs),
            "outputEPCList": list(self.output_epcs),
            "quantityList": [q.as_json() for q in self.quantities],
            "outputQuantityList": [q.as_json() for q in self.output_quantities],
            "action": self.action.value if self.action else None,
            "transformationID": self.transformation_id,
            "bizStep": self.biz_step,
            "disposition": self.disposition,
            "persistentDisposition": {"set": list(self.persistent_set)}
            if self.persistent_set
            else None,
            "readPoint": {"id": self.read_point} if self.read_point else None,
            "bizLocation": {"id": self.biz_location} if self.biz_location else None,
            "bizTransactionList": _typed(self.biz_transactions, "bizTransaction"),
            "sourceList": _typed(self.sources, "source"),
            "destinationList": _typed(self.destinations, "destination"),
            "sensorElementList": _mass(self.mass_g),
            "ilmd": dict(self.ilmd),
            **self.extensions,
        }
        return {name: value for name, value in body.items() if value not in (None, [], {})}


def _typed(pairs: tuple[tuple[str, str], ...], name: str) -> list[dict[str, str]]:
    return [{"type": kind, name: value} for kind, value in pairs]


def _mass(mass_g: int | None) -> list[dict[str, Any]]:
    if mass_g is None:
        return []
    kilograms = _number(Decimal(mass_g) / 1000)
    return [{"sensorReport": [{"type": "Mass", "value": kilograms, "uom": "KGM"}]}]


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _hours(offset: timedelta) -> str:
    minutes = abs(int(offset.total_seconds())) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


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
