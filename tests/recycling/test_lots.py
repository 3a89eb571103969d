"""Lots leave sealed and are compared, unit by unit, where they arrive."""

from uuid import uuid4

import pytest
from stdnum import ean

from huanxin.identity.services import admitting
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.recycling import models
from huanxin.recycling.errors import LotStateRefuses, PartyNotFit, UnitNotHere
from huanxin.recycling.selectors import stock_book
from huanxin.recycling.services import dismantling, storing
from huanxin.recycling.types import DiscrepancyKind, LotState, UnitState
from huanxin.recycling.types.depot import Inspection, LotReceipt, WeighIn
from huanxin.trace import selectors as trace
from tests import given, given_recycling

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> given_recycling.City:
    return given_recycling.city()


def _stock(here: given_recycling.City, count: int) -> tuple[str, ...]:
    order = given_recycling.booked(units=tuple(given_recycling.answers() for _ in range(count)))
    given_recycling.planned(here)
    codes = given_recycling.collected(here, order).unit_codes
    given_recycling.at_depot(here, codes)
    return codes


def test_what_differs_at_the_gate_is_recorded_and_only_scanned_units_change_hands(
    here: given_recycling.City,
) -> None:
    codes = _stock(here, 4)
    lot = given_recycling.shipped(here, codes[:3])
    heavy, fine, missing = lot.unit_codes
    scanned = (WeighIn(heavy, 66_000), WeighIn(fine, 62_000), WeighIn(codes[3], 62_700))

    card = dismantling.receive_lots(
        actor=here.clerk, receipts=[LotReceipt(lot.id, scanned)], request_id=uuid4()
    )[0]

    assert card.state == LotState.RECEIVED
    assert {(d.unit_code, d.kind, d.expected_g, d.found_g) for d in card.discrepancies} == {
        (heavy, DiscrepancyKind.WEIGHT_OFF, 62_700, 66_000),
        (missing, DiscrepancyKind.MISSING, 62_700, None),
        (codes[3], DiscrepancyKind.EXTRA, None, 62_700),
    }
    holders = {code: trace.get_passport(code, Scope()).holder_id for code in codes}
    assert holders == {
        heavy: here.dismantler_id,
        fine: here.dismantler_id,
        missing: here.recycler_id,
        codes[3]: here.recycler_id,
    }
    unit = models.Unit.objects.get(unit_code=missing)
    assert (unit.state, unit.gate_mass_g) == (UnitState.SHIPPED, None)


def test_a_unit_missing_from_its_lot_comes_back_to_its_depot_and_leaves_with_another(
    here: given_recycling.City,
) -> None:
    code, found = _stock(here, 2)
    lot = given_recycling.shipped(here, (code, found))

    with pytest.raises(UnitNotHere, match="仍在运输途中"):
        given_recycling.at_depot(here, (code,))
    dismantling.receive_lots(
        actor=here.clerk,
        receipts=[LotReceipt(lot.id, (WeighIn(found, 62_700),))],
        request_id=uuid4(),
    )
    with clock.standing_at(given_recycling.later(2)):
        given_recycling.at_depot(here, (code,))
        again = given_recycling.shipped(here, (code,))
        given_recycling.at_dismantler(here, again)

    assert [stop.state.value for stop in trace.story(code, Scope())][-7:] == [
        "shipped", "in_depot", "in_depot", "in_lot", "shipped", "at_dismantler", "at_dismantler",
    ]  # fmt: skip
    assert trace.get_passport(code, Scope()).holder_id == here.dismantler_id


def test_a_lot_is_named_by_an_sscc_whose_check_digit_fits(here: given_recycling.City) -> None:
    lot = given_recycling.shipped(here, _stock(here, 1))

    assert len(lot.sscc) == 18
    assert ean.calc_check_digit(lot.sscc[:-1]) == lot.sscc[-1]
    events = trace.list_events(scope=Scope(), epc=f"urn:epc:id:sscc:9523715.{_serial(lot.sscc)}")
    assert [event.body["bizStep"] for event in events.items] == ["shipping", "packing"]


