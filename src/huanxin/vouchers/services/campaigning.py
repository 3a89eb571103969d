"""Consumption vouchers of a campaign: opened and ended with their funder's money."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row
from huanxin.vouchers import _campaigns, _pools, _rests, models
from huanxin.vouchers.errors import PoolInvalid
from huanxin.vouchers.types import NewPool, VoucherKind


@transaction.atomic
def open_campaign(*, actor: Actor, pool: NewPool, request_id: UUID) -> UUID:
    """Open a pool of consumption vouchers: its whole worth leaves the funder's account at once.

    An officer opens with public money in her region; a shop or maker with its own prefunded money
    for the shops it names (a shop: itself). Safe to retry. Refuses terms nobody could keep
    (TermsInvalid, PoolInvalid), another one's money (FunderNotYours), a shop in the violation
    library (ShopKeptOut) and a funder whose account does not reach (FunderWithoutMoney); then
    nothing is opened. docs/adr/0098.
    """
    region = identity.get_region(pool.region_code)
    terms = pool.consumption
    if terms is None or pool.kind is not VoucherKind.CONSUMPTION:
        raise PoolInvalid(reason="消费券活动须写明规则和出资方")
    _campaigns.require(actor, region.path, terms.funder_code)
    _campaigns.check_not_kept_out(actor)
    operation = "vouchers.open_campaign"
    if earlier := kernel_requests.first_answer(actor, operation, request_id, repr(pool)):
        return UUID(earlier["pool_id"])
    _campaigns.check(actor, pool, terms, region.path)
    row = _campaigns.write(pool, terms, region.path)
    audit.record(
        actor, "vouchers.campaign_opened", "pool", row.id, region_path=region.path,
        org_id=actor.org_id, quantity=pool.quantity, budget_fen=pool.budget_fen,
        programme=terms.programme, funder_code=terms.funder_code,
        **(_pools.lottery_facts(row) if pool.lottery else {}),
    )  # fmt: skip
    kernel_requests.remember(actor, operation, request_id, {"pool_id": row.id})
    return row.id


@transaction.atomic
def close_campaign(*, actor: Actor, pool_id: UUID, reason: str) -> int:
    """End a campaign's pool now: what no voucher holds goes back to its funder; returns it in fen.

    Vouchers already issued stay good. Safe to repeat: what lapsed or came back since is returned
    as well.
    """
    pool = lock_row(models.Pool, pool_id)
    _campaigns.require(actor, pool.region_path, pool.funder_code)
    if pool.kind != VoucherKind.CONSUMPTION:
        raise PoolInvalid(reason="这不是消费券活动")
    return _rests.end(actor, pool, reason)
