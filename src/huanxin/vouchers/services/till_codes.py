"""The code a person shows at a till."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.vouchers import _claims, models, rules
from huanxin.vouchers.errors import (
    ShopOutsideRegion,
    TillCodeExpired,
    TillCodeInvalid,
    TillCodeUsed,
    VoucherNotTheirs,
)
from huanxin.vouchers.types import (
    TillCode,
    VoucherCard,
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
    now = clock.now()
    for row in rows:
        rules.check_at_hand(row.as_terms(), verb="出示", now=now)
    code = f"{secrets.randbelow(10**12):012d}"
    ends = [row.expires_at for row in rows if row.expires_at is not None]
    expires_at = min([now + timedelta(seconds=rules.TILL_CODE_SECONDS), *ends])
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
    """What a shown code stands for, once.

    Refuses unknown, used and old codes, and codes of vouchers that this shop's region does not
    take, that are past their minute, or spent since the code was made; then the code is not used
    up.
    """
    identity.require(actor, "vouchers.take_till_code")
    now = clock.now()
    shown = models.TillCode.objects.select_for_update().filter(code=code).first()
    if shown is None:
        raise TillCodeInvalid
    if shown.taken_at is not None:
        raise TillCodeUsed
    if shown.expires_at <= now:
        raise TillCodeExpired
    rows = list(models.Voucher.objects.filter(pk__in=shown.voucher_ids).order_by("kind", "id"))
    shop_path = _claims.execute("shops", org_ids=[actor.org_id])[0][1] if actor.org_id else None
    for row in rows:
        rules.check_at_hand(row.as_terms(), verb="出示", now=now)
        if shop_path is not None and not rules.lies_in(shop_path, row.region_path):
            raise ShopOutsideRegion(voucher_id=row.id, region_path=row.region_path)
    models.TillCode.objects.filter(pk=shown.pk).update(taken_at=now)
    audit.record(
        actor, "vouchers.till_code_taken", "person", shown.person_id, org_id=actor.org_id,
        voucher_ids=shown.voucher_ids,
    )  # fmt: skip
    return [row.as_card() for row in rows]
