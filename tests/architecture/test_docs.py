"""The documents that name code are held to the code."""

import re
from pathlib import Path

import pytest

from huanxin.project import docs

ROOT = Path(__file__).parents[2]


def test_every_refusal_is_in_the_error_catalogue():
    assert docs.ERRORS_PAGE.read_text() == docs.errors_page(), "run `make docs`"


@pytest.mark.parametrize("code", docs.refusals())
def test_a_refusal_says_what_happened_and_what_to_do(code):
    kind = docs.refusals()[code]
    assert kind.say.endswith(("。", "}")), "what happened, a whole Chinese sentence"
    assert kind.do.endswith("。"), "what to do next, a whole Chinese sentence"
    assert "！" not in kind.say + kind.do, "no exclamation marks"


def test_every_glossary_word_is_one_word_in_the_code_and_used_there():
    glossary = (ROOT / "docs/glossary.md").read_text()
    rows = re.findall(r"^\| ([^|`]+) \| `([^`]+)` \|", glossary, re.MULTILINE)
    assert len(rows) > 60
    chinese, english = [row[0].strip() for row in rows], [row[1] for row in rows]
    assert len(set(chinese)) == len(chinese), "one English word per Chinese term"
    assert len(set(english)) == len(english), "one Chinese term per English word"
    source = "\n".join(
        path.read_text()
        for suffix in ("*.py", "*.sql", "*.yaml", "*.csv")
        for path in (ROOT / "src").rglob(suffix)
    )
    unused = [word for word in english if not re.search(rf"\b{re.escape(word)}", source)]
    assert not unused, f"the glossary names words the code does not use: {unused}"


def test_documents_link_only_to_files_that_exist():
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_every_decision_record_is_short_and_titled_by_its_decision():
    for page in sorted((ROOT / "docs/adr").glob("*.md")):
        text = page.read_text()
        number = int(page.name[:3])
        assert text.startswith(f"# {number}. "), f"{page.name}: '# {number}. <decision>'"
        assert text.count("\n") <= 30, f"{page.name}: ten lines say it, thirty hide it"
