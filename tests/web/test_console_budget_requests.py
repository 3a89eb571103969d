"""A large move of public money through the pages: handed in, seen by another officer, decided."""

from uuid import uuid4

import pytest
from django.urls import reverse

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers import selectors
from huanxin.vouchers.models import BudgetRequest
from tests import given, given_claims, given_vouchers
from tests import given_budgets as money
from tests.given_budgets import CITY, COUNTY
from tests.given_vouchers import PROGRAMME
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
LIST = "console:budget_requests"


@pytest.fixture(autouse=True)
def _in_force(settings):
    settings.HUANXIN_BUDGET_ALONE_FEN = 5_000
    given_claims.rules_in_force()
    with clock.standing_at(given_vouchers.OPENS):
        money.money(CITY)
        yield


def officer(role=Role.OPERATOR, region_path=given.CITY_PATH):
    return visitor(role, region_path=region_path)[0]


def typed(**changes):
    return {
        "programme": PROGRAMME, "region_code": COUNTY, "amount_fen": "60.00", "fund": "",
        "document": "聊商财〔2026〕8号", "request_id": str(uuid4()), **changes,
    }  # fmt: skip


def hand_in(client, verb="allocate", **changes):
    return client.post(reverse("console:propose_budget", args=[verb]), typed(**changes))


def decide(client, answer, note="已核对指标文"):
    [row] = BudgetRequest.objects.filter(is_approved=None)
    url = reverse("console:decide_budget", args=[row.id])
    return client.post(url, {"answer": answer, "note": note})


def test_one_hands_in_another_approves_and_the_money_is_there():
    one, other = officer(), officer()
    sent = typed()
    refused = one.post(reverse("console:moved_budget", args=["allocate"]), sent)
    assert refused.status_code == 409
    assert 'data-code="vouchers.too_much_alone"' in refused.content.decode()
    assert "60.00" in refused.content.decode()  # what was typed is kept

    assert one.post(reverse("console:propose_budget", args=["allocate"]), sent).status_code == 302
    one.post(reverse("console:propose_budget", args=["allocate"]), sent)  # a repeat
    mine = text_of(one.get(reverse(LIST)))
    assert "须由另一位同事处理" in mine
    assert decide(one, "approve").status_code == 403
    assert money.free_fen(COUNTY) == 0

    assert "批准并入账" in text_of(other.get(reverse(LIST)))
    assert "（1）" in text_of(other.get(reverse("console:budgets")))
    assert decide(other, "approve").status_code == 302
    assert money.free_fen(COUNTY) == 6_000
    assert "已批准" in text_of(other.get(reverse(LIST)))


def test_treasury_money_is_handed_in_fund_by_fund_and_may_be_sent_back():
    sent = {"central": "80.00", "city": "20.00", "amount_fen": ""}
    assert hand_in(officer(), "give", **sent).status_code == 302
    [card] = selectors.list_budget_requests(money.city().scope)
    assert card.move.shares_fen == {"central": 8_000, "city": 2_000}
    assert decide(officer(), "decline", "文号不符").status_code == 302
    assert "文号不符" in text_of(officer().get(reverse(LIST)))
    assert money.free_fen(COUNTY) == 0


def test_without_a_document_nothing_is_handed_in():
    answer = hand_in(officer(), document="")
    assert answer.status_code == 422
    assert 'data-code="vouchers.reference_missing"' in answer.content.decode()
    assert not BudgetRequest.objects.exists()


@pytest.mark.parametrize("role", [Role.FINANCE_OFFICER, Role.REVIEWER])
def test_who_may_not_give_budgets_sees_and_decides_none(role):
    hand_in(officer())
    client = officer(role)
    assert client.get(reverse(LIST)).status_code == 403
    assert decide(client, "approve").status_code == 403
    assert hand_in(client).status_code == 403
    assert hand_in(officer(), "burn").status_code == 404
