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
from huanxin.recycling import _chain, _runs, models
from huanxin.recycling.errors import (
    LotStateRefuses,
)
from huanxin.recycling.selectors import stock_book
from huanxin.recycling.types import LotState, UnitState
from huanxin.recycling.types.depot import Grade, LotCard, NewLot, WeighIn
from huanxin.trace import services as trace


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
    _chain.check_party(depot_org_id, OrgKind.RECYCLER)
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
    *, actor: Actor, depot_org_id: UUID, grades: Sequence[Grade], request_id: UUID
) -> int:
    """Grade units in the depot: to be dismantled, or to be refurbished (条例 551 号: reuse is no
    处理). Safe to retry."""
    identity.require(actor, "recycling.depot", org_id=depot_org_id)
    content = [depot_org_id, [repr(g) for g in grades]]
    if kernel_requests.first_answer(actor, "recycling.grade", request_id, content) is not None:
        return len(grades)
    units = _chain.lock_units([g.unit_code for g in grades], UnitState.IN_DEPOT)
    for unit in units.values():
        unit.next_step = None  # a second look may decide anew
    _chain.check_stock(units, depot_org_id)
    now = clock.now()
    gln = trace.party_glns(org_ids=[depot_org_id])[depot_org_id]
    trace.capture_events(
        events=[
            _chain.inspecting(units[g.unit_code], g.grade, g.next_step, gln, now) for g in grades
        ]
    )
    _chain.store_grades([(g.unit_code, g.grade, g.next_step.value) for g in grades], now)
    audit.record_many(
        actor,
        "recycling.graded",
        [
            audit.Entry("unit", g.unit_code, units[g.unit_code].order.region_path, depot_org_id,
                        {"grade": g.grade, "next_step": g.next_step})
            for g in grades
        ],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.grade", request_id, {"count": len(grades)})
    return len(grades)


@transaction.atomic
def pack_lots(*, actor: Actor, lots: Sequence[NewLot], request_id: UUID) -> list[LotCard]:
    """Pack units into sealed lots, each named by an SSCC. Safe to retry.

    Refuses a unit that is not in that depot or is to be refurbished, and a dismantler that is not
    admitted.
    """
    for lot in lots:
        identity.require(actor, "recycling.ship", org_id=lot.depot_org_id)
    content = [repr(lot) for lot in lots]
    if earlier := kernel_requests.first_answer(actor, "recycling.pack", request_id, content):
        return stock_book.lot_cards([UUID(one) for one in earlier["lot_ids"]])
    units = _chain.lock_units([c for lot in lots for c in lot.unit_codes], UnitState.IN_DEPOT)
    for lot in lots:
        _chain.check_party(lot.dismantler_org_id, OrgKind.DISMANTLER)
        _chain.check_stock({code: units[code] for code in lot.unit_codes}, lot.depot_org_id)
    rows = _runs.pack(lots, units)
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
    dismantler_org_id: UUID,
    request_id: UUID,
) -> LotCard:
    """Pack one lot; see pack_lots."""
    lot = NewLot(depot_org_id, dismantler_org_id, tuple(unit_codes))
    return pack_lots(actor=actor, lots=[lot], request_id=request_id)[0]


@transaction.atomic
def ship_lots(*, actor: Actor, lot_ids: Sequence[UUID]) -> list[LotCard]:
    """Lots leave their depot, which answers for them until the dismantler has received them.

    Safe to repeat: a lot already under way stays so. A received one is refused.
    """
    rows = lock_rows(models.Lot, lot_ids)
    for row in rows:
        identity.require(actor, "recycling.ship", org_id=row.depot_id)
        if row.state == LotState.RECEIVED:
            raise LotStateRefuses(number=row.number, state="已验收", wanted="发运")
    leaving = [row for row in rows if row.state == LotState.PACKED]
    _runs.ship(leaving)
    audit.record_many(
        actor,
        "recycling.shipped",
        [audit.Entry("lot", row.id, row.region_path, row.depot_id) for row in leaving],
    )
    return stock_book.lot_cards([row.id for row in rows])


def ship_lot(*, actor: Actor, lot_id: UUID) -> LotCard:
    """Ship one lot; see ship_lots."""
    return ship_lots(actor=actor, lot_ids=[lot_id])[0]
