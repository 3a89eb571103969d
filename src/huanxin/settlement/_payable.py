"""What a batch's items stand for in other rooms: claims and purchases released, holds and posts."""

from collections.abc import Iterable

from huanxin.claims.services import releasing
from huanxin.claims.types import PayableClaim
from huanxin.kernel.actor import Actor
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import HoldKey, TransferCard
from huanxin.policy import selectors as policy
from huanxin.settlement import rules
from huanxin.settlement.models import Item
from huanxin.vouchers.services import purchasing

SALE = "sale"


def release(actor: Actor, items: Iterable[Item]) -> set[object]:
    """Hand the items' claims and purchases over for payment; which sales may still be paid.

    A purchase of which a part came back since is paid what its vouchers still pay.
    """
    items = list(items)
    claim_ids = [item.claim_id for item in items if item.claim_id]
    payable: set[object] = set()
    if claim_ids:
        released = releasing.release_claims(actor=actor, claim_ids=claim_ids)
        _follow_reductions(items, released)
        payable = {claim.sale_id for claim in released if claim.subsidy_fen}
    mine = {item.sale_id: item for item in items if item.claim_id is None}
    if mine:
        for card in purchasing.release_purchases(actor=actor, purchase_ids=list(mine)):
            item = mine[card.id]
            payable.add(card.id)
            if item.consumption_fen != card.kept_discount_fen:
                item.consumption_fen = card.kept_discount_fen
                item.save(update_fields=["consumption_fen"])
    return payable


def hold_keys(items: Iterable[Item]) -> list[HoldKey]:
    """Every hold that waits for the shops of items."""
    return ledger.list_pending(SALE, [item.sale_id for item in items])


def _follow_reductions(items: Iterable[Item], released: Iterable[PayableClaim]) -> None:
    """A claim whose price was lowered since the batch took it is paid, and split, as it stands."""
    claims = {claim.sale_id: claim for claim in released}
    for item in items:
        claim = claims.get(item.sale_id)
        if claim is None or claim.subsidy_fen in {0, item.subsidy_fen}:
            continue
        shares = {share.fund: share.share_bps for share in policy.shares_for(claim.version_hash)}
        split = rules.split(claim.subsidy_fen, shares)
        item.subsidy_fen = claim.subsidy_fen
        item.central_fen, item.province_fen = split.central_fen, split.province_fen
        item.city_fen = split.city_fen
        item.save(update_fields=["subsidy_fen", "central_fen", "province_fen", "city_fen"])


def posted(item: Item) -> list[TransferCard]:
    """What an item posted to its shop; holds that were voided on the way are left out."""
    return [one for one in ledger.transfers_of(SALE, item.sale_id) if one.state == "posted"]
