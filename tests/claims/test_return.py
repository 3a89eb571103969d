"""Goods that come back free the right and the unit, and the money goes where it came from."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.claims import models
from huanxin.claims.errors import AlreadyReturned, ReasonMissing
from huanxin.claims.services import releasing, returning
from huanxin.identity.errors import NotAllowed
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.vouchers.types import VoucherState
from tests import given, given_claims, given_vouchers

pytestmark = pytest.mark.django_db


def take_back(till, sale_id, *, actor=None, reason="顾客七天无理由退货", request_id=None):
    with clock.standing_at(given_claims.SOLD_AT):
        return returning.return_sale(
            actor=actor or till.manager,
            sale_id=sale_id,
            reason=reason,
            request_id=request_id or uuid4(),
        )


def test_a_return_before_settlement_frees_right_unit_and_money():
    pool_id = given_vouchers.pool(quantity=1)
    till = given_claims.till(pool_id=pool_id, trade_in_fen=6_000)
    receipt = till.sell()

    assert take_back(till, receipt.sale_id) is False

    assert given_vouchers.owed_fen(till.sale.merchant_id) == 0
    assert given_vouchers.card(till.sale.qualification_id).state is VoucherState.USABLE
    assert given_vouchers.card(till.sale.trade_in_voucher_id).state is VoucherState.USABLE
    assert ledger.sum_check().difference_fen == 0
    assert till.sell().subsidy_fen == receipt.subsidy_fen  # the same unit, the same right, again


def test_a_returned_sale_is_not_decided_any_more():
    till = given_claims.till()
    receipt = till.sell()
    given_claims.submit(till, receipt)

    take_back(till, receipt.sale_id)

    assert given_claims.decide() == 0


def test_a_second_return_is_refused_and_a_repeated_request_is_not():
    till = given_claims.till()
    receipt, request_id = till.sell(), uuid4()
    take_back(till, receipt.sale_id, request_id=request_id)

    assert take_back(till, receipt.sale_id, request_id=request_id) is False
    with pytest.raises(AlreadyReturned):
        take_back(till, receipt.sale_id)

    assert models.SaleReturn.objects.count() == 1


def test_a_return_needs_a_reason_and_the_manager_of_the_shop():
    till, other = given_claims.till(), given_claims.till()
    receipt = till.sell()

    with pytest.raises(ReasonMissing):
        take_back(till, receipt.sale_id, reason="退")
    with pytest.raises(NotAllowed):
        take_back(till, receipt.sale_id, actor=other.manager)
    with pytest.raises(NotAllowed):
        take_back(till, receipt.sale_id, actor=till.cashier)

    assert models.SaleReturn.objects.count() == 0
    assert given_vouchers.owed_fen(till.sale.merchant_id) == receipt.subsidy_fen


def test_money_cannot_leave_on_a_hold_even_past_the_service():
    _, claim = given_claims.decided(invoice__invoice_total_fen=1)

    with (
        pytest.raises(IntegrityError, match="claim_money_leaves_only_on_a_pass"),
        transaction.atomic(),
    ):
        models.Claim.objects.filter(pk=claim.card.claim_id).update(released_at=given_claims.SOLD_AT)
    assert releasing.release_claims(actor=given.system(), claim_ids=[claim.card.claim_id]) == []


@pytest.mark.parametrize("table", [models.Sale, models.Evidence, models.Finding])
def test_what_happened_cannot_be_rewritten(table):
    given_claims.decided(invoice__invoice_total_fen=1)
    key = table.objects.values_list("pk", flat=True).first()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        table.objects.filter(pk=key).update(id=key)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        table.objects.filter(pk=key)._raw_delete("default")
