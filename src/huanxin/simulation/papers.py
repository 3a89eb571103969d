"""The papers a shop hands in for a sale: honest, mistaken or forged. Pure.

Which facts a paper carries is claims' rule (claims.rules.FACTS); here they get values.
"""

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from huanxin.claims.types import EvidenceKind, NewEvidence
from huanxin.kernel import clock
from huanxin.simulation import city, rules
from huanxin.simulation.types import Pattern, PurchasePlan, Slip, Wish

# In these schemes the first order is a real sale and the later ones live off its papers.
SHARING = frozenset({Pattern.SERIAL_REUSE, Pattern.INVOICE_REUSE, Pattern.PHOTO_REUSE})
_SHIPS_AFTER = timedelta(hours=3)
_PER_KM_E6 = 9_000


@dataclass(frozen=True, slots=True)
class Sold:
    """What the papers are about. `twin` is the wish whose things a forged order borrows."""

    wish: Wish
    brand: str
    serial: str
    imei: str | None
    energy_grade: int | None
    price_fen: int
    to_pay_fen: int
    sold_at: datetime
    submit_at: datetime
    shop_uscc: str
    borrowed: str | None = None
    other_document: str | None = None


def serial_of(seed: int, wish: Wish) -> str:
    """The serial on the unit she carries home. A ring that resells one unit shares its serial."""
    purchase = _purchase(wish)
    owner = purchase.ring if purchase.pattern is Pattern.SERIAL_REUSE else wish.key
    return f"HX{purchase.gtin[-6:]}{rules.token(seed, 'serial', owner)[:10].upper()}"


def altered(serial: str, wish: Wish) -> str:
    """What a cheating shop types when the till refuses a serial that was sold before."""
    return f"{serial[:-1]}{'ABCDEFGHJK'[sum(map(ord, wish.key)) % 10]}{wish.key[-1].upper()}"


def imei_of(seed: int, wish: Wish) -> str | None:
    """Phones have an IMEI; the test TAC leaves a million of them."""
    if wish.category_code != "phone":
        return None
    return rules.imei_code(int(rules.token(seed, "imei", wish.key)[:9], 16) % 1_000_000)


def evidence_on(wish: Wish, sold_on: date) -> date:
    """When the shop hands its papers in: delivered goods need a day at least."""
    purchase = _purchase(wish)
    delivered = purchase.channel == "online" or not city.is_digital(wish.category_code)
    is_forged = purchase.pattern is not None
    days = max(purchase.evidence_days, 1) if delivered and not is_forged else 0
    return sold_on + timedelta(days=days)


def papers_of(seed: int, sold: Sold) -> tuple[NewEvidence, ...]:
    """Everything the shop hands in at first; a slip may leave one paper for later."""
    papers = [_invoice(seed, sold), _label(seed, sold), _payment(seed, sold)]
    purchase, digital = _purchase(sold.wish), city.is_digital(sold.wish.category_code)
    if digital and purchase.channel == "online":
        papers.append(_delivery(seed, sold))
    if purchase.slip is not Slip.MISSING_PAPER:
        papers.append(_activation(seed, sold) if digital else _delivery(seed, sold))
    return tuple(papers)


def corrected_papers(seed: int, sold: Sold) -> tuple[NewEvidence, ...]:
    """The papers as an honest shop sends them again when asked: the slip mended."""
    return papers_of(seed, _mended(sold))


def _mended(sold: Sold) -> Sold:
    purchase = replace(_purchase(sold.wish), slip=None)
    return replace(sold, wish=replace(sold.wish, purchase=purchase), borrowed=None)


def _invoice(seed: int, sold: Sold) -> NewEvidence:
    purchase, wish = _purchase(sold.wish), sold.wish
    owner = purchase.ring if purchase.pattern is Pattern.INVOICE_REUSE else wish.key
    digits = int(rules.token(seed, "invoice", owner)[:13], 16) % 10**16
    buys_for_another = (
        purchase.pattern is Pattern.CLAIMANT_NOT_BUYER or purchase.slip is Slip.FAMILY_INVOICE
    )
    buyer = sold.other_document if buys_for_another else None
    return _paper(
        seed,
        EvidenceKind.INVOICE,
        owner,
        invoice_number=f"2699{digits:016d}",
        invoice_total_fen=sold.price_fen,
        invoiced_on=clock.business_day(sold.sold_at),
        buyer_document_no=buyer or wish.resident.document_no,
        seller_uscc=sold.shop_uscc,
    )


