"""Mechanics of lots: packed, opened again, shipped, scanned where they arrive."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.recycling import _cases, _chain, _standard, _work, models, rules
from huanxin.recycling.errors import CarriageIncomplete, LotStateRefuses, UnitNotHere
from huanxin.recycling.types import LotPurpose, LotState, UnitState
from huanxin.recycling.types.depot import Carriage, Discrepancy, LotReceipt, NewLot, WeighIn
from huanxin.trace import services as trace
from huanxin.trace.types import Capture

LOT_WORDS = {
    LotState.PACKED: "已封签",
    LotState.SHIPPED: "运输途中",
    LotState.RECEIVED: "已验收",
    LotState.UNPACKED: "已拆封",
}


def pack(
    lots: Sequence[NewLot], units: Mapping[str, models.Unit], hazardous: Sequence[bool]
) -> list[models.Lot]:
    """Store lots and what is in them; capture the packing."""
    now = clock.now()
    depots = {org: identity.get_organisation(org) for org in {lot.depot_org_id for lot in lots}}
    numbers = _standard.numbers(
        "PC", [depots[lot.depot_org_id].region_code for lot in lots], clock.business_day(now)
    )
    containers = trace.issue_container_codes(count=len(lots))
    rows = [
        models.Lot(
            id=ids.new_id(),
            number=number,
            sscc=sscc,
            depot_id=lot.depot_org_id,
            receiver_id=lot.receiver_org_id,
            region_path=depots[lot.depot_org_id].region_path,
            state=LotState.PACKED,
            purpose=lot.purpose,
            is_hazardous=is_hazardous,
            packed_at=now,
        )
        for lot, number, sscc, is_hazardous in zip(
            lots, numbers, containers, hazardous, strict=True
        )
    ]
    models.Lot.objects.bulk_create(rows)
    models.LotUnit.objects.bulk_create(
        models.LotUnit(lot=row, unit=units[code], mass_g=units[code].mass_g or 0)
        for row, lot in zip(rows, lots, strict=True)
        for code in lot.unit_codes
    )
    glns = trace.party_glns(org_ids=list(depots))
    captures = []
    for row, lot in zip(rows, lots, strict=True):
        mine = [units[code].pk for code in lot.unit_codes]
        models.Unit.objects.filter(pk__in=mine).update(state=UnitState.IN_LOT, lot=row)
        captures.append(_chain.packing(row, lot.unit_codes, glns[row.depot_id], now))
    trace.capture_events(events=captures)
    return rows


def unpack(rows: Sequence[models.Lot]) -> None:
    """Lots are opened where they were sealed; capture the unpacking."""
    if not rows:
        return
    now = clock.now()
    glns = trace.party_glns(org_ids=list({row.depot_id for row in rows}))
    codes = codes_in(rows)
    trace.capture_events(
        events=[_chain.reopening(row, codes[row.id], glns[row.depot_id], now) for row in rows]
    )
    models.Unit.objects.filter(lot__in=rows).update(state=UnitState.IN_DEPOT, lot=None)
    models.Lot.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=LotState.UNPACKED, unpacked_at=now
    )


def check_carriage(carriage: Carriage) -> None:
    """Refuse a truck without plate, driver or seal."""
    said = {
        "没有填车牌号": carriage.plate_no,
        "没有填驾驶员": carriage.driver_name,
        "没有填封签号": carriage.seal_no,
    }
    for reason, text in said.items():
        if not text.strip():
            raise CarriageIncomplete(reason=reason)


def ship(rows: Sequence[models.Lot], carriage: Carriage | None) -> None:
    """Lots leave; capture the shipping."""
    if not rows:
        return
    now = clock.now()
    glns = trace.party_glns(org_ids=list({o for r in rows for o in (r.depot_id, r.receiver_id)}))
    codes = codes_in(rows)
    trace.capture_events(events=[_chain.shipping(row, codes[row.id], glns, now) for row in rows])
    models.Unit.objects.filter(lot__in=rows).update(state=UnitState.SHIPPED)
    said = {} if carriage is None else {
        "plate_no": carriage.plate_no.strip().upper()[:12],
        "driver_name": carriage.driver_name.strip()[:40],
        "seal_no": carriage.seal_no.strip().upper()[:40],
    }  # fmt: skip
    for row in rows:
        row.seal_no = said.get("seal_no", "")
    models.Lot.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=LotState.SHIPPED, shipped_at=now, **said
    )


def codes_in(rows: Sequence[models.Lot]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    pairs = models.Unit.objects.filter(lot__in=rows).order_by("unit_code")
    for lot_id, code in pairs.values_list("lot_id", "unit_code"):
        found[lot_id].append(code or "")
    return found


@dataclass(frozen=True, slots=True)
class Gate:
    """Where lots of one purpose arrive: who keeps it, what she does there, and its words."""

    purpose: LotPurpose
    party: OrgKind
    doing: str
    operation: str
    action: str


DISMANTLERS = Gate(
    LotPurpose.DISMANTLE, OrgKind.DISMANTLER, "接收旧机", "recycling.gate", "recycling.lot_received"
)
DEPOTS = Gate(
    LotPurpose.TRANSFER, OrgKind.RECYCLER, "接收调拨", "recycling.transfer",
    "recycling.transfer_received",
)  # fmt: skip


def take_over(
    actor: Actor,
    gate: Gate,
    rows: Mapping[UUID, models.Lot],
    receipts: Sequence[LotReceipt],
    request_id: UUID,
) -> None:
    """Locked lots change hands at a gate, once a request: checked, received, written down."""
    content = [repr(receipt) for receipt in receipts]
    if kernel_requests.first_answer(actor, gate.operation, request_id, content) is not None:
        return
    for receipt in receipts:
        _check_arriving(rows, receipt, gate.purpose)
    for org_id in {row.receiver_id for row in rows.values()}:
        org = _chain.check_party(org_id, gate.party)
        _work.check_licence(org, gate.doing, clock.today())
    lines = _receive(actor, rows, receipts)
    audit.record_many(
        actor,
        gate.action,
        [
            audit.Entry("lot", row.id, row.region_path, row.receiver_id,
                        {"discrepancy_count": len(lines[row.id])})
            for row in rows.values()
        ],
    )  # fmt: skip
    kernel_requests.remember(actor, gate.operation, request_id, {"count": len(rows)})


def _check_arriving(
    rows: Mapping[UUID, models.Lot], receipt: LotReceipt, purpose: LotPurpose
) -> None:
    """Refuse a lot that is not under way or goes elsewhere, and a scan that names a unit twice."""
    row = rows.get(receipt.lot_id)
    if row is None:
        raise NotFound(model="Lot", id=receipt.lot_id)
    if row.state != LotState.SHIPPED or row.purpose != purpose:
        state = LOT_WORDS[LotState(row.state)]
        raise LotStateRefuses(number=row.number, state=state, wanted="验收")
    if twice := rules.repeated(scan.unit_code for scan in receipt.scanned):
        raise UnitNotHere(unit_code=twice, reason="同一机身码重复扫描")
    _chain.check_weights(receipt.scanned)


def _receive(
    actor: Actor, rows: Mapping[UUID, models.Lot], receipts: Sequence[LotReceipt]
) -> dict[UUID, list[Discrepancy]]:
    """Compare, record the differences as cases, hand over what was scanned; capture receiving and
    unpacking."""
    now = clock.now()
    glns = trace.party_glns(
        org_ids=list({o for row in rows.values() for o in (row.depot_id, row.receiver_id)})
    )
    expected, classes = _expected(rows)
    standard = _standard.in_force(clock.business_day(now))
    lines: dict[UUID, list[Discrepancy]] = {}
    captures: list[Capture] = []
    arrived: dict[UUID, list[WeighIn]] = {}
    for receipt in receipts:
        row, wanted = rows[receipt.lot_id], expected[receipt.lot_id]
        lines[row.id] = rules.compare_scan(standard, wanted, receipt.scanned, classes)
        arrived[row.id] = [scan for scan in receipt.scanned if scan.unit_code in wanted]
        codes = [scan.unit_code for scan in arrived[row.id]]
        captures.append(_chain.arrival(row, codes, glns, now))
        if codes:
            captures.append(_chain.unpacking(row, codes, glns[row.receiver_id], now))
    trace.capture_events(events=captures)
    _store_arrivals(rows, arrived, now)
    _store_lines(lines, now)
    seen = {
        scan.unit_code: scan.seen_class
        for receipt in receipts
        for scan in receipt.scanned
        if scan.seen_class
    }
    _cases.open_for_gate(actor, rows, lines, seen)
    return lines


def _expected(
    rows: Mapping[UUID, models.Lot],
) -> tuple[dict[UUID, dict[str, int | None]], dict[str, str]]:
    """By lot what is on its list with the depot's weight; by unit its class."""
    expected: dict[UUID, dict[str, int | None]] = defaultdict(dict)
    classes = {}
    for unit in models.Unit.objects.filter(lot__in=list(rows), state=UnitState.SHIPPED):
        assert unit.lot_id is not None
        expected[unit.lot_id][unit.unit_code or ""] = unit.mass_g
        classes[unit.unit_code or ""] = unit.class_code
    return expected, classes


def _store_arrivals(
    rows: Mapping[UUID, models.Lot], arrived: Mapping[UUID, Sequence[WeighIn]], now: datetime
) -> None:
    for lot_id, weights in arrived.items():
        row = rows[lot_id]
        if row.purpose == LotPurpose.TRANSFER:
            _chain.store_transfer(row.receiver_id, weights, now)
        else:
            _chain.store_arrivals(weights, now)
    models.Lot.objects.filter(pk__in=list(rows)).update(state=LotState.RECEIVED, received_at=now)


def _store_lines(lines: Mapping[UUID, Sequence[Discrepancy]], now: datetime) -> None:
    models.Discrepancy.objects.bulk_create(
        models.Discrepancy(
            lot_id=lot_id,
            unit_code=line.unit_code,
            kind=line.kind,
            expected_g=line.expected_g,
            found_g=line.found_g,
            found_at=now,
        )
        for lot_id, found in lines.items()
        for line in found
    )
