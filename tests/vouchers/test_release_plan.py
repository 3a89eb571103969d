"""A release plan opens as one funded set or not at all; what a slot has left goes on."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.clock import moment
from huanxin.kernel.errors import NotAllowed, RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import PlacesNotFree, PlanInvalid, PlanUnfunded, PoolsApart
from huanxin.vouchers.services import lapsing, releasing
from huanxin.vouchers.types import ClaimOutcome, DayRule, PoolFilter, Slot
from tests import given, given_release
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db
TEN = moment(date(2026, 9, 1), 10)
CAP = gv.CAP_FEN


def pools_of(plan_id):
    cards = selectors.list_pools(Scope(), wanted=PoolFilter(plan_id=plan_id))
    return sorted(cards, key=lambda card: (card.opens_at, card.region_code))


def test_a_plan_opens_every_slot_of_every_day_with_its_money():
    plan_id = given_release.open_plan(given_release.new_plan())
    pools = pools_of(plan_id)
    shown = [f"{pool.opens_at.astimezone(clock.SHANGHAI):%d %H:%M}" for pool in pools]
    assert shown == ["01 10:00", "01 20:00", "02 10:00", "02 20:00"]
    assert [pool.quantity for pool in pools] == [5, 3, 5, 3]
    assert [gv.free_fen(pool.id) for pool in pools] == [5 * CAP, 3 * CAP] * 2
    assert pools[1].closes_at == moment(date(2026, 9, 2))
    assert gv.budget_fen() == 0
    assert selectors.get_plan(plan_id).pool_ids == tuple(pool.id for pool in pools)


def test_several_counties_are_opened_together():
    counties = (given.COUNTY, "371581")
    plan = given_release.new_plan(region_codes=counties, last_on=date(2026, 9, 1))
    pools = pools_of(given_release.open_plan(plan))
    assert [pool.region_code for pool in pools] == [*counties, *counties]
    assert [gv.budget_fen(code) for code in counties] == [8 * CAP, 8 * CAP]


def test_weekdays_holidays_and_extra_days_are_kept():
    days = [date(2026, 9, 4), date(2026, 9, 5), date(2026, 9, 6), date(2026, 9, 7)]
    plan = given_release.new_plan(
        first_on=days[0], last_on=days[3], days=DayRule.WEEKENDS, also_on=(days[3],),
        not_on=(days[2],), slots=(Slot("10:00", "12:00", 1, CAP),),
    )  # fmt: skip
    pools = pools_of(given_release.open_plan(plan))
    assert [clock.business_day(pool.opens_at) for pool in pools] == [days[1], days[3]]


def test_a_budget_that_does_not_reach_opens_nothing_and_names_the_slot():
    with pytest.raises(PlanUnfunded) as refusal:
        given_release.open_plan(given_release.new_plan(), budget_fen=15 * CAP)
    assert refusal.value.facts["slot"] == "九月家电 9月2日 20:00"
    assert refusal.value.facts["wanted"] == "¥24,000.00"
    assert (models.Pool.objects.count(), models.ReleasePlan.objects.count()) == (0, 0)
    assert gv.budget_fen() == 15 * CAP


def test_control_with_one_more_places_money_the_same_plan_opens():
    plan_id = given_release.open_plan(given_release.new_plan(), budget_fen=16 * CAP)
    assert len(pools_of(plan_id)) == 4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"slots": (Slot("10:00", "12:00", 1, 1), Slot("11:59", "13:00", 1, 1))}, "重叠"),
        ({"slots": (Slot("10:00", "12:00", 0, 1),)}, "名额和资金都须大于零"),
        ({"slots": (Slot("10:00", "12:00", -4, 1),)}, "名额和资金都须大于零"),
        ({"slots": (Slot("10:00", "12:00", 1, 0),)}, "名额和资金都须大于零"),
        ({"slots": (Slot("12:00", "12:00", 1, 1),)}, "须晚些结束"),
        ({"slots": (Slot("25:00", "26:00", 1, 1),)}, "钟点"),
        ({"slots": ()}, "至少安排一个时段"),
        ({"last_on": date(2026, 8, 1)}, "结束日期不能早于开始日期"),
        ({"first_on": date(2026, 8, 30)}, "已经过去"),
        ({"region_codes": ()}, "至少选择一个地区"),
        ({"not_on": (date(2026, 9, 1), date(2026, 9, 2))}, "没有一天"),
        ({"last_on": date(2030, 9, 2)}, "最多"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_kept_is_refused_and_nothing_opens(changes, reason):
    with pytest.raises(PlanInvalid) as refusal:
        given_release.open_plan(given_release.new_plan(**changes))
    assert reason in refusal.value.message
    assert models.Pool.objects.count() == 0


def test_slots_that_touch_do_not_overlap():
    touching = (Slot("10:00", "12:00", 1, CAP), Slot("12:00", "13:00", 1, CAP))
    plan = given_release.new_plan(slots=touching, last_on=date(2026, 9, 1))
    assert len(pools_of(given_release.open_plan(plan))) == 2


def test_a_repeated_request_opens_one_plan_and_other_content_is_refused():
    request_id = uuid4()
    plan = given_release.new_plan()
    first = given_release.open_plan(plan, request_id=request_id)
    assert given_release.open_plan(plan, request_id=request_id, budget_fen=0) == first
    with pytest.raises(RequestReused):
        given_release.open_plan(
            given_release.new_plan(title="别的"), request_id=request_id, budget_fen=0
        )
    assert models.Pool.objects.count() == 4


def test_a_county_officer_opens_nothing_in_another_county():
    given.regions()
    officer = given.staff(Role.OPERATOR)
    plan = given_release.new_plan(region_codes=("371581",))
    with pytest.raises(NotAllowed):
        releasing.open_plan(actor=officer, plan=plan, request_id=uuid4())
    assert models.Pool.objects.count() == 0


# --- what a slot has left ------------------------------------------------------------------------


def ended(*, carries_rest: bool):
    plan_id = given_release.open_plan(given_release.new_plan(carries_rest=carries_rest))
    pools = pools_of(plan_id)
    gv.claims(gv.claim(pools[0].id, given.person()), at=TEN)
    with clock.standing_at(pools[0].closes_at):
        releasing.settle_ended_slots(actor=given.system())
        releasing.settle_ended_slots(actor=given.system())  # the second run finds nothing
    return pools, pools_of(plan_id)


def test_the_rest_of_a_slot_goes_to_the_next_one():
    before, after = ended(carries_rest=True)
    assert [pool.quantity for pool in after] == [1, 7, 5, 3]
    assert [gv.free_fen(pool.id) for pool in after] == [0, 7 * CAP, 5 * CAP, 3 * CAP]
    answers = gv.claims(
        *(gv.claim(before[1].id, given.person()) for _ in range(8)), at=before[1].opens_at
    )
    assert [one.outcome for one in answers].count(ClaimOutcome.WON) == 7


def test_control_without_the_option_the_rest_goes_back_to_the_budget():
    _, after = ended(carries_rest=False)
    assert [pool.quantity for pool in after] == [5, 3, 5, 3]
    assert gv.free_fen(after[1].id) == 3 * CAP
    assert gv.budget_fen() == 4 * CAP


def test_what_lapses_after_a_slots_end_is_not_lost_either():
    pools, _ = ended(carries_rest=True)
    with clock.standing_at(pools[0].opens_at + timedelta(hours=49)):
        lapsing.lapse_due(actor=given.system())
        releasing.settle_ended_slots(actor=given.system())
    assert gv.free_fen(pools[0].id) == 0
    assert ledger.sum_check().difference_fen == 0


# --- moving and adding ---------------------------------------------------------------------------


def move(pools, places, amount_fen, request_id=None, at=TEN):
    with clock.standing_at(at):
        releasing.move_places(
            actor=given.system(), from_pool_id=pools[0].id, to_pool_id=pools[1].id, places=places,
            amount_fen=amount_fen, reason="十点场剩得多", request_id=request_id or uuid4(),
        )  # fmt: skip


def test_places_and_money_move_once_between_pools_of_one_budget():
    pools = pools_of(given_release.open_plan(given_release.new_plan()))
    request_id = uuid4()
    for _ in range(2):
        move(pools, 2, 2 * CAP, request_id)
    assert [selectors.get_pool(pool.id).quantity for pool in pools[:2]] == [3, 5]
    assert [gv.free_fen(pool.id) for pool in pools[:2]] == [3 * CAP, 5 * CAP]


@pytest.mark.parametrize(("places", "amount_fen"), [(5, 0), (0, 4 * CAP + 1)])
def test_what_people_hold_is_never_moved_away(places, amount_fen):
    pools = pools_of(given_release.open_plan(given_release.new_plan()))
    gv.claims(gv.claim(pools[0].id, given.person()), at=TEN)
    with pytest.raises(PlacesNotFree) as refusal:
        move(pools, places, amount_fen)
    assert refusal.value.facts == {"places": 4, "free": "¥6,000.00"}
    assert gv.free_fen(pools[0].id) == 4 * CAP
    assert gv.free_fen(pools[1].id) == 3 * CAP


@pytest.mark.parametrize(("places", "amount_fen"), [(0, 0), (-1, CAP), (1, -CAP)])
def test_nothing_and_less_than_nothing_is_not_moved(places, amount_fen):
    pools = pools_of(given_release.open_plan(given_release.new_plan()))
    with pytest.raises(PoolsApart):
        move(pools, places, amount_fen)
    assert gv.free_fen(pools[0].id) == 5 * CAP


def test_nothing_moves_to_another_county_or_into_an_ended_pool():
    plan = given_release.new_plan(region_codes=(given.COUNTY, "371581"), last_on=date(2026, 9, 1))
    pools = pools_of(given_release.open_plan(plan))
    with pytest.raises(PoolsApart):
        move(pools, 1, CAP)
    ours = [pool for pool in pools if pool.region_code == given.COUNTY]
    with pytest.raises(PoolsApart):
        move(ours[::-1], 1, CAP, at=ours[0].closes_at)
    assert [gv.free_fen(pool.id) for pool in ours] == [5 * CAP, 3 * CAP]


def test_a_pool_grows_from_its_budget_once():
    pools = pools_of(given_release.open_plan(given_release.new_plan(), budget_fen=17 * CAP))
    request_id = uuid4()
    with clock.standing_at(TEN):
        for _ in range(2):
            releasing.add_to_pool(
                actor=given.system(), pool_id=pools[0].id, places=1, amount_fen=CAP,
                reason="追加一份", request_id=request_id,
            )  # fmt: skip
    assert selectors.get_pool(pools[0].id).remaining == 6
    assert gv.budget_fen() == 0
