"""Chinese is the source language, and every word of it can be said in another."""

import re
from pathlib import Path

import pytest

import huanxin.web

TEMPLATES = Path(huanxin.web.__file__).parent / "templates"
SHARED = (
    "components",
    "public",
    "citizen",
    "station",
    "recycler",
    "dismantler",
    "merchant",
    "console",
    "messages",
)
# The gallery is a specimen sheet; broken.html must not need the translation machinery.
EXEMPT = {"gallery_phone.html", "gallery_console.html", "gallery_wall.html", "broken.html"}
EXEMPT |= {"language_toggle.html"}  # each language is named in itself
TAG = re.compile(
    r"{% blocktranslate.*?{% endblocktranslate %}|{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->", re.S
)
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def translated_templates() -> list[Path]:
    paths = sorted(TEMPLATES.glob("*.html"))
    for folder in SHARED:
        paths += sorted((TEMPLATES / folder).rglob("*.html"))
    return [path for path in paths if path.name not in EXEMPT]


@pytest.mark.parametrize("path", translated_templates(), ids=lambda p: p.name)
def test_what_people_read_can_be_translated(path):
    bare = TAG.sub("", path.read_text(encoding="utf-8"))
    assert CHINESE.findall(bare) == []


def test_the_search_for_bare_words_finds_one():
    assert CHINESE.findall(TAG.sub("", "<p>{% translate '好' %}坏</p>")) == ["坏"]


def test_a_page_names_the_language_it_is_written_in(client, db):
    for wanted in ("zh-CN", "en", "de"):
        page = client.get("/login", headers={"Accept-Language": wanted}).content.decode()
        assert '<html lang="zh-CN"' in page
