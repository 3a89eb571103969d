"""After the price: several units, a proof, another time, a complaint, a village, and the desks."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.services import dispatching
from huanxin.recycling.types import OfferState, OrderState
from tests import given, given_citizen, given_desk
from tests.given_citizen import ANSWERS, NOW, VISIT

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def here():
    return given_citizen.city()


def quoted(client, url="/my/sell", **changes):
    return client.post(url, ANSWERS | changes)["Location"]


def booked(client, offer):
    page, _, query = offer.partition("?")
    sent = VISIT | ({"with": query.removeprefix("with=")} if query else {})
    fields = given_citizen.hidden_fields(client.post(f"{page}/visit", sent).content.decode())
    answer = client.post(f"{page}/book", fields)
    assert answer.status_code == 302, answer.content.decode()
    return models.Order.objects.get()


def picture():
    out = BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")


def test_two_units_go_into_one_order_and_both_prices_are_summed(client, here):
    given_citizen.resident(client)
    first = quoted(client)
    page = client.get(first).content.decode()
    add = re.search(r'href="(/my/sell\?with=[^"]+)"', page).group(1)
    second = quoted(client, add, category="television", **{"with": add.partition("=")[2]})
    assert second.endswith(add.partition("=")[2])
    both = client.get(second).content.decode()

    order = booked(client, second)

    assert re.sub(r"<[^>]+>", "", both).count("80.00") == 1  # 45.00 and 35.00
    assert order.quoted_fen == 6_000 + 4_700
    assert models.Unit.objects.filter(order=order).count() == 2
    assert models.SlotRoom.objects.get().taken == 1


def test_a_phone_is_asked_more_and_the_price_follows(client, here):
    given_citizen.resident(client)
    said = ANSWERS | {"category": "phone"}
    asked = client.get("/my/sell", said, headers=HX | {"HX-Target": "asked"}).content.decode()
    plain = client.get("/my/sell", said, headers=HX).content.decode()
    cracked = client.get("/my/sell", said | {"q_screen": "cracked"}, headers=HX).content.decode()

    assert "屏幕外观" in asked
    assert "9 问未填，按常见情况" in plain
    assert "屏幕外观：碎裂，按 40% 计" in cracked


def test_a_proof_is_a_page_a_pdf_and_a_code_that_anyone_may_check(client, here, settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    given_citizen.resident(client)
    offer = quoted(client)

    page = client.get(f"{offer}/proof")
    paper = client.get(f"{offer}/proof.pdf")
    sent = client.post(f"{offer}/photos", {"photos": [picture()]})
    bad = client.post(f"{offer}/photos", {"photos": [SimpleUploadedFile("a.jpg", b"<html>")]})
    with_photo = client.get(f"{offer}/proof").content.decode()
    shown = client.get(re.search(r'src="(/my/sell/[^"]+/photos/[^"]+)"', with_photo).group(1))
    quote = models.Quote.objects.get()
    token = page.context["check_url"].rpartition("/")[2]
    client.logout()
    checked = client.get(f"/valuation/check/{token}").content.decode()

    assert paper.content.startswith(b"%PDF-")
    assert (sent.status_code, bad.status_code) == (302, 422)
    assert "recycling.photo_refused" in bad.content.decode()
    assert shown["Content-Type"] == "image/jpeg"
    assert quote.number in checked
    assert "王" not in checked  # never whose it is
    assert client.get(f"/valuation/check/{token[:-2]}xx").status_code in {404, 422}


def test_the_status_is_polled_and_nothing_new_answers_304(client, here):
    given_citizen.resident(client)
    order = booked(client, quoted(client))
    url = f"/my/orders/{order.id}/status"

    first = client.get(url, headers=HX)
    again = client.get(url, headers=HX | {"If-None-Match": first["ETag"]})
    dispatching.dispatch_waiting(actor=given.system())
    moved = client.get(url, headers=HX | {"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, moved.status_code) == (200, 304, 200)
    assert moved["ETag"] != first["ETag"]


def test_an_order_is_moved_on_its_page_and_too_late_is_said_there(client, here):
    given_citizen.resident(client)
    order = booked(client, quoted(client))
    url = f"/my/orders/{order.id}/move"
    day = order.slot_on + timedelta(days=1)
    assert "价格不变" in client.get(url).content.decode()
    sent = VISIT | {"slot": f"{day}|14-16", "request_id": str(uuid4())}

    answer = client.post(url, sent)
    order.refresh_from_db()
    assert (answer.status_code, order.slot_on, order.slot) == (302, day, "14-16")
    with clock.standing_at(clock.moment(day, 13)):
        late = client.post(url, sent | {"request_id": str(uuid4())})
    assert late.status_code == 409
    assert "recycling.move_refused" in late.content.decode()


def test_a_complaint_goes_from_her_page_to_the_desks_and_back(client, here):
    who = given_citizen.resident(client)
    order = booked(client, quoted(client))
    dispatching.dispatch_waiting(actor=given.system())
    sent = {"kind": "missed", "text": "约好的时间没有人来", "request_id": str(uuid4())}
    url = f"/my/orders/{order.id}/complain"
    assert client.get(url).status_code == 200
    first, twice = client.post(url, sent), client.post(url, sent)
    card = models.Complaint.objects.get()

    assert first["Location"] == twice["Location"] == f"/my/complaints/{card.id}"
    given_desk.enter(client, Role.RECYCLER_MANAGER, here.recycler_id)
    desk = client.get("/recycler/complaints").content.decode()
    assert "约好的时间没有人来" in desk
    short = client.post(f"/recycler/complaints/{card.id}", {"text": "好"})
    assert "recycling.complaint_empty" in short.content.decode()
    client.post(f"/recycler/complaints/{card.id}", {"text": "车辆故障，已改派，致歉。"})
    given_citizen.resident(client, who)
    assert "致歉" in client.get(f"/my/complaints/{card.id}").content.decode()
    client.post(f"/my/complaints/{card.id}/rating", {"satisfaction": "2"})
    card.refresh_from_db()
    assert card.state == "escalated"
    given_desk.enter(client, Role.OPERATOR, given.organisation(OrgKind.AGENCY))
    assert "已升级" in client.get("/console/complaints").content.decode()


def test_a_village_day_is_announced_signed_up_for_and_seen(client, here):
    manager = given_desk.enter(client, Role.RECYCLER_MANAGER, here.recycler_id)
    day = clock.today() + timedelta(days=3)
    page = client.get("/recycler/villages").content.decode()
    fields = given_desk.hidden(page)
    client.post("/recycler/villages", fields | {
        "van": str(here.van_ids[0]), "place": "测试村广场", "held_on": day.isoformat(),
        "slot": "9-11", "capacity": "2",
    })  # fmt: skip
    held = models.VillageDay.objects.get()
    given_citizen.resident(client)
    offer = quoted(client)
    assert "测试村广场" in client.get(f"{offer}/villages").content.decode()
    answer = client.post(f"{offer}/villages", {"day": str(held.id), "choice": "cash",
                                               "request_id": str(uuid4())})  # fmt: skip
    order = models.Order.objects.get()

    assert answer.status_code == 302
    assert (order.state, order.village_day_id) == (OrderState.ASSIGNED, held.id)
    given_desk.login(client, manager)
    assert order.number in client.get("/recycler/villages").content.decode()


def test_a_recycler_answers_offers_one_by_one_or_takes_all(client, here):
    given_citizen.resident(client)
    order = booked(client, quoted(client))
    given_desk.enter(client, Role.RECYCLER_MANAGER, here.recycler_id)
    assert "自动接单中" in client.get("/recycler/offers").content.decode()
    client.post("/recycler/offers/auto", {"auto": "off"})
    dispatching.dispatch_waiting(actor=given.system())
    assert "前答复" in client.get("/recycler/offers").content.decode()

    client.post(f"/recycler/offers/{order.id}", {"answer": "refuse", "reason": "车坏了"})

    offer = models.Offer.objects.get()
    assert (offer.state, offer.reason) == (OfferState.REFUSED, "车坏了")
    again = client.post(f"/recycler/offers/{order.id}", {"answer": "accept"})
    assert again.status_code in {403, 409}


def test_an_order_given_up_leaves_the_list_of_offers(client, here):
    given_citizen.resident(client)
    order, desk = booked(client, quoted(client)), Client()
    dispatching.dispatch_waiting(actor=given.system())
    given_desk.enter(desk, Role.RECYCLER_MANAGER, here.recycler_id)
    assert order.number in desk.get("/recycler/offers").content.decode()
    client.post(f"/my/orders/{order.id}/cancel", {"reason": "time"})
    assert order.number not in desk.get("/recycler/offers").content.decode()


def test_the_standard_is_public_with_its_versions_and_two_officers_publish(client, here):
    public = client.get("/valuation").content.decode()
    assert "2026.1" in public
    assert "¥45.00" in public
    office = given.organisation(OrgKind.AGENCY)
    given_desk.enter(client, Role.POLICY_OFFICER, office)
    page = client.get("/console/valuation/propose")
    text = page.context["form"]["text"].value().replace("2026.2", "2026.9")
    day = clock.today() + timedelta(days=1)
    text = text.replace("from: '2026-04-01'", f"from: '{day}'")
    fields = given_desk.hidden(page.content.decode())
    client.post("/console/valuation/propose", fields | {"text": text, "reason": "调价"})
    proposal = models.StandardProposal.objects.get()
    own = client.post(f"/console/valuation/{proposal.id}", {"answer": "approve", "note": "x"})
    assert "recycling.needs_another_person" in own.content.decode()
    second = given_desk.account(Role.POLICY_OFFICER, office, login="second-officer")
    given_desk.login(client, second)
    assert "批准发布" in client.get("/console/valuation").content.decode()
    client.post(f"/console/valuation/{proposal.id}", {"answer": "approve", "note": "同意"})
    price = {"index": "scrap_steel", "price_fen": "2400", "source": "测试行情"}
    client.post("/console/valuation/prices", price)
    wrong = client.post("/console/valuation/prices", price | {"price_fen": "2.4"})

    assert models.Standard.objects.filter(pk="2026.9").exists()
    assert "recycling.scrap_price_refused" in wrong.content.decode()
    assert "测试行情" in client.get("/valuation").content.decode()


@pytest.mark.parametrize("page", ["/console/valuation", "/console/complaints"])
def test_the_desks_are_not_for_residents(client, here, page):
    given_citizen.resident(client)
    assert client.get(page).status_code == 403
