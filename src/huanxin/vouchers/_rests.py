"""What a pool has that nobody holds: given back, moved elsewhere, carried to the next slot."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from huanxin.kernel import audit, clock, ids, money
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_rows
from huanxin.ledger import services as ledger
from huanxin.ledger.types import Leg, budget_code, pool_code
from huanxin.vouchers import _budgets, models
from huanxin.vouchers._claims import execute
from huanxin.vouchers.errors import PlacesNotFree, PoolsApart
from huanxin.vouchers.types import ReleaseMode


def common_path(paths: Sequence[str]) -> str:
    """The smallest region that all of the paths lie in.

    >>> common_path(["370000/371500/371502", "370000/371500/371581"])
    '370000/371500'
    """
    levels = zip(*(path.split("/") for path in paths), strict=False)
    return "/".join(level[0] for level in levels if len(set(level)) == 1)


def end(actor: Actor, pool: models.Pool, reason: str) -> int:
    """End a locked pool now and return what it has free."""
    now = clock.now()
    if pool.closes_at > now:
        pool.closes_at = max(now, pool.opens_at + timedelta(microseconds=1))
        pool.save(update_fields=["closes_at"])
    return give_back(actor, pool, reason)


def give_back(actor: Actor, pool: models.Pool, reason: str) -> int:
    """Return to the budget, or to the funder of a campaign, what a locked pool has free."""
    code = pool_code(pool.id)
    budget = pool.funder_code or budget_code(pool.region_code, pool.programme)
    returned_fen = ledger.lock_accounts(codes=[code, budget])[code].available_fen
    if returned_fen:
        leg = Leg("pool.closed", ids.new_id(), "return", code, budget, returned_fen)
        ledger.post_transfers(legs=_budgets.by_fund([leg]))
    audit.record(
        actor, "vouchers.pool_closed", "pool", pool.id, region_path=pool.region_path,
        reason=reason, returned_fen=returned_fen,
    )  # fmt: skip
    return returned_fen


def lock_both(from_pool_id: UUID, to_pool_id: UUID) -> tuple[models.Pool, models.Pool]:
    """Two pools, locked in the order of their keys, answered in the order asked."""
    rows = {row.id: row for row in lock_rows(models.Pool, {from_pool_id, to_pool_id})}
    for pool_id in (from_pool_id, to_pool_id):
        if pool_id not in rows:
            raise NotFound(model="Pool", id=pool_id)
    return rows[from_pool_id], rows[to_pool_id]


def check_move(
    giver: models.Pool, taker: models.Pool, places: int, amount_fen: int, now: datetime
) -> None:
    """Refuse a move between different budgets, into an ended pool, or of what is held."""
    if giver.id == taker.id:
        raise PoolsApart(reason="转出和转入是同一期")
    ours, theirs = ((row.region_code, row.programme) for row in (giver, taker))
    if ours != theirs:
        raise PoolsApart(reason="两期不属于同一地区、同一政策的预算")
    if giver.mode == ReleaseMode.LOTTERY:
        raise PoolsApart(reason="摇号的名额已经公布，不能转出")
    check_growth(taker, places, amount_fen, now)
    codes = [pool_code(giver.id), pool_code(taker.id)]
    free_fen = ledger.lock_accounts(codes=codes)[codes[0]].available_fen
    if places > giver.remaining or amount_fen > free_fen:
        raise PlacesNotFree(places=giver.remaining, free=money.yuan(free_fen))


def check_growth(pool: models.Pool, places: int, amount_fen: int, now: datetime) -> None:
    """Refuse to add nothing, less than nothing, or anything to a pool that cannot give it out."""
    if places < 0 or amount_fen < 0 or places + amount_fen == 0:
        raise PoolsApart(reason="名额和资金不能为负，且至少有一项大于零")
    if pool.closes_at <= now:
        raise PoolsApart(reason=f"“{pool.title}”已经结束")
    if pool.funder_code:
        raise PoolsApart(reason="消费券活动的份数和资金在开办时定好，请另开一期")
    if pool.mode == ReleaseMode.LOTTERY and pool.opens_at <= now:
        raise PoolsApart(reason="登记开始后，摇号的名额不再改变")


def move(
    actor: Actor, giver: models.Pool, taker: models.Pool, places: int, amount_fen: int,
    *, reason: str, cause_id: UUID,
) -> None:  # fmt: skip
    """Write a checked move: places off one pool and onto the other, money with them."""
    grow(giver, -places)
    grow(taker, places)
    if amount_fen:
        source, target = pool_code(giver.id), pool_code(taker.id)
        leg = Leg("pool.moved", cause_id, "move", source, target, amount_fen)
        ledger.post_transfers(legs=_budgets.by_fund([leg]))
    audit.record(
        actor, "vouchers.places_moved", "pool", giver.id, region_path=giver.region_path,
        to_pool_id=taker.id, places=places, amount_fen=amount_fen, reason=reason,
    )  # fmt: skip


def grow(pool: models.Pool, places: int) -> None:
    """More places, or fewer: both columns together, so that what was given out stays counted."""
    if places:
        models.Pool.objects.filter(pk=pool.id).update(
            quantity=F("quantity") + places, remaining=F("remaining") + places
        )


def settle_ended(actor: Actor, now: datetime, limit: int) -> int:
    """Carry or give back what slots of plans have left; see releasing.settle_ended_slots."""
    due = execute("ended_slots", at=now, limit=limit)
    rows = lock_rows(models.Pool, {key for pair in due for key in pair if key})
    pools = {row.id: row for row in rows}
    budgets = {budget_code(row.region_code, row.programme) for row in rows}
    balances = ledger.lock_accounts(codes={pool_code(key) for key in pools} | budgets)
    for pool_id, next_id in due:
        pool, following = pools[pool_id], pools.get(next_id)
        if following is None:
            give_back(actor, pool, "时段结束")
        else:
            move(
                actor, pool, following, pool.remaining, balances[pool_code(pool.id)].available_fen,
                reason="时段结束，余量转入下一时段", cause_id=ids.new_id(),
            )  # fmt: skip
    return len(due)
