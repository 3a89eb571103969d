"""At the door: a bike's battery weighed apart, a car's papers, and a visit where nobody came."""

from datetime import date, timedelta

import pytest

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.selectors import order_book
from huanxin.recycling.types import MissedBy, OrderState
from tests import given, given_desk, given_recycling
from tests.web.test_recycler_door import collect, recorded, step

pytestmark = pytest.mark.django_db
MORNING = given_recycling.EVENING + timedelta(hours=13)
DAY = given_recycling.DAY


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path


@pytest.fixture
def here(client):
    with clock.standing_at(given_recycling.EVENING):
        city = given_recycling.city()
        given_recycling.licensed(city.recycler_id, "vehicle_dismantling")
        actor = given_desk.account(Role.COLLECTOR, city.recycler_id)
        models.Van.objects.update(
            collector_account_id=actor.account_id, skills=["gas", "refrigerant", "vehicle"]
        )
        given_desk.login(client, actor)
        yield city


def at_door(here, category="refrigerator"):
    order = given_recycling.booked(units=(given_recycling.answers(category),))
    given_recycling.planned(here)
    return order


def test_a_bike_is_taken_once_its_battery_is_weighed(client, here):
    order = at_door(here, "e_bike")
    with clock.standing_at(MORNING):
        page = recorded(client, order)
        assert "电池称重" in page
        assert "/collect" not in page
        light = step(client, order, "battery", kind="lead_acid", mass_g="1.2")
        assert light.status_code == 422
        assert 'data-code="recycling.battery_refused"' in light.content.decode()
        assert 'value="1.2"' in light.content.decode()
        assert step(client, order, "battery", kind="lead_acid", mass_g="x").status_code == 422
        assert not models.Battery.objects.exists()
        for _again in range(2):
            sent = step(client, order, "battery", kind="lead_acid", mass_g="16.2")
            assert sent.status_code == 302
        page = client.get(f"/recycler/jobs/{order.id}").content.decode()
        assert "HJ 519" in page
        assert collect(client, order, page).status_code == 302
    assert models.Battery.objects.get().mass_g == 16_200
    assert order_book.cards([order.id])[0].state is OrderState.COLLECTED


def test_nobody_at_home_is_reported_after_the_wait_and_ends_the_order(client, here):
    order = at_door(here)
    place = f"/recycler/jobs/{order.id}/absent"
    arrive_at = models.RouteStop.objects.get().arrive_at
    with clock.standing_at(arrive_at + timedelta(minutes=5)):
        assert place in client.get(f"/recycler/jobs/{order.id}").content.decode()
        assert client.get(place).status_code == 200
        assert client.post(place, {"note": ""}).status_code == 422
        early = client.post(place, {"note": "敲门无人应"}).content.decode()
    assert 'data-code="recycling.too_early_to_report"' in early
    assert "敲门无人应" in early
    assert order_book.cards([order.id])[0].state is OrderState.ASSIGNED
    with clock.standing_at(arrive_at + timedelta(minutes=20)):
        for _again in range(2):
            assert client.post(place, {"note": "敲门无人应"}).status_code == 302
        assert "这一单已取消" in client.get(f"/recycler/jobs/{order.id}").content.decode()
    ended = order_book.cards([order.id])[0]
    assert (ended.state, ended.missed_by) == (OrderState.CANCELLED, MissedBy.CONSUMER)


def test_a_scrapped_cars_two_papers_are_recorded_in_their_order(client, here):
    order = at_door(here, "passenger_car")
    [unit] = order.units
    place = f"/recycler/jobs/{order.id}/units/{unit.id}/vehicle"
    paper = {"kind": "scrap_certificate", "number": "BF-1", "vin": "LTEST000000000001",
             "issuer": "测试回收拆解企业", "issued_on": str(DAY)}  # fmt: skip
    gone = paper | {"kind": "deregistration", "number": "ZX-1"}
    with clock.standing_at(clock.moment(DAY, 10)):
        given_recycling.collected(here, order)
        assert place in client.get(f"/recycler/jobs/{order.id}/receipt").content.decode()
        refused = client.post(place, gone)
        assert 'data-code="recycling.paper_refused"' in refused.content.decode()
        assert "ZX-1" in refused.content.decode()
        assert not models.VehiclePaper.objects.exists()
        for one in (paper, gone):
            assert client.post(place, one)["Location"] == place
        page = client.get(place).content.decode()
    assert page.count("***********000001") == 2
    assert "LTEST000000000001" not in page
    assert models.VehiclePaper.objects.filter(issued_on=date.fromisoformat(str(DAY))).count() == 2


@pytest.mark.parametrize("what", ["absent", "battery", "vehicle"])
def test_another_recyclers_worker_finds_none_of_it_and_other_trades_are_turned_away(
    client, here, what
):
    order = at_door(here, "e_bike")
    [unit] = order.units
    stem = f"/recycler/jobs/{order.id}"
    place = f"{stem}/absent" if what == "absent" else f"{stem}/units/{unit.id}/{what}"
    given_desk.enter(client, Role.COLLECTOR, given.organisation(OrgKind.RECYCLER))
    assert client.post(place, {}).status_code == 404
    given_desk.enter(client, Role.DISMANTLER_CLERK, here.dismantler_id)
    assert client.post(place, {}).status_code == 403
