"""A price lowered after the sale: the subsidy follows to the fen, before and after settlement."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from huanxin.claims import models, rules
from huanxin.claims.errors import AlreadyReturned, ClaimEnded, PartNotPositive, PartTooLarge
from huanxin.claims.services import returning
from huanxin.claims.types import SaleAmounts
from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import receivable_code
from huanxin.policy import selectors as policy
from huanxin.policy.types import Case
from huanxin.settlement.services import reconciling, recovering
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims, given_settlement
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db


def part(till, receipt, off_fen, *, at=None, request_id=None):
    with clock.standing_at(at or till.sale.sold_at + timedelta(hours=8)):
        return returning.return_part(
            actor=till.manager, sale_id=receipt.sale_id, off_fen=off_fen, reason="保价退差",
            request_id=request_id or uuid4(),
        )  # fmt: skip


def whole(till, sale_id, at):
    with clock.standing_at(at):
        return returning.return_sale(
            actor=till.manager, sale_id=sale_id, reason="整单退货", request_id=uuid4()
        )


def test_before_settlement_the_hold_becomes_exactly_the_new_amount():
    till = given_claims.till(trade_in_fen=6_000)
    receipt = till.sell()
    pool_id = gv.card(till.sale.qualification_id).pool_id
    free_fen = gv.free_fen(pool_id)
    assert receipt.subsidy_fen == 74_085  # 15 % of 4,939.00

    answer = part(till, receipt, 10_000)

    assert (answer.price_fen, answer.subsidy_fen) == (483_900, 72_585)
    assert (answer.refund_fen, answer.less_fen, answer.is_claw_back) == (8_500, 1_500, False)
    assert gv.owed_fen(till.sale.merchant_id) == 72_585 + 6_000
    assert gv.free_fen(pool_id) == free_fen + 1_500
    card = given_claims.claim_of(receipt.sale_id).card
    assert (card.price_fen, card.subsidy_fen, card.to_pay_fen) == (483_900, 72_585, 411_315)
    assert gv.card(till.sale.qualification_id).state is VoucherState.USED
    assert gv.card(till.sale.trade_in_voucher_id).state is VoucherState.USED
    assert vouchers.find_device_sale(given_claims.BRAND, till.sale.serial) == receipt.sale_id
    assert ledger.sum_check().difference_fen == 0


def test_several_small_ones_come_to_what_one_large_one_would():
    pool_id = gv.pool()
    many, once = (given_claims.till(pool_id=pool_id) for _ in range(2))
    first, second = many.sell(), once.sell()
    steps = [part(many, first, off) for off in (3, 3_333, 1, 99_999, 6_664)]
    single = part(once, second, 110_000)
    assert steps[-1].subsidy_fen == single.subsidy_fen
    assert sum(one.refund_fen for one in steps) == single.refund_fen
    owed = [gv.owed_fen(till.sale.merchant_id) for till in (many, once)]
    assert owed[0] == owed[1] == single.subsidy_fen


AMOUNT = st.integers(1, 200_000)


@settings(deadline=None, max_examples=60)
@over(price_fen=st.integers(1_000, 900_000), offs=st.lists(AMOUNT, min_size=1, max_size=6))
def test_any_series_of_reductions_equals_their_sum_to_the_fen(price_fen, offs):
    case = {"on": clock.business_day(given_claims.SOLD_AT), "region_code": given.COUNTY}

    def rule_fen(price):
        decision = policy.quote_shipped(
            Case(**case, category_code="refrigerator", energy_grade=1, price_fen=price)
        )
        return decision.amount_fen if decision.is_eligible else 0

    sold_fen = rule_fen(price_fen)
    if not sold_fen or sum(offs) >= price_fen:
        return
    sold = SaleAmounts(price_fen, 0, 0, price_fen, sold_fen, price_fen - sold_fen)

    def reduce(now_fen, off_fen):
        return rules.reduced(
            sold=sold, price_fen=now_fen, off_fen=off_fen, rule_fen=rule_fen(now_fen - off_fen),
            most_fen=sold_fen,
        )  # fmt: skip

    stands = (price_fen, sold_fen, price_fen - sold_fen)
    for off_fen in offs:
        stands = reduce(stands[0], off_fen)
    assert stands == reduce(price_fen, sum(offs))
    assert stands[0] == stands[1] + stands[2]


def test_control_a_proportional_share_of_each_part_would_drift():
    """What shops do by hand: take the same share off each time, rounded. It is a fen out."""
    sold_fen, price_fen = 74_985, 499_900
    by_hand = sold_fen
    for off_fen in (333, 333, 334):
        by_hand -= sold_fen * off_fen // price_fen
    assert by_hand != rules.reduced(
        sold=SaleAmounts(price_fen, 0, 0, price_fen, sold_fen, price_fen - sold_fen),
        price_fen=price_fen, off_fen=1_000, rule_fen=(price_fen - 1_000) * 15 // 100,
        most_fen=sold_fen,
    )[1]  # fmt: skip


def test_a_repeat_is_answered_and_what_cannot_be_changes_nothing():
    till = given_claims.till()
    receipt, request_id = till.sell(), uuid4()
    first = part(till, receipt, 10_000, request_id=request_id)
    assert part(till, receipt, 10_000, request_id=request_id) == first
    with pytest.raises(RequestReused):
        part(till, receipt, 20_000, request_id=request_id)
    for off_fen, refusal in ((0, PartNotPositive), (-5, PartNotPositive), (489_900, PartTooLarge)):
        with pytest.raises(refusal):
            part(till, receipt, off_fen)
    assert models.SaleReduction.objects.count() == 1
    whole(till, receipt.sale_id, till.sale.sold_at + timedelta(hours=9))
    with pytest.raises(AlreadyReturned):
        part(till, receipt, 1)
    assert gv.owed_fen(till.sale.merchant_id) == 0
    assert gv.card(till.sale.qualification_id).state is VoucherState.USABLE
    assert vouchers.find_device_sale(given_claims.BRAND, till.sale.serial) is None
    assert ledger.sum_check().difference_fen == 0


def test_a_claim_that_is_finally_refused_is_not_computed_again():
    till = given_claims.till()
    receipt = till.sell()
    models.Claim.objects.update(closed_at=till.sale.sold_at)
    with pytest.raises(ClaimEnded):
        part(till, receipt, 10_000)


def test_lowered_before_the_batch_is_paid_the_shop_gets_the_new_amount():
    till = given_claims.till()
    _, claim = given_claims.decided(till)
    batch = given_settlement.published()
    part(till, claim.card, 10_000, at=given_settlement.OPENED_AT + timedelta(days=1))
    [order] = given_settlement.pay(batch)
    assert order.amount_fen == 73_485  # 15 % of 4,899.00
    given_settlement.answer(order)
    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=9)):
        found = reconciling.reconcile(actor=given_settlement.finance(), on=clock.today())
    assert all(line.difference_fen == 0 for line in found.lines)


def test_after_payment_the_difference_is_owed_and_arrives_in_the_pool():
    till, claim, _ = given_settlement.paid()
    pool_id = gv.card(till.sale.qualification_id).pool_id
    day = given_settlement.PAID_AT + timedelta(days=1)
    paid_fen = claim.card.subsidy_fen
    for off_fen in (10_000, 333):
        assert part(till, claim.card, off_fen, at=day).is_claw_back
    with clock.standing_at(day):
        assert recovering.claw_back_returns(actor=given.system()) == 2
        assert recovering.claw_back_returns(actor=given.system()) == 0
    owed = ledger.get_balance(receivable_code(till.sale.merchant_id))
    left_fen = given_claims.claim_of(claim.card.sale_id).card.subsidy_fen
    assert owed.debits_pending_fen == paid_fen - left_fen
    free_fen = gv.free_fen(pool_id)
    receive(claim, "回款1", day)
    assert gv.free_fen(pool_id) == free_fen + paid_fen - left_fen

    assert whole(till, claim.card.sale_id, day + timedelta(days=1)) is True
    with clock.standing_at(day + timedelta(days=1)):
        assert recovering.claw_back_returns(actor=given.system()) == 1
    receive(claim, "回款2", day + timedelta(days=1))
    owed = ledger.get_balance(receivable_code(till.sale.merchant_id))
    assert owed.debits_posted_fen == owed.credits_posted_fen == paid_fen + 6_000
    assert owed.debits_pending_fen == 0
    with clock.standing_at(day + timedelta(days=2)):
        found = reconciling.reconcile(actor=given_settlement.finance(), on=clock.today())
    assert found.difference_fen == 0
    assert all(line.difference_fen == 0 for line in found.lines)


def receive(claim, reference, at):
    with clock.standing_at(at):
        recovering.receive_claw_back(
            actor=given_settlement.finance(), sale_id=claim.card.sale_id, reference=reference,
            request_id=uuid4(),
        )  # fmt: skip
