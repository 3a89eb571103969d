"""卖旧 through the pages: three taps to a price, one booking, a new price, an early end."""

import re
from uuid import uuid4

import pytest

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.recycling import models
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import preparing, visiting
from huanxin.recycling.types import Choice, OrderState, Slot
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherState
from tests import given, given_citizen, given_recycling
from tests.given_citizen import ANSWERS, NOW, VISIT

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def city():
    return given_citizen.city()


def quoted(client):
    """The address of a fresh proof's offer page."""
    return client.post("/my/sell", ANSWERS)["Location"]


def confirmed(client, offer, **changes):
    """What the last look would send."""
    page = client.post(f"{offer}/visit", VISIT | changes).content.decode()
    return given_citizen.hidden_fields(page)


def booked(client, **changes):
    offer = quoted(client)
    answer = client.post(f"{offer}/book", confirmed(client, offer, **changes))
    assert answer.status_code == 302, answer.content.decode()
    return models.Order.objects.get()


def test_the_price_follows_each_tap(client, city):
    given_citizen.resident(client)
    first = client.get("/my/sell", {"category": "refrigerator"}, headers=HX).content.decode()
    assert "还差：用了多久、能不能用、部件全不全" in first
    assert "<html" not in first
    done = client.get("/my/sell", ANSWERS, headers=HX).content.decode()
    assert "¥45.00" in done
    assert "¥60.00" in done
    assert "不能正常使用" not in done
    broken = client.get("/my/sell", ANSWERS | {"working": "no"}, headers=HX).content.decode()
    assert "¥27.00" in broken
    assert not models.Quote.objects.exists()


def test_the_part_that_is_swapped_is_the_one_the_whole_page_shows(client, city):
    given_citizen.resident(client)
    part = client.get("/my/sell", ANSWERS, headers=HX).content.decode()
    whole = client.get("/my/sell", ANSWERS).content.decode()
    token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert token.sub("", part).strip() in token.sub("", whole)


def test_both_amounts_are_offered_with_why(client, city):
    given_citizen.resident(client)
    page = client.get(quoted(client)).content.decode()
    assert "比现金多 ¥15.00" in page
    assert "R601" in page
    assert models.Quote.objects.count() == 1


def test_a_booking_takes_a_slot_and_issues_the_voucher_that_was_chosen(client, city):
    who = given_citizen.resident(client)
    order = booked(client)
    assert (order.person_id, order.choice, order.slot) == (who.id, Choice.VOUCHER, Slot("9-11"))
    [voucher] = vouchers.list_vouchers(who.id, Scope(person_id=who.id))
    assert (voucher.state, voucher.value_fen) == (VoucherState.INACTIVE, 60_00)
    page = client.get(f"/my/orders/{order.id}?booked=1").content.decode()
    assert "已预约，9月2日 周三 9–11 点 上门" in page
    assert 'data-state="booked"' in page


def test_the_last_look_says_everything_and_books_nothing(client, city):
    given_citizen.resident(client)
    page = client.post(f"{quoted(client)}/visit", VISIT).content.decode()
    for words in ("您将得到焕新券", "9月2日 周三 9–11 点", "测试小区 1 号楼 101", "东昌府区"):
        assert words in page
    assert not models.Order.objects.exists()


def test_the_same_confirmation_sent_twice_books_once(client, city):
    given_citizen.resident(client)
    offer = quoted(client)
    sent = confirmed(client, offer)
    first, second = (client.post(f"{offer}/book", sent)["Location"] for _ in range(2))
    assert first == second
    assert models.Order.objects.count() == 1


def test_going_back_keeps_what_was_typed(client, city):
    given_citizen.resident(client)
    offer = quoted(client)
    sent = confirmed(client, offer) | {"edit": "1"}
    page = client.post(f"{offer}/visit", sent).content.decode()
    assert 'value="测试小区 1 号楼 101"' in page
    assert re.search(r'value="2026-09-02\|9-11"\s+checked', page)


