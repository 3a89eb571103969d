"""A total that a household's purchases share: the quote says what the limit lets through."""

from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

import pytest

from huanxin.claims import rules
from huanxin.claims.errors import NotEligible
from huanxin.claims.services import returning, selling
from huanxin.claims.types import NewSale, SaleRequest
from huanxin.identity.services import registering
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.vouchers import models as voucher_models
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.errors import HolderTotalReached
from huanxin.vouchers.services import making
from huanxin.vouchers.types import HolderKind, NewRight
from tests import given, given_claims, given_vouchers

pytestmark = pytest.mark.django_db
AT = datetime.combine(date(2025, 6, 18), datetime.min.time(), clock.SHANGHAI).replace(hour=10)
TOTAL = 4_000_000  # 每户 4 万元, home-2025
CODES = ("sofa", "mattress", "bed_frame")
PROGRAMME = "home-2025"


@pytest.fixture
def home():
    """Rights of one household's members, a category each."""
    given_claims.rules_in_force()
    pool_id = given_vouchers.pool(
        holder=HolderKind.HOUSEHOLD, total_fen=TOTAL, programme=PROGRAMME,
        lines=dict.fromkeys(CODES, (200_000, 1)),
    )  # fmt: skip
    return [till(pool_id, code) for code in CODES]


def till(pool_id, code, household="371502001"):
    buyer, _ = given_claims.person()
    registering.record_household(actor=given.system(), person_id=buyer.id, household_no=household)
    with clock.standing_at(AT):
        right = making.make_right(
            actor=given.system(), right=NewRight(buyer.id, pool_id, code, uuid4())
        )
    org_id = given.organisation()
    new = NewSale(
        merchant_id=org_id, till_id="1号台", qualification_id=right, trade_in_voucher_id=None,
        gtin=given_claims.model(category_code=code, energy_grade=None),
        serial=f"HM{uuid4().hex[:10]}", list_price_fen=600_000, sold_at=AT,
    )  # fmt: skip
    return given_claims.Till(
        given.staff(Role.CASHIER, org_id=org_id),
        given.staff(Role.MERCHANT_MANAGER, org_id=org_id), buyer, "", new,
    )  # fmt: skip


def key_of(at):
    return voucher_models.Voucher.objects.get(pk=at.sale.qualification_id).holder_key


def had(at, used_fen):
    """What the household was given before."""
    voucher_models.HolderTotal.objects.create(
        programme=PROGRAMME, holder_key=key_of(at), limit_fen=TOTAL, used_fen=used_fen
    )


def quote(at):
    with clock.standing_at(AT):
        return selling.quote_sale(actor=at.cashier, sale=at.sale)


def test_the_quote_gives_what_the_total_has_left_and_the_sale_agrees(home):
    had(home[0], 3_950_000)
    assert quote(home[0]).amounts.subsidy_fen == 50_000  # 15 % were 900.00

    assert home[0].sell().subsidy_fen == 50_000

    assert vouchers.used_of_holder_fen(PROGRAMME, key_of(home[0])) == TOTAL
    after = quote(home[1])  # another member, another category
    assert (after.is_eligible, after.sentence) == (False, after.decision["sentence"])
    assert "4 万元" in after.sentence
    with pytest.raises(NotEligible):
        home[1].sell()
    assert vouchers.used_of_holder_fen(PROGRAMME, key_of(home[0])) == TOTAL


def test_a_household_that_has_had_nothing_gets_the_whole_rate(home):
    assert home[0].sell().subsidy_fen == 90_000
    assert quote(home[1]).amounts.subsidy_fen == 90_000


def test_the_second_sale_of_a_batch_sees_what_the_first_was_given(home):
    had(home[0], 3_860_000)
    one_shop = [
        SaleRequest(replace(at.sale, merchant_id=home[0].sale.merchant_id), uuid4())
        for at in home[:2]
    ]
    with clock.standing_at(AT):
        first, second = selling.sell_many(actor=home[0].cashier, sales=one_shop)
    assert (first.subsidy_fen, second.subsidy_fen) == (90_000, 50_000)
    assert vouchers.used_of_holder_fen(PROGRAMME, key_of(home[0])) == TOTAL


def test_control_without_the_fact_the_quote_promises_what_the_sale_refuses(home, monkeypatch):
    had(home[0], 3_950_000)
    blind = {"is_individual": True, "household_paid_fen": 0}
    monkeypatch.setattr(rules, "rule_facts", lambda _: blind)
    assert quote(home[0]).amounts.subsidy_fen == 90_000
    with pytest.raises(HolderTotalReached):
        home[0].sell()


def test_a_part_that_comes_back_is_measured_on_what_the_others_left(home):
    had(home[0], 3_950_000)
    receipt = home[0].sell()
    with clock.standing_at(AT):
        part = returning.return_part(
            actor=home[0].manager, sale_id=receipt.sale_id, off_fen=300_000, reason="保价退差",
            request_id=uuid4(),
        )  # fmt: skip
    # 15 % of 3,000.00 were 450.00: less than the 500.00 the total had left
    assert part.subsidy_fen == 45_000
    assert vouchers.used_of_holder_fen(PROGRAMME, key_of(home[0])) == 3_995_000
