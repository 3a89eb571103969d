"""Mechanics of depot and dismantler: units are found in the right state and hands, events made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind, OrgStatus, RestrictionKind
from huanxin.kernel import clock
from huanxin.recycling import models, rules
from huanxin.recycling.errors import LotMixed, PartyNotFit, UnitNotHere, WeightInvalid
from huanxin.recycling.types import LotPurpose, LotState, NextStep, UnitState
from huanxin.recycling.types.depot import NewLot, WeighIn
from huanxin.recycling.types.renewal import NewWork
from huanxin.trace import selectors as trace_ids
from huanxin.trace.types import Action, Capture, Event, EventType, Move, Quantity
from huanxin.trace.types import UnitState as Held

UNIT_MOST_G = 2_500_000  # a passenger car is the heaviest thing that is traded in
STATE_WORDS = {
    UnitState.EXPECTED: "待上门",
    UnitState.COLLECTED: "已取走",
    UnitState.IN_DEPOT: "在库",
    UnitState.IN_LOT: "已装批",
    UnitState.SHIPPED: "运输途中",
    UnitState.AT_DISMANTLER: "已到拆解企业",
    UnitState.DISMANTLED: "已拆解",
    UnitState.REFURBISHED: "已翻新再用",
    UnitState.CANCELLED: "已取消",
}
_RECEIVE = """
UPDATE recycling_unit u SET state = 'in_depot', depot_id = %s, mass_g = n.mass_g, received_at = %s
FROM unnest(%s::text[], %s::int[]) AS n(unit_code, mass_g) WHERE u.unit_code = n.unit_code
"""
_ORDERS_IN = """
UPDATE recycling_order o SET state = 'received', received_at = %s
WHERE o.id = ANY(%s) AND o.state = 'collected'
  AND NOT EXISTS (SELECT 1 FROM recycling_unit u WHERE u.order_id = o.id AND u.state = 'collected')
"""
_ORDERS_DONE = """
UPDATE recycling_order o SET state = 'completed', completed_at = %s
WHERE o.id = ANY(%s) AND o.state = 'received'
  AND NOT EXISTS (SELECT 1 FROM recycling_unit u
                  WHERE u.order_id = o.id AND u.state NOT IN ('dismantled', 'refurbished'))
