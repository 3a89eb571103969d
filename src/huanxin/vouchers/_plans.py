"""What a release plan comes to: its days, slots and pools, and what speaks against it. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from huanxin.kernel.money import split_fen
from huanxin.vouchers.errors import PlanInvalid, PoolInvalid
from huanxin.vouchers.types import (
    DayRule,
    NewLottery,
    NewPlan,
    NewPool,
    PlannedPool,
    PoolStage,
    ReleaseMode,
    Slot,
    Stage,
)

MOST_POOLS = 2_000
_WHOLE_BPS = 10_000
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_SATURDAY = 5


def check_stages(stages: Sequence[Stage], quantity: int, lasts: timedelta) -> None:
    """Refuse stages that do not begin at once, do not follow each other or are not the whole."""
    after = [stage.after_seconds for stage in stages]
    faults = {
        "第一批必须在开放时刻放出": bool(stages) and after[0] != 0,
        "各批的时间必须依次递增": any(a >= b for a, b in pairwise(after)),
        "每批的比例必须大于零": any(stage.share_bps <= 0 for stage in stages),
        "各批比例合计必须为 100%": bool(stages)
        and sum(stage.share_bps for stage in stages) != _WHOLE_BPS,
        "最后一批必须在结束前放出": bool(stages) and timedelta(seconds=after[-1]) >= lasts,
        "名额太少，分不成这么多批": 0 < quantity < len(stages),
    }
    _refuse(faults)


def stage_rows(pool: NewPool) -> list[PoolStage]:
    """The places that later stages keep back; the first stage is open with the pool.

    Whole places by largest remainder, so that all stages together are the quantity.
    """
    shares = split_fen(pool.quantity, [stage.share_bps for stage in pool.stages])
    return [
        PoolStage(pool.opens_at + timedelta(seconds=stage.after_seconds), places)
        for stage, places in list(zip(pool.stages, shares, strict=True))[1:]
        if places > 0
    ]


def check_lottery(pool: NewPool, now: datetime) -> None:
    """Refuse a lottery whose steps are out of order, that names no public number, or has stages."""
    lottery = pool.lottery
    if (pool.mode is ReleaseMode.LOTTERY) != (lottery is not None):
        raise PoolInvalid(reason="摇号发放须填写登记截止、开奖时间和公开数来源，其他方式不填")
    if lottery is not None:
        _refuse(_lottery_faults(pool, lottery, now))


def _lottery_faults(pool: NewPool, lottery: NewLottery, now: datetime) -> dict[str, bool]:
    return {
        "登记截止须晚于登记开始": lottery.registers_until <= pool.opens_at,
        "登记截止须晚于现在": lottery.registers_until <= now,
        "开奖须在登记截止之后": lottery.draws_at <= lottery.registers_until,
        "本期结束须晚于开奖": pool.closes_at <= lottery.draws_at,
        "请写明开奖采用哪个公开数": len(lottery.entropy_source.strip()) < 4,
        "公开数来源请写在 120 字以内": len(lottery.entropy_source) > 120,
        "摇号发放不分批": bool(pool.stages),
    }


def check_lottery_money(pool: NewPool, dearest_fen: int) -> None:
    """Refuse a lottery with less money than all of its places could need: a winner never lacks."""
    if pool.mode is ReleaseMode.LOTTERY and pool.budget_fen < pool.quantity * dearest_fen:
        raise PoolInvalid(reason="摇号的每个名额都要留足资金，请增加资金或减少名额")


def _refuse(faults: dict[str, bool]) -> None:
    for reason, is_so in faults.items():
        if is_so:
            raise PoolInvalid(reason=reason)


def check_plan(plan: NewPlan, now: datetime) -> None:
    """Refuse a plan with slots that overlap, promise nothing, lie in the past, or never happen."""
    faults = {
        "请填写名称": not plan.title.strip(),
        "结束日期不能早于开始日期": plan.last_on < plan.first_on,
        "至少选择一个地区，且不重复": not plan.region_codes
        or len(set(plan.region_codes)) != len(plan.region_codes),
        "至少安排一个时段": not plan.slots,
        "时段须写作 10:00 这样的钟点": not all(
            _CLOCK.fullmatch(one.opens) and _CLOCK.fullmatch(one.closes) for one in plan.slots
        ),
    }
    for reason, is_so in faults.items():
        if is_so:
            raise PlanInvalid(reason=reason)
    _check_slots(plan.slots)
    days = list(days_of(plan))
    if not days:
        raise PlanInvalid(reason="所选日期里没有一天发放")
    if len(days) * len(plan.slots) * len(plan.region_codes) > MOST_POOLS:
        raise PlanInvalid(reason=f"一次最多安排 {MOST_POOLS} 场，请缩短日期或分次安排")
    if at(days[0], min(one.opens for one in plan.slots)) < now:
        raise PlanInvalid(reason="第一场的开放时间已经过去")


def _check_slots(slots: Sequence[Slot]) -> None:
    ordered = sorted(slots, key=lambda one: one.opens)
    for one in ordered:
        if one.opens >= one.closes:
            raise PlanInvalid(reason=f"{one.opens} 的时段须晚些结束（现为 {one.closes}）")
        if one.quantity <= 0 or one.budget_fen <= 0:
            raise PlanInvalid(reason=f"{one.opens} 的时段名额和资金都须大于零")
    for before, after in pairwise(ordered):
        if before.closes > after.opens:
            raise PlanInvalid(
                reason=f"时段 {before.opens}—{before.closes} 与 {after.opens} 的时段重叠"
            )


def days_of(plan: NewPlan) -> Iterator[date]:
    """The days on which the plan's slots open."""
    day = plan.first_on
    while day <= plan.last_on:
        if day not in plan.not_on and (_fits(plan.days, day) or day in plan.also_on):
            yield day
        day += timedelta(days=1)


