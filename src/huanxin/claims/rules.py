"""Decisions about sales and claims: amounts, evidence, outcomes, sentences. Pure, no Django.

What happens to money and right when a claim is refused (docs/adr/052, 159):
the machine's refusal holds the money for APPEAL_DAYS so that an appeal finds it still there; when
nobody appeals, or a person refuses, every hold of the sale is voided: the pool and the funders of
the 焕新券 and consumption vouchers have theirs back. The rights stay used and the device locked:
the buyer had her discounts, the merchant bears them. Only a return of the goods frees them.
"""

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from stdnum import imei as imei_check

from huanxin.claims.errors import (
    EvidenceInvalid,
    PartNotPositive,
    PartTooLarge,
    PriceInvalid,
    SerialInvalid,
)
from huanxin.claims.types import (
    AuditStatus,
    EvidenceKind,
    Outcome,
    Reason,
    ReviewVerdict,
    SaleAmounts,
    VerifyStatus,
)
from huanxin.claims.types.reading import RELATIONS
from huanxin.kernel.money import yuan

APPEAL_DAYS = 7  # the platform's own parameter: no public rule states one
APPEAL_PERIOD = timedelta(days=APPEAL_DAYS)
# The platform's own: how often the machine gives a claim back before a person looks instead.
MOST_MENDS = 2
SHOP_MENDS = 2
SHOP_MEND_SHARE = 5  # one in so many of the shop's claims
MEND_WINDOW = timedelta(days=30)
KIND_NAMES = {
    EvidenceKind.INVOICE: "发票",
    EvidenceKind.LABEL: "机身铭牌与序列号照片",
    EvidenceKind.DELIVERY: "送货签收",
    EvidenceKind.ACTIVATION: "开箱激活照片",
    EvidenceKind.PAYMENT: "付款凭证",
    EvidenceKind.OLD_UNIT: "旧机交回照片",
}

# What check evidence_missing calls each gap, and what the merchant reads.
_MISSING_WORDS = {
    "no_invoice_total": "发票价税合计",
    "no_buyer": "发票上的购买人证件号",
    "no_serial": "可辨认的序列号",
    "no_location": "带拍摄位置的铭牌照片",
    "no_delivery_place": "带拍摄位置的送货照片",
    "no_sign_off": "签收时间",
    "no_activation": "激活时间",
    "no_imei": "可辨认的 IMEI",
}

_PHOTO = {"photo_hash": str, "lat_e6": int, "lon_e6": int, "taken_at": datetime}
# Facts that each kind of evidence may carry. `*_document_no` becomes `*_pseudonym` when stored,
# cards, addresses, IPs and phones become keys (_papers._BLINDED).
FACTS: dict[EvidenceKind, dict[str, type]] = {
    EvidenceKind.INVOICE: {
        "invoice_number": str, "invoice_code": str, "invoice_total_fen": int, "invoiced_on": date,
        "buyer_document_no": str, "seller_uscc": str, "invoiced_at": datetime,
        "goods_name": str, "red_on": date, "invoice_type": str, "invoice_check_code": str,
        "invoice_link": str, "invoice_tax_fen": int, "seller_name": str, "goods_count": int,
    },
    EvidenceKind.LABEL: {"serial_read": str, "imei_read": str, "grade_read": int,
                         "gtin_read": str, "model_read": str, "produced_on": date, **_PHOTO},
    EvidenceKind.DELIVERY: {
        "waybill": str, "carrier": str, "shipped_at": datetime, "signed_at": datetime,
        "receiver_document_no": str, "receiver_relation": str,
        "address_lat_e6": int, "address_lon_e6": int,
        "address": str, "address_region_code": str, "receiver_phone": str, "route_scans": int,
        "ship_from_region_code": str, "pickup_mode": str,
        **_PHOTO,
    },
    EvidenceKind.ACTIVATION: {"activated_at": datetime, "imei_read": str, **_PHOTO},
    EvidenceKind.PAYMENT: {
        "paid_fen": int, "paid_at": datetime, "payer_document_no": str, "payer_relation": str,
        "card_no": str, "ip": str,
        "ip_region_code": str, "lat_e6": int, "lon_e6": int, "refunded_fen": int,
    },
    EvidenceKind.OLD_UNIT: dict(_PHOTO),
}  # fmt: skip


