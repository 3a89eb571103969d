"""The depot: weigh-in, grading, lots out."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import audit, clock
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_rows
from huanxin.recycling import _cases, _chain, _grading, _lots, _work, models, work_rules
from huanxin.recycling.errors import LotStateRefuses
from huanxin.recycling.selectors import stock_book
from huanxin.recycling.types import LotPurpose, LotState, UnitState
from huanxin.recycling.types.depot import (
    Carriage,
    GradeResult,
    Inspection,
    LotCard,
    LotReceipt,
    NewLot,
    WeighIn,
)
from huanxin.trace import services as trace

_RECEIVERS = {
    LotPurpose.DISMANTLE: OrgKind.DISMANTLER,
    LotPurpose.TRANSFER: OrgKind.RECYCLER,
}


@transaction.atomic
def receive_at_depot(
    *, actor: Actor, depot_org_id: UUID, weights: Sequence[WeighIn], request_id: UUID
) -> int:
    """Weigh units in at the depot; custody passes to it if another recycler collected them.

    All or none; safe to retry. Refuses a unit that was neither just collected nor missing from a
    lot that has arrived.
    """
    identity.require(actor, "recycling.depot", org_id=depot_org_id)
    content = [depot_org_id, [repr(w) for w in weights]]
    if kernel_requests.first_answer(actor, "recycling.receive", request_id, content) is not None:
        return len(weights)
    _work.check_licence(
        _chain.check_party(depot_org_id, OrgKind.RECYCLER), "收货入库", clock.today()
    )
    _chain.check_weights(weights)
    codes = [w.unit_code for w in weights]
    units = _chain.lock_units(codes, UnitState.COLLECTED, UnitState.SHIPPED)
    now = clock.now()
    givers = _chain.givers(units)
    glns = trace.party_glns(org_ids=list({depot_org_id, *givers.values()}))
    trace.capture_events(
        events=[
            _chain.receiving(
                units[w.unit_code], w.mass_g, giver=givers[w.unit_code],
                taker=depot_org_id, glns=glns, now=now,
            )
            for w in weights
        ]
    )  # fmt: skip
    orders = {unit.order_id for unit in units.values()}
    _chain.store_receiving(depot_org_id, weights, orders, now)
    _cases.turned_up(actor, codes, depot_org_id)
    audit.record_many(
        actor,
        "recycling.received",
        [
            audit.Entry("unit", w.unit_code, units[w.unit_code].order.region_path, depot_org_id,
                        {"mass_g": w.mass_g})
            for w in weights
        ],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.receive", request_id, {"count": len(weights)})
    return len(weights)


@transaction.atomic
def grade_units(
    *, actor: Actor, depot_org_id: UUID, inspections: Sequence[Inspection], request_id: UUID
) -> list[GradeResult]:
    """Grade units by the published standard: refurbish, dismantle, or the hazardous line.

    The inspector answers, the standard decides, and the answers are kept with its version. Safe to
    retry; a second look may decide anew. 条例 551 号: reuse is no 处理. Refuses answers that are
    missing or unknown (AnswersIncomplete).
    """
    identity.require(actor, "recycling.depot", org_id=depot_org_id)
    content = [depot_org_id, [[i.unit_code, dict(i.answers)] for i in inspections]]
    standard = _work.grading(clock.today())
    results = [work_rules.decide_grade(standard, one.answers) for one in inspections]
    if kernel_requests.first_answer(actor, "recycling.grade", request_id, content) is not None:
        return results
    units = _chain.lock_units([i.unit_code for i in inspections], UnitState.IN_DEPOT)
    _chain.check_stock(units, depot_org_id)
    pairs = list(zip(units.values(), results, strict=True))
    now = clock.now()
    gln = trace.party_glns(org_ids=[depot_org_id])[depot_org_id]
    trace.capture_events(
        events=[_chain.inspecting(u, r.grade, r.next_step, gln, now) for u, r in pairs]
    )
    _grading.store_inspections(depot_org_id, standard, inspections, pairs, now)
    _chain.store_grades([(u.unit_code or "", r.grade, r.next_step.value) for u, r in pairs], now)
    audit.record_many(
        actor,
        "recycling.graded",
        [
            audit.Entry("unit", u.unit_code, u.order.region_path, depot_org_id,
                        {"grade": r.grade, "next_step": r.next_step, "reason": r.reason})
            for u, r in pairs
        ],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.grade", request_id, {"count": len(pairs)})
    return results


@transaction.atomic
def pack_lots(*, actor: Actor, lots: Sequence[NewLot], request_id: UUID) -> list[LotCard]:
    """Pack units into sealed lots, each named by an SSCC. Safe to retry.

    Refuses a unit that is not in that depot, is to be refurbished, or must travel apart, and a
    receiver that is not admitted, is restricted or of another kind, or whose licence has ended.
    """
    for lot in lots:
        identity.require(actor, "recycling.ship", org_id=lot.depot_org_id)
    content = [repr(lot) for lot in lots]
    if earlier := kernel_requests.first_answer(actor, "recycling.pack", request_id, content):
        return stock_book.lot_cards([UUID(one) for one in earlier["lot_ids"]])
    units = _chain.lock_units([c for lot in lots for c in lot.unit_codes], UnitState.IN_DEPOT)
    hazardous = []
    for lot in lots:
        receiver = _chain.check_party(lot.receiver_org_id, _RECEIVERS[lot.purpose])
        _chain.check_unrestricted(receiver)
        _work.check_licence(receiver, "接收旧机", clock.today())
        mine = {code: units[code] for code in lot.unit_codes}
        _chain.check_stock(mine, lot.depot_org_id)
        hazardous.append(_chain.check_packable(mine, lot))
    rows = _lots.pack(lots, units, hazardous)
    audit.record_many(
        actor,
        "recycling.packed",
        [
            audit.Entry("lot", row.id, row.region_path, row.depot_id,
                        {"number": row.number, "unit_count": len(lot.unit_codes)})
            for row, lot in zip(rows, lots, strict=True)
        ],
    )  # fmt: skip
    answer = {"lot_ids": [row.id for row in rows]}
    kernel_requests.remember(actor, "recycling.pack", request_id, answer)
    return stock_book.lot_cards([row.id for row in rows])


def pack_lot(
    *,
    actor: Actor,
    depot_org_id: UUID,
    unit_codes: Sequence[str],
    receiver_org_id: UUID,
    request_id: UUID,
    purpose: LotPurpose = LotPurpose.DISMANTLE,
) -> LotCard:
    """Pack one lot; see pack_lots."""
    lot = NewLot(depot_org_id, receiver_org_id, tuple(unit_codes), purpose)
    return pack_lots(actor=actor, lots=[lot], request_id=request_id)[0]


@transaction.atomic
def unpack_lots(*, actor: Actor, lot_ids: Sequence[UUID]) -> list[LotCard]:
    """Open lots again that have not left: their units stand in the depot as before.

    Safe to repeat. Refuses a lot that is under way or has arrived.
    """
    rows = lock_rows(models.Lot, lot_ids)
    for row in rows:
        identity.require(actor, "recycling.ship", org_id=row.depot_id)
        if row.state in (LotState.SHIPPED, LotState.RECEIVED):
            state = _lots.LOT_WORDS[LotState(row.state)]
            raise LotStateRefuses(number=row.number, state=state, wanted="拆封")
    sealed = [row for row in rows if row.state == LotState.PACKED]
    _lots.unpack(sealed)
    audit.record_many(
        actor,
        "recycling.unpacked",
        [audit.Entry("lot", row.id, row.region_path, row.depot_id) for row in sealed],
    )
    return stock_book.lot_cards([row.id for row in rows])


@transaction.atomic
def ship_lots(
    *, actor: Actor, lot_ids: Sequence[UUID], carriage: Carriage | None = None
) -> list[LotCard]:
    """Lots leave their depot on a truck; it answers for them until they have been received.

    Safe to repeat: a lot already under way stays so, and keeps its first carriage. Refuses one
    that has arrived or was opened, and a carriage without plate, driver or seal.
    """
    rows = lock_rows(models.Lot, lot_ids)
    for row in rows:
        identity.require(actor, "recycling.ship", org_id=row.depot_id)
        if row.state in (LotState.RECEIVED, LotState.UNPACKED):
            state = _lots.LOT_WORDS[LotState(row.state)]
            raise LotStateRefuses(number=row.number, state=state, wanted="发运")
    if carriage is not None:
        _lots.check_carriage(carriage)
    leaving = [row for row in rows if row.state == LotState.PACKED]
    _lots.ship(leaving, carriage)
    audit.record_many(
        actor,
        "recycling.shipped",
        [
            audit.Entry("lot", row.id, row.region_path, row.depot_id, {"seal_no": row.seal_no})
            for row in leaving
        ],
    )
    return stock_book.lot_cards([row.id for row in rows])


def ship_lot(*, actor: Actor, lot_id: UUID, carriage: Carriage | None = None) -> LotCard:
    """Ship one lot; see ship_lots."""
    return ship_lots(actor=actor, lot_ids=[lot_id], carriage=carriage)[0]


@transaction.atomic
def receive_transfers(
    *, actor: Actor, receipts: Sequence[LotReceipt], request_id: UUID
) -> list[LotCard]:
    """Take lots of another depot over by scanning and weighing each unit. Safe to retry.

    What differs from the packing list becomes a case, as at a dismantler's gate; only listed and
    scanned units change hands. Refuses a lot that is no transfer or not under way.
    """
    rows = {row.id: row for row in lock_rows(models.Lot, [r.lot_id for r in receipts])}
    for row in rows.values():
        identity.require(actor, "recycling.depot", org_id=row.receiver_id)
    _lots.take_over(actor, _lots.DEPOTS, rows, receipts, request_id)
    return stock_book.lot_cards([receipt.lot_id for receipt in receipts])
