"""What tests of recycling start from: a recycler with vans, orders at every stage."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from huanxin.catalogue import selectors as catalogue
from huanxin.identity.models import Licence, Organisation, Person
from huanxin.identity.services import registering
from huanxin.identity.types import ConsentMeans, OrgKind, PersonCard, Role
from huanxin.kernel import clock, money
from huanxin.kernel.actor import Actor
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import models
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import (
    booking,
    dismantling,
    dispatching,
    preparing,
    quoting,
    storing,
    visiting,
)
from huanxin.recycling.types import AgeBand, BrandTier, Choice, Slot
from huanxin.recycling.types.depot import Inspection, LotCard, LotReceipt, WeighIn
from huanxin.recycling.types.door import CollectedUnit, Pickup, PickupReceipt
from huanxin.recycling.types.floor import CertificateCard, MaterialOut, NewRun
from huanxin.recycling.types.orders import NewOrder, OrderCard
from huanxin.recycling.types.routes import NewVan
from huanxin.recycling.types.valuation import QuoteAsk, UnitAnswers
from huanxin.vouchers.models import Voucher
from huanxin.vouchers.types import VoucherState
from tests import given, given_catalogue

__all__ = ["Slot", "replace"]  # for tests that vary what is made here

DAY = date(2026, 6, 2)
EVENING = clock.moment(date(2026, 6, 1), 20)
LAT_E6, LON_E6 = 36_457_000, 115_985_000
PHOTO = "ab" * 32
WORN = {
    "hazard": "no", "safety": "good", "works": "no", "complete": "yes", "looks": "worn",
    "age": "3_to_8",
}  # fmt: skip
FINE = WORN | {"works": "yes", "looks": "good", "age": "under_3"}


@dataclass(frozen=True)
class City:
    """A recycler with its depot and vans, a dismantler, and who works there."""

    recycler_id: UUID
    dismantler_id: UUID
    van_ids: list[UUID]

    @property
    def manager(self) -> Actor:
        return given.staff(Role.RECYCLER_MANAGER, org_id=self.recycler_id)

    @property
    def collector(self) -> Actor:
        return given.staff(Role.COLLECTOR, org_id=self.recycler_id)

    @property
    def clerk(self) -> Actor:
        return given.staff(Role.DISMANTLER_CLERK, org_id=self.dismantler_id)


def city(*, vans: int = 1) -> City:
    """The reference rows, a recycler with vans in the county, a dismantler."""
    given_catalogue.reference()
    preparing.load_reference(actor=given.system())
    recycler_id = given.organisation(OrgKind.RECYCLER)
    Organisation.objects.filter(pk=recycler_id).update(lat_e6=LAT_E6, lon_e6=LON_E6)
    van_ids = preparing.register_vans(
        actor=given.system(),
        vans=[NewVan(recycler_id, f"收 {n}", given.COUNTY) for n in range(1, vans + 1)],
    )
    return City(recycler_id, given.organisation(OrgKind.DISMANTLER), van_ids)


def answers(
    category_code: str = "refrigerator",
    *,
    age_band: AgeBand = AgeBand.FROM_3_TO_8,
    is_working: bool = True,
    is_complete: bool = True,
) -> UnitAnswers:
    return UnitAnswers(category_code, age_band, is_working, is_complete, BrandTier.MIDDLE)


def new_order(
    who: PersonCard,
    *,
    units: tuple[UnitAnswers, ...] = (),
    choice: Choice = Choice.CASH,
    slot: Slot = Slot.MORNING_EARLY,
    slot_on: date = DAY,
    shift_e6: int = 0,
) -> NewOrder:
    """Quoted units and a door near the depot, ready to book."""
    asks = [QuoteAsk(who.id, one) for one in units or (answers(),)]
    quotes = quoting.quote_many(actor=given.consumer(who), asks=asks)
    return NewOrder(
        person_id=who.id,
        quote_ids=tuple(quote.quote_id for quote in quotes),
        address="测试小区 1 号楼 101",
        region_code=given.COUNTY,
        lat_e6=LAT_E6 + 4_000 + shift_e6,
        lon_e6=LON_E6 + 4_000 + shift_e6,
        slot_on=slot_on,
        slot=slot,
        choice=choice,
    )


def booked(
    who: PersonCard | None = None, *, choice: Choice = Choice.CASH, slot: Slot = Slot.MORNING_EARLY,
    units: tuple[UnitAnswers, ...] = (), shift_e6: int = 0,
) -> OrderCard:  # fmt: skip
    """An order booked by its owner for DAY."""
    who = who or given.person()
    order = new_order(who, choice=choice, slot=slot, units=units, shift_e6=shift_e6)
    return booking.book_order(actor=given.consumer(who), order=order, request_id=uuid4())


def planned(here: City) -> None:
    dispatching.plan_routes(actor=here.manager, on=DAY, region_path=given.COUNTY_PATH)


def pickup(order: OrderCard, *, found: UnitAnswers | None = None) -> Pickup:
    units = tuple(CollectedUnit(unit.id, (PHOTO,), answers=found) for unit in order.units)
    return Pickup(order.id, units, order_lat(order.id), LON_E6)


def order_lat(order_id: UUID) -> int:
    return models.Order.objects.values_list("lat_e6", flat=True).get(pk=order_id)


def collected(here: City, order: OrderCard) -> PickupReceipt:
    """The order's units taken over by the recycler."""
    return visiting.collect_unit(actor=here.collector, pickup=pickup(order), request_id=uuid4())


