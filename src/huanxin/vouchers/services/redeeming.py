"""Locking, spending and restoring a voucher."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import RequestReused
from huanxin.kernel.locking import lock_row, lock_rows
from huanxin.vouchers import _life, _platform, _redeem, _spending, models, rules
from huanxin.vouchers.errors import (
    AmountAboveWorth,
    AmountNotPositive,
    SaleUnknown,
    VoucherNotUsable,
)
from huanxin.vouchers.types import (
    HOLD_MINUTES,
    Redemption,
    RedemptionReceipt,
    Reduction,
    VoucherCard,
    VoucherState,
)


@transaction.atomic
def lock_voucher(
    *,
    actor: Actor,
    voucher_id: UUID,
    sale_id: UUID,
    org_id: UUID,
    until: datetime | None = None,
) -> VoucherCard:
    """Keep a voucher for one online order of a shop: 已锁定 until that sale spends it, the order
    dies, or `until` has passed (types.HOLD_MINUTES by default, and at most).

    A lock taken in time outlives the voucher's own end up to its deadline. Safe to repeat by the
    same sale. Refuses vouchers that another order keeps, unusable and expired ones.
    """
    identity.require(actor, "vouchers.redeem", org_id=org_id)
    voucher = lock_row(models.Voucher, voucher_id)
    now = clock.now()
    until = until or now + timedelta(minutes=HOLD_MINUTES)
    terms = voucher.as_terms()
    if voucher.locked_for == sale_id and rules.standing(terms, now) is VoucherState.LOCKED:
        return voucher.as_card()
    rules.check_hold(now, until)
    rules.check_at_hand(terms, verb="锁定", now=now)
    if voucher.state == VoucherState.LOCKED:  # another order's, past its deadline
        _life.unlock(actor, voucher)
    voucher.locked_for, voucher.locked_until = sale_id, until
    _life.step(actor, voucher, VoucherState.LOCKED, "vouchers.locked", sale_id=sale_id, until=until)
    return voucher.as_card()


@transaction.atomic
def unlock_voucher(*, actor: Actor, voucher_id: UUID, sale_id: UUID, org_id: UUID) -> VoucherCard:
    """The online order died: the voucher is 待使用 again. Only the order that locked it may."""
    identity.require(actor, "vouchers.redeem", org_id=org_id)
    voucher = lock_row(models.Voucher, voucher_id)
    if voucher.state != VoucherState.LOCKED or voucher.locked_for != sale_id:
        state = VoucherState(voucher.state)
        raise VoucherNotUsable(state=state.label, verb="解锁", voucher_id=voucher_id)
    _life.unlock(actor, voucher)
    return voucher.as_card()


@transaction.atomic
def free_locks_of(*, actor: Actor, sale_id: UUID, voucher_ids: Sequence[UUID], org_id: UUID) -> int:
    """Free what a shop's order that died still keeps; returns how many. Safe to repeat."""
    identity.require(actor, "vouchers.redeem", org_id=org_id)
    rows = lock_rows(models.Voucher, voucher_ids)
    kept = [row for row in rows if row.state == VoucherState.LOCKED and row.locked_for == sale_id]
    for row in kept:
        _life.unlock(actor, row)
    return len(kept)


@transaction.atomic
def free_due_locks(*, actor: Actor, limit: int = 1000) -> int:
    """Free the vouchers whose order was not paid by its deadline; returns how many.

    A timer's work, run before the lapses: what is past its own end lapses right after. A late
    timer changes nothing that counts: a lock past its deadline is treated as none.
    """
    identity.require(actor, "vouchers.lapse")
    due = models.Voucher.objects.filter(
        state=VoucherState.LOCKED, locked_until__lte=clock.now()
    ).order_by("locked_until")
    rows = lock_rows(models.Voucher, due.values_list("pk", flat=True)[:limit])
    freed = [row for row in rows if _is_due(row, clock.now())]
    for row in freed:
        _life.unlock(actor, row)
    return len(freed)


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
        _redeem.check_open(fresh)
        _redeem.check(fresh, now)
        _redeem.lock_devices(fresh, now)
        _redeem.add_totals([(one.voucher, one.redemption.amount_fen) for one in fresh])
        _redeem.move_money(fresh)
        _redeem.write(fresh, now)
        _platform.note([one.voucher for one in fresh], "redeem")
        audit.record_many(actor, "vouchers.redeemed", [_spent_line(one) for one in fresh])
    return [RedemptionReceipt(one.sale_id, one.voucher_id, one.amount_fen) for one in redemptions]