def test_a_slot_that_filled_up_meanwhile_keeps_the_rest_of_the_form(client, city):
    given_citizen.resident(client)
    offer = quoted(client)
    sent = confirmed(client, offer)
    preparing.set_slot_capacity(
        actor=given.system(), region_code=given.COUNTY, slot_on=given_recycling.date(2026, 9, 2),
        slot=Slot("9-11"), capacity=0,
    )  # fmt: skip
    answer = client.post(f"{offer}/book", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'data-code="recycling.slot_full"' in page
    assert 'value="测试小区 1 号楼 101"' in page
    assert re.search(r'value="2026-09-02\|9-11"\s+disabled', page)
    assert not models.Order.objects.exists()


@pytest.mark.parametrize("missing", ["address", "slot"])
def test_a_form_that_is_not_complete_says_what_is_missing(client, city, missing):
    given_citizen.resident(client)
    answer = client.post(f"{quoted(client)}/visit", VISIT | {missing: ""})
    assert answer.status_code == 422
    assert "请" in answer.content.decode()
    assert not models.Order.objects.exists()


def test_a_door_that_was_not_located_stands_in_the_middle_of_its_county(client, city):
    given_citizen.resident(client)
    order = booked(client)
    assert (order.lat_e6 // 10**6, order.lon_e6 // 10**6) == (36, 115)
    zone = "371573"
    offer = quoted(client)
    preparing.set_slot_capacity(
        actor=given.system(), region_code=zone, slot_on=given_recycling.date(2026, 9, 2),
        slot=Slot("9-11"), capacity=1,
    )  # fmt: skip
    answer = client.post(f"{offer}/book", confirmed(client, offer, region=zone))
    assert answer.status_code == 302
    far = models.Order.objects.get(region_code=zone)
    assert (far.lat_e6, far.lon_e6) == (order.lat_e6, order.lon_e6)


def test_a_located_door_is_kept_to_the_millionth(client, city):
    given_citizen.resident(client)
    order = booked(client, lat_e6="36457001", lon_e6="115985002")
    assert (order.lat_e6, order.lon_e6) == (36_457_001, 115_985_002)


def test_cancelling_gives_the_slot_back_and_voids_the_voucher(client, city):
    who = given_citizen.resident(client)
    order = booked(client)
    assert "确认取消" in client.get(f"/my/orders/{order.id}/cancel").content.decode()
    assert client.post(f"/my/orders/{order.id}/cancel", {"reason": "keep"}).status_code == 302
    card = order_book.get_order(order.id, Scope(person_id=who.id))
    assert (card.state, card.cancel_reason) == (OrderState.CANCELLED, "消费者取消：暂时不卖了")
    assert vouchers.find_trade_in_voucher(order.id).state is VoucherState.VOID
    page = client.get(f"/my/orders/{order.id}").content.decode()
    assert "订单已取消" in page
    assert "取消预约" not in page


def requoted(client, city):
    who = given_citizen.resident(client)
    order = given_recycling.booked(who)
    given_recycling.planned(city)
    card = visiting.request_requote(
        actor=city.collector, order_id=order.id, unit_id=order.units[0].id,
        answers=given_recycling.answers(is_working=False), request_id=uuid4(),
    )  # fmt: skip
    return order, card


@pytest.fixture
def at_the_door():
    with clock.standing_at(given_recycling.EVENING):
        yield


def test_a_new_price_is_shown_with_the_old_one_the_reason_and_the_code(client, city, at_the_door):
    order, card = requoted(client, city)
    page = client.get(f"/my/orders/{order.id}").content.decode()
    assert "¥45.00" in page
    assert "27<small>.00" in page
    assert "不能正常使用，按 60% 计" in page
    assert "使用 3 至 8 年" not in page
    assert order_book.consent_code(card.id) in page


def test_she_agrees_to_the_new_price_or_keeps_her_unit_at_no_cost(client, city, at_the_door):
    order, card = requoted(client, city)
    here = f"/my/orders/{order.id}/price/{card.id}"
    assert client.post(here, {"answer": "agree"}).status_code == 302
    assert models.Order.objects.get(pk=order.id).state == OrderState.ASSIGNED
    again = client.post(here, {"answer": "refuse"})
    assert again.status_code == 409
    assert 'data-code="recycling.requote_decided"' in again.content.decode()
    assert models.Order.objects.get(pk=order.id).state == OrderState.ASSIGNED


def test_refusing_a_new_price_ends_the_order(client, city, at_the_door):
    order, card = requoted(client, city)
    client.post(f"/my/orders/{order.id}/price/{card.id}", {"answer": "refuse"})
    assert models.Order.objects.get(pk=order.id).state == OrderState.CANCELLED


def test_nobody_opens_another_residents_order_or_proof(client, city):
    given_citizen.resident(client)
    offer, order = quoted(client), booked(client)
    given_citizen.resident(client)
    for path in (
        offer,
        f"{offer}/visit",
        f"/my/orders/{order.id}",
        f"/my/orders/{order.id}/cancel",
    ):
        assert client.get(path).status_code == 404
    assert client.post(f"/my/orders/{order.id}/cancel", {"reason": "keep"}).status_code == 404
    assert models.Order.objects.get().state == OrderState.BOOKED
