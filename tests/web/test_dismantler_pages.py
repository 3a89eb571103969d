"""The dismantler's pages: the gate, the scale, the certificate, the month."""

import io
from datetime import timedelta
from uuid import uuid4

import openpyxl
import pytest

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.selectors import floor_book
from huanxin.recycling.types import LotState
from tests import given, given_desk, given_recycling

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
LATER = given_recycling.EVENING + timedelta(hours=20)
PAGES = ["lots", "floor", "certificates", "months"]


@pytest.fixture
def here():
    with clock.standing_at(given_recycling.EVENING):
        yield given_recycling.city()


@pytest.fixture
def clerk(client, here):
    return given_desk.enter(client, Role.DISMANTLER_CLERK, here.dismantler_id)


@pytest.fixture
def under_way(here, clerk):
    """A lot of two fridges on its way."""
    orders = [given_recycling.booked(shift_e6=shift) for shift in (0, 9_000)]
    given_recycling.planned(here)
    with clock.standing_at(given_recycling.EVENING + timedelta(hours=14)):
        codes = [c for order in orders for c in given_recycling.collected(here, order).unit_codes]
        given_recycling.at_depot(here, tuple(codes))
        return given_recycling.shipped(here, tuple(codes))


@pytest.fixture
def on_the_floor(here, clerk):
    _order, codes = given_recycling.until_dismantler(here)
    with clock.standing_at(LATER):
        yield codes


def scan(client, lot, code, kilograms="62.7", **headers):
    sent = {"scan": code, "mass_g": kilograms}
    return client.post(f"/dismantler/lots/{lot.id}/scan", sent, headers=headers)


def chosen(client, codes):
    assert client.post("/dismantler/floor/01", {"units": codes})["Location"] == "/dismantler/run"
    return client.get("/dismantler/run").content.decode()


def weights(**changes):
    """What the scales say, in kilograms: a fridge as its profile expects it."""
    expected = {
        "iron": "26.334", "copper": "0.941", "aluminium": "0.376", "mixed_metal": "7.399",
        "plastics": "15.11", "refrigerant": "0", "residue": "12.54",
    }  # fmt: skip
    return expected | changes


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_the_clerks_and_nobody_elses(client, here, clerk, name):
    assert client.get(f"/dismantler/{name}").status_code == 200
    for role, kind in ((Role.RECYCLER_MANAGER, OrgKind.RECYCLER), (Role.CASHIER, OrgKind.RETAILER)):
        given_desk.enter(client, role, given.organisation(kind))
        assert client.get(f"/dismantler/{name}").status_code == 403
    client.logout()
    assert client.get(f"/dismantler/{name}").status_code == 302


def test_the_day_begins_at_the_gate(client, clerk, under_way):
    assert client.get("/dismantler/")["Location"] == "/dismantler/lots"
    assert under_way.number in client.get("/dismantler/lots").content.decode()
    assert under_way.number not in client.get("/dismantler/lots?state=received").content.decode()


def test_a_difference_shows_as_it_arises(client, clerk, under_way):
    first, second = under_way.unit_codes
    fits = scan(client, under_way, first, **HX).content.decode()
    assert "<html" not in fits
    assert 'data-state="fits"' in fits
    assert "已扫的都相符" in fits
    off = scan(client, under_way, second, "50", **HX).content.decode()
    assert 'data-state="weight_off"' in off
    assert "1 台与清单不符" in off
    stray = scan(client, under_way, "HX2615029999942F", **HX).content.decode()
    assert 'data-state="extra"' in stray
    undone = client.post(
        f"/dismantler/lots/{under_way.id}/unscan", {"unit": "HX2615029999942F"}, headers=HX
    ).content.decode()
    assert "HX2615029999942F" not in undone
    assert not models.Discrepancy.objects.exists()
    assert models.Lot.objects.get().state == LotState.SHIPPED


def test_a_lot_is_received_once_with_its_differences_on_record(client, clerk, under_way):
    first, second = under_way.unit_codes
    scan(client, under_way, first, "50")
    place = f"/dismantler/lots/{under_way.id}"
    page = client.get(f"{place}/receive").content.decode()
    assert "1 台没有扫到" in page
    assert models.Lot.objects.get().state == LotState.SHIPPED
    sent = {"request_id": uuid4()}
    for _again in range(2):
        with clock.standing_at(LATER):
            assert client.post(f"{place}/receive", sent)["Location"] == place
    kinds = dict(models.Discrepancy.objects.values_list("unit_code", "kind"))
    assert kinds == {first: "weight_off", second: "missing"}
    page = client.get(place).content.decode()
    assert "发现 2 处差异" in page
    assert 'data-state="missing"' in page


def test_scans_without_a_code_or_a_weight_are_asked_again(client, clerk, under_way):
    assert scan(client, under_way, "HX1", "62.7").status_code == 422
    assert scan(client, under_way, under_way.unit_codes[0], "").status_code == 422
    assert "drafts" not in client.session


