"""What rooms say in Chinese, said in the reader's language where it leaves the house.

A decision keeps the words it was made with: they are stored, hashed and paid by. So nothing below
is asked to speak otherwise. A sentence is recognised by its template in the catalogue, its facts
are taken out, and the template's English is filled with them (docs/adr/182). What no catalogue
knows is data, and stays as it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape, unescape
from pathlib import Path

from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FACT = re.compile(r"\{(\w+)[^{}]*\}")
_SAID = re.compile(
    r"(?:^|[ (“])[a-z]{2,}(?:[ ,.:)]|$)|^[A-Z][a-z]+[ :]"
)  # English that holds facts
_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
# Between things of a list, the widest apart first; around a reason's code; after a document.
_LISTED = [
    re.compile(f"({mark})")
    for mark in (" · ", "；", "，", "、", "：", r"(?<=R\d{3}) | (?=R\d{3})", "(?<=[）》号]) ")
]
_WIDE = re.compile(
    r"[\u4e00-\u9fff][\u4e00-\u9fff\dA-Za-z（）、， ]*[\u4e00-\u9fff）]"
)  # 10 kg within
_SPAN = re.compile(r"\d*[\u4e00-\u9fff][\u4e00-\u9fff\d（）《》“”〔〕、]*")
_STOPS = {"、": ", ", "；": "; ", "，": ", ", "：": ": "}
_WRITTEN = {"，", "；", "："}  # in what somebody wrote a word may be known by chance
_TYPED = {"n": r"-?[\d,.]+%?", "yuan": r"-?¥[\d,.]+", "on": r"\d{4}-\d\d-\d\d"}
_KEPT = 4096
# Text between tags, and what is read out of attributes; not scripts, what someone typed, or what
# must be typed as it stands.
_HTML = re.compile(
    r"<(?:script|style|textarea|pre)\b.*?</(?:script|style|textarea|pre)>"
    r'|<(?P<tag>\w+)\b[^>]*\stranslate="no".*?</(?P=tag)>'
    r"|>(?P<text>[^<]*[\u4e00-\u9fff][^<]*)(?=<)"
    r'|\b(?P<name>aria-label|alt|title|data-label|placeholder)="(?P<value>[^"]*[\u4e00-\u9fff][^"]*)"',
    re.DOTALL,
)


def language() -> str:
    """The language of whoever is being answered; Chinese for workers."""
    return translation.get_language() or settings.LANGUAGE_CODE


def speak(text: str) -> str:
    """A Chinese text in the reader's language, as far as a catalogue knows it."""
    if (code := language()) == settings.LANGUAGE_CODE or not _CHINESE.search(text):
        return text
    return _said(text, code)


def speak_html(page: str) -> str:
    """A page whose texts are said in the reader's language; its scripts and fields stay."""
    return _HTML.sub(_replaced, page)


def _replaced(found: re.Match[str]) -> str:
    if (text := found["text"]) is not None:
        said = speak(plain := unescape(text))
        return found[0] if said == plain else f">{escape(said, quote=False)}"
    if (value := found["value"]) is not None:
        said = speak(plain := unescape(value))
        return found[0] if said == plain else f'{found["name"]}="{escape(said)}"'
    return found[0]


@lru_cache(_KEPT)
def _said(text: str, language: str) -> str:
    core = text.strip(" \n\t·")
    lead, _, tail = text.partition(core)
    return f"{lead}{_core(core, language)}{tail}"


def _core(core: str, language: str) -> str:
    ways: tuple[Callable[[str, str], str | None], ...] = (
        _whole, _composed, _sentences, _within, _listed,
    )  # fmt: skip
    return next((said for way in ways if (said := way(core, language)) is not None), core)


def _whole(text: str, _language: str) -> str | None:
    if (said := gettext(text)) != text:
        return said
    body = text.removesuffix("。")
    return f"{said}." if body != text and (said := gettext(body)) != body else None


