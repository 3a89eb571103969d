"""The Python client, written from the OpenAPI document: one file, standard library only. Pure.

A method an operation, named by its operation id, with typed keyword arguments and the answer's
shape as a TypedDict. docs/api.md shows it; `GET /api/v1/client.py` hands it out.
"""

import keyword
import re
from collections.abc import Iterator
from typing import Any

from huanxin.api.client_head import HEAD

Schema = dict[str, Any]
_SIMPLE = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}
_IDEMPOTENCY = "Idempotency-Key"


def client_source(document: Schema) -> str:
    """The module's text; the same document always gives the same text."""
    schemas = document.get("components", {}).get("schemas", {})
    shapes = [_shape(name, schema) for name, schema in sorted(schemas.items())]
    methods = [_method(*operation) for operation in _operations(document)]
    head = HEAD.replace("API_VERSION", str(document["info"]["version"]))
    return "\n\n".join([head.rstrip(), *shapes, _client(methods)]) + "\n"


def method_name(path: str, verb: str, operation: Schema) -> str:
    """A name people can guess: the operation id without the module it stands in.

    >>> method_name("/api/v1/claims", "get",
    ...             {"operationId": "huanxin_api_routers_claims_list_claims"})
    'claims_list_claims'
    """
    given = str(operation.get("operationId") or f"{verb}_{path}")
    return _identifier(re.sub(r"^huanxin_api_(routers_|v1_)?", "", given))


def _operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def _client(methods: list[str]) -> str:
    return 'class Client(Connection):\n    """One method an operation of the API."""\n\n' + (
        "\n\n".join(methods)
    )


def _shape(name: str, schema: Schema) -> str:
    """A schema as a TypedDict, or as an alias where it is no object."""
    title = _identifier(name)
    if schema.get("type") != "object" or not schema.get("properties"):
        return f"{title} = {_type(schema, quote=False)}"
    required = set(schema.get("required", []))
    lines = [
        f'    "{key}": "{_type(field) if key in required else _not_required(field)}",'
        for key, field in schema["properties"].items()
    ]
    return f'{title} = TypedDict("{title}", {{\n' + "\n".join(lines) + "\n}, total=True)"


def _not_required(field: Schema) -> str:
    return f"NotRequired[{_type(field)}]"


def _method(path: str, verb: str, operation: Schema) -> str:
    parameters = operation.get("parameters", [])
    body = operation.get("requestBody", {}).get("content", {})
    arguments = [_argument(one) for one in parameters if one["name"] != _IDEMPOTENCY]
    wanted = [text for text, needed in arguments if needed]
    optional = [text for text, needed in arguments if not needed]
    is_form = "multipart/form-data" in body
    if is_form:
        wanted.append("file: tuple[str, bytes]")
    elif body:
        wanted.append(f'body: "{_type(body["application/json"]["schema"])}"')
    has_key = any(one["name"] == _IDEMPOTENCY for one in parameters)
    if has_key:
        optional.append("idempotency_key: str | None = None")
    given = ", ".join(["self", *(["*"] if wanted or optional else []), *wanted, *optional])
    answer, sent = _answer(operation), _sent(body, is_form=is_form)
    key = "idempotency_key or new_key()" if has_key else "None"
    lines = [
        f'    def {method_name(path, verb, operation)}({given}) -> "{answer}":',
        f'        """{_sentence(operation)}"""',
        f"        path = {_path(path)}",
        f"        query = {_query(parameters)}",
        f'        return self._call("{verb.upper()}", path, query, {sent}, {key})',
    ]
    return "\n".join(lines)


def _sentence(operation: Schema) -> str:
    summary = str(operation.get("summary", "")).replace('"""', "")
    return summary if summary.endswith("。") else f"{summary}。"


def _argument(parameter: Schema) -> tuple[str, bool]:
    name, needed = _identifier(parameter["name"]), bool(parameter.get("required"))
    kind = _type(parameter.get("schema", {}))
    if needed:
        return f'{name}: "{kind}"', True
    maybe = kind if kind.endswith("| None") else f"{kind} | None"
    return f'{name}: "{maybe}" = None', False


def _path(path: str) -> str:
    inner = re.sub(r"\{(\w+)\}", lambda m: "{part(" + _identifier(m[1]) + ")}", path)
    return f'f"{inner}"' if "{" in inner else f'"{inner}"'


def _query(parameters: list[Schema]) -> str:
    names = [one["name"] for one in parameters if one["in"] == "query"]
    return "{" + ", ".join(f'"{name}": {_identifier(name)}' for name in names) + "}"


def _sent(body: Schema, *, is_form: bool) -> str:
    if is_form:
        return "file"
    return "body" if body else "None"


def _answer(operation: Schema) -> str:
    for status, response in sorted(operation.get("responses", {}).items()):
        if str(status).startswith("2"):
            content = response.get("content", {})
            if "application/json" in content:
                return _type(content["application/json"]["schema"])
            return "Any"
    return "Any"


def _type(schema: Schema, *, quote: bool = True) -> str:
    """A schema as a Python type, in words that a quoted annotation takes."""
    if "$ref" in schema:
        name = _identifier(schema["$ref"].rpartition("/")[2])
        return name if quote else f'"{name}"'
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            parts = [part for one in schema[union] for part in _type(one).split(" | ")]
            kinds = dict.fromkeys(parts)
            return " | ".join(kinds)
    if "enum" in schema:
        return "Literal[" + ", ".join(repr(one) for one in schema["enum"]) + "]"
    return _plain(schema)


def _plain(schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "array":
        return f"list[{_type(schema.get('items', {}))}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_type(inner)}]" if isinstance(inner, dict) else "dict[str, Any]"
    if kind == "null":
        return "None"
    return _SIMPLE.get(str(kind), "Any")


def _identifier(text: str) -> str:
    """A Python name. Type names keep their capitals."""
    plain = re.sub(r"\W+", "_", text).strip("_")
    return f"{plain}_" if keyword.iskeyword(plain) or not plain else plain
