"""An e-bike's battery is weighed apart; a scrapped car leaves its papers, once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from huanxin.kernel import clock, requests
from huanxin.kernel.models import Request
from huanxin.recycling import _batteries, models
from huanxin.recycling.errors import BatteryMissing, BatteryRefused, PaperRefused
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import papering, visiting
from huanxin.recycling.types import BatteryKind, OrderState, PaperKind
from huanxin.recycling.types.door import DoorVisit, WeighedBattery
from huanxin.recycling.types.orders import NewVehiclePaper, OrderCard
from tests import given_recycling

pytestmark = pytest.mark.django_db
MOMENT = clock.moment(given_recycling.DAY, 10)
VIN = "LTEST000000000001"


def _at_the_door(category_code: str) -> tuple[given_recycling.City, OrderCard]:
    here = given_recycling.city()
    given_recycling.licensed(here.recycler_id, "vehicle_dismantling")
    models.Van.objects.update(skills=["gas", "refrigerant", "vehicle"])
    order = given_recycling.booked(units=(given_recycling.answers(category_code),))
    given_recycling.planned(here)
    if category_code == "passenger_car":
        with clock.standing_at(MOMENT):
            given_recycling.collected(here, order)
    return here, order


def _paper(
    order: OrderCard, kind: PaperKind = PaperKind.SCRAP_CERTIFICATE, *, number: str = "BF-1",
    vin: str = VIN, days: int = 0,
) -> NewVehiclePaper:  # fmt: skip
    on = given_recycling.DAY + timedelta(days=days)
    return NewVehiclePaper(order.units[0].id, kind, number, vin, "测试回收拆解企业", on)


def test_a_scrapped_car_leaves_its_certificate_and_then_its_deregistration() -> None:
    here, order = _at_the_door("passenger_car")

    def record(paper: NewVehiclePaper) -> UUID:
        with clock.standing_at(MOMENT + timedelta(days=9)):
            return papering.record_vehicle_paper(actor=here.collector, paper=paper)

    gone = PaperKind.DEREGISTRATION
    for bad in (
        _paper(order, gone, number="ZX-1", days=2),  # no certificate yet
        _paper(order, vin="LTESTO00000000001"),
        _paper(order, days=-1),
        _paper(order, days=10),
        _paper(order, number=" "),
    ):
        with pytest.raises(PaperRefused):
            record(bad)
    first = record(_paper(order, days=1))
    assert record(_paper(order, days=1)) == first
    with pytest.raises(PaperRefused):
        record(_paper(order, gone, number="ZX-1", days=0))
    with pytest.raises(PaperRefused):
        record(_paper(order, gone, number="ZX-1", vin="LTEST000000000002", days=2))
    record(_paper(order, gone, number="ZX-1", days=2))

    papers = order_book.list_vehicle_papers(order.id, here.manager.scope)
    assert [(p.kind, p.number) for p in papers] == [
        (PaperKind.SCRAP_CERTIFICATE, "BF-1"), (gone, "ZX-1"),
    ]  # fmt: skip
    assert papers[0].vin_masked == "***********000001"
    assert VIN.encode() not in bytes(models.VehiclePaper.objects.first().vin_sealed)  # type: ignore[union-attr]


def test_an_e_bike_leaves_its_battery_by_kind_and_weight() -> None:
    here, order = _at_the_door("e_bike")
    unit_id = order.units[0].id

    def weigh(kind: BatteryKind, mass_g: int) -> object:
        return papering.weigh_battery(
            actor=here.collector, unit_id=unit_id, kind=kind, mass_g=mass_g
        )

    for kind, mass_g in ((BatteryKind.LEAD_ACID, 4_999), (BatteryKind.LITHIUM, 30_001)):
        with pytest.raises(BatteryRefused):
            weigh(kind, mass_g)
    assert not models.Battery.objects.exists()
    card = weigh(BatteryKind.LEAD_ACID, 16_200)
    assert weigh(BatteryKind.LEAD_ACID, 16_200) == card
    with pytest.raises(BatteryRefused):
        weigh(BatteryKind.LEAD_ACID, 16_300)
    assert order_book.list_unweighed_bikes(order.id, here.manager.scope) == []
    kept = order_book.list_batteries(order.id, here.manager.scope)
    assert [(b.mass_g, b.is_hazardous, b.standard_no) for b in kept] == [(16_200, True, "HJ 519")]


def test_an_e_bike_leaves_its_door_only_with_its_battery_weighed() -> None:
    here, order = _at_the_door("e_bike")
    unit_id = order.units[0].id
    assert order_book.list_unweighed_bikes(order.id, here.manager.scope) == [unit_id]
    with clock.standing_at(MOMENT):
        with pytest.raises(BatteryMissing):
            given_recycling.collected(here, order)
        assert order_book.cards([order.id])[0].state == OrderState.ASSIGNED
        assert not models.Payout.objects.exists()
        papering.weigh_battery(
            actor=here.collector, unit_id=unit_id, kind=BatteryKind.LITHIUM, mass_g=2_500
        )
        given_recycling.collected(here, order)
    assert order_book.cards([order.id])[0].state == OrderState.COLLECTED


def test_a_bike_that_was_said_to_be_incomplete_and_anything_else_needs_none() -> None:
    given_recycling.city()
    bare = given_recycling.answers("e_bike", is_complete=False)
    order = given_recycling.booked(units=(bare, given_recycling.answers("refrigerator")))
    units = list(models.Unit.objects.filter(order_id=order.id).select_related("final_quote"))
    assert len(units) == 2
    assert _batteries.lacking(units) == []


def test_a_phones_record_of_a_bike_is_refused_whole_and_taken_unchanged_afterwards() -> None:
    here, order = _at_the_door("e_bike")
    visit = DoorVisit(given_recycling.pickup(order), order.quoted_fen, MOMENT)
    request_id = uuid4()
    with clock.standing_at(MOMENT + timedelta(hours=1)):
        with pytest.raises(BatteryMissing):
            visiting.hand_in(actor=here.collector, visit=visit, request_id=request_id)
        assert not models.Payout.objects.exists()
        papering.weigh_battery(
            actor=here.collector, unit_id=order.units[0].id, kind=BatteryKind.LEAD_ACID,
            mass_g=16_200,
        )  # fmt: skip
        visiting.hand_in(actor=here.collector, visit=visit, request_id=request_id)
    assert order_book.cards([order.id])[0].state == OrderState.COLLECTED


def test_a_phone_that_weighed_the_battery_itself_is_taken_at_once() -> None:
    here, order = _at_the_door("e_bike")
    unit_id = order.units[0].id

    def visit(mass_g: int, weighed_id: UUID = unit_id) -> DoorVisit:
        battery = WeighedBattery(weighed_id, BatteryKind.LEAD_ACID, mass_g)
        return DoorVisit(
            given_recycling.pickup(order), order.quoted_fen, MOMENT, batteries=(battery,)
        )

    request_id = uuid4()
    with clock.standing_at(MOMENT + timedelta(hours=1)):
        for wrong in (visit(4_999), visit(16_200, uuid4())):
            with pytest.raises(BatteryRefused):
                visiting.hand_in(actor=here.collector, visit=wrong, request_id=uuid4())
        assert not models.Battery.objects.exists()
        assert not models.Payout.objects.exists()
        visiting.hand_in(actor=here.collector, visit=visit(16_200), request_id=request_id)
        visiting.hand_in(actor=here.collector, visit=visit(16_200), request_id=request_id)
    [kept] = models.Battery.objects.all()
    assert (kept.mass_g, kept.weighed_at, kept.is_hazardous) == (16_200, MOMENT, True)
    assert models.Payout.objects.count() == 1


def test_a_message_that_phones_sent_before_they_weighed_is_still_the_same_message() -> None:
    here, order = _at_the_door("refrigerator")
    visit = DoorVisit(given_recycling.pickup(order), order.quoted_fen, MOMENT)
    request_id = uuid4()
    with clock.standing_at(MOMENT + timedelta(hours=1)):
        first = visiting.hand_in(actor=here.collector, visit=visit, request_id=request_id)
        row = Request.objects.get(request_id=request_id)
        old_text = repr(visit).replace(", batteries=()", "").replace(", serial=''", "")
        assert bytes(row.digest) == bytes(requests.content_digest(old_text))
        assert visiting.hand_in(actor=here.collector, visit=visit, request_id=request_id) == first
