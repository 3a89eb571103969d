"""Mechanics of the EPCIS door: documents in, prepared events or faults out; documents back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.kernel.errors import DomainError
from huanxin.trace import _gs1, _hash, _names, _shape, _store, _terms, models
from huanxin.trace._search import Row
from huanxin.trace._store import Prepared
from huanxin.trace.errors import (
    CaptureTooLarge,
    DocumentInvalid,
    EventAlreadyCaptured,
    NotYourUnit,
    UnitInTwoPlaces,
    UnitNotInside,
)
from huanxin.trace.types import DiscrepancyKind

MOST_EVENTS, MOST_OCTETS = 2000, 8 << 20
_SHOWN_FAULTS = 5
_UNIT = "https://id.gs1.org/8004/"
_HELD = """
SELECT u.giai, u.unit_code, u.holder_id, u.born_at, u.closed_at, u.container, u.region_path,
       EXISTS (SELECT FROM trace_custody c
               WHERE c.unit_id = u.unit_code AND c.to_holder_id = %s) AS knows
FROM trace_unit u WHERE u.giai = ANY(%s)
"""
_STORED = "SELECT event_id FROM trace_event WHERE event_id = ANY(%s) AND NOT declares_error"
_MASTER = """
INSERT INTO trace_masterelement (organisation_id, vocabulary, uri, attributes, children)
SELECT %s, vocabulary, uri, attributes, children
FROM jsonb_to_recordset(%s::jsonb)
  AS t(vocabulary text, uri text, attributes jsonb, children jsonb)
ON CONFLICT (organisation_id, uri) DO UPDATE SET vocabulary = excluded.vocabulary,
  attributes = trace_masterelement.attributes || excluded.attributes, children = excluded.children
"""


@dataclass(slots=True)
class Batch:
    """What a document came to: sound events in order, and what is wrong with the others."""

    rows: list[Prepared] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[DomainError] = field(default_factory=list)

    def refuse(self, place: int, refusal: DomainError) -> None:
        self.refusals.append(refusal)
        self.problems.append({"event": place, "code": refusal.code, "title": refusal.what,
                              "detail": refusal.message})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Unit:
    code: str
    holder_id: UUID
    born_at: datetime
    closed_at: datetime | None
    container: str | None
    region_path: str
    knows: bool


def check_document(document: Any) -> list[Any]:
    """The events of a document whose surroundings are sound; DocumentInvalid otherwise."""
    faults = list(_shape.document_faults(document))
    if faults:
        raise invalid(faults)
    return _shape.events_of(document)


def invalid(faults: Iterable[_shape.Fault]) -> DocumentInvalid:
    """The refusal that names what is wrong, at most a handful."""
    found = list(faults)
    shown = "；".join(str(fault) for fault in found[:_SHOWN_FAULTS])
    more = f"等共 {len(found)} 处" if len(found) > _SHOWN_FAULTS else ""
    return DocumentInvalid(faults=shown + more)


def too_large() -> CaptureTooLarge:
    """The refusal that names the limits."""
    return CaptureTooLarge(events=MOST_EVENTS, octets=MOST_OCTETS)


def all_faults(events: Sequence[Any], now: datetime) -> list[_shape.Fault]:
    """What is wrong with any of a document's events."""
    return [fault for i, event in enumerate(events) for fault in event_faults(i, event, now=now)]


def event_faults(
    place: int, event: Any, *, now: datetime, alone: bool = False
) -> list[_shape.Fault]:
    """What is wrong with one event, each fault led by the event's place in its document."""
    lead = "" if alone else f"eventList[{place}]."
    return [
        _shape.Fault((lead + fault.path).rstrip("."), fault.reason)
        for fault in _shape.event_faults(event, now=now, needs_context=alone)
    ]


def prepare(
    event: Mapping[str, Any],
    context: Any,
    *,
    org_id: UUID,
    region_path: str,
    contexts_known: dict[str, int] | None = None,
) -> Prepared:
    """A sound event with its id, its terms and its context; recordTime is ours to give."""
    parts = _names.context_parts(context, event.get("@context"))
    names = _names.prefixes(parts)
    body = {k: v for k, v in event.items() if k not in {"@context", "recordTime"}}
    body.setdefault("eventID", _hash.event_id(body, names))
    at = _shape.instant(body["eventTime"])
    assert at is not None, "the shape was checked"
    declared = body.get("errorDeclaration")
    return Prepared(
        event_id=body["eventID"],
        type=_names.expand(body["type"], names),
        action=body.get("action", ""),
        biz_step=_names.word("bizStep", body.get("bizStep", ""), names),
        disposition=_names.word("disposition", body.get("disposition", ""), names),
        read_point=_place(body.get("readPoint"), names),
        biz_location=_place(body.get("bizLocation"), names),
        at=at,
        org_id=org_id,
        region_path=region_path,
        body=body,
        epcs=_terms.identifiers(body),
        terms=_terms.terms(body, names),
        context_id=_store.context_id(parts, contexts_known),
        declared_at=_shape.instant(declared["declarationTime"]) if declared else None,
    )


def check_together(rows: Sequence[tuple[int, Prepared]], org_id: UUID) -> tuple[Batch, list[Any]]:
    """Hold events against what is stored: ids, and the units of ours that they name.

    Returns the sound ones with every refusal, and for each sound one what it says that the chain
    does not: (place in the batch, unit, kind).
    """
    batch = Batch()
    differences: list[Any] = []
    stored = _stored_ids([row.event_id for _, row in rows if row.declared_at is None])
    units = _units_named([row for _, row in rows], org_id)
    for place, row in rows:
        try:
            if row.declared_at is None and row.event_id in stored:
                raise EventAlreadyCaptured
            named = [units[epc] for _, epc in row.epcs if epc in units]
            _check_units(row, named, units)
        except DomainError as refusal:
            batch.refuse(place, refusal)
            continue
        if row.declared_at is None:
            stored.add(row.event_id)
        differences.extend(
            (len(batch.rows), unit, kind)
            for unit in dict.fromkeys(named)
            if (kind := _difference(row, unit, org_id))
        )
        batch.rows.append(row)
    return batch, differences


