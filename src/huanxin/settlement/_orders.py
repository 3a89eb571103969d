"""Payment orders as rows, files and money."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from huanxin.kernel import clock, ids
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    Leg,
    NewAccount,
    payable_code,
)
from huanxin.settlement import rules, selectors
from huanxin.settlement.errors import (
    OrderNotFound,
)
from huanxin.settlement.models import BankFile, Batch, Item, PaymentOrder
from huanxin.settlement.types import (
    FUNDS,
    FundSplit,
    PaymentOrderCard,
    PrepaymentCard,
)

PAYMENT = "settlement.payment"


def order_payments(
    batch: Batch, items: Sequence[Item], *, attempt: int, replaces: PaymentOrder | None
) -> list[PaymentOrder]:
    by_org: dict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        by_org[item.merchant_id].append(item)
    now = clock.now()
    on = clock.business_day(now)
    numbers = ids.new_numbers("FK", len(by_org), on=on, region_code=batch.region_code)
    orders = []
    for number, (org_id, mine) in zip(numbers, sorted(by_org.items()), strict=True):
        split = rules.total([item.split for item in mine])
        orders.append(
            PaymentOrder(
                id=ids.new_id(),
                number=number,
                batch=batch,
                org_id=org_id,
                subsidy_fen=split.total_fen,
                central_fen=split.central_fen,
                province_fen=split.province_fen,
                city_fen=split.city_fen,
                trade_in_fen=sum(item.trade_in_fen for item in mine),
                consumption_fen=sum(item.consumption_fen for item in mine),
                attempt=attempt,
                replaces=replaces,
                made_at=now,
                made_on=on,
            )
        )
    PaymentOrder.objects.bulk_create(orders)
    for order in orders:
        Item.objects.filter(pk__in=[item.pk for item in by_org[order.org_id]]).update(order=order)
    return orders


def make_bank_file(batch: Batch, orders: Sequence[PaymentOrderCard], *, name: str) -> None:
    """Lay out what the bank is told to pay; send_bank_files() delivers it."""
    usccs = selectors.usccs_of([order.org_id for order in orders])
    _keep_file(batch, name, rules.bank_file(orders, usccs))


def make_advance_file(one: PrepaymentCard) -> None:
    """The same for one payment ahead."""
    usccs = selectors.usccs_of([one.org_id])
    _keep_file(None, f"{one.number}.csv", rules.advance_file(one, usccs.get(one.org_id, "")))


def _keep_file(batch: Batch | None, name: str, content: str) -> None:
    BankFile.objects.create(
        id=ids.new_id(),
        batch=batch,
        name=name,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        content=content,
        made_at=clock.now(),
    )


def book_payments(orders: Sequence[PaymentOrder]) -> None:
    """Accepted money leaves what is owed to each shop, fund by fund."""
    ledger.post_transfers(
        legs=[
            Leg(
                PAYMENT, order.pk, fund, debit=payable_code(order.org_id), credit=f"bank:{fund}",
                amount_fen=fen,
            )
            for order in orders
            for fund, fen in parts(order).items()
        ]
    )  # fmt: skip


def codes_of(orders: Iterable[PaymentOrder]) -> set[str]:
    """Every account that book_payments() touches."""
    return {
        code
        for order in orders
        for code in (payable_code(order.org_id), *(f"bank:{fund}" for fund in parts(order)))
    }


def parts(row: Item | PaymentOrder) -> dict[str, int]:
    """Who pays how much of an item or order; funds that pay nothing are left out."""
    return funds(row.split, row.trade_in_fen, row.consumption_fen)


def funds(split: FundSplit, trade_in_fen: int = 0, consumption_fen: int = 0) -> dict[str, int]:
    parts = {
        "central": split.central_fen,
        "province": split.province_fen,
        "city": split.city_fen,
        "trade_in": trade_in_fen,
        "consumption": consumption_fen,
    }
    return {fund: fen for fund, fen in parts.items() if fen}


def open_banks(funds: Mapping[str, Any]) -> None:
    ledger.open_accounts(
        accounts=[
            NewAccount(f"bank:{fund}", AccountKind.BANK)
            for fund in (*FUNDS, "trade_in", "consumption", *funds)
        ]
    )


def lock_order(number: str) -> PaymentOrder:
    rows = PaymentOrder.objects.select_for_update(of=("self",), no_key=True)
    order = rows.filter(number=number).select_related("batch").first()
    if order is None:
        raise OrderNotFound(number=number)
    return order
