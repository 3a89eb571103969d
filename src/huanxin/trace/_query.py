"""EPCIS 2.0 query parameters: read, checked, and turned into conditions. Pure.

A condition says what an event must have, in stored words; `_search` turns it into SQL. Parameters
are ANDed, the values of one parameter are alternatives.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from huanxin.trace import _names, _shape, _terms
from huanxin.trace._names import Names
from huanxin.trace.errors import QueryParameterInvalid

PER_PAGE, MOST_PER_PAGE = 30, 1000
_OPERATORS = {"EQ": "=", "GT": ">", "GE": ">=", "LT": "<", "LE": "<="}
_MATCH = {
    "epc": ("epc", "child"), "parentID": ("parent",), "inputEPC": ("input",),
    "outputEPC": ("output",), "anyEPC": ("epc", "child", "parent", "input", "output"),
    "epcClass": ("class",), "inputEPCClass": ("in_class",), "outputEPCClass": ("out_class",),
    "anyEPCClass": ("class", "in_class", "out_class"),
}  # fmt: skip
_WORD_COLUMNS = {"bizStep": "biz_step", "disposition": "disposition"}
_PLACES = {"readPoint": "read_point", "bizLocation": "biz_location"}
_TIME_COLUMNS = {"eventTime": "at", "recordTime": "recorded_at",
                 "errorDeclarationTime": "declared_at",
                 "errorDeclaration_Time": "declared_at"}  # fmt: skip
_SENSOR_WORDS = {"deviceID", "dataProcessingMethod", "bizRules", "microorganism",
                 "chemicalSubstance", "uriValue"}  # fmt: skip
_SENSOR_TEXTS = {"stringValue", "hexBinaryValue", "booleanValue"}
_SENSOR_TIMES = {"time", "startTime", "endTime"}
_READING = re.compile(r"^(value|minValue|maxValue|meanValue|sDev|percValue)_([A-Za-z0-9]{1,3})$")
_EXTENSION = re.compile(
    r"^(?:(INNER)_)?(?:(ILMD|ERROR_DECLARATION|SENSORELEMENT|SENSORMETADATA|SENSORREPORT)_)?"
    r"(?:(INNER)_)?(.+)$"
)
_WHERE = {None: "x", "ILMD": "il", "ERROR_DECLARATION": "ed", "SENSORELEMENT": "se",
          "SENSORMETADATA": "sm", "SENSORREPORT": "sr"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column compared with values; several values are alternatives (only for `=`)."""

    name: str
    operator: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The event names one of these identifiers, or one that fits a pattern, in one of the roles."""

    roles: tuple[str, ...]
    exact: tuple[str, ...]
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A term compared with values; no values: the term exists."""

    key: str
    operator: str = "exists"
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Within:
    """A place or one below it in the master data; or one that has an attribute."""

    column: str
    places: tuple[str, ...] = ()
    attribute: str | None = None
    values: tuple[str, ...] = ()


Condition = Column | Named | Term | Within


@dataclass(frozen=True, slots=True)
class Search:
    """A checked query: what must hold, in what order, how many."""

    conditions: tuple[Condition, ...] = ()
    order_by: str | None = None  # a column, or the key of a term
    descending: bool = True
    limit: int | None = None
    most: int | None = None
    per_page: int = PER_PAGE
    page_token: str | None = None
    source: dict[str, Any] = field(default_factory=dict)