def test_another_dismantlers_lot_is_not_found(client, here, clerk, under_way):
    given_desk.enter(client, Role.DISMANTLER_CLERK, given.organisation(OrgKind.DISMANTLER))
    assert client.get(f"/dismantler/lots/{under_way.id}").status_code == 404
    assert client.post(f"/dismantler/lots/{under_way.id}/receive").status_code == 404
    assert models.Lot.objects.get().state == LotState.SHIPPED


def test_the_scale_starts_from_what_the_class_lets_expect(client, clerk, on_the_floor):
    assert "电冰箱" in client.get("/dismantler/floor").content.decode()
    page = chosen(client, on_the_floor)
    assert 'name="iron" value="26.334"' in page
    assert "危险废物" in page
    assert "可以申报" in page


def test_the_balance_follows_what_is_typed(client, clerk, on_the_floor):
    chosen(client, on_the_floor)
    holds = client.post("/dismantler/run/balance", weights(), headers=HX).content.decode()
    assert "<html" not in holds
    assert "可以申报" in holds
    off = client.post("/dismantler/run/balance", weights(iron="20"), headers=HX).content.decode()
    assert "6.334 公斤" in off
    assert 'data-code="recycling.mass_out_of_balance"' in off
    half = client.post("/dismantler/run/balance", weights(iron="x"), headers=HX)
    assert half.status_code == 200
    whole = client.get("/dismantler/run").content.decode()
    assert 'id="balance"' in whole


def test_what_does_not_balance_is_not_declared(client, clerk, on_the_floor):
    chosen(client, on_the_floor)
    stays = client.post("/dismantler/run", weights(iron="20"))
    assert stays.status_code == 200
    assert 'value="20"' in stays.content.decode()
    assert client.get("/dismantler/run/confirm")["Location"] == "/dismantler/floor"
    assert not models.Run.objects.exists()


def test_a_run_is_declared_once_and_its_certificate_is_there(client, clerk, on_the_floor):
    chosen(client, on_the_floor)
    assert client.post("/dismantler/run", weights())["Location"] == "/dismantler/run/confirm"
    page = client.get("/dismantler/run/confirm").content.decode()
    assert "62.7 公斤" in page
    assert not models.Run.objects.exists()
    sent = {"request_id": given_desk.hidden(page)["request_id"]}
    first = client.post("/dismantler/run/confirm", sent)
    again = client.post("/dismantler/run/confirm", sent)
    run = models.Run.objects.get()
    place = f"/dismantler/certificates/{run.certificate_no}"
    assert first["Location"] == again["Location"] == place
    document = client.get(place).content.decode()
    assert on_the_floor[0] in document
    assert f"/certificate/{run.certificate_no}" in document
    assert 'class="qr"' in document
    assert run.certificate_no in client.get("/dismantler/certificates").content.decode()
    assert "没有待拆解的旧机" in client.get("/dismantler/floor").content.decode()


def test_a_run_whose_units_are_gone_starts_anew(client, here, clerk, on_the_floor):
    chosen(client, on_the_floor)
    given_recycling.dismantled(here, on_the_floor)
    answer = client.get("/dismantler/run")
    assert answer.status_code == 409
    assert 'data-code="recycling.unit_not_here"' in answer.content.decode()
    assert client.get("/dismantler/run")["Location"] == "/dismantler/floor"


def test_a_run_of_nothing_is_not_begun(client, clerk, on_the_floor):
    assert client.post("/dismantler/floor/01", {"units": ["HX0000000000000X"]}).status_code == 422
    assert client.post("/dismantler/floor/01", {"sent": "nothing"}).status_code == 422
    assert client.get("/dismantler/run")["Location"] == "/dismantler/floor"


def test_another_dismantlers_certificate_is_open_to_all_but_not_in_these_books(
    client, here, clerk, on_the_floor
):
    card = given_recycling.dismantled(here, on_the_floor)
    given_desk.enter(client, Role.DISMANTLER_CLERK, given.organisation(OrgKind.DISMANTLER))
    assert client.get(f"/dismantler/certificates/{card.number}").status_code == 404
    assert client.get(f"/certificate/{card.number}").status_code == 200


def test_the_months_add_up_on_the_page_and_in_the_file(client, here, clerk, on_the_floor):
    given_recycling.dismantled(here, on_the_floor)
    page = client.get("/dismantler/months").content.decode()
    assert "2026年6月" in page
    assert "62.7 公斤" in page
    file = client.get("/dismantler/months?export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(file.content)).active.values)
    assert rows[1][:5] == ("2026年6月", "电冰箱（800 升及以下）", 1, 1, "62.7")
    materials = client.get("/dismantler/months?by=material&export=csv").content.decode("utf-8-sig")
    sums = [float(line.split(",")[-1]) for line in materials.splitlines()[1:]]
    [month] = floor_book.list_month_totals(clerk.scope, year=2026)
    assert round(sum(sums) * 1000) == month.mass_out_g
    assert "还没有拆解记录" in client.get("/dismantler/months?year=2025").content.decode()
