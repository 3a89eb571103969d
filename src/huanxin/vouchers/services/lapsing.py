"""Letting unused vouchers lapse."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_rows
from huanxin.ledger import services as ledger
from huanxin.vouchers import _life, _platform, _redeem, models
from huanxin.vouchers.types import (
    VoucherState,
)


@transaction.atomic
def lapse_due(*, actor: Actor, limit: int = 1000) -> int:
    """Let unused vouchers whose time is over lapse: money and place are free at once.

    Run every minute; returns how many lapsed, at most `limit`.
    """
    identity.require(actor, "vouchers.lapse")
    now = clock.now()
    due = models.Voucher.objects.filter(state=VoucherState.USABLE, expires_at__lte=now)
    chosen = list(due.order_by("expires_at").values_list("id", "pool_id")[:limit])
    lock_rows(models.Pool, {pool_id for _, pool_id in chosen if pool_id})
    locked = lock_rows(models.Voucher, [voucher_id for voucher_id, _ in chosen])
    rows = [row for row in locked if row.state == VoucherState.USABLE and _is_over(row, now)]
    keys = [key for row in rows if (key := _redeem.reserve_key(row))]
    models.Voucher.objects.filter(pk__in=[row.id for row in rows]).update(
        state=VoucherState.LAPSED, reserve_fen=0, reserve_cause="", reserve_cause_id=None,
        changed_at=now,
    )  # fmt: skip
    for pool_id in sorted({row.pool_id for row in rows if row.pool_id}):
        count = sum(row.pool_id == pool_id for row in rows)
        models.Pool.objects.filter(pk=pool_id).update(remaining=F("remaining") + count)
    _platform.note(rows, "end")
    ledger.void_held(keys=keys, reason="lapsed")
    audit.record_many(actor, "vouchers.lapsed", [_life.audit_line(row) for row in rows])
    return len(rows)


def _is_over(voucher: models.Voucher, now: datetime) -> bool:
    return voucher.expires_at is not None and voucher.expires_at <= now
