"""Waiting and lotteries through the pages: honest states, a cheap poll, files anyone may take."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huanxin.kernel import clock
from huanxin.vouchers import models
from huanxin.vouchers import selectors as vouchers
from huanxin.web.public import releases
from tests import given, given_catalogue, given_citizen, given_release
from tests import given_vouchers as gv
from tests.given_release import CLOSES, DRAWS, OPENS

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _categories():
    given.regions()
    given_catalogue.reference()


def at(moment):
    return clock.standing_at(moment)


def page(client, address):
    return client.get(address).content.decode()


# --- waiting -------------------------------------------------------------------------------------


def test_a_stage_given_out_says_when_the_next_one_opens_and_offers_no_ticket(client):
    given_citizen.resident(client)
    pool_id = given_release.staged(10)
    gv.claims(*(gv.claim(pool_id, given.person()) for _ in range(4)))
    with at(OPENS + timedelta(seconds=60)):
        shown = page(client, f"/my/releases/{pool_id}")
    assert 'data-state="between"' in shown
    assert 'data-countdown="241"' in shown
    assert "立即领取" not in shown
    with at(OPENS + timedelta(seconds=300)):
        shown = page(client, f"/my/releases/{pool_id}")
    assert "立即领取" in shown
    assert "没有随机拒绝" in shown


def test_who_claims_too_late_for_a_stage_is_told_of_the_next(client):
    given_citizen.resident(client)
    pool_id = given_release.staged(10)
    with at(OPENS):
        context = client.get(f"/my/releases/{pool_id}").context
        ticket = context["offers"][0]["ticket"]
        gv.claims(*(gv.claim(pool_id, given.person()) for _ in range(4)))
        answer = client.post(f"/my/releases/{pool_id}/claim", {"token": ticket})
        assert answer["Location"].endswith("/result/not_yet")
        result = page(client, answer["Location"])
    assert "还有下一批" in result
    assert "9月1日 09:05" in result
    assert models.Voucher.objects.count() == 4


def test_asking_again_costs_nothing_until_something_changed(client):
    given_citizen.resident(client)
    pool_id = gv.pool(quantity=2)
    address = f"/my/releases/{pool_id}/status?drawn_for=open"
    with at(OPENS):
        first = client.get(address, headers=HX)
        assert first.status_code == 200
        same = client.get(address, headers={**HX, "If-None-Match": first["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        gv.claims(gv.claim(pool_id, given.person()))
        news = client.get(address, headers={**HX, "If-None-Match": first["ETag"]})
        assert news.status_code == 200
        assert "HX-Refresh" not in news
        gv.claims(gv.claim(pool_id, given.person()))
        turned = client.get(address, headers={**HX, "If-None-Match": news["ETag"]})
    assert turned["HX-Refresh"] == "true"


def test_the_status_is_a_page_of_its_own_and_its_part_is_the_same(client):
    given_citizen.resident(client)
    pool_id = gv.pool()
    with at(OPENS):
        whole = page(client, f"/my/releases/{pool_id}/status")
        part = client.get(f"/my/releases/{pool_id}/status", headers=HX).content.decode()
    assert part.strip() in whole
    assert f'href="/my/releases/{pool_id}"' in part  # a way to refresh without script


# --- a lottery -----------------------------------------------------------------------------------


def test_she_registers_sees_her_receipt_and_may_take_it_back(client):
    who = given_citizen.resident(client)
    pool_id = given_release.lottery()
    address = f"/my/releases/{pool_id}"
    with at(OPENS - timedelta(hours=1)):
        assert "登记摇号" not in page(client, address)
    with at(OPENS):
        assert "登记摇号" in page(client, address)
        client.post(f"{address}/register", {"category": "refrigerator"})
        [mine] = vouchers.list_registrations(pool_id, who.id, given.system().scope)
        shown = page(client, address)
        assert mine.receipt in shown
        assert mine.hash in shown
        again = client.post(f"{address}/register", {"category": "refrigerator"})
        assert again.status_code == 409
        assert 'data-code="vouchers.already_registered"' in again.content.decode()
        client.post(f"{address}/withdraw/{mine.id}")
        assert "登记摇号" in page(client, address)
    with at(CLOSES):
        late = client.post(f"{address}/register", {"category": "refrigerator"})
    assert 'data-code="vouchers.registration_refused"' in late.content.decode()
    assert models.Registration.objects.filter(withdrawn_at=None).count() == 0


def test_nobody_takes_back_the_registration_of_another(client):
    pool_id, other = given_release.lottery(), given.person()
    registration_id = given_release.register(pool_id, other)
    given_citizen.resident(client)
    with at(OPENS):
        answer = client.post(f"/my/releases/{pool_id}/withdraw/{registration_id}")
    assert answer.status_code == 403
    assert models.Registration.objects.filter(withdrawn_at=None).count() == 1


def test_after_the_draw_each_one_reads_her_place(client):
    pool_id, people = given_release.listed(6)
    given_release.draw(pool_id)
    said = []
    for who in people:
        given_citizen.resident(client, who)
        with at(DRAWS):
            said.append(page(client, f"/my/releases/{pool_id}"))
    assert sum("已中签" in one for one in said) == 3
    assert sum("候补，前面还有 2 人" in one for one in said) == 1
    with at(gv.ENDS):
        assert "未中签" in next(
            page(client, f"/my/releases/{pool_id}")
            for who in people
            if given_citizen.resident(client, who)
            and vouchers.list_registrations(pool_id, who.id, given.system().scope)[0].rank == 6
        )


# --- in public -----------------------------------------------------------------------------------


def test_everybody_sees_what_opens_where_without_signing_in(client):
    gv.pool(quantity=7)
    given_release.lottery(title="九月摇号", region_code="371581")
    with at(OPENS - timedelta(hours=1)):
        shown = page(client, "/releases")
    assert "东昌府区" in shown
    assert "临清市" in shown
    assert "九月摇号" in shown
    assert "共 7 份" in shown


@pytest.mark.django_db(transaction=True)
def test_a_crowd_reads_places_once_in_two_seconds_and_says_when(client, monkeypatch):
    pool_id = gv.pool(quantity=7)
    now = [1000.0]
    monkeypatch.setattr(releases.time, "monotonic", lambda: now[0])
    with at(OPENS):
        assert "剩 7" in page(client, "/releases")
        with CaptureQueriesContext(connection) as asked:
            page(client, "/releases")
        assert not [one for one in asked if "vouchers_pool" in one["sql"]]
        models.Pool.objects.filter(pk=pool_id).update(remaining=3)
        assert "剩 7" in page(client, "/releases")
        now[0] += 2.1
        assert "剩 3" in page(client, "/releases")


def test_control_inside_a_transaction_nothing_is_kept_for_others(client):
    pool_id = gv.pool(quantity=7)
    with at(OPENS):
        assert "剩 7" in page(client, "/releases")
        models.Pool.objects.filter(pk=pool_id).update(remaining=3)
        assert "剩 3" in page(client, "/releases")


def test_the_files_of_a_draw_come_out_for_anyone(client):
    pool_id, _ = given_release.listed(5)
    early = client.get(f"/releases/{pool_id}/draw.json")
    assert (early.status_code, early.json()["code"]) == (409, "vouchers.draw_not_due")
    text = client.get(f"/releases/{pool_id}/list.txt").content
    card = vouchers.find_lottery(pool_id)
    assert hashlib.sha256(text).hexdigest() == card.list_sha256
    with at(DRAWS):
        before = page(client, f"/releases/{pool_id}/draw")
    assert "封存中" in before
    assert card.commitment in before
    given_release.draw(pool_id)
    document = json.loads(client.get(f"/releases/{pool_id}/draw.json").content)
    assert vouchers.audit_draw(document, noted=[card.commitment]).fault is None


def test_she_finds_her_entry_in_the_public_list_and_no_other(client):
    pool_id, _ = given_release.listed(5)
    given_release.draw(pool_id)
    row = models.Registration.objects.get(rank=4)
    with at(DRAWS):
        assert "排第 4 位" in page(client, f"/releases/{pool_id}/draw?hash={row.hash.upper()}")
        assert "名单里没有" in page(client, f"/releases/{pool_id}/draw?hash={'0' * 64}")
    assert client.get(f"/releases/{gv.pool()}/draw").status_code == 404


def test_no_page_of_a_draw_names_anybody(client):
    pool_id, people = given_release.listed(5)
    given_release.draw(pool_id)
    with at(DRAWS):
        shown = [page(client, f"/releases/{pool_id}/{part}") for part in
                 ("draw", "list.txt", "draw.json")]  # fmt: skip
    for who in people:
        assert not any(str(who.id) in one or who.name_masked in one for one in shown)
