"""The event's own id: the CBV 2.0 event hash (section 8.9.2), recomputable by anyone. Pure.

Field order, sorting and number forms follow the published digests of the algorithm's author; where
they and the text of the standard differ the digests win (docs/adr/0041).
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Any

from huanxin.trace import _gs1

Event = Mapping[str, Any]
Names = Mapping[str, str]

_CBV = "https://ref.gs1.org/cbv/"
_VOC = "https://gs1.org/voc/"
_WORDS = {
    "bizStep": _CBV + "BizStep-", "disposition": _CBV + "Disp-", "set": _CBV + "Disp-",
    "unset": _CBV + "Disp-", "component": _CBV + "Comp-", "exception": _VOC,
    "bizTransactionList": _CBV + "BTT-", "sourceList": _CBV + "SDT-",
    "destinationList": _CBV + "SDT-", "sensorReport": _VOC,
}  # fmt: skip
_URN_WORD = re.compile(r"^urn:epcglobal:cbv:(bizstep|disp|btt|sdt|er|comp):(.+)$")
_URN_KINDS = {
    "bizstep": "BizStep-", "disp": "Disp-", "btt": "BTT-", "sdt": "SDT-", "er": "ER-",
    "comp": "Comp-",
}  # fmt: skip
_SHORT_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$")
_LONG_TIME = re.compile(r"^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$")
_DECIMAL = re.compile(r"^-?\d+\.\d+$")
_TIMES = {"eventTime", "time", "startTime", "endTime"}
_NUMBERS = {
    "quantity", "value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue",
}  # fmt: skip
_LEFT_OUT = {"type", "eventID", "recordTime", "errorDeclaration", "@context", "rdfs:comment"}

_SCALARS_FIRST = ("eventTime", "eventTimeZoneOffset", "certificationInfo")
_BODY = (
    "epcList", "parentID", "inputEPCList", "childEPCs", "quantityList", "childQuantityList",
    "inputQuantityList", "outputEPCList", "outputQuantityList", "action", "transformationID",
    "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation",
    "sensorElementList", "bizTransactionList", "destinationList", "ilmd", "sourceList",
)  # fmt: skip
_ORDER = (*_SCALARS_FIRST, *_BODY)
# Places, parties, words and readings return event after event; their texts are remembered.
_RETURNING = frozenset({
    "eventTimeZoneOffset", "action", "bizStep", "disposition", "persistentDisposition",
    "readPoint", "bizLocation", "sensorElementList", "destinationList", "sourceList",
})  # fmt: skip
_LONGEST_REMEMBERED, _MOST_REMEMBERED = 600, 16_384  # characters, texts
_memory: dict[tuple[str, str, str], str] = {}
_KNOWN = frozenset({*_ORDER, *_LEFT_OUT})
_QUANTITY = ("epcClass", "quantity", "uom")
_METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData",
    "dataProcessingMethod", "bizRules",
)  # fmt: skip
_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time",
    "microorganism", "chemicalSubstance", "value", "component", "stringValue", "booleanValue",
    "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank",
    "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip


def event_id(event: Event, names: Names) -> str:
    """`ni:///sha-256;…?ver=CBV2.0` of an event in JSON form; `names` maps prefixes to IRIs."""
    digest = hashlib.sha256(prehash(event, names).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def digest_of(event_id_text: str) -> str:
    """The hex digest inside an event id.

    >>> digest_of("ni:///sha-256;ab12?ver=CBV2.0")
    'ab12'
    """
    return event_id_text.removeprefix("ni:///sha-256;").partition("?")[0]


def prehash(event: Event, names: Names) -> str:
    """The string that is hashed."""
    parts = [f"eventType={event['type']}"]
    said = repr(names)
    for name in _ORDER:
        value = event.get(name)
        if value or value == 0:
            build = _remembered if name in _RETURNING else _field
            parts.append(build(name, value, names, said))
    own = {k: v for k, v in event.items() if k not in _KNOWN}
    return "".join([*parts, *_extensions(own, names)] if own else parts)


def _remembered(name: str, value: Any, names: Names, said: str) -> str:
    """A field's text, from memory if the same words under the same names were read before."""
    key = name, repr(value), said
    text = _memory.get(key)
    if text is None:
        text = _field(name, value, names)
        if len(key[1]) + len(said) <= _LONGEST_REMEMBERED:
            if len(_memory) >= _MOST_REMEMBERED:
                _memory.clear()
            _memory[key] = text
    return text


def _field(name: str, value: Any, names: Names, said: str = "") -> str:
    del said  # for who remembers
    builder = _BUILDERS.get(name)
    if builder is not None:
        return builder(name, value, names)
    if isinstance(value, list):
        return "".join(sorted(f"{name}={_scalar(name, item, names)}" for item in value))
    return f"{name}={_scalar(name, value, names)}"


def _epcs(name: str, value: list[str], names: Names) -> str:
    return name + "".join(sorted(f"epc={_scalar('epc', item, names)}" for item in value))


def _quantities(name: str, value: list[Event], names: Names) -> str:
    elements = sorted(
        "quantityElement" + _ordered(item, _QUANTITY, "quantityElement", names) for item in value
    )
    return name + "".join(elements)


def _dispositions(name: str, value: Event, names: Names) -> str:
    return name + "".join(
        _field(key, value[key], names) for key in ("set", "unset") if value.get(key)
    )


def _place(name: str, value: Event, names: Names) -> str:
    own = {k: v for k, v in value.items() if k not in {"id", "rdfs:comment"}}
    return "".join([f"{name}id={_scalar('id', value['id'], names)}", *_extensions(own, names)])


