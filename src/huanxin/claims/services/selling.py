"""Quoting and selling with instant discount."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction

from huanxin.claims import _selling
from huanxin.claims.types import (
    NewSale,
    SaleQuote,
    SaleReceipt,
    SaleRequest,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import requests
from huanxin.kernel.actor import Actor


def quote_sale(*, actor: Actor, sale: NewSale) -> SaleQuote:
    """What a sale would come to, and why; writes nothing and promises nothing.

    An ineligible product is answered with is_eligible False and the rule's own sentence. Refuses
    what sell() refuses before it decides: unknown models, another's right, impossible prices.
    """
    identity.require(actor, "claims.quote", org_id=sale.merchant_id)
    return _selling.plan(actor, [sale])[0].quote


def sell(*, actor: Actor, sale: NewSale, request_id: UUID) -> SaleReceipt:
    """Sell with instant discount; see sell_many, of which this is a batch of one."""
    return sell_many(actor=actor, sales=[SaleRequest(sale, request_id)])[0]


@transaction.atomic
def sell_many(*, actor: Actor, sales: Sequence[SaleRequest]) -> list[SaleReceipt]:
    """Sell a batch: the 焕新券 taken first, the subsidy computed from what is left, both redeemed.

    Consumption vouchers that lower the subsidy's base are taken before it, the others after it,
    in their declared order (docs/adr/0099). All or none: one refusal refuses the batch and nothing
    is written, held or locked. Each sale locks its device and opens a claim. Safe to retry: a
    repeated request id returns the first receipt. Refuses without a right of the programme in
    force on the day of payment, for a model or price the rule does not pay, and whatever vouchers
    refuses. 商办流通函〔2025〕469号; docs/adr/0050.
    """
    for merchant_id in {one.sale.merchant_id for one in sales}:
        identity.require(actor, "claims.sell", org_id=merchant_id)
    answers = {
        one.request_id: requests.first_answer(actor, "claims.sell", one.request_id, _content(one))
        for one in sales
    }
    new = [one for one in sales if answers[one.request_id] is None]
    receipts = _selling.complete(actor, _selling.plan(actor, [one.sale for one in new]))
    for one, receipt in zip(new, receipts, strict=True):
        answers[one.request_id] = asdict(receipt)
        requests.remember(actor, "claims.sell", one.request_id, asdict(receipt))
    return [_receipt(answers[one.request_id] or {}) for one in sales]


def _content(one: SaleRequest) -> dict[str, Any]:
    return asdict(one.sale)


def _receipt(stored: Mapping[str, Any]) -> SaleReceipt:
    return SaleReceipt(**{**stored, "sale_id": UUID(str(stored["sale_id"]))})