def _composed(text: str, language: str) -> str | None:
    """By a template: its facts are said in turn and put into the template's other language."""
    for template in templates(language):
        if template.opening in text and (found := template.pattern.fullmatch(text)):
            facts = {name: speak(fact) for name, fact in found.groupdict().items()}
            said = _filled(gettext(template.text), facts).rstrip(".")
            return f"{said}." if text.endswith("。") else said
    return None


def _sentences(text: str, _language: str) -> str | None:
    """Sentence by sentence; one alone is tried without its full stop."""
    parts = [part for part in text.split("。") if part]
    if len(parts) == 1 and parts[0] != text:
        said = speak(parts[0])
        return f"{said}." if said != parts[0] else None
    return " ".join(speak(f"{part}。") for part in parts) if len(parts) > 1 else None


def _listed(text: str, _language: str) -> str | None:
    """A list whose things are said one by one; where one is data, marks stay as they were."""
    for listed in _LISTED:
        parts = listed.split(text)
        said = [speak(part) for part in parts[::2]] if len(parts) > 1 else parts
        if said == parts[::2]:
            continue
        is_whole = not any(_CHINESE.search(part) for part in said)
        if not is_whole and parts[1] in _WRITTEN:
            return None
        marks = [_STOPS.get(mark, mark) if is_whole else mark for mark in parts[1::2]]
        return "".join(a + b for a, b in zip(said, [*marks, ""], strict=True))
    return None


def _within(text: str, _language: str) -> str | None:
    """Known words within a sentence that is said already."""
    if not _SAID.search(text):
        return None
    said = _SPAN.sub(_span, _WIDE.sub(lambda w: w[0] if w[0] == text else speak(w[0]), text))
    return said if said != text else None


def _span(found: re.Match[str]) -> str:
    whole = found[0]
    return said if (said := speak(whole)) != whole else _RUN.sub(lambda run: speak(run[0]), whole)


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with places for facts, and how to find it: a piece it must have, its pattern."""

    text: str
    opening: str
    pattern: re.Pattern[str]


@cache
def templates(language: str) -> tuple[Template, ...]:
    """Every sentence with facts that the rooms' catalogue has, the most particular ones first."""
    found = [_template(text) for text in _texts(language)]
    return tuple(sorted(found, key=lambda one: -len(_FACT.sub("", one.text))))


def _texts(language: str) -> Iterator[str]:
    for folder in settings.LOCALE_PATHS:
        path = Path(folder) / language / "LC_MESSAGES" / "django.mo"
        if path.exists():
            with path.open("rb") as file:
                ids = [message.id for message in read_mo(file)]
            texts = [said if isinstance(said, str) else said[0] for said in ids]
            yield from (text for text in texts if _is_template(text))


def _is_template(text: str) -> bool:
    """Facts, and enough between them: what has none could be anything."""
    names, words = _FACT.findall(text), _CHINESE.findall(_FACT.sub("", text))
    is_typed = all(name.rstrip("0123456789") in _TYPED for name in names)
    return bool(names) and len(words) >= (1 if is_typed else 2)


def _template(text: str) -> Template:
    pieces, seen = list[str](), set[str]()
    at = 0
    body = text.rstrip("。")
    for fact in _FACT.finditer(body):
        pieces.append(re.escape(body[at : fact.start()]))
        name = fact[1]
        kind = _TYPED.get(name.rstrip("0123456789"), "[^。]*?")
        pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>{kind})")
        seen.add(name)
        at = fact.end()
    pieces.append(re.escape(body[at:]) + "。?")
    opening = max(_FACT.sub("\0", body).split("\0"), key=len)
    return Template(text, opening, re.compile("".join(pieces), re.DOTALL))


def _filled(template: str, facts: dict[str, str]) -> str:
    return _FACT.sub(lambda fact: facts.get(fact[1], fact[0]), template)