def _typed(name: str, value: list[Event], names: Names) -> str:
    inner = {
        "bizTransactionList": "bizTransaction", "sourceList": "source",
        "destinationList": "destination",
    }[name]  # fmt: skip
    return name + "".join(sorted(_ordered(x, ("type", inner), name, names) for x in value))


def _sensors(name: str, value: list[Event], names: Names) -> str:
    return name + "".join(sorted(_sensor_element(item, names) for item in value))


def _sensor_element(element: Event, names: Names) -> str:
    parts = ["sensorElement"]
    if metadata := element.get("sensorMetadata"):
        parts.append("sensorMetadata" + _ordered(metadata, _METADATA, "sensorMetadata", names))
    reports = element.get("sensorReport", [])
    parts.extend(
        sorted("sensorReport" + _ordered(r, _REPORT, "sensorReport", names) for r in reports)
    )
    own = {k: v for k, v in element.items() if k not in {"sensorMetadata", "sensorReport"}}
    parts.extend(_extensions(own, names))
    return "".join(parts)


def _ilmd(name: str, value: Event, names: Names) -> str:
    return "".join([name, *_extensions(value, names)])


def _ordered(value: Event, order: tuple[str, ...], container: str, names: Names) -> str:
    """A container's standard fields in order, then its extensions."""
    places = _places(order)
    found: list[tuple[int, str]] = []
    own: dict[str, Any] = {}
    for key, one in value.items():
        place = places.get(key)
        if place is None:
            own[key] = one
        elif one not in (None, ""):
            text = _scalar(container if key == "type" else key, one, names)
            found.append((place, f"{key}={text}"))
    parts = [text for _, text in sorted(found)]
    return "".join([*parts, *_extensions(own, names)] if own else parts)


@cache
def _places(order: tuple[str, ...]) -> dict[str, int]:
    return {name: place for place, name in enumerate(order)}


def _extensions(fields: Event, names: Names) -> list[str]:
    texts: list[str] = []
    for key, value in fields.items():
        if key not in {"rdfs:comment", "@context"}:
            texts.extend(_extension(_expanded_key(key, names), value, names))
    return sorted(texts)


def _extension(key: str, value: Any, names: Names) -> list[str]:
    if isinstance(value, list):
        return sorted(text for item in value for text in _extension(key, item, names))
    if isinstance(value, Mapping):
        return ["".join([key, *_extensions(value, names)])]
    if isinstance(value, str) and _DECIMAL.match(value.strip()):
        value = Decimal(value.strip())  # XML has no types: 23.0 means the same there and here
    return [f"{key}={_scalar('', value, names)}"]


def _expanded_key(key: str, names: Names) -> str:
    prefix, colon, local = key.partition(":")
    return f"{{{names[prefix]}}}{local}" if colon and prefix in names else key


def _scalar(field: str, value: Any, names: Names) -> str:
    if field in _NUMBERS or not isinstance(value, str):
        if isinstance(value, bool):
            return "true" if value else "false"
        return _number(value) if field in _NUMBERS or _is_number(value) else str(value).strip()
    if field in _TIMES:
        return _time(value.strip())
    text = value.strip()
    if names:
        prefix, colon, local = text.partition(":")
        if colon and prefix in names and not (local.startswith("//") or _URN_WORD.match(text)):
            text = names[prefix] + local
    return _canonical(_WORDS.get(field, ""), text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)


@lru_cache(maxsize=65_536)
def _canonical(vocabulary: str, text: str) -> str:
    """A word, a CBV URN or an identifier in its one form; the same few return again and again."""
    if vocabulary and ":" not in text:
        return vocabulary + text
    if match := _URN_WORD.match(text):
        return _CBV + _URN_KINDS[match[1]] + match[2]
    return _gs1.canonical(text)


def _number(value: object) -> str:
    if isinstance(value, float) and "e" not in (text := repr(value)):
        return text.rstrip("0").rstrip(".")
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _time(text: str) -> str:
    """UTC with exactly three decimals, rounded half up.

    >>> _time("2023-02-02T12:04:03.1415+01:00")
    '2023-02-02T11:04:03.142Z'
    """
    if _SHORT_TIME.match(text):
        utc = datetime.fromisoformat(text).astimezone(UTC)
        return utc.isoformat(timespec="milliseconds")[:-6] + "Z"
    match = _LONG_TIME.match(text)
    assert match is not None, f"not an RFC 3339 time: {text}"
    whole, decimals, zone = match[1], match[2] or "0", match[3]
    milli = int(Decimal(f"0.{decimals}").quantize(Decimal("0.001"), ROUND_HALF_UP) * 1000)
    at = datetime.fromisoformat(whole + ("+00:00" if zone == "Z" else zone)).timestamp()
    at_utc = datetime.fromtimestamp(at + milli // 1000, UTC)
    return f"{at_utc:%Y-%m-%dT%H:%M:%S}.{milli % 1000:03d}Z"


_BUILDERS: dict[str, Callable[[str, Any, Names], str]] = {
    "epcList": _epcs, "inputEPCList": _epcs, "childEPCs": _epcs, "outputEPCList": _epcs,
    "quantityList": _quantities, "childQuantityList": _quantities,
    "inputQuantityList": _quantities, "outputQuantityList": _quantities,
    "persistentDisposition": _dispositions, "readPoint": _place, "bizLocation": _place,
    "bizTransactionList": _typed, "sourceList": _typed, "destinationList": _typed,
    "sensorElementList": _sensors, "ilmd": _ilmd,
}  # fmt: skip