RETURNING o.id
"""
_ARRIVE = """
UPDATE recycling_unit u SET state = 'at_dismantler', gate_mass_g = n.mass_g, arrived_at = %s
FROM unnest(%s::text[], %s::int[]) AS n(unit_code, mass_g) WHERE u.unit_code = n.unit_code
"""
_GRADE = """
UPDATE recycling_unit u SET grade = n.grade, next_step = n.next_step, graded_at = %s
FROM unnest(%s::text[], %s::text[], %s::text[]) AS n(unit_code, grade, next_step)
WHERE u.unit_code = n.unit_code
"""


def lock_units(codes: Sequence[str], *states: UnitState) -> dict[str, models.Unit]:
    """Units by code, held, each once and all in a wanted state; in the order asked."""
    if twice := rules.repeated(codes):
        raise UnitNotHere(unit_code=twice, reason="同一机身码重复扫描")
    rows = models.Unit.objects.select_for_update(of=("self",), no_key=True)
    found = {
        unit.unit_code or "": unit
        for unit in rows.filter(unit_code__in=list(codes))
        .select_related("order", "lot")
        .order_by("pk")
    }
    for code in codes:
        if code not in found:
            raise UnitNotHere(unit_code=code, reason="没有这台旧机的档案")
        if found[code].state not in states:
            raise UnitNotHere(
                unit_code=code, reason=f"目前为“{STATE_WORDS[UnitState(found[code].state)]}”"
            )
    return {code: found[code] for code in codes}


def check_weights(weights: Sequence[WeighIn]) -> None:
    """Refuse weights that no scale shows of such a thing."""
    for one in weights:
        if not 0 < one.mass_g <= UNIT_MOST_G:
            raise WeightInvalid(unit_code=one.unit_code, mass_g=one.mass_g)


def givers(units: Mapping[str, models.Unit]) -> dict[str, UUID]:
    """Who hands each unit to the depot: its collector, or, of one that a lot arrived without, the
    depot that still answers for it."""
    found = {}
    for code, unit in units.items():
        lot = unit.lot
        if unit.state == UnitState.SHIPPED and (lot is None or lot.state != LotState.RECEIVED):
            raise UnitNotHere(unit_code=code, reason="所在批次仍在运输途中")
        giver = unit.depot_id if unit.state == UnitState.SHIPPED else unit.order.organisation_id
        assert giver is not None, "a unit that left its door is held by someone"
        found[code] = giver
    return found


def check_party(org_id: UUID, kind: OrgKind) -> Any:
    """The organisation, if it is of that kind and admitted."""
    org = identity.get_organisation(org_id)
    if org.kind != kind:
        raise PartyNotFit(name=org.name, reason="单位类型不符")
    if org.status != OrgStatus.ADMITTED:
        raise PartyNotFit(name=org.name, reason="目前不在册")
    return org


def check_unrestricted(org: Any) -> None:
    """Refuse who is kept out now; what is on its way to it may still arrive."""
    if identity.find_restriction(RestrictionKind.ORGANISATION, str(org.id), clock.today()):
        raise PartyNotFit(name=org.name, reason="目前被限制，不能接收新的批次")


def check_stock(units: Mapping[str, models.Unit], depot_org_id: UUID) -> None:
    """All in this depot."""
    for code, unit in units.items():
        if unit.depot_id != depot_org_id:
            raise UnitNotHere(unit_code=code, reason="不在本分拣中心")


def check_packable(units: Mapping[str, models.Unit], lot: NewLot) -> bool:
    """Refuse what grading keeps for re-use, and what must travel apart; whether the lot is the
    hazardous kind."""
    steps = {code: unit.next_step for code, unit in units.items()}
    for code, step in steps.items():
        if step == NextStep.REFURBISH and lot.purpose == LotPurpose.DISMANTLE:
            raise UnitNotHere(unit_code=code, reason="已分级为翻新再用，不送拆解")
    hazardous = [code for code, step in steps.items() if step == NextStep.HAZARDOUS]
    if hazardous and len(hazardous) < len(steps):
        raise LotMixed(unit_code=hazardous[0])
    return bool(hazardous)


def run_sql(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall()) if cursor.description else []


def store_receiving(
    org_id: UUID, weights: Sequence[WeighIn], orders: set[UUID], now: datetime
) -> None:
    codes, masses = [w.unit_code for w in weights], [w.mass_g for w in weights]
    run_sql(_RECEIVE, [org_id, now, codes, masses])
    run_sql(_ORDERS_IN, [now, list(orders)])


def store_grades(rows: Sequence[tuple[str, str, str]], now: datetime) -> None:
    run_sql(_GRADE, [now, *[list(column) for column in zip(*rows, strict=True)]])


def store_arrivals(weights: Sequence[WeighIn], now: datetime) -> None:
    run_sql(_ARRIVE, [now, [w.unit_code for w in weights], [w.mass_g for w in weights]])


def store_transfer(org_id: UUID, weights: Sequence[WeighIn], now: datetime) -> None:
    run_sql(_RECEIVE, [org_id, now, [w.unit_code for w in weights], [w.mass_g for w in weights]])
    codes = [w.unit_code for w in weights]
    models.Unit.objects.filter(unit_code__in=codes).update(lot=None)


def complete_orders(order_ids: set[UUID], now: datetime) -> set[UUID]:
    return {row[0] for row in run_sql(_ORDERS_DONE, [now, list(order_ids)])}


def receiving(
    unit: models.Unit,
    mass_g: int,
    *,
    giver: UUID,
    taker: UUID,
    glns: Mapping[UUID, str],
    now: datetime,
) -> Capture:
    """A unit weighed in at the depot; the party changes when another recycler collected it."""
    code = unit.unit_code or ""
    is_handed_on = giver != taker
    event = Event(
        type=EventType.OBJECT,
        at=now,
        biz_step="receiving",
        disposition="in_progress",
        action=Action.OBSERVE,
        epc_list=(trace_ids.digital_link(code),),
        read_point=trace_ids.location_link(glns[taker]),
        biz_location=trace_ids.location_link(glns[taker]),
        sources=_party("possessing_party", glns[giver]) if is_handed_on else (),
        destinations=_party("possessing_party", glns[taker]) if is_handed_on else (),
        mass_g=mass_g,
    )
    move = Move(code, giver, taker, Held.IN_DEPOT, mass_g=mass_g)
    return Capture(event, taker, unit.order.region_path, (move,))


def inspecting(unit: models.Unit, grade: str, step: NextStep, gln: str, now: datetime) -> Capture:
    """A unit graded in the depot."""
    code, org_id = unit.unit_code or "", _depot(unit)
    event = Event(
        type=EventType.OBJECT,
        at=now,
        biz_step="inspecting",
        disposition="non_sellable_other" if step == NextStep.DISMANTLE else "in_progress",
        action=Action.OBSERVE,
        epc_list=(trace_ids.digital_link(code),),
        read_point=trace_ids.location_link(gln),
        biz_location=trace_ids.location_link(gln),
        persistent_set=("damaged",) if step == NextStep.DISMANTLE else (),
        extensions={"hx:inspection": {"hx:grade": grade, "hx:nextStep": step.value}},
    )
    move = Move(code, org_id, org_id, Held.IN_DEPOT)
    return Capture(event, org_id, unit.order.region_path, (move,))


def packing(lot: models.Lot, codes: Sequence[str], gln: str, now: datetime) -> Capture:
    """Units sealed into a lot."""
    moves = _moves(codes, lot.depot_id, lot.depot_id, Held.IN_LOT)
    return Capture(
        _aggregation(lot, codes, Action.ADD, gln, now), lot.depot_id, lot.region_path, moves
    )


def unpacking(lot: models.Lot, codes: Sequence[str], gln: str, now: datetime) -> Capture:
    """Units taken out of a lot at the dismantler, or at the depot that received it."""
    is_transfer = lot.purpose == LotPurpose.TRANSFER
    state = Held.IN_DEPOT if is_transfer else Held.AT_DISMANTLER
    giver = lot.depot_id if is_transfer else lot.receiver_id
    moves = _moves(codes, giver, lot.receiver_id, state)
    event = _aggregation(lot, codes, Action.DELETE, gln, now)
    return Capture(event, lot.receiver_id, lot.region_path, moves)


def reopening(lot: models.Lot, codes: Sequence[str], gln: str, now: datetime) -> Capture:
    """A lot that has not left is opened again where it was sealed."""
    moves = _moves(codes, lot.depot_id, lot.depot_id, Held.IN_DEPOT)
    event = _aggregation(lot, codes, Action.DELETE, gln, now)
    return Capture(event, lot.depot_id, lot.region_path, moves)


def _aggregation(
    lot: models.Lot, codes: Sequence[str], action: Action, gln: str, now: datetime
) -> Event:
    return Event(
        type=EventType.AGGREGATION,
        at=now,
        biz_step="packing" if action == Action.ADD else "unpacking",
        disposition="in_progress",
        action=action,
        parent_id=trace_ids.container_link(lot.sscc),
        child_epcs=tuple(trace_ids.digital_link(code) for code in codes),
        read_point=trace_ids.location_link(gln),
        biz_location=trace_ids.location_link(gln),
    )


def shipping(
    lot: models.Lot, codes: Sequence[str], glns: Mapping[UUID, str], now: datetime
) -> Capture:
    """A lot leaves the depot; the depot answers for it until the dismantler has received it."""
    event = Event(
        type=EventType.OBJECT,
        at=now,
        biz_step="shipping",
        disposition="in_transit",
        action=Action.OBSERVE,
        epc_list=(trace_ids.container_link(lot.sscc),),
        read_point=trace_ids.location_link(glns[lot.depot_id]),
        biz_transactions=(("desadv", trace_ids.transaction_uri(glns[lot.depot_id], lot.number)),),
        sources=_party("possessing_party", glns[lot.depot_id]),
        destinations=_party("possessing_party", glns[lot.receiver_id]),
    )
    moves = _moves(codes, lot.depot_id, lot.depot_id, Held.SHIPPED)
    return Capture(event, lot.depot_id, lot.region_path, moves)


def arrival(
    lot: models.Lot, codes: Sequence[str], glns: Mapping[UUID, str], now: datetime
) -> Capture:
    """A lot taken over at the dismantler's gate; only units that were scanned change hands."""
    event = Event(
        type=EventType.OBJECT,
        at=now,
        biz_step="receiving",
        disposition="in_progress",
        action=Action.OBSERVE,
        epc_list=(trace_ids.container_link(lot.sscc),),
        read_point=trace_ids.location_link(glns[lot.receiver_id]),
        biz_location=trace_ids.location_link(glns[lot.receiver_id]),
        biz_transactions=(
            ("recadv", trace_ids.transaction_uri(glns[lot.receiver_id], lot.number)),
        ),
        sources=_party("possessing_party", glns[lot.depot_id]),
        destinations=_party("possessing_party", glns[lot.receiver_id]),
    )
    if lot.purpose == LotPurpose.TRANSFER:  # there, units change hands as they are taken out
        return Capture(event, lot.receiver_id, lot.region_path)
    moves = _moves(codes, lot.depot_id, lot.receiver_id, Held.AT_DISMANTLER)
    return Capture(event, lot.receiver_id, lot.region_path, moves)


