"""What a batch's items stand for in other rooms: claims and purchases released, holds and posts."""

from collections.abc import Iterable

from huanxin.claims.services import releasing
from huanxin.kernel.actor import Actor
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import HoldKey, TransferCard
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
        payable = {claim.sale_id for claim in released}
    mine = {item.sale_id: item for item in items if item.claim_id is None}
    if mine:
        for card in purchasing.release_purchases(actor=actor, purchase_ids=list(mine)):
            item = mine[card.id]
            payable.add(card.id)
            if item.consumption_fen != card.kept_discount_fen:
                item.consumption_fen = card.kept_discount_fen
                item.save(update_fields=["consumption_fen"])
    return payable


def hold_keys(item: Item) -> list[HoldKey]:
    """Every hold that waits for the shop of an item."""
    if item.consumption_fen:
        made = ledger.transfers_of(SALE, item.sale_id)
        return [one.key for one in made if one.state == "pending"]
    legs = ["subsidy", "trade_in"] if item.trade_in_fen else ["subsidy"]
    return [HoldKey(SALE, item.sale_id, leg) for leg in legs]


def posted(item: Item) -> list[TransferCard]:
    """What an item posted to its shop; holds that were voided on the way are left out."""
    return [one for one in ledger.transfers_of(SALE, item.sale_id) if one.state == "posted"]
