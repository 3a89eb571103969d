"""What an event can be found by: its identifiers by role, and its terms by parameter. Pure.

A term's key is the query parameter without its comparison (`bizTransaction_rma`, `value@Mass`,
`x:https://ns.example/grade`). Its values are kept as text under the key, and, where they are one,
as numbers under `key|n` and as instants (epoch seconds) under `key|t`.
"""

import csv
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from huanxin.trace import _names, _shape
from huanxin.trace._names import Names

Terms = dict[str, list[Any]]

ROLES = (
    "epc", "parent", "child", "input", "output", "class", "in_class", "out_class", "deal",
    "xform",
)  # fmt: skip
_LISTS = (("epcList", "epc"), ("childEPCs", "child"), ("inputEPCList", "input"),
          ("outputEPCList", "output"))  # fmt: skip
_QUANTITIES = (("quantityList", "class"), ("childQuantityList", "class"),
               ("inputQuantityList", "in_class"), ("outputQuantityList", "out_class"))  # fmt: skip
_TYPED = (
    ("bizTransactionList", "bizTransaction", "bizTransaction", "bizTransaction"),
    ("sourceList", "source", "source", "party"),
    ("destinationList", "destination", "destination", "party"),
)
_NUMBERS = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue")
_SENSOR_TEXTS = ("deviceID", "dataProcessingMethod", "bizRules", "microorganism",
                 "chemicalSubstance", "stringValue", "hexBinaryValue", "uriValue")  # fmt: skip
_SENSOR_TIMES = ("time", "startTime", "endTime")
_OWN = {"@context", "rdfs:comment"}


