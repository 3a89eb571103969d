"""After the season, for the pages' sake: a lottery drawn, one to register for, a week of slots.

All of it is paid by a budget of its own, given after the season, so that the season's figures stay
as they were played.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import budget_code
from huanxin.policy import selectors as policy
from huanxin.simulation._stage import Stage
from huanxin.simulation.types import Wish
from huanxin.vouchers import selectors as vouchers_reads
from huanxin.vouchers.services import budgeting, drawing, releasing
from huanxin.vouchers.types import NewLottery, NewPlan, NewPool, ReleaseMode, Slot
from huanxin.vouchers.types import Stage as Part

_PROGRAMME, _CATEGORY = "appliances-2026", "refrigerator"
_DRAWN, _OPEN, _SLOT, _DAYS = 3, 20, 10, 7  # places of each, and days of slots
_PEOPLE = 12
_SOURCE = "中国福利彩票“双色球”开奖号码（演示用，非真实号码）"
_NUMBER = "02 09 14 20 27 31 + 06"
Times = tuple[datetime, datetime, datetime, datetime]  # opens, until, drawn, closes
_PARTS = (Part(0, 4_000), Part(300, 3_000), Part(600, 3_000))


def show(stage: Stage, on: date) -> None:
    """On the season's last evening; safe to repeat."""
    county, _ = stage.season.city.populations[0]
    cap_fen = policy.line_cap_fen(_PROGRAMME, _CATEGORY, on=on + timedelta(days=1))
    places = _DRAWN + _OPEN + 2 * _DAYS * _SLOT
    code = budget_code(county, _PROGRAMME)
    before = ledger.get_balance(code).available_fen
    budgeting.give_budget(
        actor=stage.actor("operate-1"), programme=_PROGRAMME, region_code=county,
        shares_fen={"city": places * cap_fen}, request_id=stage.request("showcase", "budget", on),
    )  # fmt: skip
    if ledger.get_balance(code).available_fen == before:
        return  # shown before
    _drawn(stage, county, on, cap_fen)
    _registering(stage, county, on, cap_fen)
    _slots(stage, county, on, cap_fen)


def _lottery(county: str, title: str, places: int, cap_fen: int, times: Times) -> NewPool:
    opens_at, registers_until, draws_at, closes_at = times
    return NewPool(
        title=title, programme=_PROGRAMME, region_code=county, categories=(_CATEGORY,),
        quantity=places, budget_fen=places * cap_fen, opens_at=opens_at, closes_at=closes_at,
        mode=ReleaseMode.LOTTERY, lottery=NewLottery(registers_until, draws_at, _SOURCE),
    )  # fmt: skip


def _drawn(stage: Stage, county: str, on: date, cap_fen: int) -> None:
    """From the opening to the vouchers, within the evening."""
    opens, until, draws = (clock.moment(on, 22, minute) for minute in (41, 45, 50))
    times = (opens, until, draws, clock.moment(on + timedelta(days=8)))
    first, second = stage.actor("operate-1"), stage.actor("operate-2")
    pool_id = releasing.open_pool(
        actor=first, pool=_lottery(county, "冰箱补贴摇号（第一期）", _DRAWN, cap_fen, times),
        request_id=stage.request("showcase", "drawn", on),
    )  # fmt: skip
    with clock.standing_at(opens):
        for wish in _people(stage, county):
            drawing.register_for_draw(
                actor=stage.consumer(wish), pool_id=pool_id, category_code=_CATEGORY
            )
    with clock.standing_at(until):
        drawing.publish_list(actor=first, pool_id=pool_id)
    with clock.standing_at(draws):
        drawing.enter_public_number(actor=first, pool_id=pool_id, value=_NUMBER)
        drawing.reveal_and_draw(
            actor=second, pool_id=pool_id, value=_NUMBER,
            request_id=stage.request("showcase", "draw", on),
        )  # fmt: skip


def _people(stage: Stage, county: str) -> list[Wish]:
    """Residents of the county who hold no right, the same in every replay."""
    found: dict[UUID, Wish] = {}
    for wish in stage.season.wishes:
        if wish.resident.county == county and len(found) < _PEOPLE:
            stage.welcome([wish])
            actor = stage.consumer(wish)
            person_id = stage.person_id(wish)
            if not vouchers_reads.list_vouchers(person_id, actor.scope):
                found.setdefault(person_id, wish)
    return list(found.values())


def _registering(stage: Stage, county: str, on: date, cap_fen: int) -> None:
    """One that visitors can register for."""
    first = on + timedelta(days=1)
    times = (
        clock.moment(first, 8), clock.moment(first + timedelta(days=10), 18),
        clock.moment(first + timedelta(days=10), 21), clock.moment(first + timedelta(days=20)),
    )  # fmt: skip
    releasing.open_pool(
        actor=stage.actor("operate-1"),
        pool=_lottery(county, "冰箱补贴摇号（第二期）", _OPEN, cap_fen, times),
        request_id=stage.request("showcase", "registering", on),
    )


def _slots(stage: Stage, county: str, on: date, cap_fen: int) -> None:
    """A week at 10:00 and 20:00, each slot in three stages, the rest carried on."""
    budget_fen = _SLOT * cap_fen
    releasing.open_plan(
        actor=stage.actor("operate-1"),
        plan=NewPlan(
            title="冰箱补贴分时发放", programme=_PROGRAMME, region_codes=(county,),
            categories=(_CATEGORY,), first_on=on + timedelta(days=1),
            last_on=on + timedelta(days=_DAYS), stages=_PARTS, carries_rest=True,
            slots=(
                Slot("10:00", "20:00", _SLOT, budget_fen),
                Slot("20:00", "24:00", _SLOT, budget_fen),
            ),
        ),
        request_id=stage.request("showcase", "slots", on),
    )  # fmt: skip