def disassembling(
    run: models.Run, codes: Sequence[str], outputs: Sequence[Quantity], gln: str
) -> Capture:
    """Units in, materials out; every passport closes with the run's certificate."""
    event = Event(
        type=EventType.TRANSFORMATION,
        at=run.dismantled_at,
        biz_step="disassembling",
        disposition="in_progress",
        input_epcs=tuple(trace_ids.digital_link(code) for code in codes),
        output_quantities=tuple(outputs),
        transformation_id=f"urn:epcglobal:cbv:xform:{gln}:{run.number}",
        read_point=trace_ids.location_link(gln),
        biz_location=trace_ids.location_link(gln),
        ilmd={
            "hx:certificate": run.certificate_no,
            "hx:wasteClass": trace_ids.class_uri(run.waste_class_code),
        },
    )
    org_id = run.dismantler_id
    moves = tuple(
        Move(code, org_id, org_id, Held.DISMANTLED, certificate_no=run.certificate_no)
        for code in codes
    )
    return Capture(event, org_id, run.region_path, moves)


def repairing(unit: models.Unit, work: NewWork, gln: str, now: datetime) -> Capture:
    """A unit repaired and tested in the depot."""
    code, org_id = unit.unit_code or "", _depot(unit)
    event = Event(
        type=EventType.OBJECT,
        at=now,
        biz_step="repairing",
        disposition="in_progress" if work.is_safe else "non_sellable_other",
        action=Action.OBSERVE,
        epc_list=(trace_ids.digital_link(code),),
        read_point=trace_ids.location_link(gln),
        biz_location=trace_ids.location_link(gln),
        extensions={
            "hx:repair": {
                "hx:done": "；".join(item.done for item in work.items),
                "hx:isSafe": "yes" if work.is_safe else "no",
            }
        },
    )
    move = Move(code, org_id, org_id, Held.IN_DEPOT)
    return Capture(event, org_id, unit.order.region_path, (move,))


