"""What a pool is made of: lines fixed from the policy in force, money from the region's budget."""

from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    Leg,
    NewAccount,
    budget_code,
    pool_code,
    reserve_code,
)
from huanxin.vouchers import models, rules
from huanxin.vouchers.errors import PoolInvalid
from huanxin.vouchers.types import NewPool, PoolCategory


def lines_of(pool: NewPool) -> list[PoolCategory]:
    """Cap, reserve and limit of each category, from the policy in force."""
    from huanxin.policy import selectors as policy

    lines = []
    for code in pool.categories:
        cap_fen = policy.line_cap_fen(pool.programme, code)
        if cap_fen <= 0:
            raise PoolInvalid(reason=f"政策 {pool.programme} 不补贴品类 {code}")
        limit = policy.limit_for(pool.programme, code)
        held_fen = rules.reserve_fen(cap_fen, pool.reserve_bps)
        lines.append(PoolCategory(code, cap_fen, held_fen, limit.count))
    return lines


def fund(pool: models.Pool, budget_fen: int) -> None:
    code, reserve = pool_code(pool.id), reserve_code(pool.id)
    ledger.open_accounts(
        accounts=[
            NewAccount(code, AccountKind.POOL, pool.region_path, str(pool.id)),
            NewAccount(reserve, AccountKind.RESERVE, pool.region_path, str(pool.id)),
        ]
    )
    budget = budget_code(pool.region_code, pool.programme)
    ledger.post_transfers(legs=[Leg("pool.opened", pool.id, "budget", budget, code, budget_fen)])
