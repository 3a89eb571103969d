"""A claim that is refused for good gives every payer its money back, and only what was its own."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims import _rows, models, rules
from huanxin.claims.services import deciding, returning, reviewing
from huanxin.claims.types import ReviewVerdict
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import pool_code
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims, given_vouchers
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db
TRADE_IN, DISCOUNT = 6_000, 20_000  # 焕新券 of the city, 满2000减200
LATER = given_claims.SOLD_AT + timedelta(days=1)


def sold(pool_id=None, campaign=None, *, trade_in_fen=TRADE_IN):
    """A sale with a right, and if asked a 焕新券 and a consumption voucher."""
    till = given_claims.till(pool_id=pool_id, trade_in_fen=trade_in_fen)
    vouchers = [given_c.voucher(campaign, till.buyer)] if campaign else []
    receipt = till.sell(consumption_voucher_ids=tuple(one.id for one in vouchers))
    return till, receipt


def refuse(claim, verdict=ReviewVerdict.REFUSE):
    reason = {ReviewVerdict.REFUSE: "R411", ReviewVerdict.PASS: "R401"}[verdict]
    with clock.standing_at(LATER):
        reviewing.review_claim(
            actor=given_claims.reviewer(), claim_id=claim.card.claim_id, verdict=verdict,
            reason_code=reason, note="已电话核实购买人", request_id=uuid4(),
        )  # fmt: skip


def held_claim(till, receipt):
    given_claims.submit(till, receipt, invoice__invoice_total_fen=1)
    given_claims.decide()
    return given_claims.claim_of(receipt.sale_id)


def test_a_refusal_gives_funder_campaign_and_pool_theirs_and_the_shop_bears_all():
    campaign = given_c.campaign()
    till, receipt = sold(campaign=campaign)
    city = given_c.free_fen()
    pool = pool_code(given_vouchers.card(till.sale.qualification_id).pool_id)
    before = {code: given_c.free_fen(code) for code in (pool, pool_code(campaign.id))}
    assert given_vouchers.owed_fen(till.sale.merchant_id) == (
        receipt.subsidy_fen + TRADE_IN + DISCOUNT
    )

    refuse(held_claim(till, receipt))

    assert given_vouchers.owed_fen(till.sale.merchant_id) == 0
    assert given_c.free_fen() == city + TRADE_IN
    assert given_c.free_fen(pool) == before[pool] + receipt.subsidy_fen
    assert given_c.free_fen(pool_code(campaign.id)) == before[pool_code(campaign.id)] + DISCOUNT
    spent = (till.sale.qualification_id, till.sale.trade_in_voucher_id)
    assert {given_vouchers.card(one).state for one in spent} == {VoucherState.USED}
    assert ledger.sum_check().difference_fen == 0


def test_goods_returned_after_a_refusal_free_the_vouchers_with_their_money_again():
    till, receipt = sold()
    city = given_c.free_fen()
    refuse(held_claim(till, receipt))

    with clock.standing_at(LATER):
        returning.return_sale(
            actor=till.manager, sale_id=receipt.sale_id, reason="顾客退货", request_id=uuid4()
        )

    assert given_vouchers.card(till.sale.trade_in_voucher_id).state is VoucherState.USABLE
    assert given_c.free_fen() == city  # the funder keeps it for the voucher once more
    assert ledger.sum_check().difference_fen == 0


def test_what_an_older_release_left_on_ended_claims_is_voided_once(monkeypatch):
    """The control too: with the subsidy's leg alone voided the rest stays held."""
    till, receipt = sold()
    pending = _rows.ledger_reads.list_pending
    monkeypatch.setattr(
        _rows.ledger_reads, "list_pending",
        lambda cause, ids: [key for key in pending(cause, ids) if key.leg == "subsidy"],
    )  # fmt: skip
    refuse(held_claim(till, receipt))
    monkeypatch.undo()
    assert given_vouchers.owed_fen(till.sale.merchant_id) == TRADE_IN

    assert deciding.void_left_over(actor=given.system()) == 1

    assert deciding.void_left_over(actor=given.system()) == 0
    assert given_vouchers.owed_fen(till.sale.merchant_id) == 0
    assert ledger.sum_check().difference_fen == 0


@pytest.mark.parametrize("seed", [1, 20, 2026])
def test_a_shop_is_owed_what_its_live_claims_say_whatever_is_decided(seed):
    rng, sales = random.Random(seed), []
    pool_id = given_vouchers.pool(quantity=8)
    campaign = given_c.campaign()
    for _ in range(5):
        has = rng.random() < 0.7
        sales.append(
            sold(pool_id, campaign if rng.random() < 0.7 else None, trade_in_fen=has * TRADE_IN)
        )
    claims = [held_claim(*one) for one in sales]
    for step in range(10):
        till, receipt = sales[at := rng.randrange(len(sales))]
        act(rng.choice(["refuse", "pass", "return", "close"]), till, receipt, claims[at])
        assert_owed(sales, (seed, step))
    assert deciding.void_left_over(actor=given.system()) == 0


def act(what, till, receipt, claim):
    row = models.Claim.objects.get(pk=claim.card.claim_id)
    if what in {"refuse", "pass"} and row.audit_status == "waiting" and not row.is_returned:
        refuse(claim, ReviewVerdict.REFUSE if what == "refuse" else ReviewVerdict.PASS)
    elif what == "return" and not row.is_returned:
        with clock.standing_at(LATER):
            returning.return_sale(
                actor=till.manager, sale_id=receipt.sale_id, reason="顾客退货", request_id=uuid4()
            )
    elif what == "close":
        with clock.standing_at(LATER + rules.APPEAL_PERIOD):
            deciding.close_refused(actor=given.system())


def assert_owed(sales, where):
    owed = {till.sale.merchant_id: 0 for till, _ in sales}
    for till, receipt in sales:
        row = models.Claim.objects.select_related("sale").get(sale_id=receipt.sale_id)
        if row.closed_at is None and not row.is_returned:
            sale = row.sale
            owed[till.sale.merchant_id] += (
                row.subsidy_fen + sale.trade_in_fen + sale.consumption_fen + sale.tender_fen
            )
    assert {one: given_vouchers.owed_fen(one) for one in owed} == owed, where
    assert ledger.sum_check().difference_fen == 0, where