def read(params: Mapping[str, Any], names: Names) -> Search:
    """Read parameters as sent in a URL (text, lists piped) or stored in a query (JSON).

    Refuses an unknown parameter, a value that cannot be used, and combinations that SPEC 8.2.7.1
    forbids, each by name.
    """
    conditions: list[Condition] = []
    rest = dict(params)
    rest.pop("@context", None)
    order_by = _order_by(rest.pop("orderBy", None), names)
    direction = str(rest.pop("orderDirection", "DESC"))
    if direction not in {"ASC", "DESC"}:
        raise QueryParameterInvalid(name="orderDirection", reason="应为 ASC 或 DESC")
    limit, most = _whole(rest, "eventCountLimit"), _whole(rest, "maxEventCount")
    if limit is not None and (order_by is None or most is not None):
        raise QueryParameterInvalid(
            name="eventCountLimit", reason="须与 orderBy 同用，且不能与 maxEventCount 同用"
        )
    per_page = _whole(rest, "perPage")
    token = rest.pop("nextPageToken", None)
    for name, value in rest.items():
        conditions.extend(_condition(name, value, names))
    stored = {k: v for k, v in params.items() if k not in {"nextPageToken", "perPage"}}
    return Search(
        conditions=tuple(conditions), order_by=order_by, descending=direction == "DESC",
        limit=limit, most=most, per_page=min(per_page or PER_PAGE, MOST_PER_PAGE),
        page_token=str(token) if token is not None else None, source=stored,
    )  # fmt: skip


def listed(value: Any) -> list[str]:
    """The alternatives of a list parameter."""
    found = value if isinstance(value, list) else str(value).split("|")
    return [str(one).strip() for one in found if str(one).strip()]


def _whole(params: dict[str, Any], name: str) -> int | None:
    if name not in params:
        return None
    text = str(params.pop(name))
    if not text.isdigit() or int(text) < 1:
        raise QueryParameterInvalid(name=name, reason="应为正整数")
    return int(text)


def _order_by(value: Any, names: Names) -> str | None:
    if value is None:
        return None
    if value in ("eventTime", "recordTime"):
        return _TIME_COLUMNS[value]
    if not _shape.is_uri(value):
        raise QueryParameterInvalid(name="orderBy", reason="应为 eventTime、recordTime 或扩展字段")
    return f"x:{_names.expand(str(value), names)}"


def _condition(name: str, value: Any, names: Names) -> list[Condition]:
    if name == "eventType":
        kinds = listed(value)
        for kind in kinds:
            if kind not in _shape.STANDARD_TYPES and not _shape.is_uri(kind):
                raise QueryParameterInvalid(name=name, reason=f"没有“{kind}”这种事件")
        return [Column("type", "=", tuple(_names.expand(kind, names) for kind in kinds))]
    operator, _, rest = name.partition("_")
    reader = _READERS.get(operator)
    found = reader(operator, rest, value, names) if reader and rest else None
    if found is None:
        raise QueryParameterInvalid(name=name, reason="不认识的查询参数")
    return found


Found = list[Condition] | None


def _match(operator: str, rest: str, value: Any, names: Names) -> Found:
    del operator
    roles = _MATCH.get(rest)
    if roles is None:
        return None
    exact, patterns = [], []
    for text in listed(value):
        epc = _names.expand(text, names)
        if not _shape.is_uri(epc.replace("*", "x")):
            raise QueryParameterInvalid(name=f"MATCH_{rest}", reason=f"“{text}”不是标识")
        if epc.startswith("urn:epc:idpat:") and epc.endswith("*"):
            patterns.append(_pattern(epc))
        exact.append(_names.identifier(epc))
    return [Named(roles, tuple(exact), tuple(patterns))]


def _within(operator: str, rest: str, value: Any, names: Names) -> Found:
    del operator
    if rest not in _PLACES:
        return None
    places = tuple(_names.identifier(_names.expand(one, names)) for one in listed(value))
    return [Within(_PLACES[rest], places)]


def _has_attribute(operator: str, rest: str, value: Any, names: Names) -> Found:
    """HASATTR_readPoint=attribute, EQ_ATTR_readPoint_attribute=values."""
    del operator
    if rest not in _PLACES:
        return None
    attributes = [_names.expand(one, names) for one in listed(value)]
    return [Within(_PLACES[rest], attribute=attributes[0])]


