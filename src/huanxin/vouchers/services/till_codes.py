"""The code a person shows at a till."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.vouchers import models, rules
from huanxin.vouchers.errors import (
    TillCodeInvalid,
    VoucherNotTheirs,
    VoucherNotUsable,
)
from huanxin.vouchers.types import (
    TillCode,
    VoucherCard,
    VoucherState,
)


@transaction.atomic
def till_code(*, actor: Actor, voucher_ids: Sequence[UUID]) -> TillCode:
    """Digits for the till to scan: sixty seconds, one use; a new code ends the one before."""
    rows = models.Voucher.objects.filter(pk__in=list(voucher_ids))
    people = {row.person_id for row in rows}
    if len(people) != 1 or len(rows) != len(set(voucher_ids)):
        raise VoucherNotTheirs(voucher_ids=voucher_ids)
    person_id = people.pop()
    identity.require(actor, "vouchers.show_till_code", person_id=person_id)
    for row in rows:
        if row.state not in {VoucherState.USABLE, VoucherState.LOCKED}:
            state = VoucherState(row.state)
            raise VoucherNotUsable(state=state.label, verb="出示", voucher_id=row.id)
    code = f"{secrets.randbelow(10**12):012d}"
    expires_at = clock.now() + timedelta(seconds=rules.TILL_CODE_SECONDS)
    models.TillCode.objects.update_or_create(
        person_id=person_id,
        defaults={
            "code": code,
            "voucher_ids": [str(voucher_id) for voucher_id in voucher_ids],
            "expires_at": expires_at,
            "taken_at": None,
        },
    )
    return TillCode(code, expires_at)


@transaction.atomic
def take_till_code(*, actor: Actor, code: str) -> list[VoucherCard]:
    """What a shown code stands for, once. Wrong, used and old codes are refused alike."""
    identity.require(actor, "vouchers.take_till_code")
    now = clock.now()
    live = models.TillCode.objects.filter(code=code, taken_at=None, expires_at__gt=now)
    shown = live.select_for_update().first()
    if shown is None:
        raise TillCodeInvalid
    models.TillCode.objects.filter(pk=shown.pk).update(taken_at=now)
    rows = models.Voucher.objects.filter(pk__in=shown.voucher_ids).order_by("kind", "id")
    audit.record(
        actor, "vouchers.till_code_taken", "person", shown.person_id, org_id=actor.org_id,
        voucher_ids=shown.voucher_ids,
    )  # fmt: skip
    return [row.as_card() for row in rows]
