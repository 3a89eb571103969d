"""The manager's desk: routes, waiting orders, the depot's scale, grades, stock, lots."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.selectors import route_book
from huanxin.recycling.types import LotState, OrderState, UnitState
from tests import given, given_desk, given_recycling

pytestmark = pytest.mark.django_db
DESK = ["routes", "waiting", "weigh", "grading", "stock", "pack", "lots"]
TRUCK = {"plate_no": "鲁P12345", "driver_name": "李师傅", "seal_no": "FQ1"}
LATER = given_recycling.EVENING + timedelta(hours=16)


@pytest.fixture
def here():
    with clock.standing_at(given_recycling.EVENING):
        yield given_recycling.city()


@pytest.fixture
def manager(client, here):
    return given_desk.enter(client, Role.RECYCLER_MANAGER, here.recycler_id)


@pytest.fixture
def collected(here, manager):
    """Two fridges on the van."""
    codes = []
    orders = [given_recycling.booked(shift_e6=shift) for shift in (0, 9_000)]
    given_recycling.planned(here)
    with clock.standing_at(given_recycling.EVENING + timedelta(hours=14)):
        for order in orders:
            codes += given_recycling.collected(here, order).unit_codes
    return codes


def weigh(client, code, kilograms="62.7", **changes):
    sent = {"scan": code, "mass_g": kilograms, "request_id": uuid4()} | changes
    return client.post("/recycler/weigh", sent)


def packed(client, codes, dismantler_id, **changes):
    receiver = f"dismantle|{dismantler_id}"
    sent = {"units": codes, "receiver": receiver, "request_id": uuid4()} | changes
    return client.post("/recycler/pack", sent)


@pytest.mark.parametrize("name", DESK)
def test_every_page_is_the_managers_and_nobody_elses(client, here, manager, name):
    assert client.get(f"/recycler/{name}").status_code == 200
    for role, kind in (
        (Role.COLLECTOR, OrgKind.RECYCLER),
        (Role.DISMANTLER_CLERK, OrgKind.DISMANTLER),
        (Role.CASHIER, OrgKind.RETAILER),
    ):
        given_desk.enter(client, role, given.organisation(kind))
        assert client.get(f"/recycler/{name}").status_code == 403
        assert client.post(f"/recycler/{name}").status_code in {403, 405}
    client.logout()
    assert client.get(f"/recycler/{name}").status_code == 302


def test_the_managers_day_begins_with_the_routes(client, manager):
    assert client.get("/recycler/")["Location"] == "/recycler/routes"


def test_tomorrow_is_planned_from_the_page_and_a_promise_stays(client, here, manager):
    given_recycling.booked()
    page = client.get("/recycler/routes?on=2026-06-02").content.decode()
    assert "还没有排路线" in page
    answer = client.post("/recycler/routes/plan", {"on": "2026-06-02"})
    assert answer["Location"] == "/recycler/routes?on=2026-06-02"
    [first] = route_book.list_routes(manager.scope, on=given_recycling.DAY)
    page = client.get(answer["Location"]).content.decode()
    assert "1 户 · 1 台" in page
    assert '<svg class="strip"' in page
    given_recycling.booked(shift_e6=9_000)
    client.post("/recycler/routes/plan", {"on": "2026-06-02"})
    stops = {s.order_id: s.arrive_at for r in route_book.list_routes(
        manager.scope, on=given_recycling.DAY) for s in r.stops}  # fmt: skip
    assert stops[first.stops[0].order_id] == first.stops[0].arrive_at


def test_today_is_never_planned_anew(client, here, manager):
    answer = client.post("/recycler/routes/plan", {"on": "2026-06-01"})
    assert answer["Location"] == "/recycler/routes?on=2026-06-02"
    answer = client.post("/recycler/routes/plan", {"on": "nonsense"})
    assert answer["Location"] == "/recycler/routes?on=2026-06-02"


def test_a_waiting_order_is_slipped_into_a_running_route(client, here, manager):
    given_recycling.booked()
    given_recycling.planned(here)
    late = given_recycling.booked(shift_e6=9_000)
    assert client.post("/recycler/waiting/dispatch")["Location"] == "/recycler/waiting?placed=1"
    assert models.Order.objects.get(pk=late.id).state == OrderState.ASSIGNED
    page = client.get("/recycler/waiting?placed=1").content.decode()
    assert "处理了 1 单" in page
    assert "没有等待派车的订单" in page


def test_a_unit_is_weighed_in_once_however_often_it_is_sent(client, manager, collected):
    page = client.get("/recycler/weigh").content.decode()
    assert collected[0] in page
    sent = {"request_id": uuid4()}
    with clock.standing_at(LATER):
        first = weigh(client, collected[0], **sent)
        again = weigh(client, collected[0], **sent)
    assert first["Location"] == again["Location"] == f"/recycler/weigh?last={collected[0]}"
    unit = models.Unit.objects.get(unit_code=collected[0])
    assert (unit.state, unit.mass_g) == (UnitState.IN_DEPOT, 62_700)
    shown = client.get(first["Location"]).content.decode()
    assert "62.7 公斤" in shown
    assert "已入库" in shown


def test_a_second_weighing_is_refused_and_what_was_typed_stays(client, manager, collected):
    with clock.standing_at(LATER):
        weigh(client, collected[0])
        answer = weigh(client, collected[0], "60")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'data-code="recycling.unit_not_here"' in page
    assert f'value="{collected[0]}"' in page
    assert models.Unit.objects.get(unit_code=collected[0]).mass_g == 62_700


@pytest.mark.parametrize("typed", ["0", "-3", "很重", "62.7001", "900"])
def test_a_weight_that_no_scale_says_is_asked_again(client, manager, collected, typed):
    with clock.standing_at(LATER):
        assert weigh(client, collected[0], typed).status_code == 422
    assert models.Unit.objects.get(unit_code=collected[0]).state == UnitState.COLLECTED


def test_a_unit_is_graded_by_the_standard_and_an_open_question_is_asked_again(
    client, manager, collected
):
    with clock.standing_at(LATER):
        weigh(client, collected[0])
    with clock.standing_at(LATER + timedelta(minutes=1)):
        page = client.get("/recycler/grading").content.decode()
        assert collected[0] in page
        sent = {"unit": collected[0], "request_id": uuid4(), **given_recycling.FINE}
        partly = {key: value for key, value in sent.items() if key != "safety"}
        assert client.post("/recycler/grading", partly).status_code == 422
        assert models.Unit.objects.get(unit_code=collected[0]).grade is None
        answer = client.post("/recycler/grading", sent)
    assert answer["Location"] == f"/recycler/grading?graded={collected[0]}"
    unit = models.Unit.objects.get(unit_code=collected[0])
    assert (unit.grade, unit.next_step) == ("A", "refurbish")
    shown = client.get(answer["Location"]).content.decode()
    assert "A 级" in shown
    assert "翻新再用" in shown


def test_the_stock_adds_up_and_its_file_says_the_same(client, manager, collected):
    with clock.standing_at(LATER):
        weigh(client, collected[0], "60.5")
    page = client.get("/recycler/stock").content.decode()
    assert "60.5 公斤" in page
    file = client.get("/recycler/stock?export=csv").content.decode("utf-8-sig")
    assert "在库,1,60.5" in file
    assert "已上门取走,1," in file


def test_scanned_and_ticked_units_make_one_sealed_lot(client, here, manager, collected):
    first, second = collected
    with clock.standing_at(LATER):
        for code in collected:
            weigh(client, code)
        sent = {"scans": f"https://id.gs1.org/8004/9523715{second}\n{first}", "request_id": uuid4()}
        answer = packed(client, [first], here.dismantler_id, **sent)
        again = packed(client, [first], here.dismantler_id, **sent)
    lot = models.Lot.objects.get()
    assert answer["Location"] == again["Location"] == f"/recycler/lots/{lot.id}"
    page = client.get(answer["Location"]).content.decode()
    assert lot.sscc in page
    assert "2 台" in page
    assert models.Unit.objects.filter(lot=lot).count() == 2


def test_a_lot_leaves_once_and_its_story_says_so(client, here, manager, collected):
    with clock.standing_at(LATER):
        weigh(client, collected[0])
        place = packed(client, [collected[0]], here.dismantler_id)["Location"]
        assert "确认发运" in client.get(place).content.decode()
        for _again in range(2):
            assert client.post(f"{place}/ship", TRUCK).status_code == 302
    assert models.Lot.objects.get().state == LotState.SHIPPED
    assert "确认发运" not in client.get(place).content.decode()
    assert models.Lot.objects.get().number in client.get("/recycler/lots").content.decode()
    assert "还没有批次" in client.get("/recycler/lots?state=received").content.decode()


def test_a_lot_of_nothing_or_of_somebody_elses_unit_is_not_packed(client, here, manager, collected):
    empty = packed(client, [], here.dismantler_id)
    assert empty.status_code == 422
    assert "请扫码或勾选" in empty.content.decode()
    refused = packed(client, [], here.dismantler_id, scans=collected[0])
    assert 'data-code="recycling.unit_not_here"' in refused.content.decode()
    assert not models.Lot.objects.exists()


def test_another_recyclers_lot_is_not_found(client, here, manager, collected):
    with clock.standing_at(LATER):
        weigh(client, collected[0])
        place = packed(client, [collected[0]], here.dismantler_id)["Location"]
    given_desk.enter(client, Role.RECYCLER_MANAGER, given.organisation(OrgKind.RECYCLER))
    assert client.get(place).status_code == 404
    assert client.post(f"{place}/ship", TRUCK).status_code == 404
    assert models.Lot.objects.get().state == LotState.PACKED
