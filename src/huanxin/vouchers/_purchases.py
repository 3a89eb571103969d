"""Goods bought with consumption vouchers and without a subsidy: priced, written, given back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind, OrgStatus, RestrictionKind
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.money import yuan
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import HoldKey, Leg, payable_code
from huanxin.vouchers import _campaigns, _discounts, _redeem, _spending, models
from huanxin.vouchers.errors import PurchaseInvalid, VoucherNotTheirs
from huanxin.vouchers.types import (
    Deduction,
    NewPurchase,
    Offer,
    PurchaseQuote,
    Redemption,
    VoucherKind,
)

_MOST_VOUCHERS = _discounts.MOST_OTHERS + 1


@dataclass(frozen=True, slots=True)
class Priced:
    """A purchase whose vouchers have been read and measured."""

    person_id: UUID
    region_path: str
    deductions: tuple[Deduction, ...]

    @property
    def discount_fen(self) -> int:
        return sum(one.amount_fen for one in self.deductions)


def price(new: NewPurchase, vouchers: Mapping[UUID, models.Voucher]) -> Priced:
    """Measure a purchase; refuses what could not be bought so, before anything moves."""
    _check(new, vouchers)
    shop = identity.get_organisation(new.org_id)
    _check_shop(new.org_id, shop.kind, shop.status)
    laid = offers(new.org_id, new.category_code, vouchers)
    deductions = _discounts.deduct(new.price_fen, laid, has_right=False, has_huanxin=False)
    person_id = next(iter(vouchers.values())).person_id
    return Priced(person_id, shop.region_path, deductions)


def _check(new: NewPurchase, vouchers: Mapping[UUID, models.Voucher]) -> None:
    known = {category.code for category in catalogue.list_categories()}
    faults = {
        "金额必须大于零": new.price_fen <= 0,
        "请选择商品品类": new.category_code not in known,
        "请先扫顾客的消费券": not new.voucher_ids,
        "同一张券只能用一次": len(set(new.voucher_ids)) != len(new.voucher_ids),
        f"每单最多 {_MOST_VOUCHERS} 张消费券": len(new.voucher_ids) > _MOST_VOUCHERS,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise PurchaseInvalid(reason=reason)
    for voucher_id in new.voucher_ids:
        if voucher_id not in vouchers:
            raise NotFound(model="Voucher", id=voucher_id)
    if any(one.kind != VoucherKind.CONSUMPTION for one in vouchers.values()):
        raise PurchaseInvalid(reason="不享受补贴的商品只能用消费券")
    if len({one.person_id for one in vouchers.values()}) > 1:
        raise VoucherNotTheirs(voucher_ids=new.voucher_ids)


def _check_shop(org_id: UUID, kind: OrgKind, status: OrgStatus) -> None:
    kept_out = identity.find_restriction(RestrictionKind.ORGANISATION, str(org_id), clock.today())
    if kind is not OrgKind.RETAILER or status is not OrgStatus.ADMITTED or kept_out:
        raise PurchaseInvalid(reason="本店当前不能核销消费券")


def offers(
    org_id: UUID, category_code: str, vouchers: Mapping[UUID, models.Voucher]
) -> list[Offer]:
    """The vouchers with their terms; refuses goods, shop, place or person they are not for.

    Redemption will look at all of it again: said here so that a quote already refuses.
    """
    names = {category.code: category.name for category in catalogue.list_categories()}
    counter = _spending.counters([org_id])[org_id]
    terms = _campaigns.terms_of(one.pool_id for one in vouchers.values() if one.pool_id)
    holders = _campaigns.holders(one.person_id for one in vouchers.values())
    laid = []
    for one in vouchers.values():
        assert one.pool_id is not None, "a consumption voucher has a pool"
        of = terms[one.pool_id]
        _discounts.check_goods(of, category_code, names)
        _discounts.check_counter(of, counter)
        _campaigns.check_audience(of, holders.get(one.person_id))
        laid.append(Offer(one.id, of))
    return laid


def quote(new: NewPurchase, priced: Priced, titles: Mapping[UUID, str]) -> PurchaseQuote:
    """The amounts, and each voucher's part in words, in the order it is taken."""
    sentences = tuple(
        f"{titles[one.voucher_id]}：{yuan(one.from_fen)} 满减 {yuan(one.amount_fen)}"
        for one in priced.deductions
    )
    discount_fen = priced.discount_fen
    return PurchaseQuote(
        new.price_fen, discount_fen, new.price_fen - discount_fen, priced.deductions, sentences
    )


