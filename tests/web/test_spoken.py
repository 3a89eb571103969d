"""Sentences that rooms compose are said in English from their template and their facts."""

import re
from itertools import product

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from huanxin.claims import rules as claims
from huanxin.kernel import speech
from huanxin.outreach import rules as outreach
from huanxin.policy import _library, _rows, _seeds
from huanxin.project import wording
from huanxin.recycling import _shipped, rules
from huanxin.recycling.types.valuation import AgeBand, BrandTier, UnitAnswers
from huanxin.web import language, spoken

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    wording.compile_all()
    translation.trans_real._translations.clear()
    spoken.templates.cache_clear()
    spoken._said.cache_clear()


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def test_a_reason_of_a_check_is_said_with_its_own_facts():
    reason = claims.reason("R312", {"final_price_fen": 520_000, "filed_price_fen": 499_900})
    said = spoken.speak(reason.say)
    assert ("¥5,200.00" in said, "¥4,999.00" in said) == (True, True)
    assert not CHINESE.search(said)


@pytest.mark.parametrize("code", sorted(claims.reasons()))
def test_every_reason_is_said_whole_and_keeps_what_it_names(code):
    row = claims.reasons()[code]
    names = re.findall(r"\{(\w+)\}", row.say)
    facts = {name: 1200 if name.endswith("_fen") else f"X{n}7" for n, name in enumerate(names)}
    reason = claims.reason(code, facts)
    said = spoken.speak(reason.say)
    assert not CHINESE.search(said + spoken.speak(row.title) + spoken.speak(reason.do)), said
    kept = ["¥12.00" if isinstance(fact, int) else fact for fact in facts.values()]
    assert [fact for fact in kept if fact not in said] == []


@pytest.mark.parametrize("seed", _seeds.read_seeds(), ids=lambda seed: seed[0])
def test_every_decision_of_every_shipped_policy_is_said_whole(seed):
    """On all the rows that a person computed by hand, with every condition beside it."""
    name, text, rows = seed
    policy, _ = _library.compiled(name.removesuffix(".yaml"), text)
    left = set()
    for result in _rows.run(policy, _rows.read_rows(name, rows)[0]):
        decision = result.decision
        texts = [decision.sentence]
        texts += [text for c in decision.conditions for text in (c.name, c.wanted, c.value)]
        left |= {said for text in texts if CHINESE.search(said := spoken.speak(text))}
        assert amounts(spoken.speak(decision.sentence)) == amounts(decision.sentence)
    assert left == set()


def amounts(text: str) -> list[str]:
    return sorted(re.findall(r"¥[\d,.]*\d|\d+(?:\.\d+)?%", text))


def test_every_step_of_a_valuation_is_said_whole():
    standard = rules.read_standard(list(_shipped.standards("valuation"))[-1][1])
    left = set()
    for category, kind in product(standard.bases, ("", "variants", "questions")):
        left |= {
            said
            for reason in rules.value_unit(
                standard, answers(standard, category, kind), "冰箱"
            ).reasons
            if CHINESE.search(said := spoken.speak(reason.sentence))
        }
    assert left == set()


def answers(standard, category, kind):
    variants = standard.variants.get(category)
    asks = standard.questions.get(category, ()) if kind == "questions" else ()
    return UnitAnswers(
        category_code=category, age_band=AgeBand.OVER_8, is_working=not kind, is_complete=True,
        brand_tier=BrandTier.LOW,
        variant=next(iter(variants.options)) if variants and kind == "variants" else "",
        details=tuple((ask.id, next(iter(ask.options))) for ask in asks),
    )  # fmt: skip


def test_every_message_is_said_whole():
    facts = {name: "7" for words in outreach.WORDS.values() for name in names_in(words.text)}
    for words in outreach.WORDS.values():
        for text in (words.title, words.text.format_map(facts)):
            assert not CHINESE.search(spoken.speak(text)), text


def names_in(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)


def test_what_no_catalogue_knows_is_data_and_stays():
    for text in ("东昌府湖畔家电商场（演示）", "约好上午来，下午才到，也没有电话说明。", "王*英"):
        assert spoken.speak(text) == text


def test_a_page_speaks_but_not_in_scripts_nor_in_what_was_typed():
    page = (
        '<script>x = "冰箱"</script><p title="冰箱">冰箱</p><input value="冰箱">'
        "<textarea>冰箱</textarea><td>莘县东关 &amp; 冰箱</td>"
    )
    assert spoken.speak_html(page) == (
        '<script>x = "冰箱"</script><p title="Fridge">Fridge</p><input value="冰箱">'
        "<textarea>冰箱</textarea><td>莘县东关 &amp; 冰箱</td>"
    )


def test_a_fact_is_never_read_as_markup():
    assert (
        spoken.speak_html("<p>“&lt;b&gt;”已取消：停电。</p>")
        == "<p>“&lt;b&gt;” is called off: 停电.</p>"
    )


def test_control_in_chinese_nothing_is_changed():
    with translation.override("zh-hans"):
        assert spoken.speak("冰箱") == "冰箱"
        assert speech.said("按{word}", word="冰箱") == "按冰箱"


@pytest.mark.parametrize(("kind", "said"), [("text/html", "Fridge"), ("text/csv", "冰箱")])
def test_only_pages_are_spoken_not_files(kind, said):
    request = RequestFactory().get("/")
    request.COOKIES["language"] = "en"
    answer = HttpResponse("<p>冰箱</p>", content_type=kind)
    spoke = language.chosen_language(lambda _: answer)(request)
    assert spoke.content.decode() == f"<p>{said}</p>"
