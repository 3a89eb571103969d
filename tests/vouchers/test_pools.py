from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.catalogue import services as catalogue
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound, RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.ledger.errors import AmountNotPositive, FundExhausted
from huanxin.policy import services as policy
from huanxin.policy.errors import CategoryNotCovered
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import PoolInvalid
from huanxin.vouchers.services import budgeting, lapsing, releasing
from huanxin.vouchers.types import NewPool, PoolCategory, VoucherKind
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

NEW = NewPool(
    title="东昌府区9月家电",
    programme="appliances-2026",
    region_code=given.COUNTY,
    categories=("refrigerator", "washing_machine"),
    quantity=100,
    budget_fen=9_000_000,
    opens_at=gv.OPENS,
    closes_at=gv.ENDS,
    reserve_bps=6_000,
)


@pytest.fixture
def budget():
    """The shipped policies, and 100,000.00 for the county."""
    given.regions()
    with clock.standing_at(gv.OPENS):
        catalogue.load_reference(actor=given.system())
        policy.load_reference(actor=given.system())
    give(8_500_000, 1_500_000)


def give(central_fen, city_fen, request_id=None, actor=None):
    with clock.standing_at(gv.OPENS):
        budgeting.give_budget(
            actor=actor or given.system(),
            programme="appliances-2026",
            region_code=given.COUNTY,
            shares_fen={"central": central_fen, "city": city_fen},
            request_id=request_id or uuid4(),
        )


def open_pool(new=NEW, request_id=None, actor=None):
    with clock.standing_at(gv.OPENS):
        return releasing.open_pool(
            actor=actor or given.system(), pool=new, request_id=request_id or uuid4()
        )


def test_a_budget_comes_from_its_funds_once(budget):
    request_id = uuid4()
    give(85, 15, request_id)
    give(85, 15, request_id)
    assert gv.budget_fen() == 10_000_100
    assert ledger.get_balance("treasury:central").debits_posted_fen == 8_500_085
    with pytest.raises(RequestReused):
        give(86, 15, request_id)
    with pytest.raises(AmountNotPositive):
        give(0, 15)
    assert gv.budget_fen() == 10_000_100


def test_a_pool_takes_its_money_and_its_lines_from_the_policy(budget):
    pool = selectors.get_pool(open_pool())
    assert gv.budget_fen() == 1_000_000
    assert gv.free_fen(pool.id) == 9_000_000
    assert pool.lines == (
        PoolCategory("refrigerator", 150_000, 90_000, 1),
        PoolCategory("washing_machine", 150_000, 90_000, 1),
    )
    assert (pool.remaining, pool.region_path) == (100, given.COUNTY_PATH)
    assert ledger.sum_check().difference_fen == 0


def test_a_pool_cannot_take_more_than_the_budget_has(budget):
    with pytest.raises(FundExhausted):
        open_pool(replace(NEW, budget_fen=10_000_001))
    assert models.Pool.objects.count() == 0
    assert gv.budget_fen() == 10_000_000


def test_opening_again_with_the_same_request_opens_nothing(budget):
    request_id = uuid4()
    assert open_pool(request_id=request_id) == open_pool(request_id=request_id)
    with pytest.raises(RequestReused):
        open_pool(replace(NEW, quantity=99), request_id=request_id)
    assert models.Pool.objects.count() == 1
    assert gv.budget_fen() == 1_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 0},
        {"budget_fen": 0},
        {"closes_at": gv.OPENS},
        {"categories": ()},
        {"categories": ("refrigerator", "refrigerator")},
        {"lapse_hours": 0},
        {"reserve_bps": 0},
        {"reserve_bps": 10_001},
        {"kind": VoucherKind.HUANXIN},
    ],
)
def test_a_pool_that_could_not_be_honoured_is_not_opened(budget, change):
    with pytest.raises(PoolInvalid):
        open_pool(replace(NEW, **change))
    assert models.Pool.objects.count() == 0


def test_a_category_the_policy_does_not_pay_is_refused(budget):
    with pytest.raises(CategoryNotCovered):
        open_pool(replace(NEW, categories=("rice_cooker",)))


def test_only_operators_of_the_region_give_and_open(budget):
    for actor in (
        given.staff(Role.OBSERVER),
        given.staff(Role.OPERATOR, region_path="370000/371500/371521"),
    ):
        with pytest.raises(NotAllowed):
            open_pool(actor=actor)
        with pytest.raises(NotAllowed):
            give(1, 1, actor=actor)
    assert open_pool(actor=given.staff(Role.OPERATOR, region_path=given.CITY_PATH))


def test_pools_on_offer_are_those_of_the_region_above_and_below_it():
    county, neighbour = gv.pool(), gv.pool(region_code="371521")
    city = gv.pool(region_code="371500")

    def offered(path, now=gv.OPENS):
        return {pool.id for pool in selectors.list_open_pools(now=now, region_path=path)}

    assert offered(given.COUNTY_PATH) == {county, city}
    assert offered(given.CITY_PATH) == {county, neighbour, city}
    assert offered(None) == {county, neighbour, city}
    assert offered(None, now=gv.OPENS - timedelta(days=1)) == {county, neighbour, city}
    assert offered(None, now=gv.ENDS) == set()


def test_a_closed_pool_returns_what_no_voucher_holds():
    pool_id = gv.pool(quantity=3)
    gv.right(pool_id)
    with clock.standing_at(gv.OPENS + timedelta(hours=1)):
        returned = releasing.close_pool(actor=given.system(), pool_id=pool_id, reason="提前结束")
        assert returned == 2 * gv.CAP_FEN
        assert releasing.close_pool(actor=given.system(), pool_id=pool_id, reason="再次") == 0
    assert gv.budget_fen() == 2 * gv.CAP_FEN
    answers = gv.claims(gv.claim(pool_id, given.person()), at=gv.OPENS + timedelta(hours=2))
    assert answers[0].outcome == "closed"
    with clock.standing_at(gv.OPENS + timedelta(hours=48)):
        lapsing.lapse_due(actor=given.system())
        assert (
            releasing.close_pool(actor=given.system(), pool_id=pool_id, reason="结清") == gv.CAP_FEN
        )
    assert ledger.sum_check().difference_fen == 0


def test_reads_end_at_the_scope():
    voucher = gv.right()
    with pytest.raises(NotFound):
        selectors.get_voucher(voucher.id, given.consumer().scope)
    outside = given.staff(Role.OBSERVER, region_path="370000/370100").scope
    assert selectors.list_vouchers(voucher.person_id, outside) == []
    inside = given.staff(Role.OBSERVER, region_path=given.CITY_PATH).scope
    assert [card.id for card in selectors.list_vouchers(voucher.person_id, inside)] == [voucher.id]
    assert [pool.id for pool in selectors.list_pools(inside)] == [voucher.pool_id]
    with pytest.raises(NotFound):
        selectors.get_pool(uuid4())
