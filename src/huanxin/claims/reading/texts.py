"""Facts in lines of text: what stands behind which label on which paper."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from huanxin.claims.reading import numbers
from huanxin.claims.reading.found import Line, Place, fact, ordered
from huanxin.claims.reading.invoice_xml import facts_of_terms
from huanxin.claims.types.reading import ReadField, Source

_CAPITALS = "零壹贰叁肆伍陆柒捌玖拾佰仟万亿"
_GAP = r"[\s:：;；.]{0,4}"
_MONEY = r"[¥￥Y]?\s*(-?[\d,]{1,13}\.\d{2})(?!\d)"
_DAY = r"(\d{4}\s?[年./-]\s?\d{1,2}\s?[月./-]\s?\d{1,2})"
_MOMENT = r"(\d{4}[年./-]\d{1,2}[月./-]\d{1,2}日?\s{0,2}\d{1,2}:\d{2}(?::\d{2})?)"
_GOODS = r"([*×·★][^*×·★\n]{2,12}[*×·★][^\n]{1,40})"  # the tax class stands between stars
_MOST_AMOUNTS = 60
_WORD = r"([A-Z0-9][A-Z0-9./-]{3,39})"


@dataclass(frozen=True, slots=True)
class Page:
    """Lines joined into one text, each character knowing the line it came from."""

    text: str
    starts: tuple[int, ...]
    lines: tuple[Line, ...]

    def span(self, start: int, end: int) -> tuple[int, Place | None]:
        """Confidence and place of a piece of the text: the least of its lines, the last's place."""
        upto = list(
            zip(self.starts, [*self.starts[1:], len(self.text) + 1], self.lines, strict=True)
        )
        touched = [line for first, after, line in upto if first < end and after > start]
        return min((line.sure_bps for line in touched), default=0), touched[-1].place


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece of a page that a pattern found."""

    value: str
    sure_bps: int
    place: Place | None


def page_of(lines: Sequence[Line]) -> Page:
    """The lines in reading order, half width."""
    text, starts, kept = "", [], []
    for line in ordered(lines):
        starts.append(len(text))
        kept.append(line)
        text += numbers.half_width(line.text).strip() + "\n"
    return Page(text, tuple(starts), tuple(kept))


def find(page: Page, *patterns: str) -> Hit | None:
    """The first group of the first pattern that matches anywhere."""
    return next((hit for pattern in patterns for hit in find_all(page, pattern)), None)


def find_all(page: Page, pattern: str) -> Iterator[Hit]:
    """The first group of every match."""
    for match in re.finditer(pattern, page.text, re.IGNORECASE):
        sure, place = page.span(match.start(1), match.end(1))
        yield Hit(match[1].strip(), sure, place)


def invoice_facts(page: Page, source: Source) -> list[ReadField]:
    """The facts of an invoice's text: layout of the fully digital one and of its forerunners."""
    hits: dict[str, Hit | None] = {
        "number": find(page, rf"发票号码{_GAP}(\d{{20}}|\d{{8}})(?!\d)", r"(?<!\d)(\d{20})(?!\d)"),
        "code": find(page, rf"发票代码{_GAP}(\d{{10,12}})(?!\d)"),
        "on": find(page, rf"开票日期{_GAP}{_DAY}", r"(\d{4}年\d{1,2}月\d{1,2})日"),
        "total": find(page, rf"小写[)）]?{_GAP}{_MONEY}", rf"价税合计[^\d\n]{{0,12}}{_MONEY}"),
    }
    buyer, seller = _parties(page)
    hits |= {
        "buyer": buyer,
        "seller": seller,
        "goods": find(page, _GOODS),
    }
    terms = {name: _plain(hit.value) for name, hit in hits.items() if hit}
    if parts := _parts_and_total(page):
        terms |= {"net": parts[0].value, "tax": parts[1].value}
        hits["total"] = hits["total"] or parts[2]
    read = facts_of_terms(terms, source)
    return [_printed(one, hits, page, source) for one in read]


_TERMS = {
    "invoice_number": "number", "invoice_code": "code", "invoiced_on": "on",
    "invoice_total_fen": "total", "buyer_document_no": "buyer", "seller_uscc": "seller",
    "goods_name": "goods",
}  # fmt: skip


def _printed(one: ReadField, hits: dict[str, Hit | None], page: Page, source: Source) -> ReadField:
    """The same fact with the confidence of its print, and amounts held against their words."""
    hit, checked = hits.get(_TERMS[one.fact]), one.is_checked
    place = hit.place if hit else None
    if one.fact == "invoice_total_fen":
        checked = _agrees_with_words(page, one.value, adds_up=checked)
    if source is not Source.PRINT:
        return fact(one.fact, one.value, source, is_checked=checked, place=place)
    return fact(
        one.fact, one.value, source, sure_bps=hit.sure_bps if hit else 0, is_checked=checked,
        place=place, needs_check=one.fact not in {"invoice_code", "goods_name"},
    )  # fmt: skip


def _agrees_with_words(page: Page, total_fen: int, *, adds_up: bool | None) -> bool | None:
    """Whether the amount in figures is the one in capital characters, or the sum of its parts."""
    words = find(
        page, rf"([{_CAPITALS}]{{2,}}[圆元](?:整|(?:[{_CAPITALS}]角)?(?:零?[{_CAPITALS}]分)?整?))"
    )
    said = numbers.fen_in_words(words.value) if words else None
    if said == total_fen or adds_up:
        return True
    return adds_up if said is None else False