def normal_serial(serial: str) -> str:
    """A serial number or brand as it is compared: half width, upper case, letters and digits.

    >>> normal_serial(" ｈx-2026 / 00a1 "), normal_serial("海尔 ")
    ('HX202600A1', '海尔')
    """
    return "".join(c for c in unicodedata.normalize("NFKC", serial).upper() if c.isalnum())


def check_serial(serial: str) -> str:
    """The comparable serial; refuses one too short or too long to identify a unit."""
    normal = normal_serial(serial)
    if not 4 <= len(normal) <= 40:
        raise SerialInvalid(field="序列号", value=serial, reason="应含 4 至 40 位字母或数字")
    return normal


def check_imei(imei: str | None) -> str | None:
    """Fifteen digits with a Luhn check digit, or none at all.

    >>> check_imei("490154203237518")
    '490154203237518'
    """
    if not imei:
        return None
    if not imei_check.is_valid(imei):
        raise SerialInvalid(field="IMEI", value=imei, reason="应为 15 位数字且校验位正确")
    return str(imei_check.compact(imei))


def check_discounts(
    *, list_price_fen: int, discount_fen: int, trade_in_fen: int, consumption_fen: int = 0
) -> int:
    """The final price after all discounts, vouchers included: the subsidy's base since 2025.

    >>> check_discounts(list_price_fen=499_900, discount_fen=0, trade_in_fen=6_000)
    493900
    """
    if list_price_fen <= 0:
        raise PriceInvalid(reason="标价必须大于零")
    if discount_fen < 0 or trade_in_fen < 0:
        raise PriceInvalid(reason="优惠金额不能为负")
    price_fen = list_price_fen - discount_fen - trade_in_fen - consumption_fen
    if price_fen <= 0:
        raise PriceInvalid(reason="优惠和各种券合计不能达到或超过标价")
    return price_fen


def amounts(
    *,
    list_price_fen: int,
    discount_fen: int,
    trade_in_fen: int,
    subsidy_fen: int,
    consumption_fen: int = 0,
    tender_fen: int = 0,
) -> SaleAmounts:
    """Everything the receipt shows, adding up to the fen.

    >>> a = amounts(
    ...     list_price_fen=499_900, discount_fen=0, trade_in_fen=6_000, subsidy_fen=74_085
    ... )
    >>> a.price_fen, a.to_pay_fen
    (493900, 419815)
    """
    price_fen = list_price_fen - discount_fen - trade_in_fen - consumption_fen
    if subsidy_fen + tender_fen > price_fen:
        raise PriceInvalid(reason="补贴和消费券合计不能超过成交价")
    return SaleAmounts(
        list_price_fen,
        discount_fen,
        trade_in_fen,
        price_fen,
        subsidy_fen,
        to_pay_fen=price_fen - subsidy_fen - tender_fen,
        consumption_fen=consumption_fen,
        tender_fen=tender_fen,
    )


def rule_facts(household_paid_fen: int) -> dict[str, int | bool]:
    """What a sale tells the rule beyond goods and price: a right is a verified individual's, and
    what its holder has had of a total that purchases share.
    """
    return {"is_individual": True, "household_paid_fen": household_paid_fen}


def reduced(
    *, sold: SaleAmounts, price_fen: int, off_fen: int, rule_fen: int, most_fen: int
) -> tuple[int, int, int]:
    """(price, subsidy, to pay) after a price reduction of `off_fen`.

    `price_fen` is the price that stands, `rule_fen` what the rule of the sale's day gives on the
    new one, `most_fen` the most it may be: what was given, or what was paid already. Vouchers that
    were handed in stay spent: only the subsidy is computed anew. The buyer gets back what she has
    to pay less: off minus the subsidy that goes back to the pool.

    >>> sold = SaleAmounts(499_900, 0, 6_000, 493_900, 74_085, 419_815)
    >>> reduced(sold=sold, price_fen=493_900, off_fen=10_000, rule_fen=72_585, most_fen=74_085)
    (483900, 72585, 411315)
    """
    if off_fen <= 0:
        raise PartNotPositive
    new_price_fen = price_fen - off_fen
    if new_price_fen <= sold.tender_fen:
        raise PartTooLarge(off=yuan(off_fen), price=yuan(price_fen))
    subsidy_fen = min(rule_fen, most_fen, new_price_fen - sold.tender_fen)
    to_pay_fen = new_price_fen - sold.tender_fen - subsidy_fen
    return new_price_fen, subsidy_fen, to_pay_fen


