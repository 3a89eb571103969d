"""The shipped policies work on files alone: no test here has a database."""

from huanxin.catalogue import selectors as catalogue
from huanxin.policy import selectors
from tests.given_policy import case


def test_a_quote_by_the_shipped_policies_needs_no_database():
    decision = selectors.quote_shipped(case())

    assert (decision.amount_fen, decision.policy_id) == (74_085, "appliances-2026")
    assert selectors.shipped_limit("appliances-2025", "air_conditioner").count == 3
    assert selectors.shipped_limit("appliances-2026", "air_conditioner").count == 1


def test_the_shipped_categories_need_no_database():
    shipped = {category.code: category for category in catalogue.shipped_categories()}

    assert len(shipped) == 42
    assert shipped["refrigerator"].name == "冰箱"