def reselling(unit: models.Unit, sale: models.RenewalSale, gln: str) -> Capture:
    """A refurbished unit sold: its passport closes and names the code it goes on under."""
    code, org_id = unit.unit_code or "", _depot(unit)
    event = Event(
        type=EventType.OBJECT,
        at=sale.sold_at,
        biz_step="retail_selling",
        disposition="retail_sold",
        action=Action.OBSERVE,
        epc_list=(trace_ids.digital_link(code),),
        read_point=trace_ids.location_link(gln),
        biz_transactions=(("inv", trace_ids.transaction_uri(gln, sale.number)),),
        extensions={"hx:nextLife": trace_ids.digital_link(sale.next_code)},
    )
    move = Move(code, org_id, org_id, Held.REFURBISHED, next_life=sale.next_code)
    return Capture(event, org_id, unit.order.region_path, (move,))


def _moves(codes: Sequence[str], giver: UUID, taker: UUID, state: Held) -> tuple[Move, ...]:
    return tuple(Move(code, giver, taker, state) for code in codes)


def _party(kind: str, gln: str) -> tuple[tuple[str, str], ...]:
    return ((kind, trace_ids.party_link(gln)),)


def _depot(unit: models.Unit) -> UUID:
    assert unit.depot_id is not None, "a unit in a depot knows which"
    return unit.depot_id
