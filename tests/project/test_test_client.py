"""The test tools themselves: a page that names something unknown must fail its test."""

import pytest
from django.template import engines

from tests.conftest import UnknownName


def render(source: str, **names: object) -> str:
    return engines["django"].from_string(source).render(names)


def test_an_unknown_name_in_a_page_fails():
    with pytest.raises(UnknownName, match="total_fen"):
        render("{{ total_fen }}")
    with pytest.raises(UnknownName, match=r"sale\.price"):
        render("{{ sale.price }}", sale={"fen": 1})
    with pytest.raises(UnknownName, match="rows"):
        render("{% for row in rows %}{{ row }}{% endfor %}")


def test_a_page_may_ask_whether_something_is_there():
    assert render("{% if voucher %}有{% else %}无{% endif %}") == "无"
    assert render("{{ note|default:'无' }}") == "无"
    assert render("{{ price }}", price="¥1.00") == "¥1.00"
