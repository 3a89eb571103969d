"""Opening hours on pages and over the API: kept by the station, read by everyone, booked within."""

from datetime import time, timedelta
from uuid import uuid4

import pytest

from huanxin.api import security
from huanxin.identity import models as identity
from huanxin.identity.services import opening
from huanxin.identity.types import DayHours, OrgKind, Role
from huanxin.kernel import clock
from huanxin.recycling import models
from tests import given, given_citizen
from tests.given_citizen import ANSWERS, NOW
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
TODAY = NOW.astimezone(clock.SHANGHAI)


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):  # a Tuesday, ten o'clock
        given_citizen.city()
        yield


def week(**changes):
    days = {f"{name}_{n}": at for n in range(1, 6)
            for name, at in (("opens", "09:00"), ("closes", "17:30"))}  # fmt: skip
    return days | changes


def published(**days):
    station = given.organisation(OrgKind.STATION)
    hours = [DayHours(n, time(9), time(17, 30)) for n in range(1, 6)]
    opening.set_hours(actor=given.system(), org_id=station, week=hours)
    return station


def test_the_manager_publishes_and_everyone_reads_whether_it_is_open(client):
    given_citizen.clerk(client)
    assert "还没有公布开放时间" in text_of(client.get("/station/hours"))
    assert client.post("/station/hours", week()).status_code == 302
    assert 'value="17:30"' in text_of(client.get("/station/hours"))

    page = text_of(client.get("/channels"))
    assert "现在营业" in page
    assert "今天 09:00–17:30" in page
    with clock.standing_at(NOW + timedelta(hours=8)):
        assert "已休息" in text_of(client.get("/channels"))


def test_a_closed_day_is_announced_and_taken_back(client):
    given_citizen.clerk(client)
    client.post("/station/hours", week())
    sent = {"on": TODAY.date().isoformat(), "why": "停电检修"}
    assert client.post("/station/hours/closed", sent).status_code == 302
    page = text_of(client.get("/channels"))
    assert "停电检修" in page
    assert "已休息" in page
    assert client.post("/station/hours/closed/end", sent).status_code == 302
    assert "现在营业" in text_of(client.get("/channels"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"closes_1": ""}, "开始和结束要一起填"),
        ({"opens_1": "18:00"}, "开始时间不早于结束时间"),
        ({"opens_1": "九点"}, "opens_1"),
    ],
)
def test_wrong_hours_stay_on_the_page_and_are_not_published(client, changes, said):
    given_citizen.clerk(client)
    answer = client.post("/station/hours", week(**changes))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert identity.OpenDay.objects.count() == 0


def test_a_clerk_who_does_not_manage_reads_only():
    station = published()
    visitor(Role.STATION_CLERK, org_id=station)  # who comes first manages
    client, _ = visitor(Role.STATION_CLERK, org_id=station)
    page = text_of(client.get("/station/hours"))
    assert "由本站管理员修改" in page
    assert "公布</button>" not in page
    assert client.post("/station/hours", week()).status_code == 403
    assert (
        client.post("/station/hours/closed", {"on": "2026-09-09", "why": "盘点"}).status_code == 403
    )


def test_a_resident_books_a_station_within_its_hours(client):
    station = published()
    given_citizen.resident(client)
    offer = client.post("/my/sell", ANSWERS)["Location"]
    assert f"{offer}/stations" in text_of(client.get(f"{offer}/visit"))
    page = text_of(client.get(f"{offer}/stations"))
    assert "现在营业" in page
    assert "2026-09-02|9-11" in page
    assert "2026-09-02|16-18" not in page  # it closes at half past five
    assert "2026-09-05|9-11" not in page  # a Saturday

    sent = {"station": str(station), "slot": "2026-09-05|9-11", "choice": "cash",
            "request_id": str(uuid4())}  # fmt: skip
    closed = client.post(f"{offer}/stations", sent)
    assert (closed.status_code, models.Order.objects.count()) == (409, 0)
    assert 'data-code="recycling.station_closed"' in text_of(closed)
    for bad in ({"slot": "x"}, {"station": "x"}, {"slot": "2026-13-45|9-11"}):
        assert client.post(f"{offer}/stations", sent | bad).status_code in {409, 422}

    answer = client.post(f"{offer}/stations", sent | {"slot": "2026-09-02|9-11"})
    assert answer.status_code == 302
    order = models.Order.objects.get()
    assert (order.mode, order.station_id) == ("station", station)
    shown = text_of(client.get(f"/my/orders/{order.id}"))
    assert "送到服务站" in shown
    assert f"/my/orders/{order.id}/move" not in shown


def test_the_api_says_and_keeps_the_same(client):
    station = given.organisation(OrgKind.STATION)
    _, keeper = visitor(Role.STATION_CLERK, org_id=station)
    path = f"/api/v1/parties/{station}"
    headers = {"Authorization": f"Bearer {security.issue_token(keeper.account_id)[0]}"}

    def put(url, body):
        return client.put(url, body, content_type="application/json", headers=headers)

    day = {"weekday": 2, "opens": "09:00:00", "closes": "17:30:00"}
    assert put(f"{path}/opening", {"week": [day]}).json() == {"week": [day], "closed": []}
    shut = put(f"{path}/closed/2026-09-08", {"why": "盘点"}).json()
    assert shut["closed"] == [{"on": "2026-09-08", "why": "盘点"}]
    assert client.get(f"{path}/opening").json() == shut  # without a key
    assert client.delete(f"{path}/closed/2026-09-08", headers=headers).json()["closed"] == []
    wrong = put(f"{path}/opening", {"week": [day | {"closes": "08:00:00"}]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "identity.opening_invalid")
    other = published()
    assert put(f"/api/v1/parties/{other}/opening", {"week": []}).status_code == 403
