"""The allocation tree, its forms, and the books behind every figure."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as books
from huanxin.ledger.types import AccountKind, budget_code, funder_code
from huanxin.vouchers.services import funding
from tests import given, given_claims, given_settlement, given_vouchers
from tests import given_budgets as money
from tests.given_budgets import CITY, COUNTY
from tests.given_vouchers import PROGRAMME
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
TREE = {"programme": PROGRAMME}


@pytest.fixture(autouse=True)
def _in_force():
    given_claims.rules_in_force()
    with clock.standing_at(given_vouchers.OPENS):
        yield


def officer(role=Role.OPERATOR, region_path=given.CITY_PATH):
    return visitor(role, region_path=region_path)[0]


def move_form(**changes):
    sent = {
        "programme": PROGRAMME, "region_code": COUNTY, "amount_fen": "40.00", "fund": "",
        "request_id": str(uuid4()),
    }  # fmt: skip
    return {**sent, **changes}


def figures(page, name):
    row = next(row for row in page.context["rows"] if row.name == name)
    return {figure.title: figure.fen for figure in row.figures if figure}


def test_without_money_the_tree_says_what_to_do_first():
    assert "先登记“财政下达”" in text_of(officer().get(reverse("console:budgets")))


def test_the_tree_adds_up_and_every_figure_leads_to_its_entries():
    money.money(CITY)
    pool_id = given_vouchers.pool(quantity=10)
    given_vouchers.right(pool_id)
    client = officer()
    page = client.get(reverse("console:budgets"), TREE)
    city = figures(page, "聊城市")
    assert city["下达"] == 1_510_000
    assert city["占用"] + city["已结算"] + city["剩余"] == city["下达"]
    county_row = next(row for row in page.context["rows"] if row.pool_count)
    assert county_row.used_percent == "10.0%"
    opened = client.get(reverse("console:budgets"), {**TREE, "open": COUNTY})
    assert figures(opened, "测试发放") == {
        "投入发放": 1_500_000, "占用": 150_000, "已结算": 0, "剩余": 1_350_000,
    }  # fmt: skip
    for row in opened.context["rows"]:
        for figure in row.figures:
            if figure:
                assert client.get(figure.href).status_code == 200


def test_one_funds_tree_shows_what_settlement_paid_of_it():
    given_settlement.paid()
    page = officer().get(reverse("console:budgets"), {**TREE, "fund": "central"})
    banks = ledger.get_balance("bank:central").credits_posted_fen
    county = next(row for row in page.context["rows"] if row.pool_count)
    assert {f.title: f.fen for f in county.figures if f}["已结算"] == banks > 0


def test_the_tree_is_saved_with_all_its_pools():
    given_vouchers.pool(quantity=10)
    saved = officer().get(reverse("console:budgets"), {**TREE, "export": "csv"})
    lines = saved.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("地区,发放,下达（元）,下达（分）")
    assert any("测试发放" in line and "1500000" in line for line in lines)


@pytest.mark.parametrize(("verb", "after"), [("allocate", 9_000), ("reclaim", 1_000)])
def test_money_moves_once_after_a_page_that_names_the_funds(verb, after):
    money.money(CITY)
    money.allocate(money.city(), COUNTY, 5_000)
    client, form = officer(), move_form()
    page = client.post(reverse("console:move_budget", args=[verb]), form)
    shown = page.context["confirmation"]
    assert sum(fact.value for fact in shown.facts) == shown.amount_fen == 4_000
    assert money.free_fen(COUNTY) == 5_000
    done = reverse("console:moved_budget", args=[verb])
    assert [client.post(done, shown.fields).status_code for _ in range(2)] == [302, 302]
    assert money.free_fen(COUNTY) == after
    assert 'value="40.00"' in text_of(client.get(shown.back))


def test_more_than_is_unused_is_refused_and_the_form_keeps_what_was_typed():
    money.money(CITY)
    address = reverse("console:move_budget", args=["allocate"])
    answer = officer().post(address, move_form(amount_fen="100.01"))
    assert answer.status_code == 409
    assert 'data-code="vouchers.budget_short"' in text_of(answer)
    assert 'value="100.01"' in text_of(answer)
    assert officer().post(address, move_form(amount_fen="-1")).status_code == 422
    assert officer().post(address, move_form(region_code="370100")).status_code == 422
    assert money.free_fen(COUNTY) == 0


def test_a_county_moves_nothing_and_is_offered_nothing():
    money.money(COUNTY)
    client = officer(region_path=given.COUNTY_PATH)
    page = client.get(reverse("console:budgets"), TREE)
    assert "move/" not in text_of(page)
    answer = client.post(reverse("console:moved_budget", args=["reclaim"]), move_form())
    assert answer.status_code in {403, 422}
    assert money.free_fen(COUNTY) == 10_000
    assert officer(Role.REVIEWER).get(reverse("console:budgets")).status_code == 403


def test_a_statement_runs_over_any_days_and_is_saved_whole():
    money.money(CITY)
    code = budget_code(CITY, PROGRAMME)
    client, address = officer(), reverse("console:account", args=[code])
    page = client.get(address)
    assert page.context["closing"][0].value == 10_000
    assert page.context["table"].total_count == 3
    later = client.get(address, {"from": "2026-09-02"})
    assert later.context["opening"][0].value == later.context["closing"][0].value == 10_000
    assert "这段时间没有资金变动" in text_of(later)
    saved = client.get(address, {"export": "csv"}).content.decode("utf-8-sig")
    assert saved.count("\n") == 4
    assert client.get(reverse("console:account", args=["budget:370100:x"])).status_code == 404


def test_a_payments_page_leads_up_to_the_treasury_and_back_to_its_claim():
    given_settlement.paid()
    client = officer(Role.FINANCE_OFFICER)
    with clock.standing_at(given_settlement.PAID_AT + timedelta(hours=1)):
        _follow_a_payment(client)


def _follow_a_payment(client):
    [account] = [a for a in _pools() if a.balance.debits_posted_fen]
    statement = client.get(reverse("console:account", args=[account.code]))
    row = next(row for row in statement.context["table"].rows if "核销" in row.values["what"])
    page = client.get(row.href)
    names = [step.what for step in page.context["steps"]]
    assert [name.partition(" ")[0] for name in names][1] == "发放"
    assert names[-1].startswith("国库")
    assert "上级账户" in page.context["steps"][-1].note  # a city officer reads no treasury
    assert reverse("console:claims") in text_of(page)
    hrefs = [fact.href for fact in page.context["facts"] if fact.href]
    assert all(client.get(href).status_code == 200 for href in hrefs)


def _pools():
    return ledger.list_accounts(Scope(), kind=AccountKind.POOL)


def test_a_top_up_is_booked_after_the_last_look_by_finance_alone():
    shop = given.organisation(OrgKind.MAKER)
    client = officer(Role.FINANCE_OFFICER)
    form = {
        "owner": str(shop),
        "amount_fen": "500",
        "reference": "回单7",
        "request_id": str(uuid4()),
    }
    page = client.post(reverse("console:top_up"), form)
    assert page.context["confirmation"].amount_fen == 50_000
    fields = page.context["confirmation"].fields
    done = reverse("console:topped_up")
    assert [client.post(done, fields).status_code for _ in range(2)] == [302, 302]
    assert ledger.get_balance(funder_code(shop)).available_fen == 50_000
    assert "¥500.00" in text_of(client.get(reverse("console:funders")))
    assert officer().post(done, fields).status_code in {403, 422}
    line = {"owner": str(shop), "limit_fen": "10", "title": "协议9", "request_id": str(uuid4())}
    assert client.post(reverse("console:credit"), line).status_code == 302
    assert ledger.find_credit_line(funder_code(shop)).limit_fen == 1_000


def test_the_proofs_are_listed_with_what_they_found():
    books.prove_books()
    page = text_of(officer().get(reverse("console:proofs")))
    assert "全部相符" in page


def test_a_merchant_reads_its_own_funding_and_nobody_elses():
    mine, theirs = given.organisation(), given.organisation()
    finance = given.staff(Role.FINANCE_OFFICER, region_path=given.CITY_PATH)
    for owner, fen in ((mine, 12_300), (theirs, 45_600)):
        funding.fund_funder(
            actor=finance, owner=str(owner), amount_fen=fen, reference="回单", request_id=uuid4()
        )
    client = visitor(Role.MERCHANT_MANAGER, org_id=mine)[0]
    page = text_of(client.get(reverse("merchant:funding")))
    assert "¥123.00" in page
    assert "¥456.00" not in page
    assert visitor(Role.CASHIER, org_id=mine)[0].get(reverse("merchant:funding")).status_code == 403
