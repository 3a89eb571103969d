"""我买这台能补多少？ Anyone may ask, and gets the amount, the clause and the working."""

import pytest

from huanxin.kernel import clock
from tests import given_citizen, given_policy
from tests.given_citizen import NOW

pytestmark = pytest.mark.django_db
FRIDGE = {"category": "refrigerator", "grade": "1", "price": "4,939.00"}


@pytest.fixture(autouse=True)
def _policies():
    given_policy.policies()
    with clock.standing_at(NOW):
        yield


def ask(client, **changes):
    return client.get("/ask", FRIDGE | changes)


def test_the_amount_comes_first_then_the_clause_and_every_condition(client):
    answer = ask(client)
    page = answer.content.decode()
    decision = answer.context["answer"]["decision"]
    assert "740<small>.85" in page
    assert decision.sentence in page
    assert decision.clause in page
    assert decision.version_hash[:16] in page
    for condition in decision.conditions:
        assert condition.name in page
    assert "¥4,198.15" in page


def test_a_refusal_says_what_why_and_what_to_do(client):
    page = ask(client, grade="3").content.decode()
    assert 'data-code="R201"' in page
    assert all(word in page for word in ("原因", "依据", "怎么办"))
    assert "money large" not in page


def test_a_price_above_the_ceiling_is_told_so(client):
    page = ask(client, category="phone", price="6000.01").content.decode()
    assert 'data-code="R203"' in page
    assert "500<small>.00" in ask(client, category="phone", price="6000").content.decode()


def test_things_without_a_grade_are_not_asked_for_one(client):
    assert "能效（水效）等级" in client.get("/ask").content.decode()
    assert "能效（水效）等级" not in client.get("/ask", {"category": "phone"}).content.decode()


@pytest.mark.parametrize("price", ["一千", "0", "12.345", "99999999"])
def test_what_is_no_price_is_said_beside_the_field_and_kept(client, price):
    answer = ask(client, price=price)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{price}"' in page
    assert answer.context["price_error"]
    assert answer.context["answer"] is None


def test_the_part_for_script_is_a_piece_of_the_page(client):
    part = client.get("/ask", FRIDGE, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert part.strip() in ask(client).content.decode()


def test_an_unknown_category_asks_again(client):
    answer = ask(client, category="tractor")
    assert answer.status_code == 200
    assert answer.context["answer"] is None


def test_nobody_has_to_sign_in_to_ask_or_trace(client):
    given_citizen.given.regions()
    for path in ("/ask", "/trace"):
        assert client.get(path).status_code == 200
