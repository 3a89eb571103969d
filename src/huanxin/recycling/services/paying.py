"""Cash that is owed: asked for again until it arrives, never twice."""

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.recycling import _orders, _payouts, models


@transaction.atomic
def retry_payouts(*, actor: Actor, limit: int = 100) -> int:
    """Ask the payer again for what is due; returns how many arrived.

    Safe to repeat and to run twice at once: a row is held by one run, an order has one payout, and
    the payer knows the order's id.
    """
    identity.require(actor, "recycling.pay")
    now = clock.now()
    due = models.PayoutDue.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    rows = due.filter(settled_at__isnull=True, next_try_at__lte=now).select_related("order")
    arrived = [
        row for row in rows.order_by("next_try_at", "pk")[:limit] if _payouts.retry(row, now)
    ]
    audit.record_many(
        actor, "recycling.paid",
        [_orders.entry(row.order, amount_fen=row.amount_fen, tries=row.try_count)
         for row in arrived],
    )  # fmt: skip
    return len(arrived)
