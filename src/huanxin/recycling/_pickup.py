"""Mechanics of the door: what the worker hands in is matched, paid, and given an identity."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from huanxin.kernel import clock
from huanxin.recycling import _orders, _payouts, models, rules
from huanxin.recycling.errors import PickupIncomplete, RequoteNeedsConsent
from huanxin.recycling.types import Choice, OrderState, RequoteState, UnitState
from huanxin.recycling.types.door import CollectedUnit, Pickup, PickupReceipt
from huanxin.trace import selectors as trace_ids
from huanxin.trace import services as trace
from huanxin.trace import types as trace_types
from huanxin.vouchers.services import trading_in

_WRITE_UNITS = """
UPDATE recycling_unit u SET state = 'collected', unit_code = n.unit_code,
  photo_sha256s = n.photos, lat_e6 = n.lat_e6, lon_e6 = n.lon_e6, serial = n.serial
FROM unnest(%s::uuid[], %s::text[], %s::jsonb[], %s::int[], %s::int[], %s::text[])
  AS n(id, unit_code, photos, lat_e6, lon_e6, serial)
WHERE u.id = n.id
"""
_WRITE_ORDERS = """
UPDATE recycling_order o SET state = 'collected', paid_fen = n.paid_fen, collected_at = %s,
  collected_on = %s
FROM unnest(%s::uuid[], %s::bigint[]) AS n(id, paid_fen) WHERE o.id = n.id
"""
_SHA256 = 64


def units_by_order(order_ids: Sequence[UUID]) -> dict[UUID, list[models.Unit]]:
    rows = models.Unit.objects.filter(order_id__in=order_ids).select_related("final_quote")
    found: dict[UUID, list[models.Unit]] = defaultdict(list)
    for unit in rows.order_by("pk"):
        found[unit.order_id].append(unit)
    return found


def match(pickup: Pickup, units: Sequence[models.Unit]) -> list[tuple[CollectedUnit, models.Unit]]:
    """Each recorded unit with the order's own; all of them, each once, with photos, as agreed."""
    by_id = {unit.id: unit for unit in units}
    recorded = [one.unit_id for one in pickup.units]
    if sorted(recorded, key=str) != sorted(by_id, key=str):
        raise PickupIncomplete(reason="须逐台登记订单内的全部旧机，每台一次")
    for one in pickup.units:
        if not one.photo_sha256s or any(len(sha) != _SHA256 for sha in one.photo_sha256s):
            raise PickupIncomplete(reason="每台旧机至少一张照片")
        rules.read_serial(one.serial)
        agreed = by_id[one.unit_id].final_quote.as_quote().answers
        if one.answers is not None and one.answers != agreed:
            raise RequoteNeedsConsent(unit_id=one.unit_id)
    return [(one, by_id[one.unit_id]) for one in pickup.units]


def content_of(record: object) -> str:
    """What a phone's record is compared by when it is sent again: as it was before newer fields."""
    return repr(record).replace(", batteries=()", "").replace(", serial=''", "")


def give_codes(
    orders: Mapping[UUID, models.Order],
    matched: Mapping[UUID, list[tuple[CollectedUnit, models.Unit]]],
) -> None:
    """Set each unit's code: the scanned label's, or one issued now."""
    missing: dict[str, list[models.Unit]] = defaultdict(list)
    for order_id, pairs in matched.items():
        for one, unit in pairs:
            if one.unit_code:
                unit.unit_code = trace_ids.read_scanned(one.unit_code)
            else:
                missing[orders[order_id].region_code].append(unit)
    for region_code, units in missing.items():
        codes = trace.issue_unit_codes(count=len(units), on=clock.today(), region_code=region_code)
        for unit, code in zip(units, codes, strict=True):
            unit.unit_code = code


def commission(
    orders: Mapping[UUID, models.Order],
    matched: Mapping[UUID, list[tuple[CollectedUnit, models.Unit]]],
    now: datetime,
) -> None:
    """Open passports and capture the taking over of each order's units."""
    units = [(orders[oid], unit) for oid, pairs in matched.items() for _, unit in pairs]
    glns = trace.party_glns(org_ids=list({_recycler(order) for order, _ in units}))
    trace.commission_units(
        units=[
            trace_types.NewUnit(
                unit_code=unit.unit_code or "",
                class_code=unit.class_code,
                order_id=order.id,
                order_number=order.number,
                org_id=_recycler(order),
                region_code=order.region_code,
                region_path=order.region_path,
                at=now,
            )
            for order, unit in units
        ],
        captures=[
            _collecting(orders[oid], [unit for _, unit in pairs], glns, now)
            for oid, pairs in matched.items()
        ],
    )


