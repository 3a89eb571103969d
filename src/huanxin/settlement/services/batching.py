"""Gathering cleared claims into a batch and publishing it."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.policy import selectors as policy
from huanxin.settlement import _rows, rules, selectors
from huanxin.settlement.errors import (
    BatchNotOpen,
    NothingToSettle,
)
from huanxin.settlement.models import Batch, Item
from huanxin.settlement.types import (
    BatchCard,
    BatchState,
)


@transaction.atomic
def open_batch(*, actor: Actor, programme: str, region_code: str, request_id: UUID) -> BatchCard:
    """Gather the cleared claims of a programme in a county, each split among the funds to the fen.

    The programme PURCHASES gathers purchases with consumption vouchers and without a subsidy.

    A claim is in one live batch at most (constraint item_claim_settled_once). Safe to retry.
    Refuses when nothing is payable.
    """
    region = identity.get_region(region_code)
    identity.require(actor, "settlement.open", region_path=region.path)
    content = [programme, region_code]
    if earlier := requests.first_answer(actor, "settlement.open", request_id, content):
        return selectors.card_of(UUID(earlier["batch_id"]))
    now = clock.now()
    batch = Batch.objects.create(
        id=ids.new_id(),
        number=ids.new_number("JS", on=clock.business_day(now), region_code=region_code),
        programme=programme,
        region_code=region_code,
        region_path=region.path,
        opened_by=actor.account_id,
        opened_at=now,
        opened_on=clock.business_day(now),
    )
    _take_items(batch)
    if not batch.items.exists():
        raise NothingToSettle(programme=programme, region_code=region_code)
    requests.remember(actor, "settlement.open", request_id, {"batch_id": batch.pk})
    _rows.record(actor, "settlement.opened", batch, claims=batch.items.count())
    return selectors.card_of(batch.pk)


@transaction.atomic
def publish_batch(*, actor: Actor, batch_id: UUID, days: int) -> BatchCard:
    """Publish a batch for objections, today included; payment is possible the day after the last.

    Publishing again with the same days changes nothing. Refuses a batch that was paid.
    """
    identity.require(actor, "settlement.publish")
    batch = _rows.lock_batch(batch_id)
    identity.require(actor, "settlement.publish", region_path=batch.region_path)
    today = clock.today()
    until = rules.objections_until(batch.published_on or today, days)
    if batch.state == BatchState.PUBLISHED and batch.objections_until == until:
        return selectors.card_of(batch_id)
    if batch.state != BatchState.OPEN:
        raise BatchNotOpen(state=rules.STATE_WORDS[batch.state])
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.PUBLISHED, published_on=today, objections_until=until
    )
    _rows.record(actor, "settlement.published", batch, until=until)
    return selectors.card_of(batch_id)


def _take_items(batch: Batch) -> None:
    rows = selectors.payable_claims(programme=batch.programme, region_path=batch.region_path)
    hashes = {row.version_hash for row in rows if row.claim_id}
    shares = {
        version: {share.fund: share.share_bps for share in policy.shares_for(version)}
        for version in hashes
    }
    items = []
    for row in rows:
        split = rules.split(row.subsidy_fen, shares.get(row.version_hash, {"city": 10_000}))
        items.append(
            Item(
                batch=batch,
                claim_id=row.claim_id,
                sale_id=row.sale_id,
                merchant_id=row.merchant_id,
                subsidy_fen=row.subsidy_fen,
                central_fen=split.central_fen,
                province_fen=split.province_fen,
                city_fen=split.city_fen,
                trade_in_fen=row.trade_in_fen,
                consumption_fen=row.consumption_fen,
            )
        )
    # A batch opened in the same moment may have taken some: they stay with it.
    Item.objects.bulk_create(items, ignore_conflicts=True)
