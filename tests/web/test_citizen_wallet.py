"""What she holds and what became of it: vouchers, the till code, purchases, the old unit."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims.services import returning
from huanxin.identity import selectors as identity
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import visiting
from huanxin.vouchers.errors import TillCodeInvalid
from huanxin.vouchers.services import till_codes
from tests import given, given_citizen, given_claims, given_recycling, given_vouchers
from tests.given_citizen import NOW

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


def holder(client):
    given_citizen.city()
    who = given_citizen.resident(client)
    return who, given_vouchers.right(who=who, at=NOW)


def test_every_page_of_hers_answers_even_with_nothing_on_it(client):
    given_citizen.city()
    given_citizen.resident(client)
    for path in ("", "sell", "orders", "releases", "vouchers", "buy", "vouchers/code"):
        assert client.get(f"/my/{path}").status_code == 200, path


def test_pages_of_hers_are_for_residents_alone(client):
    given_citizen.city()
    assert client.get("/my/")["Location"] == "/login?next=/my/"
    given_citizen.clerk(client)
    for path in ("", "sell", "orders", "releases", "vouchers", "buy"):
        assert client.get(f"/my/{path}").status_code == 403, path


def test_home_says_who_one_is_what_is_open_and_what_runs(client):
    who, right = holder(client)
    page = client.get("/my/").content.decode()
    assert f"<strong>{who.name_masked}</strong>" in page
    assert "东昌府区" in page
    assert "剩 9 / 10 份" in page
    assert "您有 1 张券可用" in page
    assert f"/my/vouchers/{right.id}" in page


def test_home_puts_what_waits_for_her_word_first_and_shows_the_rest_at_a_glance(client):
    here = given_citizen.city()
    who = given_citizen.resident(client)
    with clock.standing_at(given_recycling.EVENING):
        waits = given_recycling.booked(who)
        given_recycling.planned(here)
        visiting.request_requote(
            actor=here.collector, order_id=waits.id, unit_id=waits.units[0].id,
            answers=given_recycling.answers(is_working=False), request_id=uuid4(),
        )  # fmt: skip
        later = given_recycling.booked(who)
        page = client.get("/my/")
    assert [line["order"].id for line in page.context["running"]] == [waits.id, later.id]
    assert "看新价，您来定" in page.content.decode()
    glance = [step.what for step in page.context["running"][1]["steps"]]
    assert glance == ["预约上门回收", "派给回收企业", "安排上门"]


def test_a_voucher_shows_its_worth_its_time_and_the_way_to_the_till(client):
    _, right = holder(client)
    page = client.get(f"/my/vouchers/{right.id}").content.decode()
    assert "1,500<small>.00" in page
    assert "还剩 2 天" in page
    assert "出示付款码" in page
    given_citizen.resident(client)
    assert client.get(f"/my/vouchers/{right.id}").status_code == 404


def shown_code(client, right):
    page = client.get("/my/vouchers/code", {"v": str(right.id)})
    return page.context["card"]


def test_the_code_is_taken_once_and_a_fresh_one_ends_the_last(client):
    _, right = holder(client)
    till = given.staff(Role.CASHIER, org_id=given.organisation())
    old, new = shown_code(client, right), shown_code(client, right)
    assert old.text != new.text
    with pytest.raises(TillCodeInvalid):
        till_codes.take_till_code(actor=till, code=old.text)
    [card] = till_codes.take_till_code(actor=till, code=new.text)
    assert card.id == right.id


def test_the_code_renews_itself_after_a_minute(client):
    _, right = holder(client)
    part = client.get("/my/vouchers/code", {"v": str(right.id)}, headers=HX).content.decode()
    assert 'hx-trigger="load delay:60s"' in part
    assert part.count("<svg") >= 1
    assert "<html" not in part


def test_nobody_shows_anothers_voucher(client):
    _, right = holder(client)
    given_citizen.resident(client)
    assert client.get("/my/vouchers/code", {"v": str(right.id)}).status_code == 404


def sold(client):
    till = given_claims.till(trade_in_fen=60_00)
    given_citizen.resident(client, till.buyer)
    receipt = till.sell()
    return till, receipt


def test_the_phone_says_so_the_moment_the_till_has_spent_it(client):
    given_citizen.city()
    till = given_claims.till()
    given_citizen.resident(client, till.buyer)
    asked = {"v": str(till.sale.qualification_id)}
    assert client.get("/my/vouchers/code/watch", asked).status_code == 204
    till.sell()
    said = client.get("/my/vouchers/code/watch", asked, headers=HX).content.decode()
    assert "已立减" in said
    assert "749<small>.85" in said


def test_a_purchase_shows_the_amount_then_why_to_the_fen(client):
    given_citizen.city()
    _till, receipt = sold(client)
    lines = client.get("/my/buy").content.decode()
    assert "补贴 ¥740.85" in lines
    claim_id = client.get("/my/buy").context["purchases"][0][1].claim_id
    page = client.get(f"/my/buy/{claim_id}")
    body = page.content.decode()
    assert "740<small>.85" in body
    assert page.context["decision"]["sentence"] in body
    assert "¥4,198.15" in body
    assert receipt.subsidy_fen == 740_85
    given_citizen.resident(client)
    assert client.get(f"/my/buy/{claim_id}").status_code == 404


def test_a_purchase_leads_to_the_old_unit_and_its_certificate(client):
    here = given_citizen.city()
    with clock.standing_at(given_recycling.EVENING):
        order, codes = given_recycling.until_dismantler(here)
    with clock.standing_at(given_recycling.later(20)):
        certificate = given_recycling.dismantled(here, codes)
    owner = order_book.cards([order.id])[0].person_id
    given_citizen.resident(client, identity.cards([owner])[owner])
    page = client.get(f"/my/orders/{order.id}").content.decode()
    assert f"/trace/{codes[0]}" in page
    assert f"/certificate/{certificate.number}" in page
    assert 'data-state="dismantled"' in page


def test_shops_of_her_county_are_listed(client):
    given_citizen.city()
    given_citizen.resident(client)
    shop = given.organisation()
    far = given.organisation(region_code="371521")
    names = [one.id for one in client.get("/my/buy").context["shops"]]
    assert shop in names
    assert far not in names


def test_a_returned_right_is_usable_again_and_says_until_when(client):
    given_citizen.city()
    till, receipt = sold(client)
    with clock.standing_at(given_claims.SOLD_AT + timedelta(hours=1)):
        returning.return_sale(
            actor=till.manager, sale_id=receipt.sale_id, reason="消费者退货", request_id=uuid4()
        )
        page = client.get(f"/my/vouchers/{till.sale.qualification_id}").content.decode()
    assert 'data-state="usable"' in page
