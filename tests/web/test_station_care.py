"""A clerk moves, ends and complains about an order for a resident, on her word alone."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity import selectors as identity
from huanxin.identity.errors import ConsentMissing
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import models
from huanxin.recycling.services import booking, complaining
from huanxin.recycling.types import ComplaintKind, OrderState
from tests import given, given_citizen, given_claims, given_web
from tests.given_citizen import ANSWERS, NOW, VISIT

pytestmark = pytest.mark.django_db
MOVED = {"region": VISIT["region"], "choice": "voucher", "address": "振兴路 8 号 2 单元"}


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def booked(client):
    """A resident on the telephone, a clerk, and the order the clerk booked for her."""
    given_citizen.city()
    given_citizen.clerk(client)
    who, _number = given_claims.person()
    here = f"/station/people/{who.id}"
    client.post(f"{here}/consent", {"means": "phone", "is_read": "on"})
    offer = client.post(f"{here}/sell", ANSWERS)["Location"]
    sent = given_citizen.hidden_fields(client.post(f"{offer}/visit", VISIT).content.decode())
    client.post(f"{offer}/book", sent)
    order = models.Order.objects.get()
    return client, who, order, f"{here}/orders/{order.id}"


def test_a_call_is_a_recorded_word_like_any_other(booked):
    _client, who, order, _place = booked
    line = AuditEntry.objects.get(action="identity.consented")
    assert (line.subject_id, line.facts["means"]) == (str(who.id), "phone")
    assert order.person_id == who.id


def test_another_day_is_found_and_the_clerk_asks_for_the_door(booked):
    client, _who, order, place = booked
    page = client.get(f"{place}/move").content.decode()
    assert VISIT["address"] not in page
    sent = MOVED | {"slot": "2026-09-03|14-16"} | given_citizen.hidden_fields(page)
    assert client.post(f"{place}/move", sent | {"address": ""}).status_code == 422
    for _again in range(2):
        assert client.post(f"{place}/move", sent)["Location"] == place
    order.refresh_from_db()
    assert (str(order.slot_on), order.slot, order.move_count) == ("2026-09-03", "14-16", 1)
    assert AuditEntry.objects.get(action="recycling.moved").actor_role == "station_clerk"


def test_an_order_is_cancelled_in_her_words_and_refused_once_taken(booked):
    client, _who, order, place = booked
    assert "取消" in client.get(f"{place}/cancel").content.decode()
    taken = {"paid_fen": 6_000, "collected_at": NOW, "collected_on": NOW.date(),
             "organisation_id": given.organisation(OrgKind.RECYCLER)}  # fmt: skip
    rows = models.Order.objects.filter(pk=order.pk)
    rows.update(state=OrderState.COLLECTED, **taken)
    refused = client.post(f"{place}/cancel", {"reason": "time"})
    assert refused.status_code == 409
    assert 'data-code="recycling.order_state_refuses"' in refused.content.decode()
    assert rows.get().state == OrderState.COLLECTED
    rows.update(state=OrderState.BOOKED, **dict.fromkeys(taken))
    assert client.post(f"{place}/cancel", {"reason": "time"})["Location"] == place
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    assert order.cancel_reason.startswith("消费者请服务站代为取消")


def test_a_complaint_is_opened_for_her_and_read_back(booked):
    client, who, _order, place = booked
    form = client.get(f"{place}/complain").content.decode()
    sent = given_citizen.hidden_fields(form) | {"kind": "missed", "text": "约好的时间没有人来。"}
    assert client.post(f"{place}/complain", sent | {"text": ""}).status_code == 422
    answer = client.post(f"{place}/complain", sent)
    row = models.Complaint.objects.get()
    assert answer["Location"] == f"/station/people/{who.id}/complaints/{row.id}"
    assert row.number in client.get(answer["Location"]).content.decode()
    twin = client.post(f"{place}/complain", sent | {"request_id": str(uuid4())})
    assert 'data-code="recycling.complaint_open"' in twin.content.decode()
    assert f"/station/people/{who.id}/complaints/{row.id}" in client.get(place).content.decode()


def test_without_her_word_neither_page_nor_service_acts(booked):
    client, _who, order, place = booked
    clerk = identity.actor_for(given_web.account_of(client))
    with clock.standing_at(NOW + timedelta(hours=3)):  # her word was good for two
        for name in ("move", "missed", "cancel", "complain"):
            assert client.post(f"{place}/{name}", {})["Location"].endswith("/consent")
        with pytest.raises(ConsentMissing):
            booking.cancel_order(actor=clerk, order_id=order.id, reason="不卖了")
        with pytest.raises(ConsentMissing):
            complaining.open_complaint(
                actor=clerk, order_id=order.id, kind=ComplaintKind.PRICE,
                text="价格和说好的不一样。", request_id=uuid4(),
            )  # fmt: skip
    order.refresh_from_db()
    assert order.state == OrderState.BOOKED
    assert not models.Complaint.objects.exists()


def test_residents_are_turned_away_from_the_counters_pages(booked):
    client, _who, _order, place = booked
    given_citizen.resident(client)
    for name in ("move", "missed", "cancel", "complain"):
        assert client.get(f"{place}/{name}").status_code == 403
