"""Pools, budgets and settlement: money moves after a page that says how much, once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import budget_code
from huanxin.settlement import selectors
from huanxin.settlement.types import BankAnswer, BatchState, ItemState, OrderState
from huanxin.vouchers import selectors as vouchers
from tests import given, given_claims, given_settlement, given_vouchers
from tests.given_settlement import OPENED_AT, PAID_AT, PROGRAMME
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
BUDGET = budget_code(given.COUNTY, PROGRAMME)


def operator(region_path=given.COUNTY_PATH):
    return visitor(Role.OPERATOR, region_path=region_path)[0]


def giver():
    return operator(given.CITY_PATH)


def finance():
    return visitor(Role.FINANCE_OFFICER)[0]


def budget_form(**changes):
    sent = {
        "programme": PROGRAMME, "region_code": given.COUNTY, "central": "85,000.00",
        "province": "", "city": "15000", "request_id": str(uuid4()),
    }  # fmt: skip
    return {**sent, **changes}


def pool_form(**changes):
    sent = {
        "title": "9 月冰箱补贴", "programme": PROGRAMME, "region_code": given.COUNTY,
        "categories": ["refrigerator", "television"], "quantity": "20", "budget_fen": "30000",
        "opens_at": "2026-09-02T09:00", "closes_at": "2026-09-30T00:00", "lapse_hours": "48",
        "reserve_percent": "100", "request_id": str(uuid4()),
    }  # fmt: skip
    return {**sent, **changes}


def available() -> int:
    balance = ledger.find_balance(BUDGET)
    return balance.available_fen if balance else 0


@pytest.fixture(autouse=True)
def _first_of_september():
    given_claims.rules_in_force()
    with clock.standing_at(given_vouchers.OPENS + timedelta(minutes=1)):
        yield


def test_a_budget_is_given_once_after_a_page_that_adds_it_up():
    client, form = giver(), budget_form()
    page = client.post(reverse("console:new_budget"), form)
    assert page.context["confirmation"].amount_fen == 10_000_000
    assert available() == 0
    fields = page.context["confirmation"].fields
    answers = [client.post(reverse("console:give_budget"), fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert available() == 10_000_000
    tree = text_of(client.get(reverse("console:budgets")))
    assert "¥100,000.00" in tree
    again = client.get(page.context["confirmation"].back)
    assert 'value="85,000.00"' in text_of(again)


def test_a_budget_of_nothing_is_refused_at_the_form():
    answer = giver().post(reverse("console:new_budget"), budget_form(central="", city=""))
    assert answer.status_code == 422
    assert "至少填写一项资金" in text_of(answer)


def test_finance_reads_budgets_and_gives_none():
    client = finance()
    page = client.get(reverse("console:budgets"))
    assert page.status_code == 200
    assert reverse("console:new_budget") not in text_of(page)
    assert client.get(reverse("console:new_budget")).status_code == 403
    assert client.post(reverse("console:give_budget"), budget_form()).status_code == 403
    assert available() == 0


def test_a_pool_opens_once_after_the_last_look():
    client = giver()
    client.post(reverse("console:give_budget"), budget_form())
    page = client.post(reverse("console:new_pool"), pool_form())
    confirmation = page.context["confirmation"]
    assert confirmation.amount_fen == 3_000_000
    assert vouchers.list_pools(Scope()) == []
    answers = [client.post(reverse("console:open_pool"), confirmation.fields) for _ in range(2)]
    [pool] = vouchers.list_pools(Scope())
    assert {answer["Location"] for answer in answers} == {reverse("console:pool", args=[pool.id])}
    assert pool.categories == ("refrigerator", "television")
    assert available() == 7_000_000
    shown = text_of(client.get(reverse("console:pool", args=[pool.id])))
    assert "9 月冰箱补贴" in shown
    assert 'data-state="soon"' in shown
    again = text_of(client.get(confirmation.back))
    assert again.count("checked") == 2


def test_a_pool_without_money_behind_it_is_refused_and_the_form_stays():
    client = giver()
    client.post(reverse("console:give_budget"), budget_form(central="100", city=""))
    page = client.post(reverse("console:new_pool"), pool_form())
    answer = client.post(reverse("console:open_pool"), page.context["confirmation"].fields)
    text = text_of(answer)
    assert answer.status_code == 409
    assert 'data-code="ledger.fund_exhausted"' in text
    assert 'value="9 月冰箱补贴"' in text
    assert text.count("checked") == 2
    assert vouchers.list_pools(Scope()) == []
    assert available() == 10_000


def test_ending_a_pool_returns_what_no_voucher_holds():
    pool_id = given_vouchers.pool(quantity=10)
    given_vouchers.right(pool_id)
    client = operator()
    address = reverse("console:close_pool", args=[pool_id])
    page = text_of(client.get(address))
    assert '<data class="money large" value="1350000">' in page
    assert available() == 0
    assert client.post(address, {"reason": "完"}).status_code == 422
    assert client.post(address, {"reason": "本期提前结束"}).status_code == 302
    assert available() == 1_350_000
    assert 'data-state="closed"' in text_of(client.get(reverse("console:pools")))


def test_another_regions_pool_is_out_of_reach():
    pool_id = given_vouchers.pool(region_code="371521")
    client = operator()
    assert client.get(reverse("console:pool", args=[pool_id])).status_code == 403
    refused = client.post(reverse("console:close_pool", args=[pool_id]), {"reason": "本期提前结束"})
    assert refused.status_code == 403
    assert given_vouchers.free_fen(pool_id) == 1_500_000


def cleared(count: int = 2):
    return given_settlement.cleared(*given_settlement.shops(count, trade_in_fen=6_000))


def test_a_batch_is_opened_once_and_its_table_adds_up():
    cleared()
    client = operator()
    form = {"programme": PROGRAMME, "region_code": given.COUNTY, "request_id": str(uuid4())}
    with clock.standing_at(OPENED_AT):
        answers = [client.post(reverse("console:open_batch"), form) for _ in range(2)]
        [card] = selectors.list_batches(Scope()).items
        page = client.get(answers[0]["Location"])
    assert answers[0]["Location"] == answers[1]["Location"]
    totals = page.context["table"].totals
    assert totals["subsidy_fen"] == card.amount_fen == 2 * 74_085
    assert totals["central_fen"] + totals["province_fen"] + totals["city_fen"] == 2 * 74_085
    assert [count for _key, _word, count in page.context["stages"]] == [2, 0, 0]
    saved = client.get(answers[0]["Location"] + "?export=csv").content.decode("utf-8-sig")
    assert saved.count("\n") == 3


def test_nothing_to_settle_is_said_on_the_list():
    form = {"programme": PROGRAMME, "region_code": given.COUNTY, "request_id": str(uuid4())}
    answer = operator().post(reverse("console:open_batch"), form)
    assert answer.status_code == 409
    assert 'data-code="settlement.nothing_to_settle"' in text_of(answer)


def test_a_batch_is_published_and_an_objection_takes_a_claim_out():
    claim, _other = cleared()
    batch = given_settlement.opened()
    client = operator()
    with clock.standing_at(OPENED_AT):
        address = reverse("console:publish", args=[batch.batch_id])
        assert client.post(address, {"days": "90"}).status_code == 422
        assert client.post(address, {"days": "5"}).status_code == 302
        objecting = reverse("console:object", args=[batch.batch_id])
        sent = {
            "number": claim.card.number.lower(),
            "note": "群众举报该店空转",
            "request_id": str(uuid4()),
        }
        unknown = client.post(objecting, {**sent, "number": "XS000", "request_id": str(uuid4())})
        answers = [client.post(objecting, sent).status_code for _ in range(2)]
    assert (unknown.status_code, answers) == (404, [302, 302])
    items = selectors.list_items(batch.batch_id, Scope()).items
    assert sorted(item.state for item in items) == [ItemState.OBJECTED, ItemState.TAKEN]
    assert selectors.get_batch(batch.batch_id, Scope()).amount_fen == 74_085


def test_paying_shows_the_sum_first_and_pays_once():
    cleared()
    batch = given_settlement.published()
    client, address = finance(), reverse("console:pay", args=[batch.batch_id])
    with clock.standing_at(PAID_AT):
        page = client.get(address)
        assert page.context["confirmation"].amount_fen == 2 * (74_085 + 6_000)
        assert selectors.get_batch(batch.batch_id, Scope()).state is BatchState.PUBLISHED
        fields = page.context["confirmation"].fields
        assert [client.post(address, fields).status_code for _ in range(2)] == [302, 302]
        shown = client.get(reverse("console:batch", args=[batch.batch_id]))
    assert len(selectors.orders_of(batch.batch_id)) == 2
    assert shown.context["stage"] == "payment"
    assert "模拟银行" in text_of(shown)


def test_before_the_publicity_is_over_nothing_is_paid():
    cleared(1)
    batch = given_settlement.published()
    client = finance()
    with clock.standing_at(OPENED_AT + timedelta(days=1)):
        page = text_of(client.get(reverse("console:batch", args=[batch.batch_id])))
        answer = client.post(
            reverse("console:pay", args=[batch.batch_id]), {"request_id": str(uuid4())}
        )
    assert reverse("console:pay", args=[batch.batch_id]) not in page
    assert answer.status_code == 409
    assert 'data-code="settlement.publicity_running"' in text_of(answer)
    assert selectors.orders_of(batch.batch_id) == []


def test_an_operator_neither_pays_nor_enters_bank_answers():
    cleared(1)
    batch = given_settlement.published()
    client = operator()
    with clock.standing_at(PAID_AT):
        sent = {"request_id": str(uuid4())}
        assert client.post(reverse("console:pay", args=[batch.batch_id]), sent).status_code == 403
        [order] = given_settlement.pay(batch)
        sent |= {"order_number": order.number, "answer": "accepted", "reference": "H1"}
        assert (
            client.post(reverse("console:answer", args=[batch.batch_id]), sent).status_code == 403
        )
    assert selectors.order_card(order.order_id).state is OrderState.SENT


def test_bank_answers_are_entered_by_order_and_refused_ones_are_paid_again():
    cleared()
    batch = given_settlement.published()
    first, second = given_settlement.pay(batch)
    client = finance()
    answer, here = (reverse(f"console:{n}", args=[batch.batch_id]) for n in ("answer", "batch"))
    with clock.standing_at(PAID_AT + timedelta(hours=1)):
        for order, said in ((first, BankAnswer.ACCEPTED), (second, BankAnswer.REFUSED)):
            sent = {
                "order_number": order.number,
                "answer": said,
                "reference": "回单1",
                "request_id": str(uuid4()),
            }
            assert [client.post(answer, sent).status_code for _ in range(2)] == [302, 302]
        contradicts = {
            "order_number": first.number,
            "answer": "refused",
            "reference": "回单2",
            "request_id": str(uuid4()),
        }
        assert client.post(answer, contradicts).status_code == 409
        books = client.get(here + "?stage=reconciliation")
        assert second.number in text_of(books)
        assert "银行退回" in text_of(books)
        assert books.context["lines"]["difference_fen"] == 0
        again = {"order_number": second.number, "request_id": str(uuid4())}
        retry = reverse("console:retry", args=[batch.batch_id])
        asked = client.get(retry, {"order": second.number})
        assert asked.context["confirmation"].amount_fen == second.amount_fen
        assert client.get(retry, {"order": first.number}).status_code == 302  # it was paid
        assert len(selectors.orders_of(batch.batch_id)) == 2  # asking pays nothing
        assert [client.post(retry, again).status_code for _ in range(2)] == [302, 302]
    states = sorted(order.state for order in selectors.orders_of(batch.batch_id))
    assert states == [OrderState.ACCEPTED, OrderState.SENT]


def test_the_payment_file_is_for_who_pays():
    cleared(1)
    batch = given_settlement.published()
    given_settlement.pay(batch)
    [file] = selectors.list_bank_files(batch.batch_id, Scope())
    address = reverse("console:bank_file", args=[batch.batch_id, file.name])
    assert finance().get(address).content.decode("utf-8-sig") == selectors.get_bank_file(
        file.name, Scope()
    )
    assert operator().get(address).status_code == 403


def test_the_day_is_proved_and_a_difference_comes_first():
    given_settlement.paid()
    client = finance()
    with clock.standing_at(PAID_AT + timedelta(hours=2)):
        page = client.post(reverse("console:reconciliation"), {"on": PAID_AT.date().isoformat()})
    assert page.context["found"].difference_fen == 0
    assert "各项相符" in text_of(page)
    assert operator().get(reverse("console:reconciliation")).status_code == 403