def _exists(operator: str, rest: str, value: Any, names: Names) -> Found:
    del operator
    asked = str(value).lower()
    if asked not in {"true", "false", "1", "0", ""}:
        raise QueryParameterInvalid(name=f"EXISTS_{rest}", reason="应为 true 或 false")
    wanted = asked in {"true", "1", ""}
    if rest == "errorDeclaration":
        return [Column("declares_error", "=", (True,))] if wanted else []
    key = rest if rest == "sensorElementList" else _extension_key(rest, names)
    if key is None:
        return None
    return [Term(key)] if wanted else []


def _compare(operator: str, rest: str, value: Any, names: Names) -> Found:
    for reader in (_time, _quantity, _reading, _equal, _extension):
        if (found := reader(operator, rest, value, names)) is not None:
            return found
    return None


def _time(operator: str, rest: str, value: Any, names: Names) -> Found:
    del names
    if rest not in _TIME_COLUMNS and rest not in _SENSOR_TIMES:
        return None
    at = _shape.instant(value)
    if operator not in {"GE", "LT"} or at is None:
        reason = "时间只比较 GE、LT，值应为带时区的 RFC 3339 时间"
        raise QueryParameterInvalid(name=f"{operator}_{rest}", reason=reason)
    if rest in _TIME_COLUMNS:
        return [Column(_TIME_COLUMNS[rest], _OPERATORS[operator], (at,))]
    return [Term(f"{rest}|t", _OPERATORS[operator], (at.timestamp(),))]


def _quantity(operator: str, rest: str, value: Any, names: Names) -> Found:
    del names
    if rest != "quantity" and not re.fullmatch(r"quantity_[A-Z0-9]{2,3}", rest):
        return None
    numbers = _numbers(f"{operator}_{rest}", value)
    return [Term(f"{rest}|n", _OPERATORS[operator], numbers)]


def _reading(operator: str, rest: str, value: Any, names: Names) -> Found:
    del names
    if rest == "percRank":
        return [Term("percRank|n", _OPERATORS[operator], _numbers(f"{operator}_{rest}", value))]
    match = _READING.match(rest)
    if match is None:
        return None
    pairs = [_terms.base_value(n, match[2]) for n in _numbers(f"{operator}_{rest}", value)]
    key = f"{match[1]}{pairs[0][0]}|n"
    return [Term(key, _OPERATORS[operator], tuple(number for _, number in pairs))]


def _equal(operator: str, rest: str, value: Any, names: Names) -> Found:
    if operator != "EQ":
        return None
    values = listed(value)
    if rest == "action":
        if bad := set(values) - {"ADD", "OBSERVE", "DELETE"}:
            raise QueryParameterInvalid(name="EQ_action", reason=f"没有“{min(bad)}”这种动作")
        return [Column("action", "=", tuple(values))]
    if rest in _WORD_COLUMNS:
        words = tuple(_names.word(rest, one, names) for one in values)
        return [Column(_WORD_COLUMNS[rest], "=", words)]
    return _equal_ids(rest, values, names) or _equal_terms(rest, values, names)


def _equal_ids(rest: str, values: list[str], names: Names) -> Found:
    ids = tuple(_names.identifier(_names.expand(one, names)) for one in values)
    if rest in _PLACES:
        return [Column(_PLACES[rest], "=", ids)]
    if rest == "transformationID":
        return [Named(("xform",), ids)]
    if rest == "eventID":
        return [Column("event_id", "=", tuple(values))]
    kind, _, typed = rest.partition("_")
    if kind in {"bizTransaction", "source", "destination"} and rest != kind:
        words = "bizTransaction" if kind == "bizTransaction" else "party"
        term = Term(f"{kind}_{_names.word(words, typed, names)}", "=", ids)
        return [Named(("deal",), ids), term] if kind == "bizTransaction" else [term]
    if match := re.match(r"^ATTR_(readPoint|bizLocation)_(.+)$", rest):
        attribute = _names.expand(match[2], names)
        return [Within(_PLACES[match[1]], attribute=attribute, values=tuple(values))]
    return None


