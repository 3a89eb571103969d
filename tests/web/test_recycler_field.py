"""What the pick-up page asks of the platform: a day to carry, and what it sends when it can."""

import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import models
from huanxin.recycling.types import OrderState
from tests import given_desk, given_recycling

pytestmark = pytest.mark.django_db
MORNING = given_recycling.EVENING + timedelta(hours=14)
FIELD = "/recycler/field"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path


@pytest.fixture
def here():
    with clock.standing_at(given_recycling.EVENING):
        yield given_recycling.city()


@pytest.fixture
def worker(client, here):
    actor = given_desk.account(Role.COLLECTOR, here.recycler_id)
    models.Van.objects.update(collector_account_id=actor.account_id)
    given_desk.login(client, actor)
    return actor


@pytest.fixture
def order(here, worker):
    order = given_recycling.booked()
    given_recycling.planned(here)
    with clock.standing_at(MORNING):
        yield order


def send(client, to, **said):
    return client.post(f"{FIELD}/{to}", json.dumps(said, default=str), "application/json")


def record(order, sha256, **changes):
    [unit] = order.units
    one = {
        "unit_id": unit.id, "unit_code": "HX2615029999942F", "photo_sha256s": [sha256],
        "found": None,
    }  # fmt: skip
    return {
        "request_id": uuid4(), "order_id": order.id, "happened_at": clock.now().isoformat(),
        "seen_fen": order.quoted_fen, "units": [one], "place": None, **changes,
    }  # fmt: skip


def sent_photo(client, order):
    answer = client.post(f"{FIELD}/jobs/{order.id}/photos", {"photos": given_desk.photo()})
    return answer.json()["sha256s"][0]


def test_the_shell_holds_nobody_and_the_day_masks_names(client, order):
    shell = client.get(FIELD).content.decode()
    assert order.number not in shell
    assert "<script>" not in shell
    said = client.get(f"{FIELD}/day").json()
    [job] = said["jobs"]
    assert (job["order_id"], job["name_masked"]) == (str(order.id), "王*试")
    assert "测试小区" not in json.dumps(said, ensure_ascii=False)
    assert given_recycling.looks(order.id) == []


def test_the_phone_gets_the_platforms_own_price_for_all_that_may_be_found(client, order):
    [unit] = client.get(f"{FIELD}/day").json()["jobs"][0]["units"]
    assert len(unit["prices"]) == 12
    assert unit["prices"]["3_to_8|yes|yes"] == unit["price_fen"] == 45_00
    assert unit["prices"]["3_to_8|no|yes"] == 27_00


def test_addresses_are_carried_only_when_asked_for_and_each_look_is_recorded(client, order):
    said = send(client, "prepare", order_ids=[order.id], label_count=2).json()
    assert said["addresses"] == {str(order.id): "测试小区 1 号楼 101"}
    assert len(said["labels"]) == 2
    assert said["labels"][0]["qr"].startswith("data:image/svg+xml")
    assert len(given_recycling.looks(order.id)) == 1
    models.Order.objects.update(state=OrderState.BOOKED)
    assert send(client, "prepare", order_ids=[order.id], label_count=0).json()["addresses"] == {}


def test_a_door_is_handed_in_once(client, order):
    body = record(order, sent_photo(client, order))
    first, again = send(client, "hand-in", **body), send(client, "hand-in", **body)
    assert (first.status_code, first.json()) == (200, again.json())
    assert models.Payout.objects.get().amount_fen == 45_00
    assert models.Unit.objects.get().unit_code == "HX2615029999942F"