def missing_evidence(wanted: str, have: Iterable[str]) -> tuple[EvidenceKind, ...]:
    """The kinds that the stored list (comma-separated) asks for and nobody has handed in."""
    got = set(have)
    return tuple(EvidenceKind(kind) for kind in wanted.split(",") if kind and kind not in got)


def fact_value(kind: EvidenceKind, name: str, value: object) -> object:
    """A fact as it is kept: days and moments come as text from a call's JSON.

    >>> fact_value(EvidenceKind.INVOICE, "invoiced_on", "2026-09-01")
    datetime.date(2026, 9, 1)
    """
    wanted = FACTS[kind].get(name)
    if not isinstance(value, str) or wanted not in {date, datetime}:
        return value
    try:
        return datetime.fromisoformat(value) if wanted is datetime else date.fromisoformat(value)
    except ValueError as error:
        reason = f"“{value}”不是日期或时间（RFC 3339）"
        raise EvidenceInvalid(kind=KIND_NAMES[kind], fact=name, reason=reason) from error


def check_fact(kind: EvidenceKind, name: str, value: object) -> None:
    """Refuse a fact this kind does not carry, or a value that cannot be one."""
    wanted = FACTS[kind].get(name)
    if wanted is None:
        raise EvidenceInvalid(kind=KIND_NAMES[kind], fact=name, reason="该材料没有这一项")
    is_right = isinstance(value, wanted) and not isinstance(value, bool)
    if wanted is datetime and is_right:
        is_right = value.tzinfo is not None  # type: ignore[attr-defined]
    if not is_right:
        raise EvidenceInvalid(kind=KIND_NAMES[kind], fact=name, reason="值的类型不对")
    if name.endswith("_relation") and value not in RELATIONS:
        raise EvidenceInvalid(
            kind=KIND_NAMES[kind], fact="与领取人的关系", reason="应为" + "、".join(RELATIONS)
        )
    if name == "invoice_number" and invoice_key("", str(value)) is None:
        raise EvidenceInvalid(
            kind=KIND_NAMES[kind], fact="发票号码", reason="应为 20 位，旧版发票为 8 位加发票代码"
        )


def invoice_key(code: str, number: str) -> str | None:
    """What makes an invoice unique: 20 digits alone, or the older code and number. Else None.

    >>> invoice_key("", "26372000000012345678")
    '26372000000012345678'
    >>> invoice_key("3700201130", "12345678")
    '3700201130-12345678'
    """
    if not (number.isascii() and number.isdigit()):
        return None
    if len(number) == 20:
        return number
    if len(number) == 8:
        return f"{code}-{number}"
    return None


def category_named(goods_name: str, words: Sequence[tuple[str, str]]) -> str | None:
    """The category an invoice's goods are called by; None where no known word appears.

    >>> category_named("*制冷电器*某牌冰箱 BCD-500", [("电视", "tv"), ("冰箱", "refrigerator")])
    'refrigerator'
    """
    goods = goods_name.rpartition("*")[2] or goods_name  # before it the tax authority's class
    return next((code for word, code in words if word in goods), None)