def test_a_unit_is_packed_once_from_its_own_depot_and_only_to_be_dismantled(
    here: given_recycling.City,
) -> None:
    first, second = _stock(here, 2)
    given_recycling.shipped(here, (first,))
    other = given.organisation(OrgKind.RECYCLER)
    storing.grade_units(
        actor=here.manager,
        depot_org_id=here.recycler_id,
        inspections=[Inspection(second, given_recycling.FINE)],
        request_id=uuid4(),
    )

    for depot, code, why in (
        (here.recycler_id, first, "运输途中"),
        (other, second, "不在本分拣中心"),
        (here.recycler_id, second, "翻新"),
        (here.recycler_id, "HX2615029999942F", "没有这台旧机"),
    ):
        with pytest.raises(UnitNotHere, match=why):
            storing.pack_lot(
                actor=given.system(),
                depot_org_id=depot,
                unit_codes=[code],
                receiver_org_id=here.dismantler_id,
                request_id=uuid4(),
            )

    assert models.Lot.objects.count() == 1


def test_a_restricted_dismantler_gets_no_new_lot(here: given_recycling.City) -> None:
    codes = _stock(here, 1)
    given.barred(here.dismantler_id)
    with pytest.raises(PartyNotFit, match="目前被限制"):
        storing.pack_lot(
            actor=here.manager,
            depot_org_id=here.recycler_id,
            unit_codes=codes,
            receiver_org_id=here.dismantler_id,
            request_id=uuid4(),
        )
    assert models.Lot.objects.count() == 0


def test_a_lot_goes_only_to_a_dismantler_that_is_admitted(here: given_recycling.City) -> None:
    codes = _stock(here, 1)
    admitting.set_organisation_status(
        actor=given.system(), org_id=here.dismantler_id, status="suspended", reason="整改期间暂停"
    )

    for dismantler in (here.dismantler_id, given.organisation(OrgKind.RETAILER)):
        with pytest.raises(PartyNotFit):
            storing.pack_lot(
                actor=here.manager,
                depot_org_id=here.recycler_id,
                unit_codes=codes,
                receiver_org_id=dismantler,
                request_id=uuid4(),
            )

    assert models.Unit.objects.get(unit_code=codes[0]).state == UnitState.IN_DEPOT


def test_a_lot_is_received_once_and_only_when_under_way(here: given_recycling.City) -> None:
    codes = _stock(here, 1)
    lot = storing.pack_lot(
        actor=here.manager,
        depot_org_id=here.recycler_id,
        unit_codes=codes,
        receiver_org_id=here.dismantler_id,
        request_id=uuid4(),
    )

    with pytest.raises(LotStateRefuses):
        given_recycling.at_dismantler(here, lot)
    storing.ship_lot(actor=here.manager, lot_id=lot.id)
    given_recycling.at_dismantler(here, lot)
    with pytest.raises(LotStateRefuses):
        given_recycling.at_dismantler(here, lot)
    with pytest.raises(LotStateRefuses):
        storing.ship_lot(actor=here.manager, lot_id=lot.id)

    assert models.Lot.objects.get().state == LotState.RECEIVED


def test_a_lot_list_shows_each_side_its_own(here: given_recycling.City) -> None:
    lot = given_recycling.shipped(here, _stock(here, 1))

    for scope, count in (
        (here.manager.scope, 1),
        (here.clerk.scope, 1),
        (Scope(region_path=given.COUNTY_PATH), 1),
        (Scope(region_path="370000/371500/371521"), 0),
        (Scope(region_path=given.COUNTY_PATH, org_id=uuid4()), 0),
    ):
        found = stock_book.list_lots(scope, state=LotState.SHIPPED)
        assert [card.id for card in found.items] == [lot.id] * count


def test_stock_is_counted_by_class_and_state(here: given_recycling.City) -> None:
    codes = _stock(here, 3)
    given_recycling.shipped(here, codes[:1])

    lines = stock_book.list_depot_stock(here.manager.scope)

    assert [(line.class_code, line.state, line.unit_count, line.mass_g) for line in lines] == [
        ("01", UnitState.IN_DEPOT, 2, 125_400)
    ]


def _serial(sscc: str) -> str:
    """The URN form of an SSCC's serial: extension digit first."""
    return sscc[0] + sscc[8:-1]