def _label(seed: int, sold: Sold) -> NewEvidence:
    purchase, wish = _purchase(sold.wish), sold.wish
    read = sold.serial
    if purchase.pattern is Pattern.SERIAL_REUSE:
        read = serial_of(seed, wish)
    if purchase.slip is Slip.WRONG_SERIAL:
        read = sold.serial[:-2] + sold.serial[-1] + sold.serial[-2] + "8"
    facts: dict[str, object] = {"serial_read": read, **_photo(seed, sold, "label")}
    if purchase.slip is Slip.NO_LOCATION:
        del facts["lat_e6"], facts["lon_e6"]
    if sold.energy_grade is not None:
        facts["grade_read"] = sold.energy_grade
    if sold.imei is not None:
        facts["imei_read"] = sold.imei
    return _paper(seed, EvidenceKind.LABEL, wish.key, **facts)


def _payment(seed: int, sold: Sold) -> NewEvidence:
    hired = _purchase(sold.wish).pattern is Pattern.CLAIMANT_NOT_BUYER
    return _paper(
        seed,
        EvidenceKind.PAYMENT,
        sold.wish.key,
        paid_fen=sold.to_pay_fen,
        paid_at=sold.sold_at,
        payer_document_no=(sold.other_document if hired else None)
        or sold.wish.resident.document_no,
    )


def _activation(seed: int, sold: Sold) -> NewEvidence:
    facts: dict[str, object] = {
        "activated_at": sold.sold_at + timedelta(minutes=8),
        **_photo(seed, sold, "activation"),
    }
    if sold.imei is not None:
        facts["imei_read"] = sold.imei
    return _paper(seed, EvidenceKind.ACTIVATION, sold.wish.key, **facts)


def _delivery(seed: int, sold: Sold) -> NewEvidence:
    purchase, who = _purchase(sold.wish), sold.wish.resident
    hired = purchase.pattern is Pattern.CLAIMANT_NOT_BUYER
    shipped_at, signed_at = sold.sold_at + _SHIPS_AFTER, sold.submit_at - timedelta(hours=4)
    if signed_at < shipped_at + timedelta(minutes=35):  # taken home from the shop
        shipped_at, signed_at = sold.sold_at, sold.submit_at
    return _paper(
        seed,
        EvidenceKind.DELIVERY,
        sold.wish.key,
        waybill=f"YS{rules.token(seed, 'waybill', sold.wish.key)[:12].upper()}",
        shipped_at=shipped_at,
        signed_at=signed_at,
        receiver_document_no=(sold.other_document if hired else None) or who.document_no,
        address_lat_e6=who.lat_e6,
        address_lon_e6=who.lon_e6,
        **_photo(seed, sold, "delivery"),
    )


def _photo(seed: int, sold: Sold, what: str) -> dict[str, object]:
    """Where, when and what a photo shows; a borrowed one is the same picture again."""
    purchase, who = _purchase(sold.wish), sold.wish.resident
    owner = purchase.ring if purchase.pattern is Pattern.PHOTO_REUSE else sold.wish.key
    if purchase.slip is Slip.PHOTO and sold.borrowed:
        owner = sold.borrowed
    rng = random.Random(rules.token(seed, "where", sold.wish.key, what))
    return {
        "photo_hash": rules.token(seed, "photo", owner, what)[:16],
        "lat_e6": who.lat_e6 + rng.randint(-_PER_KM_E6, _PER_KM_E6) // 5,
        "lon_e6": who.lon_e6 + rng.randint(-_PER_KM_E6, _PER_KM_E6) // 5,
        "taken_at": max(sold.sold_at, sold.submit_at - timedelta(hours=4)),
    }


def _paper(seed: int, kind: EvidenceKind, owner: str, **facts: object) -> NewEvidence:
    return NewEvidence(kind=kind, sha256=rules.token(seed, kind, owner), facts=facts)


def _purchase(wish: Wish) -> PurchasePlan:
    assert wish.purchase is not None, "papers belong to a purchase"
    return wish.purchase