def decided(outcomes: Iterable[Outcome]) -> tuple[VerifyStatus, AuditStatus]:
    """One claim's decision from everything the checks found: the gravest wins, notes never stop it.

    >>> decided([Outcome.NOTE, Outcome.HOLD])
    (<VerifyStatus.HELD: 'held'>, <AuditStatus.WAITING: 'waiting'>)
    >>> decided([Outcome.NOTE, Outcome.MEND])
    (<VerifyStatus.MENDING: 'mending'>, <AuditStatus.NONE: 'none'>)
    >>> decided([])
    (<VerifyStatus.PASSED: 'passed'>, <AuditStatus.NONE: 'none'>)
    """
    found = set(outcomes)
    if Outcome.REFUSE in found:
        return VerifyStatus.REFUSED, AuditStatus.NONE
    if Outcome.HOLD in found:
        return VerifyStatus.HELD, AuditStatus.WAITING
    if Outcome.MEND in found:
        return VerifyStatus.MENDING, AuditStatus.NONE
    return VerifyStatus.PASSED, AuditStatus.NONE


def is_mended_no_more(mend_count: int, *, shop_mends: int, shop_decided: int) -> bool:
    """Whether a person looks instead of the merchant mending once more (docs/adr/178).

    After MOST_MENDS times of one claim; and at a shop whose papers came back SHOP_MENDS times or
    more within MEND_WINDOW and in a fifth of its claims or more.

    >>> is_mended_no_more(2, shop_mends=0, shop_decided=0)
    True
    >>> is_mended_no_more(0, shop_mends=2, shop_decided=10)
    True
    >>> is_mended_no_more(1, shop_mends=2, shop_decided=11)
    False
    """
    often = shop_mends >= SHOP_MENDS and shop_mends * SHOP_MEND_SHARE >= shop_decided
    return mend_count >= MOST_MENDS or often


def takes_evidence(verify: VerifyStatus, audit: AuditStatus, *, is_submitted: bool) -> bool:
    """Whether papers may still be handed in: before the checks, to mend, or again while held."""
    if verify is VerifyStatus.WAITING:
        return not is_submitted
    if verify is VerifyStatus.MENDING:
        return audit is AuditStatus.NONE
    return verify is VerifyStatus.HELD and audit is AuditStatus.WAITING


def may_appeal(
    verify: VerifyStatus, audit: AuditStatus, *, decided_at: datetime | None, now: datetime
) -> bool:
    """Only a machine's refusal, only within the appeal period."""
    refused = verify is VerifyStatus.REFUSED and audit is AuditStatus.NONE
    return refused and decided_at is not None and now < appeal_ends(decided_at)


def appeal_ends(decided_at: datetime) -> datetime:
    """When a machine's refusal becomes final if nobody appeals."""
    return decided_at + APPEAL_PERIOD


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A row of data/reasons.csv. `say` is a template over a finding's evidence."""

    code: str
    kind: str
    title: str
    say: str
    do: str


@cache
def reasons() -> Mapping[str, ReasonText]:
    """The numbered reasons, by code."""
    text = resources.files("huanxin.claims").joinpath("data/reasons.csv").read_text("utf-8")
    return {row["code"]: ReasonText(**row) for row in csv.DictReader(text.splitlines())}


def reason(code: str, facts: Mapping[str, Any]) -> Reason:
    """A numbered reason in words, its template filled; amounts read as yuan, absent facts as 未知.

    >>> reason("R312", {"final_price_fen": 520_000, "filed_price_fen": 499_900}).say
    '成交价 ¥5,200.00（未减焕新券）高于备案价 ¥4,999.00。'
    """
    row = reasons()[code]
    missing = [word for fact, word in _MISSING_WORDS.items() if facts.get(fact)]
    facts = {**facts, "missing": "、".join(missing)} if missing else facts
    return Reason(code, row.say.format_map(_Words(facts)) + "。", row.do)


def reasons_of(verdict: ReviewVerdict) -> Sequence[ReasonText]:
    """The reasons a reviewer may give for a verdict."""
    return [row for row in reasons().values() if row.kind == verdict.value]


def plain_evidence(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """A finding's columns as JSON holds them."""
    plain = (bool, int, str, type(None))
    return {key: v if isinstance(v, plain) else str(v) for key, v in evidence.items()}


class _Words(dict[str, str]):
    """Facts as people read them."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__({key: _word(key, value) for key, value in facts.items()})

    def __missing__(self, key: str) -> str:
        return "未知"


def _word(key: str, value: Any) -> str:
    if value is None or value == "":
        return "未知"
    return yuan(int(value)) if key.endswith("_fen") else str(value)
