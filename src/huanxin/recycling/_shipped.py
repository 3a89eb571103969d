"""The standards that come with the platform as YAML files in data/, each parsed once a process."""

import hashlib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import yaml


class Shipped(NamedTuple):
    """A file as it is published: its text's digest and its body as JSON keeps it."""

    digest: str
    body: dict[str, Any]


@cache
def standards(*kinds: str) -> tuple[Shipped, ...]:
    """The shipped files whose names begin with one of the kinds, oldest first."""
    folder = resources.files("huanxin.recycling").joinpath("data")
    named = tuple(f"{kind}-" for kind in kinds)
    files = sorted((f for f in folder.iterdir() if f.name.startswith(named)), key=lambda f: f.name)
    texts = [file.read_text(encoding="utf-8") for file in files]
    return tuple(
        Shipped(hashlib.sha256(text.encode()).hexdigest(), plain(yaml.safe_load(text)))
        for text in texts
    )


def plain(body: Any) -> Any:
    """YAML's dates and integer keys as JSON keeps them."""
    if isinstance(body, dict):
        return {str(key): plain(value) for key, value in body.items()}
    if isinstance(body, list):
        return [plain(value) for value in body]
    return body.isoformat() if isinstance(body, date) else body


def yaml_of(body: Any) -> str:
    """A published body as YAML, to begin the next version from."""
    return yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=100)