def _collecting(
    order: models.Order, units: Sequence[models.Unit], glns: Mapping[UUID, str], now: datetime
) -> trace_types.Capture:
    org_id = _recycler(order)
    gln = glns[org_id]
    codes = [unit.unit_code or "" for unit in units]
    event = trace_types.Event(
        type=trace_types.EventType.OBJECT,
        at=now,
        biz_step="collecting",
        disposition="returned",
        action=trace_types.Action.OBSERVE,
        epc_list=tuple(trace_ids.digital_link(code) for code in codes),
        read_point=trace_ids.location_link(gln, order.region_code),
        biz_transactions=(("rma", trace_ids.transaction_uri(gln, order.number)),),
        destinations=(("possessing_party", trace_ids.party_link(gln)),),
    )
    held = trace_types.UnitState.COLLECTED
    moves = tuple(trace_types.Move(code, org_id, org_id, held) for code in codes)
    return trace_types.Capture(event, org_id, order.region_path, moves)


def _recycler(order: models.Order) -> UUID:
    assert order.organisation_id is not None, "an assigned order has its recycler"
    return order.organisation_id


def pay(
    orders: Mapping[UUID, models.Order],
    units: Mapping[UUID, Sequence[models.Unit]],
    now: datetime,
) -> dict[UUID, models.Payout]:
    """Fix what each owner gets: activate the 焕新券 as one set, pay the others in cash.

    Returns the payouts to store, by order.
    """
    for order in orders.values():
        quotes = [unit.final_quote for unit in units[order.id]]
        choice = Choice(order.choice)
        order.paid_fen = sum(rules.chosen_fen(choice, q.cash_fen, q.voucher_fen) for q in quotes)
    by_voucher = [order for order in orders.values() if order.choice == Choice.VOUCHER]
    trading_in.activate_trade_in_vouchers(
        actor=_orders.PLATFORM,
        takeovers=[(order.id, order.organisation_id) for order in by_voucher],
    )
    payouts = {
        order.id: _payouts.pay(order, order.paid_fen or 0, now)
        for order in orders.values()
        if order.choice != Choice.VOUCHER
    }
    return {order_id: payout for order_id, payout in payouts.items() if payout is not None}


def write(
    orders: Sequence[models.Order],
    pickups: Mapping[UUID, Pickup],
    matched: Mapping[UUID, list[tuple[CollectedUnit, models.Unit]]],
    at: datetime,
) -> None:
    """Store what was collected, as two set statements."""
    rows = [
        (
            unit.id, unit.unit_code, json.dumps(list(one.photo_sha256s)), p.lat_e6, p.lon_e6,
            rules.read_serial(one.serial),
        )
        for oid, pairs in matched.items()
        for p in (pickups[oid],)
        for one, unit in pairs
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_UNITS, [list(column) for column in zip(*rows, strict=True)])
        cursor.execute(
            _WRITE_ORDERS,
            [at, clock.business_day(at), [o.id for o in orders], [o.paid_fen for o in orders]],
        )
    for order in orders:
        order.state, order.collected_at = OrderState.COLLECTED, at
    for pairs in matched.values():
        for _, unit in pairs:
            unit.state = UnitState.COLLECTED


def receipt(
    order: models.Order, units: Sequence[models.Unit], payout: models.Payout | None
) -> PickupReceipt:
    choice, paid_fen = Choice(order.choice), order.paid_fen or 0
    amount = f"{paid_fen // 100}.{paid_fen % 100:02d} 元"
    if choice == Choice.VOUCHER:
        sentence = f"焕新券已激活，面值 {amount}，购新时抵用。"
    elif payout is None:
        sentence = f"应付现金 {amount}，付款中，到账后通知。"
    elif payout.is_simulated:
        sentence = f"已付现金 {amount}（模拟支付）。"
    else:
        sentence = f"已付现金 {amount}。"
    return PickupReceipt(
        order_id=order.id,
        choice=choice,
        paid_fen=paid_fen,
        payment_reference=payout.reference if payout else None,
        is_simulated=payout.is_simulated if payout else False,
        unit_codes=tuple(unit.unit_code or "" for unit in units),
        sentence=sentence,
    )


def receipts(order_ids: Sequence[UUID]) -> list[PickupReceipt]:
    """The receipts of orders collected before, for a repeated request."""
    units = units_by_order(order_ids)
    orders = {row.id: row for row in models.Order.objects.filter(pk__in=order_ids)}
    payouts = {row.order_id: row for row in models.Payout.objects.filter(order_id__in=order_ids)}
    return [receipt(orders[oid], units[oid], payouts.get(oid)) for oid in order_ids]


def reissue_voucher(order: models.Order, units: Sequence[models.Unit]) -> None:
    """The agreed price changed: the order's 焕新券 is voided and issued anew at the new value."""
    quotes = [unit.final_quote for unit in units]
    choice = Choice(order.choice)
    order.quoted_fen = sum(rules.chosen_fen(choice, q.cash_fen, q.voucher_fen) for q in quotes)
    if choice == Choice.VOUCHER:
        _orders.void_voucher(order, "上门改价，消费者已确认，重新出券")
        _orders.issue_vouchers([order], {order.id: quotes})
    models.Order.objects.filter(pk=order.pk).update(quoted_fen=order.quoted_fen)


def is_pending(order_id: UUID) -> bool:
    return models.Requote.objects.filter(order_id=order_id, state=RequoteState.PENDING).exists()
