"""Names in JSON-LD documents, resolved without a network. Pure.

Of a document's @context only its prefixes matter here: GS1's own context is known and built in,
any other remote context is kept as it was sent and never fetched.
"""

import csv
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from huanxin.trace import _gs1

Names = Mapping[str, str]

STANDARD_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_CBV = "https://ref.gs1.org/cbv/"
_PREFIXES = {
    "cbv": _CBV,
    "gs1": "https://gs1.org/voc/",
    "epcis": "https://ref.gs1.org/epcis/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "dcterms": "http://purl.org/dc/terms/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
}
_KIND_PREFIX = {
    "bizStep": "BizStep-", "disposition": "Disp-", "bizTransaction": "BTT-", "party": "SDT-",
    "errorReason": "ER-", "component": "Comp-",
}  # fmt: skip
_KIND_URN = {
    "bizStep": "bizstep", "disposition": "disp", "bizTransaction": "btt", "party": "sdt",
    "errorReason": "er", "component": "comp",
}  # fmt: skip


@cache
def words(kind: str) -> frozenset[str]:
    """The CBV's bare words of a kind."""
    source = resources.files("huanxin.trace").joinpath("data/cbv.csv").read_text("utf-8")
    return frozenset(row["word"] for row in csv.DictReader(source.splitlines())
                     if row["kind"] == kind)  # fmt: skip


def context_parts(*contexts: Any) -> list[Any]:
    """What a document declares beyond GS1's own context, in order, each once."""
    parts: list[Any] = []
    for context in contexts:
        for part in context if isinstance(context, list) else [context]:
            if part and not _is_standard(part) and part not in parts:
                parts.append(part)
    return parts


def prefixes(parts: Iterable[Any]) -> dict[str, str]:
    """Prefix to namespace of the parts that are written out; the last one wins."""
    names: dict[str, str] = {}
    for part in parts:
        if isinstance(part, dict):
            for prefix, value in part.items():
                target = value.get("@id") if isinstance(value, dict) else value
                if isinstance(target, str) and not prefix.startswith("@"):
                    names[prefix] = target
    return names


def parse_extensions(header: str) -> dict[str, str]:
    """GS1-Extensions: `prefix=namespace` pairs, comma separated.

    >>> parse_extensions("hx=https://ns.example/, b=urn:b:")
    {'hx': 'https://ns.example/', 'b': 'urn:b:'}
    """
    pairs = (pair.strip().partition("=") for pair in header.split(",") if "=" in pair)
    return {prefix.strip(): target.strip() for prefix, _, target in pairs}


def expand(text: str, names: Names) -> str:
    """A CURIE written out; anything else unchanged.

    >>> expand("ex:grade", {"ex": "https://ns.example/"}), expand("urn:a:b", {})
    ('https://ns.example/grade', 'urn:a:b')
    """
    prefix, colon, local = text.partition(":")
    if not colon or local.startswith("//"):
        return text
    target = names.get(prefix) or _PREFIXES.get(prefix)
    return target + local if target else text


def word(kind: str, text: str, names: Names) -> str:
    """A vocabulary term as it is stored: a CBV term bare, any other as a full IRI.

    >>> word("bizStep", "cbv:BizStep-shipping", {}), word("bizStep", "https://a.example/x", {})
    ('shipping', 'https://a.example/x')
    """
    if ":" not in text:
        return text
    full = expand(text, names)
    lead = _CBV + _KIND_PREFIX.get(kind, "-")
    urn = f"urn:epcglobal:cbv:{_KIND_URN.get(kind, '-')}:"
    if kind in {"measurement", "alert"}:
        lead = _PREFIXES["gs1"]
    for start in (lead, urn):
        if full.startswith(start):
            return full.removeprefix(start)
    return full


@lru_cache(maxsize=65_536)
def identifier(text: str) -> str:
    """An identifier in the one form that is stored and compared."""
    return _gs1.canonical(text.strip())


def _is_standard(part: Any) -> bool:
    return isinstance(part, str) and part.startswith(
        ("https://ref.gs1.org/standards/epcis/", "https://gs1.github.io/EPCIS/",
         "http://ref.gs1.org/standards/epcis/")
    )  # fmt: skip
