"""Chinese first; English for whoever asks, whole and with the same facts."""

import ast
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

import huanxin.web
from huanxin.kernel.errors import NotFound
from huanxin.project import wording

PAGES = Path(huanxin.web.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TAG = re.compile(r"""{% (?:translate|trans) (?:"([^"]+)"|'([^']+)')""")
SPOKEN = {"_", "gettext", "gettext_lazy"}


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """What an installation does; the words may have changed since."""
    wording.compile_all()
    translation.trans_real._translations.clear()


@pytest.mark.parametrize("catalogue", [wording.PAGES, wording.REFUSALS], ids=lambda p: p.parts[-5])
def test_everything_has_an_english_word_with_the_same_facts(catalogue):
    assert wording.unsaid(catalogue) == []


def test_control_a_missing_word_or_fact_is_named(tmp_path):
    broken = tmp_path / "django.po"
    broken.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "共 %(n)s 份"\nmsgstr "in all"\n\nmsgid "还没有"\nmsgstr ""\n',
        encoding="utf-8",
    )
    assert wording.unsaid(broken) == ["共 %(n)s 份", "还没有"]


def test_every_refusal_and_reason_is_in_the_catalogue():
    known = {message.id for message in wording.read(wording.REFUSALS)}
    assert set(wording.refusal_texts()) - known == set()


def test_every_word_of_the_pages_is_in_the_catalogue():
    known = {
        text
        for message in wording.read(wording.PAGES)
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    }
    said = {text for path in PAGES.rglob("*.py") for text in words_of(path)}
    for path in PAGES.rglob("*.html"):
        if "gallery" not in path.name:
            found = TAG.findall(path.read_text(encoding="utf-8"))
            said |= {(a or b).replace("%", "%%") for a, b in found}  # as Django asks
    assert len(said) > 1500
    assert said - known == set()


def words_of(path: Path):
    if "gallery" in path.name:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            first = node.args[0] if node.args else None
            is_word = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if node.func.id in SPOKEN and is_word:
                yield first.value


@pytest.mark.django_db
def test_a_browser_that_asks_for_english_gets_chinese_until_someone_chooses():
    client = Client(headers={"accept-language": "en-US,en;q=0.9"})
    page = client.get(reverse("public:login"))
    assert page["Content-Language"] == "zh-hans"
    assert "登录" in page.content.decode()
    answer = client.post(reverse("public:language"), {"language": "en", "next": "/login"})
    assert (answer.status_code, answer["Location"]) == (302, "/login")
    english = client.get("/login")
    assert english["Content-Language"] == "en"
    assert 'lang="en"' in english.content.decode()
    assert "Sign in" in english.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["fr", "", "en; drop"])
def test_a_language_we_do_not_speak_is_chinese(code):
    client = Client()
    client.post(reverse("public:language"), {"language": code})
    assert client.get(reverse("public:login"))["Content-Language"] == "zh-hans"
    client.cookies["language"] = "de"
    assert client.get(reverse("public:login"))["Content-Language"] == "zh-hans"


@pytest.mark.django_db
def test_the_choice_leads_nowhere_else():
    answer = Client().post(
        reverse("public:language"), {"language": "en", "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/"


def test_a_refusal_speaks_the_readers_language_and_the_log_keeps_chinese():
    refusal = NotFound(model="Sale", id=1)
    with translation.override("en"):
        assert not CHINESE.search(refusal.message)
        assert refusal.message.startswith("No such record")
    assert CHINESE.search(refusal.message)
    assert CHINESE.search(str(refusal))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["public:front", "public:login", "public:releases"])
def test_a_page_in_english_has_no_chinese_left_in_its_frame(name):
    client = Client()
    client.post(reverse("public:language"), {"language": "en"})
    text = re.sub(r"<[^>]+>", " ", client.get(reverse(name)).content.decode())
    left = {line.strip() for line in text.splitlines() if CHINESE.search(line)}
    assert {line for line in left if "中文" not in line} == set()