def _fits(rule: DayRule, day: date) -> bool:
    is_weekend = day.weekday() >= _SATURDAY
    return rule is DayRule.EVERY_DAY or (rule is DayRule.WEEKENDS) == is_weekend


def at(day: date, clock_time: str) -> datetime:
    """A clock time of a Shanghai day; 24:00 is the next day's midnight.

    >>> at(date(2026, 9, 1), "24:00").isoformat()
    '2026-09-01T16:00:00+00:00'
    """
    hour, minute = (int(part) for part in clock_time.split(":"))
    midnight = datetime(day.year, day.month, day.day, tzinfo=_SHANGHAI).astimezone(UTC)
    return midnight + timedelta(hours=hour, minutes=minute)


def pools_of(plan: NewPlan) -> list[PlannedPool]:
    """Every pool the plan opens, soonest first, the regions in the order given."""
    return [
        PlannedPool(
            region_code=region_code,
            title=f"{plan.title} {day.month}月{day.day}日 {slot.opens}",
            opens_at=at(day, slot.opens),
            closes_at=at(day, slot.closes),
            quantity=slot.quantity,
            budget_fen=slot.budget_fen,
        )
        for day in days_of(plan)
        for slot in sorted(plan.slots, key=lambda one: one.opens)
        for region_code in plan.region_codes
    ]


def as_new_pool(plan: NewPlan, planned: PlannedPool) -> NewPool:
    """One planned pool in the words of open_pool."""
    return NewPool(
        title=planned.title,
        programme=plan.programme,
        region_code=planned.region_code,
        categories=plan.categories,
        quantity=planned.quantity,
        budget_fen=planned.budget_fen,
        opens_at=planned.opens_at,
        closes_at=planned.closes_at,
        lapse_hours=plan.lapse_hours,
        reserve_bps=plan.reserve_bps,
        stages=plan.stages,
    )


def first_short(pools: Sequence[PlannedPool], available_fen: int) -> PlannedPool | None:
    """The first pool of one region that its budget does not reach for, if there is one."""
    for pool in pools:
        available_fen -= pool.budget_fen
        if available_fen < 0:
            return pool
    return None