def write(actor: Actor, new: NewPurchase, priced: Priced) -> models.Purchase:
    """The record that the vouchers are spent on."""
    now = clock.now()
    on = clock.business_day(now)
    region_code = priced.region_path.rpartition("/")[2]
    return models.Purchase.objects.create(
        id=ids.new_id(),
        number=ids.new_number("XF", on=on, region_code=region_code),
        org_id=new.org_id,
        till_id=new.till_id[:40],
        person_id=priced.person_id,
        category_code=new.category_code,
        price_fen=new.price_fen,
        discount_fen=priced.discount_fen,
        to_pay_fen=new.price_fen - priced.discount_fen,
        kept_discount_fen=priced.discount_fen,
        region_path=priced.region_path,
        bought_at=now,
        bought_on=on,
        account_id=actor.account_id,
    )


def redemptions(purchase: models.Purchase, priced: Priced) -> list[Redemption]:
    """What each voucher is asked to bring."""
    return [
        Redemption(
            sale_id=purchase.id,
            voucher_id=one.voucher_id,
            person_id=purchase.person_id,
            org_id=purchase.org_id,
            amount_fen=one.amount_fen,
            device=None,
            at=purchase.bought_at,
            place=place,
            price_fen=one.from_fen,
            category_code=purchase.category_code,
        )
        for place, one in enumerate(priced.deductions, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Part:
    """What one voucher of a purchase pays now, and the hold that keeps it for the shop."""

    row: models.Redemption
    key: HoldKey | None
    amount_fen: int


def parts(purchase: models.Purchase) -> list[Part]:
    """The vouchers of a purchase in their order, each with what is still held for the shop."""
    held = {
        one.key.leg.partition(".")[0]: one
        for one in ledger_reads.transfers_of(_redeem.SALE, purchase.id)
        if one.state == "pending"
    }
    rows = models.Redemption.objects.filter(sale_id=purchase.id).order_by("leg")
    found = []
    for row in rows.select_related("voucher"):
        one = held.get(row.leg)
        found.append(Part(row, one.key if one else None, one.amount_fen if one else 0))
    return found


def kept_fen(held: Sequence[Part], kept_price_fen: int, returned_fen: int) -> list[int]:
    """What each voucher still pays for what is kept; see _discounts.kept_parts."""
    terms = _campaigns.terms_of(_campaigns.pool_of(part.row.voucher) for part in held)
    ladders = [
        (terms[_campaigns.pool_of(part.row.voucher)].tiers, part.amount_fen) for part in held
    ]
    return _discounts.kept_parts(ladders, kept_price_fen, returned_fen)


def shrink(purchase: models.Purchase, held: Sequence[Part], kept: Sequence[int]) -> None:
    """Hold for the shop only what the vouchers still pay; the rest is in their pools again."""
    changed = [
        (part, amount_fen)
        for part, amount_fen in zip(held, kept, strict=True)
        if amount_fen != part.amount_fen
    ]
    if not changed:
        return
    payable = payable_code(purchase.org_id)
    pools = {_redeem.payer_code(part.row.voucher) for part, _ in changed}
    ledger.lock_accounts(codes={payable, *pools})
    keys = [part.key for part, _ in changed if part.key]
    ledger.void_held(keys=keys, reason="partial return")
    nth = purchase.returns.count() + 1
    ledger.hold_transfers(
        legs=[
            Leg(
                _redeem.SALE, purchase.id, f"{part.row.leg}.{nth}",
                _redeem.payer_code(part.row.voucher), payable, amount_fen,
            )
            for part, amount_fen in changed
            if amount_fen
        ]
    )  # fmt: skip
