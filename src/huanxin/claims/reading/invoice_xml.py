"""Invoices as data: the XML of a fully digital invoice and of the older electronic one."""

from collections.abc import Iterable
from datetime import date
from xml.etree.ElementTree import Element

from huanxin.claims.reading import numbers
from huanxin.claims.reading.found import fact
from huanxin.claims.reading.xml_reader import name_of, text_at
from huanxin.claims.types.reading import ReadField, Source

# Where each term stands in the two published forms: paths of names, the first that has text.
_PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "number": (("TaxSupervisionInfo", "InvoiceNumber"), ("InvoiceNo",), ("InvoiceNumber",)),
    "code": (("InvoiceCode",),),
    "on": (("TaxSupervisionInfo", "IssueTime"), ("IssueDate",), ("IssueTime",)),
    "total": (("TotalTax-includedAmount",), ("TaxInclusiveTotalAmount",)),
    "net": (("TotalAmWithoutTax",), ("TaxExclusiveTotalAmount",)),
    "tax": (("TotalTaxAm",), ("TaxTotalAmount",)),
    "buyer": (("BuyerIdNum",), ("BuyerTaxID",)),
    "seller": (("SellerIdNum",), ("SellerTaxID",)),
    "goods": (("ItemName",), ("GoodsInfo", "Item")),
}
# The same terms under the names that producers of OFD files write beside the document.
_NAMES = {
    "发票号码": "number", "发票代码": "code", "开票日期": "on", "价税合计": "total",
    "合计金额": "net", "合计税额": "tax", "购买方纳税人识别号": "buyer",
    "销售方纳税人识别号": "seller",
}  # fmt: skip


def is_invoice(root: Element) -> bool:
    """Whether the root is one of the two forms."""
    return name_of(root).lower() == "einvoice"


def facts_of(root: Element) -> list[ReadField]:
    """The facts of an invoice's XML."""
    terms = {
        term: next((text for path in paths if (text := text_at(root, *path))), "")
        for term, paths in _PATHS.items()
    }
    return facts_of_terms(terms)


def facts_of_names(named: Iterable[tuple[str, str]]) -> list[ReadField]:
    """The facts of Chinese names and texts, as OFD files carry them."""
    terms: dict[str, str] = {}
    for name, text in named:
        term = _NAMES.get(name.strip())
        if term and text.strip():
            terms.setdefault(term, text.strip())
    return facts_of_terms(terms)


def facts_of_terms(
    terms: dict[str, str], source: Source = Source.DATA, sure_bps: int | None = None
) -> list[ReadField]:
    """Facts of named texts, each number held against its own check and the others."""
    invoiced_on = numbers.day(terms.get("on", ""))
    total, net, tax = (numbers.fen(terms.get(name, "")) for name in ("total", "net", "tax"))
    adds_up = None if None in (total, net, tax) else (net or 0) + (tax or 0) == total
    if total is None and net is not None and tax is not None:
        total = net + tax
    number, code = terms.get("number", ""), terms.get("code", "")
    buyer, seller = terms.get("buyer", "").upper(), terms.get("seller", "").upper()
    said: list[tuple[str, object, bool | None]] = [
        ("invoice_number", number if _is_number(number) else None, _agrees(number, invoiced_on)),
        ("invoice_code", code if code.isdigit() else None, None),
        ("invoiced_on", invoiced_on, _agrees(number, invoiced_on)),
        ("invoice_total_fen", total, adds_up),
        ("buyer_document_no", buyer or None, _is_holder(buyer)),
        ("seller_uscc", seller if len(seller) == 18 else None, numbers.is_uscc(seller)),
        ("goods_name", terms.get("goods", "")[:60] or None, None),
    ]
    return [
        fact(name, value, source, sure_bps=sure_bps, is_checked=checked)
        for name, value, checked in said
        if value is not None
    ]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) in {8, 20}


def _agrees(number: str, invoiced_on: date | None) -> bool | None:
    return numbers.invoice_agrees(number, invoiced_on) if _is_number(number) else None


def _is_holder(text: str) -> bool | None:
    """Residents and firms have check digits; permits and passports have none."""
    return numbers.is_resident(text) or numbers.is_uscc(text) if len(text) == 18 else None