@pytest.mark.parametrize(
    "wrong",
    [
        {"units": []}, {"units": "x"}, {"seen_fen": 0}, {"happened_at": "soon"},
        {"order_id": "7"}, {"place": {"lat_e6": 91_000_000, "lon_e6": 0}},
        {"signature_sha256": "xx"}, {"consent_code": "12"}, {"request_id": None},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(client, order, wrong):
    answer = send(client, "hand-in", **record(order, "ab" * 32, **wrong))
    assert (answer.status_code, answer.json()["code"]) == (422, "web.form_unreadable")
    assert answer.json()["message"]
    assert not models.Payout.objects.exists()


def test_a_code_with_a_wrong_letter_is_refused(client, order):
    body = record(order, "ab" * 32)
    body["units"][0]["unit_code"] = "HX2615020000042S"
    answer = send(client, "hand-in", **body)
    assert answer.status_code == 422
    assert "校验不通过" in answer.json()["message"]


def test_a_refusal_of_the_domain_carries_its_code(client, order):
    answer = send(client, "hand-in", **record(order, "ab" * 32, seen_fen=1))
    assert (answer.status_code, answer.json()["code"]) == (409, "recycling.price_moved")


def test_a_garbled_body_is_no_fault_of_ours(client, order):
    for body in (b"", b"[]", b"\xff{", b'{"units": [1]}'):
        answer = client.post(f"{FIELD}/hand-in", body, "application/json")
        assert answer.status_code == 422


def test_the_owner_answers_on_her_own_phone(client, order):
    [unit] = order.units
    found = {"age_band": "3_to_8", "is_working": False, "is_complete": True}
    body = {"request_id": uuid4(), "order_id": order.id, "unit_id": unit.id, "found": found}
    assert send(client, "requotes", **body).status_code == 200
    job = client.get(f"{FIELD}/jobs/{order.id}").json()
    assert (job["state"], job["requote"]["new_fen"]) == ("requote_pending", 27_00)
    wrong = send(client, "consent", requote_id=job["requote"]["id"], consent_code="x")
    assert wrong.status_code == 422


def test_she_keeps_her_unit_without_cost(client, order):
    body = {"request_id": uuid4(), "order_id": order.id, "happened_at": clock.now().isoformat()}
    assert send(client, "decline", **body).status_code == 200
    assert models.Order.objects.get().state == OrderState.CANCELLED
    assert AuditEntry.objects.filter(action="recycling.cancelled").count() == 1


def test_who_is_signed_out_is_sent_to_sign_in_and_others_are_turned_away(client, here, order):
    client.logout()
    assert client.get(f"{FIELD}/day").status_code == 302
    given_desk.enter(client, Role.DISMANTLER_CLERK, here.dismantler_id)
    for path in ("", "/day", f"/jobs/{order.id}"):
        assert client.get(FIELD + path).status_code == 403
    assert send(client, "hand-in", **record(order, "ab" * 32)).status_code == 403


def test_the_worker_names_every_file_of_the_page(client, here, worker):
    script = client.get("/recycler/field.js").content.decode()
    files = json.loads(re.search(r"const FILES = (\[.*?\]);", script).group(1))
    shell = client.get(FIELD).content.decode()
    asked = set(re.findall(r'(?:href|src)="(/static/[^"?#]+)', shell))
    assert asked <= set(files)
    for name in files:
        path = finders.find(name.removeprefix("/static/"))
        assert path, name
        source = Path(path).read_text(encoding="utf-8")
        for other in re.findall(r'from "\./([a-z]+\.js)"', source):
            assert f"/static/huanxin/field/{other}" in files


def test_every_word_that_the_scripts_ask_for_is_on_the_page(client, worker):
    shell = client.get(FIELD).content.decode()
    known = set(re.findall(r'data-word="(\w+)"', shell))
    asked = set()
    for name in ("field", "door"):
        script = Path(finders.find(f"huanxin/field/{name}.js")).read_text(encoding="utf-8")
        asked |= set(re.findall(r'words\("(\w+)"', script))
    assert asked
    assert asked <= known


def test_no_page_of_the_consumer_carries_the_scripts_of_the_door(client):
    for path in ("/", "/login"):
        assert "huanxin/field/" not in client.get(path).content.decode()
