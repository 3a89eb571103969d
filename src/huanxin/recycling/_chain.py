"""Mechanics of depot and dismantler: units are found in the right state and hands, events made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind, OrgStatus
from huanxin.recycling import models, rules
from huanxin.recycling.errors import PartyNotFit, UnitNotHere
from huanxin.recycling.types import LotState, NextStep, UnitState
from huanxin.recycling.types.depot import WeighIn
from huanxin.trace import selectors as trace_ids
from huanxin.trace.types import Action, Capture, Event, EventType, Move, Quantity
from huanxin.trace.types import UnitState as Held

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


def check_stock(units: Mapping[str, models.Unit], depot_org_id: UUID) -> None:
    """All in this depot, and none graded for refurbishing."""
    for code, unit in units.items():
        if unit.depot_id != depot_org_id:
            raise UnitNotHere(unit_code=code, reason="不在本分拣中心")
        if unit.next_step == NextStep.REFURBISH:
            raise UnitNotHere(unit_code=code, reason="已分级为翻新再用，不送拆解")


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


def aggregation(
    lot: models.Lot, codes: Sequence[str], *, action: Action, gln: str, now: datetime
) -> Capture:
    """Units packed into a lot (ADD), or unpacked at the dismantler (DELETE)."""
    is_packing = action == Action.ADD
    org_id = lot.depot_id if is_packing else lot.dismantler_id
    event = Event(
        type=EventType.AGGREGATION,
        at=now,
        biz_step="packing" if is_packing else "unpacking",
        disposition="in_progress",
        action=action,
        parent_id=trace_ids.container_link(lot.sscc),
        child_epcs=tuple(trace_ids.digital_link(code) for code in codes),
        read_point=trace_ids.location_link(gln),
        biz_location=trace_ids.location_link(gln),
    )
    state = Held.IN_LOT if is_packing else Held.AT_DISMANTLER
    return Capture(event, org_id, lot.region_path, _moves(codes, org_id, org_id, state))


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
        destinations=_party("possessing_party", glns[lot.dismantler_id]),
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
        read_point=trace_ids.location_link(glns[lot.dismantler_id]),
        biz_location=trace_ids.location_link(glns[lot.dismantler_id]),
        biz_transactions=(
            ("recadv", trace_ids.transaction_uri(glns[lot.dismantler_id], lot.number)),
        ),
        sources=_party("possessing_party", glns[lot.depot_id]),
        destinations=_party("possessing_party", glns[lot.dismantler_id]),
    )
    moves = _moves(codes, lot.depot_id, lot.dismantler_id, Held.AT_DISMANTLER)
    return Capture(event, lot.dismantler_id, lot.region_path, moves)


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


def _moves(codes: Sequence[str], giver: UUID, taker: UUID, state: Held) -> tuple[Move, ...]:
    return tuple(Move(code, giver, taker, state) for code in codes)


def _party(kind: str, gln: str) -> tuple[tuple[str, str], ...]:
    return ((kind, trace_ids.party_link(gln)),)


def _depot(unit: models.Unit) -> UUID:
    assert unit.depot_id is not None, "a unit in a depot knows which"
    return unit.depot_id
