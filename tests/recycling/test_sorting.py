"""Grading decides by its published standard; lots carry what may travel together, and return."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.models import Licence
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.recycling import _work, models, work_rules
from huanxin.recycling.errors import (
    AnswersIncomplete,
    CarriageIncomplete,
    LicenceEnded,
    LotMixed,
    LotStateRefuses,
    PartyNotFit,
    WeightInvalid,
)
from huanxin.recycling.selectors import stock_book
from huanxin.recycling.services import dismantling, storing
from huanxin.recycling.types import LotPurpose, LotState, NextStep, UnitState
from huanxin.recycling.types.depot import Carriage, Inspection, LotReceipt, NewLot, WeighIn
from huanxin.trace import selectors as trace
from tests import given, given_recycling
from tests.given_recycling import FINE, WORN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking")]
TRUCK = Carriage("鲁P12345", "李师傅", "FQ0001")


@pytest.fixture
def here():
    return given_recycling.city()


def stocked(here, count=2, *, answers=WORN):
    units = tuple(given_recycling.answers() for _ in range(count))
    order = given_recycling.booked(units=units)
    given_recycling.planned(here)
    codes = given_recycling.collected(here, order).unit_codes
    given_recycling.at_depot(here, codes)
    if answers is not WORN:
        graded(here, codes, answers)
    return codes


def graded(here, codes, answers):
    return storing.grade_units(
        actor=here.manager, depot_org_id=here.recycler_id,
        inspections=[Inspection(code, answers) for code in codes], request_id=uuid4(),
    )  # fmt: skip


def packed(here, codes, *, to=None, purpose=LotPurpose.DISMANTLE):
    lot = NewLot(here.recycler_id, to or here.dismantler_id, tuple(codes), purpose)
    return storing.pack_lots(actor=here.manager, lots=[lot], request_id=uuid4())[0]


@pytest.mark.parametrize(
    ("changes", "grade", "step", "reason"),
    [
        ({}, "A", NextStep.REFURBISH, "R704"),
        ({"age": "3_to_8"}, "B", NextStep.REFURBISH, "R705"),
        ({"works": "part"}, "B", NextStep.REFURBISH, "R706"),
        ({"age": "over_8"}, "C", NextStep.DISMANTLE, "R703"),
        ({"safety": "bad"}, "C", NextStep.DISMANTLE, "R702"),
        ({"hazard": "yes"}, "H", NextStep.HAZARDOUS, "R701"),
        ({"works": "no"}, "C", NextStep.DISMANTLE, "R707"),
    ],
)
def test_the_standard_decides_and_says_why(here, changes, grade, step, reason):
    [code] = stocked(here, 1)
    [result] = graded(here, [code], FINE | changes)
    assert (result.grade, result.next_step, result.reason) == (grade, step, reason)
    kept = models.Inspection.objects.order_by("-inspected_at", "-pk").first()
    assert (kept.reason, kept.standard_id, kept.answers) == (reason, "G2026.1", FINE | changes)


def test_every_combination_of_answers_has_a_grade(here):
    standard = _work.grading(given_recycling.DAY)
    results = [work_rules.decide_grade(standard, one) for one in work_rules.every_answer(standard)]
    assert len(results) == 2 * 2 * 3 * 2 * 3 * 3
    assert {r.next_step for r in results} == set(NextStep)


def test_a_missing_or_unknown_answer_is_refused_and_nothing_is_kept(here):
    [code] = stocked(here, 1)
    before = models.Inspection.objects.count()
    for wrong in ({k: v for k, v in FINE.items() if k != "works"}, FINE | {"works": "maybe"}):
        with pytest.raises(AnswersIncomplete):
            graded(here, [code], wrong)
    assert models.Inspection.objects.count() == before


def test_what_leaks_travels_apart(here):
    first, second = stocked(here)
    graded(here, [first], WORN | {"hazard": "yes"})
    with pytest.raises(LotMixed):
        packed(here, (first, second))
    assert not models.Lot.objects.exists()
    assert packed(here, (first,)).is_hazardous
    assert not packed(here, (second,)).is_hazardous


def test_a_lot_leaves_on_a_named_truck_and_keeps_it(here):
    lot = packed(here, stocked(here))
    for wrong in (Carriage("", "李", "1"), Carriage("鲁P1", " ", "1"), Carriage("鲁P1", "李", "")):
        with pytest.raises(CarriageIncomplete):
            storing.ship_lot(actor=here.manager, lot_id=lot.id, carriage=wrong)
    assert stock_book.lot_cards([lot.id])[0].state is LotState.PACKED
    for truck in (TRUCK, Carriage("鲁P99999", "王", "X")):  # a repeat changes nothing
        card = storing.ship_lot(actor=here.manager, lot_id=lot.id, carriage=truck)
    assert card.carriage == TRUCK
    assert [one.mass_g for one in card.lines] == [62_700, 62_700]


def test_a_sealed_lot_is_opened_again_once_and_its_units_are_packed_anew(here):
    codes = stocked(here)
    lot = packed(here, codes)
    for _ in range(2):
        [card] = storing.unpack_lots(actor=here.manager, lot_ids=[lot.id])
    assert card.state is LotState.UNPACKED
    assert card.unit_codes == tuple(sorted(codes))  # the old list stays as it was
    assert {u.state for u in models.Unit.objects.all()} == {UnitState.IN_DEPOT}
    with pytest.raises(LotStateRefuses, match="已拆封"):
        storing.ship_lot(actor=here.manager, lot_id=lot.id)
    again = packed(here, codes)
    assert again.sscc != lot.sscc
    steps = [stop.biz_step for stop in trace.story(codes[0], Scope()) if stop.biz_step]
    assert steps[-3:] == ["packing", "unpacking", "packing"]


def test_a_lot_under_way_is_not_opened(here):
    lot = given_recycling.shipped(here, stocked(here))
    with pytest.raises(LotStateRefuses, match="运输途中"):
        storing.unpack_lots(actor=here.manager, lot_ids=[lot.id])


def test_a_transfer_changes_hands_where_it_is_scanned_and_its_differences_are_cases(here):
    first, second = stocked(here)
    other = given.organisation(OrgKind.RECYCLER)
    there = given_recycling.City(other, here.dismantler_id, here.van_ids)
    lot = packed(here, (first, second), to=other, purpose=LotPurpose.TRANSFER)
    storing.ship_lot(actor=here.manager, lot_id=lot.id, carriage=TRUCK)
    with pytest.raises(LotStateRefuses):
        dismantling.receive_lots(
            actor=given.system(), receipts=[LotReceipt(lot.id, ())], request_id=uuid4()
        )
    receipt = LotReceipt(lot.id, (WeighIn(first, 62_500),))
    request_id = uuid4()
    for _ in range(2):
        [card] = storing.receive_transfers(
            actor=there.manager, receipts=[receipt], request_id=request_id
        )
    assert card.state is LotState.RECEIVED
    units = {u.unit_code: u for u in models.Unit.objects.all()}
    assert (units[first].state, units[first].depot_id) == (UnitState.IN_DEPOT, other)
    assert (units[second].state, units[second].depot_id) == (UnitState.SHIPPED, here.recycler_id)
    assert trace.get_passport(first, Scope()).holder_id == other
    assert trace.get_passport(second, Scope()).holder_id == here.recycler_id
    case = models.Case.objects.get()
    assert (case.kind, case.owner_id, case.finder_id) == ("missing", here.recycler_id, other)
    given_recycling.at_depot(here, (second,))  # it had never left the yard
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("resolved", "found")


def test_a_transfer_goes_to_a_depot_and_a_lot_to_a_dismantler(here):
    codes = stocked(here)
    with pytest.raises(PartyNotFit):
        packed(here, codes, to=here.dismantler_id, purpose=LotPurpose.TRANSFER)
    with pytest.raises(PartyNotFit):
        packed(here, codes, to=given.organisation(OrgKind.RECYCLER))


def test_an_ended_licence_takes_nothing_over_and_one_day_before_it_does(here):
    lot = given_recycling.shipped(here, stocked(here))
    today = clock.today()
    licence = Licence.objects.filter(organisation_id=here.dismantler_id)
    licence.update(to_on=today)
    with pytest.raises(LicenceEnded):
        given_recycling.at_dismantler(here, lot)
    assert stock_book.lot_cards([lot.id])[0].state is LotState.SHIPPED
    licence.update(to_on=today + timedelta(days=1))
    assert given_recycling.at_dismantler(here, lot).state is LotState.RECEIVED


@pytest.mark.parametrize("mass_g", [0, -1, 2_500_001])
def test_a_weight_that_no_scale_shows_is_refused(here, mass_g):
    order = given_recycling.booked()
    given_recycling.planned(here)
    [code] = given_recycling.collected(here, order).unit_codes
    with pytest.raises(WeightInvalid):
        given_recycling.at_depot(here, (code,), mass_g=mass_g)
    assert models.Unit.objects.get().state == UnitState.COLLECTED


def test_stock_shows_the_longest_stay_first_and_its_band(here):
    early, late = stocked(here)
    received_at = given_recycling.EVENING + timedelta(days=8)
    models.Unit.objects.filter(unit_code=late).update(received_at=received_at)
    with clock.standing_at(received_at):
        scope = here.manager.scope
        found = stock_book.list_stock_units(scope)
        lines = [(one.unit_code, one.days, one.band) for one in found.items]
        assert lines == [(early, 8, 1), (late, 0, 0)]
        for band, total in ((0, 1), (1, 1), (2, 0), (3, 0)):
            assert stock_book.list_stock_units(scope, band=band).total == total
        assert stock_book.list_stock_units(scope, next_step="ungraded").total == 0
        assert stock_book.list_stock_units(scope, next_step="dismantle").total == 2


def test_the_packing_list_cannot_be_changed_afterwards(here):
    packed(here, stocked(here))
    with pytest.raises(IntegrityError), transaction.atomic():
        models.LotUnit.objects.update(mass_g=1)
