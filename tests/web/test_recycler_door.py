"""The collector's phone: today's stops, five steps at a door, and what is paid only once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import models
from huanxin.recycling.selectors import order_book, route_book
from huanxin.recycling.services import visiting
from huanxin.recycling.types import Choice, OrderState
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherState
from tests import given, given_desk, given_recycling

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
MORNING = given_recycling.EVENING + timedelta(hours=13)  # 9 o'clock of the day of the visit
FOUND = {"category": "refrigerator", "age": "3_to_8", "working": "no", "complete": "yes"}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path


@pytest.fixture
def here():
    with clock.standing_at(given_recycling.EVENING):
        yield given_recycling.city()


@pytest.fixture
def collector(client, here):
    actor = given_desk.account(Role.COLLECTOR, here.recycler_id)
    models.Van.objects.update(collector_account_id=actor.account_id)
    given_desk.login(client, actor)
    return actor


def assigned(here, **facts):
    order = given_recycling.booked(**facts)
    given_recycling.planned(here)
    return order


def step(client, order, what, **sent):
    [unit] = order.units
    return client.post(f"/recycler/jobs/{order.id}/units/{unit.id}/{what}", sent)


def recorded(client, order):
    """Steps two to four done, as booked."""
    assert step(client, order, "code", is_issued="1").status_code == 302
    assert step(client, order, "photos", photos=given_desk.photo()).status_code == 302
    assert step(client, order, "as-said", answer="same").status_code == 302
    return client.get(f"/recycler/jobs/{order.id}").content.decode()


def collect(client, order, page):
    return client.post(f"/recycler/jobs/{order.id}/collect", given_desk.form(page, "/collect"))


def test_the_day_lists_stops_in_driving_order_with_promised_times(client, here, collector):
    with clock.standing_at(given_recycling.EVENING):
        for shift in (0, 9_000):
            given_recycling.booked(shift_e6=shift)
        given_recycling.planned(here)
    jobs = route_book.list_jobs(collector.scope, on=given_recycling.DAY)
    with clock.standing_at(MORNING):
        page = client.get("/recycler/").content.decode()
    places = [page.index(f"/recycler/jobs/{job.order_id}", page.index("stops")) for job in jobs]
    assert len(places) == 2
    assert places == sorted(places)
    local = jobs[0].arrive_at.astimezone(clock.SHANGHAI)
    assert f"承诺 {local:%H:%M} 到" in page
    assert "已完成 0 / 2 户" in page
    assert '<svg class="strip"' in page


def test_a_collector_without_a_van_learns_what_to_do(client, here):
    given_desk.enter(client, Role.COLLECTOR, here.recycler_id)
    page = client.get("/recycler/").content.decode()
    assert "您还没有分到车辆" in page


def test_the_address_is_shown_once_and_each_look_is_recorded(client, here, collector):
    order = assigned(here)
    door = f"/recycler/jobs/{order.id}"
    assert "测试小区" not in client.get(door).content.decode()
    assert given_recycling.looks(order.id) == []
    part = client.post(f"{door}/address", headers=HX).content.decode()
    assert "测试小区 1 号楼 101" in part
    assert "<html" not in part
    assert given_recycling.looks(order.id) == [("recycling.address_revealed", "collector")]
    assert "测试小区" not in client.get(door).content.decode()
    assert "测试小区" not in str(dict(client.session))


def test_nothing_can_be_paid_before_every_step_is_done(client, here, collector):
    order = assigned(here)
    page = client.get(f"/recycler/jobs/{order.id}").content.decode()
    assert "确认取走并付款" not in page
    assert "还差：" in page
    sent = {"request_id": uuid4(), "seen_fen": order.quoted_fen}
    answer = client.post(f"/recycler/jobs/{order.id}/collect", sent)
    assert 'data-code="recycling.pickup_incomplete"' in answer.content.decode()
    assert not models.Payout.objects.exists()


def test_cash_is_paid_once_and_the_label_is_there(client, here, collector):
    order = assigned(here)
    with clock.standing_at(MORNING):
        page = recorded(client, order)
        assert "模拟支付" in page
        answer = collect(client, order, page)
        assert answer.status_code == 302, answer.content.decode()
        assert collect(client, order, page)["Location"] == answer["Location"]
        receipt = client.get(answer["Location"]).content.decode()
    payout = models.Payout.objects.get()
    assert payout.amount_fen == order.quoted_fen == 45_00
    code = models.Unit.objects.get().unit_code
    assert code in receipt
    assert "¥45" in receipt
    assert "模拟支付" in receipt
    assert "<svg xmlns" in receipt or "svg" in receipt
    assert client.get(f"/recycler/jobs/{order.id}")["Location"] == answer["Location"]


def test_a_sent_again_form_pays_nothing_more_even_before_the_page_knows(client, here, collector):
    order = assigned(here)
    with clock.standing_at(MORNING):
        page = recorded(client, order)
        draft = dict(client.session["drafts"])
        collect(client, order, page)
        session = client.session
        session["drafts"] = draft
        session.save()
        collect(client, order, page)
    assert models.Payout.objects.count() == 1
    assert AuditEntry.objects.filter(action="recycling.collected").count() == 1


def test_a_voucher_is_activated_when_the_unit_is_taken(client, here, collector):
    who = given.person()
    order = assigned(here, who=who, choice=Choice.VOUCHER)
    with clock.standing_at(MORNING):
        page = recorded(client, order)
        assert "激活焕新券并取走" in page
        receipt = client.get(collect(client, order, page)["Location"]).content.decode()
        [voucher] = vouchers.list_vouchers(who.id, Scope(person_id=who.id))
    assert (voucher.state, voucher.value_fen) == (VoucherState.USABLE, 60_00)
    assert "焕新券已激活" in receipt
    assert "模拟支付" not in receipt
    assert not models.Payout.objects.exists()


def test_a_scanned_label_is_the_units_code(client, here, collector):
    order = assigned(here)
    wrong = step(client, order, "code", scan="HX9999")
    assert wrong.status_code == 422
    assert "HX9999" in wrong.content.decode()
    label = "HX2615029999942F"
    assert (
        step(client, order, "code", scan=f"https://id.gs1.org/8004/9523715{label}").status_code
        == 302
    )
    with clock.standing_at(MORNING):
        step(client, order, "photos", photos=given_desk.photo())
        step(client, order, "as-said", answer="same")
        page = client.get(f"/recycler/jobs/{order.id}").content.decode()
        assert label in page
        assert collect(client, order, page).status_code == 302
    assert models.Unit.objects.get().unit_code == label


def test_a_different_unit_waits_for_the_owners_word_and_goes_on_by_her_code(
    client, here, collector
):
    who = given.person()
    order = assigned(here, who=who)
    with clock.standing_at(MORNING):
        step(client, order, "code", is_issued="1")
        step(client, order, "photos", photos=given_desk.photo())
        sent = FOUND | {"request_id": str(uuid4())}
        seen = step(client, order, "found", **sent).content.decode()
        assert "¥27" in seen
        assert not models.Requote.objects.exists()
        for _again in range(2):
            step(client, order, "found", **sent, do="ask")
        requote = models.Requote.objects.get()
        page = client.get(f"/recycler/jobs/{order.id}").content.decode()
        assert "等消费者确认新价" in page
        assert "确认取走并付款" not in page
        code = order_book.consent_code(requote.id)
        address = f"/recycler/jobs/{order.id}/requotes/{requote.id}"
        wrong = client.post(address, {"consent_code": f"{(int(code) + 1) % 10**6:06d}"})
        assert 'data-code="recycling.consent_code_wrong"' in wrong.content.decode()
        assert client.post(address, {"consent_code": code}).status_code == 302
        page = client.get(f"/recycler/jobs/{order.id}").content.decode()
        assert collect(client, order, page).status_code == 302
    assert models.Payout.objects.get().amount_fen == 27_00


def test_her_word_on_her_own_phone_lets_the_worker_go_on(client, here, collector):
    who = given.person()
    order = assigned(here, who=who)
    word = f"/recycler/jobs/{order.id}/word"
    with clock.standing_at(MORNING):
        step(client, order, "found", **FOUND, request_id=str(uuid4()), do="ask")
        assert client.get(word, headers=HX).status_code == 204
        requote = models.Requote.objects.get()
        visiting.answer_requote(actor=given.consumer(who), requote_id=requote.id, is_accepted=True)
        part = client.get(word, headers=HX).content.decode()
    assert 'id="steps"' in part
    assert "¥27" in part
    assert "等消费者确认新价" not in part


def test_a_refused_price_ends_the_visit_at_no_cost(client, here, collector):
    who = given.person()
    order = assigned(here, who=who)
    with clock.standing_at(MORNING):
        step(client, order, "found", **FOUND, request_id=str(uuid4()), do="ask")
        requote = models.Requote.objects.get()
        visiting.answer_requote(actor=given.consumer(who), requote_id=requote.id, is_accepted=False)
        moved = client.get(f"/recycler/jobs/{order.id}/word", headers=HX)
        assert moved.headers["HX-Redirect"] == f"/recycler/jobs/{order.id}"
        page = client.get(f"/recycler/jobs/{order.id}").content.decode()
    assert "这一单已取消" in page
    assert models.Order.objects.get().state == OrderState.CANCELLED
    assert not models.Payout.objects.exists()


def test_a_price_that_moved_is_shown_before_it_is_paid(client, here, collector):
    order = assigned(here)
    with clock.standing_at(MORNING):
        page = recorded(client, order)
        sent = given_desk.form(page, "/collect") | {"seen_fen": "2700"}
        answer = client.post(f"/recycler/jobs/{order.id}/collect", sent)
    assert answer.status_code == 409
    assert "价格刚刚变过" in answer.content.decode()
    assert not models.Payout.objects.exists()


def test_photos_are_seen_by_who_took_them_and_are_no_scripts(client, here, collector):
    order = assigned(here)
    [unit] = order.units
    page = b"<html><script>1</script>"
    photos = [given_desk.photo(), given_desk.photo("x.jpg", page)]
    client.post(f"/recycler/jobs/{order.id}/units/{unit.id}/photos", {"photos": photos})
    record = client.session["drafts"][f"pickup:{order.id}"][str(unit.id)]
    first, second = record["photos"]
    seen = client.get(f"/recycler/jobs/{order.id}/photos/{first}")
    assert seen.content == given_desk.JPEG
    assert seen.headers["Content-Type"] == "image/jpeg"
    other = client.get(f"/recycler/jobs/{order.id}/photos/{second}")
    assert other.headers["Content-Type"] == "application/octet-stream"
    assert other.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/recycler/jobs/{order.id}/photos/{'0' * 64}").status_code == 404


def test_the_part_that_is_swapped_is_the_one_the_whole_page_shows(client, here, collector):
    order = assigned(here)
    door = f"/recycler/jobs/{order.id}"
    part = client.get(door, headers=HX).content.decode()
    whole = client.get(door).content.decode()
    assert given_desk.still(part) in given_desk.still(whole)
    assert 'id="steps"' in part


def test_another_recycler_finds_no_such_order(client, here):
    order = assigned(here)
    given_desk.enter(client, Role.COLLECTOR, given.organisation(OrgKind.RECYCLER))
    for path in ("", "/receipt", "/word"):
        answer = client.get(f"/recycler/jobs/{order.id}{path}")
        assert answer.status_code == 404
    assert client.post(f"/recycler/jobs/{order.id}/address").status_code == 404
    assert given_recycling.looks(order.id) == []


def test_the_door_is_no_place_for_other_roles(client, here):
    order = assigned(here)
    for role, kind in (
        (Role.DISMANTLER_CLERK, OrgKind.DISMANTLER),
        (Role.CASHIER, OrgKind.RETAILER),
    ):
        given_desk.enter(client, role, given.organisation(kind))
        for path in ("/recycler/", f"/recycler/jobs/{order.id}"):
            assert client.get(path).status_code == 403
        assert client.post(f"/recycler/jobs/{order.id}/collect").status_code == 403
    client.logout()
    assert client.get("/recycler/").status_code == 302
