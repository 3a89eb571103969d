"""The 焕新券 of a recycling order: issued, activated, voided."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel.actor import Actor
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    Leg,
    NewAccount,
    receivable_code,
)
from huanxin.vouchers import _life, _redeem, _trade_in, models
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


@transaction.atomic
def activate_trade_in_voucher(
    *, actor: Actor, order_id: UUID, recycler_org_id: UUID | None = None
) -> VoucherCard:
    """The old unit was taken over: the order's 焕新券 becomes 待使用. Safe to repeat.

    With `recycler_org_id` the recycler, who got the unit without paying cash, owes its value to
    the funder from now on (receivable → funder).
    """
    identity.require(actor, "vouchers.activate_trade_in")
    voucher = _trade_in.lock_of_order(order_id)
    if voucher.state == VoucherState.USABLE:
        return voucher.as_card()
    _life.step(actor, voucher, VoucherState.USABLE, "vouchers.trade_in_activated")
    value_fen = voucher.worth_fen - voucher.topup_fen
    if recycler_org_id is not None and value_fen:
        owed = receivable_code(recycler_org_id)
        account = NewAccount(owed, AccountKind.RECEIVABLE, owner_key=str(recycler_org_id))
        ledger.open_accounts(accounts=[account])
        leg = Leg("trade_in.old_unit", voucher.id, "value", owed, voucher.funder_code, value_fen)
        ledger.post_transfers(legs=[leg])
    return voucher.as_card()


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
