"""The English catalogue: collected from the code, compiled for Django, held complete by a test.

    python -m huanxin.project.wording collect   new and changed texts into the .po files (gettext)
    python -m huanxin.project.wording compile   .po to .mo; done by every installation

Two catalogues: what pages say (web/locale, by Django's makemessages) and what refusals and
decisions say (project/locale, from the classes and the tables of reasons themselves).
"""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

_PACKAGE = Path(__file__).resolve().parents[1]
_WITHIN = "locale/en/LC_MESSAGES/django.po"
PAGES = _PACKAGE / "web" / _WITHIN
REFUSALS = _PACKAGE / "project" / _WITHIN
SAID = Path(__file__).parent / "data/said.txt"
_NAMED = {  # tables whose words reach pages as they stand, and their columns
    "catalogue/data/categories.csv": ("name",), "catalogue/data/families.csv": ("name",),
    "catalogue/data/materials.csv": ("name",), "catalogue/data/waste_classes.csv": ("name",),
    "exchange/data/topics.csv": ("title",), "identity/data/permissions.csv": ("title",),
    "identity/data/regions.csv": ("name",), "identity/data/roles.csv": ("title",),
    "policy/data/facts.csv": ("label", "unit"), "policy/data/parties.csv": ("name",),
    "policy/data/reasons.csv": ("title", "say"), "policy/data/voucher_states.csv": ("name",),
}  # fmt: skip
_PUBLISHED = ("policy/data/*.yaml", "recycling/data/*.yaml")
_WORDS = {"title", "say", "ask", "name", "clause"}  # what published rules call things and answer
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FACT = re.compile(r"%\(\w+\)[sd]|\{\w*[^{}]*\}")


def compile_all() -> None:
    """Lay each catalogue down as Django reads it."""
    for path in (PAGES, REFUSALS):
        path.with_suffix(".mo").write_bytes(compiled(path))


def compiled(path: Path) -> bytes:
    """A catalogue as a .mo file holds it."""
    buffer = io.BytesIO()
    write_mo(buffer, read(path))
    return buffer.getvalue()


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


def collect() -> None:
    """Bring both catalogues up to the code: new texts join untranslated, gone ones leave."""
    from django.core.management import call_command

    call_command(
        "makemessages", locale=["en"], no_obsolete=True, add_location="file", no_wrap=True,
        ignore_patterns=["public/gallery*"], verbosity=0,
    )  # fmt: skip
    known = read(REFUSALS) if REFUSALS.exists() else Catalog("en")
    fresh = Catalog("en", project="Huanxin", charset="utf-8")
    for text in sorted({*refusal_texts(), *room_texts()}):
        fresh.add(text, known[text].string if text in known else "")
    REFUSALS.parent.mkdir(parents=True, exist_ok=True)
    with REFUSALS.open("wb") as file:
        write_po(file, fresh, width=0, omit_header=False)


def refusal_texts() -> Iterator[str]:
    """What refusals and reasons say, as templates."""
    from huanxin.kernel.errors import DomainError
    from huanxin.project import docs

    kinds: list[type[DomainError]] = [
        DomainError,
        *docs.refusals().values(),
        *docs.refusals_of_pages(),
    ]
    for kind in kinds:
        yield from (kind.say, kind.do)
    table = resources.files("huanxin.claims").joinpath("data/reasons.csv")
    for row in csv.DictReader(table.read_text("utf-8").splitlines()):
        yield from (row[name] for name in ("title", "say", "do") if row[name])


def room_texts() -> Iterator[str]:
    """What rooms name and compose: shipped tables and rules, metrics, and said.txt."""
    for name, columns in _NAMED.items():
        table = (_PACKAGE / name).read_text("utf-8").splitlines()
        for row in csv.DictReader(table):
            yield from (row[column] for column in columns if _CHINESE.search(row[column]))
    for pattern in _PUBLISHED:
        for path in sorted(_PACKAGE.glob(pattern)):
            yield from _words_of(yaml.safe_load(path.read_text("utf-8")))
    from huanxin.indicators import selectors as indicators

    for metric in indicators.list_metrics():
        yield from (metric.title, metric.group, metric.grain, metric.definition, metric.source)
    lines = SAID.read_text("utf-8").splitlines()
    yield from (line for line in lines if line and not line.startswith("#"))


def _words_of(value: object, key: str = "") -> Iterator[str]:
    """The words of a published rule, wherever in it they stand."""
    if isinstance(value, dict):
        for name, inner in value.items():
            of_answers = key == "answers"
            yield from _words_of(inner, "say" if of_answers else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _words_of(inner, key)
    elif isinstance(value, str) and key in _WORDS and _CHINESE.search(value):
        yield value


def unsaid(path: Path) -> list[str]:
    """Texts without an English one, or whose English one lacks a fact or names another."""
    return [
        str(_first(message.id))
        for message in read(path)
        if message.id and (message.fuzzy or not _is_said(message))
    ]


def _is_said(message: Message) -> bool:
    said = message.string or ""
    strings = [said] if isinstance(said, str) else list(said)
    facts = _facts(message.id if isinstance(message.id, str) else message.id[-1])
    return all(text and _facts(text) == facts for text in strings)


def _facts(text: object) -> set[str]:
    return {found.split(":")[0].split("!")[0].strip("{}") for found in _FACT.findall(str(text))}


def _first(said: str | Iterable[str]) -> str:
    return said if isinstance(said, str) else next(iter(said))


if __name__ == "__main__":
    if sys.argv[1:] == ["compile"]:
        compile_all()
    elif sys.argv[1:] == ["collect"]:
        import django

        django.setup()
        collect()
    else:
        sys.exit("用法：python -m huanxin.project.wording collect|compile")
