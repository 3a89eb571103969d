"""What lies on a till between two scans: kept in the cashier's session, never in the page.

The vouchers come only from a code the customer showed, so a page cannot name somebody else's.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest
from stdnum import ean
from stdnum import imei as imei_check

from huanxin.claims.types import NewSale
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import Invalid
from huanxin.vouchers.types import VoucherCard, VoucherKind

QUOTE_MINUTES = 15
_KEY, _SOLD = "till", "till_sold"
_SOLD_KEPT = 20
_UNSCANNED = "尚未扫描"  # a quote writes nothing and does not look at the serial number
_CHINESE_BARCODE = re.compile(r"69\d{11}")
_DIGITAL_LINK = re.compile(r"/01/(?P<gtin>\d{8,14})(?:/21/(?P<serial>[^/?#]+))?")


class BarcodeMisread(Invalid):
    """Thirteen digits that begin as barcodes do here, with a check digit that does not fit."""

    code = "web.barcode_misread"
    say = "条码 {digits} 的校验位不对，可能没有扫全或输错了一位。"
    do = "请重新扫描；如果它是序列号，请直接填在“序列号”一栏。"


@dataclass(frozen=True, slots=True)
class Held:
    """A voucher the customer showed, as far as the till needs it."""

    id: str
    kind: str
    number: str
    category_code: str
    worth_fen: int
    expires_at: str

    @property
    def until(self) -> datetime | None:
        return datetime.fromisoformat(self.expires_at) if self.expires_at else None


@dataclass(frozen=True, slots=True)
class Basket:
    """One sale in the making. `quoted_at` is the moment its price stands for."""

    request_id: str
    quoted_at: str
    person_id: str = ""
    vouchers: tuple[Held, ...] = ()
    trade_in_id: str = ""
    consumption_ids: tuple[str, ...] = ()
    gtin: str = ""
    serial: str = ""
    imei: str = ""
    list_price_fen: int | None = None
    discount_fen: int = 0

    @property
    def is_fresh(self) -> bool:
        """Whether its price may still be taken."""
        age = clock.now() - datetime.fromisoformat(self.quoted_at)
        return age < timedelta(minutes=QUOTE_MINUTES)

    @property
    def qualifications(self) -> list[Held]:
        return [held for held in self.vouchers if held.kind == VoucherKind.QUALIFICATION]

    @property
    def trade_ins(self) -> list[Held]:
        return [held for held in self.vouchers if held.kind == VoucherKind.HUANXIN]

    @property
    def consumptions(self) -> list[Held]:
        return [held for held in self.vouchers if held.kind == VoucherKind.CONSUMPTION]

    @property
    def voucher_ids(self) -> tuple[UUID, ...]:
        """The consumption vouchers that are to be spent."""
        return tuple(UUID(one) for one in self.consumption_ids)

    def right_for(self, category_code: str | None) -> Held | None:
        """The shown qualification for a category, else any: the service says why it does not do."""
        mine = [held for held in self.qualifications if held.category_code == category_code]
        return next(iter(mine or self.qualifications), None)

    def as_sale(self, actor: Actor, category_code: str | None) -> NewSale | None:
        """What the till would sell; None while the right, the product or the price is missing."""
        right = self.right_for(category_code)
        if right is None or not self.gtin or self.list_price_fen is None or actor.org_id is None:
            return None
        return NewSale(
            merchant_id=actor.org_id,
            till_id=actor.name[:40],
            person_id=UUID(self.person_id),
            qualification_id=UUID(right.id),
            trade_in_voucher_id=UUID(self.trade_in_id) if self.trade_in_id else None,
            consumption_voucher_ids=self.voucher_ids,
            gtin=self.gtin,
            serial=self.serial or _UNSCANNED,
            imei=self.imei or None,
            list_price_fen=self.list_price_fen,
            discount_fen=self.discount_fen,
            sold_at=datetime.fromisoformat(self.quoted_at),
        )


def read_scan(text: str) -> dict[str, str]:
    """What was scanned: a customer's code (12 digits), a barcode, an IMEI or a serial number.

    >>> read_scan("1234 5678 9012"), read_scan("6901234567892"), read_scan("490154203237518")
    ({'code': '123456789012'}, {'gtin': '6901234567892'}, {'imei': '490154203237518'})
    >>> read_scan("https://id.example/01/06901234567892/21/SN1?x=1")
    {'gtin': '06901234567892', 'serial': 'SN1'}
    >>> read_scan(" bc9k2q4w ")
    {'serial': 'bc9k2q4w'}

    Refuses a barcode whose check digit is off, so that it is not taken for a serial number.
    """
    text = text.strip()
    if link := _DIGITAL_LINK.search(urlsplit(text).path if "://" in text else ""):
        return {key: value for key, value in link.groupdict().items() if value}
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit()):
        return {"serial": text}
    if len(digits) == 12:
        return {"code": digits}
    if len(digits) == 15 and imei_check.is_valid(digits):
        return {"imei": digits}
    if ean.is_valid(digits):
        return {"gtin": digits}
    if _CHINESE_BARCODE.fullmatch(digits):
        raise BarcodeMisread(digits=digits)
    return {"serial": digits}


def load(request: HttpRequest) -> Basket:
    """The basket of this session; a new one if there is none."""
    kept = request.session.get(_KEY)
    if kept is None:
        return Basket(str(ids.new_id()), clock.now().isoformat())
    shown = tuple(Held(**one) for one in kept["vouchers"])
    chosen = tuple(kept.get("consumption_ids", ()))
    return Basket(**{**kept, "vouchers": shown, "consumption_ids": chosen})


def keep(request: HttpRequest, basket: Basket) -> Basket:
    """Store a changed basket; its price is of this moment."""
    basket = replace(basket, quoted_at=clock.now().isoformat())
    request.session[_KEY] = asdict(basket)
    return basket


def show(basket: Basket, cards: Sequence[VoucherCard]) -> Basket:
    """Lay a customer's vouchers on the till, in place of whoever was there."""
    held = tuple(
        Held(
            str(card.id), card.kind, card.number, card.category_code,
            card.value_fen or card.cap_fen or 0,
            card.expires_at.isoformat() if card.expires_at else "",
        )
        for card in sorted(cards, key=lambda card: card.kind != VoucherKind.QUALIFICATION)
    )  # fmt: skip
    trade_in = next((one.id for one in held if one.kind == VoucherKind.HUANXIN), "")
    return replace(
        basket,
        vouchers=held,
        trade_in_id=trade_in,
        consumption_ids=tuple(one.id for one in held if one.kind == VoucherKind.CONSUMPTION),
        person_id=str(cards[0].person_id),
    )


def clear(request: HttpRequest, *, sale_id: UUID | None = None) -> None:
    """Empty the till; after a sale remember which request made it, so that a repeat finds it."""
    basket = request.session.pop(_KEY, None)
    if basket and sale_id:
        sold: Mapping[str, Any] = request.session.get(_SOLD, {})
        latest = list({**sold, basket["request_id"]: str(sale_id)}.items())[-_SOLD_KEPT:]
        request.session[_SOLD] = dict(latest)


def sold_before(request: HttpRequest, request_id: UUID) -> UUID | None:
    """The sale that this request made earlier in the session."""
    sale_id = request.session.get(_SOLD, {}).get(str(request_id))
    return UUID(sale_id) if sale_id else None