def record_differences(ids: Sequence[int], differences: Sequence[Any], now: datetime) -> None:
    """Discrepancies for supervision: the events are kept, the chain does not move."""
    models.Discrepancy.objects.bulk_create(
        models.Discrepancy(
            event_id=ids[place], unit_id=unit.code, kind=kind, holder_id=unit.holder_id,
            region_path=unit.region_path, found_at=now,
        )
        for place, unit, kind in differences
    )  # fmt: skip


def keep_master_data(document: Mapping[str, Any], org_id: UUID) -> None:
    """Places and parties that came along in the header; what is named again is replaced."""
    header = document.get("epcisHeader") or {}
    names = _names.prefixes(_names.context_parts(document.get("@context")))
    elements = {
        row["uri"]: row
        for vocabulary in (header.get("epcisMasterData") or {}).get("vocabularyList", [])
        for one in vocabulary.get("vocabularyElementList", [])
        for row in [_element(one, vocabulary.get("type", ""), names)]
    }
    if elements:
        with connection.cursor() as cursor:
            cursor.execute(_MASTER, [org_id, json.dumps(list(elements.values()))])


def contexts(rows: Sequence[Row]) -> tuple[list[Any], dict[int, list[Any]]]:
    """The context of a result document, and of those rows that need one of their own because the
    same prefix means something else there."""
    wanted = {row.context_id for row in rows if row.context_id is not None}
    parts = dict(models.Context.objects.filter(pk__in=wanted).values_list("pk", "parts"))
    shared: list[Any] = [_names.STANDARD_CONTEXT]
    names: dict[str, str] = {}
    apart: dict[int, list[Any]] = {}
    for key in sorted(parts):
        own = _names.prefixes(parts[key])
        if any(names.get(prefix, target) != target for prefix, target in own.items()):
            apart[key] = parts[key]
            continue
        names |= own
        shared.extend(part for part in parts[key] if part not in shared)
    return shared, apart


def rendered(row: Row, apart: Mapping[int, list[Any]], *, as_links: bool) -> dict[str, Any]:
    """A stored event as it is answered: the sender's words, our record time."""
    body = _as_links(row.body) if as_links else dict(row.body)
    body["recordTime"] = row.recorded_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if row.context_id is not None and row.context_id in apart:
        body["@context"] = [_names.STANDARD_CONTEXT, *apart[row.context_id]]
    return body


def _as_links(value: Any) -> Any:
    """Every EPC URN as its Digital Link (GS1-EPC-Format: Always_GS1_Digital_Link)."""
    if isinstance(value, str):
        return _gs1.canonical(value) if value.startswith("urn:epc:") else value
    if isinstance(value, list):
        return [_as_links(one) for one in value]
    if isinstance(value, dict):
        return {key: _as_links(one) for key, one in value.items()}
    return value


def _place(place: Mapping[str, Any] | None, names: _names.Names) -> str:
    return _names.identifier(_names.expand(place["id"], names)) if place else ""


def _element(one: Mapping[str, Any], vocabulary: str, names: _names.Names) -> dict[str, Any]:
    attributes: dict[str, list[str]] = {}
    for pair in one.get("attributes") or ():
        key = _names.expand(pair["id"], names)
        attributes.setdefault(key, []).append(str(pair.get("attribute", "")))
    return {
        "vocabulary": vocabulary, "uri": _names.identifier(one["id"]), "attributes": attributes,
        "children": [_names.identifier(child) for child in one.get("children") or ()],
    }  # fmt: skip


def _stored_ids(event_ids: Sequence[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [list(event_ids)])
        return {row[0] for row in cursor.fetchall()}


def _units_named(rows: Sequence[Prepared], org_id: UUID) -> dict[str, _Unit]:
    giais = {
        epc.removeprefix(_UNIT) for row in rows for _, epc in row.epcs if epc.startswith(_UNIT)
    }
    if not giais:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [org_id, list(giais)])
        return {_UNIT + row[0]: _Unit(*row[1:]) for row in cursor.fetchall()}


def _check_units(row: Prepared, named: Sequence[_Unit], units: Mapping[str, _Unit]) -> None:
    for unit in named:
        if not unit.knows:
            raise NotYourUnit(unit_code=unit.code)
    if row.type != "AggregationEvent" or row.action == "OBSERVE":
        return
    parent = next((epc for role, epc in row.epcs if role == "parent"), "")
    for role, epc in row.epcs:
        if role != "child" or epc not in units:
            continue
        unit = units[epc]
        if row.action == "ADD" and unit.container not in (None, parent):
            container = str(unit.container).rpartition("/")[2]
            raise UnitInTwoPlaces(unit_code=unit.code, container=container)
        if row.action == "DELETE" and unit.container != parent:
            raise UnitNotInside(unit_code=unit.code, container=parent.rpartition("/")[2])


def _difference(row: Prepared, unit: _Unit, org_id: UUID) -> DiscrepancyKind | None:
    if row.at < unit.born_at:
        return DiscrepancyKind.BEFORE_BIRTH
    if unit.closed_at is not None and row.at > unit.closed_at:
        return DiscrepancyKind.AFTER_END
    return None if unit.holder_id == org_id else DiscrepancyKind.ELSEWHERE