@transaction.atomic
def reduce_redemption(*, actor: Actor, reduction: Reduction) -> bool:
    """Let a sale's subsidy be another amount after a partial return; the right stays used.

    What is held for the shop becomes exactly that amount at once, the pool has the rest back.
    False if settlement had posted the money already: then the difference is clawed back. Safe to
    repeat: a step is taken once, with one amount; one that is told after a later one changes
    nothing. Refuses a cancelled sale, and an amount below nothing or above what was redeemed.
    """
    identity.require(actor, "vouchers.cancel_redemption")
    row = models.Redemption.objects.filter(sale_id=reduction.sale_id, leg="subsidy").first()
    if row is None:
        raise SaleUnknown(sale_id=reduction.sale_id)
    identity.require(actor, "vouchers.cancel_redemption", org_id=row.org_id)
    voucher = lock_row(models.Voucher, row.voucher_id)
    if earlier := _told_before(row, reduction):
        return not earlier.was_posted
    if voucher.used_sale_id != row.sale_id:
        raise SaleUnknown(sale_id=reduction.sale_id)
    if reduction.amount_fen > row.amount_fen:
        raise AmountAboveWorth(amount_fen=reduction.amount_fen, worth_fen=row.amount_fen)
    if reduction.amount_fen < 0:
        raise AmountNotPositive(amount_fen=reduction.amount_fen)
    _redeem.add_totals([(voucher, reduction.amount_fen - _spent_fen(row))])
    was_held = _redeem.shrink_payable(row, voucher, reduction)
    now = clock.now()
    models.Reduction.objects.create(
        redemption=row,
        step=reduction.step,
        amount_fen=reduction.amount_fen,
        was_posted=not was_held,
        reason=reduction.reason[:200],
        reduced_at=now,
        reduced_on=clock.business_day(now),
    )
    audit.record(
        actor, "vouchers.reduced", "voucher", voucher.id, region_path=voucher.region_path,
        org_id=row.org_id, sale_id=row.sale_id, amount_fen=reduction.amount_fen,
    )  # fmt: skip
    return was_held


@transaction.atomic
def cancel_redemption(*, actor: Actor, sale_id: UUID, reason: str) -> None:
    """Undo a sale's redemptions: the rights are 待使用 again, the unit is free.

    What is still held for the shop is voided; what was already posted settlement claws back. A
    right gets its remaining time or a full new validity, whichever ends later. A consumption
    voucher whose terms say so is 已作废 instead, its money and place back in the pool. Safe to
    repeat.
    """
    identity.require(actor, "vouchers.cancel_redemption")
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
    _redeem.add_totals([(vouchers[row.voucher_id], -_spent_fen(row)) for row in rows])
    _redeem.lock_all_accounts(rows, list(vouchers.values()))
    _redeem.release_payables(rows, reason[:200])
    for row in rows:
        voucher = vouchers[row.voucher_id]
        if voucher.pool_id in refilled:
            _spending.refill(actor, row, voucher)
        else:
            _restore(actor, row, voucher, now)


def _is_due(voucher: models.Voucher, now: datetime) -> bool:
    is_locked = voucher.state == VoucherState.LOCKED
    return is_locked and voucher.locked_until is not None and voucher.locked_until <= now


def _told_before(row: models.Redemption, asked: Reduction) -> models.Reduction | None:
    """The step itself if it was taken, or the later one that stands; other content is refused."""
    later = models.Reduction.objects.filter(redemption=row, step__gte=asked.step).order_by("step")
    first = later.first()
    if first is None or first.step > asked.step:
        return later.last()
    if first.amount_fen != asked.amount_fen:
        raise RequestReused(operation="vouchers.reduce", sale_id=row.sale_id, step=asked.step)
    return first


def _spent_fen(row: models.Redemption) -> int:
    """What a redemption comes to after its reductions."""
    known = models.Reduction.objects.filter(redemption=row).order_by("-step")
    left = known.values_list("amount_fen", flat=True).first()
    return row.amount_fen if left is None else left


def _restore(actor: Actor, row: models.Redemption, voucher: models.Voucher, now: datetime) -> None:
    voucher.reserve_fen = _redeem.rehold(row, voucher)
    if not voucher.reserve_fen:
        _life.forget_reserve(voucher)
    voucher.used_sale_id = None
    lapse_hours = voucher.pool.lapse_hours if voucher.pool else None
    voucher.expires_at = rules.restored_until(voucher.expires_at, lapse_hours, now)
    _life.step(actor, voucher, VoucherState.USABLE, "vouchers.restored", sale_id=row.sale_id)
    _platform.note([voucher], "restore")


def _spent_line(one: _redeem.Spending) -> audit.Entry:
    facts = {
        "number": one.voucher.number,
        "sale_id": one.redemption.sale_id,
        "leg": one.leg,
        "amount_fen": one.redemption.amount_fen,
    }
    voucher = one.voucher
    return audit.Entry("voucher", voucher.id, voucher.region_path, one.redemption.org_id, facts)
