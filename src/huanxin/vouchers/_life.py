"""What every step of a voucher does: move along the table, leave an audit line."""

from typing import Any

from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.vouchers import models, rules
from huanxin.vouchers.types import (
    VoucherState,
)


def forget_reserve(voucher: models.Voucher) -> None:
    voucher.reserve_fen, voucher.reserve_cause, voucher.reserve_cause_id = 0, "", None


def step(
    actor: Actor, voucher: models.Voucher, after: VoucherState, action: str, **facts: Any
) -> None:
    """Move one locked voucher along the table and leave its audit line."""
    rules.check_transition(VoucherState(voucher.state), after)
    voucher.state, voucher.changed_at = after, clock.now()
    voucher.save(
        update_fields=[
            "state", "changed_at", "locked_for", "locked_until", "used_sale_id", "expires_at",
            "reserve_fen", "reserve_cause", "reserve_cause_id",
        ]
    )  # fmt: skip
    audit.record(actor, action, "voucher", voucher.id, region_path=voucher.region_path, **facts)


def unlock(actor: Actor, voucher: models.Voucher) -> None:
    """Free a locked voucher from its order."""
    sale_id, voucher.locked_for, voucher.locked_until = voucher.locked_for, None, None
    step(actor, voucher, VoucherState.USABLE, "vouchers.unlocked", sale_id=sale_id)


def audit_line(row: models.Voucher) -> audit.Entry:
    facts = {"number": row.number, "kind": row.kind, "worth_fen": row.worth_fen}
    return audit.Entry("voucher", row.id, row.region_path, None, facts)
