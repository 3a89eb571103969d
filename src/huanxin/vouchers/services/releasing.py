"""Opening and closing a release, one pool or a whole plan of them, and moving places between."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, money
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row
from huanxin.ledger import services as ledger
from huanxin.ledger.types import Leg, budget_code, pool_code
from huanxin.vouchers import _budgets, _plans, _pools, _rests, models
from huanxin.vouchers.errors import PlanUnfunded
from huanxin.vouchers.types import NewPlan, NewPool, PlannedPool


@transaction.atomic
def open_pool(*, actor: Actor, pool: NewPool, request_id: UUID) -> UUID:
    """Open a release: its money leaves the region's budget, its lines are fixed from the policy.

    A lottery publishes the fingerprint of its seed here; the seed itself stays sealed. Safe to
    retry. Refuses what could not be honoured (PoolInvalid) and more money than the region's
    budget has (FundExhausted); then nothing is opened.
    """
    region = identity.get_region(pool.region_code)
    identity.require(actor, "vouchers.open_pool", region_path=region.path)
    if earlier := kernel_requests.first_answer(actor, "vouchers.open_pool", request_id, repr(pool)):
        return UUID(earlier["pool_id"])
    _pools.check(pool)
    [pool_id] = _pools.write(actor, [pool])
    kernel_requests.remember(actor, "vouchers.open_pool", request_id, {"pool_id": pool_id})
    return pool_id


@transaction.atomic
def open_plan(*, actor: Actor, plan: NewPlan, request_id: UUID) -> UUID:
    """Open every slot of a release plan as one set, each pool with its money, or none of them.

    What is announced is funded: a budget that does not reach refuses the whole plan and names the
    first slot it does not reach for (PlanUnfunded; docs/adr/0102). Safe to retry. Refuses slots
    that overlap, promise nothing or lie in the past (PlanInvalid, PoolInvalid).
    """
    regions = [identity.get_region(code) for code in plan.region_codes]
    for region in regions:
        identity.require(actor, "vouchers.open_pool", region_path=region.path)
    if earlier := kernel_requests.first_answer(actor, "vouchers.open_plan", request_id, repr(plan)):
        return UUID(earlier["plan_id"])
    now = clock.now()
    _plans.check_plan(plan, now)
    planned = _plans.pools_of(plan)
    pools = [_plans.as_new_pool(plan, one) for one in planned]
    for pool in pools:
        _pools.check(pool)
    _check_funded(plan, planned)
    row = models.ReleasePlan.objects.create(
        id=ids.new_id(),
        title=plan.title,
        programme=plan.programme,
        region_path=_rests.common_path([region.path for region in regions]),
        region_codes=list(plan.region_codes),
        first_on=plan.first_on,
        last_on=plan.last_on,
        carries_rest=plan.carries_rest,
        opened_at=now,
        opened_on=clock.business_day(now),
    )
    _pools.write(actor, pools, row.id)
    audit.record(
        actor, "vouchers.plan_opened", "plan", row.id, region_path=row.region_path,
        pools=len(pools), quantity=sum(one.quantity for one in planned),
        budget_fen=sum(one.budget_fen for one in planned), programme=plan.programme,
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.open_plan", request_id, {"plan_id": row.id})
    return row.id


def _check_funded(plan: NewPlan, planned: Sequence[PlannedPool]) -> None:
    codes = {code: budget_code(code, plan.programme) for code in plan.region_codes}
    balances = ledger.lock_accounts(codes=codes.values())
    for region_code, code in codes.items():
        mine = [one for one in planned if one.region_code == region_code]
        balance = balances.get(code)
        available_fen = balance.available_fen if balance else 0
        if short := _plans.first_short(mine, available_fen):
            raise PlanUnfunded(
                region=identity.get_region(region_code).name,
                available=money.yuan(available_fen),
                slot=short.title,
                wanted=money.yuan(sum(one.budget_fen for one in mine)),
            )


@transaction.atomic
def close_pool(*, actor: Actor, pool_id: UUID, reason: str) -> int:
    """End a release now: what no voucher holds goes back to the region's budget; returns it in fen.

    A campaign's money goes back to its funder. Vouchers already issued stay good: what they hold
    stays in the pool. Safe to repeat: whatever lapsed since is returned as well.
    """
    pool = lock_row(models.Pool, pool_id)
    identity.require(actor, "vouchers.open_pool", region_path=pool.region_path)
    return _rests.end(actor, pool, reason)


@transaction.atomic
def move_places(
    *,
    actor: Actor,
    from_pool_id: UUID,
    to_pool_id: UUID,
    places: int,
    amount_fen: int,
    reason: str,
    request_id: UUID,
) -> None:
    """Move places and money nobody holds from one pool to another of the same budget.

    Safe to retry. Refuses more than is free (PlacesNotFree), pools of different budgets or ended
    ones (PoolsApart), and a lottery, whose places are part of what people registered for.
    """
    both = _rests.lock_both(from_pool_id, to_pool_id)
    for pool in both:
        identity.require(actor, "vouchers.open_pool", region_path=pool.region_path)
    content = [from_pool_id, to_pool_id, places, amount_fen, reason]
    if kernel_requests.first_answer(actor, "vouchers.move_places", request_id, content):
        return
    _rests.check_move(*both, places, amount_fen, clock.now())
    _rests.move(actor, *both, places, amount_fen, reason=reason, cause_id=request_id)
    kernel_requests.remember(actor, "vouchers.move_places", request_id, {"places": places})


@transaction.atomic
def add_to_pool(
    *, actor: Actor, pool_id: UUID, places: int, amount_fen: int, reason: str, request_id: UUID
) -> None:
    """Add places and money from the region's budget to a pool that has not ended.

    Safe to retry. Refuses more than the budget has (FundExhausted), an ended pool and a lottery
    whose registration has begun.
    """
    pool = lock_row(models.Pool, pool_id)
    identity.require(actor, "vouchers.open_pool", region_path=pool.region_path)
    content = [pool_id, places, amount_fen, reason]
    if kernel_requests.first_answer(actor, "vouchers.add_to_pool", request_id, content):
        return
    _rests.check_growth(pool, places, amount_fen, clock.now())
    _rests.grow(pool, places)
    if amount_fen:
        budget = budget_code(pool.region_code, pool.programme)
        leg = Leg("pool.added", request_id, "add", budget, pool_code(pool.id), amount_fen)
        ledger.post_transfers(legs=_budgets.by_fund([leg]))
    audit.record(
        actor, "vouchers.pool_added", "pool", pool.id, region_path=pool.region_path,
        places=places, amount_fen=amount_fen, reason=reason,
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.add_to_pool", request_id, {"places": places})


@transaction.atomic
def settle_ended_slots(*, actor: Actor, limit: int = 200) -> int:
    """What ended slots of plans have left goes on: to the region's next slot, or to the budget.

    Run every minute; returns how many pools gave something. Vouchers that lapse after the end
    free money in their pool: a later run moves that too.
    """
    identity.require(actor, "vouchers.open_pool")
    return _rests.settle_ended(actor, clock.now(), limit)
