"""What a pool is made of: lines fixed from the policy in force, money from the region's budget."""

from huanxin.kernel import clock
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    Leg,
    NewAccount,
    budget_code,
    pool_code,
    reserve_code,
)
from huanxin.policy import selectors as policy
from huanxin.vouchers import models, rules
from huanxin.vouchers.types import NewPool, PoolCategory


def lines_of(pool: NewPool) -> list[PoolCategory]:
    """Cap, reserve and limit of each category, from the policy in force on the opening day."""
    on = clock.business_day(pool.opens_at)
    lines = []
    for code in pool.categories:
        cap_fen = policy.line_cap_fen(pool.programme, code, on=on)
        limit = policy.limit_for(pool.programme, code, on=on)
        held_fen = rules.reserve_fen(cap_fen, pool.reserve_bps)
        lines.append(PoolCategory(code, cap_fen, held_fen, limit.count))
    return lines


def fund(pool: models.Pool, budget_fen: int) -> None:
    """Open the pool's accounts and move its money out of the region's budget."""
    code, reserve = pool_code(pool.id), reserve_code(pool.id)
    ledger.open_accounts(
        accounts=[
            NewAccount(code, AccountKind.POOL, pool.region_path, str(pool.id)),
            NewAccount(reserve, AccountKind.RESERVE, pool.region_path, str(pool.id)),
        ]
    )
    budget = budget_code(pool.region_code, pool.programme)
    ledger.post_transfers(legs=[Leg("pool.opened", pool.id, "budget", budget, code, budget_fen)])
