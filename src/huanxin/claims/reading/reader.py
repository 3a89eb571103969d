"""Reads one paper: its data first, then its codes, then the print beside them, last a page."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PIL import Image

from huanxin.claims.reading import (
    codes,
    images,
    invoice_qr,
    invoice_xml,
    numbers,
    ofd,
    pdf,
    printed,
    texts,
    xml_reader,
)
from huanxin.claims.reading.found import CannotRead, Code, Line, Read, best, fact
from huanxin.claims.reading.sniff import Media
from huanxin.claims.types import EvidenceKind
from huanxin.claims.types.reading import ReadField, Source

_NO_INVOICE = CannotRead("文件里没有发票内容", "请上传发票原件，不要上传其他文件。")
_TEXT_FACTS: dict[EvidenceKind, Callable[[texts.Page, Source], list[ReadField]]] = {
    EvidenceKind.INVOICE: texts.invoice_facts,
    EvidenceKind.LABEL: texts.label_facts,
    EvidenceKind.DELIVERY: texts.delivery_facts,
    EvidenceKind.ACTIVATION: texts.activation_facts,
    EvidenceKind.PAYMENT: texts.payment_facts,
}
_SERIAL_LEAST, _SERIAL_MOST = 6, 40
Terms = tuple[float, float, float, float, float, float]  # of an affine map, crop to picture
_BESIDE = {"buyer_document_no", "seller_uscc", "goods_name"}
# Where buyer, seller and goods stand on an invoice, in widths of its QR code from its corner.
_PARTIES_AND_GOODS = (-0.6, 1.1, 10.4, 3.2)


def is_installed() -> bool:
    """Whether everything that reads codes, print and PDFs is there."""
    return codes.is_installed() and printed.is_installed() and pdf.is_installed()


def is_data(media: Media) -> bool:
    """Whether a kind of file is read without the extra, in a few milliseconds."""
    return media in {Media.XML, Media.OFD}


def read(content: bytes, media: Media, kind: EvidenceKind) -> Read:
    """Every fact of this kind of paper that the bytes carry; raises CannotRead."""
    if media is Media.XML:
        root = xml_reader.root_of(content)
        if not invoice_xml.is_invoice(root):
            raise _NO_INVOICE
        return Read(best(invoice_xml.facts_of(root)))
    if media is Media.OFD:
        fields, lines = ofd.read(content)
        return Read(best([*fields, *_text(lines, kind, Source.TEXT)]))
    if media is Media.PDF:
        lines, scan = pdf.read(content)
        if scan is None:
            return Read(best(_text(lines, kind, Source.TEXT)))
        return _picture(scan, kind)
    return _picture(images.opened(content).image, kind)


def _text(lines: Sequence[Line], kind: EvidenceKind, source: Source) -> list[ReadField]:
    facts_of = _TEXT_FACTS.get(kind)
    return facts_of(texts.page_of(lines), source) if facts_of and lines else []


def _picture(image: Image.Image, kind: EvidenceKind) -> Read:
    if kind is EvidenceKind.OLD_UNIT:
        return Read()
    if kind is EvidenceKind.INVOICE:
        return _invoice_photo(image)
    barcodes = codes.of_picture(image) if kind is not EvidenceKind.PAYMENT else []
    fields = _code_facts(barcodes, kind)
    if kind is EvidenceKind.ACTIVATION and not _wanted(kind, fields):
        return Read(best(fields))
    lines = printed.of_picture(image)
    return Read(best([*fields, *_text(lines, kind, Source.PRINT)]), used_print=True)


def _wanted(kind: EvidenceKind, fields: Sequence[ReadField]) -> set[str]:
    wanted = {EvidenceKind.ACTIVATION: {"imei_read", "activated_at"}}.get(kind, set())
    return wanted - {one.fact for one in fields if one.is_sure}


def _invoice_photo(image: Image.Image) -> Read:
    """The QR code tells number, total and date; the parties stand beside it at a known place."""
    for code in codes.of_picture(image, qr_only=True):
        said = invoice_qr.parsed(code.text)
        if said is None:
            continue
        fields = _qr_facts(said, code)
        parties = _printed_below(image, code)
        sure = {one.fact for one in parties if one.is_sure}
        if sure >= {"buyer_document_no", "seller_uscc"} and said.total_fen:
            return Read(best([*fields, *parties]), used_print=True)
        # sought beyond the crop only for what the code does not say
        whole = _invoice_print(image)
        return Read(best([*fields, *parties, *whole]), used_print=True)
    return Read(best(_invoice_print(image)), used_print=True)


def _printed_below(image: Image.Image, code: Code) -> list[ReadField]:
    cut = _crop_below(image, code)
    if cut is None:
        return []
    crop, terms = cut
    read = (one for one in _invoice_print(crop) if one.fact in _BESIDE)
    return [_on_picture(one, crop, terms, image) for one in read]


def _invoice_print(image: Image.Image) -> list[ReadField]:
    return _text(printed.of_picture(image), EvidenceKind.INVOICE, Source.PRINT)


def _qr_facts(said: invoice_qr.InvoiceCode, code: Code) -> list[ReadField]:
    agrees = numbers.invoice_agrees(said.number, said.invoiced_on)
    found = [
        fact("invoice_number", said.number, Source.QR, is_checked=agrees, place=code.place),
        fact("invoiced_on", said.invoiced_on, Source.QR, place=code.place),
    ]
    if said.code:
        found.append(fact("invoice_code", said.code, Source.QR, place=code.place))
    if said.total_fen is not None:
        found.append(fact("invoice_total_fen", said.total_fen, Source.QR, place=code.place))
    return found


def _crop_below(image: Image.Image, code: Code) -> tuple[Image.Image, Terms] | None:
    """The band below the code, turned level by the code's own corners, and where it came from."""
    if len(code.corners) != 4:
        return None
    (x, y), (right_x, right_y), _, (down_x, down_y) = code.corners
    across, down = (right_x - x, right_y - y), (down_x - x, down_y - y)
    left, top, right, bottom = _PARTIES_AND_GOODS
    size = max(abs(across[0]), abs(across[1]), 1)
    scale = min(1.0, 1_280 / ((right - left) * size))
    width, height = int((right - left) * size * scale), int((bottom - top) * size * scale)
    if width < 200 or height < 40:
        return None
    step = 1 / (size * scale)
    terms = (
        across[0] * step, down[0] * step, x + across[0] * left + down[0] * top,
        across[1] * step, down[1] * step, y + across[1] * left + down[1] * top,
    )  # fmt: skip
    crop = image.transform((width, height), Image.Transform.AFFINE, terms, Image.Resampling.BICUBIC)
    return crop, terms


