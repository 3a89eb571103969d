"""Consumption vouchers on a subsidised sale: the price base, the order, the shop's money."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims import models
from huanxin.claims.services import returning, selling
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import pool_code
from huanxin.vouchers import errors
from huanxin.vouchers import models as voucher_models
from huanxin.vouchers.types import Tier, VoucherState
from tests import given, given_claims, given_vouchers
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db
LIST_FEN = given_claims.LIST_FEN  # 4,999.00


def ready(*terms, trade_in_fen=0):
    """A till with the buyer's right and one voucher of each campaign."""
    till = given_claims.till(trade_in_fen=trade_in_fen)
    vouchers = [
        given_c.voucher(given_c.campaign(prefund=index == 0, **one), till.buyer)
        for index, one in enumerate(terms)
    ]
    return till, vouchers


def sell(till, vouchers):
    return till.sell(consumption_voucher_ids=tuple(one.id for one in vouchers))


def quote(till, vouchers):
    sale = replace(till.sale, consumption_voucher_ids=tuple(one.id for one in vouchers))
    with clock.standing_at(sale.sold_at):
        return selling.quote_sale(actor=till.cashier, sale=sale)


def nothing_sold(till, vouchers):
    states = {given_vouchers.card(one.id).state for one in vouchers}
    return (
        states == {VoucherState.USABLE}
        and not models.Sale.objects.exists()
        and not voucher_models.Redemption.objects.exists()
        and not voucher_models.DeviceLock.objects.exists()
        and given_vouchers.owed_fen(till.sale.merchant_id) == 0
        and ledger.sum_check().difference_fen == 0
    )


def test_a_voucher_that_lowers_the_base_is_seen_by_after_all_discounts():
    till, vouchers = ready({})
    receipt = sell(till, vouchers)

    # 4,999 reaches 满2000减200: 15 % of 4,799.00
    assert (receipt.consumption_fen, receipt.price_fen) == (20_000, 479_900)
    assert receipt.subsidy_fen == 71_985
    assert receipt.to_pay_fen == 479_900 - 71_985
    assert "消费券已先抵 ¥200.00" in receipt.sentence
    assert given_vouchers.owed_fen(till.sale.merchant_id) == 71_985 + 20_000
    assert given_vouchers.card(vouchers[0].id).state is VoucherState.USED
    assert given_c.free_fen(pool_code(vouchers[0].pool_id)) == 10 * 60_000 - 20_000
    assert ledger.sum_check().difference_fen == 0


def test_a_voucher_paid_with_after_the_subsidy_leaves_the_base_alone():
    till, vouchers = ready({"lowers_base": False})
    receipt = sell(till, vouchers)

    assert (receipt.consumption_fen, receipt.tender_fen) == (0, 20_000)
    assert (receipt.price_fen, receipt.subsidy_fen) == (LIST_FEN, 74_985)
    assert receipt.to_pay_fen == LIST_FEN - 74_985 - 20_000
    [row] = voucher_models.Redemption.objects.filter(leg="discount1")
    assert row.price_fen == LIST_FEN - 74_985  # its threshold is met by what is left to pay


def test_the_order_is_huanxin_then_base_vouchers_then_subsidy_then_the_rest():
    first = {"others_max": 1, "order": 10}
    last = {"others_max": 1, "order": 5, "lowers_base": False, "tiers": (Tier(100_000, 10_000),)}
    till, vouchers = ready(first, last, trade_in_fen=6_000)
    asked, sold = quote(till, vouchers), sell(till, vouchers)

    taken = [(one.from_fen, one.amount_fen, one.lowers_base) for one in asked.deductions]
    base = LIST_FEN - 6_000 - 20_000
    left = base - base * 15 // 100
    assert taken == [(LIST_FEN - 6_000, 20_000, True), (left, 10_000, False)]
    assert asked.amounts.price_fen == base
    assert asked.amounts.subsidy_fen == base * 15 // 100
    assert asked.amounts.to_pay_fen == base - base * 15 // 100 - 10_000
    assert sold.to_pay_fen == asked.amounts.to_pay_fen
    held = given_vouchers.owed_fen(till.sale.merchant_id)
    assert held == sold.subsidy_fen + 6_000 + 20_000 + 10_000
    [sale] = models.Sale.objects.all()
    assert (sale.consumption_fen, sale.tender_fen, sale.discount_count) == (20_000, 10_000, 2)


@pytest.mark.parametrize(
    ("terms", "trade_in_fen", "why"),
    [
        ([{"with_qualification": False}], 0, "补贴资格"),
        ([{"with_huanxin": False}], 6_000, "焕新券"),
        ([{}, {"others_max": 4}], 0, "其他消费券"),
    ],
)
def test_a_broken_stack_sells_nothing(terms, trade_in_fen, why):
    till, vouchers = ready(*terms, trade_in_fen=trade_in_fen)
    with pytest.raises(errors.StackingBroken, match=why):
        sell(till, vouchers)
    assert nothing_sold(till, vouchers)


def test_another_persons_voucher_other_goods_and_a_high_threshold_sell_nothing():
    till, vouchers = ready({"tiers": (Tier(600_000, 60_000),)}, {"categories": ("computer",)})
    for voucher, refusal in zip(
        vouchers, (errors.ThresholdNotReached, errors.GoodsNotCovered), strict=True
    ):
        with pytest.raises(refusal):
            sell(till, [voucher])
    others = given_c.voucher(given_c.campaign(prefund=False), given.person())
    with pytest.raises(errors.VoucherNotTheirs):
        sell(till, [others])
    with pytest.raises(errors.PurchaseInvalid):
        sell(till, [given_vouchers.card(till.sale.qualification_id)])
    assert nothing_sold(till, [*vouchers, others])


def test_a_return_gives_right_and_vouchers_back_and_both_may_be_spent_again():
    till, vouchers = ready({"others_max": 1}, {"others_max": 1, "tiers": (Tier(100_000, 9_000),)})
    receipt = sell(till, vouchers)
    with clock.standing_at(till.sale.sold_at + timedelta(hours=1)):
        returning.return_sale(
            actor=till.manager, sale_id=receipt.sale_id, reason="顾客退货", request_id=uuid4()
        )
    assert {given_vouchers.card(one.id).state for one in vouchers} == {VoucherState.USABLE}
    assert given_vouchers.owed_fen(till.sale.merchant_id) == 0
    for one in vouchers:
        assert given_c.free_fen(pool_code(one.pool_id)) == 9 * one.value_fen
    again = sell(till, vouchers)
    assert again.to_pay_fen == receipt.to_pay_fen
    assert ledger.sum_check().difference_fen == 0
