"""The 焕新券 of a recycling order: issued, activated, voided."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel.actor import Actor
from huanxin.ledger import services as ledger
from huanxin.vouchers import _life, _redeem, _trade_in, models, rules
from huanxin.vouchers.errors import (
    FunderUnknown,
)
from huanxin.vouchers.types import (
    NewTradeInVoucher,
    VoucherCard,
    VoucherState,
)


def issue_trade_in_voucher(
    *,
    actor: Actor,
    person_id: UUID,
    order_id: UUID,
    value_fen: int,
    topup_fen: int,
    funder_code: str,
    request_id: UUID,
) -> UUID:
    """Issue one 焕新券; see issue_trade_in_vouchers, of which this is a batch of one."""
    new = NewTradeInVoucher(person_id, order_id, value_fen, topup_fen, funder_code, request_id)
    return issue_trade_in_vouchers(actor=actor, vouchers=[new])[0]


@transaction.atomic
def issue_trade_in_vouchers(*, actor: Actor, vouchers: Sequence[NewTradeInVoucher]) -> list[UUID]:
    """Issue 焕新券 for recycling orders, 待激活 until the old unit is handed over.

    Each is worth the old unit's value plus the funder's top-up and holds that much of the
    funder's account at once. Safe to retry by request id; one per order. City rule of 22 March
    2024 (docs/adr/034).
    """
    identity.require(actor, "vouchers.issue_trade_in")
    for new in vouchers:
        if not new.funder_code.startswith("funder:"):
            raise FunderUnknown(funder_code=new.funder_code)
    earlier = _trade_in.issued_before(vouchers)
    fresh = [new for new in vouchers if new.request_id not in earlier]
    rows = _trade_in.new_rows(fresh)
    _trade_in.open_funders(rows)
    models.Voucher.objects.bulk_create(rows)
    ledger.hold_transfers(legs=[_redeem.reserve_leg(row, row.worth_fen) for row in rows])
    audit.record_many(actor, "vouchers.trade_in_issued", [_life.audit_line(row) for row in rows])
    known = earlier | {row.request_id: row.id for row in rows}
    return [known[new.request_id] for new in vouchers]


def activate_trade_in_voucher(
    *, actor: Actor, order_id: UUID, recycler_org_id: UUID | None = None
) -> VoucherCard:
    """Activate one 焕新券; see activate_trade_in_vouchers, of which this is a batch of one."""
    return activate_trade_in_vouchers(actor=actor, takeovers=[(order_id, recycler_org_id)])[0]


@transaction.atomic
def activate_trade_in_vouchers(
    *, actor: Actor, takeovers: Sequence[tuple[UUID, UUID | None]]
) -> list[VoucherCard]:
    """The old units were taken over: the orders' 焕新券 become 待使用. Safe to repeat.

    Each takeover is an order and the recycler who got the unit without paying cash, if one did:
    the recycler owes its value to the funder from now on (receivable → funder). All or none.
    """
    identity.require(actor, "vouchers.activate_trade_in")
    vouchers = _trade_in.lock_of_orders([order_id for order_id, _ in takeovers])
    waiting = [
        (vouchers[order_id], recycler_org_id)
        for order_id, recycler_org_id in takeovers
        if vouchers[order_id].state != VoucherState.USABLE
    ]
    for voucher, _ in waiting:
        rules.check_transition(VoucherState(voucher.state), VoucherState.USABLE)
    _trade_in.activate([voucher for voucher, _ in waiting])
    _trade_in.charge(waiting)
    audit.record_many(
        actor, "vouchers.trade_in_activated", [_life.audit_line(row) for row, _ in waiting]
    )
    return [vouchers[order_id].as_card() for order_id, _ in takeovers]


@transaction.atomic
def void_trade_in_voucher(*, actor: Actor, order_id: UUID, reason: str) -> VoucherCard:
    """The recycling order died: its 焕新券 is 已作废 and the funder's money free. Safe to repeat.

    Refuses one that is already used.
    """
    identity.require(actor, "vouchers.void_trade_in")
    voucher = _trade_in.lock_of_order(order_id)
    if voucher.state == VoucherState.VOID:
        return voucher.as_card()
    held = _redeem.reserve_key(voucher)
    _life.forget_reserve(voucher)
    _life.step(actor, voucher, VoucherState.VOID, "vouchers.trade_in_voided", reason=reason)
    if held:
        ledger.void_held(keys=[held], reason=reason[:200])
    return voucher.as_card()
