"""Mechanics of paying cash: once an order, tried again until it arrives."""

from datetime import datetime, timedelta

from huanxin.kernel import ids
from huanxin.recycling import models, ports
from huanxin.recycling.errors import PaymentUnavailable

_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=6)


def pay(order: models.Order, amount_fen: int, now: datetime) -> models.Payout | None:
    """The payout to store, or None where the payer was not reached: then it stands as due.

    The order's id is the payer's key: asked twice it pays once and answers the same.
    """
    try:
        return _ask(order, amount_fen, now)
    except PaymentUnavailable as refusal:
        models.PayoutDue.objects.create(
            order=order, amount_fen=amount_fen, try_count=1, next_try_at=now + _FIRST,
            last_error=refusal.message[:120],
        )  # fmt: skip
        return None


def retry(due: models.PayoutDue, now: datetime) -> bool:
    """Ask again for one that is due; whether it arrived."""
    due.try_count += 1
    try:
        payout = _ask(due.order, due.amount_fen, now)
    except PaymentUnavailable as refusal:
        due.next_try_at = now + min(_FIRST * 2 ** min(due.try_count, 12), _LONGEST)
        due.last_error = refusal.message[:120]
        due.save()
        return False
    payout.save(force_insert=True)
    due.settled_at, due.last_error = now, ""
    due.save()
    return True


def _ask(order: models.Order, amount_fen: int, now: datetime) -> models.Payout:
    paid = ports.payment().pay(order_id=order.id, amount_fen=amount_fen)
    return models.Payout(
        id=ids.new_id(),
        order=order,
        amount_fen=amount_fen,
        reference=paid.reference,
        is_simulated=paid.is_simulated,
        paid_at=now,
    )
