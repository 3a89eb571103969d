"""Who pays for vouchers pays in first, or has an agreement with a name; never below that."""

from uuid import uuid4

import pytest
from django.db import connection

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotAllowed, NotFound, RequestReused
from huanxin.ledger import rules
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as books
from huanxin.ledger.errors import AmountNotPositive, AmountTooLarge, FundExhausted
from huanxin.ledger.types import Leg, funder_code
from huanxin.vouchers import selectors
from huanxin.vouchers.errors import FunderUnknown, ReferenceMissing
from huanxin.vouchers.services import funding, trading_in
from tests import given

pytestmark = pytest.mark.django_db


def finance(region_path=given.CITY_PATH):
    return given.staff(Role.FINANCE_OFFICER, region_path=region_path)


def top_up(owner, amount_fen, actor=None, **named):
    asked = {"request_id": uuid4(), "reference": "回单1", **named}
    funding.fund_funder(actor=actor or finance(), owner=str(owner), amount_fen=amount_fen, **asked)


def issue(funder, worth_fen):
    return trading_in.issue_trade_in_voucher(
        actor=given.system(), person_id=given.person().id, order_id=uuid4(), value_fen=worth_fen,
        topup_fen=0, funder_code=funder_code(funder), request_id=uuid4(),
    )  # fmt: skip


def free(owner):
    balance = ledger.find_balance(funder_code(owner))
    return balance.available_fen if balance else 0


def test_a_maker_pays_in_and_its_vouchers_use_it_up_to_the_fen():
    maker = given.organisation(OrgKind.MAKER)
    with pytest.raises(FundExhausted):
        issue(maker, 1)
    top_up(maker, 6_000)
    issue(maker, 6_000)
    with pytest.raises(FundExhausted):
        issue(maker, 1)
    card = selectors.get_funder(str(maker), Scope(org_id=maker))
    assert (card.free_fen, card.held_fen, card.paid_in_fen) == (0, 6_000, 6_000)
    assert card.credit_limit_fen == 0


def test_the_city_pays_from_its_treasury_and_has_a_line_with_a_name():
    top_up("city", 5_000)
    assert ledger.get_balance("treasury:city").debits_posted_fen == 5_000
    line = ledger.find_credit_line("funder:city")
    assert (line.limit_fen, line.title) == (100_000_000, "市级自有出资周转额度（系统初始值）")
    issue("city", 6_000)
    assert free("city") == -1_000
    assert selectors.list_funders(Scope(region_path=given.CITY_PATH))[0].owner == "city"


def test_finance_ends_the_citys_line_when_nothing_is_drawn():
    top_up("city", 5_000)
    actor, request_id = finance(), uuid4()
    for _ in range(2):
        funding.agree_credit(
            actor=actor, owner="city", limit_fen=0, title="聊财〔2026〕1号", request_id=request_id
        )
    with pytest.raises(FundExhausted):
        issue("city", 5_001)
    issue("city", 5_000)
    assert free("city") == 0


def test_a_top_up_is_booked_once_and_other_content_is_refused():
    shop, actor, request_id = given.organisation(), finance(), uuid4()
    for _ in range(2):
        top_up(shop, 700, actor, request_id=request_id)
    assert free(shop) == 700
    for change in ({"reference": "回单2"}, {}):
        with pytest.raises(RequestReused):
            top_up(shop, 700 if change else 701, actor, request_id=request_id, **change)
    assert free(shop) == 700


@pytest.mark.parametrize(
    ("owner", "amount_fen", "reference", "refusal"),
    [
        ("city", 0, "回单", AmountNotPositive), ("city", -5, "回单", AmountNotPositive),
        ("city", 2**63, "回单", AmountTooLarge), ("city", 5, "  ", ReferenceMissing),
        ("nobody", 5, "回单", FunderUnknown), ("campaign-", 5, "回单", FunderUnknown),
        ("0192f0c1-0000-7000-8000-000000000001", 5, "回单", NotFound),
    ],
)  # fmt: skip
def test_a_top_up_that_makes_no_sense_is_refused(owner, amount_fen, reference, refusal):
    with pytest.raises(refusal):
        top_up(owner, amount_fen, reference=reference)
    assert ledger.find_balance(funder_code(owner)) is None


def test_a_recycler_funds_no_vouchers():
    with pytest.raises(FunderUnknown):
        top_up(given.organisation(OrgKind.RECYCLER), 5)


def test_who_may_book_a_top_up():
    shop = given.organisation()
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=shop)
    operator = given.staff(Role.OPERATOR, region_path=given.CITY_PATH)
    for actor, owner in (
        (manager, shop), (operator, shop), (finance("370000/370100"), shop),
        (finance(given.COUNTY_PATH), "city"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            top_up(owner, 5, actor)
    top_up(shop, 5, finance(given.COUNTY_PATH))  # a county's finance books its own shops'
    assert free(shop) == 5


def test_paying_back_stops_at_the_funders_own_money():
    shop, actor = given.organisation(), finance()
    top_up(shop, 1_000)
    funding.agree_credit(
        actor=actor, owner=str(shop), limit_fen=500, title="协议", request_id=uuid4()
    )
    issue(shop, 300)
    sent = {"actor": actor, "owner": str(shop), "reference": "退款1"}
    with pytest.raises(FundExhausted):
        funding.repay_funder(**sent, amount_fen=701, request_id=uuid4())
    funding.repay_funder(**sent, amount_fen=700, request_id=uuid4())
    assert free(shop) == 0
    assert ledger.sum_check().difference_fen == 0


def test_an_organisation_reads_its_own_account_alone():
    mine, theirs = given.organisation(), given.organisation()
    top_up(mine, 10)
    top_up(theirs, 20)
    scope = Scope(region_path=given.COUNTY_PATH, org_id=mine)
    assert selectors.get_funder(str(mine), scope).free_fen == 10
    assert ledger.get_statement(funder_code(mine), scope).total == 1
    with pytest.raises(NotFound):
        selectors.get_funder(str(theirs), scope)
    with pytest.raises(NotFound):
        ledger.get_statement(funder_code(theirs), scope)


@pytest.mark.django_db(transaction=True)
def test_vouchers_issued_at_once_never_take_a_funder_below_zero(race):
    maker = given.organisation(OrgKind.MAKER)
    top_up(maker, 10_000)
    people = [given.person().id for _ in range(8)]

    def one(number):
        return trading_in.issue_trade_in_voucher(
            actor=given.system(), person_id=people[number], order_id=uuid4(), value_fen=3_000,
            topup_fen=0, funder_code=funder_code(maker), request_id=uuid4(),
        )  # fmt: skip

    outcomes = race(one, 8)
    assert sum(isinstance(x, FundExhausted) for x in outcomes) == 5
    assert free(maker) == 1_000
    assert ledger.list_overspendings() == []


def test_control_money_that_was_never_paid_in_moves_when_the_funder_is_unguarded(monkeypatch):
    """Funders of before: without rule and constraint the account is a debt."""
    maker = given.organisation(OrgKind.MAKER)
    top_up(maker, 1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_balance DROP CONSTRAINT balance_never_overspent")
    monkeypatch.setattr(rules, "GUARDED", frozenset())
    code = funder_code(maker)
    leg = Leg("test", uuid4(), "x", code, code.replace("funder:", "huanxin:"), 10)
    books.hold_transfers(legs=[leg])
    assert free(maker) == -9
    assert [one.below_fen for one in ledger.list_overspendings()] == [9]
