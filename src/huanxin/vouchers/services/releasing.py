"""Opening and closing a release."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    Leg,
    budget_code,
    pool_code,
)
from huanxin.vouchers import _pools, models, rules
from huanxin.vouchers.types import (
    NewPool,
)


@transaction.atomic
def open_pool(*, actor: Actor, pool: NewPool, request_id: UUID) -> UUID:
    """Open a release: its money leaves the region's budget, its lines are fixed from the policy.

    Safe to retry. Refuses what could not be honoured (PoolInvalid) and more money than the
    region's budget has (FundExhausted); then nothing is opened.
    """
    region = identity.get_region(pool.region_code)
    identity.require(actor, "vouchers.open_pool", region_path=region.path)
    if earlier := kernel_requests.first_answer(actor, "vouchers.open_pool", request_id, repr(pool)):
        return UUID(earlier["pool_id"])
    rules.check_pool(pool)
    lines = _pools.lines_of(pool)
    now = clock.now()
    row = models.Pool.objects.create(
        id=ids.new_id(),
        title=pool.title,
        kind=pool.kind,
        programme=pool.programme,
        region_code=region.code,
        region_path=region.path,
        quantity=pool.quantity,
        remaining=pool.quantity,
        opens_at=pool.opens_at,
        closes_at=pool.closes_at,
        lapse_hours=pool.lapse_hours,
        reserve_bps=pool.reserve_bps,
        mode=pool.mode,
        opened_at=now,
        opened_on=clock.business_day(now),
    )
    models.PoolLine.objects.bulk_create(
        models.PoolLine(
            pool=row,
            category_code=line.category_code,
            cap_fen=line.cap_fen,
            reserve_fen=line.reserve_fen,
            limit_count=line.limit_count,
        )
        for line in lines
    )
    _pools.fund(row, pool.budget_fen)
    audit.record(
        actor, "vouchers.pool_opened", "pool", row.id, region_path=region.path,
        quantity=pool.quantity, budget_fen=pool.budget_fen, programme=pool.programme,
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.open_pool", request_id, {"pool_id": row.id})
    return row.id


@transaction.atomic
def close_pool(*, actor: Actor, pool_id: UUID, reason: str) -> int:
    """End a release now: what no voucher holds goes back to the region's budget; returns it in fen.

    Vouchers already issued stay good: what they hold stays in the pool. Safe to repeat: whatever
    lapsed since is returned as well.
    """
    pool = lock_row(models.Pool, pool_id)
    identity.require(actor, "vouchers.open_pool", region_path=pool.region_path)
    now = clock.now()
    if pool.closes_at > now:
        pool.closes_at = max(now, pool.opens_at + timedelta(microseconds=1))
        pool.save(update_fields=["closes_at"])
    code, budget = pool_code(pool.id), budget_code(pool.region_code, pool.programme)
    returned_fen = ledger.lock_accounts(codes=[code, budget])[code].available_fen
    if returned_fen:
        leg = Leg("pool.closed", ids.new_id(), "return", code, budget, returned_fen)
        ledger.post_transfers(legs=[leg])
    audit.record(
        actor, "vouchers.pool_closed", "pool", pool.id, region_path=pool.region_path,
        reason=reason, returned_fen=returned_fen,
    )  # fmt: skip
    return returned_fen
