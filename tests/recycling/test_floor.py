"""What a desk sees before it decides is what is then decided, and stays within its scope."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.recycling import models
from huanxin.recycling.errors import (
    LotNotFound,
    MassOutOfBalance,
    MaterialUnknown,
    OrderNotFound,
    UnitNotHere,
)
from huanxin.recycling.selectors import floor_book, order_book, stock_book
from huanxin.recycling.services import dismantling, visiting
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.depot import LotReceipt, WeighIn
from huanxin.recycling.types.floor import MaterialOut, NewRun
from tests import given, given_recycling

pytestmark = pytest.mark.django_db
LATER = given_recycling.EVENING + timedelta(hours=20)


@pytest.fixture
def here():
    with clock.standing_at(given_recycling.EVENING):
        yield given_recycling.city()


@pytest.fixture
def on_the_floor(here):
    _order, codes = given_recycling.until_dismantler(here)
    return codes


def run_of(here, codes, *, mass_g=62_700):
    return replace(given_recycling.run(here, codes, mass_g=mass_g), unit_codes=codes)


def test_the_preview_of_a_run_is_what_its_certificate_says(here, on_the_floor):
    run = run_of(here, on_the_floor, mass_g=62_000)
    with clock.standing_at(LATER):
        seen = floor_book.weigh_run(run, here.clerk.scope)
        [card] = dismantling.dismantle(actor=here.clerk, runs=[run], request_id=uuid4())
    assert (seen.mass_in_g, seen.mass_out_g, seen.difference_g) == (62_700, 62_000, 700)
    assert (card.mass_in_g, card.mass_out_g, card.difference_g) == (62_700, 62_000, 700)
    assert seen.holds
    assert seen.allowed_g == 1_881  # 3 %
    assert seen.residue_g == next(o.mass_g for o in run.outputs if o.material_code == "residue")


def test_a_preview_out_of_balance_is_shown_and_the_run_refused(here, on_the_floor):
    run = run_of(here, on_the_floor, mass_g=50_000)
    with clock.standing_at(LATER):
        assert not floor_book.weigh_run(run, here.clerk.scope).holds
        with pytest.raises(MassOutOfBalance):
            dismantling.dismantle(actor=here.clerk, runs=[run], request_id=uuid4())
    assert not models.Run.objects.exists()


def test_expected_outputs_follow_the_class_to_the_gram(here, on_the_floor):
    run = NewRun(here.dismantler_id, on_the_floor, ())
    found = {one.material_code: one for one in floor_book.expected_outputs(run, here.clerk.scope)}
    assert sum(one.mass_g for one in found.values()) == 62_700
    assert found["iron"].mass_g == 26_334
    assert found["iron"].name == "铁"
    assert found["refrigerant"].is_hazardous


def test_a_class_without_a_profile_expects_nothing_but_names_every_material(here, on_the_floor):
    models.Unit.objects.update(waste_class_code=None, category_code="rice_cooker")
    run = NewRun(here.dismantler_id, on_the_floor, ())
    found = floor_book.expected_outputs(run, here.clerk.scope)
    assert {one.mass_g for one in found} == {0}
    assert found[-1].material_code == "residue"
    run = replace(run, outputs=(MaterialOut("iron", 40_000), MaterialOut("residue", 22_700)))
    with clock.standing_at(LATER):
        [card] = dismantling.dismantle(actor=here.clerk, runs=[run], request_id=uuid4())
    assert {one.name for one in card.outputs} == {"铁", "残余物"}


def test_a_material_nobody_lists_is_refused_for_any_class(here, on_the_floor):
    models.Unit.objects.update(waste_class_code=None, category_code="rice_cooker")
    run = NewRun(here.dismantler_id, on_the_floor, (MaterialOut("gold", 62_700),))
    with clock.standing_at(LATER), pytest.raises(MaterialUnknown):
        dismantling.dismantle(actor=here.clerk, runs=[run], request_id=uuid4())
    assert not models.Run.objects.exists()


def test_another_dismantler_neither_weighs_nor_sees_the_floor(here, on_the_floor):
    other = given.organisation(OrgKind.DISMANTLER)
    theirs = Scope(given.COUNTY_PATH, org_id=other)
    run = run_of(here, on_the_floor)
    with pytest.raises(UnitNotHere):
        floor_book.weigh_run(run, theirs)
    with pytest.raises(UnitNotHere):
        floor_book.weigh_run(replace(run, dismantler_org_id=other), theirs)
    assert floor_book.list_floor_stock(theirs) == []
    [line] = floor_book.list_floor_stock(here.clerk.scope)
    assert (line.class_code, line.unit_count, line.mass_g) == ("01", 1, 62_700)


def test_a_lot_is_compared_before_it_is_received_and_nothing_is_written(here):
    order = given_recycling.booked()
    given_recycling.planned(here)
    codes = given_recycling.collected(here, order).unit_codes
    given_recycling.at_depot(here, codes)
    lot = given_recycling.shipped(here, codes)
    scope = here.clerk.scope
    assert [d.kind for d in stock_book.compare_lot(lot.id, [], scope)] == ["missing"]
    scanned = (WeighIn(codes[0], 50_000),)
    seen = stock_book.compare_lot(lot.id, scanned, scope)
    assert [(d.kind, d.expected_g, d.found_g) for d in seen] == [("weight_off", 62_700, 50_000)]
    assert not models.Discrepancy.objects.exists()
    receipt = LotReceipt(lot.id, scanned)
    [card] = dismantling.receive_lots(actor=here.clerk, receipts=[receipt], request_id=uuid4())
    assert list(card.discrepancies) == seen


def test_a_lot_is_found_by_its_two_parties_alone(here, on_the_floor):
    lot = models.Lot.objects.get()
    assert stock_book.get_lot(lot.id, here.manager.scope).number == lot.number
    assert stock_book.get_lot(lot.id, here.clerk.scope).number == lot.number
    for scope in (
        Scope(org_id=given.organisation(OrgKind.RECYCLER)),
        Scope(region_path="370000/371500/371521"),
        Scope(person_id=uuid4()),
    ):
        with pytest.raises(LotNotFound):
            stock_book.get_lot(lot.id, scope)


def test_certificates_and_months_add_up_within_the_scope(here, on_the_floor):
    with clock.standing_at(LATER):
        card = given_recycling.dismantled(here, on_the_floor)
    scope = here.clerk.scope
    assert [one.number for one in floor_book.list_certificates(scope).items] == [card.number]
    [line] = floor_book.list_month_totals(scope, year=2026)
    assert (line.month, line.class_code) == (date(2026, 6, 1), "01")
    assert (line.run_count, line.unit_count, line.mass_in_g) == (1, 1, 62_700)
    materials = floor_book.list_material_totals(scope, year=2026)
    assert sum(one.mass_g for one in materials) == line.mass_out_g
    for elsewhere in (Scope(org_id=uuid4()), Scope(person_id=uuid4())):
        assert floor_book.list_certificates(elsewhere).total == 0
        assert floor_book.list_month_totals(elsewhere, year=2026) == []
    assert floor_book.list_month_totals(scope, year=2025) == []


def test_units_are_listed_by_class_and_by_whether_they_are_graded(here, on_the_floor):
    scope = here.clerk.scope
    at = UnitState.AT_DISMANTLER
    assert stock_book.list_units(scope, state=at, class_code="01", is_graded=True).total == 1
    assert stock_book.list_units(scope, state=at, class_code="02").total == 0
    assert stock_book.list_units(scope, state=at, is_graded=False).total == 0
    assert stock_book.find_unit(on_the_floor[0], scope).gate_mass_g == 62_700
    assert stock_book.find_unit(on_the_floor[0], Scope(org_id=uuid4())) is None


def test_a_photo_is_kept_for_who_collects_and_found_by_them(here, settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    order = given_recycling.booked()
    given_recycling.planned(here)
    sha256 = visiting.keep_photo(actor=here.collector, order_id=order.id, content=b"photo")
    assert order_book.find_photo(order.id, sha256, here.collector.scope) == b"photo"
    assert order_book.find_photo(order.id, "0" * 64, here.collector.scope) is None
    stranger = given.staff(Role.COLLECTOR, org_id=given.organisation(OrgKind.RECYCLER))
    with pytest.raises(OrderNotFound):
        order_book.find_photo(order.id, sha256, stranger.scope)
    with pytest.raises(Exception, match="没有权限"):
        visiting.keep_photo(actor=stranger, order_id=order.id, content=b"photo")