def _equal_terms(rest: str, values: list[str], names: Names) -> Found:
    if rest in {"persistentDisposition_set", "persistentDisposition_unset"}:
        words = tuple(_names.word("disposition", one, names) for one in values)
        return [Term(rest, "=", words)]
    if rest == "type":
        return [Term(rest, "=", tuple(_names.word("measurement", v, names) for v in values))]
    if rest == "errorReason":
        return [Term(rest, "=", tuple(_names.word("errorReason", v, names) for v in values))]
    if rest in _SENSOR_WORDS:
        return [Term(rest, "=", tuple(_names.identifier(v) for v in values))]
    if rest in _SENSOR_TEXTS or rest == "correctiveEventID":
        return [Term(rest, "=", tuple(values))]
    return None


def _extension(operator: str, rest: str, value: Any, names: Names) -> Found:
    place, _, tail = rest.partition("_")
    if place in _PLACES and tail:
        key: str | None = f"{'rp' if place == 'readPoint' else 'bl'}:{_names.expand(tail, names)}"
    else:
        key = _extension_key(rest, names)
    if key is None:
        return None
    if operator == "EQ":
        return [Term(key, "=", tuple(_names.expand(v, {}) for v in listed(value)))]
    if (at := _shape.instant(value)) is not None:
        return [Term(f"{key}|t", _OPERATORS[operator], (at.timestamp(),))]
    return [Term(f"{key}|n", _OPERATORS[operator], _numbers(f"{operator}_{rest}", value))]


def _extension_key(rest: str, names: Names) -> str | None:
    match = _EXTENSION.match(rest)
    if match is None or ":" not in match[4]:
        return None
    inner = "+" if match[1] or match[3] else ""
    return f"{_WHERE[match[2]]}{inner}:{_names.expand(match[4], names)}"


def _numbers(name: str, value: Any) -> tuple[float, ...]:
    found = [_terms.number_of(one) for one in listed(value)]
    if not found or any(number is None for number in found):
        raise QueryParameterInvalid(name=name, reason="应为数字")
    return tuple(number for number in found if number is not None)


def _pattern(urn: str) -> str:
    """An EPC pattern as a LIKE over canonical identifiers.

    >>> _pattern("urn:epc:idpat:giai:9523715.*"), _pattern("urn:epc:idpat:sscc:9523715.*")
    ('https://id.gs1.org/8004/9523715%', 'https://id.gs1.org/00/_9523715%')
    """
    scheme, _, body = urn.removeprefix("urn:epc:idpat:").partition(":")
    parts = [part.replace("%", r"\%").replace("_", r"\_") for part in body.split(".")]
    fixed = parts[: parts.index("*")]
    lead = "https://id.gs1.org/"
    if scheme in {"sgtin", "lgtin"}:
        key = {"sgtin": "21", "lgtin": "10"}[scheme]
        if len(fixed) == 2:
            return (
                f"{_names.identifier(f'urn:epc:id:{scheme}:{body}').partition('/21/')[0]}/{key}/%"
            )
        return f"{lead}01/_{fixed[0] if fixed else ''}%/{key}/%"
    keys = {"sscc": "00/_", "sgln": "414/", "pgln": "417/", "giai": "8004/", "grai": "8003/0",
            "gdti": "253/", "gsrn": "8018/"}  # fmt: skip
    if scheme not in keys:
        raise QueryParameterInvalid(name="MATCH", reason=f"不支持 {scheme} 的模式")
    return f"{lead}{keys[scheme]}{''.join(fixed)}%"


_READERS: dict[str, Callable[[str, str, Any, Names], Found]] = {
    "MATCH": _match, "WD": _within, "HASATTR": _has_attribute, "EXISTS": _exists,
    "EQ": _compare, "GT": _compare, "GE": _compare, "LT": _compare, "LE": _compare,
}  # fmt: skip
