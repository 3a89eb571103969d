"""The dismantler: lots in, runs, certificates."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_rows
from huanxin.recycling import _cases, _chain, _lots, _orders, _runs, models
from huanxin.recycling.selectors import floor_book, stock_book
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.depot import LotCard, LotReceipt
from huanxin.recycling.types.floor import CertificateCard, NewRun


@transaction.atomic
def receive_lots(
    *, actor: Actor, receipts: Sequence[LotReceipt], request_id: UUID
) -> list[LotCard]:
    """Take lots over at the dismantler's gate by scanning and weighing each unit. Safe to retry.

    What differs from the packing list (missing, extra, swapped, weight off) is recorded, not
    refused, and becomes a case that the depot answers; only units that are on the list and were
    scanned change hands. Refuses a dismantler whose licence has ended.
    """
    rows = {row.id: row for row in lock_rows(models.Lot, [r.lot_id for r in receipts])}
    for row in rows.values():
        identity.require(actor, "recycling.receive", org_id=row.receiver_id)
    _lots.take_over(actor, _lots.DISMANTLERS, rows, receipts, request_id)
    return stock_book.lot_cards([receipt.lot_id for receipt in receipts])


@transaction.atomic
def dismantle(*, actor: Actor, runs: Sequence[NewRun], request_id: UUID) -> list[CertificateCard]:
    """Take units apart: materials out, mass balanced, passports closed, a certificate per run.

    All or none; safe to retry. Each run holds one waste class. Refuses a unit not received here,
    dismantled before or held by a case, a material the class does not have, more key parts than
    the units hold, and a mass out of balance (MassOutOfBalance); then nothing is written. Key
    parts that lack become a case. 国环规固体〔2019〕1号 asks for balance and parts.
    """
    for run in runs:
        identity.require(actor, "recycling.dismantle", org_id=run.dismantler_org_id)
    content = [repr(run) for run in runs]
    if earlier := kernel_requests.first_answer(actor, "recycling.dismantle", request_id, content):
        return floor_book.certificates(earlier["numbers"])
    units = _chain.lock_units([c for r in runs for c in r.unit_codes], UnitState.AT_DISMANTLER)
    _cases.check_free(list(units.values()))
    rows = _runs.dismantle(actor, runs, units)
    done = _chain.complete_orders({unit.order_id for unit in units.values()}, clock.now())
    audit.record_many(
        actor,
        "recycling.dismantled",
        [
            audit.Entry("run", row.id, row.region_path, row.dismantler_id,
                        {"certificate_no": row.certificate_no, "mass_in_g": row.mass_in_g,
                         "mass_out_g": row.mass_out_g, "unit_count": row.unit_count})
            for row in rows
        ],
    )  # fmt: skip
    audit.record_many(
        actor, "recycling.completed", [_orders.entry(o) for o in _runs.orders_of(done)]
    )
    answer = {"numbers": [row.certificate_no for row in rows]}
    kernel_requests.remember(actor, "recycling.dismantle", request_id, answer)
    return floor_book.certificates(answer["numbers"])