def identifiers(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(role, identifier in canonical form) of everything an event names, each once."""
    found = [
        (role, _names.identifier(epc)) for name, role in _LISTS for epc in event.get(name) or ()
    ]
    if parent := event.get("parentID"):
        found.append(("parent", _names.identifier(parent)))
    found.extend(
        (role, _names.identifier(element["epcClass"]))
        for name, role in _QUANTITIES
        for element in event.get(name) or ()
    )
    found.extend(
        ("deal", _names.identifier(one["bizTransaction"]))
        for one in event.get("bizTransactionList") or ()
    )
    if xform := event.get("transformationID"):
        found.append(("xform", _names.identifier(xform)))
    return list(dict.fromkeys(found))


def terms(event: Mapping[str, Any], names: Names) -> Terms:
    """Every term of an event; empty if it has none."""
    found: Terms = {}
    _standard(event, names, found)
    for element in event.get("sensorElementList") or ():
        _sensors(element, names, found)
    for key, fields in _extended(event):
        _extensions(fields, key, names, found)
    if declared := event.get("errorDeclaration"):
        _error(declared, names, found)
    return found


@lru_cache(maxsize=65_536)
def base_value(number: Any, uom: str) -> tuple[str, float]:
    """A reading in the base unit of its kind, and the key it is found by.

    >>> base_value(500, "GRM"), base_value(7, "XYZ")
    (('@Mass', 0.5), ('_XYZ', 7.0))
    """
    known = _units().get(uom)
    if known is None:
        return f"_{uom}", float(number)
    unit_kind, factor, offset = known
    return f"@{unit_kind}", _rounded(Decimal(str(number)) * factor + offset)


def number_of(value: Any) -> float | None:
    """A JSON number, or text that looks like one (XML has no types)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    return _number_in(str(value))


@lru_cache(maxsize=65_536)
def _number_in(value: str) -> float | None:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return None
    return _rounded(number) if number.is_finite() else None


def _rounded(number: Decimal) -> float:
    return float(f"{number:.12g}")


@cache
def _units() -> dict[str, tuple[str, Decimal, Decimal]]:
    source = resources.files("huanxin.trace").joinpath("data/units.csv").read_text("utf-8")
    return {
        row["uom"]: (row["kind"], Decimal(row["factor"]), Decimal(row["offset"]))
        for row in csv.DictReader(source.splitlines())
    }


def _extended(event: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where an event carries fields that are not the standard's."""
    if not event.keys() <= _STANDARD:
        yield "x", {k: v for k, v in event.items() if k not in _STANDARD}
    if ilmd := event.get("ilmd"):
        yield "il", ilmd
    for place, key in (("readPoint", "rp"), ("bizLocation", "bl")):
        fields: Mapping[str, Any] = event.get(place) or {}
        if len(fields) > 1:
            yield key, {k: v for k, v in fields.items() if k != "id"}


def _add(found: Terms, key: str, value: Any) -> None:
    if value is not None:
        found.setdefault(key, []).append(value)


def _standard(event: Mapping[str, Any], names: Names, found: Terms) -> None:
    for listed, inner, key, kind in _TYPED:
        for one in event.get(listed) or ():
            typed = _names.word(kind, one.get("type", ""), names)
            _add(found, f"{key}_{typed}", _names.identifier(one[inner]))
    for name, _ in _QUANTITIES:
        for element in event.get(name) or ():
            _quantity(element, found)
    for name, values in (event.get("persistentDisposition") or {}).items():
        for value in values:
            term = _names.word("disposition", value, names)
            _add(found, f"persistentDisposition_{name}", term)
    if event.get("sensorElementList"):
        found["sensorElementList"] = []


def _quantity(element: Mapping[str, Any], found: Terms) -> None:
    if "quantity" in element:
        number = number_of(element["quantity"])
        _add(found, "quantity|n", number)
        if "uom" in element:
            _add(found, f"quantity_{element['uom']}|n", number)


def _sensors(element: Mapping[str, Any], names: Names, found: Terms) -> None:
    if metadata := element.get("sensorMetadata"):
        _sensor_part(metadata, "sm", names, found)
    for report in element.get("sensorReport") or ():
        _readings(report, names, found)
        _sensor_part(report, "sr", names, found)
    if not element.keys() <= _ELEMENT:
        own = {k: v for k, v in element.items() if k not in _ELEMENT}
        _extensions(own, "se", names, found)


def _sensor_part(holder: Mapping[str, Any], key: str, names: Names, found: Terms) -> None:
    if holder.keys() & _SENSOR_SEARCHED:
        _sensor_words(holder, found)
    if not holder.keys() <= _SENSOR:
        own = {k: v for k, v in holder.items() if k not in _SENSOR}
        _extensions(own, key, names, found)


def _sensor_words(holder: Mapping[str, Any], found: Terms) -> None:
    for name in _SENSOR_TEXTS:
        if name in holder:
            is_text = name in {"stringValue", "hexBinaryValue"}
            text = holder[name] if is_text else _names.identifier(holder[name])
            _add(found, name, text)
    for name in _SENSOR_TIMES:
        if (at := _shape.instant(holder.get(name))) is not None:
            _add(found, f"{name}|t", at.timestamp())


def _readings(report: Mapping[str, Any], names: Names, found: Terms) -> None:
    _add(found, "type", _names.word("measurement", report["type"], names))
    if "booleanValue" in report:
        _add(found, "booleanValue", "true" if report["booleanValue"] else "false")
    if "percRank" in report:
        _add(found, "percRank|n", number_of(report["percRank"]))
    for name in _NUMBERS:
        if name in report and "uom" in report:
            key, number = base_value(report[name], report["uom"])
            _add(found, f"{name}{key}|n", number)


def _error(declared: Mapping[str, Any], names: Names, found: Terms) -> None:
    if "reason" in declared:
        _add(found, "errorReason", _names.word("errorReason", declared["reason"], names))
    for event_id in declared.get("correctiveEventIDs") or ():
        _add(found, "correctiveEventID", event_id)
    own = {k: v for k, v in declared.items()
           if k not in {"declarationTime", "reason", "correctiveEventIDs"}}  # fmt: skip
    _extensions(own, "ed", names, found)


def _extensions(fields: Mapping[str, Any], key: str, names: Names, found: Terms) -> None:
    """Top-level fields under `key:`, everything below them under `key+:`."""
    for name, value in fields.items():
        if name not in _OWN:
            _value(f"{key}:{_names.expand(name, names)}", value, found)
            for inner, below in _below(value):
                _value(f"{key}+:{_names.expand(inner, names)}", below, found)


def _below(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _below(one)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if name not in _OWN:
                yield name, one
                yield from _below(one)


def _value(key: str, value: Any, found: Terms) -> None:
    found.setdefault(key, [])
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Mapping | list) or one is None:
            continue
        text = ("true" if one else "false") if isinstance(one, bool) else str(one).strip()
        found[key].append(text)
        _add(found, f"{key}|n", number_of(one))
        if (at := _shape.instant(text)) is not None:
            _add(found, f"{key}|t", at.timestamp())


_ELEMENT = frozenset({"sensorMetadata", "sensorReport"})
_SENSOR_SEARCHED = frozenset({*_SENSOR_TEXTS, *_SENSOR_TIMES})
_STANDARD = {
    "@context", "type", "eventTime", "recordTime", "eventTimeZoneOffset", "eventID",
    "certificationInfo", "errorDeclaration", "action", "epcList", "childEPCs", "inputEPCList",
    "outputEPCList", "parentID", "transformationID", "quantityList", "childQuantityList",
    "inputQuantityList", "outputQuantityList", "bizStep", "disposition", "persistentDisposition",
    "readPoint", "bizLocation", "bizTransactionList", "sourceList", "destinationList",
    "sensorElementList", "ilmd", "rdfs:comment",
}  # fmt: skip
_SENSOR = {
    *_NUMBERS, *_SENSOR_TEXTS, *_SENSOR_TIMES, "type", "exception", "deviceMetadata", "rawData",
    "coordinateReferenceSystem", "component", "booleanValue", "percRank", "uom",
}  # fmt: skip
