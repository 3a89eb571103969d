"""All of her orders can be found again: by number, category and day, kept in the address."""

import re
from datetime import date

import pytest

from huanxin.api import security
from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.types import Slot
from huanxin.vouchers import models as vouchers
from tests import given_citizen, given_recycling
from tests.given_web import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _evening():
    with clock.standing_at(given_recycling.EVENING):
        given_citizen.city()
        yield


@pytest.fixture
def hers(client):
    """Six orders of hers, a television among the fridges, and one of somebody else."""
    who = given_citizen.resident(client)
    given_recycling.booked()
    slots = [*Slot, Slot.MORNING_EARLY]
    for slot in slots:
        given_recycling.booked(who, slot=slot)
    television = (given_recycling.answers("television"),)
    last = given_recycling.booked(who, units=television, slot=Slot.MORNING_LATE)
    models.Order.objects.filter(pk=last.id).update(slot_on=date(2026, 6, 9))
    return [*models.Order.objects.filter(person_id=who.id).order_by("booked_at", "pk")]


def found(client, query=""):
    page = text_of(client.get(f"/my/orders{query}"))
    return set(re.findall(r'href="/my/orders/([0-9a-f-]{36})"', page)), page


def test_all_are_listed_and_a_search_is_offered(client, hers):
    ids, page = found(client)
    assert ids == {str(one.id) for one in hers}
    assert "找一笔订单" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?category=television", 1),
        ("?category=refrigerator", 5),
        ("?category=nonsense", 6),
        ("?from=2026-06-09", 1),
        ("?to=2026-06-08", 5),
        ("?from=2026-06-02&to=2026-06-02", 5),
        ("?from=soon", 6),
        ("?category=refrigerator&from=2026-06-09", 0),
    ],
)
def test_a_search_narrows_and_stays_in_the_address(client, hers, query, count):
    ids, page = found(client, query)
    assert len(ids) == count
    assert ("看全部订单" in page) is (count != 6)
    if "television" in query:
        assert '<option value="television" selected>' in page


def test_a_part_of_the_number_is_enough_and_nobody_elses_is_found(client, hers):
    wanted = hers[2]
    ids, _ = found(client, f"?number={wanted.number[-9:].lower()}")
    assert ids == {str(wanted.id)}
    other = models.Order.objects.exclude(pk__in=[one.pk for one in hers]).get()
    ids, page = found(client, f"?number={other.number}")
    assert ids == set()
    assert "没有符合的订单" in page
    assert "单号可以只填几位" in page


def test_a_fragment_is_the_same_part_of_the_page(client, hers):
    whole = text_of(client.get("/my/orders?category=television"))
    part = text_of(client.get("/my/orders?category=television", HTTP_HX_REQUEST="true"))
    assert part.strip() in whole


def test_few_orders_need_no_search_and_none_teach_the_first_step(client):
    who = given_citizen.resident(client)
    assert "三步得到报价" in text_of(client.get("/my/orders"))
    given_recycling.booked(who)
    assert "找一笔订单" not in text_of(client.get("/my/orders"))


def test_the_api_finds_the_same(client, hers):
    account = identity.find_account_of_person(hers[0].person_id)
    headers = {"Authorization": f"Bearer {security.issue_token(account.id)[0]}"}
    query = "category_code=refrigerator&from_on=2026-06-02&to_on=2026-06-02"
    answer = client.get(f"/api/v1/orders?{query}", headers=headers).json()
    assert answer["total"] == 5
    assert client.get("/api/v1/orders?state=cancelled", headers=headers).json()["total"] == 0


def test_many_vouchers_that_are_gone_are_found_by_number_and_kind(client):
    who = given_citizen.resident(client)
    for n in range(9):
        given_recycling.booked(who, choice=given_recycling.Choice.VOUCHER, slot=list(Slot)[n % 4])
    vouchers.Voucher.objects.update(state="void")
    page = text_of(client.get("/my/vouchers"))
    assert page.count('href="/my/vouchers/0') == 9
    assert "种类" in page
    wanted = vouchers.Voucher.objects.order_by("pk")[3]
    one = text_of(client.get(f"/my/vouchers?number={wanted.number[-9:]}"))
    assert re.findall(r'href="/my/vouchers/([0-9a-f-]{36})"', one) == [str(wanted.pk)]
    none = text_of(client.get("/my/vouchers?kind=consumption"))
    assert "没有符合的券" in none