def _on_picture(one: ReadField, crop: Image.Image, terms: Terms, image: Image.Image) -> ReadField:
    """The same fact with its place on the whole picture instead of on the crop."""
    if one.place is None:
        return one
    x, y, width, height = one.place
    a, b, c, d, e, f = terms
    corners = [
        (a * u + b * v + c, d * u + e * v + f)
        for u in (x * crop.width / 10_000, (x + width) * crop.width / 10_000)
        for v in (y * crop.height / 10_000, (y + height) * crop.height / 10_000)
    ]
    left, top = min(u for u, _ in corners), min(v for _, v in corners)
    right, low = max(u for u, _ in corners), max(v for _, v in corners)
    place = (
        max(int(left * 10_000 / image.width), 0), max(int(top * 10_000 / image.height), 0),
        int((right - left) * 10_000 / image.width), int((low - top) * 10_000 / image.height),
    )  # fmt: skip
    return replace(one, place=place)


def _code_facts(found: Sequence[Code], kind: EvidenceKind) -> list[ReadField]:
    """What each code can only be: goods by GTIN, a phone by IMEI, a unit or a waybill else."""
    fields: list[ReadField] = []
    for code in found:
        text = code.text.strip()
        if kind is EvidenceKind.DELIVERY:
            if not code.is_qr and _is_serial(text):
                fields.append(fact("waybill", text.upper(), Source.BARCODE, place=code.place))
        elif numbers.is_imei(text):
            fields.append(
                fact("imei_read", text, Source.BARCODE, is_checked=True, place=code.place)
            )
        elif kind is EvidenceKind.LABEL:
            fields += _unit_facts(code, text)
    return _first_of_each(fields)


def _unit_facts(code: Code, text: str) -> list[ReadField]:
    if numbers.is_gtin(text) and not code.is_qr:
        value = text.zfill(13)
        return [fact("gtin_read", value, Source.BARCODE, is_checked=True, place=code.place)]
    if _is_serial(text) and not (code.is_qr and text.isdigit()):
        return [fact("serial_read", text.upper(), Source.BARCODE, place=code.place)]
    return []


def _is_serial(text: str) -> bool:
    plain = text.replace("-", "").replace("/", "")
    return _SERIAL_LEAST <= len(text) <= _SERIAL_MOST and plain.isascii() and plain.isalnum()


def _first_of_each(fields: Sequence[ReadField]) -> list[ReadField]:
    """A phone's box carries two IMEIs: the first stands. Two different serials are no serial."""
    kept: dict[str, ReadField] = {}
    for one in fields:
        first = kept.setdefault(one.fact, one)
        if first.value != one.value and one.fact in {"serial_read", "waybill"}:
            kept[one.fact] = fact(
                one.fact, first.value, Source.BARCODE, sure_bps=5_000, place=first.place
            )
    return list(kept.values())
