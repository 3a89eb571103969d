"""Locking, spending and restoring a voucher."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row, lock_rows
from huanxin.vouchers import _life, _redeem, _spending, models, rules
from huanxin.vouchers.errors import (
    SaleUnknown,
    VoucherNotUsable,
)
from huanxin.vouchers.types import (
    Redemption,
    RedemptionReceipt,
    VoucherCard,
    VoucherState,
)


@transaction.atomic
def lock_voucher(*, actor: Actor, voucher_id: UUID, sale_id: UUID) -> VoucherCard:
    """Keep a voucher for one online order: 已锁定 until that sale spends it or the order dies."""
    identity.require(actor, "vouchers.redeem")
    voucher = lock_row(models.Voucher, voucher_id)
    if voucher.state == VoucherState.LOCKED and voucher.locked_for == sale_id:
        return voucher.as_card()
    if voucher.state != VoucherState.USABLE:
        state = VoucherState(voucher.state)
        raise VoucherNotUsable(state=state.label, verb="锁定", voucher_id=voucher_id)
    voucher.locked_for = sale_id
    _life.step(actor, voucher, VoucherState.LOCKED, "vouchers.locked", sale_id=sale_id)
    return voucher.as_card()


@transaction.atomic
def unlock_voucher(*, actor: Actor, voucher_id: UUID, sale_id: UUID) -> VoucherCard:
    """The online order died: the voucher is 待使用 again. Only the order that locked it may."""
    identity.require(actor, "vouchers.redeem")
    voucher = lock_row(models.Voucher, voucher_id)
    if voucher.state != VoucherState.LOCKED or voucher.locked_for != sale_id:
        state = VoucherState(voucher.state)
        raise VoucherNotUsable(state=state.label, verb="解锁", voucher_id=voucher_id)
    voucher.locked_for = None
    _life.step(actor, voucher, VoucherState.USABLE, "vouchers.unlocked", sale_id=sale_id)
    return voucher.as_card()


@transaction.atomic
def redeem_vouchers(*, actor: Actor, redemptions: Sequence[Redemption]) -> list[RedemptionReceipt]:
    """Spend vouchers on sales: all of the batch or none of it.

    The unit of each sale is locked, what the voucher held is released, and exactly the amount
    spent is held for the shop (leg `subsidy`, `trade_in` or `discount1` to `discount5` of cause
    `sale`) until settlement posts it. Safe to retry: a (sale, leg) redeemed with the same content
    is left alone. Refuses vouchers of another person, unusable or expired ones, shops outside the
    region, units already sold with a subsidy, more than the voucher's worth or the pool's money,
    and a consumption voucher that breaks its terms or brings another amount.
    """
    for org_id in {one.org_id for one in redemptions}:
        identity.require(actor, "vouchers.redeem", org_id=org_id)
    spendings = _redeem.lock_vouchers(redemptions)
    done = _redeem.done_before(spendings)
    fresh = [one for one in spendings if (one.redemption.sale_id, one.leg) not in done]
    if fresh:
        now = clock.now()
        _redeem.check(fresh)
        _redeem.lock_devices(fresh, now)
        _redeem.move_money(fresh)
        _redeem.write(fresh, now)
        audit.record_many(actor, "vouchers.redeemed", [_spent_line(one) for one in fresh])
    return [RedemptionReceipt(one.sale_id, one.voucher_id, one.amount_fen) for one in redemptions]


@transaction.atomic
def cancel_redemption(*, actor: Actor, sale_id: UUID, reason: str) -> None:
    """Undo a sale's redemptions: the rights are 待使用 again, the unit is free.

    What is still held for the shop is voided; what was already posted settlement claws back. A
    right gets its remaining time or a full new validity, whichever ends later. A consumption
    voucher whose terms say so is 已作废 instead, its money and place back in the pool. Safe to
    repeat.
    """
    rows = list(models.Redemption.objects.filter(sale_id=sale_id).order_by("voucher_id"))
    if not rows:
        raise SaleUnknown(sale_id=sale_id)
    identity.require(actor, "vouchers.cancel_redemption", org_id=rows[0].org_id)
    voucher_ids = [row.voucher_id for row in rows]
    refilled = _spending.pools_to_refill(voucher_ids)
    lock_rows(models.Pool, refilled)
    vouchers = {v.id: v for v in lock_rows(models.Voucher, voucher_ids)}
    if models.Cancellation.objects.filter(pk=sale_id).exists():
        return
    now = clock.now()
    models.Cancellation.objects.create(
        sale_id=sale_id,
        reason=reason[:200],
        cancelled_at=now,
        cancelled_on=clock.business_day(now),
    )
    models.DeviceLock.objects.filter(sale_id=sale_id, freed_at=None).update(freed_at=now)
    _redeem.lock_all_accounts(rows, list(vouchers.values()))
    _redeem.release_payables(rows, reason[:200])
    for row in rows:
        voucher = vouchers[row.voucher_id]
        if voucher.pool_id in refilled:
            _spending.refill(actor, row, voucher)
        else:
            _restore(actor, row, voucher, now)


def _restore(actor: Actor, row: models.Redemption, voucher: models.Voucher, now: datetime) -> None:
    voucher.reserve_fen = _redeem.rehold(row, voucher)
    if not voucher.reserve_fen:
        _life.forget_reserve(voucher)
    voucher.used_sale_id = None
    lapse_hours = voucher.pool.lapse_hours if voucher.pool else None
    voucher.expires_at = rules.restored_until(voucher.expires_at, lapse_hours, now)
    _life.step(actor, voucher, VoucherState.USABLE, "vouchers.restored", sale_id=row.sale_id)


def _spent_line(one: _redeem.Spending) -> audit.Entry:
    facts = {
        "number": one.voucher.number,
        "sale_id": one.redemption.sale_id,
        "leg": one.leg,
        "amount_fen": one.redemption.amount_fen,
    }
    voucher = one.voucher
    return audit.Entry("voucher", voucher.id, voucher.region_path, one.redemption.org_id, facts)
