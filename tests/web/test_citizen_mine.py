"""我的: all of hers within reach, her complaints as a list, no codes, no offers of no use."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.services import booking
from huanxin.web import values
from tests import given, given_citizen, given_web
from tests.given_citizen import ANSWERS, NOW, VISIT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


def booked(client) -> models.Order:
    offer = client.post("/my/sell", ANSWERS)["Location"]
    sent = given_citizen.hidden_fields(client.post(f"{offer}/visit", VISIT).content.decode())
    made = client.post(f"{offer}/book", sent)["Location"]
    return models.Order.objects.get(pk=made.rpartition("/")[2].partition("?")[0])


def complained(client, order: models.Order) -> str:
    sent = {"kind": "price", "text": "上门后价格变低了", "request_id": str(uuid4())}
    return client.post(f"/my/orders/{order.id}/complain", sent)["Location"]


def test_whatever_is_hers_is_one_tap_from_every_page(client):
    given_citizen.city()
    who = given_citizen.resident(client)
    assert 'href="/my/mine"' in client.get("/my/").content.decode()
    page = client.get("/my/mine").content.decode()
    assert who.name_masked in page
    for way in (
        "/messages/", "/my/orders", "/my/online", "/my/refunds", "/my/complaints", "/my/addresses",
        "/my/restrictions", "/account/", "/ask", f"/channels?county={who.region_code}", "/trace",
        "/learn", "/events", "/notices",
    ):  # fmt: skip
        assert f'href="{way}"' in page, way
        assert client.get(way).status_code == 200, way


def test_account_pages_keep_her_way_around(client):
    given_citizen.city()
    given_citizen.resident(client)
    page = client.get("/account/").content.decode()
    assert '<nav class="tab-bar"' in page
    assert 'href="/my/mine" aria-current="page"' in page


def test_her_complaints_are_a_list_and_nobody_else_s(client):
    given_citizen.city()
    given_citizen.resident(client)
    other = complained(client, booked(client))
    given_citizen.resident(client)
    empty = client.get("/my/complaints").content.decode()
    assert "没有投诉" in empty
    assert other not in empty
    mine = complained(client, booked(client))
    page = client.get("/my/complaints").content.decode()
    assert mine in page
    assert other not in page
    assert "前答复" in page


def test_the_list_of_complaints_is_for_residents(client):
    given_citizen.city()
    given_citizen.clerk(client)
    assert client.get("/my/complaints").status_code == 403
    assert client.get("/my/mine").status_code == 403


def test_too_late_to_move_is_said_before_anything_is_typed(client):
    given_citizen.city()
    given_citizen.resident(client)
    order = booked(client)
    url = f"/my/orders/{order.id}/move"
    assert '<form method="post" class="stack">' in client.get(url).content.decode()
    with clock.standing_at(clock.moment(order.slot_on, 8)):  # an hour before the slot
        late = client.get(url).content.decode()
    assert "不能再改" in late
    assert '<form method="post" class="stack">' not in late
    assert f"/my/orders/{order.id}/cancel" in late


def test_nobody_came_is_offered_once_the_slot_is_over(client):
    given_citizen.city()
    given_citizen.resident(client)
    order = booked(client)
    way = f"/my/orders/{order.id}/missed"
    assert way not in client.get(f"/my/orders/{order.id}").content.decode()
    with clock.standing_at(clock.moment(order.slot_on, 11) + timedelta(minutes=1)):
        assert way in client.get(f"/my/orders/{order.id}").content.decode()


def test_codes_are_shown_to_who_handles_cases_and_not_to_residents(client):
    given_citizen.city()
    given_citizen.resident(client)
    page = client.get("/nowhere").content.decode()
    assert 'data-code="web.page_not_found"' in page
    assert ">web.page_not_found<" not in page
    desk, _account = given_web.visitor(Role.REVIEWER)
    assert ">web.page_not_found<" in desk.get("/nowhere").content.decode()


def test_a_reason_tells_a_resident_no_code(client):
    given_citizen.city()
    wanted = {"category": "refrigerator", "grade": "3", "price": "4999"}
    page = client.get("/ask", wanted).content.decode()
    assert 'data-code="R201"' in page
    assert ">R201<" not in page
    desk, _account = given_web.visitor(Role.REVIEWER)
    assert ">R201<" in desk.get("/ask", wanted).content.decode()


def test_goods_without_a_picture_of_their_own_are_shown_as_a_box():
    assert "#refrigerator" in values.icon_html("refrigerator")
    assert "#mattress" in values.icon_html("mattress")
    assert "#box" in values.icon_html("smart_audio")


def test_a_cancelled_order_is_neither_moved_nor_reported(client):
    given_citizen.city()
    given_citizen.resident(client)
    order = booked(client)
    booking.cancel_order(actor=given.system(), order_id=order.id, reason="不卖了")
    with clock.standing_at(clock.moment(order.slot_on, 12)):
        page = client.get(f"/my/orders/{order.id}").content.decode()
    assert f"/my/orders/{order.id}/move" not in page
    assert f"/my/orders/{order.id}/missed" not in page


def test_a_form_sent_in_part_is_told_so_and_nothing_breaks(client):
    given_citizen.city()
    given_citizen.resident(client)
    offer = client.post("/my/sell", ANSWERS)["Location"]
    for path, sent in (
        (f"{offer}/villages", {"day": ""}), (f"{offer}/villages", {"day": "x"}),
        ("/account/sessions/end", {"session": "x"}),
    ):  # fmt: skip
        answer = client.post(path, sent)
        assert answer.status_code == 422, path
        assert 'data-code="web.request_id_missing"' in answer.content.decode()
    assert models.Order.objects.count() == 0
