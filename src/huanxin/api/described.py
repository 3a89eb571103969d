"""The OpenAPI document with one meaning a name.

django-ninja files every shape under its class's bare name and lets the last one win: two rooms'
`NewSale` would be described as one. Here a shape that differs from its namesake gets a number.
"""

import json
from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

_PREFIX = "#/components/schemas/"


class Described(OpenAPISchema):
    """Collects the shapes of all operations; each is filed by what it says, not by name alone."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        self._filed: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        self._names: dict[str, str] = {}
        super().__init__(api, path_prefix)

    def _create_schema_from_model(self, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], bool]:
        self._names = {}
        schema, required = super()._create_schema_from_model(*args, **kwargs)
        return _renamed(schema, self._names), required

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name in definitions:
            said = json.dumps(_whole(name, definitions), sort_keys=True, default=str)
            self._names[name] = self._filed.setdefault((name, said), self._free(name, said))
        for name, definition in definitions.items():
            self.schemas[self._names[name]] = _renamed(definition, self._names)

    def _free(self, name: str, said: str) -> str:
        if (name, said) in self._filed:
            return self._filed[name, said]
        number, free = 1, name
        while free in self._taken:
            number += 1
            free = f"{name}{number}"
        self._taken.add(free)
        return free


class Api(NinjaAPI):
    """The API, described so."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return Described(self, prefix)


def _whole(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """A definition with everything it refers to, by name."""
    found: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found and one in definitions:
            found[one] = definitions[one]
            waiting += _references(definitions[one])
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref" and isinstance(inner, str):
                yield inner.removeprefix(_PREFIX)
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: _PREFIX + names.get(inner.removeprefix(_PREFIX), inner.removeprefix(_PREFIX))
            if key == "$ref" and isinstance(inner, str)
            else _renamed(inner, names)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    return value
