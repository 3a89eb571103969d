"""The format of a policy file as JSON Schema, made from the same words that the reader knows.

It says what a file may look like; what must be true of it besides (no overlap, no gap, whole
shares, a row for every threshold) only `huanxin policy check` can tell.
"""

from enum import StrEnum
from typing import Any

from huanxin.policy import _words
from huanxin.policy._ast import Rounding
from huanxin.policy._words import FactKind
from huanxin.policy.types import Evidence, LimitOver, LimitPer, PriceBasis, VoucherEvent

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string", "minLength": 1}
_FEN: Schema = {"type": "integer", "minimum": 1, "description": "整数，单位分"}
_BPS: Schema = {"type": "integer", "minimum": 1, "maximum": 10_000, "description": "万分之几"}
_DAY: Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
_CONDITIONS: Schema = {"$ref": "#/$defs/conditions"}
_OPS = ("min", "max", "above", "below")


def file_schema() -> Schema:
    """The whole file."""
    properties = {
        "id": _TEXT | {"pattern": "^[a-z0-9-]+$"},
        "title": _TEXT,
        "follows": _TEXT,
        "gap": _TEXT,
        "sources": _list(_citation()),
        "from": _DAY,
        "to": _DAY | {"description": "不含当日"},
        "region": _TEXT | {"pattern": r"^\d{6}$"},
        "price_basis": _choice(PriceBasis),
        "funds": _list(_map(
            {"fund": _TEXT, "share_bps": _BPS | {"minimum": 0}, "assumed": {"type": "boolean"}},
            ("fund", "share_bps"),
        )),
        "assumptions": _list(_map({"key": _TEXT, "why": _TEXT}, ("key", "why"))),
        "requires": _CONDITIONS,
        "voucher": _voucher(),
        "lines": _list(_line()),
        "fallback": _map(
            {name: _refusal() for name in _words.facts()}, ()
        ),
    }  # fmt: skip
    needed = (
        "id", "title", "sources", "from", "to", "region", "price_basis", "lines", "fallback",
    )  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "焕新政策文件",
        **_map(properties, needed),
        "$defs": {"conditions": _conditions()},
    }


def _line() -> Schema:
    properties = {
        "id": _TEXT,
        "title": _TEXT,
        "categories": _list(_TEXT),
        "when": _CONDITIONS,
        "subsidy": {"oneOf": _subsidies()},
        "within": _map(
            {"total_fen": _FEN, "used": {"enum": _named(FactKind.FEN)}}, ("total_fen", "used")
        ),
        "limit": _map(
            {
                "per": _choice(LimitPer),
                "count": {"type": "integer", "minimum": 1, "maximum": 1000},
                "over": _choice(LimitOver),
                "count_by_category": {
                    "type": "object",
                    "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 1000},
                },
            },
            ("per", "count", "over"),
        ),
        "evidence": _list(_choice(Evidence)),
        "source": _citation(),
    }
    return _map(properties, ("id", "title", "categories", "subsidy", "limit", "evidence", "source"))


def _subsidies() -> list[Schema]:
    step = _map({"up_to_fen": _FEN, "amount_fen": _FEN}, ("amount_fen",))
    rate = {"rate_bps": _BPS, "cap_fen": _FEN, "rounding": _choice(Rounding)}
    return [
        _map(rate, tuple(rate)) | {"title": "比例加限额"},
        _map({"amount_fen": _FEN}, ("amount_fen",)) | {"title": "定额"},
        _map({"tiers": _list(step)}, ("tiers",)) | {"title": "按价格分档"},
        _map({"admit": {"const": True}}, ("admit",)) | {"title": "准入，不涉及金额"},
    ]


def _voucher() -> Schema:
    state = {"enum": list(_words.voucher_states())}
    move = {"event": _choice(VoucherEvent), "from": state, "to": state}
    properties = {
        "first": state,
        "moves": _list(_map(move, tuple(move))),
        "moves_after_end": _list(_choice(VoucherEvent)),
        "valid_days": {"type": "integer", "minimum": 1, "maximum": 3660},
    }
    return _map(properties, ("first", "moves"))


def _conditions() -> Schema:
    return _map({name: _condition(name) for name in _words.facts()}, ())


def _condition(name: str) -> Schema:
    fact = _words.facts()[name]
    value = _value(fact)
    bound = {"oneOf": [value, _table(value)]}
    bounds = {
        "type": "object",
        "patternProperties": {f"^({'|'.join(_OPS)})$": bound},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {
        "description": f"{fact.label}：{fact.meaning}",
        "oneOf": [value, _list(value), bounds],
    }


def _table(value: Schema) -> Schema:
    """A bound that depends on another fact, as a date on the fuel."""
    return {
        "type": "object",
        "properties": {"by": {"enum": _named(FactKind.CHOICE)}},
        "required": ["by"],
        "additionalProperties": value,
    }


def _value(fact: _words.FactName) -> Schema:
    if fact.kind is FactKind.CHOICE:
        return {"enum": list(fact.options)}
    kinds: dict[FactKind, Schema] = {
        FactKind.FLAG: {"type": "boolean"},
        FactKind.DATE: _DAY,
        FactKind.GRADE: {"type": "integer", "minimum": 1, "maximum": 5},
    }
    return kinds.get(fact.kind, {"type": "integer"})


def _named(kind: FactKind) -> list[str]:
    return [name for name, fact in _words.facts().items() if fact.kind is kind]


def _refusal() -> Schema:
    return _map({"reason": {"enum": list(_words.reasons())}, "say": _TEXT}, ("reason", "say"))


def _citation() -> Schema:
    return _map({"document": _TEXT, "clause": _TEXT}, ("document", "clause"))


def _choice(kind: type[StrEnum]) -> Schema:
    return {"enum": [member.value for member in kind]}


def _list(item: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "items": item}


def _map(properties: Schema, needed: tuple[str, ...]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(needed),
        "additionalProperties": False,
    }