def at_depot(here: City, codes: tuple[str, ...], *, mass_g: int = 62_700) -> None:
    storing.receive_at_depot(
        actor=here.manager,
        depot_org_id=here.recycler_id,
        weights=[WeighIn(code, mass_g) for code in codes],
        request_id=uuid4(),
    )
    storing.grade_units(
        actor=here.manager,
        depot_org_id=here.recycler_id,
        inspections=[Inspection(code, WORN) for code in codes],
        request_id=uuid4(),
    )


def shipped(here: City, codes: tuple[str, ...]) -> LotCard:
    lot = storing.pack_lot(
        actor=here.manager,
        depot_org_id=here.recycler_id,
        unit_codes=codes,
        receiver_org_id=here.dismantler_id,
        request_id=uuid4(),
    )
    return storing.ship_lot(actor=here.manager, lot_id=lot.id)


def at_dismantler(here: City, lot: LotCard, *, mass_g: int = 62_700) -> LotCard:
    scanned = tuple(WeighIn(code, mass_g) for code in lot.unit_codes)
    return dismantling.receive_lots(
        actor=here.clerk, receipts=[LotReceipt(lot.id, scanned)], request_id=uuid4()
    )[0]


def run(here: City, codes: tuple[str, ...], *, mass_g: int | None = None) -> NewRun:
    """A run of refrigerators whose outputs follow the published material shares."""
    total_g = 62_700 * len(codes) if mass_g is None else mass_g
    shares = catalogue.material_profile("01")
    parts = money.split_fen(total_g, [share.share_bps for share in shares])
    outputs = [
        MaterialOut(share.material_code, part) for share, part in zip(shares, parts, strict=True)
    ]
    return NewRun(here.dismantler_id, codes, tuple(outputs))


def dismantled(here: City, codes: tuple[str, ...]) -> CertificateCard:
    return dismantling.dismantle(actor=here.clerk, runs=[run(here, codes)], request_id=uuid4())[0]


def until_dismantler(here: City) -> tuple[OrderCard, tuple[str, ...]]:
    """One fridge, walked from booking to the dismantler's floor; an hour a step."""
    order = booked()
    planned(here)
    moment = EVENING + timedelta(hours=14)
    with clock.standing_at(moment):
        codes = collected(here, order).unit_codes
    with clock.standing_at(moment + timedelta(hours=1)):
        at_depot(here, codes)
    with clock.standing_at(moment + timedelta(hours=2)):
        lot = shipped(here, codes)
    with clock.standing_at(moment + timedelta(hours=3)):
        at_dismantler(here, lot)
    return order_book.cards([order.id])[0], codes


def licensed(org_id: UUID, kind: str) -> None:
    """Give an organisation a licence that is good all year."""
    Licence.objects.create(
        organisation_id=org_id, kind=kind, number=f"TEST-{kind}",
        from_on=date(2026, 1, 1), to_on=date(2027, 1, 1),
    )  # fmt: skip


def agreed(clerk: Actor) -> None:
    """Everyone's recorded word that a clerk acts for them."""
    for person_id in Person.objects.values_list("pk", flat=True):
        registering.record_consent(
            actor=clerk, person_id=person_id, means=ConsentMeans.SPOKEN,
            statement="本人同意由测试服务站代为办理旧家电估价和上门预约。",
        )  # fmt: skip


def voucher_state(order: OrderCard) -> VoucherState:
    """How an order's 焕新券 stands."""
    assert order.voucher_id is not None
    return VoucherState(Voucher.objects.get(pk=order.voucher_id).state)


def looks(order_id: UUID) -> list[tuple[str, str]]:
    """Who looked at an order's address."""
    rows = AuditEntry.objects.filter(subject_id=str(order_id), action="recycling.address_revealed")
    return list(rows.values_list("action", "actor_role"))


def later(hours: int) -> datetime:
    return EVENING + timedelta(hours=hours)
