"""What one officer may send down alone, and what a second one decides."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed, RequestReused
from huanxin.vouchers import _countersign, models, selectors
from huanxin.vouchers.errors import (
    BudgetRequestDecided,
    BudgetRequestUnknown,
    BudgetShort,
    FundUnknown,
    OwnBudgetRequest,
    ReferenceMissing,
    TooMuchAlone,
)
from huanxin.vouchers.services import budgeting, countersigning
from huanxin.vouchers.types.budgets import BudgetMove, BudgetVerb
from tests import given_budgets as money
from tests import given_claims, given_vouchers
from tests.given_budgets import CITY, COUNTY, PROVINCE, SIBLING
from tests.given_vouchers import PROGRAMME

pytestmark = pytest.mark.django_db
LIMIT = 5_000


@pytest.fixture(autouse=True)
def _a_small_limit(db, settings):
    settings.HUANXIN_BUDGET_ALONE_FEN = LIMIT
    given_claims.rules_in_force()
    with clock.standing_at(given_vouchers.OPENS):
        money.money(CITY)  # by the platform itself: 10,000
        yield


def allocation(amount_fen=6_000, fund=""):
    return BudgetMove(BudgetVerb.ALLOCATE, PROGRAMME, COUNTY, {}, amount_fen, fund)


def propose(actor=None, move=None, document="聊商财〔2026〕8号", request_id=None):
    return countersigning.propose_budget(
        actor=actor or money.city(), move=move or allocation(), document=document,
        request_id=request_id or uuid4(),
    )  # fmt: skip


def decide(actor, proposal_id, *, is_approved=True):
    return countersigning.decide_budget(
        actor=actor, proposal_id=proposal_id, is_approved=is_approved, note="已核对指标文"
    )


def test_one_officer_moves_what_is_below_the_limit_and_no_more_that_day():
    one, other = money.city(), money.city()
    money.allocate(one, COUNTY, LIMIT - 1)
    with pytest.raises(TooMuchAlone):
        money.allocate(other, COUNTY, 1)  # nor in small pieces, by whomever
    money.allocate(one, SIBLING, LIMIT - 1)
    assert money.free_fen(COUNTY) == money.free_fen(SIBLING) == LIMIT - 1
    with clock.standing_at(given_vouchers.OPENS + timedelta(days=1)):
        money.allocate(one, COUNTY, 1)


def test_a_large_move_waits_for_another_officer_and_is_made_once():
    one, other = money.city(), money.city()
    request_id = uuid4()
    proposal_id = propose(one, request_id=request_id)
    assert propose(one, request_id=request_id) == proposal_id
    with pytest.raises(RequestReused):
        propose(one, allocation(7_000), request_id=request_id)
    assert money.free_fen(COUNTY) == 0

    with pytest.raises(OwnBudgetRequest):
        decide(one, proposal_id)
    assert decide(other, proposal_id).is_approved is True
    with pytest.raises(BudgetRequestDecided):
        decide(other, proposal_id)

    assert money.free_fen(COUNTY) == 6_000
    assert money.parts(COUNTY) == {"central": 5_100, "province": 300, "city": 600}
    assert {leg.leg for leg in money.legs_of("budget.allocated", proposal_id)} == {
        "central", "province", "city",
    }  # fmt: skip
    money.allocate(one, COUNTY, 100)  # what two decided does not count as one's own


def test_money_of_the_treasury_needs_two_as_well():
    shares = {"central": 9_000}
    move = BudgetMove(BudgetVerb.GIVE, PROGRAMME, COUNTY, shares, 9_000)
    with pytest.raises(TooMuchAlone):
        budgeting.give_budget(
            actor=money.city(), programme=PROGRAMME, region_code=COUNTY, shares_fen=shares,
            request_id=uuid4(),
        )  # fmt: skip
    assert money.free_fen(COUNTY) == 0
    decide(money.city(), propose(move=move))
    assert money.free_fen(COUNTY) == 9_000


def test_what_is_sent_back_moves_nothing_and_may_be_proposed_anew():
    proposal_id = propose()
    card = decide(money.city(), proposal_id, is_approved=False)
    assert (card.is_approved, card.note) == (False, "已核对指标文")
    assert money.free_fen(COUNTY) == 0
    assert propose() != proposal_id


def test_an_approval_that_cannot_be_paid_decides_nothing():
    proposal_id = propose(move=allocation(10_001))
    with pytest.raises(BudgetShort):
        decide(money.city(), proposal_id)
    assert models.BudgetRequest.objects.get().decided_by is None


@pytest.mark.parametrize(
    ("refusal", "change"),
    [
        (ReferenceMissing, {"document": " "}),
        (FundUnknown, {"move": allocation(fund="eu")}),
        (NotAllowed, {"actor": "county"}),
    ],
)
def test_a_bad_proposal_is_not_laid_before_anyone(refusal, change):
    asked = {**change, **({"actor": money.county()} if "actor" in change else {})}
    with pytest.raises(refusal):
        propose(**asked)
    assert not models.BudgetRequest.objects.exists()


def test_an_unknown_proposal_and_an_officer_of_below_are_refused():
    with pytest.raises(BudgetRequestUnknown):
        decide(money.city(), uuid4())
    with pytest.raises(NotAllowed):
        decide(money.county(), propose())


def test_the_list_shows_what_waits_within_the_region():
    proposal_id = propose()
    [card] = selectors.list_budget_requests(money.city().scope)
    assert (card.id, card.move.amount_fen, card.is_approved) == (proposal_id, 6_000, None)
    assert selectors.count_budget_requests(money.city().scope) == 1
    decide(money.city(), proposal_id)
    assert selectors.count_budget_requests(money.city().scope) == 0
    assert [one.is_approved for one in selectors.list_budget_requests(money.city().scope)] == [True]
    assert PROVINCE in card.region_path


def test_control_the_constraint_keeps_two_people_though_the_service_is_passed_by():
    row = models.BudgetRequest.objects.get(pk=propose())
    with pytest.raises(IntegrityError, match="budget_request_two_people"), transaction.atomic():
        models.BudgetRequest.objects.update(
            decided_by=row.proposed_by, decided_at=row.proposed_at, is_approved=True
        )


def test_control_without_the_check_one_officer_moves_it_all(monkeypatch):
    monkeypatch.setattr(_countersign, "check_alone", lambda *_: None)
    money.allocate(money.city(), COUNTY, 9_000)
    assert money.free_fen(COUNTY) == 9_000
