"""Starting states of releases: staged pools, plans with their budget, lotteries up to the draw."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from huanxin.identity.types import PersonCard, Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.clock import moment
from huanxin.vouchers import _budgets, _pools
from huanxin.vouchers.services import budgeting, drawing, releasing
from huanxin.vouchers.types import (
    NewLottery,
    NewPlan,
    NewPool,
    PoolCategory,
    ReleaseMode,
    Slot,
    Stage,
)
from tests import given
from tests.given_vouchers import CAP_FEN, ENDS, OPENS, PROGRAMME

CLOSES = OPENS + timedelta(days=3)  # of the registration
DRAWS = CLOSES + timedelta(hours=12)
NUMBER = "03 07 11 19 22 30 + 08"
THREE = (Stage(0, 4_000), Stage(300, 3_000), Stage(600, 3_000))


def terms(
    categories: Sequence[str] = ("refrigerator",), limit: int = 1
) -> AbstractContextManager[Any]:
    """Caps of the test's choice; what real policies say is tested in test_pools."""
    lines = [PoolCategory(code, CAP_FEN, CAP_FEN, limit) for code in categories]
    return mock.patch.object(_pools, "lines_of", return_value=lines)


def budget(fen: int, region_code: str = given.COUNTY) -> None:
    given.regions()
    with mock.patch.object(_budgets, "check_programme"):
        budgeting.give_budget(
            actor=given.system(), programme=PROGRAMME, region_code=region_code,
            shares_fen={"central": fen}, request_id=uuid4(),
        )  # fmt: skip


def new_pool(**changes: Any) -> NewPool:
    kept: dict[str, Any] = {
        "title": "测试发放", "programme": PROGRAMME, "region_code": given.COUNTY,
        "categories": ("refrigerator",), "quantity": 10, "budget_fen": 10 * CAP_FEN,
        "opens_at": OPENS, "closes_at": ENDS,
    }  # fmt: skip
    return NewPool(**{**kept, **changes})


def opened(pool: NewPool, *, at: datetime = OPENS - timedelta(days=1)) -> UUID:
    """A pool with its budget."""
    with clock.standing_at(at), terms(pool.categories):
        budget(max(1, pool.budget_fen), pool.region_code)
        return releasing.open_pool(actor=given.system(), pool=pool, request_id=uuid4())


def staged(quantity: int = 10, stages: Sequence[Stage] = THREE) -> UUID:
    return opened(new_pool(quantity=quantity, budget_fen=quantity * CAP_FEN, stages=tuple(stages)))


def new_plan(**changes: Any) -> NewPlan:
    kept: dict[str, Any] = {
        "title": "九月家电", "programme": PROGRAMME, "region_codes": (given.COUNTY,),
        "categories": ("refrigerator",), "first_on": date(2026, 9, 1), "last_on": date(2026, 9, 2),
        "slots": (
            Slot("10:00", "20:00", 5, 5 * CAP_FEN),
            Slot("20:00", "24:00", 3, 3 * CAP_FEN),
        ),
    }  # fmt: skip
    return NewPlan(**{**kept, **changes})


def open_plan(
    plan: NewPlan, *, budget_fen: int | None = None, request_id: UUID | None = None
) -> UUID:
    """A plan opened the day before its first slot, with a budget of just enough or as given."""
    whole = 16 * CAP_FEN if budget_fen is None else budget_fen
    with clock.standing_at(moment(date(2026, 8, 31), 9)), terms(plan.categories):
        for region_code in plan.region_codes if whole else ():
            budget(whole, region_code)
        return releasing.open_plan(
            actor=given.system(), plan=plan, request_id=request_id or uuid4()
        )


def new_lottery(**changes: Any) -> NewPool:
    drawn = NewLottery(
        registers_until=changes.pop("registers_until", CLOSES),
        draws_at=changes.pop("draws_at", DRAWS),
        entropy_source=changes.pop("entropy_source", "中国福利彩票双色球第 2026101 期开奖号码"),
    )
    return new_pool(**{"quantity": 3, "budget_fen": 3 * CAP_FEN, "mode": ReleaseMode.LOTTERY,
                       "lottery": drawn, **changes})  # fmt: skip


def lottery(**changes: Any) -> UUID:
    return opened(new_lottery(**changes))


def register(
    pool_id: UUID, who: PersonCard, category: str = "refrigerator", at: datetime = OPENS
) -> UUID:
    with clock.standing_at(at):
        return drawing.register_for_draw(
            actor=given.system(), pool_id=pool_id, category_code=category, person_id=who.id
        )


def officer() -> Actor:
    return given.staff(Role.OPERATOR)


def listed(people: int = 8, **changes: Any) -> tuple[UUID, list[PersonCard]]:
    """A lottery whose list is public."""
    pool_id = lottery(**changes)
    who = [given.person() for _ in range(people)]
    for one in who:
        register(pool_id, one)
    with clock.standing_at(CLOSES):
        drawing.publish_list(actor=given.system(), pool_id=pool_id)
    return pool_id, who


def draw(pool_id: UUID, *, at: datetime = DRAWS, request_id: UUID | None = None) -> int:
    """Both officers' halves."""
    with clock.standing_at(at):
        drawing.enter_public_number(actor=officer(), pool_id=pool_id, value=NUMBER)
        return drawing.reveal_and_draw(
            actor=officer(), pool_id=pool_id, value=NUMBER, request_id=request_id or uuid4()
        )
