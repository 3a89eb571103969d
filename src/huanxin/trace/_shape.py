"""What counts as a valid EPCIS 2.0 document in JSON, in our own words. Pure.

Beyond the published schema: formats are asserted; an aggregation that adds or takes names its
parent; ilmd comes only with ADD; no quantity and no mass is negative; nothing lies in the future.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from huanxin.trace import _names

STANDARD_TYPES = (
    "ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent",
    "AssociationEvent",
)  # fmt: skip
_WITH_ACTION = {"ObjectEvent", "AggregationEvent", "TransactionEvent", "AssociationEvent"}
LONGEST = 200  # characters of an identifier or a term; longer ones are refused, never cut
CLOCK_SKEW = timedelta(minutes=5)

_URI = re.compile(
    r"^[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$"
)
_TIME = re.compile(
    r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$"
)
_OFFSET = re.compile(r"^[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)$")
_UOM = re.compile(r"^[A-Z0-9]{2,3}$")
_VERSION = re.compile(r"^\d+(\.\d+)*$")
_HEX = re.compile(r"^[A-Fa-f0-9]+$")
_CBV_URN = ("urn:epcglobal:cbv:", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/")
_VOC = ("https://gs1.org/voc/", "http://gs1.org/voc/", "https://www.gs1.org/voc/",
        "http://www.gs1.org/voc/")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where, and what was expected."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


Faults = Iterator[Fault]
Check = Callable[[Any, str], Faults]


def is_uri(value: Any) -> bool:
    """RFC 3986 with a scheme; CURIEs are of that form too."""
    return isinstance(value, str) and _URI.match(value) is not None


def instant(text: Any) -> datetime | None:
    """An RFC 3339 time with its zone; None for anything else.

    >>> instant("2024-01-01T00:00:00") is None, instant("2024-13-01T00:00:00Z") is None
    (True, True)
    >>> instant("2024-01-01T08:00:00.5+08:00").isoformat()
    '2024-01-01T00:00:00.500000+00:00'
    """
    if not isinstance(text, str) or not (match := _TIME.match(text)):
        return None
    decimals = match[1]
    if decimals and len(decimals) > 7:  # Python reads microseconds
        text = text.replace(decimals, decimals[:7])
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def document_faults(document: Any) -> Faults:
    """What is wrong with a document around its events."""
    if not isinstance(document, dict):
        yield Fault("", "应为一个 JSON 对象")
        return
    kind = document.get("type")
    if kind not in {"EPCISDocument", "EPCISQueryDocument"}:
        yield Fault("type", "应为 EPCISDocument 或 EPCISQueryDocument")
        return
    is_plain = kind == "EPCISDocument"
    yield from _context(document.get("@context"), "@context")
    yield from _member(document, "schemaVersion", _version, needed=is_plain)
    yield from _member(document, "creationDate", _time, needed=is_plain)
    yield from _member(document, "id", _uri)
    yield from _unknown(document, _DOCUMENT, "")
    yield from _body_faults(document, is_plain=is_plain)
    yield from _header_faults(document.get("epcisHeader"))


def events_of(document: Mapping[str, Any]) -> list[Any]:
    """The event list of a document whose surroundings are sound."""
    body = document["epcisBody"]
    if document["type"] == "EPCISDocument":
        found: list[Any] = body["eventList"]
        return found
    results: list[Any] = body["queryResults"]["resultsBody"]["eventList"]
    return results


def event_faults(event: Any, *, now: datetime, needs_context: bool = False) -> Faults:
    """What is wrong with one event."""
    if not isinstance(event, dict):
        yield Fault("", "事件应为一个 JSON 对象")
        return
    kind = event.get("type")
    if not isinstance(kind, str) or not (kind in STANDARD_TYPES or is_uri(kind)):
        yield Fault("type", "应为五种标准事件之一，或以 URI 表示的扩展类型")
        return
    if needs_context or "@context" in event:
        yield from _context(event.get("@context"), "@context")
    allowed = _COMMON | _FIELDS.get(kind, frozenset())
    for name, value in event.items():
        if name not in allowed:
            if not is_uri(name):
                yield Fault(name, "不是 EPCIS 字段；自有字段须带命名空间")
        elif check := _CHECKS.get(name):
            yield from check(value, name)
    yield from _needed(event, kind)
    yield from _future(event, now)


def _future(event: Mapping[str, Any], now: datetime) -> Faults:
    at = instant(event.get("eventTime"))
    if at is not None and at > now + CLOCK_SKEW:
        yield Fault("eventTime", "晚于当前时间，请核对设备时钟与时区")


def _needed(event: Mapping[str, Any], kind: str) -> Faults:
    for name in ("eventTime", "eventTimeZoneOffset"):
        if name not in event:
            yield Fault(name, "缺少该字段")
    if kind in _WITH_ACTION and "action" not in event:
        yield Fault("action", "缺少该字段")
    if rule := _RULES.get(kind):
        yield from rule(event)


def _object(event: Mapping[str, Any]) -> Faults:
    sensed = event.get("sensorElementList") and "readPoint" in event
    if not ("epcList" in event or event.get("quantityList") or sensed):
        yield Fault("epcList", "须有 epcList、quantityList，或传感数据与读取点")
    if event.get("ilmd") and event.get("action") != "ADD":
        yield Fault("ilmd", "只有 ADD 事件可以带主数据")


def _aggregation(event: Mapping[str, Any]) -> Faults:
    yield from _children(event)
    if event.get("action") in {"ADD", "DELETE"} and "parentID" not in event:
        yield Fault("parentID", "ADD 与 DELETE 须注明外层标识")


def _association(event: Mapping[str, Any]) -> Faults:
    yield from _children(event)
    if "parentID" not in event:
        yield Fault("parentID", "缺少该字段")


def _children(event: Mapping[str, Any]) -> Faults:
    has = event.get("childEPCs") or event.get("childQuantityList")
    if event.get("action") != "DELETE" and not has:
        yield Fault("childEPCs", "除 DELETE 外须列出内含的标识")


def _transaction(event: Mapping[str, Any]) -> Faults:
    if not event.get("bizTransactionList"):
        yield Fault("bizTransactionList", "至少一项业务单据")
    if event.get("action") != "DELETE" and not ("epcList" in event or "quantityList" in event):
        yield Fault("epcList", "除 DELETE 外须有 epcList 或 quantityList")


def _transformation(event: Mapping[str, Any]) -> Faults:
    has_in = bool(event.get("inputEPCList") or event.get("inputQuantityList"))
    has_out = bool(event.get("outputEPCList") or event.get("outputQuantityList"))
    whole = has_in and has_out
    if not (whole or ("transformationID" in event and (has_in or has_out))):
        yield Fault("inputEPCList", "须有投入与产出；分次申报时须有 transformationID")


def _member(holder: Mapping[str, Any], name: str, check: Check, *, needed: bool = False) -> Faults:
    if name in holder:
        yield from check(holder[name], name)
    elif needed:
        yield Fault(name, "缺少该字段")


def _unknown(holder: Mapping[str, Any], known: frozenset[str], path: str) -> Faults:
    for name in holder:
        if name not in known and not is_uri(name):
            yield Fault(f"{path}{name}", "不认识的字段；自有字段须带命名空间")


def _context(value: Any, path: str) -> Faults:
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(is_uri(p) or isinstance(p, dict) for p in parts):
        yield Fault(path, "须有 JSON-LD 上下文：网址、对象，或二者的列表")


def _body_faults(document: Mapping[str, Any], *, is_plain: bool) -> Faults:
    holder, path = document.get("epcisBody"), "epcisBody"
    for name in () if is_plain else ("queryResults", "resultsBody"):
        holder = holder.get(name) if isinstance(holder, dict) else None
        path = f"{path}.{name}"
    if not isinstance(holder, dict) or not isinstance(holder.get("eventList"), list):
        yield Fault(f"{path}.eventList", "缺少事件列表")


def _header_faults(header: Any) -> Faults:
    if header is None:
        return
    master = header.get("epcisMasterData") if isinstance(header, dict) else None
    if not isinstance(header, dict) or not isinstance(master, dict | None):
        yield Fault("epcisHeader", "应为对象")
        return
    lists = (master or {}).get("vocabularyList", [])
    if not isinstance(lists, list) or not all(isinstance(v, dict) for v in lists):
        yield Fault("epcisHeader.epcisMasterData", "vocabularyList 应为对象的列表")
        return
    for vocabulary in lists:
        for element in vocabulary.get("vocabularyElementList", []):
            if not isinstance(element, dict) or not is_uri(element.get("id")):
                yield Fault("epcisHeader.epcisMasterData", "每项主数据须有 id（URI）")


def _uri(value: Any, path: str) -> Faults:
    if not is_uri(value):
        yield Fault(path, "应为 URI")
    elif len(value) > LONGEST:
        yield Fault(path, f"标识过长，至多 {LONGEST} 个字符")


def _uris(value: Any, path: str) -> Faults:
    if not isinstance(value, list):
        yield Fault(path, "应为列表")
        return
    for one in value:
        yield from _uri(one, path)
    if len(set(map(str, value))) != len(value):
        yield Fault(path, "同一标识重复")


def _uri_or_uris(value: Any, path: str) -> Faults:
    yield from (_uris if isinstance(value, list) else _uri)(value, path)


def _time(value: Any, path: str) -> Faults:
    if instant(value) is None:
        yield Fault(path, "应为带时区的 RFC 3339 时间")


def _pattern(pattern: re.Pattern[str], say: str) -> Check:
    def check(value: Any, path: str) -> Faults:
        if not isinstance(value, str) or not pattern.match(value):
            yield Fault(path, say)

    return check


_version = _pattern(_VERSION, "应为版本号，如 2.0")


def _text(value: Any, path: str) -> Faults:
    if not isinstance(value, str):
        yield Fault(path, "应为文字")


def _number(value: Any, path: str) -> Faults:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Fault(path, "应为数字")


def _boolean(value: Any, path: str) -> Faults:
    if not isinstance(value, bool):
        yield Fault(path, "应为 true 或 false")


def _word(kind: str, *, refused: tuple[str, ...] = _CBV_URN) -> Check:
    known = _names.words(kind)

    def check(value: Any, path: str) -> Faults:
        if isinstance(value, str) and value in known:
            return
        if not is_uri(value) or value.startswith(refused):
            yield Fault(path, "应为 CBV 词汇，或自有词汇的 URI")
        elif len(value) > LONGEST // 2:
            yield Fault(path, f"词汇过长，至多 {LONGEST // 2} 个字符")

    return check


def _record(checks: Mapping[str, Check], *needed: str, closed: bool = False) -> Check:
    """An object with these members; others must be URIs, or none at all if closed."""

    def check(value: Any, path: str) -> Faults:
        if not isinstance(value, dict):
            yield Fault(path, "应为对象")
            return
        for name in needed:
            if name not in value:
                yield Fault(f"{path}.{name}", "缺少该字段")
        for name, one in value.items():
            if inner := checks.get(name):
                yield from inner(one, f"{path}.{name}")
            elif closed or not is_uri(name):
                yield Fault(f"{path}.{name}", "不认识的字段")

    return check


def _each(check: Check, *, least: int = 0) -> Check:
    def listed(value: Any, path: str) -> Faults:
        if not isinstance(value, list) or len(value) < least:
            yield Fault(path, "应为列表" if least == 0 else "应为非空列表")
            return
        for i, one in enumerate(value):
            yield from check(one, f"{path}[{i}]")

    return listed


def _action(value: Any, path: str) -> Faults:
    if value not in ("ADD", "OBSERVE", "DELETE"):
        yield Fault(path, "应为 ADD、OBSERVE 或 DELETE")


def _not_negative(value: Any, path: str) -> Faults:
    yield from _number(value, path)
    if isinstance(value, int | float) and value < 0:
        yield Fault(path, "数量不能为负")


def _report(value: Any, path: str) -> Faults:
    yield from _report_fields(value, path)
    if isinstance(value, dict) and value.get("type") in {"Mass", "gs1:Mass"}:
        for name in ("value", "minValue", "maxValue", "meanValue"):
            if isinstance(value.get(name), int | float) and value[name] < 0:
                yield Fault(f"{path}.{name}", "重量不能为负")


def _dispositions(value: Any, path: str) -> Faults:
    listed = _each(_word("disposition"), least=1)
    yield from _record({"set": listed, "unset": listed}, closed=True)(value, path)
    if value == {}:
        yield Fault(path, "须有 set 或 unset")


def _ilmd(value: Any, path: str) -> Faults:
    yield from _record({})(value, path)


_DEVICE: dict[str, Check] = {
    "time": _time, "deviceID": _uri, "deviceMetadata": _uri, "rawData": _uri,
    "dataProcessingMethod": _uri, "bizRules": _uri,
}  # fmt: skip
_report_fields = _record(
    {
        **_DEVICE, "type": _word("measurement", refused=_VOC),
        "exception": _word("alert", refused=_VOC), "microorganism": _uri,
        "chemicalSubstance": _uri, "coordinateReferenceSystem": _uri, "value": _number,
        "component": _word("component"), "stringValue": _text, "booleanValue": _boolean,
        "hexBinaryValue": _pattern(_HEX, "应为十六进制"), "uriValue": _uri, "minValue": _number,
        "maxValue": _number, "meanValue": _number, "sDev": _number, "percRank": _number,
        "percValue": _number, "uom": _text,
    },
    "type",
)  # fmt: skip
_quantities = _each(
    _record(
        {"epcClass": _uri, "quantity": _not_negative,
         "uom": _pattern(_UOM, "应为 2 至 3 位单位代码")},
        "epcClass", closed=True,
    )
)  # fmt: skip
_place = _record({"id": _uri}, "id")
_CHECKS: dict[str, Check] = {
    "eventTime": _time, "recordTime": _time, "eventID": _uri,
    "eventTimeZoneOffset": _pattern(_OFFSET, "应为时区偏移，如 +08:00"),
    "certificationInfo": _uri_or_uris,
    "errorDeclaration": _record(
        {"declarationTime": _time, "reason": _word("errorReason"), "correctiveEventIDs": _uris},
        "declarationTime",
    ),
    "action": _action, "epcList": _uris, "childEPCs": _uris, "inputEPCList": _uris,
    "outputEPCList": _uris, "parentID": _uri, "transformationID": _uri,
    "quantityList": _quantities, "childQuantityList": _quantities,
    "inputQuantityList": _quantities, "outputQuantityList": _quantities,
    "bizStep": _word("bizStep"), "disposition": _word("disposition"),
    "persistentDisposition": _dispositions, "readPoint": _place, "bizLocation": _place,
    "bizTransactionList": _each(_record(
        {"type": _word("bizTransaction"), "bizTransaction": _uri}, "bizTransaction", closed=True)),
    "sourceList": _each(_record(
        {"type": _word("party"), "source": _uri}, "type", "source", closed=True)),
    "destinationList": _each(_record(
        {"type": _word("party"), "destination": _uri}, "type", "destination", closed=True)),
    "sensorElementList": _each(_record(
        {"sensorMetadata": _record({**_DEVICE, "startTime": _time, "endTime": _time}),
         "sensorReport": _each(_report, least=1)}, "sensorReport")),
    "ilmd": _ilmd,
}  # fmt: skip
_DOCUMENT = frozenset({
    "@context", "id", "type", "schemaVersion", "creationDate", "instanceIdentifier", "sender",
    "receiver", "epcisHeader", "epcisBody",
})  # fmt: skip
_COMMON = frozenset({
    "@context", "type", "eventTime", "recordTime", "eventTimeZoneOffset", "eventID",
    "certificationInfo", "errorDeclaration",
})  # fmt: skip
_SHARED = frozenset({
    "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation",
    "bizTransactionList", "sourceList", "destinationList", "sensorElementList",
})  # fmt: skip
_PARTS = frozenset({"action", "parentID", "childEPCs", "childQuantityList"})
_FIELDS: dict[str, frozenset[str]] = {
    "ObjectEvent": _SHARED | {"action", "epcList", "quantityList", "ilmd"},
    "AggregationEvent": _SHARED | _PARTS,
    "AssociationEvent": _SHARED | _PARTS,
    "TransactionEvent": _SHARED | {"action", "parentID", "epcList", "quantityList"},
    "TransformationEvent": _SHARED
    | {"inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList",
       "transformationID", "ilmd"},
}  # fmt: skip
_RULES: dict[str, Callable[[Mapping[str, Any]], Faults]] = {
    "ObjectEvent": _object, "AggregationEvent": _aggregation, "AssociationEvent": _association,
    "TransactionEvent": _transaction, "TransformationEvent": _transformation,
}  # fmt: skip
