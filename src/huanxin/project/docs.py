"""docs/errors.md, written from the refusals themselves so that it cannot drift."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import huanxin
from huanxin.kernel.errors import HTTP_STATUS, DomainError

ERRORS_PAGE = Path(__file__).resolve().parents[3] / "docs" / "errors.md"

_HEAD = """# 提示代码一览

平台每一次拒绝都有一个代码、一句原因和一句“怎么办”。花括号内是随情况填入的事实。
本页由 `make docs` 生成，测试保证它与代码一致。

| 代码 | HTTP | 原因 | 怎么办 |
|---|---|---|---|
"""

_MODULES = (".errors", "kernel.crypto")


def refusals() -> dict[str, type[DomainError]]:
    """Every refusal of the rooms by code. Two classes with one code are a programmer's error."""
    for room in pkgutil.iter_modules(huanxin.__path__, "huanxin."):
        for module in (room.name + ".errors", room.name + ".crypto"):
            if module.endswith(_MODULES) and importlib.util.find_spec(module):
                importlib.import_module(module)
    found: dict[str, type[DomainError]] = {}
    for kind in _subclasses(DomainError):
        # Whatever else happens to be imported (the pages' own alerts) does not change the page.
        if "code" not in vars(kind) or not kind.__module__.endswith(_MODULES):
            continue
        twin = found.setdefault(kind.code, kind)
        assert twin is kind, f"{kind.code} is used by {twin.__name__} and {kind.__name__}"
    return dict(sorted(found.items()))


def refusals_of_pages() -> list[type[DomainError]]:
    """What the pages themselves refuse: not a room's, but read by people all the same."""
    importlib.import_module("huanxin.web.urls")
    return [
        kind for kind in _subclasses(DomainError)
        if "code" in vars(kind) and kind.__module__.startswith("huanxin.web.")
    ]  # fmt: skip


def errors_page() -> str:
    """The page's text."""
    lines = (
        f"| `{code}` | {HTTP_STATUS[kind.kind]} | {kind.say} | {kind.do} |"
        for code, kind in refusals().items()
    )
    return _HEAD + "\n".join(lines) + "\n"


def write_errors_page() -> None:
    """Lay the page down in docs/."""
    ERRORS_PAGE.write_text(errors_page(), encoding="utf-8")


def _subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)
