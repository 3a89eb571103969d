"""The sale at the till: 焕新券 first, then the subsidy, both with the sale or not at all."""

from uuid import uuid4

import pytest

from huanxin.claims.errors import CategoryDiffers, NotEligible, ProgrammeDiffers
from huanxin.claims.services import selling
from huanxin.claims.types import AuditStatus, SaleRequest, VerifyStatus
from huanxin.identity.errors import NotAllowed
from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.vouchers.errors import DeviceAlreadySold
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims, given_vouchers

pytestmark = pytest.mark.django_db


def test_the_fridge_of_the_design_costs_her_4198_15():
    till = given_claims.till(trade_in_fen=6_000)

    receipt = till.sell()

    assert receipt.trade_in_fen == 6_000
    assert receipt.price_fen == 493_900
    assert receipt.subsidy_fen == 74_085
    assert receipt.to_pay_fen == 419_815
    assert receipt.decision["policy_id"] == "appliances-2026"
    assert receipt.decision["price_basis"] == "after_all_discounts"
    assert "¥4,198.15" in receipt.sentence
    assert given_vouchers.owed_fen(till.sale.merchant_id) == 74_085 + 6_000
    assert given_vouchers.card(till.sale.qualification_id).state is VoucherState.USED
    assert given_vouchers.card(till.sale.trade_in_voucher_id).state is VoucherState.USED
    assert given_claims.status(receipt.sale_id) == (VerifyStatus.WAITING, AuditStatus.NONE)
    assert ledger.sum_check().difference_fen == 0


def test_a_shop_discount_lowers_the_price_the_subsidy_is_computed_from():
    receipt = given_claims.till(discount_fen=99_900).sell()

    assert (receipt.price_fen, receipt.subsidy_fen) == (400_000, 60_000)


def test_a_quote_says_the_same_as_the_sale_and_writes_nothing():
    till = given_claims.till(trade_in_fen=6_000)

    with clock.standing_at(till.sale.sold_at):
        quote = selling.quote_sale(actor=till.cashier, sale=till.sale)

    assert quote.amounts.to_pay_fen == 419_815
    assert quote.is_eligible
    assert given_claims.count_sales() == 0
    assert given_vouchers.card(till.sale.qualification_id).state is VoucherState.USABLE


def test_a_repeated_request_gets_the_first_receipt_and_sells_once():
    till, request_id = given_claims.till(), uuid4()

    first = till.sell(request_id=request_id)
    again = till.sell(request_id=request_id)

    assert again == first
    assert given_claims.count_sales() == 1
    assert given_vouchers.owed_fen(till.sale.merchant_id) == first.subsidy_fen


def test_a_request_id_with_another_price_is_refused():
    till, request_id = given_claims.till(), uuid4()
    till.sell(request_id=request_id)

    with pytest.raises(RequestReused):
        till.sell(request_id=request_id, list_price_fen=100_000)

    assert given_claims.count_sales() == 1


def test_a_serial_sold_twice_is_refused_and_the_second_right_stays_usable():
    first, second = given_claims.till(), given_claims.till()
    first.sell()

    with pytest.raises(DeviceAlreadySold):
        second.sell(serial=first.sale.serial.lower(), gtin=first.sale.gtin)

    assert given_claims.count_sales() == 1
    assert given_vouchers.card(second.sale.qualification_id).state is VoucherState.USABLE
    assert given_vouchers.owed_fen(second.sale.merchant_id) == 0


def test_a_grade_two_fridge_is_refused_with_the_rules_own_sentence():
    till = given_claims.till(gtin=given_claims.model(energy_grade=2))

    with pytest.raises(NotEligible) as refusal:
        till.sell()

    assert refusal.value.facts["reason_code"] == "R201"
    assert "1 级" in refusal.value.message
    assert given_claims.count_sales() == 0


def test_a_right_for_a_fridge_buys_no_washing_machine():
    till = given_claims.till(gtin=given_claims.model(category_code="washing_machine"))

    with pytest.raises(CategoryDiffers):
        till.sell()

    assert given_vouchers.owed_fen(till.sale.merchant_id) == 0


def test_a_right_of_last_years_programme_is_refused():
    pool_id = given_vouchers.pool(programme="appliances-2025")
    till = given_claims.till(pool_id=pool_id)

    with pytest.raises(ProgrammeDiffers):
        till.sell()

    assert given_vouchers.card(till.sale.qualification_id).state is VoucherState.USABLE


def test_a_cashier_cannot_sell_for_another_shop():
    till = given_claims.till()

    with pytest.raises(NotAllowed):
        till.sell(merchant_id=given.organisation())

    assert given_claims.count_sales() == 0
    assert given_vouchers.card(till.sale.qualification_id).state is VoucherState.USABLE


def test_one_bad_sale_in_a_batch_stops_the_whole_batch():
    pool_id = given_vouchers.pool(quantity=3)
    good = given_claims.till(pool_id=pool_id)
    bad = given_claims.till(pool_id=pool_id, gtin=given_claims.model(energy_grade=2))
    sales = [SaleRequest(one.sale, uuid4()) for one in (good, bad)]

    with clock.standing_at(given_claims.SOLD_AT), pytest.raises(NotEligible):
        selling.sell_many(actor=given.system(), sales=sales)

    assert given_claims.count_sales() == 0
    assert given_vouchers.card(good.sale.qualification_id).state is VoucherState.USABLE


def test_a_batch_of_sales_answers_each_in_its_place():
    pool_id = given_vouchers.pool(quantity=3)
    tills = [given_claims.till(pool_id=pool_id, list_price_fen=100_000 * n) for n in (1, 2, 3)]
    sales = [SaleRequest(one.sale, uuid4()) for one in tills]

    with clock.standing_at(given_claims.SOLD_AT):
        receipts = selling.sell_many(actor=given.system(), sales=sales)
        again = selling.sell_many(actor=given.system(), sales=sales)

    assert [one.subsidy_fen for one in receipts] == [15_000, 30_000, 45_000]
    assert again == receipts
    assert given_claims.count_sales() == 3