def _parts_and_total(page: Page) -> tuple[Hit, Hit, Hit] | None:
    """Net, tax and total: the largest amount on the page is the sum of two others, to the fen."""
    amounts = {numbers.fen(hit.value): hit for hit in list(find_all(page, _MONEY))[:_MOST_AMOUNTS]}
    known = {cents: hit for cents, hit in amounts.items() if cents}
    total = max(known, default=0)
    for net in sorted(known, reverse=True):
        if total - net in known and net >= total - net:
            return known[net], known[total - net], known[total]
    return None


def _parties(page: Page) -> tuple[Hit | None, Hit | None]:
    """Buyer and seller: whose number it is its own check digit tells, then which stands first."""
    codes = list(find_all(page, r"(?<![0-9A-Z])([0-9A-Z]{18})(?![0-9A-Z])"))
    people = [hit for hit in codes if numbers.is_resident(hit.value.upper())]
    # one resident number in thirty happens to fit a firm's check character as well
    firms = [hit for hit in codes if hit not in people and numbers.is_uscc(hit.value.upper())]
    buyer = people[0] if people else (firms[0] if len(firms) > 1 else None)
    return buyer, (firms[-1] if firms else None)


def _plain(text: str) -> str:
    return re.sub(r"[×·★]", "*", re.sub(r"\s", "", text)).rstrip("日")


def label_facts(page: Page, source: Source = Source.PRINT) -> list[ReadField]:
    """Serial, IMEI, model and energy grade as a nameplate or an energy label shows them."""
    found: list[ReadField] = []
    serial = find(
        page, rf"(?:S/?N|序列号|产品编号|机身号|出厂编号|机号|条码号){_GAP}(?:S/?N{_GAP})?{_WORD}"
    )
    if serial:
        found.append(_worded("serial_read", serial.value.upper(), serial, source))
    found += imei_facts(page, source)
    model = find(page, rf"(?:产品型号|规格型号|型号名称|型\s?号|MODEL){_GAP}{_WORD}")
    if model:
        found.append(_worded("model_read", model.value.upper(), model, source))
    grade = find(
        page, r"(?:能效|水效)等级\D{0,4}([1-5])(?!\d)", r"(?<!\d)([1-5])\s?级(?:能效|水效)"
    )
    if grade:
        found.append(_worded("grade_read", int(grade.value), grade, source))
    made = find(page, rf"(?:生产日期|制造日期|出厂日期){_GAP}{_DAY}")
    if made and (made_on := numbers.day(_plain(made.value))):
        found.append(_worded("produced_on", made_on, made, source))
    return found


def imei_facts(page: Page, source: Source = Source.PRINT) -> list[ReadField]:
    """The first number of fifteen digits that carries its check digit, or one labelled IMEI."""
    hits = list(find_all(page, r"(?<!\d)(\d{15})(?!\d)"))
    hits += find_all(page, rf"IMEI\s?1?{_GAP}(\d[\d ]{{13,18}}\d)")
    for hit in hits:
        plain = hit.value.replace(" ", "")
        if numbers.is_imei(plain):
            return [_numbered("imei_read", plain, hit, source, is_checked=True)]
    labelled = next((hit for hit in hits if len(hit.value.replace(" ", "")) == 15), None)
    if labelled is None:
        return []
    plain = labelled.value.replace(" ", "")
    return [_numbered("imei_read", plain, labelled, source, is_checked=False)]


def delivery_facts(page: Page, source: Source = Source.PRINT) -> list[ReadField]:
    """Waybill, carrier, the moments of sending and signing, and the address of a delivery."""
    hits = {
        "waybill": find(page, rf"(?:运单号|运单编号|快递单号|物流单号|送货单号){_GAP}{_WORD}"),
        "carrier": find(
            page, rf"(?:承运商|承运人|物流公司|快递公司|承运单位){_GAP}([^\s:：]{{2,20}})"
        ),
        "address": find(page, rf"(?:收货地址|送货地址|收件地址){_GAP}([^\n]{{6,60}})"),
    }
    found = [_worded(name, hit.value, hit, source) for name, hit in hits.items() if hit]
    return [
        *found,
        *_moments(
            page, source, shipped_at="发货时间|出库时间|揽收时间", signed_at="签收时间|送达时间"
        ),
    ]


def activation_facts(page: Page, source: Source = Source.PRINT) -> list[ReadField]:
    """IMEI and moment of activation as the phone's own page shows them."""
    return [*imei_facts(page, source), *_moments(page, source, activated_at="激活时间|激活日期")]


def payment_facts(page: Page, source: Source = Source.PRINT) -> list[ReadField]:
    """Amount and moment of a payment slip or screenshot."""
    found = _moments(page, source, paid_at="支付时间|付款时间|交易时间")
    amount = find(
        page,
        rf"(?:实付金额|支付金额|付款金额|交易金额|实付款|实付){_GAP}{_MONEY}",
        rf"[¥￥]{_MONEY}",
    )
    cents = numbers.fen(amount.value.removeprefix("-")) if amount else None
    if amount and cents is not None:
        found.append(_worded("paid_fen", cents, amount, source))
    return found


def _moments(page: Page, source: Source, **labels: str) -> list[ReadField]:
    found = []
    for name, label in labels.items():
        hit = find(page, rf"(?:{label}){_GAP}{_MOMENT}")
        at = numbers.moment(hit.value) if hit else None
        if hit and at:
            found.append(_worded(name, at, hit, source))
    return found


def _worded(name: str, value: Any, hit: Hit, source: Source) -> ReadField:
    sure = hit.sure_bps if source is Source.PRINT else None
    return fact(name, value, source, sure_bps=sure, place=hit.place)


def _numbered(name: str, value: Any, hit: Hit, source: Source, *, is_checked: bool) -> ReadField:
    sure = hit.sure_bps if source is Source.PRINT else None
    return fact(name, value, source, sure_bps=sure, is_checked=is_checked, place=hit.place)
