"""Consumption vouchers are paid to shops like 焕新券: on sales and purchases."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.claims.services import returning
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import payable_code, pool_code, receivable_code
from huanxin.settlement import errors, selectors
from huanxin.settlement.services import batching, paying, reconciling, recovering
from huanxin.settlement.types import PURCHASES, BankAnswer
from huanxin.vouchers import errors as voucher_errors
from huanxin.vouchers.services import purchasing
from huanxin.vouchers.types import NewPurchase
from tests import given, given_claims, given_settlement
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db
BOUGHT_AT = given_c.OPENS + timedelta(hours=2)


def purchase(shop, price_fen=520_000):
    """Goods bought with a voucher of a campaign of its own."""
    voucher = given_c.voucher()
    with clock.standing_at(BOUGHT_AT):
        bought = purchasing.buy(
            actor=given.staff(Role.CASHIER, org_id=shop),
            purchase=NewPurchase(shop, "1号台", (voucher.id,), "refrigerator", price_fen),
            request_id=uuid4(),
        )
    return bought, voucher


def give_back(bought, fen, at=given_settlement.OPENED_AT):
    with clock.standing_at(at):
        return purchasing.return_purchase(
            actor=given.staff(Role.MERCHANT_MANAGER, org_id=bought.org_id),
            purchase_id=bought.id, returned_fen=fen, reason="顾客退货", request_id=uuid4(),
        )  # fmt: skip


def published():
    operator = given_settlement.operator()
    with clock.standing_at(given_settlement.OPENED_AT):
        batch = batching.open_batch(
            actor=operator, programme=PURCHASES, region_code=given.COUNTY, request_id=uuid4()
        )
        return batching.publish_batch(actor=operator, batch_id=batch.batch_id, days=5)


def proof(on=given_settlement.PAID_AT):
    with clock.standing_at(on + timedelta(days=30)):
        return reconciling.reconcile(actor=given_settlement.finance(), on=clock.today())


def test_purchases_are_published_paid_and_reconciled():
    shops = [given_c.shop(), given_c.shop()]
    for shop, price_fen in ((shops[0], 520_000), (shops[0], 300_000), (shops[1], 250_000)):
        purchase(shop, price_fen)

    batch = published()
    orders = given_settlement.pay(batch)

    assert (batch.claim_count, batch.amount_fen, batch.consumption_fen) == (3, 0, 100_000)
    assert sorted(one.amount_fen for one in orders) == [20_000, 80_000]
    [line, *_] = selectors.list_items(batch.batch_id, Scope()).items
    assert line.claim_id is None
    for order in orders:
        given_settlement.answer(order)
    assert ledger.get_balance(payable_code(shops[0])).available_fen == 0
    assert ledger.get_balance("bank:consumption").credits_posted_fen == 100_000
    assert proof().difference_fen == 0
    with pytest.raises(errors.NothingToSettle):
        published()


def test_a_subsidised_sale_pays_subsidy_and_voucher_in_one_order():
    till = given_claims.till(trade_in_fen=6_000)
    voucher = given_c.voucher(given_c.campaign(), till.buyer)
    [claim] = given_settlement.cleared(
        given_claims.replace(
            till, sale=given_claims.replace(till.sale, consumption_voucher_ids=(voucher.id,))
        )
    )
    batch = given_settlement.published()
    [order] = given_settlement.pay(batch)

    assert batch.consumption_fen == order.consumption_fen == 20_000
    assert order.amount_fen == claim.card.subsidy_fen + 6_000 + 20_000
    given_settlement.answer(order)
    assert ledger.get_balance(payable_code(till.sale.merchant_id)).available_fen == 0
    assert proof().difference_fen == 0

    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=1)):
        returning.return_sale(
            actor=till.manager, sale_id=claim.card.sale_id, reason="顾客退货", request_id=uuid4()
        )
        assert recovering.claw_back_returns(actor=given.system()) == 1
        recovering.receive_claw_back(
            actor=given_settlement.finance(), sale_id=claim.card.sale_id, reference="回款",
            request_id=uuid4(),
        )  # fmt: skip
    owed = ledger.get_balance(receivable_code(till.sale.merchant_id))
    assert owed.debits_posted_fen == owed.credits_posted_fen == order.amount_fen
    assert proof().difference_fen == 0


def test_what_came_back_before_payment_is_not_paid():
    shop = given_c.shop()
    (whole, _), (part, _) = purchase(shop), purchase(shop, 500_000)
    batch = published()
    give_back(whole, 520_000)
    give_back(part, 200_000)

    [order] = given_settlement.pay(batch)
    assert order.amount_fen == 20_000
    given_settlement.answer(order)
    assert proof().difference_fen == 0


def test_a_paid_purchase_comes_back_whole_and_the_shop_owes_the_voucher():
    bought, voucher = purchase(given_c.shop())
    batch = published()
    [order] = given_settlement.pay(batch)
    given_settlement.answer(order)

    with pytest.raises(voucher_errors.PurchaseInvalid, match="只能全部退货"):
        give_back(bought, 100, at=given_settlement.PAID_AT + timedelta(days=1))
    give_back(bought, 520_000, at=given_settlement.PAID_AT + timedelta(days=1))
    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=2)):
        assert recovering.claw_back_returns(actor=given.system()) == 1
        free_fen = given_c.free_fen(pool_code(voucher.pool_id))
        recovering.receive_claw_back(
            actor=given_settlement.finance(), sale_id=bought.id, reference="回款",
            request_id=uuid4(),
        )  # fmt: skip
    assert given_c.free_fen(pool_code(voucher.pool_id)) == free_fen + 60_000
    assert proof().difference_fen == 0


def test_a_refused_payment_is_ordered_again_without_what_came_back():
    bought, _ = purchase(given_c.shop())
    batch = published()
    [order] = given_settlement.pay(batch)
    given_settlement.answer(order, BankAnswer.REFUSED)
    give_back(bought, 520_000, at=given_settlement.PAID_AT + timedelta(hours=2))
    with clock.standing_at(given_settlement.PAID_AT + timedelta(hours=3)):
        again = paying.retry_payment(
            actor=given_settlement.finance(), order_number=order.number, request_id=uuid4()
        )
    assert again is None
    assert ledger.get_balance(payable_code(bought.org_id)).available_fen == 0
    assert ledger.sum_check().difference_fen == 0


def test_the_database_settles_a_purchase_once_and_knows_no_claimless_subsidy():
    purchase(given_c.shop())
    published()
    copy = (
        "INSERT INTO settlement_item (batch_id, sale_id, merchant_id, state, subsidy_fen,"
        " central_fen, province_fen, city_fen, trade_in_fen, consumption_fen, note)"
        " SELECT batch_id, sale_id, merchant_id, 'taken', {0}, 0, 0, {0}, 0, 5, ''"
        " FROM settlement_item"
    )
    for subsidy, name in ((0, "item_sale_settled_once"), (5, "item_claim_or_purchase")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            connection.cursor().execute(copy.format(subsidy))
