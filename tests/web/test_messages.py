"""The message centre in each party's shell, and what everyone may read without signing in."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.models import Licence, Organisation
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.outreach import _keeping, models
from huanxin.outreach.services import publishing
from huanxin.outreach.types import MessageKind, NewMessage, NewNotice
from tests import given, given_citizen, given_outreach, given_vouchers, given_web
from tests.given_citizen import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        given_citizen.city()
        yield


def told(person_id=None, org_id=None, kind=MessageKind.EVENT_CANCELLED):
    facts = {"title": "洗碗机试用", "why": "停电"}
    _keeping.keep(
        [NewMessage(kind, str(uuid4()), clock.now(), person_id, org_id, str(uuid4()), facts)]
    )
    return models.Message.objects.get()


def test_the_bell_counts_until_a_message_is_followed(client):
    who = given_citizen.resident(client)
    one = told(who.id)
    home = client.get("/my/").content.decode()
    assert 'class="bell-count" aria-hidden="true">1<' in home
    page = client.get("/messages/").content.decode()
    assert "“洗碗机试用”已取消：停电。" in page
    answer = client.post(f"/messages/{one.id}")
    assert answer["Location"] == "/events"
    assert "bell-count" not in client.get("/my/").content.decode()
    one.refresh_from_db()
    assert one.read_at == NOW


def test_another_s_message_is_not_found_and_stays_unread(client):
    one = told(given.person().id)
    given_citizen.resident(client)
    assert client.post(f"/messages/{one.id}").status_code == 404
    one.refresh_from_db()
    assert one.read_at is None


def test_all_are_read_at_once_and_texts_are_switched_off_and_on(client):
    who = given_citizen.resident(client)
    told(who.id)
    assert client.post("/messages/read").status_code == 302
    assert not models.Message.objects.filter(read_at=None).exists()
    client.post("/messages/texts", {"wanted": "0"})
    assert models.Quiet.objects.filter(pk=who.id).exists()
    assert "您已关闭短信提醒" in client.get("/messages/").content.decode()
    client.post("/messages/texts", {"wanted": "1"})
    assert not models.Quiet.objects.exists()


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (OrgKind.RETAILER, Role.MERCHANT_MANAGER),
        (OrgKind.RECYCLER, Role.RECYCLER_MANAGER),
        (OrgKind.DISMANTLER, Role.DISMANTLER_CLERK),
        (OrgKind.STATION, Role.STATION_CLERK),
    ],
)
def test_each_party_reads_its_own_in_its_own_shell(kind, role):
    org_id = given.organisation(kind)
    facts = {"kind": "营业执照", "number": "X1", "until": "2026-12-31"}
    _keeping.keep(
        [NewMessage(MessageKind.LICENCE_EXPIRING, "x", clock.now(), None, org_id, "x", facts)]
    )
    desk, _ = given_web.visitor(role, org_id=org_id)
    page = desk.get("/messages/")
    assert page.status_code == 200
    assert "营业执照（X1）" in page.content.decode()


def test_visitors_sign_in_first_and_officers_have_alerts_instead(client):
    assert client.get("/messages/")["Location"].startswith("/login")
    officer, _ = given_web.visitor(Role.OPERATOR)
    assert officer.get("/messages/").status_code == 403


def test_channels_show_whose_paper_is_valid_today(client):
    firm = Organisation.objects.filter(kind=OrgKind.RECYCLER).first()
    assert firm.name in client.get("/channels").content.decode()
    Licence.objects.filter(organisation=firm).update(to_on=clock.today())
    assert firm.name not in client.get("/channels").content.decode()
    assert client.get("/channels?county=371521").status_code == 200


def test_lessons_and_frauds_are_told_to_everyone(client):
    page = client.get("/learn").content.decode()
    for word in ("恢复出厂设置", "不要剪断铜管", "共享屏幕", "关燃气阀"):
        assert word in page


def test_a_notice_stands_on_the_front_page_with_issuer_and_day(client):
    new = NewNotice("国庆停办安排", "10 月 1 日至 3 日暂停上门。", "聊城市商务局", given.COUNTY,
                    clock.today() + timedelta(days=5))  # fmt: skip
    one = publishing.publish_notice(
        actor=given.staff(Role.OPERATOR), notice=new, request_id=uuid4()
    )
    for address in ("/", "/notices", f"/notices/{one.id}"):
        page = client.get(address).content.decode()
        assert "国庆停办安排" in page
        assert "聊城市商务局" in page
    with clock.standing_at(NOW + timedelta(days=6)):
        assert "国庆停办安排" not in client.get("/").content.decode()
        assert "已过有效期" in client.get(f"/notices/{one.id}").content.decode()


def test_a_resident_takes_a_place_and_gives_it_back(client):
    event = given_outreach.event(places=1)
    assert "洗碗机试用" in client.get("/events").content.decode()
    assert client.post(f"/events/{event.id}/place")["Location"].startswith("/login")
    given_citizen.resident(client)
    client.post(f"/events/{event.id}/place")
    assert "您已报名" in client.get("/events").content.decode()
    other = given_citizen.resident(client)
    refused = client.post(f"/events/{event.id}/place")
    assert refused.status_code == 409
    assert "outreach.event_full" in refused.content.decode()
    assert not models.Seat.objects.filter(person_id=other.id).exists()


def test_the_releases_page_says_what_is_left_by_county(client):
    given_vouchers.pool()
    page = client.get("/releases").content.decode()
    assert "各县（市、区）还剩多少补贴资金" in page
