"""What a pool is made of: lines fixed from the policy in force, money from the region's budget."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.identity.types import Region
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel.actor import Actor
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
from huanxin.vouchers import _budgets, _draw, _plans, models, rules
from huanxin.vouchers.types import NewPool, PoolCategory

SEED_PURPOSE = "lottery-seed"


def lines_of(pool: NewPool) -> list[PoolCategory]:
    """Cap, reserve and limit of each category, from the policy in force on the opening day."""
    on = clock.business_day(pool.opens_at)
    lines = []
    for code in pool.categories:
        cap_fen = policy.line_cap_fen(pool.programme, code, on=on)
        limit = policy.limit_for(pool.programme, code, on=on)
        held_fen = rules.reserve_fen(cap_fen, pool.reserve_bps)
        total_fen = policy.total_fen(pool.programme, code, on=on)
        holder, across = rules.holder_of(limit.per), rules.counts_across(limit.per)
        lines.append(PoolCategory(code, cap_fen, held_fen, limit.count, holder, total_fen, across))
    return lines


def check(pool: NewPool) -> None:
    """Refuse what could not be honoured, before anything is looked up or written."""
    rules.check_pool(pool)
    _plans.check_stages(pool.stages, pool.quantity, pool.closes_at - pool.opens_at)
    _plans.check_lottery(pool, clock.now())


def write(actor: Actor, pools: Sequence[NewPool], plan_id: UUID | None = None) -> list[UUID]:
    """Write pools with their lines, stages, lottery and money; everything has been checked.

    Lines are looked up once per opening day: a plan's pools of one day share them.
    """
    known: dict[object, list[PoolCategory]] = {}
    rows, regions = [], {}
    for pool in pools:
        day = (clock.business_day(pool.opens_at), pool.programme, pool.categories, pool.reserve_bps)
        if day not in known:
            known[day] = lines_of(pool)
        _plans.check_lottery_money(pool, max(line.reserve_fen for line in known[day]))
        if pool.region_code not in regions:
            regions[pool.region_code] = identity.get_region(pool.region_code)
        row = _row(pool, regions[pool.region_code], plan_id)
        rows.append((row, pool, known[day]))
    models.Pool.objects.bulk_create(row for row, _, _ in rows)
    models.PoolLine.objects.bulk_create(
        line for row, _, lines in rows for line in _lines(row, lines)
    )
    models.PoolStageRow.objects.bulk_create(
        stage for row, pool, _ in rows for stage in stage_rows(row, pool)
    )
    models.Lottery.objects.bulk_create(
        lottery_row(row, pool) for row, pool, _ in rows if pool.lottery
    )
    fund([(row, pool.budget_fen) for row, pool, _ in rows])
    audit.record_many(
        actor, "vouchers.pool_opened", [_audit_line(row, pool) for row, pool, _ in rows]
    )
    return [row.id for row, _, _ in rows]


def _row(pool: NewPool, region: Region, plan_id: UUID | None) -> models.Pool:
    now = clock.now()
    return models.Pool(
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
        plan_id=plan_id,
        opened_at=now,
        opened_on=clock.business_day(now),
    )


def _lines(row: models.Pool, lines: Sequence[PoolCategory]) -> list[models.PoolLine]:
    return [
        models.PoolLine(
            pool=row,
            category_code=line.category_code,
            cap_fen=line.cap_fen,
            reserve_fen=line.reserve_fen,
            limit_count=line.limit_count,
            holder=line.holder,
            total_fen=line.total_fen,
            counts_across=line.counts_across,
        )
        for line in lines
    ]


def stage_rows(row: models.Pool, pool: NewPool) -> list[models.PoolStageRow]:
    """The places that later stages of a pool keep back; none without stages."""
    stages = _plans.stage_rows(pool) if pool.stages else []
    return [
        models.PoolStageRow(pool=row, opens_at=stage.opens_at, places=stage.places)
        for stage in stages
    ]


def lottery_row(row: models.Pool, pool: NewPool) -> models.Lottery:
    """A seed nobody has seen, sealed; only its fingerprint is written in the open."""
    assert pool.lottery is not None
    seed = secrets.token_bytes(_draw.SEED_BYTES)
    return models.Lottery(
        pool=row,
        registers_until=pool.lottery.registers_until,
        draws_at=pool.lottery.draws_at,
        entropy_source=pool.lottery.entropy_source.strip(),
        commitment=_draw.commitment_of(seed),
        sealed_seed=crypto.seal_secret(SEED_PURPOSE, seed),
    )


def fund(pools: Sequence[tuple[models.Pool, int]]) -> None:
    """Open the pools' accounts and move their money out of the regions' budgets."""
    accounts = []
    for pool, _ in pools:
        code, reserve = pool_code(pool.id), reserve_code(pool.id)
        accounts += [
            NewAccount(code, AccountKind.POOL, pool.region_path, str(pool.id)),
            NewAccount(reserve, AccountKind.RESERVE, pool.region_path, str(pool.id)),
        ]
    ledger.open_accounts(accounts=accounts)
    legs = [
        Leg(
            "pool.opened", pool.id, "budget",
            budget_code(pool.region_code, pool.programme), pool_code(pool.id), budget_fen,
        )
        for pool, budget_fen in pools
    ]  # fmt: skip
    ledger.post_transfers(legs=_budgets.by_fund(legs))


def _audit_line(row: models.Pool, pool: NewPool) -> audit.Entry:
    facts: dict[str, object] = {
        "quantity": pool.quantity, "budget_fen": pool.budget_fen, "programme": pool.programme,
        "mode": pool.mode,
    }  # fmt: skip
    if pool.lottery:
        facts |= lottery_facts(row)
    return audit.Entry("pool", row.id, row.region_path, None, facts)


def lottery_facts(row: models.Pool) -> dict[str, object]:
    """What the log says of a draw when it is announced: above all the seed's commitment."""
    lottery = models.Lottery.objects.get(pk=row.id)
    return {
        "commitment": lottery.commitment, "entropy_source": lottery.entropy_source,
        "registers_until": lottery.registers_until.isoformat(),
        "draws_at": lottery.draws_at.isoformat(),
    }  # fmt: skip
